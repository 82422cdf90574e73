"""The throw-away process: what it gave up, and that it does not outlive its parent."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from portal.spreadsheets.reading import PORTAL

KERNEL = (
    "import os, sys, types; kernel = types.ModuleType('portal'); kernel.__path__ = [sys.argv[1]]; "
    "sys.modules['portal'] = kernel; from portal.spreadsheets import child; "
    "from portal.spreadsheets.limits import Limits; "
)
CONFINED = KERNEL + "child.confine(Limits(), os.getppid()); "
READER = """
import sys
sys.path.insert(0, sys.argv[1])
from django.conf import settings
settings.configure(USE_I18N=False)
from pathlib import Path
from portal.spreadsheets.limits import Limits
from portal.spreadsheets.reading import read_file
read_file(Path(sys.argv[2]), "list.csv", Path(sys.argv[3]), Limits(rows=10**8))
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", code, str(PORTAL)], capture_output=True, text=True, check=False
    )


def test_child_imports_no_framework() -> None:
    said = run(KERNEL + "print(sorted({'django', 'celery', 'psycopg2'} & set(sys.modules)))")

    assert (said.stdout, said.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['true'])",
        "os.system('true')",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
    ],
)
def test_child_can_neither_call_out_nor_start_programs(deed: str) -> None:
    said = run(CONFINED + deed)

    assert said.returncode == 1
    assert "PermissionError" in said.stderr


def test_child_cannot_take_more_memory() -> None:
    said = run(CONFINED + "bytearray(1100 * 1024 * 1024)")

    assert "MemoryError" in said.stderr


def test_child_dies_with_its_parent(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_bytes(b"a,b\n" * 20_000_000)
    command = [sys.executable, "-c", READER, str(PORTAL.parent), str(source), str(tmp_path / "out")]
    parent = subprocess.Popen(command)
    reader = first_child(parent.pid)

    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()

    # dead and not yet collected by whoever adopted it is dead, too
    alive = psutil.wait_procs([reader], timeout=10)[1]
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []


def first_child(pid: int) -> psutil.Process:
    for _ in range(500):
        children = psutil.Process(pid).children()
        if children and Path(f"/proc/{children[0].pid}/fd").exists():
            time.sleep(0.5)  # let it get into its work
            return children[0]
        time.sleep(0.02)
    raise AssertionError("no reader was started")
