"""Taking entries off the base list: asked for with reason and evidence, one or thousands at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from inventory import exclusion_rules, exclusion_words
from inventory.choices import (
    TRANSFER_REASONS,
    ExclusionReason,
    ExclusionState,
)
from inventory.exclusion_rules import Change, Facts, Judgement
from inventory.models import BaseListEntry, CampaignInstitution, Exclusion, ExclusionStep
from inventory.queries import exclusions as queries
from portal import audit, clock
from portal.choices import AuditAction
from portal.errors import InvalidTransition
from portal.models import Membership, Organisation, StoredFile


@dataclass(frozen=True)
class Claim:
    """What an institution says when it asks: reason, words, the day, and for transfers to whom and since when."""

    reason: ExclusionReason
    explanation: str
    effective_on: date
    evidence: StoredFile | None = None
    new_holder: str = ""
    registered_on: date | None = None


@dataclass
class Requested:
    """What became of entries: requests made, and how many the register gave no reason for any more."""

    made: list[Exclusion] = field(default_factory=list)
    passed_over: int = 0


@transaction.atomic
def request_exclusion(*, entry: BaseListEntry, claim: Claim, actor: Membership) -> Exclusion:
    """Ask the lead bureau to take an entry off the list; one live request per entry.

    The register is judged now and the findings stay with the request. A refused reason is asked for again only by an
    appeal, or once the register was confirmed anew and bears it out.
    """
    locked = (
        BaseListEntry.objects.select_for_update(of=("self",))
        .select_related("patent", "campaign")
        .get(pk=entry.pk)
    )
    if queries.live_requests([locked.pk]):
        raise InvalidTransition(_("An exclusion of this entry was requested already."))
    if not locked.is_included:
        raise InvalidTransition(_("The entry does not count any more."))
    receiver = _receiver_of(locked, claim)
    facts = _with_claim(queries.facts_of([locked])[locked.pk], claim, receiver)
    judgement = exclusion_rules.judge(claim.reason, facts)
    _check_refused(locked, claim.reason, judgement)
    made = Exclusion(
        entry=locked,
        reason=claim.reason,
        explanation=claim.explanation,
        evidence=claim.evidence,
        effective_on=claim.effective_on,
        new_holder=claim.new_holder,
        new_institution=receiver,
        registered_on=claim.registered_on,
        verdict=judgement.verdict,
        findings=exclusion_words.kept(judgement),
        requested_by=actor,
    )
    _create([made], actor)
    return made


def _receiver_of(entry: BaseListEntry, claim: Claim) -> Organisation | None:
    """The new holder where the campaign knows it; ValidationError when a transfer inside the scope names nobody."""
    if claim.reason not in TRANSFER_REASONS:
        return None
    found = Organisation.objects.named(claim.new_holder)
    parts = CampaignInstitution.objects.filter(campaign=entry.campaign, institution=found)
    takes_part = found is not None and parts.exists()
    if claim.reason == ExclusionReason.TRANSFERRED_WITHIN and (
        not takes_part or found == entry.institution
    ):
        raise ValidationError(
            {"new_holder": _("Name another institution that takes part in the campaign.")}
        )
    return found if takes_part else None


def _with_claim(facts: Facts, claim: Claim, receiver: Organisation | None) -> Facts:
    """The facts with the transfer that the institution declares, marked as declared."""
    if claim.registered_on is None or claim.reason not in TRANSFER_REASONS:
        return facts
    declared = Change(
        claim.registered_on, claim.new_holder, receiver is not None, is_registered=False
    )
    return replace(facts, changes=(*facts.changes, declared))


def _check_refused(entry: BaseListEntry, reason: str, judgement: Judgement) -> None:
    refused = Exclusion.objects.filter(
        entry=entry,
        reason=reason,
        state__in=(ExclusionState.REFUSED, ExclusionState.DISMISSED),
    ).order_by("-decided_at")
    last = refused.first()
    if last is None or last.decided_at is None:
        return
    confirmed = entry.patent.status_confirmed_on
    decided_on = last.decided_at.astimezone(clock.SHANGHAI).date()
    if judgement.is_clear and confirmed is not None and confirmed > decided_on:
        return
    raise InvalidTransition(
        _("This reason was refused already: appeal, or wait until the register bears it out.")
    )


@transaction.atomic
def request_proposed(*, entry_ids: Collection[int], actor: Membership) -> Requested:
    """Ask for every entry of these that the register gives a reason to take off, in sets.

    Each request keeps the verdict and the findings of this moment, its words are written from them, and it is to take
    effect on the base day. Entries asked for meanwhile, or for which no reason is left, are passed over and counted.
    """
    outcome = Requested()
    entries = _own_entries(entry_ids, actor).select_for_update(of=("self",))
    outcome.made += [
        _proposal(entry, reason, facts, actor) for entry, reason, facts in _proposed(list(entries))
    ]
    _create(outcome.made, actor)
    outcome.passed_over = len(set(entry_ids)) - len(outcome.made)
    return outcome


def still_proposed(*, entry_ids: Collection[int], actor: Membership) -> set[int]:
    """Entries of these for which a request would be made now; writes nothing."""
    return {entry.pk for entry, _reason, _facts in _proposed(list(_own_entries(entry_ids, actor)))}


def _own_entries(entry_ids: Collection[int], actor: Membership) -> QuerySet[BaseListEntry]:
    return (
        BaseListEntry.objects.filter(
            pk__in=entry_ids, institution=actor.organisation_id, is_included=True
        )
        .select_related("patent", "campaign")
        .order_by("pk")
    )


def _proposed(
    entries: Collection[BaseListEntry],
) -> list[tuple[BaseListEntry, ExclusionReason, Facts]]:
    """Of these entries those without a live request that the register gives a reason to take off."""
    live = queries.live_requests([entry.pk for entry in entries])
    facts = queries.facts_of(entries)
    return [
        (entry, reason, facts[entry.pk])
        for entry in entries
        if entry.pk not in live
        and (reason := exclusion_rules.proposed_reason(facts[entry.pk])) is not None
    ]


def _proposal(
    entry: BaseListEntry, reason: ExclusionReason, facts: Facts, actor: Membership
) -> Exclusion:
    judgement = exclusion_rules.judge(reason, facts)
    change = facts.changes[-1] if reason in TRANSFER_REASONS and facts.changes else None
    receiver = Organisation.objects.named(change.to_name) if change and change.is_within else None
    return Exclusion(
        entry=entry,
        reason=reason,
        explanation=exclusion_words.explanation(judgement),
        effective_on=entry.campaign.base_day,
        new_holder=change.to_name if change else "",
        new_institution=receiver,
        registered_on=change.day if change else None,
        verdict=judgement.verdict,
        findings=exclusion_words.kept(judgement),
        requested_by=actor,
    )


def _create(made: Sequence[Exclusion], actor: Membership) -> None:
    Exclusion.objects.bulk_create(made, batch_size=1000)
    write_steps(made, actor)
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CREATE,
            target=one,
            owner=one.entry.institution_id,
            changes={
                "reason": [None, str(one.reason)],
                "effective_on": [None, one.effective_on.isoformat()],
                "verdict": [None, int(one.verdict)],
            },
            reason=one.explanation,
        )
        for one in made
    )


def write_steps(
    exclusions: Sequence[Exclusion],
    actor: Membership,
    note: str = "",
    evidence: StoredFile | None = None,
) -> None:
    """The step each request just took, in the caller's transaction."""
    ExclusionStep.objects.bulk_create(
        [
            ExclusionStep(
                exclusion=one,
                to_state=one.state,
                actor=actor,
                at=clock.now(),
                note=note,
                evidence=evidence,
            )
            for one in exclusions
        ],
        batch_size=1000,
    )
