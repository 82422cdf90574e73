"""Acts 10 and 11 of the campaign year: urged and answered, carried into the next."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from inventory.choices import CampaignState
from inventory.models import (
    BaseListEntry,
    Campaign,
    Urge,
)
from portal import clock
from portal.choices import AuditAction
from tests.browser.year import (
    HANDED_IN,
    NAIL,
    Year,
    trail,
)
from tests.browser.year_opening import fill_campaign
from tests.browser.year_steps import (
    SLOW,
    approve_all,
    carry_out,
    counted,
    follow,
    press,
    said,
)

# --- act 10 -----------------------------------------------------------------------------------------


def the_city_urges_who_is_late(year: Year) -> None:
    """Eighty days on: the board, who is late against which milestone, one click; read and answered."""
    year.clock.to(clock.today() + timedelta(days=80))
    year.house.close()
    official = year.house(year.city.official)
    page = official.page
    counted(official, "/reporting/coverage/", "53.3%")
    official.look("year-10-board")
    official.go(f"/inventory/campaigns/{year.campaign.pk}/")
    expect(page.locator("tr.is-late")).to_contain_text("逾期 5 天")
    official.look("year-10-campaign")
    follow(page, "进度落后名单")
    expect(page.locator("main")).to_contain_text("填报过八成 逾期 5 天")
    official.look("year-10-late")
    press(page, "督办", within="main tbody")
    said(page, "已发出 1 条督办。")
    _the_university_answers(year)


def _the_university_answers(year: Year) -> None:
    """Read on the start page, answered with a day; both sides see it."""
    manager = year.house(year.city.manager)
    manager.go("/")
    expect(manager.page.locator(".urge-banner")).to_contain_text("云岭市知识产权局")
    manager.look("year-10-home-urged")
    follow(manager.page, "回复")
    manager.page.fill("textarea[name=answer]", "机械工程学院人员变动，两周内完成。")
    promised = clock.today() + timedelta(days=14)
    manager.page.fill("input[name=promised_on]", promised.isoformat())
    press(manager.page, "回复")
    said(manager.page, "已回复。")
    official = year.house(year.city.official)
    official.go("/inventory/urges/")
    expect(official.page.locator("main")).to_contain_text(promised.isoformat())
    official.look("year-10-urges")

    urge = Urge.objects.get()
    assert urge.institution == year.city.university
    assert (urge.open_count, urge.total_count) == (7, 15)
    assert urge.read_by == year.city.manager
    assert urge.promised_on == promised
    assert AuditAction.CREATE in trail(urge)


# --- act 11 -----------------------------------------------------------------------------------------


def the_next_year_begins_with_the_answers_of_this_one(year: Year) -> None:
    """Opened with last year's institutions, list and answers; confirmed unchanged in bulk; the new board moves."""
    last = year.campaign
    year.clock.to(clock.today() + timedelta(days=290))
    year.house.close()
    official = year.house(year.city.official)
    page = official.page
    official.go("/inventory/campaigns/new/")
    fill_campaign(year, f"{clock.today().year}年度高校存量专利盘点（新一轮）")
    page.select_option("select[name=follows]", label=last.name)
    press(page, "保存")
    follow(page, "启动批次")
    expect(page.locator("main")).to_contain_text("条由上一批次沿用列入，含已审核通过的内容")
    official.look("year-11-open")
    press(page, "启动批次")
    expect(page.locator("main")).to_contain_text("已完成", timeout=SLOW)
    assert year.campaign.follows == last
    assert not BaseListEntry.objects.filter(
        campaign=year.campaign, confirmed_on__isnull=False
    ).exists()
    _confirm_unchanged(year)
    _the_old_year_ends(year, last)

    last.refresh_from_db()
    assert last.state == CampaignState.CLOSED
    confirmed = BaseListEntry.objects.filter(confirmed_on__isnull=False)
    assert confirmed.filter(campaign=year.campaign).count() == HANDED_IN
    assert confirmed.filter(campaign=last).count() == HANDED_IN


def _the_old_year_ends(year: Year, last: Campaign) -> None:
    """The board of the new campaign has moved; the one before is closed and keeps its figures."""
    official = year.house(year.city.official)
    page = official.page
    board = f"/reporting/coverage/?campaign={year.campaign.pk}"
    counted(official, board, "53.3%")
    official.look("year-11-board")
    official.go(f"/inventory/campaigns/{last.pk}/")
    page.get_by_role("button", name="结束批次").click()
    page.get_by_role("dialog").get_by_role("button", name="确认").click()
    said(page, "批次已结束，各项数据不再变动。")


def _confirm_unchanged(year: Year) -> None:
    """One by the inventor, through both reviews; the rest by the manager at once."""
    inventor = year.house(year.city.person("苏明远"))
    inventor.go(year.address(NAIL))
    expect(inventor.page.locator("#to-confirm")).to_be_visible()
    inventor.look("year-11-to-confirm")
    press(inventor.page, "确认无变化")
    approve_all(year.house(year.city.secretary), 1)
    manager = year.house(year.city.manager)
    approve_all(manager, 1)
    page = manager.page
    manager.go("/")
    page.locator("main").get_by_role("link", name="待确认").first.click()
    page.locator("input[data-pick-all]").check()
    page.locator("input[name=all_matching]").check()
    press(page, "确认无变化")
    expect(page.locator("#consequences li", has_text="件将确认无变化")).to_contain_text("7")
    carry_out(manager, "year-11-confirm-many", "确认无变化")
