"""What follows from a patent's own facts: the text it is found by, its term, its next annual fee."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from inventory import terms
from inventory.numbers import display
from portal.text import fold


def search_key(
    number: str, title: str, holders: Iterable[str] = (), inventors: Iterable[str] = ()
) -> str:
    """What the search looks in: canonical and shown number, title, holders, inventors, all folded."""
    return fold(" ".join((number, display(number), title, *holders, *inventors)))


def derived_days(
    kind: str, filed_on: date | None, granted_on: date | None, on_day: date
) -> dict[str, Any]:
    """Term end and next annual fee, as the law computes them from the days."""
    if filed_on is None:
        return {"expires_on": None, "next_fee_on": None, "next_fee_yuan": None}
    fee = terms.next_annual_fee(kind, filed_on, granted_on, on_day)
    return {
        "expires_on": terms.term_end(kind, filed_on),
        "next_fee_on": fee.due_on if fee else None,
        "next_fee_yuan": fee.amount if fee else None,
    }
