"""Pages in use while an import runs: how long they take, for some seconds, over and over.

`python -m tools.bench_beside SECONDS` prints a line a page: its name, its person, p95 in ms. tools.bench_intake runs it
once while nothing else goes on and once beside an import.
"""

import logging
import math
import sys
import time

import django
from django.conf import settings

#: What people have open while somebody else imports: words of names in tools.bench_pages, and whose.
USED = (
    ("inventory:entry-list", "manager"),
    ("inventory:entry-list q=方法", "city"),
    ("inventory:my-patents", "inventor"),
    ("inventory:dossier-edit", "secretary"),
    ("inventory:dossier-detail", "manager"),
    ("portal:todo", "manager"),
    ("reporting:coverage", "city"),
    ("evaluation:catalogue", "enterprise"),
)
WARM = 2


def p95(times: list[float]) -> float:
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]


def main() -> int:
    """Go round the pages until the seconds are over."""
    django.setup()
    from portal import memory  # noqa: PLC0415 - needs what was set up
    from tools import bench_pages  # noqa: PLC0415 - likewise

    memory.settle()
    logging.disable(logging.ERROR)
    settings.ALLOWED_HOSTS = ["testserver"]
    asked = [page for page in bench_pages.pages() if (page.name, page.person) in USED]
    browsers = bench_pages.clients()
    taken: dict[bench_pages.Page, list[float]] = {page: [] for page in asked}
    rounds, end = 0, time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end:
        rounds += 1
        for page, times in taken.items():
            begin = time.perf_counter()
            browsers[page.person].get(page.address)
            if rounds > WARM:
                times.append((time.perf_counter() - begin) * 1000)
    for page, times in taken.items():
        print(f"{page.name}\t{page.person}\t{p95(times):.1f}\t{len(times)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
