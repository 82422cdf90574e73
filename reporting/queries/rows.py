"""The rows behind a figure: the same meaning as reporting.indicators, as conditions on patents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from inventory.choices import DossierState, PatentKind, PoolState
from inventory.models import BaseListEntry, DossierFact, EntryFact, Patent, PatentHolder, PoolFact
from inventory.models.facts import FactQuerySet
from portal.models import Membership, Organisation
from portal.text import fold
from reporting.choices import Dimension, Measure
from reporting.models import CoverageFigure

THREE_STARS = 3
Condition = Callable[[FactQuerySet], Q]


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


def _dossier(facts: FactQuerySet, **conditions: object) -> Q:
    return Q(Exists(facts.filter(patent=OuterRef("pk"), **conditions)))


def _in_state(*states: str) -> Condition:
    return lambda facts: _dossier(facts, state__in=states, is_covered=False)


_CONDITIONS: dict[str, Condition] = {
    Measure.UNFILED: lambda facts: (
        ~Q(Exists(facts.filter(patent=OuterRef("pk")).exclude(state=DossierState.UNFILED)))
    ),
    Measure.DRAFT: _in_state(DossierState.DRAFT),
    Measure.UNIT_REVIEW: _in_state(DossierState.UNIT_REVIEW),
    Measure.INSTITUTION_REVIEW: _in_state(DossierState.INSTITUTION_REVIEW),
    Measure.WAITING: _in_state(DossierState.UNIT_REVIEW, DossierState.INSTITUTION_REVIEW),
    Measure.OPEN: lambda facts: ~_dossier(facts, is_covered=True),
    Measure.COVERED: lambda facts: _dossier(facts, is_covered=True),
    Measure.REVISING: lambda facts: Q(
        Exists(
            facts.filter(patent=OuterRef("pk"), is_covered=True).exclude(
                state=DossierState.COMPLETED
            )
        )
    ),
    Measure.TRANSFORMED: lambda facts: _dossier(facts, is_covered=True, is_transformed=True),
    Measure.UNTRANSFORMED: lambda facts: ~_dossier(facts, is_covered=True, is_transformed=True),
    Measure.UNTRANSFORMED_COVERED: lambda facts: _dossier(
        facts, is_covered=True, is_transformed=False
    ),
    Measure.THREE_STARS_UP: lambda facts: _dossier(facts, is_covered=True, stars__gte=THREE_STARS),
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
    if figure.dimension != Dimension.CITY:  # the whole city is whoever is in the campaign
        entries = entries.filter(institution__in=institutions)
    counted = Exists(entries.filter(entry__patent=OuterRef("pk"), is_included=True))
    if measure == Measure.EXCLUDED:
        left_out = Exists(entries.filter(entry__patent=OuterRef("pk"), is_included=False))
        return Patent.objects.filter(left_out).exclude(counted)
    found = Patent.objects.filter(counted)
    if measure == Measure.IN_POOL:
        pool = PoolFact.objects.as_of(snapshot.valid_on, snapshot.known_at)
        return found.filter(
            Exists(pool.filter(patent=OuterRef("pk")).exclude(state=PoolState.REMOVED))
        )
    condition = _CONDITIONS.get(measure)
    facts = DossierFact.objects.as_of(snapshot.valid_on, snapshot.known_at)
    return found.filter(condition(facts)) if condition else found


def narrowed(patents: QuerySet[Patent], *, q: str = "", kind: str = "") -> QuerySet[Patent]:
    """Rows that contain the words, of one kind."""
    if words := fold(q):
        patents = patents.filter(pk__in=Patent.objects.containing(words).values("pk"))
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
    field = "affiliation" if dimension == Dimension.AFFILIATION else "district"
    choices = dict(Organisation._meta.get_field(field).flatchoices)
    return str(choices.get(key, key))
