"""People and roles: who makes accounts, who gives roles, and that nobody can do both and read about it."""

from __future__ import annotations

import pytest

from portal import permissions
from portal.choices import AuditAction, Role
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.models import AuditEntry, Membership, User
from portal.services import accounts, memberships
from tests import factories
from tests.conftest import Cast

ROLES = [
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
]


def test_nobody_makes_accounts_and_gives_roles_and_reads_about_it(cast: Cast) -> None:
    someone = factories.user()
    for name in ROLES:
        actor: Membership = getattr(cast, name)
        makes = permissions.can_create_account(actor)
        gives = any(
            permissions.can_assign_membership(actor, someone, organisation, role)
            for organisation in (cast.university, cast.operator, cast.bureau)
            for role in Role.values
        )
        entry = AuditEntry(object_type="portal.membership", owner=cast.university)
        entry.action = AuditAction.CREATE
        entry.save(force_insert=True)
        reads = (
            permissions.can_read_audit(actor)
            and AuditEntry.objects.visible_to(actor).filter(pk=entry.pk).exists()
        )
        assert not (makes and gives and reads), name


def test_who_opens_the_list(cast: Cast, client_of) -> None:
    answers = {name: client_of(getattr(cast, name)).get("/people/").status_code for name in ROLES}

    assert {name for name, status in answers.items() if status == 200} == {
        "manager",
        "unit_manager",
        "system_admin",
        "security_admin",
    }
    assert set(answers.values()) == {200, 403}


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_a_constant_number_of_queries(
    cast: Cast, client_of, django_assert_num_queries, count: int
) -> None:
    for _ in range(count):
        factories.membership(Role.INVENTOR, cast.university, unit=cast.school)
    client = client_of(cast.manager)
    client.get("/people/")

    # the list itself takes three: count, page, roles; the choices of two filters one each
    with django_assert_num_queries(13):
        page = client.get("/people/").context["page"]

    assert len(page.items) == count + 4


def test_a_manager_sees_own_people_only(cast: Cast, client_of) -> None:
    page = client_of(cast.manager).get("/people/").context["page"]
    users = {each.pk for each in page.items}

    assert users == {
        m.user_id for m in (cast.manager, cast.unit_manager, cast.inventor, cast.auditor)
    }
    assert client_of(cast.manager).get(f"/people/{cast.outsider.user_id}/").status_code == 404


def test_roles_elsewhere_are_not_shown_to_a_manager(cast: Cast, client_of) -> None:
    factories.membership(Role.EXPERT, cast.other, user=cast.inventor.user)

    text = client_of(cast.manager).get(f"/people/{cast.inventor.user_id}/").content.decode()

    assert cast.other.name not in text


@pytest.mark.parametrize("words", ["王", "Wang", "WANG", "a王", "明轩"])
def test_a_name_is_found_whatever_its_case(cast: Cast, client_of, words: str) -> None:
    user = cast.inventor.user
    user.name, user.username = "Wang a王明轩", "someone"
    user.save()

    page = client_of(cast.manager).get("/people/", {"q": words}).context["page"]

    assert user.pk in {each.pk for each in page.items}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("role=inventor", {"inventor"}),
        ("is_active=false", set()),
        ("q=no-such-name", set()),
        ("has_role=true&role=unit_manager", {"unit_manager"}),
        ("organisation=999999", {"manager", "unit_manager", "inventor", "auditor"}),
    ],
)
def test_the_list_is_filtered(cast: Cast, client_of, query: str, expected: set[str]) -> None:
    page = client_of(cast.manager).get(f"/people/?{query}").context["page"]

    assert {each.pk for each in page.items} == {getattr(cast, n).user_id for n in expected}


def test_a_manager_makes_an_account_with_its_first_role(cast: Cast, client_of) -> None:
    response = client_of(cast.manager).post(
        "/people/new/",
        {
            "username": "new.inventor",
            "name": " 演示 新人 ",
            "email": "",
            "phone": "",
            "role": "inventor",
            "unit": cast.school.pk,
        },
    )

    made = response.context["account"]
    assert made.initial_password in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    held = made.person.memberships.get()
    assert (held.role, held.organisation, held.unit) == ("inventor", cast.university, cast.school)
    assert made.person.must_change_password
    assert made.person.check_password(made.initial_password)
    kinds = AuditEntry.objects.filter(user=cast.manager.user).values_list("object_type", flat=True)
    assert sorted(kinds) == ["portal.membership", "portal.user"]


@pytest.mark.parametrize("role", ["institution_manager", "city_official", "system_admin", ""])
def test_a_manager_gives_no_higher_role(cast: Cast, client_of, role: str) -> None:
    client = client_of(cast.manager)
    data = {"username": "x1", "name": "某人", "role": role, "organisation": cast.university.pk}

    assert client.post("/people/new/", data).status_code == 200
    assert client.post(f"/people/{cast.inventor.user_id}/memberships/", data).status_code == 200
    assert not User.objects.filter(username="x1").exists()
    assert cast.inventor.user.memberships.count() == 1


def test_a_manager_gives_no_role_elsewhere(cast: Cast, client_of) -> None:
    client = client_of(cast.manager)
    data = {"organisation": cast.other.pk, "role": "inventor"}

    assert client.post(f"/people/{cast.inventor.user_id}/memberships/", data).status_code == 200
    assert cast.inventor.user.memberships.count() == 1


def test_the_system_administrator_makes_accounts_without_roles(cast: Cast, client_of) -> None:
    client = client_of(cast.system_admin)

    made = client.post("/people/new/", {"username": "plain", "name": "某人"}).context["account"]

    assert made.person.memberships.count() == 0
    page = f"/people/{made.person.pk}/memberships/"
    assert client.get(page).status_code == 403
    assert client_of(cast.security_admin).get("/people/new/").status_code == 403
    given = client_of(cast.security_admin).post(
        page, {"organisation": cast.university.pk, "role": "institution_manager"}
    )
    assert given.status_code == 302
    assert made.person.memberships.get().role == "institution_manager"


def test_nobody_gives_a_role_to_oneself(cast: Cast, client_of) -> None:
    own = f"/people/{cast.security_admin.user_id}/memberships/"
    data = {"organisation": cast.bureau.pk, "role": "city_official"}

    assert client_of(cast.security_admin).post(own, data).status_code == 403
    with pytest.raises(DomainError):
        memberships.assign_membership(
            person=cast.security_admin.user,
            organisation=cast.bureau,
            role=Role.CITY_OFFICIAL,
            unit=None,
            actor=cast.security_admin,
        )


@pytest.mark.parametrize(
    ("first", "second"),
    [("system_admin", "audit_admin"), ("system_admin", "auditor"), ("auditor", "security_admin")],
)
def test_an_administrators_account_holds_nothing_else(cast: Cast, first: str, second: str) -> None:
    person = factories.membership(first, cast.operator).user

    with pytest.raises(DomainError):
        memberships.assign_membership(
            person=person,
            organisation=cast.operator,
            role=second,
            unit=None,
            actor=cast.security_admin,
        )


def test_an_ended_role_is_taken_up_again(cast: Cast) -> None:
    end = {"membership": cast.inventor, "reason": "left", "actor": cast.manager}
    memberships.end_membership(**end, seen_version=1)
    with pytest.raises(InvalidTransition):
        memberships.end_membership(**end, seen_version=2)

    again = memberships.assign_membership(
        person=cast.inventor.user,
        organisation=cast.university,
        role=Role.INVENTOR,
        unit=cast.school,
        actor=cast.manager,
    )

    assert (again.pk, again.is_active, again.version) == (cast.inventor.pk, True, 3)
    with pytest.raises(InvalidTransition):
        memberships.assign_membership(
            person=cast.inventor.user,
            organisation=cast.university,
            role=Role.INVENTOR,
            unit=cast.school,
            actor=cast.manager,
        )


def test_ending_a_role_needs_a_reason_and_the_version(cast: Cast, client_of) -> None:
    client = client_of(cast.manager)
    page = f"/memberships/{cast.inventor.pk}/end/"

    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": "", "version": "1"}).status_code == 200
    assert client.post(page, {"reason": "left"}).status_code == 428
    assert client.post(page, {"reason": "left", "version": "7"}).status_code == 409
    assert client.post(page, {"reason": "left", "version": "1"}).status_code == 302
    entry = AuditEntry.objects.about(cast.inventor).get()
    assert (entry.action, entry.reason, entry.changes) == (
        "deactivate",
        "left",
        {"is_active": [True, False]},
    )


def test_roles_of_others_cannot_be_ended(cast: Cast, client_of) -> None:
    assert client_of(cast.manager).get(f"/memberships/{cast.outsider.pk}/end/").status_code == 404
    assert client_of(cast.manager).get(f"/memberships/{cast.auditor.pk}/end/").status_code == 403
    assert client_of(cast.manager).get(f"/memberships/{cast.manager.pk}/end/").status_code == 403
    assert (
        client_of(cast.system_admin).get(f"/memberships/{cast.auditor.pk}/end/").status_code == 403
    )


def test_the_last_administrator_of_a_kind_stays(cast: Cast) -> None:
    with pytest.raises(DomainError):
        accounts.set_account_active(
            person=cast.audit_admin.user,
            is_active=False,
            reason="x",
            seen_version=1,
            actor=cast.system_admin,
        )
    second = factories.membership(Role.SECURITY_ADMIN, cast.operator)
    with pytest.raises(DomainError):
        memberships.end_membership(
            membership=cast.audit_admin, reason="x", seen_version=1, actor=second
        )


@pytest.mark.parametrize(
    ("actor", "person", "allowed"),
    [
        ("system_admin", "inventor", True),
        ("system_admin", "security_admin", False),
        ("system_admin", "audit_admin", False),
        ("system_admin", "system_admin", True),
        ("manager", "inventor", True),
        ("manager", "auditor", False),
        ("manager", "manager", True),
        ("unit_manager", "inventor", False),
        ("security_admin", "inventor", False),
    ],
)
def test_who_may_change_an_account(
    cast: Cast, client_of, actor: str, person: str, allowed: bool
) -> None:
    response = client_of(getattr(cast, actor)).get(f"/people/{getattr(cast, person).user_id}/edit/")

    assert response.status_code == (200 if allowed else 403)


def test_a_manager_does_not_change_people_who_act_elsewhere(cast: Cast, client_of) -> None:
    factories.membership(Role.CITY_OFFICIAL, cast.bureau, user=cast.inventor.user)
    client, pk = client_of(cast.manager), cast.inventor.user_id

    assert client.get(f"/people/{pk}/edit/").status_code == 403
    assert client.post(f"/people/{pk}/password/", {"version": 1}).status_code == 403
    assert client.post(f"/people/{pk}/deactivate/", {"version": 1}).status_code == 403


def test_contact_is_masked_and_blank_keeps_it(cast: Cast, client_of) -> None:
    person = cast.inventor.user
    client = client_of(cast.manager)
    client.post(
        f"/people/{person.pk}/edit/",
        {"name": "新名", "email": "person@example.edu.cn", "phone": "13800001234", "version": 1},
    )

    detail = client.get(f"/people/{person.pk}/").content.decode()
    edit = client.get(f"/people/{person.pk}/edit/").content.decode()
    client.post(
        f"/people/{person.pk}/edit/", {"name": "新名二", "email": "", "phone": "", "version": 2}
    )

    assert "person@example.edu.cn" not in detail + edit
    assert "13800001234" not in detail + edit
    assert "138****1234" in detail
    person.refresh_from_db()
    assert (person.name, person.email, person.phone) == (
        "新名二",
        "person@example.edu.cn",
        "13800001234",
    )
    assert person.email_lookup != ""


def test_editing_needs_the_version(cast: Cast, client_of) -> None:
    client, page = client_of(cast.manager), f"/people/{cast.inventor.user_id}/edit/"

    assert client.post(page, {"name": "甲"}).status_code == 428
    assert client.post(page, {"name": "甲", "version": 1}).status_code == 302
    assert client.post(page, {"name": "乙", "version": 1}).status_code == 409


def test_deactivating_and_activating_again(cast: Cast, client_of) -> None:
    client, pk = client_of(cast.manager), cast.inventor.user_id
    page = f"/people/{pk}/deactivate/"

    assert client.post(page, {"version": 1, "reason": ""}).status_code == 200
    assert client.post(page, {"version": 1, "reason": "left"}).status_code == 302
    assert not User.objects.get(pk=pk).is_active
    assert client.post(page, {"version": 2, "active": "1"}).status_code == 302
    assert User.objects.get(pk=pk).is_active
    with pytest.raises(StaleVersion):
        accounts.set_account_active(
            person=cast.inventor.user,
            is_active=False,
            reason="x",
            seen_version=1,
            actor=cast.manager,
        )


def test_a_new_initial_password_signs_out_and_must_be_changed(cast: Cast, client_of) -> None:
    there = client_of(cast.inventor)
    assert there.get("/").status_code == 200

    response = client_of(cast.manager).post(
        f"/people/{cast.inventor.user_id}/password/", {"version": 1}
    )

    assert there.get("/").status_code == 302
    person = User.objects.get(pk=cast.inventor.user_id)
    assert person.check_password(response.context["account"].initial_password)
    assert person.must_change_password


def test_initial_passwords_pass_the_rules_and_differ(db) -> None:
    made = {accounts.make_password() for _ in range(50)}

    assert len(made) == 50
    assert {len(password) for password in made} == {12}
