"""Promises that hold for every declared list: a page costs the same however many rows it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.choices import DossierState as S
from inventory.choices import ExclusionReason
from inventory.models import PoolEntry
from inventory.services import exclusions, pool
from inventory.services.exclusions import Claim
from portal import listing
from portal.choices import Role
from portal.lists.registry import all_lists
from portal.lists.spec import ListSpec
from portal.models import Membership, SavedView
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]
FEW, MANY = 2, 30
# of these the rows below are made; the others are asked as they are, which finds a query per row of the page's own
GROWING = {
    "inventory.entries",
    "inventory.reviews",
    "inventory.mine",
    "inventory.co_owned",
    "inventory.unassigned",
    "inventory.pool",
    "inventory.pool_nominees",
    "portal.people",
    "portal.staff",
}
WHO = ("city", "department", "manager", "unit_manager", "inventor")


def grow(cast: Cast, count: int) -> None:
    """So many more rows of every kind."""
    for state in (S.DRAFT, S.UNIT_REVIEW, S.INSTITUTION_REVIEW):
        factories.entries(
            cast.participation, count, state=state, unit=cast.school, responsible=cast.inventor.user
        )
    factories.entries(cast.participation, count, state=S.DRAFT, unit=cast.school)
    for _ in range(count):
        patent = factories.patent(cast.university, cast.other)
        factories.entry(cast.participation, patent, unit=cast.school)
        factories.entry(cast.other_participation, patent)
        factories.membership(Role.INVENTOR, cast.university, unit=cast.school)
        factories.staff(cast.university, name="演示职工", unit=cast.school)
    rule = pool.current_rule() or pool.set_rule(
        values={"min_stars": 1, "kinds": [], "needs_key_industry": False, "min_months_left": 0},
        actor=cast.city,
    )
    complete = [
        factories.entry(cast.participation, state=S.COMPLETED, unit=cast.school).dossier_id
        for _ in range(2 * count)
    ]
    pool.nominate(rule=rule, ids=complete[:count], actor=cast.manager)
    with connection.cursor() as cursor:
        # the planner of a database in use knows its tables
        cursor.execute("ANALYZE")


def addresses(spec: ListSpec, actor: Membership) -> Iterator[str]:
    """The list as it is, in each of its orders, with every column that can be chosen, and as a saved view."""
    url = reverse(spec.url_name)
    yield url
    for order in spec.orders_for(actor):
        yield f"{url}?order={order}"
    if spec.columns:
        yield f"{url}?columns={','.join(column.key for column in spec.columns)}"
    yield f"{url}?q=演示"
    order = next(iter(spec.orders_for(actor)))
    view, _is_new = SavedView.objects.get_or_create(
        list_name=spec.name,
        owner=actor,
        name="演示视图",
        defaults={"organisation": actor.organisation, "query": f"order={order}"},
    )
    yield f"{url}?view={view.pk}"


def asked(client: PageClient, url: str) -> tuple[int, int]:
    """(queries, rows) of a page that was opened before."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200, url
    page = response.context.get("page") if response.context else None
    if page is None:
        return len(queries), 0
    # whether there is a page behind is a question more
    return len(queries) - bool(page.next_cursor), len(page.items)


@pytest.mark.parametrize("who", WHO)
def test_queries_do_not_grow_with_the_rows(
    cast: Cast, client_of: ClientOf, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # all rows on one page, where the page asks for its size
    monkeypatch.setattr(listing, "PAGE_SIZE", 500)
    actor: Membership = getattr(cast, who)
    client = client_of(actor)
    specs = [spec for spec in all_lists() if spec.may_open(actor) and not spec.scope]
    grow(cast, FEW)
    before = {url: asked(client, url) for spec in specs for url in addresses(spec, actor)}
    grow(cast, MANY - FEW)
    after = {url: asked(client, url) for spec in specs for url in addresses(spec, actor)}

    dearer = {url: (before[url], after[url]) for url in before if after[url][0] > before[url][0]}
    assert dearer == {}
    grown = {spec.name for spec in specs if after[reverse(spec.url_name)][1] >= MANY}
    assert {spec.name for spec in specs} & GROWING <= grown | not_for(who)


def not_for(who: str) -> set[str]:
    """Lists that a role may open and in which it sees few rows here."""
    return {
        "inventor": GROWING - {"inventory.entries", "inventory.mine"},
        "city": {"inventory.mine", "portal.people", "inventory.co_owned"},
    }.get(who, {"inventory.mine", "portal.people"})


@pytest.mark.parametrize("name", ["pool", "exclusion"])
def test_a_preview_is_a_fragment_of_the_drawer(cast: Cast, client_of: ClientOf, name: str) -> None:
    grow(cast, FEW)
    if name == "pool":
        key = PoolEntry.objects.earliest("pk").pk
        url = reverse("inventory:pool-detail", args=[key]) + f"?list=inventory.pool&at={key}"
    else:
        claim = Claim(ExclusionReason.OTHER, "演示说明", date(2024, 4, 1))
        entry = factories.entry(cast.participation)
        key = exclusions.request_exclusion(entry=entry, claim=claim, actor=cast.manager).pk
        url = reverse("inventory:exclusion-detail", args=[key])
    asks = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "drawer-body"}

    said = client_of(cast.manager).get(url, **asks).content.decode()

    assert "drawer-head" in said
    assert "<html" not in said
