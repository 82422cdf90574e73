"""The rows behind a figure: the same meaning as reporting.indicators, as conditions on patents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from inventory.choices import POOL_OUT, DossierState, PoolState, UploadStanding
from inventory.models import (
    BaseListEntry,
    ConfirmationFact,
    DossierFact,
    EntryFact,
    Patent,
    PatentHolder,
    PoolFact,
    UploadFact,
)
from inventory.models.facts import FactQuerySet
from portal.choices import Affiliation, District
from portal.models import Membership, Organisation
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
    valid_on: date


# measure → what the confirmation of the campaign says, and whether such a fact must be there or must not.
_CONFIRMED = Q(is_confirmed=True)
_DONE = Q(is_confirmed=True, is_transformed=True)
_CONFIRMATIONS: dict[str, tuple[Q, bool]] = {
    Measure.UNFILED: (_CONFIRMED, False),
    Measure.DRAFT: (_CONFIRMED, False),
    Measure.UNIT_REVIEW: (_CONFIRMED, False),
    Measure.INSTITUTION_REVIEW: (_CONFIRMED, False),
    Measure.WAITING: (_CONFIRMED, False),
    Measure.TO_CONFIRM: (_CONFIRMED, False),
    Measure.OPEN: (_CONFIRMED, False),
    Measure.COVERED: (_CONFIRMED, True),
    Measure.REVISING: (_CONFIRMED, True),
    Measure.TRANSFORMED: (_DONE, True),
    Measure.UNTRANSFORMED: (_DONE, False),
    Measure.UNTRANSFORMED_COVERED: (_CONFIRMED & Q(is_transformed=False), True),
    Measure.THREE_STARS_UP: (_CONFIRMED & Q(stars__gte=THREE_STARS), True),
}
# measure → the same of where the dossier itself stood.
_STATES: dict[str, tuple[Q, bool]] = {
    Measure.UNFILED: (~Q(state=DossierState.UNFILED), False),
    Measure.DRAFT: (Q(state=DossierState.DRAFT), True),
    Measure.UNIT_REVIEW: (Q(state=DossierState.UNIT_REVIEW), True),
    Measure.INSTITUTION_REVIEW: (Q(state=DossierState.INSTITUTION_REVIEW), True),
    Measure.WAITING: (Q(state__in=REVIEW_STATES), True),
    Measure.TO_CONFIRM: (Q(state=DossierState.COMPLETED), True),
    Measure.REVISING: (~Q(state=DossierState.COMPLETED), True),
}

_POOL: dict[str, Q] = {
    Measure.IN_POOL: ~Q(state__in=POOL_OUT),
    Measure.ADMITTED: Q(state=PoolState.ADMITTED),
}
_UPLOAD: dict[str, Q] = {
    Measure.UPLOADED: Q(standing__in=[UploadStanding.SENT, UploadStanding.CHANGED]),
    Measure.UPLOAD_CHANGED: Q(standing=UploadStanding.CHANGED),
    Measure.UPLOAD_RETURNED: Q(standing=UploadStanding.RETURNED),
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
    """The entries whose facts say so."""
    snapshot = figure.snapshot
    moments = (snapshot.valid_on, snapshot.known_at)
    if measure in _POOL:
        pooled = PoolFact.objects.as_of(*moments).filter(_POOL[measure], patent=OuterRef("patent"))
        return _with(entries, "pool", pooled, True)
    if measure in _UPLOAD:
        sent = UploadFact.objects.as_of(*moments).filter(
            _UPLOAD[measure], patent=OuterRef("patent")
        )
        return _with(entries, "upload", sent, True)
    if measure in _CONFIRMATIONS:
        condition, must_be_there = _CONFIRMATIONS[measure]
        confirmed = ConfirmationFact.objects.as_of(*moments).filter(
            condition, campaign=snapshot.campaign_id, patent=OuterRef("patent")
        )
        entries = _with(entries, "confirmed", confirmed, must_be_there)
    if measure in _STATES:
        condition, must_be_there = _STATES[measure]
        stood = DossierFact.objects.as_of(*moments).filter(condition, patent=OuterRef("patent"))
        entries = _with(entries, "stood", stood, must_be_there)
    return entries


def _with(
    entries: FactQuerySet, name: str, facts: QuerySet[Any], must_be_there: bool
) -> FactQuerySet:
    """Scalar subqueries, not joins: a page of fifty then looks at some hundred facts, not at all of them."""
    found = Subquery(facts.values("pk")[:1])
    narrowed_down: FactQuerySet = entries.alias(**{name: found}).filter(
        **{f"{name}__isnull": not must_be_there}
    )
    return narrowed_down


def describe(
    patents: Iterable[Patent], figure: CoverageFigure, institutions: list[int]
) -> list[RowState]:
    """Rows with their standing as of the snapshot, in four queries however many they are."""
    rows = list(patents)
    pks = [patent.pk for patent in rows]
    snapshot = figure.snapshot
    moments = (snapshot.valid_on, snapshot.known_at)
    stood = {
        fact.patent_id: fact for fact in DossierFact.objects.as_of(*moments).filter(patent__in=pks)
    }
    confirmed = {
        fact.patent_id: fact
        for fact in ConfirmationFact.objects.as_of(*moments).filter(
            campaign=snapshot.campaign_id, patent__in=pks, is_confirmed=True
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
        _row(
            patent,
            stood.get(patent.pk),
            confirmed.get(patent.pk),
            listed,
            holders,
            snapshot.valid_on,
        )
        for patent in rows
    ]


def _names(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for patent, name in pairs:
        found[patent].append(name)
    return found


def _row(
    patent: Patent,
    stood: DossierFact | None,
    confirmed: ConfirmationFact | None,
    listed: dict[int, list[str]],
    holders: dict[int, list[str]],
    valid_on: date,
) -> RowState:
    state = DossierState(stood.state) if stood else DossierState.UNFILED
    is_waiting = state == DossierState.COMPLETED and confirmed is None
    fact = confirmed or stood
    return RowState(
        patent=patent,
        institutions="、".join(listed[patent.pk]),
        holders="、".join(holders[patent.pk]),
        state=state,
        state_label=str(Measure.TO_CONFIRM.label if is_waiting else state.label),
        is_covered=confirmed is not None,
        is_transformed=confirmed is not None and confirmed.is_transformed,
        stars=fact.stars if fact else None,
        valid_on=valid_on,
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
