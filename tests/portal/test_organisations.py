"""Organisations, their names and bureaus, and the unit tree."""

from __future__ import annotations

import pytest

from portal.choices import OrganisationKind, Role
from portal.errors import DomainError, StaleVersion
from portal.models import AuditEntry, Organisation, Unit
from portal.services import organisations
from portal.text import fold
from portal.unit_tree import tree_of
from tests import factories
from tests.conftest import Cast


def form_data(**changes: object) -> dict[str, object]:
    return {
        "name": "演示新大学",
        "code": "new-university",
        "kind": "university",
        "credit_code": factories.credit_code(77_001),
        "affiliation": "municipal",
        "district": "haidian",
        "names": "演示旧大学\n 演示老校 \n\n",
        **changes,
    }


def test_who_opens_the_list_and_what_it_shows(cast: Cast, client_of) -> None:
    seen = {}
    for name in ("city", "department", "district_official", "system_admin", "manager", "inventor"):
        response = client_of(getattr(cast, name)).get("/organisations/")
        page = response.context and response.context.get("page")
        seen[name] = {each.pk for each in page.items} if page else response.status_code

    # the lead bureau loads the lists of bureaus and enterprises, too
    assert seen["city"] == seen["system_admin"] - {cast.operator.pk}
    assert seen["department"] == {cast.education.pk, cast.university.pk}
    assert seen["district_official"] == {cast.district.pk, cast.university.pk}
    assert seen["system_admin"] == set(Organisation.objects.values_list("pk", flat=True))
    assert (seen["manager"], seen["inventor"]) == (403, 403)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_a_constant_number_of_queries(
    cast: Cast, client_of, django_assert_num_queries, count: int
) -> None:
    for _ in range(count):
        factories.supervision(factories.organisation(), cast.education)
    client = client_of(cast.system_admin)
    client.get("/organisations/")

    # the list itself takes four: what the planner expects, keys, page, bureaus
    with django_assert_num_queries(11):
        page = client.get("/organisations/").context["page"]

    assert len(page.items) == count + 8


def test_an_organisation_is_entered_with_names_and_bureaus(cast: Cast, client_of) -> None:
    response = client_of(cast.system_admin).post(
        "/organisations/new/", form_data(supervisors=[cast.education.pk, cast.health.pk])
    )

    made = Organisation.objects.get(code="new-university")
    assert response["Location"] == f"/organisations/{made.pk}/"
    assert organisations.further_names(made) == ["演示旧大学", "演示老校"]
    assert made.names.filter(folded=fold("演示新大学")).exists()
    assert set(made.supervisors.all()) == {cast.education, cast.health}
    assert made.name_key == "yan shi xin da xue"
    entry = AuditEntry.objects.about(made).get()
    assert (entry.action, entry.owner_id, entry.changes["kind"]) == (
        "create",
        made.pk,
        [None, "university"],
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"credit_code": "121100000000770015"}, "credit_code"),
        ({"credit_code": "x"}, "credit_code"),
        ({"name": "演示第一大学"}, "name"),
        ({"names": "演示外部大学旧名"}, "names"),
        ({"kind": "enterprise"}, "supervisors"),
        ({"kind": "nonsense"}, "kind"),
        ({"code": "has blank"}, "code"),
        ({"supervisors": [1_000_000]}, "supervisors"),
    ],
)
def test_refused_entries_name_the_field(cast: Cast, client_of, changes, field: str) -> None:
    organisations._set_names(cast.other, ["演示外部大学旧名"])
    data = form_data(**{"supervisors": [cast.education.pk], **changes})

    form = client_of(cast.system_admin).post("/organisations/new/", data).context["form"]

    assert list(form.errors) == [field]


def test_a_credit_code_is_read_with_blanks_and_small_letters(cast: Cast, client_of) -> None:
    code = factories.credit_code(77_009)
    typed = f" {code[:8].lower()} {code[8:].lower()} "

    client_of(cast.system_admin).post("/organisations/new/", form_data(credit_code=typed))

    assert Organisation.objects.get(code="new-university").credit_code == code


def test_a_renamed_organisation_keeps_its_old_name(cast: Cast, client_of) -> None:
    client, page = client_of(cast.system_admin), f"/organisations/{cast.university.pk}/edit/"
    data = form_data(
        credit_code=cast.university.credit_code,
        code=cast.university.code,
        names="",
        is_active="on",
        version=1,
    )

    assert client.get(page).status_code == 200
    assert client.post(page, {**data, "version": ""}).status_code == 428
    assert client.post(page, data).status_code == 302
    assert client.post(page, {**data, "name": "再改"}).status_code == 409

    cast.university.refresh_from_db()
    assert (cast.university.name, cast.university.version) == ("演示新大学", 2)
    assert organisations.further_names(cast.university) == ["演示第一大学"]
    assert list(cast.university.supervisions.values_list("is_active", flat=True)) == [False]
    entry = AuditEntry.objects.about(cast.university).get()
    assert entry.changes["name"] == ["演示第一大学", "演示新大学"]


def test_saving_without_change_writes_nothing(cast: Cast) -> None:
    same = organisations.change_organisation(
        organisation=cast.university,
        values={"name": cast.university.name, "kind": cast.university.kind},
        names=[],
        supervisors=[cast.education],
        seen_version=1,
        actor=cast.system_admin,
    )

    assert same.version == 1
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize("name", ["city", "manager", "security_admin", "auditor"])
def test_only_the_system_administrator_edits(cast: Cast, client_of, name: str) -> None:
    client = client_of(getattr(cast, name))

    assert client.get("/organisations/new/").status_code == 403
    assert client.get(f"/organisations/{cast.university.pk}/edit/").status_code == 403


def test_foreign_organisations_do_not_exist(cast: Cast, client_of) -> None:
    client = client_of(cast.manager)

    assert client.get(f"/organisations/{cast.university.pk}/").status_code == 200
    assert client.get(f"/organisations/{cast.other.pk}/").status_code == 404
    assert client.get(f"/organisations/{cast.other.pk}/units/new/").status_code == 404
    foreign = factories.unit(cast.other)
    assert client.get(f"/units/{foreign.pk}/").status_code == 404
    page = f"/organisations/{cast.university.pk}/units/new/?parent={foreign.pk}"
    assert client.get(page).status_code == 404
    assert client.get(f"/organisations/{cast.university.pk}/units/new/?parent=x").status_code == 404


# --- units ---------------------------------------------------------------------------------------


def test_a_manager_builds_the_tree(cast: Cast, client_of) -> None:
    client, page = client_of(cast.manager), f"/organisations/{cast.university.pk}/units/new/"

    assert client.post(page, {"name": " 演示化学学院 "}).status_code == 302
    college = Unit.objects.get(name="演示化学学院")
    assert client.post(f"{page}?parent={college.pk}", {"name": "分析系"}).status_code == 302
    department = Unit.objects.get(name="分析系")

    assert (college.level, college.path) == (1, f"/{college.pk}/")
    assert (department.level, department.path) == (2, f"/{college.pk}/{department.pk}/")
    assert department.level_name == str(cast.university.unit_level_name(2))
    again = client.post(page, {"name": "演示化学学院"})
    assert (again.status_code, bool(again.context["form"].errors)) == (200, True)


def test_a_unit_with_people_or_subunits_stays(cast: Cast) -> None:
    below = factories.unit(cast.university, cast.school)

    def switch_off(unit: Unit, name: str) -> Unit:
        values = {"name": name, "is_strong_discipline": False, "is_active": False}
        return organisations.change_unit(
            unit=unit, values=values, seen_version=1, actor=cast.manager
        )

    with pytest.raises(DomainError):
        switch_off(cast.school, cast.school.name)
    assert not switch_off(below, below.name).is_active
    with pytest.raises(DomainError):
        switch_off(cast.school, cast.school.name)
    with pytest.raises(StaleVersion):
        switch_off(below, "x")
    with pytest.raises(DomainError):
        organisations.create_unit(
            organisation=cast.university, parent=below, name="y", actor=cast.manager
        )


def test_units_are_edited_by_the_manager_only(cast: Cast, client_of) -> None:
    page = f"/units/{cast.school.pk}/"

    assert client_of(cast.unit_manager).get(page).status_code == 403
    assert client_of(cast.city).get(page).status_code == 403
    client = client_of(cast.manager)
    assert client.get(page).status_code == 200
    renamed = client.post(page, {"name": "演示新材料学院", "is_active": "on", "version": 1})
    assert renamed.status_code == 302
    refused = client.post(page, {"name": "演示新材料学院", "version": 2})
    assert refused.status_code == 409
    cast.school.refresh_from_db()
    assert (cast.school.name, cast.school.is_active) == ("演示新材料学院", True)


def test_the_tree_puts_parents_before_children_and_sorts_by_sound(cast: Cast) -> None:
    other = factories.unit(cast.university, name="安全学院")
    below = factories.unit(cast.university, cast.school, name="系")

    rows = tree_of(cast.university, Unit.objects.filter(organisation=cast.university))

    assert [(row.unit, row.depth) for row in rows] == [(other, 0), (cast.school, 0), (below, 1)]


@pytest.mark.parametrize("count", [1, 3])
def test_the_organisation_page_takes_a_constant_number_of_queries(
    cast: Cast, client_of, django_assert_num_queries, count: int
) -> None:
    for _ in range(count):
        factories.unit(cast.university, cast.school)
    client = client_of(cast.manager)
    page = f"/organisations/{cast.university.pk}/"
    client.get(page)

    # the page itself takes five: organisation, bureaus, names, units, and for which of them a workbook holds something
    with django_assert_num_queries(11):
        rows = client.get(page).context["units"]

    assert len(rows) == count + 1


def test_unit_level_names_follow_the_kind(db) -> None:
    hospital = factories.organisation(OrganisationKind.HOSPITAL)
    university = factories.organisation(OrganisationKind.UNIVERSITY)

    assert hospital.unit_level_name(1) != university.unit_level_name(1)
    assert university.unit_level_name(9) == university.unit_level_name(3)


def test_the_unit_manager_sees_the_own_subtree(cast: Cast, client_of) -> None:
    factories.unit(cast.university, name="别的学院")
    below = factories.unit(cast.university, cast.school)
    factories.membership(Role.INVENTOR, cast.university, unit=below)

    rows = (
        client_of(cast.unit_manager).get(f"/organisations/{cast.university.pk}/").context["units"]
    )

    assert [row.unit for row in rows] == [cast.school, below]
