"""The city office loads its lists: the Ministry's universities and back again, experts corrected, read, admitted."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from evaluation.choices import ExpertState
from evaluation.models import Expert
from portal.models import Organisation
from tests import workbooks
from tests.browser.conftest import Visitor
from tests.conftest import Cast
from tests.evaluation.importing import EXPERT_HEAD, expert
from tests.inventory.importing.test_organisation_import import ministry

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def upload(visitor: Visitor, path: Path) -> None:
    visitor.go("/imports/new/")
    visitor.page.set_input_files("input[type=file]", path)
    visitor.page.locator("main form .action-bar .btn-primary").click()


def write(visitor: Visitor) -> None:
    """Confirm the preview and wait for the end."""
    confirm = visitor.page.locator("form[action$='/confirm/'] button.btn-primary")
    expect(confirm).to_be_visible(timeout=30_000)
    confirm.click()
    expect(visitor.page.locator("a[href$='/undo/']")).to_be_visible(timeout=30_000)


def test_the_list_of_the_ministry_and_back(visitor: Visitor, cast: Cast, tmp_path: Path) -> None:
    page = visitor.page
    visitor.sign_in(cast.city)
    visitor.go("/imports/new/")
    visitor.look("city-upload")
    upload(visitor, ministry(tmp_path / "全国高校名单.xlsx"))
    expect(page.locator("form[action$='/confirm/']")).to_be_visible(timeout=30_000)
    visitor.look("city-organisations-preview")
    page.locator("a[href*='/imports/rows/']").first.click()
    expect(page.get_by_text("演示燕山大学").first).to_be_visible()
    page.go_back()
    write(visitor)
    visitor.go("/organisations/?q=演示燕山大学")
    expect(page.get_by_text("演示燕山大学").first).to_be_visible()
    page.go_back()
    page.locator("a[href$='/undo/']").click()
    page.fill("input[name=reason]", "选错了年份")
    page.locator("button.btn-danger").click()
    expect(page.locator("main .notice a[href$='/undo/']")).to_be_visible(timeout=30_000)
    assert not Organisation.objects.filter(name="演示燕山大学").exists()


def test_experts_corrected_read_and_admitted(visitor: Visitor, cast: Cast, tmp_path: Path) -> None:
    page = visitor.page
    visitor.sign_in(cast.city)
    rows = [EXPERT_HEAD, expert("演示甲"), expert("演示乙", "13800002222", 从事技术领域="炼金术")]
    upload(visitor, workbooks.xlsx(tmp_path / "专家.xlsx", rows))
    page.locator("a[href$='/correct/']").first.click(timeout=30_000)
    cell = page.locator("textarea[name=cell-3-4]")
    expect(cell).to_have_attribute("aria-invalid", "true")
    visitor.look("city-experts-correct")
    cell.fill("人工智能")
    page.locator("form[data-grid] .btn-primary").click()
    write(visitor)
    visitor.look("city-experts-applied")

    visitor.go(reverse("evaluation:expert-list"))
    expect(page.locator("tbody").get_by_text("1.5 人工智能").first).to_be_visible()
    visitor.look("city-experts")
    page.get_by_role("link", name="演示乙").first.click()
    expect(page.locator("#drawer-body").get_by_text("演示第一大学")).to_be_visible()
    visitor.look("city-expert-drawer")
    visitor.go(Expert.objects.get(name="演示乙").get_absolute_url())
    visitor.look("city-expert")
    page.locator(".reveal button").click()
    expect(page.get_by_text("13800002222")).to_be_visible()
    page.locator("form[action$='/admit/'] button").click()
    expect(page.locator("form[action$='/admit/']")).to_have_count(0)
    assert Expert.objects.get(name="演示乙").state == ExpertState.ADMITTED
