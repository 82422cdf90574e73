"""The city pool by the many: nominate, admit, decline, take out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from inventory import permissions
from inventory.bulk import dossier_labels
from inventory.choices import PoolState
from inventory.forms.pool import NominationForm, OptionalReasonForm, RequiredReasonForm
from inventory.lists.pool import may_nominate
from inventory.models import Dossier, PoolEntry
from inventory.services import pool, pool_moves
from portal.bulk.registry import (
    BulkAct,
    Params,
    RowResult,
    answered,
    judged,
    refused,
    register,
)
from portal.choices import BulkOutcome
from portal.models import Membership

NOMINATE = "inventory.pool.nominate"
ADMIT = "inventory.pool.admit"
DECLINE = "inventory.pool.decline"
TAKE_OUT = "inventory.pool.take_out"
SHOWN = 200


def register_pool() -> None:
    """Called once by InventoryConfig.ready."""
    register(
        BulkAct(
            name=NOMINATE,
            label=_("Nominate to the city pool"),
            icon="database-plus",
            model=Dossier,
            list_name="inventory.pool_nominees",
            url_name="inventory:pool-nominate",
            allowed=may_nominate,
            form=NominationForm,
            is_one_page=True,
            confirm=_("Nominate"),
            preview=_judge_nominating,
            apply=_nominate,
            undo=_take_back_nominations,
            labels=dossier_labels,
            said=nominated,
        )
    )
    shared: dict[str, Any] = {
        "model": PoolEntry,
        "list_name": "inventory.pool",
        "narrows": _live,
        "labels": entry_labels,
        "is_one_page": True,
        "said": _done,
        "more": _which,
        "more_template": "inventory/pool_before.html",
    }
    register(_admitting(shared))
    register(_declining(shared))
    register(_taking_out(shared))


def _admitting(shared: Mapping[str, Any]) -> BulkAct:
    return BulkAct(
        name=ADMIT,
        label=_("Admit to the city pool"),
        icon="check",
        url_name="inventory:pool-admit",
        allowed=permissions.can_decide_nominations,
        form=OptionalReasonForm,
        short=_("Admit"),
        confirm=_("Admit to the city pool"),
        preview=partial(_judge_deciding, PoolState.ADMITTED),
        apply=partial(_decide, PoolState.ADMITTED),
        no_undo=_("What was admitted leaves the pool only by being taken out, with a reason."),
        **shared,
    )


def _declining(shared: Mapping[str, Any]) -> BulkAct:
    return BulkAct(
        name=DECLINE,
        label=_("Decline nominations"),
        icon="x",
        url_name="inventory:pool-decline",
        allowed=permissions.can_decide_nominations,
        form=RequiredReasonForm,
        short=_("Decline"),
        confirm=_("Decline nominations"),
        tone="danger",
        preview=partial(_judge_deciding, PoolState.DECLINED),
        apply=partial(_decide, PoolState.DECLINED),
        no_undo=_("What was declined comes back only by a new nomination of the institution."),
        **shared,
    )


def _taking_out(shared: Mapping[str, Any]) -> BulkAct:
    return BulkAct(
        name=TAKE_OUT,
        label=_("Take out of the pool"),
        icon="arrow-back-up",
        url_name="inventory:pool-take-out",
        allowed=may_take_out,
        form=RequiredReasonForm,
        short=_("Take out"),
        confirm=_("Take out of the pool"),
        tone="danger",
        preview=_judge_taking_out,
        apply=_take_out,
        no_undo=_("What was taken out comes back only by a new nomination of the institution."),
        **shared,
    )


def may_take_out(membership: Membership) -> bool:
    return permissions.can_remove_from_pool(membership, membership.organisation_id)


def _live(entries: QuerySet[PoolEntry], membership: Membership) -> QuerySet[PoolEntry]:
    return entries.live()  # type: ignore[attr-defined, no-any-return]


def nominated(count: int) -> str:
    """What is said when so many patents were nominated."""
    text = ngettext("%(count)s patent nominated.", "%(count)s patents nominated.", count)
    return text % {"count": count}


def _done(count: int) -> str:
    return ngettext("%(count)s patent done.", "%(count)s patents done.", count) % {"count": count}


def _which(membership: Membership, picked: QuerySet[Any]) -> dict[str, Any]:
    """The first of the picked entries, and how many have an ended right."""
    found = PoolEntry.objects.filter(pk__in=picked.values("pk"))
    return {
        "ended": found.of_ended_rights().count(),
        "entries": found.select_related("patent", "institution").order_by("pk")[:SHOWN],
    }


def entry_labels(membership: Membership, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """{id: (number and title, address)} of the pool entries this person may see."""
    found = PoolEntry.objects.visible_to(membership).filter(pk__in=ids).select_related("patent")
    return {
        one.pk: (str(one.patent), reverse("inventory:pool-detail", args=[one.pk])) for one in found
    }


def _entries(ids: Sequence[int]) -> QuerySet[PoolEntry]:
    return PoolEntry.objects.filter(pk__in=ids).select_related("patent").order_by("pk")


def _versions(ids: Sequence[int]) -> dict[int, int]:
    """{entry: version}; the kernel has locked them and compared with what was seen."""
    return dict(PoolEntry.objects.filter(pk__in=ids).values_list("pk", "version"))


def _judge_deciding(
    to_state: PoolState, membership: Membership, ids: Sequence[int], params: Params
) -> list[RowResult]:
    return [
        judged(each.pk, pool_moves.why_not_decide(each, to_state, membership))
        for each in _entries(ids)
    ]


def _decide(
    to_state: PoolState, membership: Membership, ids: Sequence[int], params: Params
) -> list[RowResult]:
    outcome = pool_moves.decide_nominations(
        versions=_versions(ids), to_state=to_state, reason=params["reason"], actor=membership
    )
    return answered(outcome)


def _judge_taking_out(
    membership: Membership, ids: Sequence[int], params: Params
) -> list[RowResult]:
    return [
        judged(each.pk, pool_moves.why_not_take_out(each, membership)) for each in _entries(ids)
    ]


def _take_out(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    outcome = pool_moves.take_out(
        versions=_versions(ids), reason=params["reason"], actor=membership
    )
    return answered(outcome)


def _judge_nominating(
    membership: Membership, ids: Sequence[int], params: Params
) -> list[RowResult]:
    rule = pool.current_rule()
    found: set[int] = set()
    if rule is not None:
        fit = pool.new_ones(rule, membership.organisation_id)
        found = set(fit.filter(pk__in=ids).values_list("pk", flat=True))
    return [_nominee(key, key if key in found else None) for key in ids]


def _nominate(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    rule = pool.current_rule()
    made: dict[int, int] = {}
    if rule is not None:
        fit = pool.new_ones(rule, membership.organisation_id)
        chosen = list(fit.filter(pk__in=ids).values_list("pk", flat=True))
        entries = pool.nominate(rule=rule, ids=chosen, actor=membership, note=params["note"])
        made = {entry.dossier_id: entry.pk for entry in entries}
    return [_nominee(key, made.get(key)) for key in ids]


def _nominee(key: int, entry: int | None) -> RowResult:
    if entry is None:
        return refused(key, _("It does not meet the rule (any more), or is nominated already."))
    return RowResult(key, BulkOutcome.ADDED, before={"entry": entry})


def _take_back_nominations(
    membership: Membership, before: Mapping[int, Mapping[str, Any]], reason: str
) -> list[RowResult]:
    """Nominations that the city has not decided on are taken out again."""
    dossiers = {one["entry"]: key for key, one in before.items()}
    waiting = _entries(list(dossiers)).filter(state=PoolState.NOMINATED)
    versions = dict(waiting.values_list("pk", "version"))
    outcome = pool_moves.take_out(versions=versions, reason=reason, actor=membership)
    decided = [key for entry, key in dossiers.items() if entry not in versions]
    return [
        *answered(outcome, "dossier_id"),
        *(refused(key, _("The city has decided on it already.")) for key in decided),
    ]
