"""Steps of review taken for many dossiers at once: hand in, approve, return, reopen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from inventory import permissions
from inventory.bulk import dossier_labels, filed_here
from inventory.choices import DossierState
from inventory.forms.co_owned import AskForm
from inventory.forms.reviews import BulkReviseForm, ConfirmForm, ReturnManyForm
from inventory.lists.reviews import is_reviewer
from inventory.models import Dossier
from inventory.services import drafts, moves, reviews, revisions
from inventory.views import review_pages
from portal.bulk.registry import BulkAct, Params, RowResult, answered, judged, register
from portal.models import Membership

APPROVE = "inventory.reviews.approve"
RETURN = "inventory.reviews.return"
SUBMIT = "inventory.dossiers.submit"
REVISE = "inventory.dossiers.revise"
# so many of the picked ones are listed before the decision, those with findings first
SHOWN = 200


def register_reviews() -> None:
    """Called once by InventoryConfig.ready."""
    queue: dict[str, Any] = {
        "model": Dossier,
        "list_name": "inventory.reviews",
        "allowed": is_reviewer,
        "labels": dossier_labels,
        "is_one_page": True,
        "said": done,
        "more": what_is_decided_on,
    }
    register(_approving(queue))
    register(_returning(queue))
    _register_own_steps()


def _approving(queue: Mapping[str, Any]) -> BulkAct:
    return BulkAct(
        name=APPROVE,
        label=_("Approve dossiers"),
        icon="check",
        url_name="inventory:review-approve",
        form=ConfirmForm,
        confirm=_("Approve"),
        will=_("will be approved"),
        preview=_judge_approving,
        apply=_approve,
        more_template="inventory/review_before.html",
        no_undo=_(
            "An approval is a step of the review: whoever has it and the next reviewer are told at once. What was "
            "approved by mistake is returned from its own page, with a reason."
        ),
        **queue,
    )


def _returning(queue: Mapping[str, Any]) -> BulkAct:
    return BulkAct(
        name=RETURN,
        label=_("Return dossiers"),
        icon="arrow-back-up",
        url_name="inventory:review-return",
        form=ReturnManyForm,
        confirm=_("Return"),
        will=_("will be returned"),
        preview=_judge_returning,
        apply=_return,
        more_template="inventory/review_which.html",
        no_undo=_(
            "The persons who file are told at once and go on working; what was returned by mistake they hand in "
            "again."
        ),
        **queue,
    )


def _register_own_steps() -> None:
    """What those who fill in do with many of the work list."""
    own: dict[str, Any] = {
        "model": Dossier,
        "list_name": "inventory.entries",
        "allowed": permissions.can_confirm_many,
        "narrows": filed_here,
        "key": "dossier_id",
        "version": "dossier__version",
        "labels": dossier_labels,
        "is_one_page": True,
        "said": done,
    }
    register(_submitting(own))
    register(_reopening(own))


def _submitting(own: Mapping[str, Any]) -> BulkAct:
    return BulkAct(
        name=SUBMIT,
        label=_("Submit dossiers for review"),
        icon="send",
        url_name="inventory:entries-submit",
        form=AskForm,
        confirm=_("Submit for review"),
        will=_("will be handed in"),
        hint=_("Only drafts that are complete by the rules are handed in; the others are named."),
        preview=_judge_submitting,
        apply=_submit,
        undo=_take_back_submitting,
        **own,
    )


def _reopening(own: Mapping[str, Any]) -> BulkAct:
    return BulkAct(
        name=REVISE,
        label=_("Reopen dossiers for a revision"),
        icon="pencil",
        url_name="inventory:entries-revise",
        form=BulkReviseForm,
        confirm=_("Reopen for revision"),
        hint=_("The approved version counts until the revised one is approved."),
        preview=_judge_revising,
        apply=_revise,
        undo=_close_again,
        **own,
    )


def done(count: int) -> str:
    """What is said when so many dossiers took a step."""
    return ngettext("%(count)s dossier done.", "%(count)s dossiers done.", count) % {"count": count}


def what_is_decided_on(membership: Membership, picked: QuerySet[Any]) -> dict[str, Any]:
    """Findings, spread of stars and the dossiers themselves, those with findings first."""
    dossiers = Dossier.objects.filter(pk__in=picked.values("pk"))
    shown = dossiers.select_related("patent").prefetch_related("findings")
    return {
        "figures": review_pages.figures(dossiers),
        "comparison": review_pages.comparison(dossiers, membership),
        "dossiers": shown.order_by("-finding_weight", "updated_at", "pk")[:SHOWN],
    }


def versions_of(ids: Sequence[int]) -> dict[int, int]:
    """{dossier: version}; the kernel has locked them and compared with what was seen."""
    return dict(Dossier.objects.filter(pk__in=ids).values_list("pk", "version"))


def _judge_approving(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    found = moves.dossiers_with_content(ids)
    return [judged(each.pk, reviews.why_not_approve(each, membership)) for each in found]


def _approve(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    outcome = reviews.approve_dossiers(
        versions=versions_of(ids), actor=membership, note=params["reason"]
    )
    return answered(outcome)


def _judge_returning(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    to_state = DossierState(params["to_state"])
    found = moves.dossiers_with_content(ids)
    return [judged(each.pk, reviews.why_not_return(each, to_state, membership)) for each in found]


def _return(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    outcome = reviews.return_dossiers(
        versions=versions_of(ids),
        to_state=DossierState(params["to_state"]),
        reason=params["reason"],
        actor=membership,
    )
    return answered(outcome)


def _judge_submitting(
    membership: Membership, ids: Sequence[int], params: Params
) -> list[RowResult]:
    drafted = drafts.unconfirmed(ids)
    found = moves.dossiers_with_content(ids)
    return [judged(each.pk, reviews.why_not_submit(each, membership, drafted)) for each in found]


def _submit(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    return answered(reviews.submit_dossiers(versions=versions_of(ids), actor=membership))


def _take_back_submitting(
    membership: Membership, before: Mapping[int, Mapping[str, Any]], reason: str
) -> list[RowResult]:
    versions = versions_of(list(before))
    outcome = reviews.take_back_submissions(versions=versions, reason=reason, actor=membership)
    return answered(outcome)


def _judge_revising(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    found = moves.dossiers_with_content(ids)
    return [judged(each.pk, reviews.why_not_revise(each, membership)) for each in found]


def _revise(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    outcome = reviews.revise_dossiers(
        versions=versions_of(ids), reason=params["reason"], actor=membership
    )
    return answered(outcome)


def _close_again(
    membership: Membership, before: Mapping[int, Mapping[str, Any]], reason: str
) -> list[RowResult]:
    return revisions.close_again(ids=list(before), actor=membership, reason=reason)
