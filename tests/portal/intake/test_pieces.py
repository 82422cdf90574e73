"""Imports in halves: two processes stage and write what one would, wherever they cut and whichever of them fails."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection, transaction

from inventory.choices import DossierState
from inventory.importing.national_apply import APPLICATIONS
from inventory.models import Dossier, DossierFact, DossierStep, StatusMark
from portal.choices import AuditAction, ImportState
from portal.intake import pieces, stepping
from portal.models import AuditEntry, ImportBatch, ImportIssue, ImportRow, Job
from portal.services import imports
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD, confirm, fresh, run_jobs, upload_only
from tests.inventory.importing.national import RIGHT, template, without
from tests.inventory.importing.test_base_import import row

pytestmark = pytest.mark.django_db(transaction=True)
Rows = Sequence[Sequence[Any]]
NEVER = 1_000_000


def staged(batch: ImportBatch) -> tuple[list[Any], list[Any]]:
    """Everything that stands in the staging tables, without keys; ciphers differ each time they are made."""
    columns = ("line", "key", "raw", "outcome", "changes", "target_id", "target_version")
    rows = ImportRow.objects.filter(batch=batch).order_by("line")
    found = [
        (*one, row.values, (row.plan or {}).get("trail"))
        for one, row in zip(rows.values_list(*columns), rows, strict=True)
    ]
    issues = ImportIssue.objects.filter(batch=batch)
    told = issues.values_list("line", "column", "header", "level", "rule", "value", "params")
    return found, sorted(map(repr, told))


def templates(cast: Cast) -> Rows:
    """Patents with up to five rows each, some refused, some unknown; a number twice, in both halves."""
    rng = random.Random(11)
    rows: list[dict[str, Any]] = []
    entries = [factories.entry(cast.participation) for _number in range(24)]
    for entry in [*entries, entries[2]]:
        own = {"application_number": entry.patent.number, "org_unit": entry.institution.name}
        rows.append({**RIGHT, **own, "stars": rng.choice(["三星", "七星"])})
        more = {"status_level1": "已许可", "status_level2": "已签订普通许可合同"}
        rows += [{**more, "status_detail": n} for n in range(rng.randint(0, 4))]
    strange = without(RIGHT, "stars") | {"application_number": "CN201910000001.X"}
    return template(*rows[:40], strange, *rows[40:])


def base_list(cast: Cast) -> Rows:
    """A base list with refused rows and a document that stands twice."""
    rows = [row(n) for n in range(30)]
    return [HEAD, *rows[:9], row(50, 申请日="不明"), *rows[9:], rows[3]]


@pytest.mark.parametrize("make", [templates, base_list])
@pytest.mark.parametrize("chunk", [5, 8, 13])
def test_halves_say_what_the_whole_says(
    cast: Cast, settings: Any, make: Callable[[Cast], Rows], chunk: int
) -> None:
    rows = make(cast)
    options = {"campaign": str(cast.campaign.pk)} if make is base_list else {}
    settings.JOB_CHUNK_ROWS = chunk
    found = []
    for settings.BESIDE_ROWS in (NEVER, 1):
        batch = upload_only(cast.manager, rows, options=options)
        run_jobs()
        found.append(staged(fresh(batch)))
        assert found[-1][0]
    assert found[0] == found[1]


def test_a_second_process_that_cannot_work_costs_time_and_nothing_else(
    cast: Cast, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Its connection is refused; ours stands already."""
    batch = upload_only(cast.manager, templates(cast))
    run_jobs()
    batch = fresh(batch)
    settings.JOB_CHUNK_ROWS, settings.BESIDE_ROWS = 8, 1
    whole = stage_all(batch, in_halves=False)
    where = connection.settings_dict
    port, where["PORT"] = where["PORT"], "1"
    try:
        halves = stage_all(batch, in_halves=True)
    finally:
        where["PORT"] = port
    assert "its part is done here" in caplog.text
    assert halves == whole


def stage_all(batch: ImportBatch, *, in_halves: bool) -> Any:
    """Stage the file once more, in one transaction, and say what stands there."""
    batch.rows.all().delete()
    batch.issues.all().delete()
    place: int | None = 0
    with transaction.atomic():
        while place is not None:
            place = pieces.stage(batch, place, in_halves=in_halves)
        return staged(batch)


@pytest.mark.parametrize(
    ("more", "place", "lines"),
    [
        # the first patent is cut at the middle of the piece (place 4), the second at its end (place 11)
        ((3, 5, 0, 1), 13, [4, 8]),
        # the second is longer than anybody looks ahead: the piece is read as one
        ((3, 250, 0), None, [4, 8, 259]),
    ],
)
def test_pieces_end_where_a_subject_begins(
    cast: Cast,
    settings: Any,
    more: Sequence[int],
    place: int | None,
    lines: Sequence[int],
) -> None:
    rows = []
    for count in more:
        entry = factories.entry(cast.participation)
        own = {"application_number": entry.patent.number, "org_unit": entry.institution.name}
        rows += [RIGHT | own, *[{"status_level1": "已实施"}] * count]
    batch = upload_only(cast.manager, template(*rows))
    run_jobs()
    batch = fresh(batch)
    batch.rows.all().delete()
    settings.JOB_CHUNK_ROWS, settings.BESIDE_ROWS = 4, 1
    assert pieces.stage(batch, 0, in_halves=True) == place
    assert list(batch.rows.order_by("line").values_list("line", flat=True)) == list(lines)


@pytest.mark.parametrize("next_beside", [1, NEVER])
def test_a_half_without_its_checkpoint_is_staged_afresh(
    cast: Cast, settings: Any, next_beside: int
) -> None:
    """The first process is lost after the second has committed; the next one reads with a second, or alone."""
    batch = upload_only(cast.manager, templates(cast))
    run_jobs()
    batch = fresh(batch)
    settings.JOB_CHUNK_ROWS, settings.BESIDE_ROWS = 8, 1
    whole = stage_all(batch, in_halves=False)
    batch.rows.all().delete()
    batch.issues.all().delete()
    with transaction.atomic():
        place = pieces.stage(batch, 0, in_halves=True)
        transaction.set_rollback(True)
    left = batch.rows.count()
    assert place is not None
    assert 0 < left < len(whole[0])
    settings.BESIDE_ROWS = next_beside
    place = 0
    while place is not None:
        with transaction.atomic():
            place = pieces.stage(batch, place, in_halves=True)
    assert staged(batch) == whole


# --- writing ------------------------------------------------------------------------------------------


@pytest.fixture
def previewed(cast: Cast, settings: Any) -> ImportBatch:
    """Forty patents to be filled in, ten of them to a piece of two halves."""
    entries = [factories.entry(cast.participation) for _number in range(40)]
    own = [
        {"application_number": one.patent.number, "org_unit": one.institution.name}
        for one in entries
    ]
    batch = upload_only(cast.manager, template(*(RIGHT | cells for cells in own)))
    run_jobs()
    settings.JOB_CHUNK_ROWS, settings.BESIDE_ROWS = 5, 10
    return fresh(batch)


def job_of_writing(cast: Cast, batch: ImportBatch) -> Job:
    """Confirm the preview; the job that is to write it, which nobody has begun."""
    imports.confirm(
        actor=cast.manager,
        batch=batch,
        seen_version=batch.version,
        digest=batch.preview_digest,
    )
    job = fresh(batch).job
    assert job is not None
    return job


def written_once(batch: ImportBatch) -> bool:
    """Every row is marked; each dossier has its two entries in the trail, its step, its marks and its fact."""
    ids = list(batch.rows.filter(is_applied=True).values_list("target_id", flat=True))
    trail = AuditEntry.objects.filter(object_type="inventory.dossier", object_id__in=ids)
    counted = [
        trail.filter(action=AuditAction.CHANGE).count(),
        trail.filter(action=AuditAction.STATE).count(),
        DossierStep.objects.filter(dossier__in=ids).count(),
        StatusMark.objects.filter(dossier__in=ids).count(),
        DossierFact.objects.filter(dossier__in=ids, superseded_at=None).count(),
        Dossier.objects.filter(pk__in=ids, state=DossierState.DRAFT, version=3).count(),
    ]
    return counted == [40] * 6


def test_two_processes_write_every_row_once(cast: Cast, previewed: ImportBatch) -> None:
    batch = confirm(cast.manager, previewed)
    assert (batch.state, batch.counts["added"]) == (ImportState.APPLIED, 40)
    assert written_once(batch)
    # both processes' entries name the job that wrote them
    jobs = AuditEntry.objects.filter(object_type="inventory.dossier", job_id__isnull=False)
    assert jobs.values("job_id").distinct().count() == 1


def test_what_the_second_process_wrote_stays_written_once(
    cast: Cast, previewed: ImportBatch
) -> None:
    """The first process is lost after the second has committed its half."""
    job = job_of_writing(cast, previewed)
    with transaction.atomic():
        assert stepping.next_piece(fresh(previewed), job, APPLICATIONS) is not None
        transaction.set_rollback(True)
    assert previewed.rows.filter(is_applied=True).count() == 5
    run_jobs()
    assert fresh(previewed).state == ImportState.APPLIED
    assert written_once(previewed)


def test_a_second_writer_that_cannot_work_costs_time_and_nothing_else(
    cast: Cast, previewed: ImportBatch, caplog: pytest.LogCaptureFixture
) -> None:
    job = job_of_writing(cast, previewed)
    where = connection.settings_dict
    port, where["PORT"] = where["PORT"], "1"
    try:
        with transaction.atomic():
            piece = stepping.next_piece(fresh(previewed), job, APPLICATIONS)
    finally:
        where["PORT"] = port
    assert "its part is done here" in caplog.text
    assert piece is not None
    assert previewed.rows.filter(is_applied=True).count() == 10
    run_jobs()
    assert written_once(previewed)
