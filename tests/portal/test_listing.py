"""The list helper: keyset pages both ways, forged cursors, counts."""

from __future__ import annotations

import base64
import json

import django_filters
import pytest
from django.test import RequestFactory

from portal import listing
from portal.listing import ListPage, Ordering, list_page
from portal.lists import few
from portal.lists.keyset import further_than, keys_of
from portal.models import Organisation
from tests import factories

ORDERINGS = {
    "name": Ordering("Name", ("name_key",)),
    "kind": Ordering("Kind", ("kind", "-name_key")),
    "newest": Ordering("Newest", ("-pk",)),
}


class NameFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains")

    class Meta:
        model = Organisation
        fields: tuple[str, ...] = ()


def page_of(query: str = "", size: int = 3) -> ListPage:
    return list_page(
        RequestFactory().get(f"/?{query}"),
        queryset=Organisation.objects.all(),
        filterset_class=NameFilter,
        orderings=ORDERINGS,
        page_size=size,
    )


def names(page: ListPage) -> list[str]:
    return [each.name for each in page.items]


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.fixture
def organisations(db) -> list[str]:
    made = [factories.organisation(name=f"org {letter}") for letter in "dbacfeg"]
    made.append(factories.organisation("enterprise", name="org h"))
    return sorted(each.name for each in made)


@pytest.mark.parametrize("is_long", [False, True])
@pytest.mark.parametrize("order", ["name", "-name", "kind", "-kind", "newest", "-newest"])
def test_pages_forth_and_back_show_every_row_once(
    organisations: list[str], order: str, is_long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_long:
        monkeypatch.setattr(few, "KEYS_CAP", 2)
    whole = names(page_of(f"order={order}", size=50))
    forth = [page_of(f"order={order}")]
    while forth[-1].next_cursor:
        forth.append(page_of(f"order={order}&cursor={forth[-1].next_cursor}"))
    back = [forth[-1]]
    while back[-1].previous_cursor:
        back.append(page_of(f"order={order}&cursor={back[-1].previous_cursor}"))

    assert [name for page in forth for name in names(page)] == whole
    assert [name for page in reversed(back) for name in names(page)] == whole
    assert [len(page.items) for page in forth] == [3, 3, 2]
    assert sorted(whole) == organisations
    assert forth[0].previous_cursor == ""
    assert back[-1].previous_cursor == ""


def test_equal_keys_are_parted_by_the_primary_key(db) -> None:
    made = [factories.organisation(name=f"名{n}", code=f"c{n}") for n in range(5)]
    Organisation.objects.update(name_key="same")

    first = page_of("order=name", size=2)
    second = page_of(f"order=name&cursor={first.next_cursor}", size=2)

    assert [o.pk for o in [*first.items, *second.items]] == [o.pk for o in made[:4]]


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "%00",
        "a" * 3000,
        cursor(">"),
        cursor(">", "a"),
        cursor(">", "a", 1, 2),
        cursor("?", "a", 1),
        cursor(">", "a", "text"),
        cursor(">", "a", None),
        cursor(">", None, 1),
        cursor(">", "a\x00b", 1),
        cursor(">", "\ud800", 1),
        cursor(">", "a", 10**30),
        cursor(">", "a", float("inf")),
        cursor(">", ["a"], 1),
        cursor(">", "a" * 500, 1),
        base64.urlsafe_b64encode(b"5").decode(),
        base64.urlsafe_b64encode(b'{"a": 1}').decode(),
        base64.urlsafe_b64encode(b"[" * 1400).decode(),
    ],
)
def test_forged_cursors_give_the_first_page(organisations: list[str], text: str) -> None:
    page = page_of(f"order=name&cursor={text}")

    assert names(page) == organisations[:3]
    assert page.previous_cursor == ""


def test_a_cursor_of_another_order_gives_the_first_page(organisations: list[str]) -> None:
    by_name = page_of("order=name")

    assert names(page_of(f"order=newest&cursor={by_name.next_cursor}")) == names(
        page_of("order=newest")
    )


def test_unknown_orders_and_filters_are_ignored(organisations: list[str]) -> None:
    page = page_of("order=credit_code&is_active=false&q=org%20a")

    assert (names(page), page.order, page.total) == (["org a"], "name", 1)


def test_counts_are_exact_up_to_the_cap_and_estimated_above(
    organisations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few, "KEYS_CAP", 7)
    exact = page_of()
    monkeypatch.setattr(listing, "COUNT_COST", 0)
    dear = page_of()
    monkeypatch.undo()
    monkeypatch.setattr(few, "KEYS_CAP", 6)
    monkeypatch.setattr(listing, "COUNT_CAP", 7)
    about = page_of()

    assert (exact.total, exact.is_estimate) == (8, False)
    assert dear.is_estimate
    assert about.is_estimate
    assert about.total >= 7


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_takes_three_queries(db, django_assert_num_queries, count: int) -> None:
    for _ in range(count):
        factories.organisation()

    with django_assert_num_queries(3):
        page = page_of(size=50)

    assert len(page.items) == count


def test_a_later_page_begins_at_its_place_in_the_index(db) -> None:
    keys = keys_of(("name_key",), is_reversed=False)
    found = further_than(Organisation.objects.order_by("name_key", "pk"), keys, ["ORG C", 3])
    back = further_than(Organisation.objects.all(), keys, ["ORG C", 3], is_backward=True)

    row = 'ROW("portal_organisation"."name_key", "portal_organisation"."id")'
    assert f"{row} >= ROW(ORG C, 3)" in str(found.query)
    assert f"{row} <= ROW(ORG C, 3)" in str(back.query)
    assert list(found) == []
