"""Folders and small facts that all commands of the launcher share."""

import fcntl
import os
import secrets
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("PORTAL_VAR", ROOT / "var"))
PYTHON = ROOT / ".venv" / "bin" / "python"
LOGS = VAR / "log"
SECRETS = VAR / "secrets"


def make_folders() -> None:
    """Make the folders that exist only at run time."""
    for folder in (VAR, LOGS, VAR / "files", VAR / "mail", VAR / "vendor", VAR / "static"):
        folder.mkdir(parents=True, exist_ok=True)
    SECRETS.mkdir(mode=0o700, exist_ok=True)


def secret(name: str) -> str:
    """The secret of that name: made once, kept in a file only its owner can read."""
    make_folders()
    file = SECRETS / name
    if not file.exists():
        fresh = file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(secrets.token_urlsafe(64))
        fresh.rename(file)
    return file.read_text(encoding="utf-8").strip()


def take_lock(file: Path, *, wait: bool = False) -> IO[str] | None:
    """Lock a file for the life of this process; None when another process holds it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    stream = file.open("a+", encoding="utf-8")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        return None
    return stream
