"""What holders and the bureau do by the many: ask for exclusions, decide them, hand filing over, answer offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from inventory import permissions
from inventory.bulk import dossier_labels, filed_here
from inventory.bulk_review import done, versions_of
from inventory.forms.co_owned import AskForm, BulkOfferForm, DeclineForm, NoteForm
from inventory.holder_choices import HandoverState, Verdict
from inventory.models import BaseListEntry, Dossier, Exclusion, HandoverOffer
from inventory.queries.exclusions import consequences_of
from inventory.services import exclusion_decisions, exclusions, handovers, moves
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

ASK = "inventory.exclusions.ask"
APPROVE = "inventory.exclusions.approve"
REFUSE = "inventory.exclusions.refuse"
OFFER = "inventory.handovers.offer"
ANSWERS = {
    "accept": HandoverState.ACCEPTED,
    "decline": HandoverState.DECLINED,
    "withdraw": HandoverState.WITHDRAWN,
}
_REASKED = _(
    "The institution may appeal a refusal; an approval is revoked from its own page, with the day."
)


def register_holders() -> None:
    """Called once by InventoryConfig.ready."""
    register(_asking())
    for is_approved in (True, False):
        register(_deciding(is_approved=is_approved))
    register(_offering())
    for name in ANSWERS:
        register(_answering(name))


# --- exclusions -------------------------------------------------------------------------------------


def _asking() -> BulkAct:
    return BulkAct(
        name=ASK,
        label=_("Request exclusion"),
        icon="send",
        model=BaseListEntry,
        list_name="inventory.exclusion_proposals",
        url_name="inventory:exclusions-request",
        allowed=permissions.can_request_exclusions,
        form=AskForm,
        is_one_page=True,
        confirm=_("Request exclusion"),
        hint=_(
            "Each request keeps the reason and the evidence that the register gives; the lead bureau decides."
        ),
        preview=_judge_asking,
        apply=_ask,
        undo=_withdraw_requests,
        labels=_entry_labels,
        version="",
        said=_requested,
    )


def _deciding(*, is_approved: bool) -> BulkAct:
    return BulkAct(
        name=APPROVE if is_approved else REFUSE,
        label=_("Approve exclusions") if is_approved else _("Refuse exclusions"),
        icon="checks" if is_approved else "x",
        model=Exclusion,
        list_name="inventory.exclusions",
        url_name=f"inventory:exclusions-{'approve' if is_approved else 'refuse'}",
        allowed=permissions.can_decide_exclusion,
        narrows=_waiting,
        form=NoteForm if is_approved else DeclineForm,
        is_one_page=True,
        confirm=_("Approve") if is_approved else _("Refuse"),
        short=_("Approve the clear ones") if is_approved else "",
        preview=partial(_judge_deciding, is_approved),
        apply=partial(_decide, is_approved),
        labels=_exclusion_labels,
        no_undo=_REASKED,
        said=_decided,
        more=partial(_effects, is_approved),
        more_template="inventory/exclusions_before.html",
    )


def _waiting(found: QuerySet[Exclusion], membership: Membership) -> QuerySet[Exclusion]:
    return found.waiting()  # type: ignore[attr-defined, no-any-return]


def _effects(is_approved: bool, membership: Membership, picked: QuerySet[Any]) -> dict[str, Any]:
    """What an approval does to the figures of whom."""
    meant = Exclusion.objects.waiting().filter(pk__in=picked.values("pk"), verdict=Verdict.CLEAR)
    clear = list(meant.values_list("pk", flat=True)) if is_approved else []
    return {"effects": consequences_of(clear) if clear else []}


def _requested(count: int) -> str:
    text = ngettext("%(count)s exclusion requested.", "%(count)s exclusions requested.", count)
    return text % {"count": count}


def _decided(count: int) -> str:
    text = ngettext("%(count)s request decided.", "%(count)s requests decided.", count)
    return text % {"count": count}


def _judge_asking(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    meant = exclusions.still_proposed(entry_ids=ids, actor=membership)
    return [_request(key, key if key in meant else None) for key in ids]


def _ask(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    made = exclusions.request_proposed(entry_ids=ids, actor=membership).made
    found = {one.entry_id: one.pk for one in made}
    return [_request(key, found.get(key)) for key in ids]


def _request(key: int, made: int | None) -> RowResult:
    if made is None:
        return refused(
            key, _("The register gives no reason any more, or it was asked for already.")
        )
    return RowResult(key, BulkOutcome.ADDED, before={"request": made})


def _withdraw_requests(
    membership: Membership, before: Mapping[int, Mapping[str, Any]], reason: str
) -> list[RowResult]:
    entries = {one["request"]: key for key, one in before.items()}
    found = exclusion_decisions.withdraw_exclusions(
        ids=list(entries), note=reason, actor=membership
    )
    return [judged(entries[one.pk], why) for one, why in found]


def _judge_deciding(
    is_approved: bool, membership: Membership, ids: Sequence[int], params: Params
) -> list[RowResult]:
    found = Exclusion.objects.filter(pk__in=ids).select_related("decided_by").order_by("pk")
    judgements = exclusion_decisions.judge_decisions(
        found, is_approved=is_approved, actor=membership
    )
    return [judged(one.pk, why) for one, why in judgements]


def _decide(
    is_approved: bool, membership: Membership, ids: Sequence[int], params: Params
) -> list[RowResult]:
    versions = dict(Exclusion.objects.filter(pk__in=ids).values_list("pk", "version"))
    found = exclusion_decisions.decide_exclusions(
        versions=versions, is_approved=is_approved, note=params["note"], actor=membership
    )
    return answered(found)


def _entry_labels(membership: Membership, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    found = BaseListEntry.objects.visible_to(membership).filter(pk__in=ids)
    return {
        one.pk: (str(one.patent), one.dossier.get_absolute_url())
        for one in found.select_related("patent", "dossier")
    }


def _exclusion_labels(membership: Membership, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    found = Exclusion.objects.visible_to(membership).filter(pk__in=ids)
    return {
        one.pk: (str(one.entry.patent), reverse("inventory:exclusion-detail", args=[one.pk]))
        for one in found.select_related("entry__patent")
    }


# --- handing over -----------------------------------------------------------------------------------


def _offering() -> BulkAct:
    return BulkAct(
        name=OFFER,
        label=_("Offer to hand over"),
        icon="switch-horizontal",
        model=Dossier,
        list_name="inventory.co_owned",
        url_name="inventory:handover-offer",
        allowed=permissions.can_offer_handovers,
        narrows=filed_here,
        key="dossier_id",
        version="dossier__version",
        form=BulkOfferForm,
        confirm=pgettext_lazy("handover", "Offer"),
        hint=_(
            "Nothing changes until the other institution accepts. Then it files, unit and responsible person are "
            "cleared, what waits for review becomes a draft again, and its people read price, contact and the talk of "
            "the review."
        ),
        preview=_judge_offering,
        apply=_offer,
        undo=_withdraw_offers,
        labels=dossier_labels,
        said=done,
    )


_HINTS = {
    "accept": _(
        "Your institution files them from now on. They come without unit and responsible person. What waited for "
        "review is a draft again; what is complete stays complete."
    ),
    "decline": _("They stay with whoever offers them."),
    "withdraw": _("They stay with your institution."),
}
_LABELS = {
    "accept": (_("Accept the filing"), _("Accept"), "check"),
    "decline": (_("Decline the filing"), pgettext_lazy("handover", "Decline"), "x"),
    "withdraw": (_("Withdraw the offer"), _("Withdraw"), "arrow-back-up"),
}


def _answering(name: str) -> BulkAct:
    label, confirm, icon = _LABELS[name]
    return BulkAct(
        name=f"inventory.handovers.{name}",
        label=label,
        icon=icon,
        model=HandoverOffer,
        list_name="inventory.handovers",
        url_name=f"inventory:handover-{name}",
        allowed=permissions.can_offer_handovers,
        form=DeclineForm if name == "decline" else NoteForm,
        is_one_page=True,
        confirm=confirm,
        hint=_HINTS[name],
        preview=partial(_judge_answering, ANSWERS[name]),
        apply=partial(_answer, ANSWERS[name]),
        labels=_offer_labels,
        no_undo=_("An answered offer is closed: who files can change again only by a new offer."),
        said=done,
    )


def _judge_offering(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    found = list(moves.dossiers_with_content(ids))
    judgements = handovers.judge_offers(found, params["to"], membership)
    return [judged(dossier.pk, why) for dossier, _part, why in judgements]


def _offer(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    outcome = handovers.offer_handovers(
        versions=versions_of(ids), to=params["to"], reason=params["reason"], actor=membership
    )
    return [
        *(
            RowResult(offer.dossier_id, BulkOutcome.ADDED, before={"offer": offer.pk})
            for offer in outcome.offers
        ),
        *(judged(dossier.pk, why) for dossier, why in outcome.refused),
    ]


def _withdraw_offers(
    membership: Membership, before: Mapping[int, Mapping[str, Any]], reason: str
) -> list[RowResult]:
    ids = [one["offer"] for one in before.values()]
    return _answers(HandoverState.WITHDRAWN, membership, ids, reason, by_dossier=True)


def _judge_answering(
    to_state: HandoverState, membership: Membership, ids: Sequence[int], params: Params
) -> list[RowResult]:
    offers = HandoverOffer.objects.filter(pk__in=ids).select_related(
        "dossier", "from_participation__institution", "to_participation__institution"
    )
    return [
        judged(one.pk, handovers.why_not_answer(one, one.dossier, to_state, membership))
        for one in offers.order_by("pk")
    ]


def _answer(
    to_state: HandoverState, membership: Membership, ids: Sequence[int], params: Params
) -> list[RowResult]:
    return _answers(to_state, membership, ids, params["note"])


def _answers(
    to_state: HandoverState,
    membership: Membership,
    ids: Sequence[int],
    note: str,
    *,
    by_dossier: bool = False,
) -> list[RowResult]:
    versions = dict(HandoverOffer.objects.filter(pk__in=ids).values_list("pk", "version"))
    found = handovers.answer_handovers(
        versions=versions, to_state=to_state, note=note, actor=membership
    )
    return answered(found, "dossier_id" if by_dossier else "pk")


def _offer_labels(membership: Membership, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    found = HandoverOffer.objects.visible_to(membership).filter(pk__in=ids)
    return {
        one.pk: (str(one.dossier.patent), one.dossier.get_absolute_url())
        for one in found.select_related("dossier__patent")
    }
