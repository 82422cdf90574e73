"""Refused rows corrected with the keyboard: move, write, paste a column, fill down, check, write the rows."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from django.core.files.base import File
from playwright.sync_api import Locator, Page, expect

from inventory.models import Patent
from portal.models import ImportBatch
from portal.services import imports
from tests import workbooks
from tests.browser.conftest import Visitor
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD
from tests.inventory.importing.test_base_import import row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOLDER = HEAD.index("专利权人")
OWN = "演示第一大学"


def upload(cast: Cast, rows: list[list[str]]) -> ImportBatch:
    """A list handed in; the worker beside the browser reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = workbooks.xlsx(Path(folder, "专利清单.xlsx"), rows)
        with path.open("rb") as content:
            return imports.upload(
                actor=cast.manager, content=File(content), name=path.name, kind="base"
            )


def cell(page: Page, line: int) -> Locator:
    return page.locator(f"textarea[name=cell-{line}-{HOLDER}]")


def paste(page: Page, text: str) -> None:
    """What the browser does with a column copied in Excel."""
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const options = {clipboardData: data, bubbles: true, cancelable: true};
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        text,
    )


@pytest.fixture
def batch(visitor: Visitor, cast: Cast) -> ImportBatch:
    """A list of one good row and eight bad ones: six of another holder, a day too late, a wrong check character."""
    bad = [row(serial, 专利权人="演示外部大学") for serial in range(1, 7)]
    wrong = [row(7, 授权公告日="2999-05-08"), row(8, 申请号="CN201719000008.1")]
    made = upload(cast, [list(HEAD), row(0), *bad, *wrong])
    visitor.sign_in(cast.manager)
    visitor.go(f"/imports/{made.pk}/")
    return made


def write(page: Page, line: int, text: str) -> None:
    cell(page, line).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def test_rows_are_corrected_with_the_keyboard(visitor: Visitor, batch: ImportBatch) -> None:
    page = visitor.page
    begin = page.locator(f"a[href='/imports/{batch.pk}/correct/']")
    expect(begin).to_be_visible(timeout=30_000)
    visitor.look("import-to-correct")
    begin.click()
    expect(cell(page, 3)).to_have_attribute("aria-invalid", "true")
    visitor.look("import-correct")

    # Esc gives the value back; Enter and arrows move, a column is pasted, Ctrl+D takes the cell above
    write(page, 3, "写错")
    page.keyboard.press("Escape")
    expect(cell(page, 3)).to_have_value("演示外部大学")
    write(page, 3, OWN)
    page.keyboard.press("Enter")
    expect(cell(page, 4)).to_be_focused()
    paste(page, f"{OWN}\n{OWN}\n")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(cell(page, 6)).to_be_focused()
    page.keyboard.press("Control+d")
    for line in (4, 5, 6):
        expect(cell(page, line)).to_have_value(OWN)
    expect(page.locator("[data-grid-said]")).to_contain_text("4")
    page.keyboard.press("Control+Enter")

    # the rows that became good left the grid, and the first cell that is still wrong has the focus
    expect(cell(page, 7)).to_be_visible()
    expect(cell(page, 3)).to_have_count(0)
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    visitor.look("import-corrected")


def test_what_is_proposed_and_what_repeats_is_taken_with_a_click(
    visitor: Visitor, batch: ImportBatch
) -> None:
    page = visitor.page
    page.locator(f"a[href='/imports/{batch.pk}/correct/']").click(timeout=30_000)
    page.locator("form[action$='/replace/'] input[name=text]").first.fill(OWN)
    page.locator("form[action$='/replace/'] button").first.click()
    expect(cell(page, 8)).to_have_count(0)
    page.locator("[data-grid-take='cell-10-0'][value='CN201719000080.1']").click()
    expect(page.locator("textarea[name=cell-10-0]")).to_have_value("CN201719000080.1")
    page.locator("#grid button.btn-primary").click()
    expect(page.locator("textarea[name=cell-10-0]")).to_have_count(0)

    page.locator("#grid .action-bar a").click()
    page.locator("form[action$='/confirm/'] button.btn-primary").click()
    take_up = page.locator("form[action$='/take-up/'] button")
    expect(take_up).to_be_visible(timeout=30_000)
    visitor.look("import-stayed-out")
    assert Patent.objects.count() == 8
    take_up.click()
    expect(page.locator("a[href$='/correct/']")).to_be_visible(timeout=30_000)
    assert ImportBatch.objects.get(continues=batch).counts["refused"] == 1
