"""The cast: one university with its people, the bureaus above it, and an outsider who must see nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from inventory.models import Campaign, CampaignInstitution
from portal.access import SESSION_KEY
from portal.choices import Affiliation, District, OrganisationKind, Role
from portal.models import Membership, Organisation, Unit
from tests import factories


class PageClient(Client):
    """A test client that refuses pages with inline scripts, handlers, styles or unrendered template marks."""

    FORBIDDEN = ("onclick=", "onchange=", " style=", "{{", "{%", "<script>", "<style>")

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            text = response.content.decode()
            for mark in self.FORBIDDEN:
                assert mark not in text, f"{mark} in {request.get('PATH_INFO')}"
        return response


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long variants run only when asked for: -m soak."""
    if "soak" in (config.getoption("markexpr") or ""):
        return
    long = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in set(long)]


@dataclass
class Cast:
    """Everybody a test may need, all signed up in one database."""

    bureau: Organisation
    education: Organisation
    health: Organisation
    district: Organisation
    operator: Organisation
    university: Organisation
    other: Organisation
    school: Unit
    campaign: Campaign
    participation: CampaignInstitution
    other_participation: CampaignInstitution
    city: Membership
    department: Membership
    other_department: Membership
    district_official: Membership
    manager: Membership
    unit_manager: Membership
    inventor: Membership
    auditor: Membership
    outsider: Membership
    enterprise: Membership
    system_admin: Membership
    security_admin: Membership
    audit_admin: Membership


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


def build_cast() -> Cast:
    """Sign everybody up."""
    kinds = OrganisationKind
    bureau = factories.organisation(kinds.LEAD_BUREAU, name="演示市知识产权局")
    education = factories.organisation(kinds.DEPARTMENT, name="演示市教委")
    health = factories.organisation(kinds.DEPARTMENT, name="演示市卫健委")
    district = factories.organisation(
        kinds.DISTRICT_OFFICE, name="演示海淀区知识产权局", district=District.HAIDIAN
    )
    operator = factories.organisation(kinds.OPERATOR, name="演示运维单位")
    university = factories.organisation(name="演示第一大学")
    other = factories.organisation(
        name="演示外部大学", district=District.CHAOYANG, affiliation=Affiliation.CENTRAL
    )
    firm = factories.organisation(kinds.ENTERPRISE, name="演示企业有限公司")
    factories.supervision(university, education)
    school = factories.unit(university, name="演示材料学院")
    campaign = factories.campaign()
    member = factories.membership
    return Cast(
        bureau=bureau,
        education=education,
        health=health,
        district=district,
        operator=operator,
        university=university,
        other=other,
        school=school,
        campaign=campaign,
        participation=factories.participation(university, campaign),
        other_participation=factories.participation(other, campaign),
        city=member(Role.CITY_OFFICIAL, bureau),
        department=member(Role.DEPARTMENT_OFFICIAL, education),
        other_department=member(Role.DEPARTMENT_OFFICIAL, health),
        district_official=member(Role.DISTRICT_OFFICIAL, district),
        manager=member(Role.INSTITUTION_MANAGER, university),
        unit_manager=member(Role.UNIT_MANAGER, university, unit=school),
        inventor=member(Role.INVENTOR, university, unit=school),
        auditor=member(Role.AUDITOR, university),
        outsider=member(Role.INSTITUTION_MANAGER, other),
        enterprise=member(Role.ENTERPRISE_CONTACT, firm),
        system_admin=member(Role.SYSTEM_ADMIN, operator),
        security_admin=member(Role.SECURITY_ADMIN, operator),
        audit_admin=member(Role.AUDIT_ADMIN, operator),
    )


@pytest.fixture
def client_of() -> Callable[[Membership], PageClient]:
    """A client signed in as the person of a membership, acting in it."""

    return signed_in


def signed_in(membership: Membership) -> PageClient:
    """A client of this person, acting in this membership."""
    client = PageClient()
    client.force_login(membership.user)
    session = client.session
    session[SESSION_KEY] = membership.pk
    session.save()
    return client
