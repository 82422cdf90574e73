"""Power cuts, two imports at once and withdrawn rights: the register ends as it should."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from inventory.models import BaseListEntry, EntryFact, Patent
from portal.choices import JOB_ENDED, ImportState, JobState, Role
from portal.jobs import runner
from portal.models import AuditEntry, ImportBatch, Job, Membership
from portal.services import imports
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD, confirm, fresh, upload_only
from tests.inventory.importing.test_base_import import row

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Upload = Callable[..., ImportBatch]
KILLED = -signal.SIGKILL
ROWS = 70

POINTS = [
    "intake.after_read:1",
    "job.between_chunks:2",
    *(f"intake.staging.before_commit:{n}" for n in (1, 2, 4)),
    *(f"intake.check.before_commit:{n}" for n in (1, 3, 5)),
    "intake.preview.before_commit:1",
    *(f"intake.apply.before_commit:{n}" for n in (1, 2, 4, 5)),
    *(f"job.after_commit:{n}" for n in (3, 6)),
]
# a seeded sample of the points; the whole list belongs to the long runs outside the suite
SAMPLE = random.Random(20240911).sample(POINTS, 4)


def worker(failpoint: str = "") -> subprocess.Popen[bytes]:
    """A worker process of its own on the test database, which may be told where to die."""
    database = connection.settings_dict
    where = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    user = (
        f"{database['USER']}:{database['PASSWORD']}" if database["PASSWORD"] else database["USER"]
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": f"postgres://{user}@{where}",
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEY": settings.FIELD_KEY,
        "PORTAL_PROCESS": "worker",
        "JOB_CHUNK_ROWS": "20",
        "JOB_LEASE_SECONDS": "2",
        "FAILPOINTS": failpoint,
        "HTTPS_ONLY": "false",
    }
    command = [sys.executable, "manage.py", "run_jobs", "--once"]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)


def finish_jobs() -> None:
    """New workers until nothing is left: a killed worker's job is free when its lease ran out."""
    for _ in range(20):
        assert worker().wait(timeout=120) == 0
        if not Job.objects.exclude(state__in=JOB_ENDED).exists():
            return
        time.sleep(1)
    pytest.fail("jobs are left over")


def deadlocks() -> int:
    """How often two transactions of this database stood in each other's way: a retry would hide it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def rows_for(holder: str, first: int) -> list[list[str]]:
    good = [row(first + n, 专利名称=f"一种可靠演示装置{n}", 专利权人=holder) for n in range(ROWS)]
    return [HEAD, *good, good[3], row(first + 900, 专利权人="演示无关单位")]


def picture(member: Membership, batch: ImportBatch) -> dict[str, Any]:
    """Everything an import leaves behind, without numbers, ids and times."""
    own = Patent.objects.filter(holders__organisation=member.organisation)
    patents = own.order_by("application_number").prefetch_related("holders", "inventors", "events")
    jobs = Job.objects.filter(membership=member).values_list("kind", "state")
    trail = AuditEntry.objects.filter(owner=member.organisation).exclude(
        object_type__in=["portal.storedfile"]
    )
    entries = BaseListEntry.objects.filter(institution=member.organisation)
    return {
        "patents": [
            (
                one.title, one.filed_on, one.granted_on, one.expires_on, one.next_fee_on, one.version,
                [h.position for h in one.holders.all()],
                [i.name for i in one.inventors.all()],
                [e.kind for e in one.events.all()],
            )
            for one in patents
        ],
        "entries": entries.values_list("dossier__state").count(),
        "facts": EntryFact.objects.filter(institution=member.organisation).count(),
        "trail": Counter(trail.values_list("object_type", "action")),
        "rows": list(batch.rows.order_by("line").values_list("line", "outcome", "is_applied")),
        "issues": sorted(batch.issues.values_list("line", "rule")),
        "counts": batch.counts,
        "state": batch.state,
        "jobs": sorted(jobs),
    }  # fmt: skip


@pytest.mark.parametrize(
    "point",
    [*SAMPLE, *(pytest.param(one, marks=pytest.mark.soak) for one in POINTS if one not in SAMPLE)],
)
def test_a_power_cut_leaves_no_trace(cast: Cast, upload: Upload, point: str) -> None:
    options = {"campaign": str(cast.campaign.pk)}
    quiet = upload(cast.outsider, rows_for("演示外部大学", 2000), options=options)
    quiet = confirm(cast.outsider, quiet)

    batch = upload_only(cast.manager, rows_for("演示第一大学", 1000), options=options)
    deaths = [worker(point).wait(timeout=120)]
    finish_jobs()
    batch = fresh(batch)
    imports.confirm(
        actor=cast.manager, batch=batch, seen_version=batch.version, digest=batch.preview_digest
    )
    if KILLED not in deaths:
        deaths.append(worker(point).wait(timeout=120))
    finish_jobs()
    assert KILLED in deaths
    assert picture(cast.manager, fresh(batch)) == picture(cast.outsider, quiet)
    assert Patent.objects.count() == 2 * ROWS


def test_two_overlapping_imports_at_once_end_in_their_union(cast: Cast, upload: Upload) -> None:
    both = "演示第一大学;演示外部大学"
    lists = {
        cast.manager: [row(n, 专利权人=both) for n in range(60)],
        cast.outsider: [row(n, 专利权人=both) for n in reversed(range(30, 100))],
    }
    batches = {actor: upload(actor, [HEAD, *rows]) for actor, rows in lists.items()}
    for actor, batch in batches.items():
        assert imports.confirm(
            actor=actor, batch=batch, seen_version=batch.version, digest=batch.preview_digest
        )
    before = deadlocks()
    workers = [worker(), worker()]
    assert [one.wait(timeout=120) for one in workers] == [0, 0]
    finish_jobs()
    assert deadlocks() == before
    assert {fresh(batch).state for batch in batches.values()} == {ImportState.APPLIED}
    assert Patent.objects.count() == 100
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}


@pytest.fixture
def slow_rows(db: None) -> Iterator[None]:
    """Each patent takes a moment to be written, so that two statements are at it together."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(0.01); RETURN new; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER slowly BEFORE INSERT ON inventory_patent "
            "FOR EACH ROW EXECUTE FUNCTION slowly()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION slowly CASCADE")


def test_the_same_patents_in_opposite_orders_at_the_same_moment(
    cast: Cast, upload: Upload, slow_rows: None
) -> None:
    """Both write in the order of the numbers: one waits, neither stands in the way of the other."""
    both = "演示第一大学;演示外部大学"
    rows = [row(n, 专利权人=both) for n in range(60)]
    lists = {cast.manager: rows, cast.outsider: rows[::-1]}
    batches = {actor: upload(actor, [HEAD, *lines]) for actor, lines in lists.items()}
    for actor, batch in batches.items():
        assert imports.confirm(
            actor=actor, batch=batch, seen_version=batch.version, digest=batch.preview_digest
        )
    start = threading.Barrier(2, timeout=60)
    waited = []

    def together(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith("INSERT INTO inventory_patent "):
            waited.append(start.wait())
        return execute(sql, params, many, context)

    def apply(name: str) -> None:
        with connection.execute_wrapper(together):
            runner.run_next(name)
        connection.close()

    before = deadlocks()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(apply, ["one", "other"]))
    assert deadlocks() == before
    assert sorted(waited) == [0, 1]
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}
    assert Patent.objects.count() == 60


@pytest.mark.parametrize("lost", ["membership", "role", "organisation"])
def test_withdrawn_rights_stop_at_the_next_chunk(
    cast: Cast, upload: Upload, settings: Any, lost: str
) -> None:
    settings.JOB_CHUNK_ROWS = 10
    batch = upload(cast.manager, [HEAD, *(row(n) for n in range(30))])
    imports.confirm(
        actor=cast.manager, batch=batch, seen_version=batch.version, digest=batch.preview_digest
    )
    runner.run_next("one-chunk", is_over=lambda: True)
    assert Patent.objects.count() == 10
    if lost == "role":
        cast.manager.role = Role.AUDITOR
        cast.manager.save(update_fields=["role"])
    else:
        ended = cast.manager if lost == "membership" else cast.manager.organisation
        ended.is_active = False
        ended.save(update_fields=["is_active"])
    runner.run_due("test-worker")
    batch = fresh(batch)
    assert Patent.objects.count() == 10
    assert (batch.state, batch.preview_digest) == (ImportState.PREVIEW, "")
    assert batch.problem != ""
