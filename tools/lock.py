"""`make lock`: write both lock files from requirements*.txt: exact versions, hashes, no addresses."""

import subprocess
import sys

from tools.paths import PYTHON, ROOT

OPTIONS = [
    "--quiet",
    "--generate-hashes",
    "--strip-extras",
    "--allow-unsafe",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    "--no-emit-options",
]


def main() -> int:
    """Lock the service, then the tests on top of it."""
    for name in ("requirements", "requirements-dev"):
        files = [f"--output-file={name}.lock", f"{name}.txt"]
        command = [f"{PYTHON.parent}/pip-compile", *OPTIONS, *files]
        code = subprocess.call(command, cwd=ROOT)
        if code != 0:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
