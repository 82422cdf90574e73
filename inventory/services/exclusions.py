"""Taking entries off the base list: requested with reason and evidence, decided by the lead bureau."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.choices import ExclusionReason, ExclusionState
from inventory.models import BaseListEntry, Exclusion
from inventory.services.facts import ENTRY, record_facts
from portal import audit, clock
from portal.access import check_version
from portal.choices import AuditAction
from portal.errors import InvalidTransition
from portal.models import Membership, StoredFile


@transaction.atomic
def request_exclusion(
    *,
    entry: BaseListEntry,
    reason: ExclusionReason,
    explanation: str,
    effective_on: date,
    actor: Membership,
    evidence: StoredFile | None = None,
) -> Exclusion:
    """Ask the lead bureau to take an entry off the list; one live request per entry."""
    locked = BaseListEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    live = (ExclusionState.REQUESTED, ExclusionState.APPROVED)
    if Exclusion.objects.filter(entry=locked, state__in=live).exists():
        raise InvalidTransition(_("An exclusion of this entry was requested already."))
    exclusion = Exclusion.objects.create(
        entry=locked,
        reason=reason,
        explanation=explanation,
        effective_on=effective_on,
        evidence=evidence,
        requested_by=actor,
    )
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=exclusion,
        changes={"reason": [None, str(reason)], "effective_on": [None, effective_on.isoformat()]},
        reason=explanation,
    )
    return exclusion


@transaction.atomic
def decide_exclusion(
    *, exclusion: Exclusion, is_approved: bool, note: str, seen_version: int, actor: Membership
) -> Exclusion:
    """Approve (the entry, or every holder's entry of the patent, stops counting) or refuse with a note."""
    stored = (
        Exclusion.objects.select_for_update(of=("self",))
        .select_related("entry")
        .get(pk=exclusion.pk)
    )
    if stored.state != ExclusionState.REQUESTED:
        raise InvalidTransition(_("This request was decided already."))
    check_version(seen_version, stored.version)
    stored.state = ExclusionState.APPROVED if is_approved else ExclusionState.REFUSED
    stored.decided_by = actor
    stored.decided_at = clock.now()
    stored.decision_note = note
    stored.version += 1
    stored.save(update_fields=["state", "decided_by", "decided_at", "decision_note", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=stored,
        owner=stored.entry.institution_id,
        changes={"state": [ExclusionState.REQUESTED.value, stored.state]},
        reason=note,
    )
    if is_approved:
        _take_off(stored, actor)
    return stored


def _take_off(exclusion: Exclusion, actor: Membership) -> None:
    """The entry stops counting; for a reason of the patent itself, in this campaign every holder's entry does."""
    entries = BaseListEntry.objects.filter(
        campaign=exclusion.entry.campaign_id, patent=exclusion.entry.patent_id, is_included=True
    )
    if not exclusion.is_patent_wide:
        entries = entries.filter(pk=exclusion.entry_id)
    found = list(entries.select_for_update(of=("self",)).order_by("pk"))
    BaseListEntry.objects.filter(pk__in=[entry.pk for entry in found]).update(is_included=False)
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=entry,
            owner=entry.institution_id,
            changes={"is_included": [True, False]},
            reason=exclusion.get_reason_display(),
        )
        for entry in found
    )
    record_facts(ENTRY, [entry.pk for entry in found], valid_from=exclusion.effective_on)
