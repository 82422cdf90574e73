"""Forms of records on a version that is no longer the last: put together, never overwritten."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from portal.models import AuditEntry, NoticeSettings, Organisation, SavedView, Unit, User
from portal.notices.registry import notice_kinds
from portal.services import accounts, organisations, saved_views
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


def posted_form(form: Any) -> dict[str, Any]:
    """What a browser sends of an untouched form."""
    sent = {}
    for bound in form:
        value = bound.value()
        if value is not None and value is not False:
            sent[bound.html_name] = "on" if value is True else value
    return sent


def change_organisation(
    cast: Cast, names: list[str], supervisors: list[Organisation] | None = None
) -> Organisation:
    held = Organisation.objects.get(pk=cast.university.pk)
    return organisations.change_organisation(
        organisation=held,
        values={"name": held.name},
        names=names,
        supervisors=supervisors or [cast.education],
        seen_version=held.version,
        actor=cast.system_admin,
    )


def test_an_organisation_keeps_what_each_changed(cast: Cast, client_of: Any) -> None:
    client, page = client_of(cast.system_admin), f"/organisations/{cast.university.pk}/edit/"
    mine = {**posted_form(client.get(page).context["form"]), "version": 1}
    mine["affiliation"] = cast.university._meta.get_field("affiliation").flatchoices[-1][0]
    change_organisation(cast, ["旧校名"], supervisors=[cast.health])

    shown = client.post(page, mine)
    saved = client.post(page, {**mine, "over": 2})

    assert shown.status_code == 409
    assert rows(shown) == {
        "affiliation": (False, "mine"),
        "names": (False, "theirs"),
        "supervisors": (False, "theirs"),
    }
    text = shown.content.decode()
    assert "旧校名" in text
    assert cast.health.name in text
    assert saved.status_code == 302
    held = Organisation.objects.get(pk=cast.university.pk)
    assert (held.affiliation, held.version) == (mine["affiliation"], 3)
    assert organisations.further_names(held) == ["旧校名"]
    assert organisations._supervisor_ids(held) == [cast.health.pk]


@pytest.mark.parametrize(("kept", "names"), [("mine", ["我写的"]), ("theirs", ["别人写的"])])
def test_names_of_an_organisation_both_changed_are_chosen(
    cast: Cast, client_of: Any, kept: str, names: list[str]
) -> None:
    client, page = client_of(cast.system_admin), f"/organisations/{cast.university.pk}/edit/"
    mine = {**posted_form(client.get(page).context["form"]), "version": 1, "names": "我写的"}
    change_organisation(cast, ["别人写的"])

    undecided = client.post(page, {**mine, "over": 2})
    decided = client.post(page, {**mine, "over": 2, "keep-names": kept})

    assert (undecided.status_code, rows(undecided)) == (409, {"names": (True, "")})
    assert decided.status_code == 302
    assert organisations.further_names(cast.university) == names


def saved_view(cast: Cast) -> SavedView:
    return saved_views.save_view(
        list_name="inventory.entries",
        name="草稿",
        query="state=draft&order=listed",
        shared="nobody",
        actor=cast.manager,
    )


def test_a_view_renamed_in_one_tab_is_shared_in_another(cast: Cast, client_of: Any) -> None:
    view = saved_view(cast)
    saved_views.change_view(view=view, values={"name": "新名"}, seen_version=1, actor=cast.manager)
    client, page = client_of(cast.manager), f"/lists/views/{view.pk}/"
    mine = {"name": "草稿", "shared": "organisation", "version": 1}

    shown, saved = client.post(page, mine), client.post(page, {**mine, "over": 2})

    assert (shown.status_code, saved.status_code) == (409, 302)
    assert rows(shown) == {"name": (False, "theirs"), "shared": (False, "mine")}
    view.refresh_from_db()
    assert (view.name, view.shared, view.version) == ("新名", "organisation", 3)


@pytest.mark.parametrize(("kept", "state"), [("mine", "unit_review"), ("theirs", "completed")])
def test_what_a_view_asks_is_chosen_in_words(
    cast: Cast, client_of: Any, kept: str, state: str
) -> None:
    view = saved_view(cast)
    other = {"query": "state=completed&order=-listed&columns=number,title"}
    saved_views.change_view(view=view, values=other, seen_version=1, actor=cast.manager)
    client, page = client_of(cast.manager), f"/lists/views/{view.pk}/overwrite/"
    mine = {"query": "state=unit_review&evil=1", "version": 1}

    shown = client.post(page, {**mine, "over": 2})
    saved = client.post(page, {**mine, "over": 2, "keep-query": kept})

    assert (shown.status_code, rows(shown)) == (409, {"query": (True, "")})
    text = shown.content.decode()
    assert "待学院审核" in text
    assert "（反序）" in text
    assert "evil" not in text
    assert f'href="{reverse("inventory:entry-list")}?view={view.pk}"' in text
    assert saved.status_code == 302
    view.refresh_from_db()
    assert f"state={state}" in view.query


def test_a_view_cannot_take_a_name_of_another_one(cast: Cast, client_of: Any) -> None:
    view, taken = saved_view(cast), {"name": "草稿", "shared": "nobody", "version": 1}
    other = saved_views.save_view(
        list_name=view.list_name, name="第二个", query="", shared="nobody", actor=cast.manager
    )

    refused = client_of(cast.manager).post(f"/lists/views/{other.pk}/", taken)

    assert refused.status_code == 422
    assert SavedView.objects.get(pk=other.pk).name == "第二个"


def test_wishes_about_notices_set_in_two_tabs_are_put_together(cast: Cast, client_of: Any) -> None:
    client, page = client_of(cast.manager), "/notices/settings/"
    first, second, *_rest = notice_kinds()
    untouched = {**posted_form(client.get(page).context["form"]), "version": 0}
    assert client.post(page, {**untouched, first.name: "page"}).status_code == 302
    mine = {**untouched, second.name: "page", "language": "en"}

    shown, saved = client.post(page, mine), client.post(page, {**mine, "over": 1})

    assert (shown.status_code, saved.status_code) == (409, 302)
    assert rows(shown) == {
        first.name: (False, "theirs"),
        second.name: (False, "mine"),
        "language": (False, "mine"),
    }
    kept = NoticeSettings.objects.get()
    assert (kept.deliveries[first.name], kept.deliveries[second.name]) == ("page", "page")
    assert (kept.language, kept.version) == ("en", 2)


def test_a_wish_set_differently_in_two_tabs_is_chosen(cast: Cast, client_of: Any) -> None:
    client, page = client_of(cast.manager), "/notices/settings/"
    kind = next(each for each in notice_kinds() if not each.is_immediate)
    untouched = {**posted_form(client.get(page).context["form"]), "version": 0}
    client.post(page, {**untouched, kind.name: "page"})
    mine = {**untouched, kind.name: "at_once"}

    undecided = client.post(page, {**mine, "over": 1})
    decided = client.post(page, {**mine, "over": 1, f"keep-{kind.name}": "mine"})

    assert (undecided.status_code, rows(undecided)) == (409, {kind.name: (True, "")})
    assert decided.status_code == 302
    assert NoticeSettings.objects.get().deliveries[kind.name] == "at_once"
