"""Short lists are sorted and cut without the database: as it would have done."""

from datetime import date

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.lists.keyset import Keys, Row, cut_here, sort_here

NUMBERS = st.none() | st.integers(-2, 2)
DAYS = st.none() | st.dates(date(2023, 12, 30), date(2024, 1, 2))
ROWS = st.lists(st.tuples(NUMBERS, DAYS), max_size=12).map(
    lambda pairs: [(number, day, key) for key, (number, day) in enumerate(pairs)]
)
DIRECTIONS = st.tuples(st.booleans(), st.booleans(), st.booleans())


def keys_in(directions: tuple[bool, bool, bool]) -> Keys:
    return list(zip(("number", "day", "pk"), directions, strict=True))


def ordered_by_the_database(rows: list[Row], keys: Keys) -> list[int]:
    columns = ("number", "day", "key")
    order = ", ".join(
        f"{column} {'DESC' if down else 'ASC'}"
        for column, (_name, down) in zip(columns, keys, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key FROM unnest(%s::int[], %s::date[], %s::int[]) AS rows (number, day, key)"
            f" ORDER BY {order}",
            [[row[part] for row in rows] for part in range(3)],
        )
        return [key for (key,) in cursor.fetchall()]


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS, directions=DIRECTIONS)
def test_the_order_is_that_of_the_database(rows, directions) -> None:
    keys = keys_in(directions)
    assert [row[-1] for row in sort_here(rows, keys)] == ordered_by_the_database(rows, keys)


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, directions=DIRECTIONS, size=st.integers(1, 5), gone=st.integers(0, 11))
def test_pages_lead_through_all_rows_and_back(rows, directions, size, gone) -> None:
    """Also when the row at a border of pages left the list meanwhile."""
    keys = keys_in(directions)
    ordered = sort_here(rows, keys)
    places = {row[-1]: row for row in ordered}
    left = [row for row in ordered if row[-1] != gone]

    met, cursor, has_more = [], None, True
    while has_more:
        page, has_more = cut_here(ordered, keys, cursor, is_backward=False, size=size)
        met += page
        cursor = places[page[-1]] if page else None
    assert met == [row[-1] for row in ordered]

    for number, row in enumerate(ordered):
        before, is_more = cut_here(ordered, keys, row, is_backward=True, size=size)
        assert before == met[max(0, number - size) : number]
        assert is_more == (number > size)
        if row[-1] == gone:
            following, _ = cut_here(left, keys, row, is_backward=False, size=size)
            assert following == met[number + 1 : number + 1 + size]
