"""Offers of pool patents: who sees which, and price and fee only for those who may."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from inventory.models import IntentMark
from matching.models import SupplyIntent
from portal.models import Membership
from tests import factories
from tests.conftest import Cast
from tests.pools import pooled

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
PAGE = "/matching/supply/"


def offered(cast: Cast) -> None:
    entry = pooled(cast, price_band="over_100")
    IntentMark.objects.filter(dossier=entry.dossier).update(fee=Decimal("77.77"))
    IntentMark.objects.create(dossier=entry.dossier, position=2, level1="transfer", level2="assign")
    IntentMark.objects.create(dossier=entry.dossier, position=3, level1="self_use")
    pooled(cast, cast.other_participation)


@pytest.mark.parametrize(
    ("reader", "number"),
    [("city", 3), ("department", 2), ("district_official", 2), ("manager", 2), ("outsider", 1)],
)
def test_readers_see_the_offers_in_their_charge(
    cast: Cast, client_of: ClientOf, reader: str, number: int
) -> None:
    offered(cast)
    client = client_of(getattr(cast, reader))
    page = client.get(PAGE)
    kinds = client.get(reverse("matching:supply-kinds"))

    assert page.context["page"].total == len(page.context["page"].rows) == number
    assert sum(kind.number for kind in kinds.context["kinds"]) == number


@pytest.mark.parametrize(
    ("reader", "is_shown"),
    [("city", True), ("manager", True), ("department", False), ("district_official", False)],
)
def test_price_and_fee_only_for_those_who_may(
    cast: Cast, client_of: ClientOf, reader: str, is_shown: bool
) -> None:
    offered(cast)
    text = client_of(getattr(cast, reader)).get(PAGE).content.decode()

    assert ("77.77" in text) is is_shown


def test_only_who_put_it_into_the_pool_offers_it(cast: Cast, client_of: ClientOf) -> None:
    shared = factories.patent(cast.university, cast.other)
    pooled(cast, patent=shared)

    assert client_of(cast.outsider).get(PAGE).context["page"].total == 0


def test_counts_open_to_their_rows(cast: Cast, client_of: ClientOf) -> None:
    offered(cast)
    page = client_of(cast.city).get(PAGE, {"level1": "license", "level2": "common"})

    assert page.context["page"].total == 2


@pytest.mark.parametrize("reader", ["enterprise", "inventor", "unit_manager", "system_admin"])
def test_others_are_refused(cast: Cast, client_of: ClientOf, reader: str) -> None:
    offered(cast)

    assert client_of(getattr(cast, reader)).get(PAGE).status_code == 403
    assert not SupplyIntent.objects.visible_to(getattr(cast, reader)).exists()
