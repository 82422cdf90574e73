"""Acts 6 to 9 of the campaign year: reviewed, confirmed on paper, uploaded, revised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import expect

from inventory.choices import UploadStanding, UploadState
from inventory.models import (
    BaseListEntry,
    Dossier,
    DossierStep,
    UnitConfirmation,
    UploadBatch,
)
from portal.choices import AuditAction
from tests.browser import year_city as files
from tests.browser.year import (
    ANODE,
    CELL,
    COATING,
    FILM,
    HANDED_IN,
    PLATE,
    S,
    Year,
    trail,
)
from tests.browser.year_steps import (
    SLOW,
    approve_all,
    figure,
    follow,
    import_file,
    press,
    revise,
    said,
    saved,
    submit,
)

# --- act 6 ------------------------------------------------------------------------------------------


def the_secretary_returns_one_and_the_rest_is_approved(year: Year) -> None:
    """Findings first; a comment on a field goes back with the dossier, is answered and settled; two reviews."""
    visitor = year.house(year.city.secretary)
    page = visitor.page
    visitor.go("/inventory/review/")
    expect(figure(page, "文字与其他档案相同")).to_contain_text("2")
    visitor.look("year-06-review")
    page.get_by_role("link", name=year.dossier(ANODE).patent.number).click()
    expect(page.locator("#drawer-body .sheet-row").first).to_be_visible()
    visitor.look("year-06-drawer")
    page.locator("#drawer").get_by_role("link", name="打开详情").click()
    expect(page.locator("#findings")).to_contain_text(COATING)
    page.locator("#field-advantages .comment-new summary").click()
    page.fill("#field-advantages textarea[name=text]", "与涂层一件相同，请写本专利的指标。")
    press(page, "添加意见", within="#field-advantages")
    page.fill("textarea[name=reason]", "请补充性能指标。")
    visitor.look("year-06-return")
    press(page, "退回修改")
    said(page, f"“{ANODE}”已退回。")
    _inventor_settles_it(year)
    approve_all(visitor, HANDED_IN, "year-06-approve")
    manager = year.house(year.city.manager)
    manager.go("/")
    manager.look("year-06-home")
    approve_all(manager, HANDED_IN)

    assert year.states() == {S.COMPLETED: HANDED_IN, S.DRAFT: 1, S.UNFILED: 6}
    acts = list(
        DossierStep.objects.filter(dossier=year.dossier(ANODE))
        .order_by("pk")
        .values_list("act", flat=True)
    )
    assert acts[-5:] == ["submit", "return", "submit", "approve", "approve"]
    confirmed = BaseListEntry.objects.filter(confirmed_on__isnull=False)
    assert confirmed.count() == HANDED_IN


def _inventor_settles_it(year: Year) -> None:
    visitor = year.house(year.city.person("苏明远"))
    page = visitor.page
    visitor.go("/")
    follow(page, "退回待修改")
    follow(page, "填写")
    expect(page.locator("main")).to_contain_text("请补充性能指标。")
    visitor.look("year-06-returned")
    page.fill("textarea[name=advantages]", "首次放电比容量达到420 mAh/g。")
    page.fill("textarea[name=prospects]", "可用于动力电池企业。")
    saved(page)
    page.locator(".question-comment input[name=answer]").fill("已改写。")
    press(page, "回复", within=".question-comment")
    expect(page.locator(".question-comment")).to_contain_text("已改写。")
    press(page, "已处理", within=".question-comment")
    expect(page.locator(".question-comment")).to_have_count(0)
    submit(page)


# --- act 7 ------------------------------------------------------------------------------------------


def the_school_confirms_on_paper(year: Year) -> None:
    """A sheet for the stamp and its scan; a later change voids it for everybody to see; done again."""
    visitor = year.house(year.city.secretary)
    page = visitor.page
    visitor.go("/inventory/confirmations/")
    press(page, "生成确认表")
    sheet = page.get_by_role("link", name="待盖章确认表（PDF）")
    expect(sheet).to_be_visible(timeout=SLOW)
    with page.expect_download() as caught:
        sheet.click()
    assert caught.value.suggested_filename.startswith(f"学院确认表-{files.MATERIALS}")
    assert Path(caught.value.path()).read_bytes().startswith(b"%PDF-")
    _bring_scan(year, "盖章扫描件.pdf")
    visitor.look("year-07-sheet")
    _a_later_change_voids_it(year, UnitConfirmation.objects.get())


def _a_later_change_voids_it(year: Year, first: UnitConfirmation) -> None:
    visitor = year.house(year.city.secretary)
    page = visitor.page
    revise(
        year.house(year.city.person("苏明远")),
        year.address(FILM),
        "补充检测数据",
        lambda form: form.fill("textarea[name=advantages]", "导热系数达到1600 W/(m·K)，经检测。"),
    )
    visitor.go(first.get_absolute_url())
    expect(page.locator("main")).to_contain_text("已失效：制表之后所列档案有变动")
    expect(page.locator("main")).to_contain_text(FILM)
    visitor.look("year-07-void")
    approve_all(visitor, 1)
    approve_all(year.house(year.city.manager), 1)
    visitor.go(first.get_absolute_url())
    press(page, "生成新的确认表")
    expect(page.get_by_role("link", name="待盖章确认表（PDF）")).to_be_visible(timeout=SLOW)
    _bring_scan(year, "盖章扫描件（第二次）.pdf")

    second = UnitConfirmation.objects.exclude(pk=first.pk).get()
    assert (first.count, second.count) == (HANDED_IN, HANDED_IN)
    assert first.digest != second.digest
    assert second.scan is not None
    assert second.scanned_by == year.city.secretary
    assert trail(second) == [AuditAction.CREATE, AuditAction.EXPORT, AuditAction.STATE]


def _bring_scan(year: Year, name: str) -> None:
    page = year.house(year.city.secretary).page
    page.set_input_files("input[name=scan]", files.page_file(year.folder, name))
    press(page, "上传盖章扫描件")
    said(page, "盖章扫描件已保存。")


# --- act 8 ------------------------------------------------------------------------------------------


def the_batch_goes_to_the_national_platform(year: Year) -> None:
    """Prepared by one manager, signed off by the other, taken, uploaded, said so."""
    batch = _prepare_batch(year, HANDED_IN, "year-08-batch")
    sheet = _sign_and_take(year, batch, "year-08-sign-off")

    numbers = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    assert any(files.shown_number(COATING) in text for text in numbers)
    batch.refresh_from_db()
    assert (batch.state, batch.count) == (UploadState.UPLOADED, HANDED_IN)
    assert batch.prepared_by == year.city.manager
    assert batch.signed_by == year.city.second_manager
    sent = Dossier.objects.filter(upload_standing=UploadStanding.SENT)
    assert sent.count() == HANDED_IN


def _prepare_batch(year: Year, count: int, picture: str = "") -> UploadBatch:
    visitor = year.house(year.city.manager)
    page = visitor.page
    visitor.go("/inventory/uploads/new/")
    press(page, "生成批次")
    ask = page.get_by_role("button", name="提交保密审查")
    expect(ask).to_be_visible(timeout=SLOW)
    expect(figure(page, "文件中的专利")).to_have_text(str(count))
    if picture:
        visitor.look(picture)
    press(page, "提交保密审查")
    # whoever prepared it does not sign it off
    expect(page.locator("main")).to_contain_text("编制人不得审查自己编制的批次")
    return UploadBatch.objects.latest("pk")


def _sign_and_take(year: Year, batch: UploadBatch, picture: str = "") -> Any:
    other = year.house(year.city.second_manager)
    other.go("/")
    follow(other.page, "待保密审查")
    follow(other.page, f"第 {batch.number} 批")
    follow(other.page, "开始保密审查")
    for check in other.page.locator("input[name=checks]").all():
        check.check()
    if picture:
        other.look(picture)
    press(other.page, "审查通过并签署")
    said(other.page, "已通过保密审查。")
    visitor = year.house(year.city.manager)
    page = visitor.page
    visitor.go(batch.get_absolute_url())
    press(page, "领取文件")
    with page.expect_download() as caught:
        page.get_by_role("link", name="下载文件").click()
    target = year.folder / f"upload-{batch.number}.xlsx"
    caught.value.save_as(target)
    press(page, "登记已上传")
    said(page, "已登记。")
    return openpyxl.load_workbook(target).active


def the_platform_returns_two(year: Year) -> None:
    """Its error list comes back in; the two are mended, and only they go with the next batch."""
    bad = {PLATE: "意向价格与转化意愿不一致", CELL: "自评与技术成熟度不符"}
    done = Dossier.objects.filter(state=S.COMPLETED).order_by("pk")
    answers = [
        (files.shown_number(title), bad.get(title, ""))
        for title in done.values_list("patent__title", flat=True)
    ]
    manager = year.house(year.city.manager)
    import_file(manager, files.platform_answer(year.folder, answers), "year-08-answer")
    first = UploadBatch.objects.get()
    manager.go(first.get_absolute_url())
    figure(manager.page, "平台退回").click()
    expect(manager.page.locator("main")).to_contain_text(bad[CELL])
    manager.look("year-08-returned")
    assert first.state == UploadState.ANSWERED
    assert year.dossier(PLATE).upload_standing == UploadStanding.RETURNED
    inventor = year.house(year.city.person("陆思齐"))
    inventor.go("/")
    expect(inventor.page.locator("main")).to_contain_text("平台退回")
    inventor.go(year.address(CELL))
    expect(inventor.page.locator("main")).to_contain_text(bad[CELL])
    expect(inventor.page.locator("main")).not_to_contain_text("upload_standing")
    for title, change in ((CELL, "input[name=maturity][value=mass]"), (PLATE, "")):
        revise(
            inventor,
            year.address(title),
            "平台退回",
            lambda form, change=change: (
                form.check(change)
                if change
                else form.select_option("select[name=price_band]", index=2)
            ),
        )
    approve_all(year.house(year.city.secretary), 2)
    approve_all(manager, 2)
    second = _prepare_batch(year, 2)
    _sign_and_take(year, second)

    titles = second.items.values_list("dossier__patent__title", flat=True)
    assert set(titles) == set(bad)
    assert not Dossier.objects.filter(upload_standing=UploadStanding.RETURNED).exists()


# --- act 9 ------------------------------------------------------------------------------------------


def a_revision_counts_once_it_is_approved(year: Year) -> None:
    """Until then the version approved before stands in the figures and on the platform's side."""
    before = year.entry(COATING).confirmed_version
    inventor = year.house(year.city.person("苏明远"))
    revise(
        inventor,
        year.address(COATING),
        "已完成中试",
        lambda form: form.check("input[name=maturity][value=mass]"),
    )
    manager = year.house(year.city.manager)
    manager.go(year.address(COATING))
    expect(manager.page.locator("#open-revision")).to_have_text("修改中")
    expect(manager.page.locator("main")).to_contain_text("批量生产、成熟应用阶段")
    manager.look("year-09-revision")
    assert year.entry(COATING).confirmed_version == before
    assert year.dossier(COATING).upload_standing == UploadStanding.SENT
    approve_all(year.house(year.city.secretary), 1)
    assert year.entry(COATING).confirmed_version == before
    approve_all(manager, 1)

    after = year.entry(COATING).confirmed_version
    assert before is not None
    assert after is not None
    assert after > before
    assert year.dossier(COATING).upload_standing == UploadStanding.CHANGED
