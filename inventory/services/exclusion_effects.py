"""What an approved exclusion does to base lists, register and dossiers, in sets; part of the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from inventory.choices import TRANSFER_REASONS, ExclusionReason
from inventory.models import BaseListEntry, Exclusion, HolderChange
from inventory.queries import co_owned
from inventory.queries.exclusions import still_covered
from inventory.services import filing, holder_changes, moves
from inventory.services.facts import ENTRY, record_facts
from portal import audit
from portal.choices import AuditAction
from portal.models import Membership


def take_off(exclusions: Sequence[Exclusion], *, actor: Membership) -> None:
    """Entries stop counting from each request's day: one, or every holder's for a reason of the patent itself.

    A transfer is written into the register; inside the scope the entry goes on with the new holder. A dossier whose
    filing institution left goes to the next holder whose entry counts.
    """
    if not exclusions:
        return
    holder_changes.record_changes(
        [e for e in exclusions if e.reason in TRANSFER_REASONS], actor=actor
    )
    entries = _entries_of(exclusions)
    _set_included(entries, is_included=False, exclusions=exclusions, actor=actor)
    within = [e for e in exclusions if e.reason == ExclusionReason.TRANSFERRED_WITHIN]
    holder_changes.move_entries(within, actor=actor)
    _pass_on([e for e in exclusions if not e.is_patent_wide], actor=actor)


def _entries_of(exclusions: Sequence[Exclusion]) -> list[BaseListEntry]:
    """The counting entries that leave, under lock in the order of their keys."""
    narrow = [e.entry_id for e in exclusions if not e.is_patent_wide]
    wide: dict[int, list[int]] = defaultdict(list)
    for one in exclusions:
        if one.is_patent_wide:
            wide[one.entry.campaign_id].append(one.entry.patent_id)
    meant = Q(pk__in=narrow)
    for campaign, patents in wide.items():
        meant |= Q(campaign=campaign, patent__in=patents)
    counting = BaseListEntry.objects.filter(meant, is_included=True)
    return list(counting.select_for_update(of=("self",)).order_by("pk"))


def _set_included(
    entries: Sequence[BaseListEntry],
    *,
    is_included: bool,
    exclusions: Sequence[Exclusion],
    actor: Membership,
) -> None:
    """Flag, trail and facts; the facts from the day of the request that takes the entry off."""
    own = {e.entry_id: e for e in exclusions}
    wide = {(e.entry.campaign_id, e.entry.patent_id): e for e in exclusions if e.is_patent_wide}
    because = {e.pk: own.get(e.pk) or wide[e.campaign_id, e.patent_id] for e in entries}
    BaseListEntry.objects.filter(pk__in=because).update(is_included=is_included)
    _tell(
        entries, is_included, {pk: one.get_reason_display() for pk, one in because.items()}, actor
    )
    days: dict[date, list[int]] = defaultdict(list)
    for pk, one in because.items():
        days[one.effective_on].append(pk)
    for day, pks in sorted(days.items()):
        record_facts(ENTRY, pks, valid_from=day)


def _tell(
    entries: Iterable[BaseListEntry], is_included: bool, reasons: dict[int, str], actor: Membership
) -> None:
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=entry,
            owner=entry.institution_id,
            changes={"is_included": [not is_included, is_included]},
            reason=reasons[entry.pk],
        )
        for entry in entries
    )


def _pass_on(exclusions: Sequence[Exclusion], *, actor: Membership) -> None:
    """Dossiers whose filing institution no longer counts them go to the next holder in order that does."""
    by_campaign: dict[int, list[int]] = defaultdict(list)
    for one in exclusions:
        by_campaign[one.entry.campaign_id].append(one.entry.dossier_id)
    for campaign, ids in by_campaign.items():
        dossiers = moves.lock_dossiers(ids)
        leaving = {(e.entry.dossier_id, e.entry.institution_id) for e in exclusions}
        left = [d for d in dossiers if (d.pk, d.participation.institution_id) in leaving]
        nexts = co_owned.first_in_order(campaign, left)
        pairs = [(d, nexts[d.pk]) for d in left if d.pk in nexts]
        if pairs:
            filing.hand_over(pairs, actor=actor, reason=_("The filing institution left the list."))


def put_back(
    exclusion: Exclusion, *, counts_from: date, reason: str, actor: Membership
) -> list[BaseListEntry]:
    """The entries that this exclusion alone kept off count again from a day on."""
    entries = BaseListEntry.objects.filter(
        campaign=exclusion.entry.campaign_id, patent=exclusion.entry.patent_id, is_included=False
    )
    if not exclusion.is_patent_wide:
        entries = entries.filter(pk=exclusion.entry_id)
    others = still_covered(entries, without=exclusion.pk).values("pk")
    found = list(entries.exclude(pk__in=others).select_for_update(of=("self",)).order_by("pk"))
    BaseListEntry.objects.filter(pk__in=[entry.pk for entry in found]).update(is_included=True)
    _tell(found, True, {entry.pk: reason for entry in found}, actor)
    record_facts(ENTRY, [entry.pk for entry in found], valid_from=counts_from)
    if exclusion.holder_change_id is not None:
        holder_changes.take_back(
            HolderChange.objects.get(pk=exclusion.holder_change_id), actor=actor
        )
    return found
