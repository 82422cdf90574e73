"""`make check`: every check that needs no test, all of them, then one verdict."""

import os
import subprocess
import sys

from tools.paths import PYTHON, ROOT
from tools.processes import interrupt_on_terminate
from tools.test import database, environment

BIN = PYTHON.parent
APPS = ("portal", "inventory", "evaluation", "matching", "reporting")
# Not looked at, by name; the linter takes one --ignore-name with all of them, a second would replace the first.
IGNORED = [
    "--ignore-initial-migrations",
    "--ignore-name",
    # Written before the first release: it only ever runs on empty tables.
    "0002_database_guards",
    # Each makes a unique constraint anew that covers one state more, which no row has before it: none can break it.
    "0005_pool_review",
    "0021_co_owned_and_exclusions",
    # Its unique index stands on a column that it adds itself and no row has filled.
    "0014_corrections_of_imports",
]
CHECKS: dict[str, list[str]] = {
    "format": [f"{BIN}/ruff", "format", "--check", "--quiet", "."],
    "lint": [f"{BIN}/ruff", "check", "--quiet", "."],
    "imports": [f"{BIN}/lint-imports", "--no-cache"],
    "types": [f"{BIN}/mypy", "--no-error-summary", *APPS, "tools"],
    "templates": [f"{BIN}/djlint", "--lint", "--quiet", "templates"],
    "migrations": [str(PYTHON), "manage.py", "makemigrations", "--check", "--dry-run"],
    "migration safety": [str(PYTHON), "manage.py", "lintmigrations", "--no-cache", *IGNORED],
    "deployment": [str(PYTHON), "manage.py", "check", "--deploy", "--fail-level=WARNING"],
}


def settings_for(name: str, url: str) -> dict[str, str]:
    """The tests' settings, but production's for the deployment check."""
    env = {**environment(url), "PORTAL_PROCESS": "command"}
    if name == "deployment":
        keys = {"SECRET_KEY": os.urandom(40).hex(), "FIELD_KEY": os.urandom(40).hex()}
        return {**env, **keys, "DJANGO_SETTINGS_MODULE": "portal.settings", "HTTPS_ONLY": "true"}
    return env


def main() -> int:
    """Run all checks; 1 when any failed."""
    interrupt_on_terminate()
    failed = []
    with database() as url:
        for name, command in CHECKS.items():
            print(f"— {name}", flush=True)
            env = settings_for(name, url)
            if subprocess.run(command, cwd=ROOT, env=env, check=False).returncode != 0:
                failed.append(name)
    print(f"Failed: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
