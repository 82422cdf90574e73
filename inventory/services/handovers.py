"""Handing the filing of co-owned patents over to another holder: offered with a reason, accepted or declined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from inventory import permissions
from inventory.holder_choices import HANDOVER_TRANSITIONS, HandoverState
from inventory.models import CampaignInstitution, Dossier, HandoverOffer
from inventory.queries import co_owned
from inventory.services import filing, moves
from inventory.services.reviews import Outcome
from portal import audit, clock
from portal.choices import AuditAction
from portal.models import Membership, Organisation


@dataclass
class Offered(Outcome):
    """What became of dossiers whose filing is offered, with the offers made."""

    offers: list[HandoverOffer] = field(default_factory=list)


@dataclass
class Answered:
    """What became of offers: those answered, and for each refused one the reason in words."""

    done: list[HandoverOffer] = field(default_factory=list)
    refused: list[tuple[HandoverOffer, str]] = field(default_factory=list)


@transaction.atomic
def offer_handovers(
    *, versions: Mapping[int, int], to: Organisation, reason: str, actor: Membership
) -> Offered:
    """Offer the filing of these dossiers to another holder that takes part; nothing changes before it accepts.

    `versions` maps dossiers to the version seen. Refused: not filed by the actor's institution, not held by the other
    one, offered already, changed meanwhile.
    """
    outcome = Offered()
    ready: list[tuple[Dossier, CampaignInstitution]] = []
    for dossier, part, reason_not in judge_offers(moves.lock_dossiers(versions), to, actor):
        why = reason_not
        if versions[dossier.pk] != dossier.version:
            why = _("Somebody changed it meanwhile; look at it again first.")
        if why or part is None:
            outcome.refused.append((dossier, why))
        else:
            ready.append((dossier, part))
    outcome.offers = _offer(ready, reason, actor)
    outcome.done += [dossier for dossier, _part in ready]
    return outcome


def judge_offers(
    dossiers: Sequence[Dossier], to: Organisation | None, actor: Membership
) -> list[tuple[Dossier, CampaignInstitution | None, str]]:
    """Each dossier with the participation that would file it, and why it cannot be offered, empty where it can.

    Without a receiver nobody is refused for it.
    """
    receivers = co_owned.receivers_of([dossier.pk for dossier in dossiers])
    offered = set(
        HandoverOffer.objects.open().filter(dossier__in=dossiers).values_list("dossier", flat=True)
    )
    judged = []
    for dossier in dossiers:
        part = _part_of(receivers.get(dossier.pk, ()), to) if to is not None else None
        why = ""
        if not permissions.can_offer_handover(actor, dossier):
            why = _("It is filed by another institution.")
        elif dossier.pk in offered:
            why = _("Handing it over was offered already.")
        elif to is not None and part is None:
            why = _("%(name)s does not hold it together with you.") % {"name": to.name}
        judged.append((dossier, part, why))
    return judged


def _part_of(
    parts: Iterable[CampaignInstitution], institution: Organisation
) -> CampaignInstitution | None:
    return next((part for part in parts if part.institution_id == institution.pk), None)


def _offer(
    ready: list[tuple[Dossier, CampaignInstitution]], reason: str, actor: Membership
) -> list[HandoverOffer]:
    made: list[HandoverOffer] = HandoverOffer.objects.bulk_create(
        [
            HandoverOffer(
                dossier=dossier,
                from_participation=dossier.participation,
                to_participation=part,
                reason=reason,
                offered_by=actor,
                offered_at=clock.now(),
            )
            for dossier, part in ready
        ],
        batch_size=1000,
    )
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CREATE,
            target=offer,
            owner=owner,
            changes={
                "dossier": [None, offer.dossier_id],
                "to_participation": [None, str(offer.to_participation.institution)],
            },
            reason=reason,
        )
        for offer in made
        for owner in _both(offer)
    )
    return made


def _both(offer: HandoverOffer) -> tuple[int, int]:
    return offer.from_participation.institution_id, offer.to_participation.institution_id


@transaction.atomic
def answer_handovers(
    *, versions: Mapping[int, int], to_state: HandoverState, note: str, actor: Membership
) -> Answered:
    """Accept, decline or withdraw offers. `versions` maps offers to the version seen.

    On acceptance the other institution files from now on (services.filing.hand_over). The second time an offer is
    refused with its state.
    """
    outcome = Answered()
    offers = list(
        HandoverOffer.objects.filter(pk__in=versions)
        .select_related(
            "dossier__patent", "from_participation__institution", "to_participation__institution"
        )
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    dossiers = {d.pk: d for d in moves.lock_dossiers(offer.dossier_id for offer in offers)}
    for offer in offers:
        why = why_not_answer(offer, dossiers[offer.dossier_id], to_state, actor)
        if versions[offer.pk] != offer.version:
            why = why or _("Somebody changed it meanwhile; look at it again first.")
        if why:
            outcome.refused.append((offer, why))
        else:
            outcome.done.append(offer)
    _answer(outcome.done, to_state, note, actor)
    if to_state == HandoverState.ACCEPTED:
        # offered together means one reason for all
        for reason in {offer.reason for offer in outcome.done}:
            pairs = [
                (dossiers[offer.dossier_id], offer.to_participation)
                for offer in outcome.done
                if offer.reason == reason
            ]
            filing.hand_over(pairs, actor=actor, reason=reason)
    return outcome


def why_not_answer(
    offer: HandoverOffer, dossier: Dossier, to_state: HandoverState, actor: Membership
) -> str:
    """Why this answer cannot be given, in words; empty when it can."""
    may = (
        permissions.can_withdraw_handover
        if to_state == HandoverState.WITHDRAWN
        else permissions.can_answer_handover
    )
    if not may(actor, offer):
        return _("This offer is not yours to answer.")
    if to_state not in HANDOVER_TRANSITIONS[offer.state]:
        return _("It is in the state “%(state)s”.") % {"state": offer.get_state_display()}
    passed_on = dossier.participation_id != offer.from_participation_id
    if to_state == HandoverState.ACCEPTED and passed_on:
        return _("Another institution files it meanwhile.")
    return ""


def _answer(
    offers: list[HandoverOffer], to_state: HandoverState, note: str, actor: Membership
) -> None:
    for offer in offers:
        offer.state, offer.answer = to_state, note
        offer.answered_by, offer.answered_at = actor, clock.now()
        offer.version += 1
    HandoverOffer.objects.bulk_update(
        offers, ["state", "answer", "answered_by", "answered_at", "version"], batch_size=1000
    )
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.STATE,
            target=offer,
            owner=owner,
            changes={"state": [HandoverState.OFFERED.value, str(to_state)]},
            reason=note,
        )
        for offer in offers
        for owner in _both(offer)
    )
