"""The rows behind a figure: the same meaning as reporting.indicators, as conditions on patents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from inventory.choices import DossierState, PatentKind, PoolState
from inventory.models import BaseListEntry, DossierFact, EntryFact, Patent, PatentHolder, PoolFact
from inventory.models.facts import FactQuerySet
from inventory.models.patents import containing
from portal.choices import Affiliation, District
from portal.models import Membership, Organisation
from portal.text import fold
from reporting.choices import Dimension, Measure
from reporting.models import CoverageFigure

THREE_STARS = 3
REVIEW_STATES = (DossierState.UNIT_REVIEW, DossierState.INSTITUTION_REVIEW)


@dataclass(frozen=True)
class RowState:
    """A patent of a figure as it stood then: its institutions on the list and what its dossier said."""

    patent: Patent
    institutions: str
    holders: str
    state: str
    state_label: str
    is_covered: bool
    is_transformed: bool
    stars: int | None


# measure → what its dossier fact says, and whether such a fact must be there or must not.
_COMPLETE = Q(is_covered=True)
_CONDITIONS: dict[str, tuple[Q, bool]] = {
    Measure.UNFILED: (~Q(state=DossierState.UNFILED), False),
    Measure.DRAFT: (Q(state=DossierState.DRAFT, is_covered=False), True),
    Measure.UNIT_REVIEW: (Q(state=DossierState.UNIT_REVIEW, is_covered=False), True),
    Measure.INSTITUTION_REVIEW: (Q(state=DossierState.INSTITUTION_REVIEW, is_covered=False), True),
    Measure.WAITING: (Q(state__in=REVIEW_STATES, is_covered=False), True),
    Measure.OPEN: (_COMPLETE, False),
    Measure.COVERED: (_COMPLETE, True),
    Measure.REVISING: (_COMPLETE & ~Q(state=DossierState.COMPLETED), True),
    Measure.TRANSFORMED: (_COMPLETE & Q(is_transformed=True), True),
    Measure.UNTRANSFORMED: (_COMPLETE & Q(is_transformed=True), False),
    Measure.UNTRANSFORMED_COVERED: (_COMPLETE & Q(is_transformed=False), True),
    Measure.THREE_STARS_UP: (_COMPLETE & Q(stars__gte=THREE_STARS), True),
}


def institutions_for(figure: CoverageFigure, membership: Membership) -> list[int]:
    """The figure's institutions that are still in this membership's charge."""
    watched = Organisation.objects.watched_by(membership).filter(pk__in=figure.institutions)
    return sorted(watched.values_list("pk", flat=True))


def rows_of(figure: CoverageFigure, measure: str, institutions: list[int]) -> QuerySet[Patent]:
    """Exactly the patents that a figure counted, each once."""
    snapshot = figure.snapshot
    entries = EntryFact.objects.as_of(snapshot.valid_on, snapshot.known_at).filter(
        campaign=snapshot.campaign_id
    )
    if figure.dimension == Dimension.INSTITUTION:  # by the index of the campaign's facts
        entries = entries.filter(institution__in=institutions, patent=OuterRef("pk"))
    elif figure.dimension == Dimension.CITY:  # whoever is in the campaign
        entries = entries.filter(entry__patent=OuterRef("pk"))
    else:
        entries = entries.filter(institution__in=institutions, entry__patent=OuterRef("pk"))
    counted = entries.filter(is_included=True)
    if measure == Measure.EXCLUDED:
        left_out = entries.filter(is_included=False)
        return Patent.objects.filter(Exists(left_out)).exclude(Exists(counted))
    return Patent.objects.filter(Exists(_in_measure(counted, figure, measure)))


def _in_measure(entries: FactQuerySet, figure: CoverageFigure, measure: str) -> FactQuerySet:
    """Scalar subqueries, not joins: a page of fifty then looks at some hundred facts, not at all of them."""
    snapshot = figure.snapshot
    facts: FactQuerySet
    if measure == Measure.IN_POOL:
        facts = PoolFact.objects.as_of(snapshot.valid_on, snapshot.known_at).exclude(
            state=PoolState.REMOVED
        )
        must_be_there = True
    elif measure in _CONDITIONS:
        condition, must_be_there = _CONDITIONS[measure]
        facts = DossierFact.objects.as_of(snapshot.valid_on, snapshot.known_at).filter(condition)
    else:
        return entries
    found = Subquery(facts.filter(patent=OuterRef("patent")).values("pk")[:1])
    narrowed_down: FactQuerySet = entries.alias(fact=found).filter(fact__isnull=not must_be_there)
    return narrowed_down


def narrowed(patents: QuerySet[Patent], *, q: str = "", kind: str = "") -> QuerySet[Patent]:
    """Rows that contain the words, of one kind."""
    if words := fold(q):
        patents = containing(patents, words)
    return patents.filter(kind=kind) if kind in PatentKind.values else patents


def describe(
    patents: Iterable[Patent], figure: CoverageFigure, institutions: list[int]
) -> list[RowState]:
    """Rows with their standing as of the snapshot, in three queries however many they are."""
    rows = list(patents)
    pks = [patent.pk for patent in rows]
    snapshot = figure.snapshot
    facts = {
        fact.patent_id: fact
        for fact in DossierFact.objects.as_of(snapshot.valid_on, snapshot.known_at).filter(
            patent__in=pks
        )
    }
    listed = _names(
        BaseListEntry.objects.filter(
            campaign=snapshot.campaign_id, patent__in=pks, institution__in=institutions
        )
        .order_by("pk")
        .values_list("patent", "institution__name")
    )
    holders = _names(
        PatentHolder.objects.filter(patent__in=pks)
        .order_by("position")
        .values_list("patent", "name")
    )
    return [
        _row(patent, facts.get(patent.pk), listed[patent.pk], holders[patent.pk]) for patent in rows
    ]


def _names(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for patent, name in pairs:
        found[patent].append(name)
    return found


def _row(
    patent: Patent, fact: DossierFact | None, listed: list[str], holders: list[str]
) -> RowState:
    state = DossierState(fact.state) if fact else DossierState.UNFILED
    return RowState(
        patent=patent,
        institutions="、".join(listed),
        holders="、".join(holders),
        state=state,
        state_label=str(state.label),
        is_covered=fact.is_covered if fact else False,
        is_transformed=fact.is_transformed if fact else False,
        stars=fact.stars if fact else None,
    )


def heading(figure: CoverageFigure) -> str:
    """The group of a figure in words."""
    if figure.dimension == Dimension.CITY:
        return _("Whole city")
    if figure.organisation is not None:
        return figure.organisation.name
    return group_label(figure.dimension, figure.key)


def group_label(dimension: str, key: str) -> str:
    """Name of an affiliation or a district."""
    kind = Affiliation if dimension == Dimension.AFFILIATION else District
    return str(dict(kind.choices).get(key, key))
