"""An act on many rows as a person does it: tick, see the consequences, say what is asked, apply."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from portal.models import BulkRun
from tests.conftest import PageClient


def picked(client: PageClient, url: str, picks: list[str] | None = None) -> BulkRun:
    """Tick rows (all that match the address without), and look at the page of consequences."""
    posted: dict[str, Any] = {"pick": picks} if picks is not None else {"all_matching": "1"}
    response = client.post(url, posted)
    assert response.status_code == 302, response.status_code
    page = client.get(response["Location"])
    assert page.status_code == 200
    run: BulkRun = page.context["run"]
    return run


def applied(client: PageClient, url: str, picks: list[str] | None = None, **said: Any) -> BulkRun:
    """The whole way; the run with what became of its rows."""
    run = picked(client, url, picks)
    posted = {"version": run.version, **said}
    response = client.post(reverse("portal:bulk-apply", args=[run.pk]), posted)
    assert response.status_code == 302, response.status_code
    run.refresh_from_db()
    return run


def outcomes(run: BulkRun) -> dict[str, int]:
    """Rows by outcome, those that are none left out."""
    return {name: count for name, count in run.counts.items() if count}
