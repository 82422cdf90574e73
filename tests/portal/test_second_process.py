"""A second process: what it hands back, what becomes of it, and that the first one keeps its database connection."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from portal.models import Organisation
from portal.second_process import beside
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def has_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def is_alive(pid: int) -> bool:
    """A process that waits for its parent to look at it is over."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_what_it_made_comes_back_whole() -> None:
    large = b"\x00tab\tline\n" * 1_000_000
    with beside(lambda: large) as second:
        assert second() == large
    assert not has_children()


def test_it_reads_over_a_connection_of_its_own_and_leaves_ours_as_it_was() -> None:
    factories.organisation(name="演示已存单位")
    with transaction.atomic():
        factories.organisation(name="演示未提交单位")
        ours = backend()

        def look() -> bytes:
            names = set(Organisation.objects.values_list("name", flat=True))
            return repr((backend(), "演示已存单位" in names, "演示未提交单位" in names)).encode()

        with beside(look) as second:
            said = second()
        assert said is not None
        theirs, sees_committed, sees_ours = eval(said)
        assert (sees_committed, sees_ours) == (True, False)
        assert theirs != ours == backend()
    assert Organisation.objects.filter(name="演示未提交单位").exists()


def test_it_gives_way_to_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    with beside(lambda: str(os.nice(0)).encode()) as second:
        assert second() == str(os.nice(0) + 5).encode()


@pytest.mark.parametrize("end", ["raises", "is killed", "exits"])
def test_nothing_comes_back_of_work_that_did_not_come_to_its_end(end: str) -> None:
    def work() -> bytes:
        if end == "raises":
            raise ValueError(end)
        if end == "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        sys.exit(3)

    with beside(work) as second:
        assert second() is None
    assert not has_children()


def test_its_last_statement_is_over_before_its_part_is_done_again(tmp_path: Path) -> None:
    """The process is killed while the database works on: what it sent last may still be committed."""
    note = tmp_path / "backend"

    def work() -> bytes:
        note.write_text(str(backend()))
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGKILL)).start()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(2)")
        return b"never"

    with transaction.atomic(), beside(work) as second:
        assert second() is None
        with connection.cursor() as cursor:
            alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND state <> 'idle'"
            cursor.execute(alive, [int(note.read_text())])
            assert cursor.fetchone()[0] == 0


def test_it_does_not_outlive_the_block_that_fails() -> None:
    def endless() -> bytes:
        time.sleep(600)
        return b""

    begin = time.monotonic()
    with pytest.raises(RuntimeError, match="ours"), beside(endless):
        raise RuntimeError("ours")
    assert time.monotonic() - begin < 60
    assert not has_children()


def test_where_none_can_be_started_there_is_no_answer() -> None:
    """The limit on processes does not hold for root, so the first process of this test is somebody else."""
    script = """
        import os, resource
        from django.conf import settings
        settings.configure()
        from portal.second_process import beside
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        with beside(lambda: b"made") as second:
            print(second())
    """
    words = [sys.executable, "-c", textwrap.dedent(script)]
    ended = subprocess.run(
        words, cwd=settings.BASE_DIR, check=False, timeout=120, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout) == (0, "None\n"), ended.stderr


def test_it_dies_with_the_first_process(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"""
        import os, signal, time
        from pathlib import Path
        from django.conf import settings
        settings.configure()
        from portal.second_process import beside
        def work():
            Path({str(note)!r}).write_text(str(os.getpid()))
            time.sleep(600)
        with beside(work):
            while not Path({str(note)!r}).exists():
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    words = [sys.executable, "-c", textwrap.dedent(script)]
    code = subprocess.run(words, cwd=settings.BASE_DIR, check=False, timeout=120).returncode
    assert code == -signal.SIGKILL
    pid = int(note.read_text())
    until = time.monotonic() + 60
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(pid)
