"""A round-trip workbook in the browser: made, filled in elsewhere, uploaded, its conflict decided, written."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from inventory.choices import DossierState
from inventory.importing.columns import FIRST_DATA_ROW, PLACES, SHEET
from inventory.models import Dossier, Workbook
from inventory.services.dossiers import save_dossier
from tests import factories
from tests.browser.conftest import Visitor
from tests.conftest import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def filled_in(made: bytes, path: Path, answers: dict[str, str]) -> Path:
    """The workbook with these cells of its first patent filled in."""
    book = openpyxl.load_workbook(io.BytesIO(made))
    for letter, value in answers.items():
        book[SHEET].cell(FIRST_DATA_ROW, PLACES[letter] + 1).value = value
    book.save(path)
    return path


def drafts(cast: Cast) -> Dossier:
    """Two drafts of the school; the first one, as the workbook orders them."""
    for _ in range(2):
        factories.entry(
            cast.participation,
            state=DossierState.DRAFT,
            is_filled=True,
            unit=cast.school,
            responsible=cast.inventor.user,
        )
    factories.unit(cast.university, name="演示物理学院")
    first = Dossier.objects.order_by("priority", "pk").first()
    assert first is not None
    return first


def make(visitor: Visitor) -> bytes:
    """From the work list to the made workbook."""
    visitor.go("/inventory/entries/")
    visitor.look("work-list-with-workbooks")
    visitor.page.click("main a[href='/inventory/workbooks/']")
    visitor.look("workbooks")
    visitor.page.click("tr:has-text('演示材料学院') button")
    expect(visitor.page.locator("a[href*='/files/']")).to_be_visible()
    visitor.go("/inventory/workbooks/")
    visitor.look("workbooks-made")
    return Path(Workbook.objects.get().file.content.path).read_bytes()


def decide(visitor: Visitor, **kept: str) -> None:
    """Choose on the page of conflicts and come back to the preview."""
    page = visitor.page
    link = page.locator("a[href*='/conflicts/']")
    expect(link).to_be_visible()
    visitor.look("import-with-conflicts")
    link.click()
    visitor.look("workbook-conflicts")
    for field, side in kept.items():
        page.check(f"input[name$='-{field}'][value={side}]")
    page.click("main .action-bar button.btn-primary")


def test_a_workbook_goes_out_and_comes_back(visitor: Visitor, cast: Cast, tmp_path: Path) -> None:
    dossier, page = drafts(cast), visitor.page
    visitor.sign_in(cast.manager)
    made = make(visitor)
    portal = {"stars": 5, "advantages": "系统里改写的技术优势"}
    save_dossier(
        dossier_id=dossier.pk, seen_version=dossier.version, values=portal, actor=cast.unit_manager
    )
    answers = {"Y": "四星", "Z": "文件里改写的技术优势", "AB": "文件里改写的前景"}
    visitor.go("/imports/new/")
    page.set_input_files("input[type=file]", filled_in(made, tmp_path / "材料学院.xlsx", answers))
    page.click("main button.btn-primary")
    decide(visitor, stars="mine", advantages="theirs")
    confirm = page.locator("form[action*='/confirm/'] button")
    expect(confirm).to_be_visible()
    visitor.look("import-after-decision")
    confirm.click()
    expect(page.locator(".notice-success").first).to_be_visible()
    dossier.refresh_from_db()
    assert (dossier.stars, dossier.advantages, dossier.prospects) == (
        4,
        "系统里改写的技术优势",
        "文件里改写的前景",
    )
