"""`make stop`: stop what `make run` and `make quick` left running for this checkout."""

import json
import os
import signal
import time

from tools.paths import VAR
from tools.postgres import Cluster
from tools.run import STATE


def main() -> None:
    """Stop the service by its launcher, then the databases."""
    if STATE.exists():
        pid = int(json.loads(STATE.read_text(encoding="utf-8"))["pid"])
        try:
            os.kill(pid, signal.SIGTERM)
            while STATE.exists():
                time.sleep(0.2)
        except ProcessLookupError:
            STATE.unlink(missing_ok=True)
    for name in sorted(path.name for path in VAR.glob("pg*")):
        if Cluster(VAR / name).stop():
            print(f"Stopped the database of var/{name}.")


if __name__ == "__main__":
    main()
