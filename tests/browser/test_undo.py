"""A mistaken import taken back in the browser: consequences first, what stays and why, and the file that came twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from inventory.models import Dossier, Patent
from inventory.services import assignments
from portal.models import ImportBatch
from tests.browser.conftest import Visitor
from tests.browser.test_journeys import vendor_export
from tests.conftest import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def upload(visitor: Visitor, path: Path) -> None:
    visitor.go("/imports/new/")
    visitor.page.set_input_files("input[type=file]", path)
    visitor.page.locator("main form .action-bar .btn-primary").click()


def imported(visitor: Visitor, path: Path) -> ImportBatch:
    """Upload, confirm the columns and the preview, wait for the end."""
    page = visitor.page
    upload(visitor, path)
    page.locator("input[name=confirmed]").check(timeout=30_000)
    page.locator("main form .action-bar .btn-primary").click()
    confirm = page.locator("form[action$='/confirm/'] button.btn-primary")
    expect(confirm).to_be_visible(timeout=30_000)
    confirm.click()
    expect(page.locator("a[href$='/undo/']")).to_be_visible(timeout=30_000)
    return ImportBatch.objects.get()


def test_a_mistaken_import_is_taken_back(visitor: Visitor, cast: Cast, tmp_path: Path) -> None:
    page = visitor.page
    visitor.sign_in(cast.manager)
    path = vendor_export(tmp_path, cast.university.name)
    batch = imported(visitor, path)
    upload(visitor, path)
    expect(page.locator(f"main .notice a[href='/imports/{batch.pk}/']")).to_be_visible(
        timeout=30_000
    )
    visitor.look("import-same-file")

    touched = Dossier.objects.get(patent__title="一种演示换热器2")
    assignments.assign_dossiers(
        ids=[touched.pk], actor=cast.manager, responsible=cast.inventor.user
    )
    visitor.go(f"/imports/{batch.pk}/")
    page.locator("a[href$='/undo/']").click()
    expect(page.get_by_text("一种演示换热器2")).to_be_visible()
    visitor.look("import-undo")
    page.fill("input[name=reason]", "选错了批次")
    page.locator("button.btn-danger").click()
    see = page.locator(f"main .notice a[href='/imports/{batch.pk}/undo/']")
    expect(see).to_be_visible(timeout=30_000)
    visitor.look("import-taken-back")
    see.click()
    expect(page.get_by_text("一种演示换热器2")).to_be_visible()
    visitor.look("import-undone")
    assert Patent.objects.get().title == "一种演示换热器2"
