"""The page of a patent: register data, pair, dossier, base lists, panels of other apps."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from inventory.choices import EventKind, PatentKind
from inventory.models import DualFiling, LegalEvent, Patent
from portal import navigation
from tests import factories
from tests.conftest import Cast

QUERIES = 15


@pytest.fixture
def patent(cast: Cast) -> Patent:
    return factories.entry(cast.participation).patent


def test_page_shows_register_dossier_and_lists(cast: Cast, client_of: Any, patent: Patent) -> None:
    LegalEvent.objects.create(
        patent=patent, kind=EventKind.PLEDGE, detail="演示质押", confirmed_on=date(2024, 1, 2)
    )

    response = client_of(cast.manager).get(patent.get_absolute_url())

    text = response.content.decode()
    assert patent.number in text
    assert "演示质押" in text
    assert response.context["dossier"] == patent.dossier
    assert [entry.patent for entry in response.context["entries"]] == [patent]


def test_twin_of_a_dual_filing_is_linked(cast: Cast, client_of: Any, patent: Patent) -> None:
    utility = factories.patent(cast.university, kind=PatentKind.UTILITY)
    DualFiling.objects.create(invention=patent, utility=utility)
    client = client_of(cast.manager)

    assert client.get(patent.get_absolute_url()).context["twin"] == utility
    assert client.get(utility.get_absolute_url()).context["twin"] == patent


def test_twin_of_strangers_is_not_shown(cast: Cast, client_of: Any, patent: Patent) -> None:
    utility = factories.patent(cast.other, kind=PatentKind.UTILITY)
    DualFiling.objects.create(invention=patent, utility=utility)

    assert client_of(cast.manager).get(patent.get_absolute_url()).context["twin"] is None


@pytest.mark.parametrize("who", ["outsider", "other_department", "enterprise", "system_admin"])
def test_invisible_patents_do_not_exist(
    cast: Cast, client_of: Any, patent: Patent, who: str
) -> None:
    assert client_of(getattr(cast, who)).get(patent.get_absolute_url()).status_code == 404


def test_co_holder_sees_only_the_own_base_list(cast: Cast, client_of: Any) -> None:
    patent = factories.patent(cast.university, cast.other)
    factories.entry(cast.participation, patent)
    own = factories.entry(cast.other_participation, patent)

    response = client_of(cast.outsider).get(patent.get_absolute_url())

    assert response.context["entries"] == [own]


@pytest.mark.parametrize("count", [1, 4])
def test_page_costs_a_constant_number_of_queries(
    cast: Cast,
    client_of: Any,
    patent: Patent,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        LegalEvent.objects.create(
            patent=patent,
            kind=EventKind.OTHER,
            occurred_on=date(2020, 1, number + 1),
            confirmed_on=date(2024, 1, 2),
        )
    client = client_of(cast.manager)
    client.get(patent.get_absolute_url())

    with django_assert_num_queries(QUERIES):
        client.get(patent.get_absolute_url())


def test_other_apps_add_their_panels(
    cast: Cast, client_of: Any, patent: Patent, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = navigation.SubjectPanel(
        subject="inventory.patent",
        template="components/notice.html",
        order=1,
        shown_to=lambda membership, target: True,
        context=lambda membership, target: {"title": target.number},
    )
    monkeypatch.setattr(navigation, "_subjects", [panel])

    response = client_of(cast.manager).get(patent.get_absolute_url())

    assert response.context["panels"] == [("components/notice.html", {"title": patent.number})]
