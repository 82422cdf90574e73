"""Where the database server's own uid can reach: below var/, or in a private folder of /var/tmp.

Started as root the server runs under another uid, and a checkout below a closed folder (a home, a
fresh temporary folder) is out of its reach. Data and programs then live in a folder of /var/tmp
whose name follows from the checkout's; it remembers its origin and goes when the origin is gone.
"""

import hashlib
import os
import shutil
import stat
from pathlib import Path

ELSEWHERE = Path("/var/tmp")  # noqa: S108 - root's own folders in it, kept over a restart
PREFIX = "portal-pg-"
ORIGIN = "origin"


def is_open(folder: Path) -> bool:
    """Whether everybody may pass through a folder and all above it."""
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))


def private_folder(origin: Path) -> Path:
    """The folder outside that belongs to `origin`; refuses one that somebody else made first."""
    digest = hashlib.sha256(str(origin).encode()).hexdigest()[:16]
    folder = ELSEWHERE / f"{PREFIX}{digest}"
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to somebody else.")
    folder.chmod(0o755)
    (folder / ORIGIN).write_text(str(origin), encoding="utf-8")
    return folder


def place_for(home: Path, name: str, *, uid: int | None) -> Path:
    """The path of a folder `name` of `home` that `uid` (None: ourselves) can reach."""
    home.mkdir(parents=True, exist_ok=True)
    if uid is None or is_open(home):
        return home / name
    place = private_folder(home) / name
    (home / "location").write_text(str(place), encoding="utf-8")
    return place


def traversable_copy(tree: Path, *, uid: int, origin: Path) -> Path:
    """The tree itself where `uid` can reach it, else a copy of it made once."""
    if is_open(tree):
        return tree
    libraries = tree.parent.parent / f"{tree.parent.name}.libs"
    stamp = hashlib.sha256(f"{tree} {tree.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    target = private_folder(origin) / f"programs-{stamp}"
    # The wheel's programs find their libraries by a relative path: keep the shape around them.
    copy = target / tree.parent.name / tree.name
    if not target.exists():
        draft = target.with_name(f"{target.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(tree, draft / tree.parent.name / tree.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for path in draft.rglob("*"):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | stat.S_IROTH | (path.stat().st_mode & 0o100) >> 6)
        draft.chmod(0o755)
        draft.rename(target)
    return copy


def hand_over(tree: Path, *, uid: int) -> None:
    """Give a folder and all in it to `uid`."""
    os.chown(tree, uid, uid)
    for path in tree.rglob("*"):
        os.chown(path, uid, uid, follow_symlinks=False)


def in_use(folder: Path) -> bool:
    """Whether a server runs on data in this folder."""
    return any(Path(f"/proc/{pid_of(file)}").exists() for file in folder.glob("*/postmaster.pid"))


def pid_of(file: Path) -> str:
    """The process id in the first line of a server's pid file."""
    return file.read_text(encoding="utf-8").partition("\n")[0].strip() or "none"


def sweep() -> None:
    """Remove our folders outside whose checkout is gone."""
    for folder in ELSEWHERE.glob(f"{PREFIX}*"):
        origin = folder / ORIGIN
        if folder.stat().st_uid != os.geteuid() or not origin.exists():
            continue
        if not Path(origin.read_text(encoding="utf-8")).exists() and not in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)
