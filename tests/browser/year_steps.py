"""What people do again and again in a campaign year: press, choose, import, fill in, review, act on many rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor

SLOW = 30_000


def press(page: Page, name: str, *, within: str = "main", exact: bool = False) -> None:
    """Press a button of the page that leads to another page."""
    button = page.locator(within).get_by_role("button", name=name, exact=exact).first
    with page.expect_navigation():
        button.click()


def follow(page: Page, name: str) -> None:
    """Follow a link of the page."""
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name).first.click()


def said(page: Page, text: str) -> None:
    """The page says what was done."""
    expect(page.locator(".messages")).to_contain_text(text, timeout=SLOW)


def choose(page: Page, field: str, text: str) -> None:
    """Choose in a select that can be searched."""
    box = page.locator(f"[data-field={field}]")
    box.locator(".ts-control").click()
    box.locator(".ts-dropdown [role=option]", has_text=text).first.click()
    page.keyboard.press("Escape")


def import_file(visitor: Visitor, file: Path, picture: str = "", **options: str) -> None:
    """Upload a file, look at what it would do, confirm, wait for the end."""
    page = visitor.page
    visitor.go("/imports/new/")
    page.set_input_files("input[type=file]", file)
    for name, value in options.items():
        page.select_option(f"select[name=option-{name}]", value)
    with page.expect_navigation():
        page.get_by_role("button", name="上传并核对").click()
    write = page.get_by_role("button", name="写入无误数据行")
    expect(write).to_be_visible(timeout=SLOW)
    if picture:
        visitor.look(picture)
    write.click()
    expect(page.locator("main").get_by_text("导入完成").first).to_be_visible(timeout=SLOW)


def carry_out(visitor: Visitor, picture: str = "", button_name: str = "执行") -> None:
    """The consequences of an act on many rows were shown: carry it out and wait for the end."""
    page = visitor.page
    button = page.get_by_role("button", name=button_name)
    expect(button).to_be_visible()
    if picture:
        visitor.look(picture)
    button.click()
    expect(page.locator("dl.facts").get_by_text("已执行")).to_be_visible(timeout=SLOW)


def saved(page: Page) -> None:
    """What was typed is kept."""
    expect(page.locator(".save-state").first).to_contain_text("已保存")


def counted(visitor: Visitor, address: str, figure: str) -> None:
    """The board shows a figure: it is counted within a minute of the change, so the page is opened until then."""
    shown = visitor.page.get_by_text(figure).first
    for _second in range(90):
        visitor.go(address)
        if shown.is_visible():
            return
        visitor.page.wait_for_timeout(1_000)
    expect(shown).to_be_visible()


def fill_dossier(
    page: Page, *, stars: int, maturity: str, texts: tuple[str, str] = ("", "")
) -> None:
    """Answer what must be answered; texts are asked from three stars up."""
    page.get_by_label("否", exact=True).check()
    page.select_option("select[name='statuses-0-level1']", "not_implemented")
    page.select_option("select[name='intents-0-level1']", "license")
    page.select_option("select[name='intents-0-level2']", "common")
    page.select_option("select[name=price_band]", "negotiable")
    page.check(f"input[name=maturity][value={maturity}]")
    page.check(f"input[name=stars][value='{stars}']")
    page.select_option("select[name=industry]", "C")
    for name, text in zip(("advantages", "prospects"), texts, strict=True):
        if text:
            page.fill(f"textarea[name={name}]", text)
    saved(page)


def submit(page: Page, *, and_next: bool = False) -> None:
    """Hand the dossier in."""
    press(page, "提交审核并转下一件" if and_next else "提交审核", exact=True)
    said(page, "已提交审核。")


def same_as_last(page: Page, advantages: str, prospects: str = "") -> None:
    """Take over the last one, answer what is never taken over, and write one's own text."""
    press(page, "同上一件")
    expect(page.locator("main")).to_contain_text("已套用上一件的内容")
    page.get_by_label("否", exact=True).check()
    page.fill("textarea[name=advantages]", advantages)
    if prospects:
        page.fill("textarea[name=prospects]", prospects)
    saved(page)


def revise(visitor: Visitor, address: str, reason: str, change: Callable[[Page], object]) -> None:
    """Reopen a complete dossier, change it, hand it in again."""
    page = visitor.page
    visitor.go(address)
    page.fill("input[name=reason]", reason)
    press(page, "重新打开修订")
    said(page, "本次修订审核通过前，仍以已通过的版本为准。")
    change(page)
    saved(page)
    submit(page)


def approve_all(visitor: Visitor, count: int, picture: str = "") -> None:
    """Approve all that waits in the queue, after a look at what stands out."""
    page = visitor.page
    visitor.go("/inventory/review/")
    page.get_by_label("选择本页全部行").check()
    press(page, "通过")
    expect(page.locator("#consequences li", has_text="件将通过")).to_contain_text(str(count))
    if picture:
        visitor.look(picture)
    press(page, "通过")
    said(page, f"已处理 {count} 件。")


def figure(page: Page, label: str) -> Locator:
    """The number above its label."""
    return (
        page.locator(".figure", has=page.get_by_text(label, exact=True))
        .locator(".figure-value")
        .first
    )
