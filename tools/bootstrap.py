"""Make .venv and install what the locks name. Runs under the system's own Python, standard library only."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)


def refuse(text: str) -> None:
    """End with a reason in words."""
    say(text)
    raise SystemExit(1)


def check_interpreter() -> None:
    """Refuse an old Python, and one whose venv module cannot install pip."""
    if sys.version_info < OLDEST:
        refuse(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        refuse("Python's venv module is incomplete. Install it: apt-get install python3-venv")


def is_usable() -> bool:
    """Whether the environment exists, runs and was not moved here from another folder."""
    if not PYTHON.exists():
        return False
    probe = [str(PYTHON), "-c", "import pip, sys; print(sys.prefix)"]
    answer = subprocess.run(probe, capture_output=True, text=True, check=False)
    return answer.returncode == 0 and Path(answer.stdout.strip()) == VENV


def stamp_of(lock: Path) -> str:
    """What an installation was made from: the lock's content and the interpreter."""
    content = hashlib.sha256(lock.read_bytes()).hexdigest()
    return f"{content} {sys.version_info.major}.{sys.version_info.minor}\n"


def install(lock: Path) -> None:
    """Install one lock unless exactly this lock was installed last; stamped only when complete."""
    stamp = VENV / f"{lock.stem}.stamp"
    wanted = stamp_of(lock)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    say(f"Installing {lock.name} …")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command = [*pip, "--require-hashes", "--no-deps", "--requirement", str(lock)]
    if subprocess.run(command, check=False).returncode != 0:
        refuse("The packages could not be installed; the reason stands above. Try again.")
    stamp.write_text(wanted, encoding="utf-8")


def ensure(*, dev: bool) -> None:
    """Make the environment as the locks describe it; quick when nothing changed."""
    if not is_usable():
        check_interpreter()
        shutil.rmtree(VENV, ignore_errors=True)
        say("Making the virtual environment .venv …")
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    # The lock of the tests contains the one of the service: one of the two is enough.
    if dev or not (VENV / "requirements-dev.stamp").exists():
        install(ROOT / ("requirements-dev.lock" if dev else "requirements.lock"))
    else:
        install(ROOT / "requirements-dev.lock")


def main(arguments: list[str]) -> None:
    """`bootstrap [--dev] [module argument…]`: make the environment, then become that module in it."""
    os.chdir(ROOT)
    dev = "--dev" in arguments
    rest = [word for word in arguments if word != "--dev"]
    try:
        ensure(dev=dev)
    except KeyboardInterrupt:
        refuse("\nInterrupted; run the command again to go on.")
    if rest:
        os.environ["PYTHONUNBUFFERED"] = "1"
        os.execv(PYTHON, [str(PYTHON), "-m", *rest])  # noqa: S606 - our own interpreter


if __name__ == "__main__":
    main(sys.argv[1:])
