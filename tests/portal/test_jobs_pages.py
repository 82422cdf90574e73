"""Jobs and files as pages: one's own only, progress by htmx, downloads in the trail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile

from portal import clock, file_access
from portal.choices import AuditAction, JobState
from portal.job_words import result_url
from portal.jobs import queue
from portal.models import AuditEntry, Job, JobLog, StoredFile
from portal.services import files
from tests.conftest import Cast


@pytest.fixture
def job(cast: Cast) -> Job:
    return queue.ask("outbox", actor=cast.manager)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_shows_own_jobs_in_a_constant_number_of_queries(
    cast: Cast, client_of, django_assert_num_queries, count: int
) -> None:
    for _ in range(count):
        queue.ask("outbox", actor=cast.manager)
    queue.ask("outbox", actor=cast.outsider)
    client = client_of(cast.manager)
    client.get("/jobs/")

    # the list itself takes two: count and page
    with django_assert_num_queries(10):
        page = client.get("/jobs/").context["page"]

    assert len(page.items) == count


@pytest.mark.parametrize("name", ["unit_manager", "outsider", "system_admin", "city"])
def test_jobs_of_others_do_not_exist(cast: Cast, client_of, job: Job, name: str) -> None:
    client = client_of(getattr(cast, name))

    assert client.get(f"/jobs/{job.pk}/").status_code == 404
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 404


def test_progress_is_asked_at_the_same_address(cast: Cast, client_of, job: Job) -> None:
    JobLog.objects.create(job=job, message="Zeile 1")
    client = client_of(cast.manager)

    whole = client.get(f"/jobs/{job.pk}/")
    part = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"})
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, result={"url": "/people/"})
    ended = client.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"})

    assert "<!doctype" in whole.content.decode().lower()
    assert "<!doctype" not in part.content.decode().lower()
    assert f'hx-get="/jobs/{job.pk}/"' in part.content.decode()
    assert "Zeile 1" in part.content.decode()
    assert ("HX-Refresh" in part.headers, ended["HX-Refresh"]) == (False, "true")
    assert 'href="/people/"' in ended.content.decode()


def test_cancelling_after_the_end_is_a_conflict(cast: Cast, client_of, job: Job) -> None:
    client = client_of(cast.manager)

    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.cancel_requested
    Job.objects.filter(pk=job.pk).update(state=JobState.CANCELLED)
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 409


@pytest.mark.parametrize(
    ("result", "url"),
    [
        ({}, ""),
        ({"file": 7}, "/files/7/"),
        ({"url": "/imports/3/"}, "/imports/3/"),
        ({"url": "https://example.org/"}, ""),
        ({"url": "//example.org/"}, ""),
    ],
)
def test_results_lead_to_our_own_pages(result: dict[str, object], url: str) -> None:
    assert result_url(result) == url


# --- files ---------------------------------------------------------------------------------------


def keep(cast: Cast, purpose: str = "export", name: str = "清单 2024.xlsx") -> StoredFile:
    return files.keep_file(
        content=ContentFile(b"rows"), name=name, purpose=purpose, actor=cast.manager
    )


def test_a_download_is_a_download_and_in_the_trail(cast: Cast, client_of) -> None:
    file = keep(cast)

    response = client_of(cast.manager).get(f"/files/{file.pk}/")

    assert b"".join(response.streaming_content) == b"rows"
    assert response["Content-Disposition"].startswith("attachment")
    assert "%E6%B8%85%E5%8D%95%202024.xlsx" in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    entry = AuditEntry.objects.about(file).get()
    assert (entry.action, entry.user_id, entry.changes["sha256"][1]) == (
        AuditAction.EXPORT,
        cast.manager.user_id,
        file.sha256,
    )


@pytest.mark.parametrize("name", ["unit_manager", "outsider", "city", "system_admin"])
def test_files_of_others_do_not_exist(cast: Cast, client_of, name: str) -> None:
    file = keep(cast)

    assert client_of(getattr(cast, name)).get(f"/files/{file.pk}/").status_code == 404
    assert AuditEntry.objects.count() == 0


def test_the_right_to_a_record_opens_its_file(cast: Cast, client_of, monkeypatch) -> None:
    file = keep(cast, "evidence")
    monkeypatch.setattr(file_access, "_checks", [])
    file_access.register_file_check(
        lambda membership, asked: membership.pk == cast.city.pk and asked.pk == file.pk
    )

    assert client_of(cast.city).get(f"/files/{file.pk}/").status_code == 200
    assert client_of(cast.outsider).get(f"/files/{file.pk}/").status_code == 404
    assert AuditEntry.objects.get().action == AuditAction.VIEW


def test_an_expired_export_says_what_to_do(cast: Cast, client_of) -> None:
    file = keep(cast)
    StoredFile.objects.update(expires_at=clock.now() - timedelta(seconds=1))

    assert client_of(cast.manager).get(f"/files/{file.pk}/").status_code == 409


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\表.xlsx", "表.xlsx"),
        ("a\x00b\n.csv", "ab\n.csv".replace("\n", "\n")),
        ("", "file"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
    ],
)
def test_file_names_are_only_names(cast: Cast, given: str, kept: str) -> None:
    file = keep(cast, name=given)

    assert file.name == kept
    assert given not in file.content.name or given == ""
