"""What can be done with many dossiers at once, as the kernel's registry of bulk acts takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory import permissions
from inventory.forms.edits import AssignForm, EditForm
from inventory.forms.reviews import ConfirmForm
from inventory.models import BaseListEntry, Dossier
from inventory.services import edits, revisions
from portal.bulk.registry import BulkAct, Params, RowResult, register
from portal.models import Membership

EDIT = "inventory.dossiers.edit"
ASSIGN = "inventory.dossiers.assign"
CONFIRM = "inventory.dossiers.confirm"


def register_acts() -> None:
    """Called once by InventoryConfig.ready."""
    shared: dict[str, Any] = {
        "model": Dossier,
        "list_name": "inventory.entries",
        "allowed": permissions.can_assign_dossiers,
        "narrows": filed_here,
        "key": "dossier_id",
        "version": "dossier__version",
        "preview": judge,
        "apply": write,
        "undo": restore,
        "labels": dossier_labels,
    }
    register(
        BulkAct(
            name=EDIT,
            label=_("Edit many dossiers"),
            icon="pencil",
            url_name="inventory:dossier-bulk",
            form=EditForm,
            form_template="inventory/bulk_edit_form.html",
            hint=_(
                "Only drafts and dossiers not filed yet are changed; complete ones must be reopened first."
            ),
            **shared,
        )
    )
    register(
        BulkAct(
            name=ASSIGN,
            label=_("Assign dossiers"),
            icon="user-check",
            url_name="inventory:assign",
            form=AssignForm,
            **shared,
        )
    )
    register(_confirming(shared))


def _confirming(shared: dict[str, Any]) -> BulkAct:
    """Last year's answers confirmed as they are; taken back, the same entries wait again."""
    own = {
        "allowed": permissions.can_confirm_many,
        "undo": _take_back_confirming,
        "preview": _preview_confirming,
        "apply": _apply_confirming,
    }
    return BulkAct(
        name=CONFIRM,
        label=_("Confirm unchanged"),
        icon="checks",
        url_name="inventory:entries-confirm",
        form=ConfirmForm,
        is_one_page=True,
        confirm=_("Confirm unchanged"),
        will=_("will be confirmed"),
        hint=_(
            "The approved answers stay as they are. Managers of the institution confirm at once, others hand "
            "them in for review."
        ),
        **{**shared, **own},
    )


def filed_here(entries: QuerySet[BaseListEntry], membership: Membership) -> QuerySet[BaseListEntry]:
    """Of a list of entries, the dossiers that the own institution files."""
    return entries.filter(dossier__participation__institution=membership.organisation_id)


def judge(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    return edits.judge_edit(ids=ids, edit=params["edit"], actor=membership)


def write(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    return edits.edit_dossiers(
        ids=ids, edit=params["edit"], actor=membership, reason=params["reason"]
    )


def _preview_confirming(
    membership: Membership, ids: Sequence[int], params: Params
) -> list[RowResult]:
    return revisions.judge_confirmations(ids=ids, actor=membership)


def _apply_confirming(
    membership: Membership, ids: Sequence[int], params: Params
) -> list[RowResult]:
    return revisions.confirm_many(ids=ids, actor=membership, note=params["reason"])


def _take_back_confirming(
    membership: Membership, before: Mapping[int, Mapping[str, Any]], reason: str
) -> list[RowResult]:
    return revisions.unconfirm_many(before=before, actor=membership, reason=reason)


def restore(
    membership: Membership, before: Mapping[int, Mapping[str, Any]], reason: str
) -> list[RowResult]:
    return edits.restore_dossiers(before=before, actor=membership, reason=reason)


def dossier_labels(membership: Membership, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """{id: (number and title, address)} of the dossiers this person may see."""
    found = Dossier.objects.visible_to(membership).filter(pk__in=ids).select_related("patent")
    return {one.pk: (str(one.patent), one.get_absolute_url()) for one in found}
