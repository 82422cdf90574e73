"""Start programs that cannot outlive us, and end them in order."""

import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """Make a child's preparation: the kernel sends it `sign` when the parent is gone, killed too."""

    def prepare() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(sign))

    return prepare


def start(
    command: Sequence[str | Path], *, log: Path, env: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C reaches only us and we decide the order."""
    with log.open("ab") as stream:
        return subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )


def end(process: subprocess.Popen[bytes], *, patience: float = 10) -> None:
    """Ask a program to stop, then make its whole session stop."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def free_port(first: int = 0) -> int:
    """A port of 127.0.0.1 that nobody uses: any, or the first free one from `first` up."""
    for port in range(first, first + 200) if first else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError(f"No free port between {first} and {first + 200}.")


def interrupt_on_terminate() -> None:
    """Treat TERM and HUP like Ctrl-C, so that one `finally` ends everything."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be collected does not."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return facts.rpartition(")")[2].split()[0] != "Z"


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none gets away."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_descendants() -> None:
    """Kill what is still below us: browsers and workers of a program that was interrupted."""
    for _round in range(20):
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf-8")
        if not children.split():
            return
        for pid in map(int, children.split()):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
