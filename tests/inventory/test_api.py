"""The API of patents and dossiers: scope, filters, secrets, versions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from inventory.choices import DossierState
from inventory.models import Dossier
from inventory.rules import Intent, Status
from inventory.services import dossiers as services
from tests import factories
from tests.conftest import Cast

SECRET_KEYS = {"price_band", "uses_default_contact", "contact_name", "contact_phone"}


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    """Held with another university, with price, fee and contact."""
    patent = factories.patent(cast.university, cast.other)
    made = factories.entry(cast.participation, patent, responsible=cast.inventor.user).dossier
    services.save_dossier(
        dossier_id=made.pk,
        seen_version=made.version,
        values=factories.FILLED,
        statuses=[Status("transferred", "equity", amount=Decimal("12.5"))],
        intents=[Intent("license", "open", fee=Decimal(0))],
        actor=cast.manager,
    )
    made.refresh_from_db()
    return made


def address(dossier: Dossier) -> str:
    return f"/api/dossiers/{dossier.pk}/"


def patch(client: Any, dossier: Dossier, data: dict[str, Any], version: object = None) -> Any:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return client.patch(address(dossier), data, content_type="application/json", headers=headers)


def test_lists_hold_what_one_may_see(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    factories.entry(cast.other_participation)
    client = client_of(cast.manager)

    assert [row["id"] for row in client.get("/api/patents/").json()["results"]] == [
        dossier.patent_id
    ]
    assert [row["id"] for row in client.get("/api/dossiers/").json()["results"]] == [dossier.pk]


def test_filters_are_those_of_the_pages(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    other = factories.entry(cast.participation, state=DossierState.COMPLETED, stars=5)
    client = client_of(cast.manager)

    def ids(query: str) -> list[int]:
        return [row["id"] for row in client.get(f"/api/dossiers/?{query}").json()["results"]]

    assert ids("state=completed") == [other.dossier.pk]
    assert ids("stars=5") == [other.dossier.pk]
    assert ids(f"q={dossier.patent.application_number[:12]}") == [dossier.pk]


def test_dossier_carries_marks_and_version(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    response = client_of(cast.manager).get(address(dossier))

    data = response.json()
    assert response["ETag"] == f'"{dossier.version}"'
    assert data["statuses"] == [
        {
            "level1": "transferred",
            "level2": "equity",
            "wording": "",
            "amount": "12.500000",
            "product_name": "",
            "report_result": "",
            "remark": "",
        }
    ]
    assert data["intents"][0]["fee"] == "0.000000"
    assert data["contact_phone"] == "138****0000"


@pytest.mark.parametrize("who", ["outsider", "department", "auditor"])
def test_secrets_stay_with_the_filing_institution(
    cast: Cast, client_of: Any, dossier: Dossier, who: str
) -> None:
    client = client_of(getattr(cast, who))

    for data in (
        client.get(address(dossier)).json(),
        *client.get("/api/dossiers/").json()["results"],
    ):
        assert SECRET_KEYS & set(data) == set()
        assert "amount" not in data["statuses"][0]
        assert "fee" not in data["intents"][0]


def test_patch_changes_named_fields_only(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    response = patch(client_of(cast.manager), dossier, {"stars": 5}, dossier.version)

    dossier.refresh_from_db()
    assert response.status_code == 200
    assert response["ETag"] == f'"{dossier.version}"'
    assert (dossier.stars, dossier.maturity, dossier.status_marks.count()) == (5, "sample", 1)


def test_patch_replaces_marks(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    data = {"statuses": [{"level1": "abandoning"}], "intents": []}
    response = patch(client_of(cast.manager), dossier, data, dossier.version)

    dossier.refresh_from_db()
    assert response.json()["is_unsuitable"] is True
    assert [mark.level1 for mark in dossier.status_marks.all()] == ["abandoning"]
    assert dossier.intent_marks.count() == 0


def test_patch_without_version_is_428_and_stale_409(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    client = client_of(cast.manager)

    assert patch(client, dossier, {"stars": 5}).status_code == 428
    assert patch(client, dossier, {"stars": 5}, dossier.version - 1).status_code == 409
    dossier.refresh_from_db()
    assert dossier.stars == 3


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"stars": 9}, "stars"),
        ({"advantages": "长" * 501}, "advantages"),
        ({"combination_numbers": ["CN201710192287.0"]}, "combination_numbers"),
        ({"statuses": [{"level1": "nonsense"}]}, "statuses"),
        ({"statuses": [{"level1": "transferred", "amount": "12万"}]}, "statuses"),
    ],
)
def test_patch_refuses_wrong_shapes_by_field(
    cast: Cast, client_of: Any, dossier: Dossier, data: dict[str, Any], field: str
) -> None:
    response = patch(client_of(cast.manager), dossier, data, dossier.version)

    assert (response.status_code, list(response.json())) == (400, [field])


def test_state_and_derived_columns_cannot_be_written(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    data = {"state": "completed", "is_unsuitable": True, "version": 99, "stars": 4}
    patch(client_of(cast.manager), dossier, data, dossier.version)

    dossier.refresh_from_db()
    assert (dossier.state, dossier.is_unsuitable, dossier.stars) == (DossierState.DRAFT, False, 4)


@pytest.mark.parametrize(
    ("who", "expected"),
    [("other_department", 404), ("enterprise", 404), ("outsider", 403), ("city", 403)],
)
def test_patch_by_others(
    cast: Cast, client_of: Any, dossier: Dossier, who: str, expected: int
) -> None:
    client = client_of(getattr(cast, who))

    assert patch(client, dossier, {"stars": 1}, dossier.version).status_code == expected


def test_patch_under_review_is_409(cast: Cast, client_of: Any) -> None:
    dossier = factories.entry(cast.participation, state=DossierState.UNIT_REVIEW).dossier

    assert patch(client_of(cast.manager), dossier, {"stars": 1}, dossier.version).status_code == 409


@pytest.mark.parametrize("path", ["/api/patents/", "/api/dossiers/", "/api/dossiers/1/"])
def test_strangers_are_refused(client: Any, db: None, path: str) -> None:
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("path", "queries"), [("/api/patents/", 9), ("/api/dossiers/", 9)])
def test_lists_cost_a_constant_number_of_queries(
    cast: Cast,
    client_of: Any,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
    queries: int,
    count: int,
) -> None:
    for _number in range(count):
        factories.entry(cast.participation, is_filled=True)
    client = client_of(cast.manager)
    client.get(path)

    with django_assert_num_queries(queries):
        client.get(path)


def test_schema_is_drawn_without_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")

    assert "/api/dossiers/{id}/" in capsys.readouterr().out
