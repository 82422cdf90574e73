"""A whole campaign year of a small city, lived through in Chinese by clicks: opened, filled, left, approved, uploaded.

One journey at the width of a desk, its acts in order; the shorter one beside it is what people do on a phone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from inventory.models import Urge
from portal import clock
from portal.choices import Role
from portal.models import Membership
from tests import factories
from tests.browser import year_closing, year_next, year_opening
from tests.browser.year import (
    ANODE,
    COATING,
    S,
    Year,
)
from tests.browser.year_city import City, House, build_city, moved_clock
from tests.browser.year_steps import (
    approve_all,
    fill_dossier,
    follow,
    press,
    said,
    saved,
    submit,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def year(
    db: None,
    chromium: Browser,
    live_server: object,
    worker: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Year]:
    house = House(chromium, str(live_server), getattr(request, "param", 1440))
    with moved_clock(monkeypatch) as moved:
        yield Year(build_city(), house, moved, tmp_path)
        house.close()


def test_a_campaign_year(year: Year) -> None:
    year_opening.the_city_opens_the_campaign(year)
    year_opening.the_university_plans_and_imports(year)
    year_opening.the_manager_finds_whose_patents_they_are(year)
    year_opening.inventors_fill_and_submit(year)
    year_opening.three_people_leave(year)
    year_closing.the_secretary_returns_one_and_the_rest_is_approved(year)
    year_closing.the_school_confirms_on_paper(year)
    year_closing.the_batch_goes_to_the_national_platform(year)
    year_closing.the_platform_returns_two(year)
    year_closing.a_revision_counts_once_it_is_approved(year)
    year_next.the_city_urges_who_is_late(year)
    year_next.the_next_year_begins_with_the_answers_of_this_one(year)


@pytest.mark.parametrize("year", [375], indirect=True)
def test_on_a_phone(year: Year) -> None:
    """What inventor, secretary and official do between two meetings."""
    inventor = _a_small_campaign(year.city)
    visitor = year.house(inventor)
    visitor.go("/inventory/mine/")
    visitor.look("year-phone-my-patents")
    follow(visitor.page, "填写下一件")
    texts = ("结合强度提高一倍。", "适用于航空发动机热端部件。")
    fill_dossier(visitor.page, stars=4, maturity="small_batch", texts=texts)
    visitor.look("year-phone-dossier")
    submit(visitor.page, and_next=True)
    secretary = year.house(year.city.secretary)
    secretary.go("/")
    secretary.look("year-phone-home")
    secretary.go(year.address(COATING))
    secretary.page.fill("textarea[name=reason]", "请补充检测数据。")
    press(secretary.page, "退回修改")
    said(secretary.page, f"“{COATING}”已退回。")
    visitor.go("/")
    follow(visitor.page, "退回待修改")
    follow(visitor.page, "填写")
    visitor.page.fill("textarea[name=advantages]", "结合强度达到80 MPa。")
    saved(visitor.page)
    submit(visitor.page)
    approve_all(secretary, 1, "year-phone-approve")
    _urge_on_the_phone(year)

    assert year.states() == {S.INSTITUTION_REVIEW: 1, S.UNFILED: 1}
    assert Urge.objects.get().sender == year.city.official


def _urge_on_the_phone(year: Year) -> None:
    official = year.house(year.city.official)
    official.go("/inventory/urges/late/")
    expect(official.page.locator("main")).to_contain_text("填报过八成 逾期 3 天")
    official.look("year-phone-late")
    press(official.page, "督办", within="main tbody")
    said(official.page, "已发出 1 条督办。")


def _a_small_campaign(city: City) -> Membership:
    """Two patents of one inventor in an open campaign, late against its first milestone."""
    campaign = factories.campaign(
        name="高校存量专利盘点",
        opens_on=clock.today() - timedelta(days=60),
        due_on=clock.today() + timedelta(days=20),
    )
    part = factories.participation(
        city.university, campaign, contact_name="校技术转移中心", contact_phone="010-00000000"
    )
    factories.milestone(campaign, name="填报过八成", due_on=clock.today() - timedelta(days=3))
    inventor = factories.membership(
        Role.INVENTOR, city.university, unit=city.materials, user=factories.user(name="苏明远")
    )
    for title in (COATING, ANODE):
        patent = factories.patent(city.university, title=title, inventors=[inventor.user])
        factories.entry(part, patent, unit=city.materials, responsible=inventor.user)
    return inventor
