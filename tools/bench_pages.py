"""Server time of the main pages, measured in the process: middleware, view, queries and template, no network.

Run by tools.bench with the settings of the service. Each page is asked 5 times to warm up, then 40 times.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.db import connection  # noqa: E402 - after django.setup()
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from inventory.models import BaseListEntry, Dossier  # noqa: E402
from portal.access import SESSION_KEY  # noqa: E402
from portal.choices import Role  # noqa: E402
from portal.models import Membership  # noqa: E402

WARM_UP, TIMES, LIMIT_MS = 5, 40, 150


@dataclass(frozen=True)
class Page:
    """One page as one role."""

    name: str
    role: str
    address: str


def member(role: str) -> Membership:
    """The first demonstration person of a role, of the largest institution where there are several."""
    return (
        Membership.objects.active()
        .filter(role=role)
        .select_related("user", "organisation", "unit")
        .order_by("pk")[0]
    )


def pages() -> list[Page]:
    """What is measured: lists with their worst filters, a dossier, the review queue, the board."""
    manager = member(Role.INSTITUTION_MANAGER)
    own = Dossier.objects.visible_to(manager).order_by("pk").first()
    assert own is not None  # noqa: S101 - the demonstration city fills every institution
    entries, city, institution = reverse("inventory:entry-list"), Role.CITY_OFFICIAL, manager.role
    word = BaseListEntry.objects.select_related("patent").order_by("-pk")[0].patent.title[2:4]
    return [
        Page("work list, city", city, entries),
        Page("work list, city, by number", city, f"{entries}?order=number"),
        Page("work list, city, state and stars", city, f"{entries}?state=completed&stars=5"),
        Page("work list, city, two characters", city, f"{entries}?q={word}"),
        Page("work list, city, overdue", city, f"{entries}?late=yes"),
        Page("work list, manager", institution, entries),
        Page("work list, manager, changed", institution, f"{entries}?order=changed"),
        Page("dossier, reading", institution, reverse("inventory:dossier-detail", args=[own.pk])),
        Page("dossier, form", institution, reverse("inventory:dossier-edit", args=[own.pk])),
        Page("patent", institution, reverse("inventory:patent-detail", args=[own.patent_id])),
        Page("review queue", institution, reverse("inventory:review-queue")),
        Page("city pool", city, reverse("inventory:pool-list")),
        Page("start page, manager", institution, reverse("portal:home")),
        Page("coverage board, city", city, reverse("reporting:coverage")),
        Page("coverage board, manager", institution, reverse("reporting:coverage")),
    ]


def client_of(role: str) -> Client:
    membership = member(role)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(membership.user)
    session = client.session
    session[SESSION_KEY] = membership.pk
    session.save()
    return client


def measure(page: Page, client: Client) -> tuple[float, float, int, int]:
    """Median and 95th percentile in ms, queries, bytes."""
    for _ in range(WARM_UP):
        response = client.get(page.address)
        if response.status_code != 200:
            raise SystemExit(f"{page.name}: {page.address} answered {response.status_code}")
    times = []
    for _ in range(TIMES):
        start = time.perf_counter()
        client.get(page.address)
        times.append((time.perf_counter() - start) * 1000)
    with CaptureQueriesContext(connection) as queries:
        client.get(page.address)
    p95 = statistics.quantiles(times, n=20)[18]
    return statistics.median(times), p95, len(queries), len(response.content)


def main() -> int:
    clients: dict[str, Client] = {}
    slow = 0
    print(f"| page | p50 ms | p95 ms | queries | KB |   (limit {LIMIT_MS} ms at p95)")
    print("|---|---:|---:|---:|---:|")
    for page in pages():
        client = clients.setdefault(page.role, client_of(page.role))
        p50, p95, queries, size = measure(page, client)
        slow += p95 > LIMIT_MS
        mark = " **slow**" if p95 > LIMIT_MS else ""
        print(
            f"| {page.name} | {p50:.0f} | {p95:.0f}{mark} | {queries} | {size // 1024} |",
            flush=True,
        )
    print(f"{slow} pages above the limit.")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
