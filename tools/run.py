"""`make run`: the whole service on this machine, until Ctrl-C."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import psycopg2

from tools import assets
from tools.paths import LOGS, PYTHON, ROOT, SECRETS, VAR, make_folders, secret, take_lock
from tools.postgres import Cluster, ClusterError
from tools.processes import (
    adopt_orphans,
    end,
    end_descendants,
    free_port,
    interrupt_on_terminate,
    start,
)

STATE = VAR / "run.json"
# What the demonstration city said when it was made: who may sign in, which files to try.
SIGN_INS = VAR / "demo" / "sign-ins.txt"
FIRST_PORT = 8000
# How large the demonstration city is; 0 leaves the database empty.
PATENTS = os.environ.get("PORTAL_DEMO_PATENTS", "5000")
START_SECONDS = 60
SHORTEST_LIFE = 5


class StartError(Exception):
    """The service cannot be started; the text says why."""


def environment(process: str, url: str) -> dict[str, str]:
    """What one of the service's processes sees."""
    defaults = {"HTTPS_ONLY": "false", "DJANGO_SETTINGS_MODULE": "portal.settings"}
    fixed = {"PORTAL_PROCESS": process, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}
    return {**defaults, **os.environ, **fixed}


def manage(url: str, *words: str, output: IO[str] | None = None) -> None:
    """Run one of Django's commands to its end, its words to the terminal or to a file."""
    command = [str(PYTHON), "manage.py", *words]
    env = environment("command", url)
    answer = subprocess.run(command, cwd=ROOT, env=env, stdout=output, check=False)
    if answer.returncode != 0:
        raise StartError(f"`manage.py {words[0]}` failed; the reason stands above.")


def is_empty(url: str) -> bool:
    """Whether nobody is registered yet, so that the demonstration may be loaded."""
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT 1 FROM portal_user)")
        answer = cursor.fetchone()
    connection.close()
    return bool(answer and answer[0])


def programs(port: int) -> Mapping[str, tuple[str, list[str | Path]]]:
    """The processes of the service: name → kind for the settings, command."""
    folder = PYTHON.parent
    web: list[str | Path] = [folder / "gunicorn", "portal.wsgi", f"--bind=127.0.0.1:{port}"]
    web += ["--workers=2", "--timeout=60", "--no-control-socket", "--access-logfile=-"]
    found: dict[str, tuple[str, list[str | Path]]] = {"web": ("web", web)}
    if os.environ.get("REDIS_URL"):
        celery: list[str | Path] = [folder / "celery", "-A", "portal"]
        found["worker"] = ("worker", [*celery, "worker", "--concurrency=2", "--loglevel=info"])
        found["scheduler"] = ("worker", [*celery, "beat", "--loglevel=info"])
    else:
        found["worker"] = ("worker", [PYTHON, "manage.py", "run_jobs"])
    return found


def answers(address: str) -> bool:
    """Whether the page at the address is served."""
    try:
        with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310 - our own http
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


class Service:
    """The running processes, started again when one dies."""

    def __init__(self, url: str, port: int) -> None:
        self.url = url
        # where links in mails lead
        self.site = f"http://127.0.0.1:{port}"
        self.programs = programs(port)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.since: dict[str, float] = {}

    def start(self, name: str) -> None:
        """Start one process."""
        kind, command = self.programs[name]
        env = {"SITE_URL": self.site, **environment(kind, self.url)}
        self.running[name] = start(command, log=LOGS / f"{name}.log", env=env)
        self.since[name] = time.monotonic()

    def check(self) -> None:
        """Start ended processes again; one that cannot live ends the whole."""
        for name, process in list(self.running.items()):
            if process.poll() is None:
                continue
            if time.monotonic() - self.since[name] < SHORTEST_LIFE:
                raise StartError(f"The {name} process ended at once; see {LOGS / name}.log.")
            print(f"The {name} process ended ({process.returncode}); starting it again.")
            self.start(name)

    def wait_for(self, address: str) -> None:
        """Wait until the first page is served."""
        deadline = time.monotonic() + START_SECONDS
        while not answers(address):
            self.check()
            if time.monotonic() > deadline:
                raise StartError(f"No page is served after {START_SECONDS} s; see {LOGS}.")
            time.sleep(0.2)

    def stop(self) -> None:
        """End all processes, the last started first."""
        for process in reversed(self.running.values()):
            end(process)


def prepare(url: str) -> None:
    """Bring the database and the served files to the state of the code."""
    manage(url, "migrate", "--verbosity=0")
    manage(url, "collectstatic", "--noinput", "--verbosity=0")
    if PATENTS != "0" and is_empty(url):
        print(f"Loading the demonstration city with {PATENTS} patents …")
        SIGN_INS.parent.mkdir(exist_ok=True)
        with SIGN_INS.open("w", encoding="utf-8") as stream:
            manage(url, "demo_city", "--patents", PATENTS, "--sign-ins", output=stream)


def serve(url: str) -> None:
    """Start the processes, say where they answer, and stay until interrupted."""
    port = free_port(FIRST_PORT)
    address = f"http://127.0.0.1:{port}/"
    service = Service(url, port)
    try:
        for name in service.programs:
            service.start(name)
        service.wait_for(address)
        STATE.write_text(json.dumps({"address": address, "pid": os.getpid()}), encoding="utf-8")
        if SIGN_INS.exists():
            print(SIGN_INS.read_text(encoding="utf-8"))
        print(f"The service answers at {address}   (logs in {LOGS}; Ctrl-C stops everything)")
        while True:
            time.sleep(1)
            service.check()
    finally:
        STATE.unlink(missing_ok=True)
        service.stop()


def run() -> None:
    """Bring up the database unless one is given, then the service on it."""
    for name in ("secret_key", "field_key"):
        secret(name)
    assets.ensure()
    given = os.environ.get("DATABASE_URL")
    if given:
        prepare(given)
        serve(given)
        return
    print("Starting the database …")
    cluster = Cluster(VAR / "pg")
    cluster.ensure_running(die_with_parent=True)
    address = SECRETS / "database_url"  # so that `manage.py` finds the database by itself
    try:
        address.touch(mode=0o600)
        address.write_text(cluster.url(), encoding="utf-8")
        prepare(cluster.url())
        serve(cluster.url())
    finally:
        address.unlink(missing_ok=True)
        cluster.stop()


def already_running() -> str:
    """What to tell somebody who starts it twice."""
    if not STATE.exists():
        return "It is being started already."
    return f"It runs already at {json.loads(STATE.read_text(encoding='utf-8'))['address']}"


def main() -> int:
    """Run until interrupted; 0 after Ctrl-C."""
    make_folders()
    lock = take_lock(VAR / "run.lock")
    if lock is None:
        print(already_running())
        return 0
    interrupt_on_terminate()
    adopt_orphans()
    try:
        run()
    except KeyboardInterrupt:
        print("\nStopped.")
    except (StartError, ClusterError, assets.AssetError) as error:
        print(error)
        return 1
    finally:
        end_descendants()
        lock.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
