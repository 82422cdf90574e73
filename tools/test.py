"""`make test`, `make quick`, `make bench` and `make soak`: pytest on a PostgreSQL of its own."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree as ET

import psycopg2

from tools import assets
from tools.browser import ensure_browser, has_chinese_fonts
from tools.paths import LOGS, PYTHON, ROOT, VAR, make_folders, take_lock
from tools.postgres import SUPERUSER, Cluster, ClusterError
from tools.processes import (
    adopt_orphans,
    die_with_parent,
    end,
    end_descendants,
    interrupt_on_terminate,
)

HOME = VAR / "pg-test"
REPORT = LOGS / "tests.xml"
MUST_RUN_ALL = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
WORKERS = os.environ.get("PORTAL_TEST_WORKERS", "2")


def environment(url: str) -> dict[str, str]:
    """What the tests see: their own settings and database, nothing of a service running beside."""
    kept = {
        name: value for name, value in os.environ.items() if name not in {"REDIS_URL", "EMAIL_URL"}
    }
    return {**kept, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}


@contextmanager
def database() -> Iterator[str]:
    """A server for the tests: the given one, else our own, which ends with us unless it ran before."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    cluster = Cluster(HOME, durable=False)
    started = cluster.ensure_running(die_with_parent=True)
    try:
        yield cluster.url()
    finally:
        if started:
            cluster.stop()


def run_pytest(arguments: list[str], env: dict[str, str]) -> int:
    """Run pytest in a session of its own; Ctrl-C is handed on, and nothing of it stays."""
    command = [str(PYTHON), "-m", "pytest", *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        return 130
    finally:
        end(process, patience=20)


def prepare_browser(env: dict[str, str]) -> list[str]:
    """Find the browser; without one leave its tests out and say so, or end where none may be."""
    browser = ensure_browser()
    if browser and has_chinese_fonts():
        env["PORTAL_CHROMIUM"] = browser
        return []
    missing = "Chinese fonts are" if browser else "Chromium is"
    print(f"{missing} not installed: apt-get install chromium fonts-noto-cjk", flush=True)
    if MUST_RUN_ALL:
        raise SystemExit("CI=true: nothing may be skipped.")
    print("The browser tests are skipped.", flush=True)
    return ["-m", "not browser"]


def count_skipped() -> int:
    """How many tests of the last run were skipped."""
    suites = ET.parse(REPORT).getroot().iter("testsuite")  # noqa: S314 - our own report
    return sum(int(suite.get("skipped", "0")) for suite in suites)


def run_suite(arguments: list[str]) -> int:
    """The whole suite, each worker with its own database."""
    with database() as url:
        env = environment(url)
        options = [
            "-q",
            "-n",
            WORKERS,
            "--dist=loadfile",
            "-p",
            "no:cacheprovider",
            f"--junitxml={REPORT}",
        ]
        code = run_pytest([*options, *prepare_browser(env), *arguments], env)
    if code == 0 and MUST_RUN_ALL and count_skipped():
        print(f"CI=true: nothing may be skipped, but {count_skipped()} tests were.")
        return 1
    return code


def template_name() -> str:
    """The name of the migrated empty database, which changes with every migration."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(path.read_bytes())
    return f"quick_{digest.hexdigest()[:12]}"


def statement(cluster: Cluster, text: str) -> list[tuple[str]]:
    """Run one statement outside a transaction. The names in it are our own."""
    connection = psycopg2.connect(cluster.url(SUPERUSER, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(text)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def ensure_template(cluster: Cluster) -> str:
    """Migrate an empty database once per state of the migrations; later runs copy it."""
    name = template_name()
    lock = take_lock(HOME / "template.lock", wait=True)
    known = {row[0] for row in statement(cluster, "SELECT datname FROM pg_database")}
    if name not in known:
        draft = f"{name}_{os.getpid()}"
        statement(cluster, f"CREATE DATABASE {draft} OWNER portal")
        command = [str(PYTHON), "manage.py", "migrate", "--verbosity=0"]
        migrate = subprocess.run(
            command, cwd=ROOT, env=environment(cluster.url(database=draft)), check=False
        )
        if migrate.returncode != 0:
            statement(cluster, f"DROP DATABASE {draft}")
            raise SystemExit("The migrations do not run; the reason stands above.")
        statement(cluster, f"ALTER DATABASE {draft} RENAME TO {name}")
    if lock:
        lock.close()
    return name


def run_quick(arguments: list[str]) -> int:
    """Some test files, at once: the server stays up, the database is a copy of a migrated one."""
    cluster = Cluster(HOME, durable=False)
    cluster.ensure_running()
    name = f"run_{os.getpid()}"
    statement(cluster, f"CREATE DATABASE {name} TEMPLATE {ensure_template(cluster)} OWNER portal")
    try:
        env = {**environment(cluster.url()), "PORTAL_TEST_DATABASE": name}
        browser = prepare_browser(env) if any("browser" in word for word in arguments) else []
        return run_pytest(["-q", "--reuse-db", "-p", "no:cacheprovider", *browser, *arguments], env)
    finally:
        statement(cluster, f"DROP DATABASE {name} WITH (FORCE)")


def main(arguments: list[str]) -> int:
    """`test [words for pytest…]` or `test --quick files…`."""
    interrupt_on_terminate()
    make_folders()
    try:
        assets.ensure()
        if "--quick" in arguments:
            return run_quick([word for word in arguments if word != "--quick"])
        adopt_orphans()
        try:
            return run_suite(arguments)
        finally:
            end_descendants()
    except (ClusterError, assets.AssetError) as error:
        print(error)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
