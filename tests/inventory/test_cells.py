"""A cell of the work list edited in place: by whom, on which version, with which answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from inventory.choices import DossierState
from inventory.forms.cells import CELLS
from inventory.models import Dossier
from inventory.services import edits
from inventory.services.edits import Edit
from portal.errors import StaleVersion
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    entry = factories.entry(
        cast.participation, state=DossierState.DRAFT, is_filled=True, unit=cast.school
    )
    return entry.dossier


def cell(one: Dossier) -> str:
    return reverse("inventory:dossier-cell", args=[one.pk])


@pytest.mark.parametrize("field", CELLS)
def test_form_and_value_of_each_field(
    cast: Cast, client_of: Any, dossier: Dossier, field: str
) -> None:
    client = client_of(cast.manager)

    form = client.get(cell(dossier), {"field": field}, headers=HTMX).content.decode()
    page = client.get(cell(dossier), {"field": field}).content.decode()
    value = client.get(cell(dossier), {"field": field, "show": 1}, headers=HTMX).content.decode()

    assert 'name="value"' in form
    assert "<html" in page
    assert "cell-edit" in value


def test_saving_answers_with_value_and_version(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    data = {"field": "stars", "value": "5", "version": 1}

    response = client_of(cast.manager).post(cell(dossier), data, headers=HTMX)

    dossier.refresh_from_db()
    assert (dossier.stars, dossier.version) == (5, 2)
    event = json.loads(response["HX-Trigger"])
    assert event == {"cell-saved": {"row": dossier.pk, "version": 2}}
    assert AuditEntry.objects.about(dossier).get().changes == {"stars": [3, 5]}


def test_stale_cell_names_the_other_and_saves_nothing(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    edits.edit_dossier(
        dossier_id=dossier.pk, seen_version=1, edit=Edit({"stars": 2}), actor=cast.unit_manager
    )
    data = {"field": "stars", "value": "5", "version": 1}
    client = client_of(cast.manager)

    refused = client.post(cell(dossier), data, headers=HTMX)
    mine = client.post(cell(dossier), {**data, "version": 2}, headers=HTMX)

    assert (refused.status_code, mine.status_code) == (409, 200)
    assert cast.unit_manager.user.name in refused.content.decode()
    dossier.refresh_from_db()
    assert (dossier.stars, dossier.version) == (5, 3)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"field": "stars", "value": "9", "version": 1}, 422),
        ({"field": "stars", "value": "1"}, 428),
        ({"field": "advantages", "value": "x", "version": 1}, 404),
        ({"field": "unit", "value": "999999", "version": 1}, 422),
    ],
)
def test_bad_input(
    cast: Cast, client_of: Any, dossier: Dossier, data: dict[str, Any], status: int
) -> None:
    response = client_of(cast.manager).post(cell(dossier), data, headers=HTMX)

    assert response.status_code == status
    assert not AuditEntry.objects.about(dossier).exists()


def test_under_review_nothing_is_edited(cast: Cast, client_of: Any) -> None:
    one = factories.entry(cast.participation, state=DossierState.UNIT_REVIEW).dossier
    data = {"field": "stars", "value": "1", "version": 1}

    assert client_of(cast.manager).post(cell(one), data).status_code == 409


def test_inventor_rates_but_does_not_assign(cast: Cast, client_of: Any) -> None:
    patent = factories.patent(cast.university, inventors=[cast.inventor.user])
    one = factories.entry(cast.participation, patent, state=DossierState.DRAFT).dossier
    client = client_of(cast.inventor)

    rated = client.post(cell(one), {"field": "stars", "value": "1", "version": 1}, headers=HTMX)
    assigned = client.post(cell(one), {"field": "unit", "value": "", "version": 2})

    assert (rated.status_code, assigned.status_code) == (200, 403)


def test_the_list_offers_it_where_it_is_allowed(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    url = reverse("inventory:entry-list")

    assert cell(dossier) in client_of(cast.manager).get(url).content.decode()
    assert cell(dossier) not in client_of(cast.auditor).get(url).content.decode()


def test_service_refuses_a_stale_version(cast: Cast, dossier: Dossier) -> None:
    with pytest.raises(StaleVersion):
        edits.edit_dossier(
            dossier_id=dossier.pk, seen_version=9, edit=Edit({"stars": 2}), actor=cast.manager
        )
