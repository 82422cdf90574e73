"""Promises that hold for every declared list: a page costs the same however many rows it shows, however it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.choices import ExclusionReason, TableKind
from inventory.lists.classification import CODES, RULES
from inventory.models import ClassificationTable, PoolEntry
from inventory.services import exclusions
from inventory.services.exclusions import Claim
from portal import listing
from portal.choices import ImportState
from portal.lists.intake import IMPORT_ISSUES, IMPORT_ROWS, IMPORT_UNDO
from portal.lists.registry import all_lists
from portal.lists.spec import Asked, ListSpec
from portal.lists.told import RECIPIENTS
from portal.models import ImportBatch, Membership, OutboxBatch, SavedView
from reporting.lists import FIGURE_ROWS
from reporting.models import CoverageSnapshot
from tests import factories
from tests.conftest import Cast, PageClient
from tests.lists import FEW as FEW_VALUES
from tests.lists import values_of
from tests.portal.growing import grow

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]
FEW, MANY = 2, 12
# who asks everything of which lists; of all others the manager. Everybody opens every list as it is
ASKS = {
    "city": {
        "evaluation.experts",
        "portal.organisations",
        "portal.outbox",
        "inventory.campaigns",
        "inventory.confirmations",
        "inventory.exclusions",
        "inventory.late",
        "inventory.pool",
        "matching.supply",
        "reporting.rows",
    },
    "unit_manager": {
        "inventory.reviews",
        "inventory.unassigned",
        "portal.invitations",
        "portal.notices",
        "portal.staff",
    },
    "inventor": {"inventory.mine"},
    "enterprise": {"evaluation.catalogue"},
    "department": set(),
}
OTHERS = set().union(*ASKS.values())
WHO = ("manager", *ASKS)


def asks_everything(who: str, spec: ListSpec) -> bool:
    return spec.name in ASKS[who] if who in ASKS else spec.name not in OTHERS


def scope(spec: ListSpec, actor: Membership) -> dict[str, str]:
    """The part of the address that says which list it is: the latest figures, the first mail, the first edition."""
    if spec is RECIPIENTS:
        return {"batch": str(OutboxBatch.objects.visible_to(actor).earliest("pk").pk)}
    if spec in (CODES, RULES):
        kind = TableKind.CODES if spec is CODES else TableKind.CONCORDANCE
        return {"table": str(ClassificationTable.objects.filter(kind=kind).get().pk)}
    if spec in (IMPORT_ROWS, IMPORT_ISSUES, IMPORT_UNDO):
        seen = ImportBatch.objects.visible_to(actor).filter(state=ImportState.TAKEN_BACK).first()
        return {"batch": str(seen.pk)} if seen else {}
    if spec is not FIGURE_ROWS:
        return {}
    figures = CoverageSnapshot.objects.latest("pk").figures.visible_to(actor)
    figure = figures.order_by("dimension", "pk").first()
    assert figure is not None
    kept = {"dimension": figure.dimension, "key": figure.key, "measure": "due"}
    return {"snapshot": str(figure.snapshot_id), **kept}


def questions(spec: ListSpec, actor: Membership) -> Iterator[dict[str, str]]:
    """Each order, every column that can be chosen, words, a saved view, and each filter."""
    orders = list(spec.orders_for(actor))
    yield from ({"order": order} for order in orders)
    if spec.columns:
        yield {"columns": ",".join(column.key for column in spec.columns)}
    yield {"q": "演示"}
    view, _is_new = SavedView.objects.get_or_create(
        list_name=spec.name,
        owner=actor,
        name="演示视图",
        defaults={"organisation": actor.organisation, "query": f"order={orders[0]}"},
    )
    yield {"view": str(view.pk)}
    asked = Asked(actor, QueryDict(urlencode(scope(spec, actor))))
    form = spec.filterset(asked.GET, queryset=spec.rows(asked), request=asked).form
    for name, target in form.fields.items():
        if name != "q":
            offered = values_of(name, target, FEW_VALUES)
            yield max((dict([pair]) for pair in offered), key=lambda q: found(spec, actor, q))


def found(spec: ListSpec, actor: Membership, query: dict[str, str]) -> int:
    """How many rows a filter leaves, -1 for a value that is none of its own."""
    asked = Asked(actor, QueryDict(urlencode({**scope(spec, actor), **query})))
    filterset = spec.filterset(asked.GET, queryset=spec.rows(asked), request=asked)
    return filterset.qs.count() if filterset.form.is_valid() else -1


def cost(
    client: PageClient, spec: ListSpec, actor: Membership, query: dict[str, str]
) -> tuple[int, int]:
    """(queries, rows) of a page."""
    url = f"{reverse(spec.url_name)}?{urlencode({**scope(spec, actor), **query})}"
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
    specs = {spec.name: spec for spec in all_lists() if spec.may_open(actor)}
    grow(cast, FEW)
    asked = [(name, {}) for name in specs]
    asked += [
        (name, query)
        for name, spec in specs.items()
        if asks_everything(who, spec)
        for query in questions(spec, actor)
    ]
    for spec in specs.values():
        cost(client, spec, actor, {})
    before = [cost(client, specs[name], actor, query) for name, query in asked]
    grow(cast, MANY - FEW)
    after = [cost(client, specs[name], actor, query) for name, query in asked]

    pairs = list(zip(asked, before, after, strict=True))
    assert [pair for pair in pairs if pair[2][0] > pair[1][0]] == []
    grown = {name for (name, query), _few, (_cost, rows) in pairs if not query and rows >= MANY}
    everything = {spec.name for spec in all_lists() if asks_everything(who, spec)}
    assert everything - grown == set()


@pytest.mark.parametrize("name", ["pool", "exclusion"])
def test_a_preview_is_a_fragment_of_the_drawer(cast: Cast, client_of: ClientOf, name: str) -> None:
    grow(cast, 1)
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
