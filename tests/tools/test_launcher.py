"""`make run`, really run on a small city: twice, and stopped without a trace."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tools.paths import VAR
from tools.postgres import Cluster
from tools.processes import free_port
from tools.stop import main as stop_everything

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180


def environment(folder: Path) -> dict[str, str]:
    """A launcher of its own, below `folder`; the installed browser packages are shared."""
    (folder / "npm").symlink_to(VAR / "npm")
    shutil.copytree(VAR / "vendor", folder / "vendor")
    dropped = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "PORTAL_PROCESS"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PORTAL_VAR": str(folder), "PORTAL_DEMO_PATENTS": "200"}


def wait_for_line(log: Path, words: str, process: subprocess.Popen[bytes]) -> str:
    """The line of the log that holds the words; fails with the log when the process ends first."""
    for _attempt in range(START_SECONDS * 5):
        for line in log.read_text(encoding="utf-8").splitlines():
            if words in line:
                return line
        assert process.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8"))


def processes_of(folder: Path) -> list[str]:
    """What still runs with this folder in its environment, working folder or command."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        if entry.name == str(os.getpid()):
            continue
        try:
            words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except (OSError, ProcessLookupError):
            continue
        if str(folder).encode() in words:
            found.append(words[:120].decode(errors="replace"))
    return found


@pytest.mark.slow
def test_run_answers_says_so_twice_and_leaves_nothing(tmp_path: Path) -> None:
    env = environment(tmp_path)
    log = tmp_path / "run.txt"
    command = [sys.executable, "-m", "tools.run"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=stream, stderr=stream, start_new_session=True
        )
    try:
        line = wait_for_line(log, "The service answers at", process)
        address = next(word for word in line.split() if word.startswith("http"))
        with urllib.request.urlopen(address) as response:
            assert response.status == 200

        second = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        assert second.returncode == 0
        assert f"It runs already at {address}" in second.stdout

        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        Cluster(tmp_path / "pg").stop()
    assert processes_of(tmp_path) == []
    assert not (tmp_path / "run.json").exists()


def test_free_port_goes_up_from_a_taken_one() -> None:
    taken = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        other.listen()
        assert free_port(taken) > taken


def test_stop_without_anything_running_is_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.stop.VAR", tmp_path)
    monkeypatch.setattr("tools.stop.STATE", tmp_path / "run.json")

    stop_everything()

    assert capsys.readouterr().out == ""
