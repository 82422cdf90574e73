"""The forms of a unit and of an account on a version that is no longer the last: put together, never overwritten."""

from __future__ import annotations

from typing import Any

import pytest

from portal.models import AuditEntry, Unit, User
from portal.services import accounts, organisations
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

PHONE, NEW_PHONE = "13800001111", "13900002222"


def rows(response: Any) -> dict[str, tuple[bool, str]]:
    found = response.context["conflict"]["rows"]
    return {row["name"]: (row["is_open"], row["kept"]) for row in found}


def rename_unit(cast: Cast, name: str, **values: bool) -> Unit:
    held = Unit.objects.get(pk=cast.school.pk)
    after = {"is_strong_discipline": held.is_strong_discipline, "is_active": True, **values}
    return organisations.change_unit(
        unit=held,
        values={"name": name, **after},
        seen_version=held.version,
        actor=cast.manager,
    )


def change_person(cast: Cast, **values: str) -> User:
    held = User.objects.get(pk=cast.inventor.user_id)
    return accounts.change_account(
        person=held, values=values, seen_version=held.version, actor=cast.system_admin
    )


def test_a_unit_keeps_what_each_changed(cast: Cast, client_of: Any) -> None:
    rename_unit(cast, cast.school.name, is_strong_discipline=True)
    client, page = client_of(cast.manager), f"/units/{cast.school.pk}/"
    mine = {"name": "我改的学院", "is_active": "on", "version": 1}

    shown = client.post(page, mine)
    saved = client.post(page, {**mine, "over": 2})

    assert (shown.status_code, rows(shown)) == (
        409,
        {"name": (False, "mine"), "is_strong_discipline": (False, "theirs")},
    )
    text = shown.content.decode()
    assert cast.manager.user.name in text
    assert "我改的学院" in text
    assert saved.status_code == 302
    cast.school.refresh_from_db()
    assert (cast.school.name, cast.school.is_strong_discipline, cast.school.version) == (
        "我改的学院",
        True,
        3,
    )


@pytest.mark.parametrize(("kept", "name"), [("mine", "我改的"), ("theirs", "别人改的")])
def test_a_name_both_changed_must_be_chosen(
    cast: Cast, client_of: Any, kept: str, name: str
) -> None:
    rename_unit(cast, "别人改的")
    client, page = client_of(cast.manager), f"/units/{cast.school.pk}/"
    mine = {"name": "我改的", "is_active": "on", "version": 1}

    undecided = client.post(page, {**mine, "over": 2})
    before = Unit.objects.get(pk=cast.school.pk).name
    decided = client.post(page, {**mine, "over": 2, "keep-name": kept})

    assert (undecided.status_code, rows(undecided)) == (409, {"name": (True, "")})
    assert (before, decided.status_code) == ("别人改的", 302)
    assert Unit.objects.get(pk=cast.school.pk).name == name


def test_a_unit_changed_once_more_is_shown_once_more(cast: Cast, client_of: Any) -> None:
    rename_unit(cast, "别人改的")
    client, page = client_of(cast.manager), f"/units/{cast.school.pk}/"
    mine = {"name": "我改的", "is_active": "on", "version": 1}
    assert client.post(page, mine).status_code == 409
    rename_unit(cast, "又有人改的")

    again = client.post(page, {**mine, "over": 2, "keep-name": "mine"})
    plainly = client.post(page, mine)

    assert (again.status_code, plainly.status_code) == (409, 409)
    assert "又有人改的" in again.content.decode()
    assert Unit.objects.get(pk=cast.school.pk).name == "又有人改的"


def test_what_is_put_together_is_checked_as_a_whole(cast: Cast, client_of: Any) -> None:
    rename_unit(cast, "别人改的")
    client, page = client_of(cast.manager), f"/units/{cast.school.pk}/"

    refused = client.post(page, {"name": "", "version": 1, "over": 2, "keep-name": "mine"})

    assert refused.status_code == 409
    assert refused.context["form"].errors["name"]
    assert Unit.objects.get(pk=cast.school.pk).name == "别人改的"


def test_an_account_keeps_the_others_contact_and_does_not_show_it(
    cast: Cast, client_of: Any
) -> None:
    change_person(cast, phone=PHONE)
    change_person(cast, phone=NEW_PHONE)
    client, page = client_of(cast.manager), f"/people/{cast.inventor.user_id}/edit/"
    mine = {"name": "改后姓名", "email": "", "phone": "", "version": 2}

    shown = client.post(page, mine)
    saved = client.post(page, {**mine, "over": 3})

    # a blank contact keeps what is stored, so there is nothing to choose
    assert (shown.status_code, rows(shown)) == (409, {"name": (False, "mine")})
    text = shown.content.decode()
    assert PHONE not in text
    assert NEW_PHONE not in text
    assert saved.status_code == 302
    person = User.objects.get(pk=cast.inventor.user_id)
    assert (person.name, person.phone, person.version) == ("改后姓名", NEW_PHONE, 4)


@pytest.mark.parametrize(("kept", "phone"), [("mine", PHONE), ("theirs", NEW_PHONE)])
def test_a_phone_both_changed_is_chosen_between_masked_ones(
    cast: Cast, client_of: Any, kept: str, phone: str
) -> None:
    change_person(cast, phone=NEW_PHONE)
    client, page = client_of(cast.manager), f"/people/{cast.inventor.user_id}/edit/"
    mine = {"name": cast.inventor.user.name, "email": "", "phone": PHONE, "version": 1}

    undecided = client.post(page, {**mine, "over": 2})
    untouched = User.objects.get(pk=cast.inventor.user_id).phone
    decided = client.post(page, {**mine, "over": 2, "keep-phone": kept})

    assert (undecided.status_code, rows(undecided)) == (409, {"phone": (True, "")})
    assert NEW_PHONE not in undecided.content.decode()
    assert cast.system_admin.user.name in undecided.content.decode()
    assert (untouched, decided.status_code) == (NEW_PHONE, 302)
    assert User.objects.get(pk=cast.inventor.user_id).phone == phone


def test_a_person_renamed_meanwhile_is_not_renamed_back(cast: Cast, client_of: Any) -> None:
    old = cast.inventor.user.name
    change_person(cast, name="别人改的姓名")
    client, page = client_of(cast.manager), f"/people/{cast.inventor.user_id}/edit/"
    mine = {"name": old, "email": "", "phone": PHONE, "version": 1}

    first, second = client.post(page, mine), client.post(page, {**mine, "over": 2})
    saved = client.post(page, {**mine, "over": 2, "keep-name": "theirs"})

    told = AuditEntry.objects.about(cast.inventor.user).get(version=2)
    assert told.changes["name"] == [
        accounts.in_trail("name", each) for each in (old, "别人改的姓名")
    ]
    # the trail keeps names masked: whether this one was touched cannot be told, so a person says
    assert (first.status_code, second.status_code, saved.status_code) == (409, 409, 302)
    assert rows(second) == {"name": (True, ""), "phone": (False, "mine")}
    person = User.objects.get(pk=cast.inventor.user_id)
    assert (person.name, person.phone) == ("别人改的姓名", PHONE)
