"""`make bench`: a demonstration city of a given size in a database of its own, then the time of its pages.

PORTAL_BENCH_PATENTS (default 200000) and PORTAL_BENCH_SEED (default 1) set size and content. Prints machine,
versions and seed beside the figures; docs/benchmarks.md keeps the runs that were quoted.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import psycopg2

from tools import assets
from tools.paths import PYTHON, ROOT, VAR, make_folders, secret
from tools.postgres import SUPERUSER, Cluster, ClusterError
from tools.processes import interrupt_on_terminate

HOME = VAR / "pg-bench"
PATENTS = int(os.environ.get("PORTAL_BENCH_PATENTS", "200000"))
SEED = int(os.environ.get("PORTAL_BENCH_SEED", "1"))


def machine() -> str:
    """The machine in one line: processor, cores, memory."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def environment(url: str) -> dict[str, str]:
    """Settings of the service, against the bench database."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": secret("SECRET_KEY"),
        "FIELD_KEY": secret("FIELD_KEY"),
        "HTTPS_ONLY": "false",
        "STATEMENT_TIMEOUT": "3600",
        "PORTAL_PROCESS": "worker",
    }


def manage(env: dict[str, str], *words: str) -> float:
    """Run a management command; seconds it took."""
    start = time.monotonic()
    subprocess.run([str(PYTHON), "manage.py", *words], cwd=ROOT, env=env, check=True)
    return time.monotonic() - start


def fresh_database(cluster: Cluster, name: str) -> bool:
    """Make the database of this size and seed unless it is there; True when it is new."""
    connection = psycopg2.connect(cluster.url(SUPERUSER, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        is_new = cursor.fetchone() is None
        if is_new:
            cursor.execute(f'CREATE DATABASE "{name}" OWNER portal')  # the name is made of numbers
    connection.close()
    return is_new


def main() -> int:
    interrupt_on_terminate()
    make_folders()
    assets.ensure()
    cluster = Cluster(HOME, durable=True)
    started = cluster.ensure_running(die_with_parent=True)
    try:
        name = f"bench_{PATENTS}_{SEED}"
        env = environment(cluster.url(database=name))
        print(f"Machine: {machine()}", flush=True)
        print(f"PostgreSQL {cluster.programs.major}; {PATENTS} patents, seed {SEED}", flush=True)
        if fresh_database(cluster, name):
            manage(env, "migrate", "--verbosity=0")
            size = ("--patents", str(PATENTS), "--seed", str(SEED))
            print(f"demo_city: {manage(env, 'demo_city', *size):.1f} s", flush=True)
            manage(env, "run_jobs", "--once")
        subprocess.run([str(PYTHON), "-m", "tools.bench_pages"], cwd=ROOT, env=env, check=True)
    except ClusterError as error:
        print(error)
        return 1
    finally:
        if started:
            cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
