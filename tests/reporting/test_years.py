"""Figures of two years: this year's begin at nought, last year's stay, a past day is the same asked again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from inventory.choices import CampaignKind, CampaignState, DossierState
from inventory.models import BaseListEntry, Campaign, Dossier
from inventory.services import base_lists, reviews, revisions, rolling
from portal import clock
from reporting.choices import Dimension, Measure
from reporting.indicators import Counts
from reporting.queries import board, rows
from reporting.services import coverage
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def counted(campaign: Campaign) -> Counts:
    return city(campaign).counts


def city(campaign: Campaign):  # type: ignore[no-untyped-def]
    snapshot = coverage.take_snapshot(campaign=campaign)
    return snapshot.figures.get(dimension=Dimension.CITY)


def following(cast: Cast, *entries: BaseListEntry) -> Campaign:
    campaign = factories.campaign(
        follows=cast.campaign, opens_on=date(2025, 1, 1), due_on=date(2025, 12, 31)
    )
    factories.participation(cast.university, campaign)
    base_lists.list_patents(
        actor=cast.city,
        campaign=campaign,
        institution=cast.university,
        patent_ids=[entry.patent_id for entry in entries],
    )
    return campaign


@pytest.fixture
def approved(cast: Cast) -> list[BaseListEntry]:
    found = [
        factories.entry(cast.participation, state=DossierState.INSTITUTION_REVIEW, stars=stars)
        for stars in (3, 5, 2)
    ]
    reviews.approve_dossiers(versions={e.dossier_id: 1 for e in found}, actor=cast.manager)
    return found


def seen(*entries: BaseListEntry) -> dict[int, int]:
    return dict(
        Dossier.objects.filter(pk__in=[entry.dossier_id for entry in entries]).values_list(
            "pk", "version"
        )
    )


def test_a_new_year_begins_at_nought_and_the_last_stays(
    cast: Cast, approved: list[BaseListEntry]
) -> None:
    before = counted(cast.campaign)
    campaign = following(cast, *approved)

    begun, last = counted(campaign), counted(cast.campaign)
    revisions.confirm_unchanged(versions=seen(approved[0], approved[1]), actor=cast.manager)
    later = counted(campaign)

    assert (before.due, before.covered, before.three_stars_up) == (3, 3, 2)
    assert last == before
    assert (begun.due, begun.covered, begun.to_confirm, begun.unfiled) == (3, 0, 3, 0)
    assert (later.covered, later.to_confirm, later.three_stars_up) == (2, 1, 2)
    assert f"{later.rate:.4f}" == "0.6667"
    assert counted(cast.campaign) == before


def test_what_happens_this_year_leaves_a_closed_year_alone(
    cast: Cast, approved: list[BaseListEntry]
) -> None:
    campaign = following(cast, *approved)
    Campaign.objects.filter(pk=cast.campaign.pk).update(state=CampaignState.CLOSED)
    reviews.return_dossiers(
        versions=seen(approved[0]), to_state=DossierState.DRAFT, reason="改", actor=cast.manager
    )
    Dossier.objects.filter(pk=approved[0].dossier_id).update(stars=1)

    last, this = counted(cast.campaign), counted(campaign)

    assert (last.covered, last.three_stars_up) == (3, 2)
    assert (this.covered, this.draft, this.to_confirm) == (0, 1, 2)


@pytest.mark.parametrize("measure", Measure.values)
def test_every_figure_of_both_years_opens_to_its_rows(
    cast: Cast, approved: list[BaseListEntry], measure: str
) -> None:
    campaign = following(cast, *approved)
    revisions.confirm_unchanged(versions=seen(approved[0]), actor=cast.manager)
    reviews.revise_dossiers(versions=seen(approved[1]), reason="改", actor=cast.manager)

    for each in (cast.campaign, campaign):
        figure = city(each)
        found = rows.rows_of(figure, measure, figure.institutions)
        assert found.count() == getattr(figure.counts, measure)


def test_rows_say_what_waits_for_confirmation(cast: Cast, approved: list[BaseListEntry]) -> None:
    campaign = following(cast, approved[0])
    figure = city(campaign)

    (row,) = rows.describe(
        rows.rows_of(figure, Measure.DUE, figure.institutions), figure, figure.institutions
    )

    assert (row.is_covered, row.state_label) == (False, str(Measure.TO_CONFIRM.label))


def test_the_past_day_is_the_same_before_and_after_confirming(
    cast: Cast, approved: list[BaseListEntry]
) -> None:
    campaign = following(cast, *approved)
    today = clock.today()
    with clock.frozen(clock.now() + timedelta(days=2)):
        past = coverage.take_snapshot(campaign=campaign, valid_on=today)
        revisions.confirm_unchanged(versions=seen(*approved), actor=cast.manager)
        again = coverage.take_snapshot(campaign=campaign, valid_on=today + timedelta(days=1))
        now = counted(campaign)

    figure = past.figures.get(dimension=Dimension.CITY)
    assert (figure.covered, figure.to_confirm) == (0, 3)
    assert again.figures.get(dimension=Dimension.CITY).covered == 0
    assert now.covered == 3


def test_units_show_what_is_to_be_confirmed(cast: Cast, approved: list[BaseListEntry]) -> None:
    campaign = following(cast, *approved)
    revisions.confirm_unchanged(versions=seen(approved[0]), actor=cast.manager)

    (unit,) = board.units_now(campaign, cast.university)

    assert (unit.total, unit.states["completed"], unit.states["to_confirm"]) == (3, 1, 2)


def test_a_grant_of_yesterday_is_due_but_not_in_the_ratio_of_2023(
    cast: Cast, approved: list[BaseListEntry]
) -> None:
    campaign = factories.campaign(
        kind=CampaignKind.ROLLING,
        follows=cast.campaign,
        granted_after=cast.campaign.cutoff_on,
        cutoff_on=clock.today() + timedelta(days=365),
        days_to_file=30,
        due_on=clock.today() + timedelta(days=395),
    )
    factories.participation(cast.university, campaign)
    yesterday = clock.today() - timedelta(days=1)
    factories.patent(cast.university, granted_on=yesterday)
    factories.patent(cast.university, granted_on=clock.today() - timedelta(days=31))
    rolling.take_later_grants(campaign=campaign, actor=None)

    fixed, later = counted(cast.campaign), counted(campaign)

    assert (fixed.due, fixed.covered) == (3, 3)
    assert (later.due, later.covered, later.open) == (2, 0, 2)
    soon = BaseListEntry.objects.filter(campaign=campaign, patent__granted_on=yesterday).get()
    assert soon.due_on == yesterday + timedelta(days=30)
    # one of the two is past its own day, so the institution is late although the campaign runs on
    snapshot = coverage.take_snapshot(campaign=campaign)
    assert [row.is_late for row in board.rows_by(snapshot, cast.city, "institution")] == [True]
