"""What the coverage board shows, as frozen rows; a constant number of queries whatever the city's size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from inventory.choices import CampaignScope, DossierState
from inventory.models import BaseListEntry, Campaign
from portal.choices import Affiliation, District, OrganisationKind
from portal.models import Membership, Organisation, Unit
from reporting.choices import Dimension, Measure
from reporting.indicators import Counts, share
from reporting.models import CoverageFigure, CoverageSnapshot
from reporting.queries.freshness import trend_days
from reporting.queries.rows import heading

HEAD_OF: dict[str, str] = {
    OrganisationKind.LEAD_BUREAU: Dimension.CITY,
    OrganisationKind.DEPARTMENT: Dimension.BUREAU,
    OrganisationKind.DISTRICT_OFFICE: Dimension.DISTRICT,
}
# affiliations and districts stand as their choices do
ORDER_OF_KEYS = {
    key: f"{place:03}" for place, key in enumerate([*Affiliation.values, *District.values])
}


TO_CONFIRM = "to_confirm"
_OPEN_STATES = (
    DossierState.UNFILED,
    DossierState.DRAFT,
    DossierState.UNIT_REVIEW,
    DossierState.INSTITUTION_REVIEW,
)


@dataclass(frozen=True)
class BoardRow:
    """One group of the board with its links."""

    name: str
    name_key: str
    kind: str
    affiliation: str
    counts: Counts
    urls: Mapping[str, str]
    is_late: bool
    is_started: bool

    @property
    def standing(self) -> str:
        """done, late, open or empty: shown as word and shape."""
        if not self.counts.due:
            return "empty"
        if not self.counts.open:
            return "done"
        return "late" if self.is_late else "open"


@dataclass(frozen=True)
class TrendPoint:
    """The reader's total at the end of a day."""

    day: date
    counts: Counts


@dataclass(frozen=True)
class UnitRow:
    """A unit of the own institution as it stands now in the campaign, from the living rows."""

    name: str
    total: int
    # by state; what is confirmed is complete, what is approved from before but not confirmed is "to_confirm"
    states: Mapping[str, int]
    url: str
    shows_to_confirm: bool = False

    @property
    def cells(self) -> list[tuple[str, int]]:
        """What narrows the unit's list and the number, in the order of the columns."""
        states = [state.value for state in _OPEN_STATES]
        found = [("standing=done", self.states[DossierState.COMPLETED])]
        if self.shows_to_confirm:
            found.append(("standing=to_confirm", self.states[TO_CONFIRM]))
        return found + [(f"state={state}&standing=open", self.states[state]) for state in states]

    @property
    def rate(self) -> Decimal | None:
        return share(self.states[DossierState.COMPLETED], self.total)


def snapshot_for(campaign: Campaign | None, day: date | None) -> CoverageSnapshot | None:
    """Stored figures of a past day; without a day the newest."""
    if campaign is None:
        return None
    if day is None:
        return CoverageSnapshot.objects.latest_for(campaign)
    return CoverageSnapshot.objects.closing_of(campaign, day)


def head_figure(snapshot: CoverageSnapshot, membership: Membership) -> CoverageFigure | None:
    """The reader's own total: city, bureau, district or institution."""
    figures = CoverageFigure.objects.visible_to(membership).filter(snapshot=snapshot)
    return figures.filter(_is_head(membership)).select_related("organisation").first()


def _is_head(membership: Membership) -> Q:
    dimension = HEAD_OF.get(membership.organisation.kind, Dimension.INSTITUTION)
    if dimension == Dimension.CITY:
        return Q(dimension=dimension)
    if dimension == Dimension.DISTRICT:
        return Q(dimension=dimension, key=membership.organisation.district)
    return Q(dimension=dimension, organisation=membership.organisation_id)


def rows_by(snapshot: CoverageSnapshot, membership: Membership, dimension: str) -> list[BoardRow]:
    """The groups of a dimension this membership may see, by name."""
    figures = (
        CoverageFigure.objects.visible_to(membership)
        .filter(snapshot=snapshot, dimension=dimension)
        .select_related("organisation")
    )
    overdue = overdue_institutions(snapshot)
    return sorted((board_row(snapshot, figure, overdue) for figure in figures), key=_by_name)


def overdue_institutions(snapshot: CoverageSnapshot) -> frozenset[int] | None:
    """Institutions with an overdue entry of a rolling campaign; None where one due day holds for all."""
    if not snapshot.campaign.is_rolling:
        return None
    late = BaseListEntry.objects.filter(campaign=snapshot.campaign_id).overdue(snapshot.valid_on)
    return frozenset(late.order_by().values_list("institution", flat=True).distinct())


def _by_name(row: BoardRow) -> str:
    return row.name_key


def board_row(
    snapshot: CoverageSnapshot, figure: CoverageFigure, overdue: frozenset[int] | None = None
) -> BoardRow:
    """A figure as a row with its links; `overdue` as overdue_institutions gives it."""
    counts = figure.counts
    owner = figure.organisation
    label = Affiliation(owner.affiliation).label if owner and owner.is_institution else ""
    return BoardRow(
        name=heading(figure),
        name_key=owner.name_key if owner else ORDER_OF_KEYS.get(figure.key, figure.key),
        kind=owner.kind if owner else "",
        affiliation=str(label),
        counts=counts,
        urls=links(snapshot.pk, figure.dimension, figure.key),
        is_late=counts.open > 0 and snapshot.valid_on > snapshot.due_on
        if overdue is None
        else not overdue.isdisjoint(figure.institutions),
        is_started=counts.due > counts.unfiled,
    )


def links(snapshot: int, dimension: str, key: str) -> dict[str, str]:
    """Address of the rows of every measure of a group."""
    base = reverse("reporting:coverage-rows")
    query = urlencode({"snapshot": snapshot, "dimension": dimension, "key": key})
    return {measure.value: f"{base}?{query}&measure={measure.value}" for measure in Measure}


def trend(
    campaign: Campaign, membership: Membership, snapshot: CoverageSnapshot
) -> list[TrendPoint]:
    """The reader's total on past days up to the snapshot shown."""
    figures = (
        CoverageFigure.objects.visible_to(membership)
        .filter(
            _is_head(membership),
            snapshot__campaign=campaign,
            snapshot__is_closing=True,
            snapshot__valid_on__in=trend_days(campaign, snapshot.valid_on),
        )
        .select_related("snapshot")
        .defer("institutions")
        .order_by("snapshot__valid_on")
    )
    return [TrendPoint(figure.snapshot.valid_on, figure.counts) for figure in figures]


def units_now(campaign: Campaign, organisation: Organisation) -> list[UnitRow]:
    """The own institution by the units of the first level, from the living rows."""
    counted = (
        BaseListEntry.objects.filter(campaign=campaign, institution=organisation, is_included=True)
        .values("dossier__unit__path", "dossier__state")
        .annotate(number=Count("pk"), confirmed=Count("pk", filter=Q(confirmed_on__isnull=False)))
    )
    found: dict[str, dict[str, int]] = {}
    for row in counted:
        top = (row["dossier__unit__path"] or "").split("/")[1:2]
        empty = dict.fromkeys((*DossierState.values, TO_CONFIRM), 0)
        states = found.setdefault(top[0] if top else "", empty)
        states[DossierState.COMPLETED] += row["confirmed"]
        state = row["dossier__state"]
        is_before = state == DossierState.COMPLETED
        states[TO_CONFIRM if is_before else state] += row["number"] - row["confirmed"]
    units = Unit.objects.filter(pk__in=[int(pk) for pk in found if pk]).order_by("name_key")
    shows = any(states[TO_CONFIRM] for states in found.values())
    rows = [
        _unit_row(campaign, str(each.pk), each.name, found[str(each.pk)], shows) for each in units
    ]
    if "" in found:
        rows.append(_unit_row(campaign, "", _("No unit yet"), found[""], shows))
    return rows


def _unit_row(
    campaign: Campaign, pk: str, name: str, states: dict[str, int], shows: bool
) -> UnitRow:
    query = {"campaign": campaign.pk, "included": "yes", **({"unit": pk} if pk else {})}
    return UnitRow(
        name=name,
        total=sum(states.values()),
        states=states,
        shows_to_confirm=shows,
        url=f"{reverse('inventory:entry-list')}?{urlencode(query)}" if pk else "",
    )


def is_untransformed_headline(snapshot: CoverageSnapshot) -> bool:
    """Which of the two rates leads: the campaign's scope says."""
    return snapshot.scope == CampaignScope.UNTRANSFORMED
