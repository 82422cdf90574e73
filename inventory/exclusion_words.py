"""Findings of inventory.exclusion_rules as sentences, and as they are kept with a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from inventory.choices import EventKind, PatentKind, SimpleStatus
from inventory.exclusion_rules import Finding, Judgement

# what an explanation may hold (Exclusion.explanation)
MOST = 2000

WORDS: Final[Mapping[str, Any]] = {
    # why
    "never_was": _("The patent was declared invalid: the right is deemed never to have existed."),
    "ended_before": _("The right ended on %(day)s, before the base day %(base_day)s."),
    "ended_after": _(
        "The right ended on %(day)s, not before the base day %(base_day)s: the patent stays on the list."
    ),
    "ended_but_valid": _(
        "An end of the right on %(day)s is announced, but the register says in force (confirmed %(confirmed)s)."
    ),
    "ended_unconfirmed": _(
        "An end of the right on %(day)s is announced; the status itself is not confirmed."
    ),
    "day_unknown": _("The right has ended, but on which day is not known."),
    "status_unknown": _("The register says neither in force nor ended."),
    "valid": _("The right is in force (confirmed %(confirmed)s)."),
    "valid_stale": _(
        "The right was in force when last confirmed (%(confirmed)s), which was before the base day."
    ),
    "restored": _("The right was restored on %(day)s and is in force."),
    "twin_unknown": _("Marked as a dual filing, but the other half is not in the register."),
    "no_twin": _("No dual filing of this patent is known."),
    "surviving_half": _("The invention is the surviving half; the utility model %(number)s ended."),
    "twin_not_granted": _("The invention %(number)s is not granted: the utility model goes on."),
    "twin_granted_after": _(
        "The invention was granted on %(day)s, not before the base day %(base_day)s: the patent stays on the list."
    ),
    "twin_granted_before": _(
        "The invention %(number)s of the same day was granted on %(day)s; this utility model ended that day."
    ),
    "twin_granted_but_valid": _(
        "The invention %(number)s of the same day was granted on %(day)s, but the register does not say that this "
        "utility model ended."
    ),
    "is_within": _(
        "%(name)s takes part in the campaign: a transfer inside the scope is an achievement, the entry moves."
    ),
    "is_outside": _("%(name)s does not take part in the campaign: the entry cannot move there."),
    "receiver_unknown": _("To whom the right went is not known."),
    "changed_before": _(
        "The change to %(name)s was registered on %(day)s, before the base day %(base_day)s."
    ),
    "changed_after": _(
        "The change to %(name)s was registered on %(day)s, not before the base day %(base_day)s: the entry stays and "
        "counts as an achievement of the former holder."
    ),
    "declared_only": _(
        "A change to %(name)s on %(day)s is declared; the register has no record of it."
    ),
    "still_holder": _(
        "A change to %(name)s on %(day)s is on record, but the institution is still named as a holder."
    ),
    "transfer_after": _(
        "A transfer was registered on %(day)s, not before the base day %(base_day)s: the entry stays and counts as an "
        "achievement of the former holder."
    ),
    "no_transfer": _("The institution is named as a holder, and no transfer is announced."),
    "transfer_still_holder": _(
        "A transfer (%(day)s) is announced, but the institution is still named as a holder."
    ),
    "transfer_day_unknown": _(
        "The institution is no longer named as a holder; since when is not known."
    ),
    "transfer_not_holder": _(
        "A transfer was registered on %(day)s, before the base day %(base_day)s, and the institution is no longer "
        "named as a holder."
    ),
    "named_holder": _("The register names the institution as a holder."),
    "not_named": _("The register does not name the institution as a holder."),
    "no_rule": _("No rule covers this reason: a person decides."),
    # evidence
    "status": _("Legal status: %(status)s (confirmed %(confirmed)s)"),
    "event": _("%(day)s %(event)s (confirmed %(confirmed)s)"),
    "twin": _("Same-day filing %(number)s, %(kind)s, granted %(day)s"),
    "change": _("Change of holder registered %(day)s: %(name)s"),
    "not_holder": _("The institution is not among the present holders"),
}
_CHOICES: Final[Mapping[str, Mapping[Any, Any]]] = {
    "status": dict(SimpleStatus.choices),
    "event": dict(EventKind.choices),
    "kind": dict(PatentKind.choices),
}


def sentence(code: str, params: Mapping[str, Any]) -> str:
    """A finding in the reader's language; unknown days are a dash."""
    if code not in WORDS:
        return ""
    said = {name: _shown(name, value) for name, value in params.items()}
    return str(WORDS[code]) % said


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return "—"
    return str(_CHOICES[name].get(value, value)) if name in _CHOICES else str(value)


def kept(judgement: Judgement) -> dict[str, Any]:
    """The judgement as it is kept with the request: codes and plain values, days as ISO text."""
    return {"reasons": _plain(judgement.reasons), "evidence": _plain(judgement.evidence)}


def _plain(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "code": each.code,
            **{k: v.isoformat() if isinstance(v, date) else v for k, v in each.params.items()},
        }
        for each in findings
    ]


def told(findings: Mapping[str, Any], part: str) -> list[str]:
    """Sentences of a kept judgement; `part` is reasons or evidence."""
    rows: Sequence[Any] = findings.get(part, ()) if isinstance(findings, dict) else ()
    said = [sentence(row.get("code", ""), row) for row in rows if isinstance(row, dict)]
    return [text for text in said if text]


def explanation(judgement: Judgement) -> str:
    """The pre-filled explanation of a request: why, then the evidence."""
    found = kept(judgement)
    return "\n".join([*told(found, "reasons"), *told(found, "evidence")])[:MOST]
