"""Leavers: roles of this institution end, all work goes on in one step, the person can come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Dossier
from portal.choices import Role, StaffCategory
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.handing_over import BY_PROPOSALS, TO_QUEUE, TO_SUCCESSOR
from portal.models import AuditEntry, Departure, Invitation, Membership, StaffMember, User
from portal.services.departures import record_departure, record_return
from portal.services.invitations import open_accounts
from tests import factories
from tests.bulk_acts import applied, outcomes, picked
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]


def works(cast: Cast, person: User, *inventors: str, **more: object) -> Dossier:
    patent = factories.patent(cast.university, inventors=list(inventors) or [person.name])
    return factories.entry(
        cast.participation, patent, unit=cast.school, responsible=person, **more
    ).dossier


def leave(
    cast: Cast, person: User, how: str = TO_QUEUE, successor: User | None = None
) -> Departure:
    return record_departure(
        person=person,
        seen_version=person.version,
        actor=cast.manager,
        reason="调离",
        how=how,
        successor=successor,
    )


def test_everything_goes_to_the_successor_with_history(cast: Cast) -> None:
    person, heir = cast.inventor.user, factories.membership(Role.INVENTOR, cast.university).user
    open_one = works(cast, person, state="draft")
    complete = works(cast, person, state="completed")
    factories.staff(cast.university, name=person.name, user=person)
    made = leave(cast, person, TO_SUCCESSOR, heir)
    open_one.refresh_from_db()
    complete.refresh_from_db()
    assert (open_one.responsible, open_one.version, complete.responsible) == (heir, 2, person)
    entry = AuditEntry.objects.about(open_one).first()
    assert entry is not None
    assert (entry.changes["responsible"], entry.reason) == ([person.pk, heir.pk], "调离")
    assert made.handed_over == {"dossiers": 1, "reviews": 0}
    person.refresh_from_db()
    cast.inventor.refresh_from_db()
    assert (person.is_active, cast.inventor.is_active) == (False, False)
    assert StaffMember.objects.get().category == StaffCategory.LEFT
    assert AuditEntry.objects.about(made).exists()


def test_other_institutions_are_untouched(cast: Cast) -> None:
    person = cast.inventor.user
    other = factories.membership(Role.INVENTOR, cast.other, user=person)
    entry = factories.entry(cast.other_participation, responsible=person)
    leave(cast, person)
    other.refresh_from_db()
    person.refresh_from_db()
    assert (other.is_active, person.is_active) == (True, True)
    assert Dossier.objects.get(pk=entry.dossier_id).responsible == person


def test_by_proposals_clear_ones_only(cast: Cast) -> None:
    person = cast.inventor.user
    wang = factories.membership(
        Role.INVENTOR, cast.university, unit=cast.school, user=factories.user(name="王芳")
    ).user
    clear = works(cast, person, person.name, "王芳")
    unclear = works(cast, person, person.name, "外单位人")
    leave(cast, person, BY_PROPOSALS)
    clear.refresh_from_db()
    unclear.refresh_from_db()
    assert (clear.responsible, unclear.responsible) == (wang, None)


def test_the_last_manager_stays(cast: Cast) -> None:
    second = factories.membership(Role.INSTITUTION_MANAGER, cast.university)
    leave(cast, second.user)
    with pytest.raises(DomainError):
        record_departure(
            person=cast.manager.user,
            seen_version=cast.manager.user.version,
            actor=second,
            reason="x",
            how=TO_QUEUE,
            successor=None,
        )
    assert Membership.objects.get(pk=cast.manager.pk).is_active


def test_successors_must_act_here(cast: Cast) -> None:
    person = cast.inventor.user
    for nobody in (None, person, cast.outsider.user):
        with pytest.raises(ValidationError):
            leave(cast, person, TO_SUCCESSOR, nobody)
    assert Membership.objects.get(pk=cast.inventor.pk).is_active


def test_stale_and_twice(cast: Cast) -> None:
    person = cast.inventor.user
    with pytest.raises(StaleVersion):
        record_departure(
            person=person,
            seen_version=9,
            actor=cast.manager,
            reason="x",
            how=TO_QUEUE,
            successor=None,
        )
    leave(cast, person)
    person.refresh_from_db()
    with pytest.raises(InvalidTransition):
        leave(cast, person)


def test_the_units_reviews_go_with_the_successor(cast: Cast) -> None:
    dossier = factories.entry(cast.participation, unit=cast.school, state="unit_review").dossier
    heir = factories.membership(Role.INVENTOR, cast.university, unit=cast.school).user
    made = leave(cast, cast.unit_manager.user, TO_SUCCESSOR, heir)
    role = Membership.objects.get(user=heir, role=Role.UNIT_MANAGER)
    assert (role.unit, made.handed_over["reviews"]) == (cast.school, 1)
    assert Dossier.objects.visible_to(role).waiting_for(role).get() == dossier


def test_pending_invitations_die(cast: Cast) -> None:
    staff = factories.staff(cast.university, name="李明", unit=cast.school)
    (made,) = open_accounts(members=[staff], actor=cast.manager)
    leave(cast, made.user)
    assert Invitation.objects.get().revoked_at is not None


def test_coming_back(cast: Cast, client_of: ClientOf) -> None:
    person = cast.inventor.user
    dossier = works(cast, person)
    made = leave(cast, person)
    client = client_of(cast.manager)
    page = client.get(reverse("portal:people-detail", args=[person.pk])).content.decode()
    assert "调离" in page
    url = reverse("portal:people-return", args=[person.pk])
    assert client.post(url, {"version": 1}).status_code == 302
    person.refresh_from_db()
    dossier.refresh_from_db()
    assert (person.is_active, dossier.responsible) == (True, None)
    assert Membership.objects.get(pk=cast.inventor.pk).is_active
    assert client.post(url, {"version": 2}).status_code == 404
    made.refresh_from_db()
    with pytest.raises(InvalidTransition):
        record_return(departure=made, seen_version=made.version, actor=cast.manager)
    assert AuditEntry.objects.about(made).count() == 2


def test_consequences_come_first(cast: Cast, client_of: ClientOf) -> None:
    person = cast.inventor.user
    works(cast, person)
    works(cast, person)
    client = client_of(cast.manager)
    url = reverse("portal:people-leave", args=[person.pk])
    page = client.get(url).content.decode()
    assert "<strong>2</strong><span>件未完成档案更换盘点负责人</span>" in page
    assert client.post(url, {"how": TO_QUEUE, "reason": ""}).status_code == 200
    assert client.post(url, {"how": TO_QUEUE, "reason": "退休"}).status_code == 428
    assert client.post(url, {"how": TO_SUCCESSOR, "reason": "x", "version": 1}).status_code == 200
    sent = {"how": TO_QUEUE, "reason": "退休", "version": person.version}
    assert client.post(url, sent).status_code == 302
    assert client.post(url, sent).status_code == 409


def test_leavers_are_proposed_from_the_list_and_never_by_themselves(
    cast: Cast, client_of: ClientOf
) -> None:
    person = cast.inventor.user
    dossier = works(cast, person)
    factories.staff(cast.university, name=person.name, user=person, category="retired")
    client = client_of(cast.manager)
    page = client.get(reverse("portal:leaver-list")).content.decode()
    assert person.username in page
    assert Membership.objects.get(pk=cast.inventor.pk).is_active
    url = reverse("portal:leaver-leave")
    picks = [f"{person.pk}-{person.version}"]
    assert f'name="pick" value="{picks[0]}"' in page
    picked(client, url, picks)
    assert Membership.objects.get(pk=cast.inventor.pk).is_active
    applied(client, url, picks, how=TO_QUEUE, reason="退休")
    dossier.refresh_from_db()
    assert dossier.responsible is None
    assert StaffMember.objects.get().category == StaffCategory.RETIRED
    assert person.username not in client.get(reverse("portal:leaver-list")).content.decode()


def test_several_leave_each_wholly_and_the_last_manager_stays(
    cast: Cast, client_of: ClientOf
) -> None:
    people = [factories.membership(Role.INVENTOR, cast.university).user for _n in range(3)]
    people.append(cast.manager.user)
    for each in people:
        factories.staff(cast.university, name=each.name, user=each, category="left")
    seen = [f"{person.pk}-{person.version}" for person in people]
    User.objects.filter(pk=people[0].pk).update(version=9)

    run = applied(
        client_of(cast.manager), reverse("portal:leaver-leave"), seen, how=TO_QUEUE, reason="离职"
    )

    assert outcomes(run) == {"changed": 2, "refused": 2}
    assert not Membership.objects.active().filter(user__in=people[1:3]).exists()
    assert Membership.objects.active().filter(user__in=(people[0], people[3])).count() == 2
    assert Departure.objects.count() == 2


def test_queries_do_not_grow_with_the_dossiers(cast: Cast) -> None:
    counts = []
    for size in (2, 20):
        person = factories.membership(Role.INVENTOR, cast.university, unit=cast.school).user
        for _number in range(size):
            works(cast, person)
        with CaptureQueriesContext(connection) as queries:
            leave(cast, person, BY_PROPOSALS)
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1
