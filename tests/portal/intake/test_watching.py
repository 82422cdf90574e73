"""Watching an import: figures while it runs, a link that lasts, cancelling, and notices when it has ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from inventory.models import Patent
from portal import job_words
from portal.choices import ImportState, JobState
from portal.intake import applying, recognition, undoing
from portal.jobs import queue, registry, runner
from portal.models import ImportBatch, Job, Membership, Notice
from portal.notices.words import in_words
from portal.services import import_undo, imports
from tests import factories
from tests.conftest import Cast, PageClient
from tests.inventory.importing.conftest import HEAD, confirm, fresh, run_jobs, upload, upload_only
from tests.inventory.importing.test_base_import import row

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Membership], PageClient]
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]


def one_chunk(owner: str = "w") -> Job:
    """A worker does one chunk of the next job and gives it back."""
    job = queue.claim(owner)
    assert job is not None
    kind = registry.kind_named(job.kind)
    assert kind is not None
    if kind.prepare is not None and job.next_line == 0 and not job.result:
        kind.prepare(job, lambda: None)
    runner._one_chunk(job, kind)
    queue.give_back(job)
    return Job.objects.get(pk=job.pk)


def told(member: Membership) -> list[tuple[str, str, str]]:
    """(title, detail, page) of the unread notices, oldest first, in English."""
    with translation.override("en"):
        found = Notice.objects.filter(recipient=member, read_at=None).order_by("pk")
        return [(line.title, line.detail, line.notice.url) for line in map(in_words, found)]


def _stopped() -> str:
    """The reason as the worker writes it down, in the language of the service."""
    return gettext("Stopped on request.")


def long_ago(batch: ImportBatch) -> None:
    """The person handed it in an hour ago and went for lunch."""
    job = Job.objects.get(pk=batch.job_id)
    Job.objects.filter(pk=job.pk).update(created_at=job.created_at - timedelta(hours=1))


def page_of(batch: ImportBatch) -> str:
    return reverse("portal:import-detail", args=[batch.pk])


def test_the_page_shows_how_far_the_reading_is(cast: Cast, client_of: ClientOf, settings) -> None:
    settings.JOB_CHUNK_ROWS = 2
    batch = upload_only(cast.manager, [HEAD, *(row(n) for n in range(6))])
    client = client_of(cast.manager)
    one_chunk()
    one_chunk()
    Job.objects.update(state=JobState.RUNNING, lease_owner="w")

    text = client.get(page_of(batch), headers={"Accept-Language": "en"}).content.decode()
    job = Job.objects.get()

    assert (job.next_line, job.total, job.step) == (3, 7, 1)
    assert str(job.percent) + "%" in text
    for words in _figures(client, batch):
        assert words in text
    assert reverse("portal:job-cancel", args=[job.pk]) in text


def _figures(client: PageClient, batch: ImportBatch) -> list[str]:
    job = Job.objects.get(pk=batch.job_id)
    with translation.override("zh-hans"):
        found = job_words.figures(job)
    assert len(found) >= 2
    # the speed moves on between two looks; what was done does not
    return found[:2]


def test_the_first_issues_stand_on_the_page_while_the_rest_is_read(
    cast: Cast, client_of: ClientOf, settings
) -> None:
    settings.JOB_CHUNK_ROWS = 3
    bad = row(1, 授权公告日="2999-05-08")
    batch = upload_only(cast.manager, [HEAD, bad, *(row(n) for n in range(2, 30))], kind="base")
    client = client_of(cast.manager)
    one_chunk()
    assert client.get(page_of(batch)).context["rules"] == []

    job = one_chunk()

    assert (fresh(batch).state, job.next_line < job.total) == (ImportState.READING, True)
    answer = client.get(page_of(batch), headers={"HX-Request": "true"})
    (rule,) = answer.context["rules"]
    assert (rule["count"], rule["first_line"]) == (1, 2)
    text = answer.content.decode()
    assert "<!doctype" not in text.lower()
    for words in (rule["title"], rule["text"], "E2", "2999-05-08"):
        assert words in text
    listed = client.get(rule["url"]).context["page"].items
    assert [issue.line for issue in listed] == [2]


def test_watching_costs_the_same_however_much_was_found(
    cast: Cast, client_of: ClientOf, settings, django_assert_num_queries
) -> None:
    settings.JOB_CHUNK_ROWS = 20
    client = client_of(cast.manager)
    for count in (1, 15):
        bad = [row(n, 授权公告日="2999-05-08") for n in range(count)]
        good = [row(n) for n in range(100, 140)]
        batch = upload_only(cast.manager, [HEAD, *bad, *good], kind="base")
        one_chunk()
        one_chunk()
        client.get(page_of(batch))
        with django_assert_num_queries(10):
            client.get(page_of(batch))
        queue.cancel(job=Job.objects.get(pk=fresh(batch).job_id))
        run_jobs()


def test_the_stage_names_what_comes_next(cast: Cast, settings) -> None:
    settings.JOB_CHUNK_ROWS = 50
    upload_only(cast.manager, [HEAD, row(1)])
    stages = []
    with translation.override("en"):
        for _ in range(3):
            job = one_chunk()
            stages.append((job.stage, job.step))
        checks = recognition.importer_of(ImportBatch.objects.get()).checks
        expected = [("Reading rows", 1), (str(checks[0].label), 2), (str(checks[1].label), 3)]
    assert stages == expected


def test_jobs_show_the_same_figures_and_lead_to_the_import(
    cast: Cast, client_of: ClientOf, settings
) -> None:
    settings.JOB_CHUNK_ROWS = 2
    batch = upload_only(cast.manager, [HEAD, *(row(n) for n in range(6))])
    one_chunk()
    one_chunk()
    client = client_of(cast.manager)
    figures = _figures(client, batch)

    listed = client.get(reverse("portal:job-list")).content.decode()
    detail = client.get(reverse("portal:job-detail", args=[batch.job_id])).content.decode()
    home = client.get("/").content.decode()

    for text in (listed, detail, home):
        assert all(words in text for words in figures)
    assert page_of(batch) in detail


def test_cancelling_leads_back_and_is_told(cast: Cast, client_of: ClientOf) -> None:
    batch = upload_only(cast.manager, [HEAD, row(1)])
    client = client_of(cast.manager)

    answer = client.post(reverse("portal:job-cancel", args=[batch.job_id]))
    run_jobs()

    assert answer["Location"] == page_of(batch)
    assert fresh(batch).state == ImportState.DISCARDED
    assert told(cast.manager) == [(f"Stopped: {batch.file.name}", _stopped(), page_of(batch))]


def test_a_quick_preview_is_told_to_nobody_and_a_long_one_to_its_uploader(
    cast: Cast, upload: Upload
) -> None:
    upload(cast.manager, [HEAD, row(1)])
    assert told(cast.manager) == []

    batch = upload_only(cast.manager, [HEAD, row(1), row(2, 专利权人="演示外部大学")])
    long_ago(batch)
    run_jobs()

    assert told(cast.manager) == [
        (
            f"Checked, waits for your confirmation: {batch.file.name}",
            "Adds 1, changes 0, leaves 0; 1 need you.",
            page_of(batch),
        )
    ]
    assert Notice.objects.exclude(recipient=cast.manager).count() == 0


def test_columns_that_wait_for_a_person_are_told(cast: Cast) -> None:
    batch = upload_only(cast.manager, [[*HEAD, "内部标记"], [*row(1), "甲"]])
    long_ago(batch)
    run_jobs()

    assert fresh(batch).state == ImportState.MAPPING
    assert [title for title, _detail, _url in told(cast.manager)] == [
        f"Say what its columns hold: {batch.file.name}"
    ]


def test_applied_and_taken_back_are_told_and_who_acts_has_read_it(
    cast: Cast, upload: Upload
) -> None:
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, row(1)]))
    name = batch.file.name
    added = "Added 1, changed 0, left 0, not taken 0."
    assert told(cast.manager) == [(f"Imported: {name}", added, page_of(batch))]

    import_undo.take_back(
        actor=cast.manager, batch=batch, seen_version=batch.version, reason="wrong year"
    )
    assert told(cast.manager) == []
    run_jobs()
    gone = "Taken back 1, in part 0; 0 stay."
    assert told(cast.manager) == [(f"Import taken back: {name}", gone, page_of(batch))]


def test_who_uploaded_learns_that_another_took_it_back_in_the_one_notice(
    cast: Cast, upload: Upload
) -> None:
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, row(1)]))
    second = factories.membership(cast.manager.role, cast.manager.organisation)

    import_undo.take_back(actor=second, batch=batch, seen_version=batch.version, reason="mine")
    run_jobs()

    gone, added = "Taken back 1, in part 0; 0 stay.", "Added 1, changed 0, left 0, not taken 0."
    title = f"Import taken back: {batch.file.name}"
    assert told(cast.manager) == [(title, f"{gone}\n{added}", page_of(batch))]
    assert told(second) == [(title, gone, page_of(batch))]


@pytest.mark.parametrize("kind", [applying.KIND, undoing.KIND])
def test_work_that_stops_is_told_with_its_reason(cast: Cast, upload: Upload, kind: str) -> None:
    batch = upload(cast.manager, [HEAD, row(1)])
    if kind == undoing.KIND:
        batch = confirm(cast.manager, batch)
        Notice.objects.all().delete()
        import_undo.take_back(
            actor=cast.manager, batch=batch, seen_version=batch.version, reason="wrong"
        )
    else:
        imports.confirm(
            actor=cast.manager,
            batch=batch,
            seen_version=batch.version,
            digest=batch.preview_digest,
        )
    queue.cancel(job=Job.objects.get(pk=fresh(batch).job_id))
    run_jobs()

    ((title, detail, url),) = told(cast.manager)
    assert title == f"Stopped: {batch.file.name}"
    assert detail == _stopped()
    assert url == page_of(batch)
    assert Patent.objects.count() == (1 if kind == undoing.KIND else 0)


def test_a_file_that_cannot_be_read_is_told_with_its_reason(
    cast: Cast, upload: Upload, tmp_path
) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")

    batch = upload(cast.manager, path)

    ((title, detail, _url),) = told(cast.manager)
    assert title == "Stopped: broken.xlsx"
    assert detail == batch.problem


def test_the_upload_page_states_the_caps_of_the_settings(
    cast: Cast, client_of: ClientOf, settings
) -> None:
    settings.MAX_UPLOAD_MB, settings.MAX_ROWS = 77, 123_456
    settings.MAX_COLUMNS, settings.MAX_CELL, settings.READER_SECONDS = 222, 31_111, 97

    text = client_of(cast.manager).get(reverse("portal:import-new")).content.decode()

    for words in ("77 MB", "123,456", "222", "31,111", "97 "):
        assert words in text, words
