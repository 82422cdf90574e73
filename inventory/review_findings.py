"""What deserves a reviewer's look before many dossiers are approved at once. Pure: no ORM.

Two stars spare two texts (domain.md 10.5), one text may serve thirty patents, a plan needs no amount, and last
year's answers change quietly: none of these is an error, all of them come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from inventory.choices import FindingKind
from inventory.dossier_content import Content, is_unsuitable, takes_amount
from inventory.dossier_fields import CONTENT_FIELDS

#: Powers of two: a sum says which kinds there are, and one grave finding outweighs all lighter ones.
WEIGHTS: Final = {
    FindingKind.FEWER_STARS: 16,
    FindingKind.SAME_TEXT: 8,
    FindingKind.NO_AMOUNT: 4,
    FindingKind.UNSUITABLE: 2,
    FindingKind.CHANGED: 1,
}
#: The contact's phone is not in the archive; the default contact belongs to the institution.
_NOT_COMPARED: Final = frozenset({"contact_phone", "uses_default_contact"})
_STATUS_WORDS: Final = ("level1", "level2", "wording", "product_name", "report_result", "remark")
_INTENT_WORDS: Final = ("level1", "level2", "wording")


@dataclass(frozen=True, slots=True)
class Finding:
    """A kind and the fields it is about (names of dossier_fields)."""

    kind: FindingKind
    fields: tuple[str, ...]

    @property
    def weight(self) -> int:
        return WEIGHTS[self.kind]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that says something else than last approved; both values as the trail keeps them."""

    field: str
    before: Any
    after: Any


def findings_of(
    content: Content, approved: Mapping[str, Any] | None, same_texts: Iterable[str]
) -> list[Finding]:
    """All findings, the gravest first.

    `approved` is the archived content of the last approval (DossierRevision.content), None before the first;
    `same_texts` names the text fields that another dossier of the institution has word for word.
    """
    found: list[Finding] = []
    before = (approved or {}).get("stars")
    if before is not None and content.stars is not None and content.stars < before:
        found.append(Finding(FindingKind.FEWER_STARS, ("stars",)))
    if same := tuple(same_texts):
        found.append(Finding(FindingKind.SAME_TEXT, same))
    if any(takes_amount(mark) and mark.amount is None for mark in content.statuses):
        found.append(Finding(FindingKind.NO_AMOUNT, ("amounts",)))
    if is_unsuitable(content.statuses):
        found.append(Finding(FindingKind.UNSUITABLE, ("statuses",)))
    if approved is not None and (changed := differences(approved, content)):
        found.append(Finding(FindingKind.CHANGED, tuple(each.field for each in changed)))
    return found


def differences(approved: Mapping[str, Any], content: Content) -> list[Difference]:
    """The fields in which the content differs from the archived one, in the order of the template."""
    rows = {
        "statuses": (
            _words(approved.get("statuses", ()), _STATUS_WORDS),
            _words(content.statuses, _STATUS_WORDS),
        ),
        "amounts": (
            _numbers(approved.get("statuses", ()), "amount"),
            _numbers(content.statuses, "amount"),
        ),
        "intents": (
            _words(approved.get("intents", ()), _INTENT_WORDS),
            _words(content.intents, _INTENT_WORDS),
        ),
        "fees": (_numbers(approved.get("intents", ()), "fee"), _numbers(content.intents, "fee")),
    }
    for name in CONTENT_FIELDS:
        if name not in _NOT_COMPARED and name in approved:
            rows[name] = (_plain(approved[name]), _plain(getattr(content, name)))
    return [Difference(name, old, new) for name, (old, new) in rows.items() if old != new]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _part(mark: Any, name: str) -> Any:
    return mark.get(name) if isinstance(mark, Mapping) else getattr(mark, name)


def _words(marks: Iterable[Any], names: tuple[str, ...]) -> list[list[Any]]:
    return [[_part(mark, name) or "" for name in names] for mark in marks]


def _numbers(marks: Iterable[Any], name: str) -> list[Decimal | None]:
    return [_number(_part(mark, name)) for mark in marks]


def _number(value: Any) -> Decimal | None:
    """12.500000 and "12.5" are one amount."""
    if value in (None, ""):
        return None
    try:
        return Decimal(value).normalize()
    except InvalidOperation:
        return None
