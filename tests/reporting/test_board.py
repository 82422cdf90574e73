"""The board, the rows behind a figure, their export, the command and the API."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from inventory.choices import CampaignScope, DossierState
from inventory.models import Campaign
from portal import clock
from portal.jobs import queue, runner
from portal.models import AuditEntry, Job, Membership, StoredFile
from reporting import tasks
from reporting.models import CoverageFigure, CoverageSnapshot
from reporting.queries import freshness
from reporting.services import coverage
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
BOARD = "/reporting/coverage/"


@pytest.fixture
def snapshot(cast: Cast) -> CoverageSnapshot:
    factories.entry(cast.participation, state=DossierState.COMPLETED)
    factories.entry(cast.participation, state=DossierState.DRAFT)
    factories.entry(cast.other_participation)
    return coverage.take_snapshot(campaign=cast.campaign)


def test_city_sees_all_institutions(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf
) -> None:
    page = client_of(cast.city).get(BOARD)

    assert [row.name for row in page.context["rows"]] == ["演示外部大学", "演示第一大学"]
    assert page.context["total"].counts.due == 3
    assert page.context["late_count"] == 2


def test_department_sees_its_own_total_and_institutions_only(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf
) -> None:
    page = client_of(cast.department).get(BOARD)

    assert [row.name for row in page.context["rows"]] == ["演示第一大学"]
    assert page.context["total"].name == "演示市教委"
    assert page.context["total"].counts.due == 2
    assert "演示外部大学" not in page.content.decode()
    assert "affiliations" not in page.context


def test_manager_sees_the_own_institution_by_unit(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf
) -> None:
    page = client_of(cast.manager).get(BOARD)

    assert [(row.total, row.states["completed"]) for row in page.context["units"]] == [(2, 1)]


@pytest.mark.parametrize("reader", ["unit_manager", "inventor", "enterprise", "system_admin"])
def test_others_are_refused(cast: Cast, client_of: ClientOf, reader: str) -> None:
    assert client_of(getattr(cast, reader)).get(BOARD).status_code == 403


def test_bureau_without_institutions_is_told_so(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf
) -> None:
    page = client_of(cast.other_department).get(BOARD)

    assert "total" not in page.context


def test_without_figures_the_page_offers_to_count(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.city)
    page = client.get(BOARD)
    asked = client.post("/reporting/coverage/refresh/", {"campaign": cast.campaign.pk})
    again = client.post("/reporting/coverage/refresh/", {"campaign": cast.campaign.pk})

    assert page.context["snapshot"] is None
    assert asked.url == again.url == f"/jobs/{Job.objects.get().pk}/"


def test_the_page_without_figures_renews_itself_once_they_are_counted(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.city)
    page = client.get(BOARD).content.decode()
    assert f'hx-get="{BOARD}?campaign={cast.campaign.pk}"' in page

    def ask() -> Any:
        return client.get(BOARD, {"campaign": cast.campaign.pk}, headers={"HX-Target": "uncounted"})

    assert (ask().status_code, "HX-Refresh" in ask()) == (204, False)
    coverage.take_snapshot(campaign=cast.campaign)
    assert (ask().status_code, ask()["HX-Refresh"]) == (204, "true")


def test_scope_decides_which_rate_leads(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.city)
    before = [figure["value"] for figure in client.get(BOARD).context["headline"]]
    Campaign.objects.filter(pk=cast.campaign.pk).update(scope=CampaignScope.UNTRANSFORMED)
    coverage.take_snapshot(campaign=Campaign.objects.get(pk=cast.campaign.pk))
    page = client.get(BOARD)

    assert before[1] == "33.3%"
    assert page.context["is_untransformed_headline"] is True


@pytest.mark.parametrize("order", ["name", "-name", "rate", "-rate", "due", "excluded", "nonsense"])
def test_every_order_is_answered(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf, order: str
) -> None:
    page = client_of(cast.city).get(BOARD, {"order": order})

    assert page.status_code == 200
    assert len(page.context["rows"]) == 2


@pytest.mark.parametrize("by", ["institution", "affiliation", "bureau", "district", "city", "x"])
def test_every_tab_is_answered(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf, by: str
) -> None:
    assert client_of(cast.city).get(BOARD, {"by": by}).status_code == 200


@pytest.mark.parametrize("day", ["2023-01-01", "2999-01-01", "never", "2024-06-31"])
def test_impossible_days_are_explained(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf, day: str
) -> None:
    page = client_of(cast.city).get(BOARD, {"day": day, "campaign": cast.campaign.pk})

    assert page.status_code == 200
    assert page.context["form"].errors["day"]


def test_query_count_does_not_grow_with_institutions(
    cast: Cast, client_of: ClientOf, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(12):
        more = factories.participation(factories.organisation(), cast.campaign)
        factories.entry(more)
    coverage.take_snapshot(campaign=cast.campaign)
    client = client_of(cast.city)
    with django_assert_max_num_queries(12):
        page = client.get(BOARD)
    assert len(page.context["rows"]) == 14


def figure_query(figure: CoverageFigure, measure: str) -> str:
    return (
        f"snapshot={figure.snapshot_id}&dimension={figure.dimension}"
        f"&key={figure.key}&measure={measure}"
    )


def test_figure_opens_to_its_rows(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.city)
    url = client.get(BOARD).context["total"].urls["open"]
    page = client.get(url)

    assert page.context["page"].total == len(page.context["rows"]) == 2
    assert {row.state for row in page.context["rows"]} == {"draft", "unfiled"}


@pytest.mark.parametrize(
    "change",
    ["snapshot=0", "snapshot=", "snapshot=99999999999999999999", "key=0", "measure=price"],
)
def test_forged_addresses_are_not_found(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf, change: str
) -> None:
    city = snapshot.figures.get(dimension="city")
    name = change.split("=")[0]
    kept = [part for part in figure_query(city, "due").split("&") if part.split("=")[0] != name]
    address = f"/reporting/coverage/rows/?{'&'.join([*kept, change])}"

    assert client_of(cast.city).get(address).status_code == 404


def ask_for(client: Client, figure: CoverageFigure) -> None:
    asked = {"list": "reporting.rows", "query": figure_query(figure, "due"), "format": "xlsx"}
    client.post("/lists/export/", asked)


def test_export_writes_exactly_the_rows(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf
) -> None:
    own = snapshot.figures.get(dimension="institution", key=str(cast.university.pk))
    client = client_of(cast.manager)
    ask_for(client, own)
    assert runner.run_due("test") == 1

    job = Job.objects.get()
    kept = StoredFile.objects.get(pk=job.result["file"])
    content = io.BytesIO(b"".join(client.get(f"/files/{kept.pk}/").streaming_content))
    head, *lines = openpyxl.load_workbook(content).active.values
    found = [dict(zip(head, line, strict=True)) for line in lines]
    trail = AuditEntry.objects.get(action="export", changes__has_key="rows")
    assert (job.state, {row["所在底账"] for row in found}) == ("done", {"演示第一大学"})
    assert sorted((row["已盘点"], row["已转化"]) for row in found) == [("否", "否"), ("是", "否")]
    assert {row["数据日期"].date() for row in found} == {snapshot.valid_on}
    assert kept.name.startswith(f"{cast.campaign.name}-演示第一大学-")
    assert kept.expires_at - clock.now() < timedelta(hours=24)
    assert trail.changes["rows"] == [None, 2]


def test_command_and_board_agree(snapshot: CoverageSnapshot, cast: Cast) -> None:
    out = io.StringIO()
    call_command("coverage", "--json", stdout=out)
    report = json.loads(out.getvalue())

    assert report["campaign_id"] == cast.campaign.pk
    found = {(each["dimension"], each["key"]): each for each in report["figures"]}
    assert len(found) == snapshot.figures.count()
    for figure in snapshot.figures.all():
        said = found[figure.dimension, figure.key]
        assert (said["due"], said["covered"], said["open"]) == (
            figure.due,
            figure.covered,
            figure.counts.open,
        )


def test_command_answers_for_a_past_day(snapshot: CoverageSnapshot) -> None:
    out = io.StringIO()
    call_command("coverage", "--json", "--as-of", "2024-02-01", stdout=out)
    city = next(
        each for each in json.loads(out.getvalue())["figures"] if each["dimension"] == "city"
    )

    assert (city["due"], city["rate"]) == (0, None)


def test_api_gives_the_figures_of_the_reader(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf
) -> None:
    city = client_of(cast.city).get("/api/coverage/").json()
    department = client_of(cast.department).get("/api/coverage/").json()

    assert len(city["figures"]) == snapshot.figures.count()
    assert {(each["dimension"], each["due"]) for each in department["figures"]} == {
        ("bureau", 2),
        ("institution", 2),
    }
    assert client_of(cast.enterprise).get("/api/coverage/").status_code == 403


def test_job_counts_the_present_and_fills_the_trend(snapshot: CoverageSnapshot, cast: Cast) -> None:
    job = tasks.ask_for_count(campaign=cast.campaign, actor=cast.city)
    assert runner.run_due("test") == 1

    job.refresh_from_db()
    days = freshness.trend_days(cast.campaign, clock.today())
    closings = CoverageSnapshot.objects.closings().values_list("valid_on", flat=True)
    assert (job.state, sorted(closings)) == ("done", days)
    assert job.result["url"] == f"/reporting/coverage/?campaign={cast.campaign.pk}"
    assert freshness.missing_days(cast.campaign, clock.today()) == []


def test_schedule_asks_only_when_something_changed(snapshot: CoverageSnapshot, cast: Cast) -> None:
    for day in freshness.missing_days(cast.campaign, clock.today()):
        coverage.take_snapshot(campaign=cast.campaign, valid_on=day)
    later = clock.now() + timedelta(minutes=2)
    with clock.frozen(later):
        tasks.look_for_changes()
        assert Job.objects.count() == 0
        factories.entry(cast.participation)
    with clock.frozen(later + timedelta(seconds=30)):
        tasks.look_for_changes()
        tasks.look_for_changes()
    assert Job.objects.get().kind == tasks.KIND


def test_a_changed_charge_makes_figures_stale(snapshot: CoverageSnapshot, cast: Cast) -> None:
    assert freshness.is_stale(cast.campaign, snapshot) is False

    factories.supervision(cast.other, cast.health)

    assert freshness.is_stale(cast.campaign, snapshot) is True


def test_snapshots_in_between_go_after_days(snapshot: CoverageSnapshot, cast: Cast) -> None:
    last = coverage.take_snapshot(campaign=cast.campaign)
    with clock.frozen(clock.now() + timedelta(days=4)):
        assert coverage.remove_passed_snapshots() == 1

    assert CoverageSnapshot.objects.get() == last


def test_worker_whose_rights_ended_exports_nothing(
    snapshot: CoverageSnapshot, cast: Cast, client_of: ClientOf
) -> None:
    own = snapshot.figures.get(dimension="institution", key=str(cast.university.pk))
    ask_for(client_of(cast.department), own)
    cast.university.supervisions.update(is_active=False)
    runner.run_due("test")

    assert Job.objects.get().state == "failed"
    assert "看板" in Job.objects.get().error
    assert not StoredFile.objects.exists()
    assert queue.claim("other") is None
