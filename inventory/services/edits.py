"""One edit of many dossiers: what it would do to each, why some refuse it, writing it, taking it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from inventory import permissions, rules
from inventory.choices import DossierState, PoolState
from inventory.dossier_fields import BY_NAME, CONTENT_FIELDS
from inventory.models import Dossier, PoolEntry
from inventory.services import moves
from inventory.services.contents import Writing, said_before, write_contents
from inventory.services.dossiers import content_of, trail_of
from inventory.services.notices import tell_assigned
from portal import audit
from portal.access import check_version
from portal.bulk.registry import RowResult, refused, unchanged
from portal.choices import BulkOutcome
from portal.errors import InvalidTransition
from portal.models import AuditEntry, Membership

ListMode = Literal["add", "replace"]
#: What the trail keeps masked only: nobody can bring it back from there.
MASKED = frozenset(CONTENT_FIELDS) & audit.PERSONAL_FIELDS
#: Values that can be brought back one by one. Statuses bring their amounts along, intents their fees.
RESTORABLE = (frozenset(CONTENT_FIELDS) - MASKED) | {"statuses", "amounts", "intents", "fees"}
LISTS = ("statuses", "intents", "strategic_codes")
#: {column of money: the marks it belongs to}, which the trail keeps apart.
_MARKS_OF = {"amounts": "statuses", "fees": "intents"}
_MONEY_OF = {marks: money for money, marks in _MARKS_OF.items()}


@dataclass(frozen=True)
class ListEdit:
    """What becomes of a list: members added to it, or put in its place (none: emptied)."""

    mode: ListMode
    members: tuple[Any, ...] = ()

    def of(self, present: tuple[Any, ...]) -> tuple[Any, ...]:
        """The list afterwards; what stands in it already is not added twice."""
        if self.mode == "replace":
            return self.members
        return present + tuple(one for one in self.members if one not in present)


@dataclass(frozen=True)
class TextEdit:
    """What becomes of a text: written where there is none, put behind it, or put in its place."""

    mode: Literal["empty", "append", "replace"]
    text: str

    def of(self, present: str) -> str:
        """The text afterwards; what stands at its end already is not put there twice."""
        if not present or self.mode == "replace":
            return self.text
        if self.mode == "empty" or present.endswith(self.text):
            return present
        return f"{present}\n{self.text}"


@dataclass(frozen=True)
class Edit:
    """What is asked for: fields not named stay. `unit` and `responsible` are keys in `assignment`, None clears."""

    values: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, ListEdit] = field(default_factory=dict)
    assignment: Mapping[str, int | None] = field(default_factory=dict)
    texts: Mapping[str, TextEdit] = field(default_factory=dict)

    @property
    def touches_content(self) -> bool:
        return bool(self.values or self.lists or self.texts)

    def of(self, before: rules.Content) -> rules.Content:
        """The content afterwards. A new industry section takes away a division that is not its own."""
        lists = {name: edit.of(getattr(before, name)) for name, edit in self.lists.items()}
        texts = {name: edit.of(getattr(before, name)) for name, edit in self.texts.items()}
        after = replace(before, **{**self.values, **lists, **texts})
        if "industry" in self.values and "industry_division" not in self.values:
            is_wrong = any(p.field == "industry_division" for p in rules.check_industry(after, ""))
            after = replace(after, industry_division="") if is_wrong else after
        return after


def judge_edit(*, ids: Sequence[int], edit: Edit, actor: Membership) -> list[RowResult]:
    """What the edit would do to each dossier, writing nothing."""
    dossiers = list(moves.dossiers_with_content(ids))
    return [result for result, _writing in _judged(dossiers, edit, actor)]


@transaction.atomic
def edit_dossiers(
    *, ids: Sequence[int], edit: Edit, actor: Membership, reason: str = ""
) -> list[RowResult]:
    """Write the edit where it may be written; every dossier is answered for, with what was before."""
    judged = _judged(moves.lock_dossiers(ids), edit, actor)
    writings = [writing for _result, writing in judged if writing is not None]
    write_contents(writings, actor=actor, reason=reason)
    if edit.assignment.get("responsible") is not None:
        tell_assigned([one.dossier for one in writings], actor=actor, reason=reason)
    return [result for result, _writing in judged]


@transaction.atomic
def edit_dossier(
    *, dossier_id: int, seen_version: int, edit: Edit, actor: Membership, reason: str = ""
) -> None:
    """Edit one dossier on the version seen (StaleVersion); InvalidTransition where it takes no such edit now."""
    for dossier in moves.lock_dossiers([dossier_id]):
        check_version(seen_version, dossier.version)
    (result,) = edit_dossiers(ids=[dossier_id], edit=edit, actor=actor, reason=reason)
    if result.outcome == BulkOutcome.REFUSED:
        raise InvalidTransition(result.note)


@transaction.atomic
def restore_value(
    *,
    dossier: Dossier,
    seen_version: int,
    entry_id: int,
    name: str,
    reason: str,
    actor: Membership,
) -> None:
    """Bring back what a field said before one entry of the trail, through the rules like any edit.

    InvalidTransition where the entry did not change that field, or the trail keeps it only masked.
    """
    if name in MASKED:
        raise InvalidTransition(_("The trail keeps this value masked: it cannot be brought back."))
    (present,) = moves.lock_dossiers([dossier.pk])
    check_version(seen_version, present.version)
    entry = AuditEntry.objects.about(dossier).filter(pk=entry_id).first()
    if entry is None or name not in entry.changes or name not in RESTORABLE:
        raise InvalidTransition(_("This value cannot be brought back."))
    value = entry.changes[name][0]
    if name in _MONEY_OF or name in _MARKS_OF:
        marks = _MARKS_OF.get(name, name)
        edit = Edit(lists={marks: ListEdit("replace", _marks_before(present, entry, name))})
    else:
        edit = Edit({name: tuple(value) if isinstance(value, list) else value})
    edit_dossier(
        dossier_id=dossier.pk, seen_version=seen_version, edit=edit, actor=actor, reason=reason
    )


@transaction.atomic
def restore_dossiers(
    *, before: Mapping[int, Mapping[str, Any]], actor: Membership, reason: str = ""
) -> list[RowResult]:
    """Give dossiers back what they said before an edit; a dossier that was started stays a draft."""
    dossiers = moves.lock_dossiers(before)
    pooled = _pooled(dossiers)
    judged = []
    for dossier in dossiers:
        edit = _edit_back(before[dossier.pk])
        result, writing = _judge(dossier, edit, actor, dossier.pk in pooled, is_back=True)
        if writing is not None and "maturity_raw" in before[dossier.pk]:
            writing = replace(writing, maturity_raw=before[dossier.pk]["maturity_raw"])
        judged.append((result, writing))
    write_contents([w for _result, w in judged if w is not None], actor=actor, reason=reason)
    return [result for result, _writing in judged]


def _marks_before(present: Dossier, entry: AuditEntry, name: str) -> tuple[Any, ...]:
    """Statuses or intents as they were before an entry, or those of now with the money of then.

    InvalidTransition where money of then would stand at other marks than it belonged to.
    """
    marks = _MARKS_OF.get(name, name)
    now = trail_of(content_of(present))
    then = {
        one: _before_entry(present, entry, one, audit.plain(now[one]))
        for one in (marks, _MONEY_OF[marks])
    }
    money = then[_MONEY_OF[marks]]
    kinds_then = [tuple(one[:2]) for one in then[marks]]
    if name in _MARKS_OF and kinds_then != [tuple(one[:2]) for one in now[marks]]:
        note = _("The entries that these sums belonged to have changed: restore those entries.")
        raise InvalidTransition(note)
    kept = now[marks] if name in _MARKS_OF else then[marks]
    width = 6 if marks == "statuses" else 3
    if len(kept) != len(money) or any(len(one) != width for one in kept):
        raise InvalidTransition(_("This value cannot be brought back."))
    kind = rules.Status if marks == "statuses" else rules.Intent
    names = [one for one in kind.__dataclass_fields__ if one not in ("amount", "fee")]
    sums = "amount" if marks == "statuses" else "fee"
    return tuple(
        _mark(marks, {**dict(zip(names, one, strict=True)), sums: given})
        for one, given in zip(kept, money, strict=True)
    )


def _before_entry(dossier: Dossier, entry: AuditEntry, name: str, now: Any) -> Any:
    """What a field said before an entry: as the first entry from there on tells that changed it, else as now.

    Keys follow each other: entries about one dossier are written under its lock.
    """
    later = AuditEntry.objects.about(dossier).filter(pk__gte=entry.pk, changes__has_key=name)
    first = later.order_by("pk").first()
    return now if first is None else first.changes[name][0]


def _judged(
    dossiers: Iterable[Dossier], edit: Edit, actor: Membership
) -> list[tuple[RowResult, Writing | None]]:
    found = list(dossiers)
    pooled = _pooled(found) if "statuses" in edit.lists else frozenset()
    return [_judge(dossier, edit, actor, dossier.pk in pooled) for dossier in found]


def _judge(
    dossier: Dossier, edit: Edit, actor: Membership, is_pooled: bool, *, is_back: bool = False
) -> tuple[RowResult, Writing | None]:
    """Refused, left, or the writing with what was before."""
    if note := _why_not(dossier, edit, actor):
        return refused(dossier.pk, note), None
    before = content_of(dossier)
    after = edit.of(before)
    writing = Writing(
        dossier=dossier,
        before=before,
        after=after,
        maturity_raw=dossier.maturity_raw if after.maturity == before.maturity else "",
        unit_id=edit.assignment.get("unit", dossier.unit_id),
        responsible_id=edit.assignment.get("responsible", dossier.responsible_id),
    )
    if not is_back and (note := _broken_rule(dossier, edit, before, after)):
        return refused(dossier.pk, note), None
    if is_pooled and rules.is_unsuitable(after.statuses):
        note = _("It is in the city pool and must leave it before this status is chosen.")
        return refused(dossier.pk, note), None
    if not writing.changes:
        return unchanged(dossier.pk), None
    note = _overwritten(edit, before, after)
    return RowResult(dossier.pk, BulkOutcome.CHANGED, note, said_before(writing)), writing


def _why_not(dossier: Dossier, edit: Edit, actor: Membership) -> str:
    if not permissions.can_edit_dossier(actor, dossier):
        return _("It is not yours to fill in.")
    if edit.assignment and not permissions.can_assign_dossiers(actor):
        return _("Managers of the institution and of its units assign dossiers.")
    if dossier.is_editable or not edit.touches_content:
        return ""
    if dossier.state == DossierState.COMPLETED:
        return _("It is complete: reopen it for a revision first.")
    return _("It is under review and takes no changes now.")


def _broken_rule(dossier: Dossier, edit: Edit, before: rules.Content, after: rules.Content) -> str:
    """The first rule that a value set here breaks anew; what a draft still lacks is no reason."""
    given = {name for name, value in edit.values.items() if value not in (None, "", ())}
    given |= {name for name, one in edit.lists.items() if one.members}
    given |= set(edit.texts)
    known = {(p.field, p.rule) for p in rules.errors(before, dossier.patent.kind)}
    for problem in rules.errors(after, dossier.patent.kind):
        if problem.base in given and (problem.field, problem.rule) not in known:
            return problem.text
    return ""


def _overwritten(edit: Edit, before: rules.Content, after: rules.Content) -> str:
    """Which texts of its own a dossier loses; empty for none."""
    lost = [
        str(BY_NAME[name].label)
        for name, one in edit.texts.items()
        if one.mode == "replace" and getattr(before, name) not in ("", getattr(after, name))
    ]
    return (
        _("Its own text is overwritten: %(fields)s.") % {"fields": "、".join(lost)} if lost else ""
    )


def _pooled(dossiers: Iterable[Dossier]) -> frozenset[int]:
    live = PoolEntry.objects.filter(dossier__in=[d.pk for d in dossiers])
    return frozenset(live.exclude(state=PoolState.REMOVED).values_list("dossier_id", flat=True))


def _edit_back(before: Mapping[str, Any]) -> Edit:
    """The edit that brings back what `said_before` kept."""
    assignment = {name: before[name] for name in ("unit", "responsible") if name in before}
    lists = {
        name: ListEdit("replace", tuple(_mark(name, one) for one in before[name]))
        for name in LISTS
        if name in before
    }
    values = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in before.items()
        if name in CONTENT_FIELDS and name not in LISTS
    }
    return Edit(values, lists, assignment)


def _mark(name: str, one: Any) -> Any:
    if name == "statuses":
        return rules.Status(**{**one, "amount": _amount(one["amount"])})
    if name == "intents":
        return rules.Intent(**{**one, "fee": _amount(one["fee"])})
    return one


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
