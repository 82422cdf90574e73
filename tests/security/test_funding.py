"""The project behind a patent is internal: no page, list, file or interface of anybody else names it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from inventory.choices import DossierState
from inventory.models import Dossier, PoolRule
from inventory.services import pool
from portal.choices import OrganisationKind, Role
from portal.models import Membership
from tests import factories
from tests.conftest import Cast, PageClient, signed_in
from tests.security import crawling, routes
from tests.security.marks import MARK
from tests.security.matrix import rows

pytestmark = pytest.mark.django_db
MOST = 120
FUNDING = {
    "is_publicly_funded": True,
    "funding_kind": f"{MARK}kind",
    "funding_name": f"{MARK}project",
    "funding_number": f"{MARK}number",
}


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    """Held with the other university, filed by the first, in the pool, with all figures of the project."""
    shared = factories.patent(cast.university, cast.other)
    entry = factories.entry(
        cast.participation,
        shared,
        state=DossierState.COMPLETED,
        unit=cast.school,
        stars=5,
        **FUNDING,
    )
    factories.entry(cast.other_participation, shared)
    rule = PoolRule.objects.create(number=1, min_stars=3, kinds=["invention"])
    pool.nominate(rule=rule, ids=[entry.dossier_id], actor=cast.manager)
    return entry.dossier


def reader(cast: Cast, who: str) -> Membership | None:
    if who == "service":
        body = factories.organisation(OrganisationKind.SERVICE_BODY)
        return factories.membership(Role.SERVICE_CONTACT, body)
    return None if who == "anonymous" else getattr(cast, who)


@pytest.mark.parametrize("who", ["anonymous", "enterprise", "service", "outsider"])
def test_nobody_outside_reads_of_the_project(cast: Cast, dossier: Dossier, who: str) -> None:
    membership = reader(cast, who)
    client = signed_in(membership) if membership else PageClient()
    keys = {"draft": dossier.pk, "complete": dossier.pk, "patent": dossier.patent_id}
    seeds = [
        routes.path_of(row.name, keys.get(row.record, dossier.pk))
        for row in rows().values()
        if "GET" in row.outcomes and not row.is_query
    ]
    seeds += [f"{reverse('portal:home')}?q={MARK}"]

    pages = crawling.crawl(client, seeds, max(MOST, len(seeds)))

    assert len(pages) >= len(seeds)
    leaked = [
        address for address, page in pages.items() if MARK in page[2].decode("utf-8", "replace")
    ]
    # the search box repeats what was typed into it
    assert [address for address in leaked if f"q={MARK}" not in address] == []


def test_a_co_holder_reads_the_rest(cast: Cast, dossier: Dossier) -> None:
    page = signed_in(cast.outsider).get(dossier.get_absolute_url())
    assert page.status_code == 200
    assert MARK not in page.content.decode()
    api = signed_in(cast.outsider).get(reverse("api:dossier-detail", args=[dossier.pk])).json()
    assert "funding_name" not in api
    assert api["advantages"]


@pytest.mark.parametrize("who", ["manager", "unit_manager", "city", "department"])
def test_the_institution_and_its_bureaus_read_it(cast: Cast, dossier: Dossier, who: str) -> None:
    page = signed_in(getattr(cast, who)).get(dossier.get_absolute_url())
    assert f"{MARK}project" in page.content.decode()
