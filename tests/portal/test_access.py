"""Who the request is: membership, version, the capacity switched."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory

from portal import access
from portal.choices import Role
from portal.errors import StaleVersion, VersionRequired
from portal.models import Organisation
from tests import factories
from tests.conftest import Cast


def test_a_request_without_membership_is_refused(rf: RequestFactory) -> None:
    with pytest.raises(PermissionDenied):
        access.membership_of(rf.get("/"))


def test_invisible_rows_do_not_exist(cast: Cast) -> None:
    seen = Organisation.objects.visible_to(cast.manager)

    assert access.visible_or_404(seen, pk=cast.university.pk) == cast.university
    with pytest.raises(Http404):
        access.visible_or_404(seen, pk=cast.other.pk)


@pytest.mark.parametrize(
    ("data", "header", "expected"), [({"version": "3"}, "", 3), ({}, '"7"', 7), ({}, "8", 8)]
)
def test_the_seen_version_is_read(
    rf: RequestFactory, data: dict[str, str], header: str, expected: int
) -> None:
    request = rf.post("/", data, headers={"If-Match": header} if header else None)

    assert access.seen_version(request) == expected


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5"])
def test_a_write_without_version_is_refused(rf: RequestFactory, text: str) -> None:
    with pytest.raises(VersionRequired):
        access.seen_version(rf.post("/", {"version": text}))


def test_versions_are_compared() -> None:
    access.check_version(2, 2)
    with pytest.raises(StaleVersion):
        access.check_version(1, 2)


def test_a_person_switches_between_own_capacities_only(cast: Cast, client_of) -> None:
    second = factories.membership(Role.EXPERT, cast.other, user=cast.manager.user)
    client = client_of(cast.manager)

    assert client.post("/membership/", {"membership": second.pk}).status_code == 302
    assert client.get("/").context["membership"] == second
    assert client.post("/membership/", {"membership": cast.outsider.pk}).status_code == 404
    assert client.post("/membership/", {}).status_code == 404


def test_an_ended_capacity_is_left_at_once(cast: Cast, client_of) -> None:
    second = factories.membership(Role.EXPERT, cast.other, user=cast.manager.user)
    client = client_of(second)
    second.is_active = False
    second.save()

    assert client.get("/").context["membership"] == cast.manager


def test_an_account_without_a_role_sees_what_to_do(db, client) -> None:
    client.force_login(factories.user())

    page = client.get("/")

    assert page.status_code == 200
    assert "portal/home_without_role.html" in [t.name for t in page.templates]
    assert client.get("/people/").status_code == 403


@pytest.mark.parametrize(
    "role",
    [
        "city",
        "department",
        "district_official",
        "manager",
        "unit_manager",
        "inventor",
        "auditor",
        "enterprise",
        "system_admin",
        "security_admin",
        "audit_admin",
    ],
)
def test_every_role_has_a_start_page(cast: Cast, client_of, role: str) -> None:
    assert client_of(getattr(cast, role)).get("/").status_code == 200
