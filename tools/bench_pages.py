"""Ask each page through Django itself, as the demonstration's people, and print its server time."""

import logging
import os
import platform
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

LIMIT_MS = 150
ROUNDS = 15
WARM = 3
PEOPLE = ("manager", "city", "inventor")
LISTS = ("inventory:entry-list", "inventory:review-queue", "inventory:pool-list", "portal:home")
#: Pages of one thing: route → model, of which a visible one in the middle is shown.
DETAILS = {
    "inventory:patent-detail": "inventory.Patent",
    "inventory:dossier-detail": "inventory.Dossier",
    "inventory:dossier-edit": "inventory.Dossier",
}


class Counter:
    """Counts statements."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204 - Django's hook
        self.count += 1
        return execute(sql, params, many, context)


def boards() -> list[str]:
    """Every page of the top app that needs no argument: the boards."""
    resolver = get_resolver().namespace_dict.get("reporting")
    if resolver is None:
        return []
    patterns = [pattern for pattern in resolver[1].url_patterns if isinstance(pattern, URLPattern)]
    return [f"reporting:{path.name}" for path in patterns if not path.pattern.converters]


def visible_key(label: str, username: str) -> int | None:
    """The key of one row the person may see, away from the first page."""
    model: type[Model] = django.apps.apps.get_model(label)
    members = django.apps.apps.get_model("portal.Membership")
    membership = members.objects.filter(user__username=username).order_by("pk").first()
    rows = model.objects.visible_to(membership).order_by("pk")  # type: ignore[attr-defined]
    return rows.values_list("pk", flat=True)[rows.count() // 2] if rows.exists() else None


def addresses(username: str) -> Iterator[tuple[str, str]]:
    """Route and address of each page for one person."""
    for name in (*LISTS, *boards()):
        yield name, reverse(name)
    for name, label in DETAILS.items():
        key = visible_key(label, username)
        if key is not None:
            yield name, reverse(name, args=[key])


def measure(client: Client, address: str) -> tuple[int, float, float, int, int]:
    """Status, median and worst milliseconds, statements and bytes of a page."""
    times = []
    counter = Counter()
    for number in range(WARM + ROUNDS):
        counter.count = 0
        begin = time.perf_counter()
        with connection.execute_wrapper(counter):
            response = client.get(address)
        if number >= WARM:
            times.append((time.perf_counter() - begin) * 1000)
    size = 0 if response.streaming else len(response.content)
    return response.status_code, statistics.median(times), max(times), counter.count, size


def machine() -> str:
    """What it was measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?"
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    server = connection.cursor().connection.server_version // 10000
    return (
        f"{os.cpu_count()} × {model}, {memory:.0f} GiB; Python {platform.python_version()},"
        f" Django {django.get_version()}, PostgreSQL {server}"
    )


def main() -> int:
    """Print one line per person and page; 1 when a page fails or is too slow."""
    django.setup()
    logging.disable(logging.ERROR)
    settings.ALLOWED_HOSTS = ["testserver"]
    patents = django.apps.apps.get_model("inventory.Patent").objects.count()
    print(
        f"{machine()}\n{patents} patents, seed {os.environ['PORTAL_BENCH_SEED']}, {ROUNDS} rounds\n"
    )
    print(f"{'person':10}{'page':34}{'status':>7}{'median':>9}{'worst':>9}{'queries':>9}{'KB':>7}")
    bad = 0
    users = django.apps.apps.get_model("portal.User").objects
    for username in PEOPLE:
        client = Client(raise_request_exception=False)
        client.force_login(users.get(username=username))
        for name, address in addresses(username):
            if client.get(address).status_code in {403, 404, 405}:
                continue  # not a page of this person
            status, median, worst, queries, size = measure(client, address)
            slow = median > LIMIT_MS
            bad += slow or status >= 500
            print(
                f"{username:10}{name:34}{status:>7}{median:>9.1f}{worst:>9.1f}{queries:>9}"
                f"{size / 1024:>7.0f}{'  over ' + str(LIMIT_MS) + ' ms' if slow else ''}",
                flush=True,
            )
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
