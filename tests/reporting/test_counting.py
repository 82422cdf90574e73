"""Coverage counted by hand, and every figure against its rows, for every reader."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from inventory.choices import DossierState, PoolState
from inventory.models import BaseListEntry, Dossier, PoolEntry, PoolRule
from inventory.services.facts import DOSSIER, ENTRY, POOL, UPLOAD, record_facts
from portal import clock
from portal.models import Membership
from reporting.choices import Dimension, Measure
from reporting.models import CoverageFigure, CoverageSnapshot
from reporting.queries import rows
from reporting.services import coverage
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

READERS = ("city", "department", "other_department", "district_official", "manager", "auditor")


@pytest.fixture
def world(cast: Cast) -> CoverageSnapshot:
    """Two institutions with a shared patent; every state, an exclusion, a revision, a pool entry."""
    states = DossierState
    mine, other = cast.participation, cast.other_participation
    factories.entry(mine)
    factories.entry(mine, state=states.DRAFT)
    factories.entry(mine, state=states.UNIT_REVIEW)
    factories.entry(mine, state=states.INSTITUTION_REVIEW)
    done = factories.entry(mine, state=states.COMPLETED)
    factories.entry(mine, state=states.COMPLETED, stars=2, is_transformed=True)
    revised = factories.entry(mine, state=states.COMPLETED)
    Dossier.objects.filter(pk=revised.dossier_id).update(state=states.DRAFT)
    record_facts(DOSSIER, [revised.dossier_id])
    gone = factories.entry(mine, state=states.COMPLETED)
    BaseListEntry.objects.filter(pk=gone.pk).update(is_included=False)
    record_facts(ENTRY, [gone.pk])
    shared = factories.patent(cast.university, cast.other)
    factories.entry(mine, shared, state=states.COMPLETED, stars=5)
    factories.entry(other, shared)
    left = factories.patent(cast.university, cast.other)
    kept = factories.entry(mine, left)
    BaseListEntry.objects.filter(pk=kept.pk).update(is_included=False)
    record_facts(ENTRY, [kept.pk])
    factories.entry(other, left)
    factories.entry(other)
    pooled(done, cast.manager)
    return coverage.take_snapshot(campaign=cast.campaign)


def pooled(entry: BaseListEntry, actor: Membership) -> None:
    made = PoolEntry.objects.create(
        patent=entry.patent,
        dossier=entry.dossier,
        institution=entry.institution,
        rule=PoolRule.objects.create(number=1, created_by=actor),
        state=PoolState.NOMINATED,
        stars=3,
        is_key_industry=False,
        months_left=60,
        nominated_by=actor,
        nominated_at=clock.now(),
    )
    record_facts(POOL, [made.pk])


def figure(snapshot: CoverageSnapshot, dimension: str, key: str) -> CoverageFigure:
    return snapshot.figures.get(dimension=dimension, key=key)


def test_institution_counted_by_hand(world: CoverageSnapshot, cast: Cast) -> None:
    counts = figure(world, Dimension.INSTITUTION, str(cast.university.pk)).counts

    assert (counts.due, counts.covered, counts.excluded) == (8, 4, 2)
    assert (counts.unfiled, counts.draft) == (1, 1)
    assert (counts.unit_review, counts.institution_review, counts.revising) == (1, 1, 1)
    assert (counts.transformed, counts.three_stars_up, counts.in_pool) == (1, 3, 1)
    assert f"{counts.rate:.4f} {counts.untransformed_rate:.4f}" == "0.5000 0.4286"


def test_city_counts_a_shared_patent_once(world: CoverageSnapshot, cast: Cast) -> None:
    city = figure(world, Dimension.CITY, "all").counts
    own = figure(world, Dimension.INSTITUTION, str(cast.university.pk)).counts
    other = figure(world, Dimension.INSTITUTION, str(cast.other.pk)).counts

    assert (own.due, other.due, city.due) == (8, 3, 10)
    assert (own.covered, other.covered, city.covered) == (4, 1, 4)
    # excluded at one holder, counted at the other: not excluded in the city
    assert (own.excluded, other.excluded, city.excluded) == (2, 0, 1)


def test_states_and_complete_add_up_to_what_is_due(world: CoverageSnapshot) -> None:
    for each in world.figures.all():
        counts = each.counts
        open_states = counts.unfiled + counts.draft + counts.waiting
        assert open_states + counts.covered == counts.due


def test_groups_are_affiliation_bureau_and_district(world: CoverageSnapshot, cast: Cast) -> None:
    due = {(each.dimension, each.key): each.due for each in world.figures.all()}

    assert due == {
        ("city", "all"): 10,
        ("affiliation", "municipal"): 8,
        ("affiliation", "central"): 3,
        ("bureau", str(cast.education.pk)): 8,
        ("district", "haidian"): 8,
        ("district", "chaoyang"): 3,
        ("institution", str(cast.university.pk)): 8,
        ("institution", str(cast.other.pk)): 3,
    }


def visible_figures(
    world: CoverageSnapshot, membership: Membership
) -> Iterator[tuple[CoverageFigure, str]]:
    for each in CoverageFigure.objects.visible_to(membership).filter(snapshot=world):
        for measure in Measure.values:
            yield each, measure


@pytest.mark.parametrize("reader", READERS)
def test_every_figure_opens_to_exactly_its_rows(
    world: CoverageSnapshot, cast: Cast, reader: str
) -> None:
    membership = getattr(cast, reader)
    for each, measure in visible_figures(world, membership):
        institutions = rows.institutions_for(each, membership)
        found = list(rows.rows_of(each, measure, institutions).values_list("pk", flat=True))
        assert len(found) == len(set(found))
        assert len(found) == getattr(each.counts, measure), (each.dimension, each.key, measure)


@pytest.mark.parametrize(
    ("reader", "dimensions"),
    [
        ("city", {"city", "affiliation", "bureau", "district", "institution"}),
        ("department", {"bureau", "institution"}),
        ("other_department", set()),
        ("district_official", {"district", "institution"}),
        ("manager", {"institution"}),
        ("enterprise", set()),
    ],
)
def test_readers_see_the_figures_of_their_charge(
    world: CoverageSnapshot, cast: Cast, reader: str, dimensions: set[str]
) -> None:
    seen = CoverageFigure.objects.visible_to(getattr(cast, reader))

    assert {each.dimension for each in seen} == dimensions
    if reader != "city":
        assert str(cast.other.pk) not in {each.key for each in seen}


def test_a_figure_keeps_its_rows_after_a_change(world: CoverageSnapshot, cast: Cast) -> None:
    draft = Dossier.objects.filter(state=DossierState.DRAFT).order_by("pk").first()
    assert draft is not None
    Dossier.objects.filter(pk=draft.pk).update(state=DossierState.UNIT_REVIEW)
    record_facts(DOSSIER, [draft.pk])
    own = figure(world, Dimension.INSTITUTION, str(cast.university.pk))

    found = rows.rows_of(own, Measure.DRAFT, own.institutions)
    later = coverage.take_snapshot(campaign=cast.campaign)

    assert (found.count(), own.draft) == (1, 1)
    assert figure(later, Dimension.INSTITUTION, own.key).unit_review == 2


def test_a_past_day_is_as_it_was(world: CoverageSnapshot, cast: Cast) -> None:
    yesterday = clock.today() - timedelta(days=1)
    past = coverage.take_snapshot(campaign=cast.campaign, valid_on=yesterday)
    again = coverage.take_snapshot(campaign=cast.campaign, valid_on=yesterday)

    city = figure(past, Dimension.CITY, "all").counts
    assert past.is_closing
    assert past == again
    # dossiers moved today only: yesterday everything listed was still unfiled
    assert (city.due, city.unfiled, city.covered) == (12 - 1, 11, 0)
    assert figure(past, Dimension.CITY, "all").counts.rate == 0


def test_before_the_lists_were_pushed_there_is_nothing(cast: Cast) -> None:
    factories.entry(cast.participation, listed_on=date(2024, 3, 5))
    before = coverage.take_snapshot(campaign=cast.campaign, valid_on=date(2024, 3, 4))

    counts = figure(before, Dimension.CITY, "all").counts
    assert (counts.due, counts.rate, counts.untransformed_rate) == (0, None, None)


def test_an_outsider_gets_404_for_others_figures(
    world: CoverageSnapshot, cast: Cast, client_of: object
) -> None:
    client: Client = client_of(cast.manager)  # type: ignore[operator]
    theirs = figure(world, Dimension.INSTITUTION, str(cast.other.pk))
    query = {"snapshot": world.pk, "dimension": theirs.dimension, "key": theirs.key}

    assert client.get("/reporting/coverage/rows/", {**query, "measure": "due"}).status_code == 404


def test_uploads_and_admissions_as_of_a_day(cast: Cast) -> None:
    """已上传率 beside 盘点率: on the platform or changed since, never what was returned; each opens to its rows."""
    entries = [factories.entry(cast.participation, state=DossierState.COMPLETED) for _ in range(4)]
    standings = ("sent", "changed", "returned")
    for entry, standing in zip(entries, standings, strict=False):
        Dossier.objects.filter(pk=entry.dossier_id).update(upload_standing=standing)
        record_facts(UPLOAD, [entry.dossier_id])
    pooled(entries[0], cast.manager)
    waiting = coverage.take_snapshot(campaign=cast.campaign)
    PoolEntry.objects.update(state=PoolState.ADMITTED)
    record_facts(POOL, PoolEntry.objects.values_list("pk", flat=True))
    snapshot = coverage.take_snapshot(campaign=cast.campaign)

    found = figure(snapshot, "institution", str(cast.university.pk))

    counts = found.counts
    assert (counts.due, counts.uploaded, counts.uploaded_rate) == (4, 2, Decimal("0.5"))
    assert (counts.upload_changed, counts.upload_returned) == (1, 1)
    assert (counts.in_pool, counts.admitted) == (1, 1)
    assert figure(waiting, "institution", str(cast.university.pk)).admitted == 0
    for measure, expected in (
        ("uploaded", entries[:2]),
        ("upload_changed", entries[1:2]),
        ("upload_returned", entries[2:3]),
        ("admitted", entries[:1]),
    ):
        listed = rows.rows_of(found, measure, found.institutions)
        assert set(listed) == {entry.patent for entry in expected}, measure
    found.uploaded = None
    assert found.counts.uploaded_rate is None
