"""Ask each page through Django itself, as the demonstration's people, and print its server time.

Words after the module's name choose pages: `python -m tools.bench_pages catalogue` measures the catalogue alone.
"""

import logging
import math
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

LIMIT_MS = 150
ROUNDS = 20
WARM = 3
# how far into a list the drawer is opened
MIDDLE = 100
ENTRIES = "inventory:entry-list"
OFFICIALS = ("city", "education", "district")
#: Narrowings of the work list: what people ask for in a meeting.
NARROWED = (
    {"q": "方法"},
    {"q": "装置 系统"},
    {"state": "completed"},
    {"state": "draft"},
    {"kind": "design"},
    {"stars": "5"},
    {"late": "yes"},
    {"included": "no"},
    {"assigned": "left"},
    {"order": "number"},
    {"order": "-changed"},
    {"order": "priority"},
    {"order": "-priority"},
    {"priority": "1"},
    {"upload": "changed"},
)
#: Pages without an argument, as (route, query string, people).
LISTS: tuple[tuple[str, dict[str, str], tuple[str, ...]], ...] = (
    ("portal:home", {}, ("manager", "secretary", "inventor", *OFFICIALS, "auditadmin", "sysadmin")),
    # asked for by the pages themselves when they stand
    ("inventory:list-figures", {}, ("manager", "secretary")),
    ("matching:supply-kinds", {}, ("manager", "city")),
    ("inventory:review-spread", {}, ("manager", "secretary")),
    ("inventory:pool-screening", {}, ("manager",)),
    ("portal:people-figures", {}, ("sysadmin",)),
    ("portal:todo", {}, ("manager", "secretary", "inventor", *OFFICIALS)),
    (ENTRIES, {}, ("manager", "secretary", "inventor", *OFFICIALS, "auditor")),
    *((ENTRIES, words, ("manager", "city")) for words in NARROWED),
    ("inventory:my-patents", {}, ("inventor", "manager", "secretary")),
    ("inventory:review-queue", {}, ("manager", "secretary")),
    ("inventory:review-queue", {"q": "方法"}, ("manager",)),
    ("inventory:unassigned-list", {}, ("manager", "secretary")),
    ("inventory:confirmation-list", {}, ("manager", "secretary", "city")),
    ("inventory:urge-targets", {}, ("city", "manager")),
    # the first campaign of the demonstration city: by far the largest
    ("inventory:urge-targets", {"campaign": "1"}, ("city", "manager")),
    ("inventory:urge-list", {}, ("city", "manager")),
    ("inventory:upload-list", {}, ("manager", "city")),
    ("inventory:exclusion-list", {}, ("manager", *OFFICIALS)),
    ("inventory:exclusion-list", {"state": "requested"}, ("city",)),
    ("inventory:exclusion-proposals", {}, ("manager",)),
    ("inventory:co-owned-list", {}, ("manager",)),
    ("inventory:pool-list", {}, ("manager", "inventor", *OFFICIALS)),
    ("inventory:pool-list", {"stars": "4"}, ("manager", "city")),
    ("inventory:pool-list", {"order": "term"}, ("manager", "city")),
    ("inventory:pool-preview", {}, ("manager",)),
    ("inventory:campaign-list", {}, ("manager", "city")),
    ("matching:supply", {}, ("manager", *OFFICIALS)),
    ("matching:supply", {"level1": "license", "level2": "open"}, ("city",)),
    ("matching:supply", {"q": "方法"}, ("city",)),
    ("evaluation:catalogue", {}, ("enterprise", "service")),
    ("evaluation:catalogue", {"all": "1"}, ("enterprise",)),
    ("evaluation:catalogue", {"order": "stars"}, ("service",)),
    ("evaluation:catalogue", {"q": "方法"}, ("service",)),
    ("evaluation:catalogue", {"section": "C", "stars": "5"}, ("service",)),
    ("reporting:coverage", {}, ("manager", *OFFICIALS)),
    ("reporting:coverage", {"by": "bureau"}, ("city",)),
    ("portal:audit-list", {}, ("auditadmin", "auditor", "manager")),
    ("portal:import-list", {}, ("manager", "city")),
    ("portal:people-list", {}, ("sysadmin", "manager", "secretary")),
    ("portal:people-list", {"q": "王"}, ("sysadmin",)),
    ("portal:organisation-list", {}, ("sysadmin", "city")),
    ("portal:job-list", {}, ("manager", "city")),
    ("portal:notice-list", {}, ("manager", "inventor")),
    ("portal:staff-list", {}, ("manager",)),
    ("portal:outbox-list", {}, ("manager",)),
)
#: Pages of one thing: (route, model, condition, people); a visible one in the middle is shown.
DETAILS: tuple[tuple[str, str, dict[str, Any], tuple[str, ...]], ...] = (
    ("inventory:patent-detail", "inventory.Patent", {}, ("manager", "inventor", "city")),
    ("inventory:dossier-detail", "inventory.Dossier", {}, ("manager", "inventor", "city")),
    ("inventory:dossier-history", "inventory.Dossier", {}, ("manager",)),
    (
        "inventory:dossier-edit",
        "inventory.Dossier",
        {"state__in": ["unfiled", "draft"]},
        ("manager", "secretary", "inventor"),
    ),
    ("evaluation:catalogue-detail", "evaluation.CatalogueEntry", {}, ("enterprise",)),
    ("portal:people-detail", "portal.User", {}, ("sysadmin",)),
)
#: Lists whose rows open in the drawer, with the query of a saved view: (list, condition, people).
DRAWERS: tuple[tuple[str, dict[str, str], tuple[str, ...]], ...] = (
    ("inventory.entries", {}, ("manager", "city", "secretary")),
    (
        "inventory.entries",
        {"state": "completed", "stars": "3", "order": "number"},
        ("manager", "city"),
    ),
    ("inventory.reviews", {}, ("manager",)),
)
#: Rows of a figure are asked for each of these, for the largest and a small figure somebody may see.
MEASURES = ("due", "unfiled", "open", "covered", "transformed", "in_pool", "excluded")


@dataclass(frozen=True)
class Page:
    """An address as one person opens it."""

    person: str
    name: str
    address: str
    is_drawer: bool = False


@dataclass(frozen=True)
class Timing:
    """What the rounds of one page took, in milliseconds."""

    status: int
    median: float
    p95: float
    sql: float
    queries: int
    size: int


class Counter:
    """Counts statements and the time they take."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204 - Django's hook
        self.count += 1
        begin = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - begin


def membership_of(person: str) -> Any:
    """The capacity in which a demonstration person acts after signing in: the first."""
    members = apps.get_model("portal.Membership").objects
    return (
        members.select_related("organisation", "unit", "user")
        .filter(user__username=person)
        .order_by("pk")[0]
    )


def pages() -> Iterator[Page]:
    """Every page that is measured: lists, boards, pages of one thing, rows of figures."""
    for route, query, people in LISTS:
        for person in people:
            yield _page(person, route, reverse(route), query)
    for route, label, condition, people in DETAILS:
        for person in people:
            rows = apps.get_model(label).objects.visible_to(membership_of(person))
            keys = rows.filter(**condition).order_by("pk").values_list("pk", flat=True)
            if count := keys.count():
                yield _page(person, route, reverse(route, args=[keys[count // 2]]), {})
    yield from _drawers()
    for person in (*OFFICIALS, "manager"):
        yield from _figures(person)


def _drawers() -> Iterator[Page]:
    """The preview of a row in the middle of a list, with its place and its neighbours inside the filter."""
    for name, query, people in DRAWERS:
        words = urlencode(query)
        for person in people:
            # the registry of lists is filled by django.setup
            from portal.lists.registry import narrowed  # noqa: PLC0415

            rows = narrowed(name, words, membership_of(person))
            row = rows.order_by("pk")[MIDDLE:].first() or rows.first()
            if row is None:
                continue
            dossier = getattr(row, "dossier_id", row.pk)
            address = reverse("inventory:dossier-detail", args=[dossier])
            place = urlencode({"list": name, "at": row.pk})
            shown = " ".join(f"{key}={value}" for key, value in query.items())
            title = f"drawer of {name} {shown}".strip()
            yield Page(person, title, f"{address}?{place}&{words}", is_drawer=True)


def _figures(person: str) -> Iterator[Page]:
    """Rows of the largest and of the smallest figure of the newest snapshot."""
    model = apps.get_model("reporting.CoverageFigure")
    seen = model.objects.visible_to(membership_of(person))
    newest = seen.order_by("-snapshot").values("snapshot")[:1]
    figures = seen.filter(snapshot=newest, due__gt=0).order_by("-due")
    chosen = {figure.pk: figure for figure in (figures.first(), figures.last()) if figure}
    address = reverse("reporting:coverage-rows")
    for figure in chosen.values():
        key = {"snapshot": figure.snapshot_id, "dimension": figure.dimension, "key": figure.key}
        for measure in MEASURES:
            name = f"coverage-rows {figure.due} {measure}"
            yield Page(person, name, f"{address}?{urlencode({**key, 'measure': measure})}")


def _page(person: str, route: str, address: str, query: dict[str, str]) -> Page:
    words = urlencode(query)
    shown = " ".join(f"{name}={value}" for name, value in query.items())
    return Page(person, f"{route} {shown}".strip(), f"{address}?{words}" if words else address)


def measure(client: Client, page: Page) -> Timing:
    """Some rounds to warm up, then those that count."""
    times, sql = [], []
    counter = Counter()
    headers = {"HX-Request": "true", "HX-Target": "drawer-body"} if page.is_drawer else {}
    for number in range(WARM + ROUNDS):
        counter.count, counter.seconds = 0, 0.0
        begin = time.perf_counter()
        with connection.execute_wrapper(counter):
            response = client.get(page.address, headers=headers)
        if number >= WARM:
            times.append((time.perf_counter() - begin) * 1000)
            sql.append(counter.seconds * 1000)
    return Timing(
        status=response.status_code,
        median=statistics.median(times),
        p95=sorted(times)[math.ceil(0.95 * ROUNDS) - 1],
        sql=statistics.median(sql),
        queries=counter.count,
        size=0 if response.streaming else len(response.content),
    )


def machine() -> str:
    """What it was measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "?"
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    server = connection.cursor().connection.server_version // 10000
    return (
        f"{os.cpu_count()} × {model}, {memory:.0f} GiB, load {os.getloadavg()[0]:.1f}; Python"
        f" {platform.python_version()}, Django {django.get_version()}, PostgreSQL {server}"
    )


def clients() -> dict[str, Client]:
    """One signed-in browser per person."""
    users = apps.get_model("portal.User").objects
    found = {}
    for page in pages():
        if page.person not in found:
            found[page.person] = Client(raise_request_exception=False)
            found[page.person].force_login(users.get(username=page.person))
    return found


def line(page: Page, timing: Timing) -> str:
    """One row of the table."""
    verdict = ""
    if timing.status != 200:
        verdict = "  not shown"
    elif timing.p95 > LIMIT_MS:
        verdict = f"  over {LIMIT_MS} ms"
    return (
        f"{page.person:11}{page.name:46}{timing.status:>6}{timing.median:>8.1f}{timing.p95:>8.1f}"
        f"{timing.sql:>8.1f}{timing.queries:>9}{timing.size / 1024:>6.0f}{verdict}"
    )


def main() -> int:
    """Print one line per person and page; 1 when a page fails or is too slow."""
    django.setup()
    # as the processes of the service do
    from portal import memory  # noqa: PLC0415

    memory.settle()
    logging.disable(logging.ERROR)
    settings.ALLOWED_HOSTS = ["testserver"]
    patents = apps.get_model("inventory.Patent").objects.count()
    seed = os.environ.get("PORTAL_BENCH_SEED", "?")
    print(f"{machine()}\n{patents} patents, seed {seed}, {ROUNDS} rounds, times in ms\n")
    print(
        f"{'person':11}{'page':46}{'status':>6}{'median':>8}{'p95':>8}"
        f"{'sql':>8}{'queries':>9}{'KB':>6}"
    )
    wanted = sys.argv[1:]
    browsers = clients()
    bad = 0
    for page in pages():
        if wanted and not any(word in page.name for word in wanted):
            continue
        timing = measure(browsers[page.person], page)
        bad += timing.status != 200 or timing.p95 > LIMIT_MS
        print(line(page, timing), flush=True)
    print(f"\n{bad} pages failed or took more than {LIMIT_MS} ms (p95)." if bad else "\nAll hold.")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
