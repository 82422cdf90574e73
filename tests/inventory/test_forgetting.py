"""Pseudonymising: after it no column of the database holds the person's words, but for the register of patents."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from inventory.models import Dossier, DossierRevision, PatentInventor
from inventory.notices import RETURNED
from inventory.services import assignments, reviews, urges
from portal import calendar, clock
from portal.errors import InvalidTransition
from portal.jobs import runner
from portal.models import AuditEntry, Erasure, OutboxMessage, User
from portal.services import accounts, erasure
from portal.services.notices import notify
from portal.todo import todos_for
from tests import factories
from tests.conftest import Cast, signed_in
from tests.security.marks import text_fields

pytestmark = pytest.mark.django_db

NAME, PHONE, MAIL, LOGIN = "演示欧阳待忘", "13987650000", "forget.me@example.edu.cn", "ouyang.dai"
# published facts, and what is searched for
REGISTER = {"inventory.patentinventor.name", "inventory.patent.search_key"}


@pytest.fixture
def person(cast: Cast) -> User:
    """Somebody whose words are everywhere: account, notices, mails, contacts, urgings, a version, the pool."""
    made = accounts.create_account(
        actor=cast.system_admin,
        username=LOGIN,
        name=NAME,
        contact={"phone": PHONE, "email": MAIL},
    ).person
    member = factories.membership("inventor", cast.university, user=made, unit=cast.school)
    patent = factories.patent(cast.university, inventors=[made])
    fields = {"unit": cast.school, "contact_name": NAME, "contact_phone": PHONE}
    dossier = factories.entry(
        cast.participation, patent, state="draft", is_filled=True, **fields
    ).dossier
    assignments.assign_dossiers(ids=[dossier.pk], actor=cast.manager, responsible=made)
    runner.run_due("w")
    order = urges.Order(cast.campaign, [made.pk], "{name}", uuid.uuid4())
    (urge,) = urges.send_urges(order=order, actor=cast.unit_manager).urges
    day = date(2099, 1, 1)
    urges.answer_urge(urge=urge, answer="好", promised_on=day, seen_version=1, actor=member)
    for act, actor in (
        (reviews.submit_dossiers, member),
        (reviews.approve_dossiers, cast.unit_manager),
        (reviews.approve_dossiers, cast.manager),
    ):
        act(versions={dossier.pk: Dossier.objects.get(pk=dossier.pk).version}, actor=actor)
    for actor in (member, cast.manager):
        # what a person did stands in a notice into which another one's act was folded, too
        by = {"by": actor.user.name}
        notify(kind=RETURNED, recipients=[cast.unit_manager], params=by, url="/x/", actor=actor)
    type(cast.participation).objects.filter(pk=cast.participation.pk).update(
        contact_name=NAME, contact_phone=PHONE
    )
    factories.expert(name=NAME, phone=PHONE, email=MAIL, achievements=f"{NAME}的成果")
    made.refresh_from_db()
    return made


def leave(cast: Cast, person: User) -> None:
    accounts.set_account_active(
        person=person,
        is_active=False,
        reason="离职",
        seen_version=person.version,
        actor=cast.system_admin,
    )


def forget(cast: Cast, person: User) -> Erasure:
    leave(cast, person)
    request = erasure.request_erasure(person=person, reason="本人申请", actor=cast.system_admin)
    erasure.pseudonymise(request=request, seen_version=1, actor=cast.system_admin)
    return request


def found_in_database() -> set[str]:
    """Columns that hold one of the person's words, read as the application reads them (decrypted)."""
    found = set()
    for model, column in text_fields():
        for value in model._default_manager.values_list(column.name, flat=True):
            if any(word in str(value) for word in (NAME, PHONE, MAIL, LOGIN)):
                found.add(f"{model._meta.label_lower}.{column.name}")
    return found


def test_the_walk_finds_what_is_planted(cast: Cast, person: User) -> None:
    planted = found_in_database()
    assert {
        "portal.user.name",
        "portal.user.phone",
        "inventory.dossier.contact_name",
        "inventory.dossier.contact_phone",
        "inventory.dossierrevision.content",
        "inventory.campaigninstitution.contact_name",
        "inventory.urge.text",
        "portal.notice.params",
        "portal.outboxmessage.address",
        "evaluation.expert.name",
        "evaluation.expert.achievements",
        *REGISTER,
    } <= planted


def test_nothing_is_left_outside_the_register(cast: Cast, person: User) -> None:
    dossier = Dossier.objects.get(responsible=person)
    colleague = factories.user(name=NAME)

    forget(cast, person)

    colleague.delete()
    assert found_in_database() == REGISTER
    person.refresh_from_db()
    assert person.name == erasure.pseudonym_of(person)
    assert not person.has_usable_password()
    dossier.refresh_from_db()
    # references stay: who was responsible is still one account
    assert (dossier.responsible, dossier.uses_default_contact) == (person, True)
    assert DossierRevision.objects.get(dossier=dossier).content["contact_name"] == ""
    assert not PatentInventor.objects.filter(user=person).exists()
    assert AuditEntry.objects.filter(user=person).exists()
    assert not OutboxMessage.objects.filter(recipient=person).exists()
    entry = AuditEntry.objects.filter(object_type="portal.user", object_id=person.pk).latest("pk")
    assert entry.changes["name"] == [None, person.name]


def test_somebody_of_the_same_name_keeps_it(cast: Cast, person: User) -> None:
    other = factories.user(name=NAME)
    elsewhere = factories.entry(cast.other_participation, contact_name=NAME, contact_phone=PHONE)

    forget(cast, person)

    other.refresh_from_db()
    assert other.name == NAME
    assert Dossier.objects.get(pk=elsewhere.dossier_id).contact_name == NAME


def test_active_people_and_second_times_are_refused(cast: Cast, person: User) -> None:
    with pytest.raises(InvalidTransition):
        erasure.request_erasure(person=person, reason="x", actor=cast.system_admin)
    request = forget(cast, person)
    with pytest.raises(InvalidTransition):
        erasure.request_erasure(person=person, reason="x", actor=cast.system_admin)
    with pytest.raises(InvalidTransition):
        erasure.pseudonymise(request=request, seen_version=2, actor=cast.system_admin)


def test_fifteen_working_days_are_on_the_to_do_list(cast: Cast, person: User) -> None:
    leave(cast, person)
    today = date(2024, 9, 20)
    with clock.frozen(today):
        request = erasure.request_erasure(person=person, reason="x", actor=cast.system_admin)
        (line,) = [each for each in todos_for(cast.system_admin) if "forget" in each.url]
    assert request.due_on == line.due_on == calendar.add_working_days(today, 15)
    assert AuditEntry.objects.filter(object_type="portal.erasure", action="create").exists()


def test_the_page_goes_step_by_step(cast: Cast, person: User) -> None:
    client = signed_in(cast.system_admin)
    path = reverse("portal:people-forget", args=[person.pk])
    assert client.post(path, {"reason": "本人申请"}).status_code == 409
    leave(cast, person)

    def post(**data: Any) -> int:
        return int(client.post(path, data).status_code)

    assert post(reason="") == 200
    assert not Erasure.objects.exists()
    assert post(reason="本人申请") == 302
    assert client.get(path).context["asked"] is not None
    assert post(confirm="1") == 428
    assert post(confirm="1", version="7") == 409
    assert post(confirm="1", version="1") == 302
    assert post(confirm="1", version="2") == 409
    person.refresh_from_db()
    assert person.name == erasure.pseudonym_of(person)
