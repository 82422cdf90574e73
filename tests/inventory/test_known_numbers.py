"""The register is asked for many numbers at once, and finds them by an index."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Patent
from inventory.numbers import make_number
from inventory.queries.known_numbers import known_by_publication
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
NUMBER = "CN109000001B"


def plan_of(query: dict[str, Any]) -> str:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inventory_patent")
        # a few hundred rows are read whole by any sensible planner
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {query['sql']}")
        return "\n".join(row[0] for row in cursor.fetchall())


def register(count: int) -> None:
    """Patents of nobody here."""
    Patent.objects.bulk_create(
        Patent(
            application_number=make_number(2016, 1, 5_000_000 + one),
            kind="invention",
            title=f"一种演示装置{one}",
            publication_number=f"CN{107_000_000 + one}B",
        )
        for one in range(count)
    )


@pytest.mark.parametrize("others", [0, 150])
def test_a_publication_number_is_found_by_its_index(cast: Cast, others: int) -> None:
    register(2000)
    patent = factories.patent(cast.university)
    Patent.objects.filter(pk=patent.pk).update(publication_number=NUMBER)
    wanted = [NUMBER, *(f"CN{108_000_000 + one}B" for one in range(others))]
    with CaptureQueriesContext(connection) as asked:
        found = known_by_publication(cast.city, wanted)
    assert found[NUMBER].pk == patent.pk
    assert len(asked) == 1
    assert "patent_publication" in plan_of(asked[0])
    assert known_by_publication(cast.outsider, wanted) == {}
