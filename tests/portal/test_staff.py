"""The personnel list: pages, namesakes told apart by a person, the list out and in again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse

from portal.errors import DomainError, StaleVersion
from portal.jobs import runner
from portal.models import AuditEntry, ImportBatch, Membership, StaffMember, StoredFile
from portal.same_person import Answer, Line, who_is
from portal.services.staff import add_staff, change_staff, settle_doubt
from portal.staff_table import write_staff
from portal.usernames import free_names
from tests import factories
from tests.conftest import Cast, PageClient
from tests.inventory.importing.conftest import upload

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]
__all__ = ["upload"]


def test_the_page_masks_contacts(cast: Cast, client_of: ClientOf) -> None:
    factories.staff(cast.university, name="李明", phone="13800001111", email="li.ming@example.org")
    factories.staff(cast.other, name="外校人")
    page = client_of(cast.manager).get(reverse("portal:staff-list")).content.decode()
    assert "138****1111" in page
    assert "13800001111" not in page
    assert "li.ming@" not in page
    assert "外校人" not in page


@pytest.mark.parametrize("query", ["q=li+ming", "q=李", "q=A-1", "category=teacher", "account=no"])
def test_the_list_is_narrowed(cast: Cast, client_of: ClientOf, query: str) -> None:
    factories.staff(cast.university, name="李明", staff_number="A-1")
    factories.staff(cast.university, name="王芳", category="retired", user=cast.inventor.user)
    page = client_of(cast.manager).get(f"{reverse('portal:staff-list')}?{query}").content.decode()
    assert "李明" in page
    assert "王芳" not in page


def test_a_row_leads_to_the_person_and_a_namesake_to_its_decision(
    cast: Cast, client_of: ClientOf
) -> None:
    person = cast.inventor.user
    factories.staff(cast.university, name="李明", user=person)
    twice = factories.staff(cast.university, name="王<b>伟", is_doubtful=True)
    page = client_of(cast.manager).get(reverse("portal:staff-list")).content.decode()
    assert f'<a href="{reverse("portal:people-detail", args=[person.pk])}">李明</a>' in page
    assert page.count(f'href="{reverse("portal:staff-namesake", args=[twice.pk])}"') == 1
    assert "王&lt;b&gt;伟" in page


def test_the_file_of_the_list_masks_as_the_page_does(cast: Cast, client_of: ClientOf) -> None:
    factories.staff(cast.university, name="李明", phone="13800001111", is_doubtful=True)
    asked = {"list": "portal.staff", "query": "", "format": "csv", "columns": "all"}
    client_of(cast.manager).post(reverse("portal:list-export"), asked)
    runner.run_due("test-worker")
    with StoredFile.objects.get(purpose=StoredFile.Purpose.EXPORT).content.open() as stream:
        text = stream.read().decode("utf-8-sig")
    assert "138****1111" in text
    assert "13800001111" not in text
    assert "<" not in text


def test_a_person_tells_namesakes_apart(cast: Cast, client_of: ClientOf) -> None:
    first = factories.staff(cast.university, name="王伟", unit=cast.school, staff_number="1")
    same = factories.staff(cast.university, name="王伟", title="教授", is_doubtful=True)
    other = factories.staff(cast.university, name="王伟", is_doubtful=True)
    client = client_of(cast.manager)
    url = reverse("portal:staff-namesake", args=[same.pk])
    assert cast.school.name in client.get(url).content.decode()
    assert client.post(url, {"version": 1}).status_code == 200
    assert client.post(url, {"version": 1, "same_as": first.pk}).status_code == 302
    first.refresh_from_db()
    assert (first.title, first.staff_number, first.version) == ("教授", "1", 2)
    assert not StaffMember.objects.filter(pk=same.pk).exists()
    done = settle_doubt(member=other, same_as=None, seen_version=1, actor=cast.manager)
    assert not done.is_doubtful
    assert AuditEntry.objects.about(done).exists()
    with pytest.raises(DomainError):
        settle_doubt(member=other, same_as=None, seen_version=2, actor=cast.manager)


def test_a_line_that_changed_meanwhile_is_seen_before_it_is_decided(
    cast: Cast, client_of: ClientOf
) -> None:
    first = factories.staff(cast.university, name="王伟", staff_number="1")
    same = factories.staff(cast.university, name="王伟", title="讲师", is_doubtful=True)
    change_staff(changed=[(same, {"title": "教授", "unit_id": cast.school.pk})], actor=cast.manager)
    client, url = client_of(cast.manager), reverse("portal:staff-namesake", args=[same.pk])
    mine = {"version": 1, "same_as": first.pk}

    shown = client.post(url, mine)
    row = {each["name"]: each for each in shown.context["conflict"]["rows"]}
    change_staff(changed=[(same, {"title": "研究员"})], actor=cast.manager)
    again = client.post(url, {**mine, "over": 2})
    decided = client.post(url, {**mine, "over": 3})

    assert (shown.status_code, again.status_code, decided.status_code) == (409, 409, 302)
    assert [(each["base"], each["theirs"], each["mine"]) for each in row.values()] == [
        ("", cast.school.name, ""),
        ("讲师", "教授", ""),
    ]
    assert f'value="{first.pk}" required id="id_same_as_1" checked' in shown.content.decode()
    first.refresh_from_db()
    assert first.title == "研究员"


def test_a_line_settled_meanwhile_says_by_whom(cast: Cast, client_of: ClientOf) -> None:
    first = factories.staff(cast.university, name="王伟")
    same = factories.staff(cast.university, name="王伟", is_doubtful=True)
    settle_doubt(member=same, same_as=None, seen_version=1, actor=cast.manager)
    url = reverse("portal:staff-namesake", args=[same.pk])

    late = client_of(cast.manager).post(url, {"version": 1, "same_as": first.pk})

    assert late.status_code == 409
    (row,) = late.context["conflict"]["rows"]
    assert (row["name"], row["who"]) == ("is_doubtful", cast.manager.user.name)
    assert 'name="over"' not in late.content.decode()
    assert StaffMember.objects.filter(pk=same.pk).exists()


def test_namesakes_of_two_numbers_or_two_accounts_stay_two(cast: Cast) -> None:
    first = factories.staff(cast.university, name="王伟", staff_number="1")
    second = factories.staff(cast.university, name="王伟", staff_number="2", is_doubtful=True)
    with pytest.raises(StaleVersion):
        settle_doubt(member=second, same_as=first.pk, seen_version=9, actor=cast.manager)
    with pytest.raises(DomainError):
        settle_doubt(member=second, same_as=first.pk, seen_version=1, actor=cast.manager)
    foreign = factories.staff(cast.other, name="王伟")
    with pytest.raises(DomainError):
        settle_doubt(member=second, same_as=foreign.pk, seen_version=1, actor=cast.manager)


@pytest.mark.django_db(transaction=True)
def test_out_and_in_again_changes_nothing(
    cast: Cast, client_of: ClientOf, upload: Callable[..., ImportBatch], tmp_path: Path
) -> None:
    above = [factories.unit(cast.university, name=name) for name in ("演示甲院", "演示乙院")]
    twins = [factories.unit(cast.university, parent=unit, name="演示办公室") for unit in above]
    rows = [
        {"name": "李明", "staff_number": "=1+1", "unit_id": twins[0].pk, "phone": "13800001111"},
        {"name": "王芳", "unit_id": twins[1].pk, "category": "student", "email": "w@example.org"},
        {"name": "赵勇", "category": "retired", "title": "教授"},
    ]
    made = add_staff(rows=rows, actor=cast.manager)
    assert AuditEntry.objects.about(made[0]).exists()
    path = tmp_path / "out.xlsx"
    assert write_staff(path, cast.manager) == 3
    batch = upload(cast.manager, path)
    found = (batch.counts["unchanged"], batch.counts["refused"], batch.counts["changed"])
    assert found == (3, 0, 0), list(batch.issues.values_list("rule", "value"))
    client = client_of(cast.manager)
    client.post(reverse("portal:staff-export"))
    runner.run_due("test-worker")
    assert StoredFile.objects.filter(purpose="export").count() == 1


def test_the_blank_template_is_recognised(
    cast: Cast, client_of: ClientOf, upload: Callable[..., ImportBatch], tmp_path: Path
) -> None:
    answer = client_of(cast.manager).get(reverse("portal:staff-template"))
    path = tmp_path / "template.xlsx"
    path.write_bytes(b"".join(answer.streaming_content))
    assert upload(cast.manager, path).kind == "personnel"


def test_changes_are_told_masked(cast: Cast) -> None:
    member = factories.staff(cast.university, name="李明")
    assert change_staff(changed=[(member, {"phone": "13800002222"})], actor=cast.manager) == 1
    assert change_staff(changed=[(member, {"phone": "13800002222"})], actor=cast.manager) == 0
    entry = AuditEntry.objects.about(member).get()
    assert entry.changes == {"phone": ["", "138****2222"]}


@pytest.mark.parametrize(
    ("line", "known", "answer"),
    [
        (Line("a", "王伟"), [], Answer.NEW),
        (Line("a", "王 伟", unit=1), [Line("b", "王伟", unit=1)], Answer.SAME),
        (Line("a", "王伟", phone="p"), [Line("b", "王伟", unit=2, phone="p")], Answer.SAME),
        (Line("a", "王伟", unit=1), [Line("b", "王伟", unit=2)], Answer.ASK),
        (Line("a", "王伟"), [Line("b", "王伟", unit=2)], Answer.ASK),
        (Line("a", "王伟"), [Line("b", "王伟")], Answer.SAME),
        (
            Line("a", "王伟", unit=1, staff_number="1"),
            [Line("b", "王伟", unit=1, staff_number="2")],
            Answer.NEW,
        ),
        (
            Line("a", "王伟", staff_number="1"),
            [Line("b", "李明", staff_number="1")],
            Answer.OTHER_NAME,
        ),
        (
            Line("a", "王伟", unit=1),
            [
                Line("b", "王伟", unit=1, staff_number="1"),
                Line("c", "王伟", unit=1, staff_number="2"),
            ],
            Answer.SEVERAL,
        ),
    ],
)
def test_who_is_the_same_person(line: Line, known: list[Line], answer: Answer) -> None:
    assert who_is(line, known)[0] is answer


def test_user_names_are_made_without_collision() -> None:
    assert free_names(["王伟", "王威", "Ann O’Neil", "3"], {"wangwei", "wangwei3"}) == [
        "wangwei2",
        "wangwei4",
        "annoneil",
        "user",
    ]
