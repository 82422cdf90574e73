"""Accounts kept ready and their links: hashed, once, for a while, revocable; joined by whoever has an account."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from inventory.models import PatentInventor
from portal.choices import BatchState, InvitationState, Role
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.jobs import runner
from portal.log_redaction import LinkSecrets
from portal.models import (
    AuditEntry,
    Invitation,
    Membership,
    OutboxBatch,
    OutboxMessage,
    StaffMember,
    User,
)
from portal.services.arrivals import invitation_of, join_with_account, take_account
from portal.services.invitations import (
    ask_for_mails,
    invite_person,
    make_links,
    open_accounts,
    path_of,
    revoke_invitations,
)
from portal.services.outbox import discard_batch
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]
NEW = "Fresh-Password-2025"
PASSWORDS = {"new_password1": NEW, "new_password2": NEW}


def invited(cast: Cast, name: str = "李明", **more: str) -> tuple[Invitation, str]:
    staff = factories.staff(cast.university, name=name, unit=cast.school, **more)
    (made,) = open_accounts(members=[staff], actor=cast.manager)
    return link(cast, made)


def link(cast: Cast, made: Invitation) -> tuple[Invitation, str]:
    ((made, token),) = make_links(versions={made.pk: None}, actor=cast.manager)
    return made, token


def test_the_token_is_in_the_link_only(cast: Cast) -> None:
    made, token = invited(cast)
    row = Invitation.objects.filter(pk=made.pk).values().get()
    assert token not in str(row)
    assert token not in str(list(AuditEntry.objects.values_list("changes", "reason")))
    assert made.state == InvitationState.SENT
    assert AuditEntry.objects.about(made).count() == 2


def test_the_link_gives_password_and_patents(cast: Cast) -> None:
    patent = factories.patent(cast.university, inventors=["李明", "王芳"])
    made, token = invited(cast)
    client = PageClient()
    page = client.get(path_of(token)).content.decode()
    assert "演示第一大学" in page
    assert made.user.username in page
    assert client.post(path_of(token), {**PASSWORDS, "new_password2": "x"}).status_code == 200
    assert not User.objects.get(pk=made.user_id).has_usable_password()
    client.post(path_of(token), PASSWORDS)
    person = User.objects.get(pk=made.user_id)
    assert person.check_password(NEW)
    made.refresh_from_db()
    assert (made.state, made.accepted_by) == (InvitationState.ACCEPTED, person)
    assert PatentInventor.objects.get(patent=patent, position=1).user == person
    mine = client.get(reverse("inventory:my-patents"))
    assert mine.status_code == 200
    again = PageClient().post(
        path_of(token), {"new_password1": "Z" + NEW, "new_password2": "Z" + NEW}
    )
    assert "该链接无效" in again.content.decode()
    assert User.objects.get(pk=made.user_id).check_password(NEW)


def test_weak_passwords_are_refused(cast: Cast) -> None:
    made, token = invited(cast)
    PageClient().post(path_of(token), {"new_password1": "12345", "new_password2": "12345"})
    made.refresh_from_db()
    assert made.is_pending


def test_namesakes_inventions_are_not_linked(cast: Cast) -> None:
    patent = factories.patent(cast.university, inventors=["李明"])
    factories.staff(cast.university, name="李明", staff_number="2")
    made, _token = invited(cast)
    take_account(invitation=made, password=NEW)
    assert PatentInventor.objects.get(patent=patent).user is None


@pytest.mark.parametrize("what", ["expired", "revoked", "forged", "older"])
def test_dead_links_look_alike(cast: Cast, what: str) -> None:
    made, token = invited(cast)
    if what == "expired":
        Invitation.objects.update(expires_at=made.created_at - timedelta(days=1))
        assert Invitation.objects.get().state == InvitationState.EXPIRED
    elif what == "revoked":
        assert revoke_invitations(versions={made.pk: made.version}, actor=cast.manager) == 1
    elif what == "older":
        link(cast, made)
    else:
        token = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert invitation_of(token) is None
    answer = PageClient().get(path_of(token))
    assert "该链接无效" in answer.content.decode()
    assert "李明" not in answer.content.decode()


def test_states_can_be_filtered(cast: Cast, client_of: ClientOf) -> None:
    invited(cast)
    client = client_of(cast.manager)
    url = reverse("portal:invitation-list")
    for state in InvitationState:
        page = client.get(url, {"state": state.value}).content.decode()
        assert ("liming" in page) == (state == InvitationState.SENT)


def test_revoking_closes_the_account_kept_ready(cast: Cast) -> None:
    made, _token = invited(cast)
    with pytest.raises(StaleVersion):
        revoke_invitations(versions={made.pk: 1}, actor=cast.manager)
    revoke_invitations(versions={made.pk: made.version}, actor=cast.manager)
    person = User.objects.get(pk=made.user_id)
    assert not person.is_active
    assert StaffMember.objects.get().user is None
    assert AuditEntry.objects.about(made).first().action == "deactivate"  # type: ignore[union-attr]


def test_revoking_waits_until_the_work_is_handed_over(cast: Cast) -> None:
    made, _token = invited(cast)
    factories.entry(cast.participation, responsible=made.user)
    with pytest.raises(DomainError):
        revoke_invitations(versions={made.pk: made.version}, actor=cast.manager)


def test_whoever_has_an_account_joins_with_it(cast: Cast, client_of: ClientOf) -> None:
    made, token = invited(cast)
    dossier = factories.entry(cast.participation, responsible=made.user).dossier
    elsewhere = factories.membership(Role.INVENTOR, cast.other, user=factories.user(name="李明"))
    client = client_of(elsewhere)
    assert elsewhere.user.username in client.get(path_of(token)).content.decode()
    assert not Membership.objects.filter(user=elsewhere.user, organisation=cast.university).exists()
    client.post(path_of(token))
    dossier.refresh_from_db()
    role = Membership.objects.get(user=elsewhere.user, organisation=cast.university)
    assert (role.unit, role.role, role.is_active) == (cast.school, Role.INVENTOR, True)
    assert dossier.responsible == elsewhere.user
    assert StaffMember.objects.get().user == elsewhere.user
    ready = User.objects.get(pk=made.user_id)
    assert (ready.is_active, ready.memberships.filter(is_active=True).count()) == (False, 0)
    elsewhere.refresh_from_db()
    assert elsewhere.is_active
    assert AuditEntry.objects.about(role).exists()


def test_nobody_accepts_the_own_invitation_nor_do_administrators(
    cast: Cast, client_of: ClientOf
) -> None:
    made, token = invited(cast)
    assert client_of(cast.manager).post(path_of(token)).status_code == 403
    assert client_of(cast.audit_admin).post(path_of(token)).status_code == 403
    with pytest.raises(DomainError):
        join_with_account(invitation=made, person=cast.audit_admin.user)


def test_a_link_left_over_does_not_reset_a_password(cast: Cast) -> None:
    made, _token = invited(cast)
    made.user.set_password(NEW)
    made.user.save()
    with pytest.raises(InvalidTransition):
        take_account(invitation=made, password="Other-" + NEW)


def test_links_are_written_out_once_per_version(cast: Cast, client_of: ClientOf) -> None:
    made, old = invited(cast)
    client = client_of(cast.manager)
    picks = {"pick": [f"{made.pk}-{made.version}"]}
    page = client.post(reverse("portal:invitation-links"), picks)
    assert "/join/" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert client.post(reverse("portal:invitation-links"), picks).status_code == 409
    assert invitation_of(old) is None


@pytest.mark.django_db(transaction=True)
def test_mails_go_through_the_outbox(cast: Cast) -> None:
    made, old = invited(cast, email="li@example.edu.cn")
    other, _token = invited(cast, name="王芳")
    wish = {
        "versions": {made.pk: made.version, other.pk: other.version},
        "actor": cast.manager,
        "site": "https://portal.example",
        "language": "zh-hans",
    }
    job = ask_for_mails(**wish)
    assert ask_for_mails(**wish).pk == job.pk
    runner.run_due("test-worker")
    mail = OutboxMessage.objects.get(recipient=made.user)
    assert "演示第一大学" in mail.subject
    assert OutboxMessage.objects.count() == 1
    assert invitation_of(old) is None
    made.refresh_from_db()
    assert made.is_mailed


@pytest.mark.django_db(transaction=True)
def test_many_mails_are_held_until_their_sender_has_seen_them(
    cast: Cast, client_of: ClientOf
) -> None:
    made = [
        invited(cast, name=f"李明{number}", email=f"a{number}@example.edu.cn")[0]
        for number in range(12)
    ]
    ask_for_mails(
        versions={one.pk: one.version for one in made},
        actor=cast.manager,
        site="https://portal.example",
        language="zh-hans",
    )
    runner.run_due("test-worker")

    batch = OutboxBatch.objects.get()
    assert (batch.state, batch.count, batch.author) == (BatchState.HELD, 12, cast.manager)
    assert not OutboxMessage.objects.may_go().exists()
    client = client_of(cast.manager)
    page = client.get(reverse("portal:outbox-batch", args=[batch.pk]))
    token = OutboxMessage.objects.earliest("pk").body.partition("/join/")[2].partition("/")[0]
    assert invitation_of(token) == made[0]
    assert token not in page.content.decode()
    assert "/join/……/" in page.context["sample"]["body"]

    # whose link has stopped working is not written to
    revoke_invitations(versions={made[0].pk: made[0].version + 1}, actor=cast.manager)
    link(cast, made[1])
    release = reverse("portal:outbox-release", args=[batch.pk])
    assert client.post(release, {"version": batch.version, "count": 12}).status_code == 200
    assert client.post(release, {"version": batch.version, "count": 10}).status_code == 302
    assert set(OutboxMessage.objects.may_go().values_list("recipient", flat=True)) == {
        one.user_id for one in made[2:]
    }


@pytest.mark.django_db(transaction=True)
def test_what_another_institution_takes_back_leaves_a_held_mail_and_thrown_away_links_are_forgotten(
    cast: Cast,
) -> None:
    made = [
        invited(cast, name=f"李明{number}", email=f"a{number}@example.edu.cn")[0]
        for number in range(12)
    ]
    ask_for_mails(
        versions={one.pk: one.version for one in made},
        actor=cast.manager,
        site="https://portal.example",
        language="zh-hans",
    )
    runner.run_due("test-worker")
    batch = OutboxBatch.objects.get()
    # the same person is invited by somebody else, too
    foreign = Invitation.objects.create(
        organisation=cast.other, user=made[0].user, created_by=cast.outsider
    )
    revoke_invitations(versions={foreign.pk: foreign.version}, actor=cast.outsider)
    assert OutboxMessage.objects.filter(batch=batch).count() == 12

    discard_batch(batch=batch, seen_version=batch.version, actor=cast.manager)

    after = Invitation.objects.filter(organisation=cast.university)
    assert {one.state for one in after} == {InvitationState.NEW}
    assert not any(one.is_mailed for one in after)
    told = AuditEntry.objects.filter(changes={"link": ["mail", None]})
    assert told.count() == 12


def test_inviting_one_person(cast: Cast, client_of: ClientOf) -> None:
    values = {"name": "李明", "staff_number": "", "email": "", "phone": ""}
    made = invite_person(actor=cast.manager, values=values, role=Role.INVENTOR, unit=cast.school)
    assert (made.user.username, made.state) == ("liming", InvitationState.NEW)
    assert AuditEntry.objects.about(made).exists()
    for unit in (cast.school, None):
        with pytest.raises(ValidationError):
            invite_person(actor=cast.manager, values=values, role=Role.INVENTOR, unit=unit)
    numbered = {**values, "staff_number": "7"}
    StaffMember.objects.update(staff_number="6")
    second = invite_person(
        actor=cast.manager, values=numbered, role=Role.UNIT_MANAGER, unit=cast.school
    )
    assert second.user.username == "liming2"


def test_a_units_manager_invites_inventors_of_the_own_branch(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.unit_manager)
    url = reverse("portal:invitation-new")
    assert client.get(url).status_code == 200
    values = {"name": "李明", "role": "inventor", "unit": factories.unit(cast.university).pk}
    client.post(url, values)
    client.post(url, {**values, "role": "unit_manager", "unit": cast.school.pk})
    assert Invitation.objects.count() == 0
    client.post(url, {**values, "unit": cast.school.pk})
    assert Invitation.objects.get().unit == cast.school


def test_logs_hold_no_token(cast: Cast) -> None:
    _made, token = invited(cast)
    record = logging.LogRecord(
        "gunicorn.access",
        logging.INFO,
        "",
        0,
        "%(r)s",
        ({"r": f"GET {path_of(token)} HTTP/1.1"},),
        None,
    )
    LinkSecrets().filter(record)
    assert token not in record.getMessage()
    assert "/join/" in record.getMessage()
    quoted = logging.LogRecord(
        "x", 30, "", 0, "%s", (f"/sign-in/?next=%2Fjoin%2F{token}%2F",), None
    )
    LinkSecrets().filter(quoted)
    assert token not in quoted.getMessage()
    assert any(isinstance(f, LinkSecrets) for f in logging.getLogger("gunicorn.access").filters)
