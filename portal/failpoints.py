"""Named points at which tests may kill the process; nothing unless settings.FAILPOINTS is set (tests only)."""

import os
import signal

from django.conf import settings


def failpoint(name: str) -> None:
    """Kill this process, as a power cut would, when tests armed this point: `name:n` dies at the n-th passage."""
    armed = settings.FAILPOINTS
    if not armed:
        return
    passed.append(name)
    wanted, _, count = armed.partition(":")
    if name == wanted and passed.count(name) >= int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL)


# in order, since some point was armed: tests look which points a piece of work passes
passed: list[str] = []
