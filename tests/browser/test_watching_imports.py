"""An import watched and looked through with the keyboard: figures, first issues, stopping; counts, rows, search."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from inventory.models import Patent
from portal.choices import ImportState, IssueLevel, JobState, RowOutcome
from portal.models import ImportBatch, Job
from tests.browser.conftest import Visitor
from tests.browser.test_corrections import upload
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD
from tests.inventory.importing.test_base_import import row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def press(page: Page, selector: str) -> None:
    """Go to an element with the Tab key and press Enter on it."""
    target = page.locator(selector).first
    expect(target).to_be_visible(timeout=30_000)
    for _step in range(120):
        page.keyboard.press("Tab")
        if target.evaluate("node => node === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the Tab key does not reach {selector}")


def in_the_middle(cast: Cast) -> ImportBatch:
    """A list of 20,000 rows of which a worker elsewhere has read 6,000, with what was found in them."""
    now = timezone.now()
    job = Job.objects.create(
        kind="intake.read",
        membership=cast.manager,
        organisation=cast.university,
        state=JobState.RUNNING,
        attempt=1,
        lease_owner="elsewhere",
        lease_until=now + timedelta(hours=1),
        started_at=now,
        stage="正在读取数据行",
        next_line=6_000,
        total=20_000,
        step=1,
        steps=4,
        marks=[[time.time() - 10, 1_000], [time.time(), 6_000]],
    )
    job.log.create(message="工作表 Sheet1：20,000 行。")
    upload_file = upload(cast, [list(HEAD), row(1)])
    batch = ImportBatch.objects.get(pk=upload_file.pk)
    waiting = batch.job
    batch.job, batch.kind = job, "base"
    batch.save(update_fields=["job", "kind"])
    Job.objects.filter(pk=waiting.pk).update(state=JobState.DONE)
    Job.objects.filter(pk=job.pk).update(params={"batch": batch.pk})
    for line in range(2, 40):
        batch.rows.create(line=line, values={"title": "很长" * 200}, outcome=RowOutcome.REFUSED)
        batch.issues.create(
            line=line,
            column="G",
            header="专利权人",
            level=IssueLevel.ERROR,
            rule="holder_foreign",
            value="演示外部大学" * 60,
        )
    return batch


def test_a_running_import_is_watched_and_stopped(visitor: Visitor, cast: Cast) -> None:
    page = visitor.page
    batch = in_the_middle(cast)
    visitor.sign_in(cast.manager)
    visitor.go(f"/imports/{batch.pk}/")
    figures = page.locator(".job-figures li")
    expect(figures).to_have_count(4)
    expect(figures.nth(1)).to_contain_text("6,000")
    expect(figures.nth(1)).to_contain_text("20,000")
    expect(figures.nth(2)).to_contain_text("500")
    expect(page.locator(".job tbody tr")).to_have_count(1)
    visitor.look("import-progress")

    # what comes next stands there without a click, and the focus stays where it is
    page.locator(f"#job-{batch.job_id}-stop").focus()
    Job.objects.filter(pk=batch.job_id).update(next_line=9_000)
    expect(figures.nth(1)).to_contain_text("9,000")
    expect(page.locator(f"#job-{batch.job_id}-stop")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#ask button[value=yes]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#job-{batch.job_id}-stop")).to_have_count(0)
    assert Job.objects.get(pk=batch.job_id).cancel_requested
    visitor.go("/jobs/")
    expect(page.locator(f"a[href='/jobs/{batch.job_id}/']")).to_be_visible()
    visitor.look("jobs-progress")


def test_a_preview_is_looked_through_with_the_keyboard(visitor: Visitor, cast: Cast) -> None:
    page = visitor.page
    first = upload(cast, [list(HEAD), row(3)])
    visitor.sign_in(cast.manager)
    visitor.go(f"/imports/{first.pk}/")
    page.locator("form[action$='/confirm/'] button.btn-primary").click(timeout=30_000)
    expect(page.locator(".lead-sentence")).to_be_visible(timeout=30_000)
    changed = row(3, 专利名称="一种改名的装置" + "很长" * 150)
    bad = [row(serial, 专利权人="演示外部大学") for serial in (11, 12)]
    batch = upload(cast, [list(HEAD), row(1), row(2), changed, *bad])
    visitor.go(f"/imports/{batch.pk}/")

    expect(page.locator(".confirm h2")).to_be_visible(timeout=30_000)
    visitor.look("import-overview")
    press(page, "a[href*='outcome=changed']")
    expect(page.locator("ins")).to_contain_text(["一种改名的装置"])
    visitor.look("import-rows-changed")
    press(page, "nav.tabs a[href^='/imports/rows/']")
    expect(page.locator("table.grid tbody tr")).to_have_count(5)
    page.keyboard.press("/")
    page.keyboard.type(str(batch.rows.get(line=4).values["number"]))
    page.keyboard.press("Enter")
    expect(page.locator("table.grid tbody tr")).to_have_count(1)
    press(page, "nav.tabs a[href^='/imports/issues/']")
    expect(page.locator("table.grid tbody tr")).to_have_count(2)
    visitor.look("import-issues")
    press(page, "nav.tabs a[href^='/imports/'] >> nth=0")
    press(page, "form[action$='/confirm/'] button.btn-primary")
    expect(page.locator(".lead-sentence")).to_be_visible(timeout=30_000)
    visitor.look("import-applied")
    assert ImportBatch.objects.get(pk=batch.pk).state == ImportState.APPLIED
    assert Patent.objects.count() == 3
