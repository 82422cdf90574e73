"""What can be done with many unassigned patents at once: take the clear proposals, or give them to one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from inventory import permissions
from inventory.bulk import dossier_labels, judge, restore, write
from inventory.forms.belonging import ClearForm
from inventory.forms.edits import AssignForm
from inventory.models import Dossier
from inventory.services import unassigned
from inventory.tasks.people import register_people
from portal.bulk.registry import BulkAct, Params, RowResult, register
from portal.choices import BulkOutcome
from portal.models import Membership

CLEAR = "inventory.unassigned.clear"
GIVE = "inventory.unassigned.give"


def register_people_work() -> None:
    """Bulk acts, and the work that is handed over; called once by InventoryConfig.ready."""
    register_people()
    shared: dict[str, Any] = {
        "model": Dossier,
        "list_name": "inventory.unassigned",
        "allowed": permissions.can_see_unassigned,
        "labels": dossier_labels,
    }
    register(_taking(shared))
    register(
        BulkAct(
            name=GIVE,
            label=_("Give to unit or person"),
            icon="users",
            url_name="inventory:unassigned-give",
            form=AssignForm,
            preview=judge,
            apply=write,
            undo=restore,
            **shared,
        )
    )


def _taking(shared: dict[str, Any]) -> BulkAct:
    return BulkAct(
        name=CLEAR,
        label=_("Take the clear proposals"),
        icon="user-check",
        url_name="inventory:unassigned-clear",
        form=ClearForm,
        preview=_judge_clear,
        apply=_take_clear,
        undo=_restore_assigned,
        keeps=_with_clear_proposal,
        none_kept=_("None of these patents has a clear proposal."),
        hint=_(
            "Clear means: one person of the first inventor's name, on the personnel list or with an account, "
            "still here and no student; in the place of a student or of somebody who has gone, the highest-ranked "
            "teacher among the inventors. Who has no account gets one, with an invitation; undoing leaves it."
        ),
        **shared,
    )


def _with_clear_proposal(membership: Membership, ids: Sequence[int]) -> set[int]:
    judged = unassigned.judge_clear(ids=ids, actor=membership)
    return {one.id for one in judged if one.outcome != BulkOutcome.REFUSED}


def _judge_clear(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    return unassigned.judge_clear(ids=ids, actor=membership)


def _take_clear(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    return unassigned.take_clear(ids=ids, actor=membership, reason=params.get("reason", ""))


def _restore_assigned(
    membership: Membership, before: Mapping[int, Mapping[str, Any]], reason: str
) -> list[RowResult]:
    return unassigned.restore_assigned(before=before, actor=membership, reason=reason)
