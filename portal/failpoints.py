"""Named points at which tests may kill the process; nothing unless settings.FAILPOINTS is set (tests only)."""

import os
import signal

from django.conf import settings


def failpoint(name: str) -> None:
    """Kill this process, as a power cut would, when tests armed this point: `name:n` dies at the n-th passage."""
    armed = settings.FAILPOINTS
    if not armed:
        return
    wanted, _, count = armed.partition(":")
    if name != wanted:
        return
    _passed[name] = _passed.get(name, 0) + 1
    if _passed[name] >= int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL)


_passed: dict[str, int] = {}
