"""`make bench`: pages, a bulk edit, an import of 100,000 patents on a large demonstration city."""

import os
import subprocess
import sys
import time

import psycopg2
from psycopg2 import sql

from tools import assets
from tools.paths import PYTHON, ROOT, VAR, make_folders, secret
from tools.postgres import ROLE, SUPERUSER, Cluster, ClusterError
from tools.processes import interrupt_on_terminate
from tools.run import StartError, environment, is_empty, manage

PATENTS = int(os.environ.get("PORTAL_BENCH_PATENTS", "200000"))
SEED = os.environ.get("PORTAL_BENCH_SEED", "2024")


def fill(url: str) -> None:
    """Load the city once; a later run measures on the same data."""
    manage(url, "migrate", "--verbosity=0")
    manage(url, "collectstatic", "--noinput", "--verbosity=0")
    if not is_empty(url):
        return
    begin = time.monotonic()
    words = ("--patents", str(PATENTS), "--seed", SEED, "--files", str(VAR / "bench"))
    manage(url, "demo_city", *words)
    print(f"Loaded {PATENTS} patents in {time.monotonic() - begin:.0f} s.")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # what the server does by itself within minutes
    connection.close()


def clone(cluster: Cluster, name: str) -> str:
    """A copy of the city under another name, for what writes much; the address of it."""
    connection = psycopg2.connect(cluster.url(SUPERUSER, "postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        words = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
        city = sql.Identifier(ROLE)
        cursor.execute(words.format(sql.Identifier(name), city, city))
    connection.close()
    return cluster.url(database=name)


def measure_intake(cluster: Cluster) -> int:
    """An import of 100,000 patents into a copy of the city, beside the floor and the usual library."""
    env = {
        **environment("worker", clone(cluster, "intake")),
        "RIVAL_URL": clone(cluster, "rival"),
        "PORTAL_BENCH_SEED": SEED,
        "LOG_LEVEL": "ERROR",
    }
    words = [str(PYTHON), "-m", "tools.bench_intake", *sys.argv[1:]]
    return subprocess.run(words, cwd=ROOT, env=env, check=False).returncode


def main() -> int:
    """Measure on a database of its own, kept for the next time and stopped at the end."""
    interrupt_on_terminate()
    make_folders()
    for name in ("secret_key", "field_key"):
        secret(name)
    cluster = Cluster(VAR / f"pg-bench-{PATENTS}", memory="1GB")  # as in docker-compose.yml
    try:
        assets.ensure()
        cluster.ensure_running(die_with_parent=True)
        fill(cluster.url())
        env = {**environment("web", cluster.url()), "PORTAL_BENCH_SEED": SEED, "LOG_LEVEL": "ERROR"}
        codes = [
            subprocess.run([str(PYTHON), "-m", module], cwd=ROOT, env=env, check=False).returncode
            for module in ("tools.bench_pages", "tools.bench_bulk")
        ]
        codes.append(measure_intake(cluster))
        return max(codes)
    except KeyboardInterrupt:
        return 130
    except (StartError, ClusterError, assets.AssetError) as error:
        print(error)
        return 1
    finally:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
