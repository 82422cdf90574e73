"""What exclusions read: the register's facts about entries, entries the register would take off, consequences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from inventory.choices import (
    PATENT_WIDE_REASONS,
    EventKind,
    ExclusionReason,
    ExclusionState,
    PatentKind,
    SimpleStatus,
)
from inventory.exclusion_rules import ENDING, Change, Event, Facts, Twin
from inventory.holder_choices import LIVE_EXCLUSIONS
from inventory.models import (
    BaseListEntry,
    CampaignInstitution,
    DualFiling,
    Exclusion,
    HolderChange,
    LegalEvent,
    PatentHolder,
)
from inventory.models.exclusions import has_live_exclusion
from portal.models.organisations import IsOneOf


def facts_of(entries: Collection[BaseListEntry]) -> dict[int, Facts]:
    """{entry: what the register says}, in five queries for any number; needs patent and campaign loaded."""
    patents = {entry.patent_id for entry in entries}
    events = _events(patents)
    twins = _twins(patents)
    holders = set(
        PatentHolder.objects.filter(patent__in=patents, organisation__isnull=False).values_list(
            "patent_id", "organisation_id"
        )
    )
    parts = set(
        CampaignInstitution.objects.filter(
            campaign__in={entry.campaign_id for entry in entries}
        ).values_list("campaign_id", "institution_id")
    )
    changes = _changes(patents)
    return {
        entry.pk: Facts(
            base_day=entry.campaign.base_day,
            kind=entry.patent.kind,
            status=entry.patent.simple_status,
            status_confirmed_on=entry.patent.status_confirmed_on,
            expires_on=entry.patent.expires_on,
            events=tuple(events[entry.patent_id]),
            twin=twins.get(entry.patent_id),
            changes=tuple(
                Change(
                    change.registered_on,
                    change.to_name,
                    (entry.campaign_id, change.to_organisation_id) in parts,
                )
                for change in changes[entry.patent_id, entry.institution_id]
            ),
            is_holder=(entry.patent_id, entry.institution_id) in holders,
        )
        for entry in entries
    }


def _events(patents: Collection[int]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    for one in LegalEvent.objects.filter(patent__in=patents).order_by("pk"):
        found[one.patent_id].append(Event(one.kind, one.occurred_on, one.confirmed_on))
    return found


def _twins(patents: Collection[int]) -> dict[int, Twin]:
    found = {}
    pairs = DualFiling.objects.filter(Q(invention__in=patents) | Q(utility__in=patents))
    for pair in pairs.select_related("invention", "utility"):
        for one, other in ((pair.invention, pair.utility), (pair.utility, pair.invention)):
            found[one.pk] = Twin(other.number, other.kind, other.granted_on)
    return found


def _changes(patents: Collection[int]) -> dict[tuple[int, int | None], list[HolderChange]]:
    found: dict[tuple[int, int | None], list[HolderChange]] = defaultdict(list)
    for one in HolderChange.objects.filter(patent__in=patents).order_by("registered_on", "pk"):
        found[one.patent_id, one.from_organisation_id].append(one)
    return found


# --- entries the register would take off --------------------------------------------------------------


def proposed(entries: QuerySet[BaseListEntry]) -> QuerySet[BaseListEntry]:
    """Counting entries without a live request that the register gives a reason to take off, with `proposal`.

    The reason is worked out in the database so that lists and filters can use it; inventory.exclusion_rules judges
    each one once more when it is shown or asked for. What was refused is proposed again only after the register was
    confirmed anew.
    """
    candidates = entries.filter(_may_be_proposed(entries), is_included=True)
    found: QuerySet[Any] = with_proposal(candidates.filter(~has_live_exclusion()))
    refused = Exclusion.objects.filter(
        entry=OuterRef("pk"),
        reason=OuterRef("proposal"),
        state__in=(ExclusionState.REFUSED, ExclusionState.DISMISSED),
    ).exclude(decided_at__date__lt=OuterRef("patent__status_confirmed_on"))
    return found.exclude(proposal="").filter(~Exists(refused))


def with_proposal(entries: QuerySet[BaseListEntry]) -> QuerySet[BaseListEntry]:
    """With `proposal`: the reason that the register gives to take the entry off, "" where it gives none."""
    return entries.annotate(
        proposal=Case(
            When(_is_ended_half(), then=Value(ExclusionReason.DUAL_ENDED.value)),
            When(_is_lapsed(), then=Value(ExclusionReason.LAPSED.value)),
            When(
                _has_passed(),
                then=Case(
                    When(
                        _to_a_participant(),
                        then=Value(ExclusionReason.TRANSFERRED_WITHIN.value),
                    ),
                    default=Value(ExclusionReason.TRANSFERRED_AWAY.value),
                ),
            ),
            default=Value(""),
        )
    )


def _may_be_proposed(entries: QuerySet[BaseListEntry]) -> IsOneOf:
    """What every reason rests on, found from the few patents it is true of and not asked of each entry.

    An ended right, a dual filing, a change of holder or its announcement, or a holder that is named no longer.
    """
    bare = entries.order_by()
    holder = PatentHolder.objects.filter(
        patent=OuterRef("patent"), organisation=OuterRef("institution")
    )
    transfers = LegalEvent.objects.filter(kind=EventKind.TRANSFER)
    return IsOneOf(
        "pk",
        bare.filter(patent__simple_status=SimpleStatus.ENDED)
        .values("pk")
        .union(
            bare.filter(patent__in=DualFiling.objects.values("utility")).values("pk"),
            bare.filter(patent__in=HolderChange.objects.values("patent")).values("pk"),
            bare.filter(patent__in=transfers.values("patent")).values("pk"),
            bare.filter(~Exists(holder)).values("pk"),
        ),
    )


def _is_ended_half() -> Q:
    granted = DualFiling.objects.filter(
        utility=OuterRef("patent"), invention__granted_on__lt=OuterRef("campaign__base_day")
    )
    return Q(patent__kind=PatentKind.UTILITY) & Q(Exists(granted))


def _is_lapsed() -> Q:
    events = LegalEvent.objects.filter(patent=OuterRef("patent"), kind__in=ENDING)
    before = events.filter(occurred_on__lt=OuterRef("campaign__base_day"))
    since = events.filter(occurred_on__gte=OuterRef("campaign__base_day"))
    never = LegalEvent.objects.filter(patent=OuterRef("patent"), kind=EventKind.INVALIDATED)
    return Q(patent__simple_status=SimpleStatus.ENDED) & (
        Q(patent__expires_on__lte=F("campaign__base_day"))
        | Q(Exists(before))
        | Q(~Exists(since))
        | Q(Exists(never))
    )


def _has_passed() -> Q:
    """A registered change before the base day; without a record, an announced one, or named no longer."""
    change = HolderChange.objects.filter(
        patent=OuterRef("patent"), from_organisation=OuterRef("institution")
    )
    since = change.filter(registered_on__gte=OuterRef("campaign__base_day"))
    holder = PatentHolder.objects.filter(
        patent=OuterRef("patent"), organisation=OuterRef("institution")
    )
    transfers = LegalEvent.objects.filter(patent=OuterRef("patent"), kind=EventKind.TRANSFER)
    before = transfers.filter(occurred_on__lt=OuterRef("campaign__base_day"))
    after = transfers.filter(occurred_on__gte=OuterRef("campaign__base_day"))
    announced = (Q(Exists(before)) | ~Q(Exists(holder))) & ~Q(Exists(after))
    return (Q(Exists(change)) & ~Q(Exists(since))) | (~Q(Exists(change)) & announced)


def _to_a_participant() -> Q:
    """The registered receiver takes part in the campaign."""
    change = HolderChange.objects.filter(
        patent=OuterRef("patent"),
        from_organisation=OuterRef("institution"),
        to_organisation__participations__campaign=OuterRef("campaign"),
    )
    return Q(Exists(change))


# --- what an approval does ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Consequence:
    """What happens to an institution's figures: counting entries and 盘点率 before and after."""

    campaign: str
    institution: str
    leaving: int
    due: int
    covered: int
    covered_leaving: int

    @property
    def due_after(self) -> int:
        return self.due - self.leaving

    @property
    def before(self) -> Decimal | None:
        return Decimal(self.covered) / self.due if self.due else None

    @property
    def after(self) -> Decimal | None:
        done = self.covered - self.covered_leaving
        return Decimal(done) / self.due_after if self.due_after else None


_CONSEQUENCES = """
    WITH asked AS (
        SELECT x.reason, e.id AS entry_id, e.campaign_id, e.patent_id
        FROM inventory_exclusion x JOIN inventory_baselistentry e ON e.id = x.entry_id
        WHERE x.id = ANY(%(ids)s) AND x.reason <> 'transferred_within'
    ),
    leaving AS (
        SELECT e.id FROM asked a JOIN inventory_baselistentry e ON e.id = a.entry_id WHERE e.is_included
        UNION
        SELECT e.id FROM asked a JOIN inventory_baselistentry e
          ON e.patent_id = a.patent_id AND e.campaign_id = a.campaign_id
        WHERE a.reason = ANY(%(wide)s) AND e.is_included
    ),
    touched AS (
        SELECT DISTINCT e.campaign_id, e.institution_id
        FROM leaving l JOIN inventory_baselistentry e ON e.id = l.id
    )
    SELECT c.name, o.name, count(*) FILTER (WHERE l.id IS NOT NULL), count(*),
           count(*) FILTER (WHERE f.is_covered),
           count(*) FILTER (WHERE f.is_covered AND l.id IS NOT NULL)
    FROM touched t
    JOIN inventory_baselistentry e
      ON e.campaign_id = t.campaign_id AND e.institution_id = t.institution_id AND e.is_included
    JOIN inventory_campaign c ON c.id = t.campaign_id
    JOIN portal_organisation o ON o.id = t.institution_id
    LEFT JOIN leaving l ON l.id = e.id
    LEFT JOIN inventory_dossierfact f
      ON f.dossier_id = e.dossier_id AND f.superseded_at IS NULL AND f.valid_to IS NULL
    GROUP BY c.id, o.id ORDER BY 3 DESC, o.name_key
"""


def consequences_of(ids: Iterable[int]) -> list[Consequence]:
    """What approving these requests does to each institution touched, most entries first (one statement)."""
    params: dict[str, Any] = {
        "ids": sorted(set(ids)),
        "wide": [str(reason) for reason in PATENT_WIDE_REASONS],
    }
    with connection.cursor() as cursor:
        cursor.execute(_CONSEQUENCES, params)
        return [Consequence(*row) for row in cursor.fetchall()]


def still_covered(entries: QuerySet[BaseListEntry], *, without: int) -> QuerySet[BaseListEntry]:
    """Of these entries, those that another approved exclusion than `without` keeps off the list."""
    approved = Exclusion.objects.filter(state=ExclusionState.APPROVED).exclude(pk=without)
    own = approved.filter(entry=OuterRef("pk"))
    wide = approved.filter(
        entry__patent=OuterRef("patent"),
        entry__campaign=OuterRef("campaign"),
        reason__in=PATENT_WIDE_REASONS,
    )
    return entries.filter(Exists(own) | Exists(wide))


def live_requests(entry_ids: Collection[int]) -> set[int]:
    """Entries of these for which a request waits or was approved."""
    return set(
        Exclusion.objects.filter(entry__in=entry_ids, state__in=LIVE_EXCLUSIONS).values_list(
            "entry_id", flat=True
        )
    )
