"""Contacts are masked; the full view is a click of who needs it, counted and in the trail."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal.errors import DomainError
from portal.models import AuditEntry, User
from portal.services import personal
from portal.text import mask_contact, mask_name
from tests import factories
from tests.conftest import Cast, signed_in

pytestmark = pytest.mark.django_db

PHONE, MAIL = "13912345678", "zhang@example.edu.cn"


@pytest.fixture
def person(cast: Cast) -> User:
    user = factories.user(name="演示张三", phone=PHONE, email=MAIL)
    factories.membership("inventor", cast.university, user=user, unit=cast.school)
    return user


@pytest.fixture
def dossier(cast: Cast) -> Any:
    made = factories.entry(
        cast.participation,
        state="draft",
        is_filled=True,
        unit=cast.school,
        responsible=cast.inventor.user,
        contact_name="演示李四",
        contact_phone=PHONE,
    )
    return made.dossier


@pytest.mark.parametrize("role", ["system_admin", "manager", "unit_manager"])
def test_a_persons_contact_takes_a_click(cast: Cast, person: User, role: str) -> None:
    membership = getattr(cast, role)
    client = signed_in(membership)
    page = client.get(reverse("portal:people-detail", args=[person.pk])).content.decode()
    assert "139****5678" in page
    assert PHONE not in page
    assert MAIL not in page

    revealed = client.post(reverse("portal:people-contact", args=[person.pk])).content.decode()

    assert PHONE in revealed
    assert MAIL in revealed
    entry = AuditEntry.objects.get(action="view", object_type="portal.user", object_id=person.pk)
    assert entry.user == membership.user
    assert entry.changes == {"phone": [None, "139****5678"], "email": [None, "z***@example.edu.cn"]}


def test_without_need_there_is_no_button(cast: Cast, person: User) -> None:
    client = signed_in(cast.security_admin)
    page = client.get(reverse("portal:people-detail", args=[person.pk])).content.decode()
    assert "139****5678" in page
    assert "/contact/" not in page
    assert client.post(reverse("portal:people-contact", args=[person.pk])).status_code == 403


@pytest.mark.parametrize("role", ["manager", "unit_manager", "inventor", "city"])
def test_a_dossiers_contact_takes_a_click(cast: Cast, dossier: Any, role: str) -> None:
    client = signed_in(getattr(cast, role))
    page = client.get(dossier.get_absolute_url()).content.decode()
    assert "139****5678" in page
    assert "演**" in page
    assert PHONE not in page
    assert "演示李四" not in page

    revealed = client.post(
        reverse("inventory:dossier-contact", args=[dossier.pk]), headers={"HX-Request": "true"}
    ).content.decode()

    assert PHONE in revealed
    assert "<html" not in revealed
    entry = AuditEntry.objects.get(action="view", object_id=dossier.pk)
    assert (entry.owner, entry.changes["contact_phone"]) == (
        cast.university,
        [None, "139****5678"],
    )


@pytest.mark.parametrize("role", ["department", "auditor"])
def test_who_may_not_know_it_sees_nothing_and_no_button(
    cast: Cast, dossier: Any, role: str
) -> None:
    client = signed_in(getattr(cast, role))
    page = client.get(dossier.get_absolute_url()).content.decode()
    assert "139****5678" not in page
    assert "/contact/" not in page


def test_the_default_contact_is_masked_where_a_dossier_is_filled_in(
    cast: Cast, dossier: Any
) -> None:
    type(cast.participation).objects.filter(pk=cast.participation.pk).update(
        contact_name="演示王五", contact_phone="13800001111"
    )
    path = reverse("inventory:dossier-edit", args=[dossier.pk])
    page = signed_in(cast.inventor).get(path).content.decode()
    assert "138****1111" in page
    assert "13800001111" not in page


def test_the_interface_gives_it_masked_and_takes_no_mask_back(cast: Cast, dossier: Any) -> None:
    client = signed_in(cast.manager)
    path = reverse("api:dossier-detail", args=[dossier.pk])
    read = client.get(path).json()
    assert (read["contact_phone"], read["contact_name"]) == ("139****5678", "演**")

    answer = client.patch(
        path,
        {"contact_phone": read["contact_phone"]},
        content_type="application/json",
        headers={"If-Match": f'"{dossier.version}"'},
    )

    assert answer.status_code == 400
    dossier.refresh_from_db()
    assert dossier.contact_phone == PHONE


def test_the_trail_holds_masks_only(cast: Cast) -> None:
    client = signed_in(cast.system_admin)
    client.post(
        reverse("portal:people-new"),
        {"username": "wang.secret", "name": "演示王五", "phone": PHONE, "email": MAIL},
    )
    entry = AuditEntry.objects.get(action="create", object_type="portal.user")
    kept = str(entry.changes)
    assert not [word for word in ("演示王五", "wang.secret", PHONE, MAIL) if word in kept]


def test_only_so_many_an_hour(cast: Cast, person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal, "MOST_AN_HOUR", 2)
    for _ in range(2):
        personal.record_reveal(target=person, values={"phone": PHONE}, actor=cast.manager)
    with pytest.raises(DomainError):
        personal.record_reveal(target=person, values={"phone": PHONE}, actor=cast.manager)
    personal.record_reveal(target=person, values={"phone": PHONE}, actor=cast.unit_manager)
    assert AuditEntry.objects.filter(action="view").count() == 3


@pytest.mark.parametrize(
    ("text", "masked"),
    [("13800001234", "138****1234"), ("office@example.edu.cn", "o***@example.edu.cn"), ("", "")],
)
def test_masks(text: str, masked: str) -> None:
    assert mask_contact(text) == masked


@pytest.mark.parametrize(
    ("name", "masked"), [("张三", "张*"), ("欧阳修文", "欧**"), ("甲", "甲"), ("", "")]
)
def test_masked_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked
