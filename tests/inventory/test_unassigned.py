"""The queue of patents nobody looks after: who stands in it, what is proposed, what taking a proposal does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Dossier, NotMine, PatentInventor
from inventory.queries.unassigned import unassigned
from inventory.services.unassigned import (
    assign_people,
    disown_dossier,
    judge_clear,
    restore_assigned,
    take_clear,
)
from portal.choices import Role
from portal.errors import StaleVersion
from portal.jobs import runner
from portal.models import AuditEntry, BulkRun, Invitation, Membership, StoredFile, User
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]
LIST = reverse("inventory:unassigned-list")


def waiting(cast: Cast, *inventors: Any, **more: Any) -> Dossier:
    patent = factories.patent(cast.university, inventors=list(inventors))
    entry = factories.entry(cast.participation, patent, **{"unit": cast.school, **more})
    return entry.dossier


def fresh(run: BulkRun) -> BulkRun:
    return BulkRun.objects.get(pk=run.pk)


def member(cast: Cast, name: str, **more: Any) -> Membership:
    return factories.membership(
        Role.INVENTOR, cast.university, unit=cast.school, user=factories.user(name=name), **more
    )


def test_who_stands_in_the_queue(cast: Cast) -> None:
    nobody = waiting(cast, "李明")
    left = waiting(cast, "王芳", responsible=factories.user())
    gone = member(cast, "赵某", is_active=False)
    ended = waiting(cast, "赵某", responsible=gone.user)
    waiting(cast, "钱某", responsible=member(cast, "钱某").user)
    waiting(cast, "孙某", state="completed")
    factories.entry(cast.other_participation)
    assert set(unassigned(cast.manager)) == {nobody, left, ended}
    assert unassigned(cast.outsider).count() == 1


def test_institutions_that_file_centrally_need_nobody(cast: Cast) -> None:
    waiting(cast, "李明")
    cast.participation.filing_mode = "central"
    cast.participation.save()
    assert not unassigned(cast.manager).exists()


def test_a_proposal_is_taken_with_history(cast: Cast, client_of: ClientOf) -> None:
    dossier = waiting(cast, "李明", unit=None)
    li = member(cast, "李明")
    client = client_of(cast.manager)
    page = client.get(LIST).content.decode()
    assert "李明" in page
    assert f"{dossier.pk}-{dossier.version}-u{li.user_id}" in page
    choice = {"choice": f"{dossier.pk}-{dossier.version}-u{li.user_id}"}
    client.post(reverse("inventory:unassigned-take"), choice)
    dossier.refresh_from_db()
    assert (dossier.responsible, dossier.unit, dossier.version) == (li.user, cast.school, 2)
    entry = AuditEntry.objects.about(dossier).first()
    assert entry is not None
    assert entry.changes["responsible"] == [None, li.user_id]
    client.post(reverse("inventory:unassigned-take"), choice)
    dossier.refresh_from_db()
    assert dossier.version == 2


def test_a_stale_choice_is_left_and_named(cast: Cast) -> None:
    dossier = waiting(cast, "李明")
    li = member(cast, "李明")
    done = assign_people(chosen={dossier.pk: (7, f"u{li.user_id}")}, actor=cast.manager)
    assert (done.done, done.stale) == ([], [dossier.pk])


def test_who_has_no_account_gets_one_with_an_invitation(cast: Cast) -> None:
    dossier = waiting(cast, "李明")
    staff = factories.staff(cast.university, name="李明", unit=cast.school)
    done = assign_people(chosen={dossier.pk: (1, f"s{staff.pk}")}, actor=cast.manager)
    invitation = Invitation.objects.get()
    dossier.refresh_from_db()
    assert (done.opened, dossier.responsible, invitation.user.name) == (1, invitation.user, "李明")


@pytest.mark.parametrize("key", ["u{outsider}", "s999", "x1", "", "u", "u٣"])
def test_only_people_of_the_institution_are_asked(cast: Cast, key: str) -> None:
    dossier = waiting(cast, "李明")
    with pytest.raises(ValidationError):
        assign_people(
            chosen={dossier.pk: (1, key.format(outsider=cast.outsider.user_id))}, actor=cast.manager
        )


def test_a_units_manager_asks_the_own_branch(cast: Cast, client_of: ClientOf) -> None:
    physics = factories.unit(cast.university, name="演示物理学院")
    wang = factories.membership(
        Role.INVENTOR, cast.university, unit=physics, user=factories.user(name="王芳")
    )
    dossier = waiting(cast, "王芳")
    with pytest.raises(ValidationError):
        assign_people(chosen={dossier.pk: (1, f"u{wang.user_id}")}, actor=cast.unit_manager)
    page = client_of(cast.unit_manager).get(LIST).content.decode()
    url = reverse("inventory:dossier-pass-on", args=[dossier.pk])
    assert f"{url}?unit={physics.pk}" in page
    assert f"-u{wang.user_id}" not in page


def test_other_institutions_people_are_never_proposed(cast: Cast, client_of: ClientOf) -> None:
    waiting(cast, "李明")
    factories.staff(cast.other, name="李明", unit=factories.unit(cast.other, name="外校某学院"))
    factories.membership(Role.INVENTOR, cast.other, user=factories.user(name="李明"))
    page = client_of(cast.manager).get(LIST).content.decode()
    assert "外校某学院" not in page
    assert 'name="choice"' not in page


def test_homonyms_stand_side_by_side_with_their_units(cast: Cast, client_of: ClientOf) -> None:
    waiting(cast, "李明")
    for name, number in (("演示物理学院", "1"), ("演示化学学院", "2")):
        unit = factories.unit(cast.university, name=name)
        factories.staff(cast.university, name="李明", unit=unit, staff_number=number)
    page = client_of(cast.manager).get(LIST).content.decode()
    assert "演示物理学院" in page
    assert "演示化学学院" in page
    assert page.count("有重名") == 2


def test_names_are_escaped(cast: Cast, client_of: ClientOf) -> None:
    waiting(cast, "<b>李明")
    member(cast, "<b>李明")
    page = client_of(cast.manager).get(LIST).content.decode()
    assert "<strong>&lt;b&gt;李明</strong>" in page
    assert "<b>李明" not in page


def test_the_buttons_keep_to_what_is_shown(cast: Cast, client_of: ClientOf) -> None:
    """What htmx renews brings the forms of the new filter along."""
    waiting(cast, "李明")
    client = client_of(cast.manager)
    part = client.get(LIST, {"why": "none"}, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in part
    for name in ("clear", "take", "give"):
        assert f'action="{reverse(f"inventory:unassigned-{name}")}?why=none"' in part


def test_proposals_are_sought_where_they_are_shown(cast: Cast, client_of: ClientOf) -> None:
    waiting(cast, "李明")
    client = client_of(cast.manager)
    asked = []
    for columns in ("number,proposed", "number,title"):
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST, {"columns": columns})
        asked.append(any("portal_staffmember" in one["sql"] for one in queries))
    assert asked == [True, False]


def test_a_file_says_who_is_proposed_and_why(cast: Cast, client_of: ClientOf) -> None:
    dossier = waiting(cast, "李明", "王芳", responsible=factories.user(name="赵某"))
    factories.staff(cast.university, name="李明", unit=cast.school, category="student")
    factories.staff(cast.university, name="王芳", unit=cast.school, title="教授")
    asked = {"list": "inventory.unassigned", "query": "", "format": "csv"}
    client_of(cast.manager).post(reverse("portal:list-export"), asked)
    runner.run_due("test-worker")
    kept = StoredFile.objects.get(purpose=StoredFile.Purpose.EXPORT)
    with kept.content.open() as stream:
        line = stream.read().decode("utf-8-sig").splitlines()[1]
    assert dossier.patent.number in line
    assert "赵某已离职" in line
    assert line.index(f"王芳（{cast.school} · 教授，") < line.index(f"李明（{cast.school}")
    assert "尚无账号，学生" in line


@pytest.mark.django_db(transaction=True)
def test_clear_ones_are_taken_after_their_consequences_and_can_be_undone(
    cast: Cast, client_of: ClientOf
) -> None:
    clear = [waiting(cast, f"演示人{chr(0x4E00 + n)}") for n in range(4)]
    twice, nobody = waiting(cast, "王芳"), waiting(cast, "外单位人")
    for number in range(4):
        factories.staff(cast.university, name=f"演示人{chr(0x4E00 + number)}", unit=cast.school)
    for number in ("1", "2"):
        factories.staff(cast.university, name="王芳", unit=cast.school, staff_number=number)
    client = client_of(cast.manager)
    run_page = client.post(reverse("inventory:unassigned-clear"), {"all_matching": "1"})["Location"]
    run = BulkRun.objects.get()
    # only those with a clear proposal are picked at all
    assert set(run.rows.values_list("target_id", flat=True)) == {one.pk for one in clear}
    assert list(run.rows.order_by("position").values_list("position", flat=True)) == [1, 2, 3, 4]
    runner.run_due("test-worker")
    client.post(run_page, {"reason": "按第一发明人", "version": fresh(run).version})
    runner.run_due("test-worker")
    assert not Dossier.objects.filter(responsible__isnull=False).exists()
    assert client.get(run_page).status_code == 200
    client.post(reverse("portal:bulk-apply", args=[run.pk]), {"version": fresh(run).version})
    runner.run_due("test-worker")
    given = Dossier.objects.filter(responsible__isnull=False)
    assert set(given) == set(clear)
    assert Invitation.objects.count() == 4
    entry = AuditEntry.objects.about(clear[0]).first()
    assert entry is not None
    assert entry.reason == "按第一发明人"
    client.post(reverse("portal:bulk-undo", args=[run.pk]), {"reason": "误操作"})
    runner.run_due("test-worker")
    assert set(unassigned(cast.manager)) == {*clear, twice, nobody}


def test_the_clear_ones_are_told_from_the_others(cast: Cast) -> None:
    clear, twice = waiting(cast, "李明"), waiting(cast, "王芳")
    nobody, taken = (
        waiting(cast, "外单位人"),
        waiting(cast, "赵某", responsible=member(cast, "赵某").user),
    )
    member(cast, "李明")
    for number in ("1", "2"):
        factories.staff(cast.university, name="王芳", unit=cast.school, staff_number=number)
    ids = [clear.pk, twice.pk, nobody.pk, taken.pk]
    judged = judge_clear(ids=ids, actor=cast.manager)
    assert [one.outcome for one in judged] == ["changed", "refused", "refused", "refused"]
    assert len({one.note for one in judged}) == 4
    done = take_clear(ids=ids, actor=cast.manager, reason="x")
    assert done[0].before == {"responsible": None, "unit": cast.school.pk}
    clear.refresh_from_db()
    assert clear.responsible is not None
    restore_assigned(before={clear.pk: done[0].before}, actor=cast.manager, reason="y")
    clear.refresh_from_db()
    assert clear.responsible is None
    assert AuditEntry.objects.about(clear).count() == 2


def test_queries_do_not_grow_with_the_queue(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.manager)
    counts = []
    for size in (3, 12):
        for number in range(size):
            name = f"演示{size}{chr(0x5000 + number)}"
            waiting(cast, name, "同名乙")
            factories.staff(cast.university, name=name, unit=cast.school)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))
        ids = list(unassigned(cast.manager).values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as queries:
            take_clear(ids=ids, actor=cast.manager)
        counts.append(len(queries))
    assert counts[2] <= counts[0] + 1
    assert counts[3] <= counts[1] + 1


def test_not_my_patent(cast: Cast, client_of: ClientOf) -> None:
    li = member(cast, "李明")
    dossier = waiting(cast, li.user, "王芳", responsible=li.user)
    url = reverse("inventory:dossier-not-mine", args=[dossier.pk])
    client = client_of(li)
    assert client.get(url).status_code == 200
    assert client.post(url, {"version": 1, "reason": ""}).status_code == 422
    assert client.post(url, {"version": 1, "reason": "同名他人"}).status_code == 302
    dossier.refresh_from_db()
    assert dossier.responsible is None
    assert not PatentInventor.objects.filter(patent=dossier.patent, user=li.user).exists()
    assert NotMine.objects.get().reason == "同名他人"
    assert client.post(url, {"version": 2, "reason": "再次"}).status_code == 404
    page = client_of(cast.manager).get(LIST).content.decode()
    assert "本人声明非其专利" in page
    assert f"-u{li.user_id}" not in page


def test_not_mine_needs_the_version_seen(cast: Cast) -> None:
    li = member(cast, "李明")
    dossier = waiting(cast, li.user, responsible=li.user)
    with pytest.raises(StaleVersion):
        disown_dossier(dossier_id=dossier.pk, seen_version=9, reason="x", actor=li)
    done = disown_dossier(dossier_id=dossier.pk, seen_version=1, reason="x", actor=li)
    entry = AuditEntry.objects.about(done).first()
    assert entry is not None
    assert entry.changes["not_mine"] == [None, li.user_id]
    assert User.objects.filter(pk=li.user_id).exists()
