"""The four journeys of the main job, in Chinese, in a real browser at 1440 and at 375 pixels."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from inventory import numbers
from inventory.choices import DossierState
from inventory.models import BaseListEntry, Dossier, DossierStep, Patent
from portal.models import OutboxMessage
from reporting.services import coverage
from tests import factories
from tests.browser.conftest import Visitor
from tests.conftest import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
S = DossierState


def vendor_export(folder: Path, holder: str, count: int = 6) -> Path:
    """A vendor's export: good rows, one wrong check digit, one column nobody knows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(
        ["申请号", "标题", "申请人", "发明人", "申请日", "授权公告日", "专利类型", "内部评分"]
    )
    for index in range(count):
        number = numbers.make_number(2018, 1, 9_100_000 + index)
        shown = numbers.display(number)
        if index == count - 1:
            shown = shown[:-1] + ("1" if shown[-1] != "1" else "2")
        sheet.append(
            [
                shown,
                f"一种演示换热器{index}",
                holder,
                "演示甲;演示乙",
                "2018-03-06",
                "2020-05-08",
                "授权发明",
                8,
            ]
        )
    path = folder / "数据商导出.xlsx"
    book.save(path)
    return path


def test_manager_imports_and_confirms(visitor: Visitor, cast: Cast, tmp_path: Path) -> None:
    page = visitor.page
    visitor.sign_in(cast.manager)
    visitor.look("home-manager")
    visitor.go("/imports/new/")
    visitor.look("import-new")
    page.set_input_files("input[type=file]", vendor_export(tmp_path, cast.university.name))
    page.locator("main form .action-bar .btn-primary").click()

    confirmed = page.locator("input[name=confirmed]")
    expect(confirmed).to_be_visible(timeout=30_000)
    visitor.look("import-columns")
    confirmed.check()
    page.locator("main form .action-bar .btn-primary").click()
    confirm = page.locator("form[action$='/confirm/'] button.btn-primary")
    expect(confirm).to_be_visible(timeout=30_000)
    visitor.look("import-preview")
    assert Patent.objects.count() == 0
    confirm.click()

    expect(page.locator("main").get_by_text("导入完成").first).to_be_visible(timeout=30_000)
    visitor.look("import-applied")
    assert Patent.objects.count() == 5
    assert BaseListEntry.objects.filter(institution=cast.university).count() == 5
    visitor.go("/inventory/entries/")
    expect(page.get_by_text("一种演示换热器0")).to_be_visible()
    visitor.look("entries")


def test_inventor_fills_and_submits(visitor: Visitor, cast: Cast) -> None:
    patents = [
        factories.patent(
            cast.university, title=f"一种演示传感器{n}", inventors=[cast.inventor.user]
        )
        for n in range(2)
    ]
    for patent in patents:
        factories.entry(
            cast.participation, patent, unit=cast.school, responsible=cast.inventor.user
        )
    cast.participation.contact_name = "演示联系人"
    cast.participation.contact_phone = "010-00000000"
    cast.participation.save()
    page = visitor.page
    visitor.sign_in(cast.inventor)
    visitor.go("/inventory/mine/")
    visitor.look("my-patents")
    page.get_by_role("link", name=re.compile("演示传感器0|CN2017")).first.click()
    page.wait_for_url("**/edit/**")
    visitor.look("dossier-empty")

    page.get_by_label("否", exact=True).check()
    page.select_option("select[name='statuses-0-level1']", "not_implemented")
    page.select_option("select[name='intents-0-level1']", "license")
    page.select_option("select[name='intents-0-level2']", "common")
    page.select_option("select[name=price_band]", "negotiable")
    page.check("input[name=maturity][value=sample]")
    page.check("input[name=stars][value='3']")
    page.fill("textarea[name=advantages]", "体积小、精度高，可用于管道监测。")
    page.fill("textarea[name=prospects]", "适用于供热与给排水企业。")
    page.select_option("select[name=industry]", "C")
    expect(page.locator("[data-save-state], .save-state").first).to_contain_text("已保存")
    visitor.look("dossier-filled")
    page.get_by_role("button", name="提交审核并转下一件").click()

    page.wait_for_load_state()
    expect(page.get_by_text("演示传感器").first).to_be_visible()
    states = sorted(Dossier.objects.values_list("state", flat=True))
    assert states == [S.UNFILED, S.UNIT_REVIEW]
    assert DossierStep.objects.filter(act="submit").count() == 1


def test_secretary_returns_one_and_approves_the_rest(visitor: Visitor, cast: Cast) -> None:
    entries = _waiting(cast)
    page = visitor.page
    visitor.sign_in(cast.unit_manager)
    visitor.go("/inventory/review/")
    visitor.look("review-queue")
    page.get_by_role("link", name=entries[0].patent.number).click()
    expect(page.locator("#drawer-body h2").first).to_have_text(entries[0].patent.title)
    expect(page.locator(".htmx-request")).to_have_count(0)
    visitor.look("dossier-review")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).not_to_be_visible()
    page.locator(f"input[name=pick][value^='{entries[0].dossier_id}-']").check()
    page.get_by_role("button", name="退回").click()
    page.fill("textarea[name=reason]", "请补充性能指标。")
    visitor.look("review-return")
    page.get_by_role("button", name="退回").click()
    expect(page.get_by_text("已处理 1 件")).to_be_visible()
    for entry in entries[1:]:
        page.locator(f"input[name=pick][value^='{entry.dossier_id}-']").check()
    page.get_by_role("button", name="通过").click()
    page.get_by_role("button", name="通过").click()

    expect(page.get_by_text("已处理 2 件")).to_be_visible()
    visitor.look("review-empty")
    states = {entry.dossier_id: Dossier.objects.get(pk=entry.dossier_id).state for entry in entries}
    assert list(states.values()) == [S.DRAFT, S.INSTITUTION_REVIEW, S.INSTITUTION_REVIEW]


def test_reviewer_reads_and_ticks_by_keys(visitor: Visitor, cast: Cast) -> None:
    entries = _waiting(cast)
    page = visitor.page
    visitor.sign_in(cast.unit_manager)
    visitor.go("/inventory/review/")
    page.get_by_text("星级分布").click()
    expect(page.locator("#star-spread")).to_be_attached()
    page.get_by_text("星级分布").click()
    # the fold with the spread of stars is closed: the first row is the first of the list
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer-body h2, #drawer-body header").first).to_be_visible()
    # X ticks the patent that is read, and the keys go on from it
    page.keyboard.press("j")
    expect(page.locator("#drawer-body h2").first).to_have_text(entries[1].patent.title)
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name=entries[1].patent.number)).to_be_focused()
    tick = page.locator(f"input[name=pick][value^='{entries[1].dossier_id}-']")
    expect(tick).to_be_checked()
    page.keyboard.press("x")
    expect(tick).not_to_be_checked()


def _waiting(cast: Cast) -> list[BaseListEntry]:
    """Three dossiers before the unit's review, the last with a very long title."""
    return [
        factories.entry(
            cast.participation,
            factories.patent(
                cast.university, title=f"一种演示轴承{n}" + "长" * (900 if n == 2 else 0)
            ),
            state=S.UNIT_REVIEW,
            unit=cast.school,
            responsible=cast.inventor.user,
        )
        for n in range(3)
    ]


def test_official_opens_the_board_clicks_a_figure_and_exports(
    visitor: Visitor, cast: Cast, tmp_path: Path
) -> None:
    for n, state in enumerate([S.COMPLETED, S.COMPLETED, S.DRAFT, S.UNFILED]):
        patent = factories.patent(cast.university, title=f"一种演示阀门{n}")
        factories.entry(cast.participation, patent, state=state)
    coverage.take_snapshot(campaign=cast.campaign)
    page = visitor.page
    visitor.sign_in(cast.city)
    visitor.go("/reporting/coverage/")
    expect(page.get_by_text("50.0%").first).to_be_visible()
    visitor.look("board")
    page.locator("a[href*='measure=covered'], a[href*='measure=completed']").first.click()
    expect(page.get_by_text("一种演示阀门0")).to_be_visible()
    visitor.look("board-rows")
    page.locator("#list-export > summary").click()
    page.get_by_role("button", name=re.compile("xlsx")).click()
    link = page.get_by_role("link", name=re.compile("下载|打开结果|查看结果")).first
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as caught:
        link.click()

    target = tmp_path / "rows.xlsx"
    caught.value.save_as(target)
    sheet = openpyxl.load_workbook(target).active
    assert sheet is not None
    assert sheet.max_row == 3
    assert OutboxMessage.objects.count() == 0


def test_full_list_one_row_none_and_very_long(visitor: Visitor, cast: Cast) -> None:
    page = visitor.page
    visitor.sign_in(cast.manager)
    visitor.go("/inventory/entries/")
    visitor.look("entries-none")
    long = factories.patent(cast.university, title="一种" + "很长的名称" * 400)
    factories.entry(cast.participation, long)
    visitor.go("/inventory/entries/")
    visitor.look("entries-one-very-long")
    for n in range(60):
        patent = factories.patent(
            cast.university, title=f"一种演示泵{n}", granted_on=date(2020, 5, 8)
        )
        factories.entry(cast.participation, patent, unit=cast.school)
    visitor.go("/inventory/entries/")
    visitor.look("entries-full")
    page.get_by_role("link", name="下一页").click()
    expect(page.get_by_role("link", name="上一页")).to_be_visible()
