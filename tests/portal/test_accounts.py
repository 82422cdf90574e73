"""Signing in, sessions, passwords, accounts."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from portal import clock
from portal.choices import AuditAction
from portal.errors import InvalidTransition, StaleVersion
from portal.jobs import runner
from portal.models import AuditEntry, Job, Membership, OutboxMessage, SignInThrottle, User
from portal.services import accounts, sign_in
from tests import factories
from tests.conftest import Cast, PageClient

SIGN_IN = "/sign-in/"
NEW = "Another-Secret-77"


def _try(client: PageClient, username: str, password: str = factories.PASSWORD):
    return client.post(SIGN_IN, {"username": username, "password": password})


def test_sign_in_opens_the_start_page_and_is_in_the_trail(cast: Cast) -> None:
    client = PageClient()

    response = _try(client, cast.manager.user.username)

    assert response.status_code == 302
    assert response["Location"] == reverse("portal:home")
    assert client.get("/").status_code == 200
    entry = AuditEntry.objects.get(action=AuditAction.SIGN_IN)
    assert (entry.user_id, entry.address) == (cast.manager.user_id, "127.0.0.1")


@pytest.mark.parametrize(
    "next_url", ["https://example.org/", "//example.org", "javascript:alert(1)"]
)
def test_sign_in_goes_nowhere_outside(cast: Cast, next_url: str) -> None:
    username = cast.manager.user.username

    response = PageClient().post(
        SIGN_IN, {"username": username, "password": factories.PASSWORD, "next": next_url}
    )

    assert response["Location"] == reverse("portal:home")


def test_refusals_read_the_same(cast: Cast) -> None:
    known = cast.manager.user
    inactive = factories.user(is_active=False)
    pages = [
        _try(PageClient(), known.username, "wrong"),
        _try(PageClient(), "nobody-of-that-name", "wrong"),
        _try(PageClient(), inactive.username),
    ]

    texts = {
        re.sub(r"csrf\S+ \S+|value=\"[^\"]*\"|content=\"\w{64}\"", "", page.content.decode())
        for page in pages
    }

    assert {page.status_code for page in pages} == {200}
    assert len(texts) == 1


def test_five_failures_lock_the_pair_of_name_and_address(cast: Cast) -> None:
    name = cast.manager.user.username
    for _ in range(5):
        _try(PageClient(), name, "wrong")

    locked = _try(PageClient(), name)
    elsewhere = PageClient(REMOTE_ADDR="10.1.1.1").post(
        SIGN_IN, {"username": name, "password": factories.PASSWORD}
    )
    SignInThrottle.objects.update(
        locked_until=clock.now() - timedelta(seconds=1), updated_at=clock.now() - sign_in.LOCKED_FOR
    )
    later = _try(PageClient(), name)

    assert [locked.status_code, elsewhere.status_code, later.status_code] == [200, 302, 302]
    assert AuditEntry.objects.filter(action=AuditAction.LOCK).count() == 1
    assert not SignInThrottle.objects.exists()


def test_a_success_clears_the_counter(cast: Cast) -> None:
    name = cast.manager.user.username
    for _ in range(4):
        _try(PageClient(), name, "wrong")

    assert _try(PageClient(), name).status_code == 302
    for _ in range(4):
        _try(PageClient(), name, "wrong")
    assert _try(PageClient(), name).status_code == 302


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_200_parallel_tries_five_pass() -> None:
    def one(_: int) -> int | None:
        try:
            return sign_in.take_try("somebody", "10.0.0.1")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(200)))

    assert sorted(a for a in answers if a is not None) == [1, 2, 3, 4, 5]


def test_security_administrator_unlocks_an_account(cast: Cast, client_of) -> None:
    person = cast.manager.user
    for _ in range(5):
        sign_in.take_try(person.username, "10.0.0.1")
        sign_in.take_try("somebody-else", "10.0.0.1")

    client_of(cast.security_admin).post(f"/people/{person.pk}/unlock/")

    assert sign_in.take_try(person.username, "10.0.0.1") == 1
    assert sign_in.take_try("somebody-else", "10.0.0.1") is None


def test_sign_out_ends_the_session(cast: Cast, client_of) -> None:
    client = client_of(cast.manager)

    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/")["Location"] == f"{SIGN_IN}?next=/"
    assert AuditEntry.objects.filter(action=AuditAction.SIGN_OUT).count() == 1


def test_session_ends_after_twelve_hours_even_when_used(cast: Cast, client_of) -> None:
    client = client_of(cast.manager)
    client.get("/")
    session = client.session
    session["signed_in_at"] = clock.now().timestamp() - 12 * 3600 - 1
    session.save()

    assert client.get("/")["Location"] == f"{SIGN_IN}?next=/"


def test_session_is_idle_after_half_an_hour(cast: Cast, client_of, settings) -> None:
    client = client_of(cast.manager)

    response = client.get("/")

    assert response.cookies["sessionid"]["max-age"] == 1800


def test_a_fragment_asked_without_session_sends_the_page_to_sign_in(db) -> None:
    response = PageClient().get("/people/", headers={"HX-Request": "true"})

    assert (response.status_code, response["HX-Redirect"]) == (204, f"{SIGN_IN}?next=/people/")


def test_deactivation_ends_the_session_at_once(cast: Cast, client_of) -> None:
    client = client_of(cast.inventor)
    assert client.get("/").status_code == 200

    accounts.set_account_active(
        person=cast.inventor.user,
        is_active=False,
        reason="left",
        seen_version=1,
        actor=cast.manager,
    )

    assert client.get("/").status_code == 302


def test_an_initial_password_must_be_changed_first(cast: Cast, client_of) -> None:
    made = accounts.create_account(
        actor=cast.system_admin, username="new.person", name="新人", contact={}
    )
    client = PageClient()
    _try(client, "new.person", made.initial_password)

    assert client.get("/jobs/")["Location"] == "/password/"
    assert client.get("/api/patents/").status_code == 403
    changed = client.post(
        "/password/",
        {"old_password": made.initial_password, "new_password1": NEW, "new_password2": NEW},
    )
    assert changed["Location"] == "/"
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("Another-Secret-77", True),
        ("another-secret-77", True),
        ("anothersecretword", False),
        ("Anothersecretword", False),
        ("Short-7", False),
        ("8675309123", False),
        ("password123", False),
        ("演示-密码-很长-77", True),
    ],
)
def test_password_rules(cast: Cast, client_of, password: str, is_good: bool) -> None:
    client = client_of(cast.manager)

    response = client.post(
        "/password/",
        {"old_password": factories.PASSWORD, "new_password1": password, "new_password2": password},
    )

    assert response.status_code == (302 if is_good else 200)


def test_changing_the_password_ends_other_sessions(cast: Cast, client_of) -> None:
    here, there = client_of(cast.manager), client_of(cast.manager)

    here.post(
        "/password/",
        {"old_password": factories.PASSWORD, "new_password1": NEW, "new_password2": NEW},
    )

    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


def test_password_reset_by_mail_end_to_end(cast: Cast) -> None:
    person = factories.user(email="Person@Example.edu.cn")
    client = PageClient()

    client.post("/password/reset/", {"email": "person@example.edu.cn "})
    runner.run_due("test")

    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == ["Person@Example.edu.cn"]
    link = re.search(r"http://testserver(/password/reset/\S+)", mail.outbox[0].body)[1]
    assert client.get(link).status_code == 200
    done = client.post(link, {"new_password1": NEW, "new_password2": NEW})
    assert done["Location"] == "/password/reset/done/"
    assert _try(client, person.username, NEW).status_code == 302
    again = client.post(
        link, {"new_password1": "Third-Secret-99", "new_password2": "Third-Secret-99"}
    )
    assert b"new_password1" not in again.content
    person.refresh_from_db()
    assert person.check_password(NEW)


def test_reset_does_not_say_whether_an_address_exists(cast: Cast) -> None:
    factories.user(email="known@example.edu.cn")

    known = PageClient().post("/password/reset/", {"email": "known@example.edu.cn"})
    unknown = PageClient().post("/password/reset/", {"email": "unknown@example.edu.cn"})

    assert known["Location"] == unknown["Location"] == "/password/reset/sent/"
    assert Job.objects.filter(kind="password_reset").count() == 2
    runner.run_due("test")
    assert OutboxMessage.objects.count() == 1


def test_reset_is_asked_five_times_at_most(cast: Cast) -> None:
    for _ in range(7):
        PageClient().post("/password/reset/", {"email": "known@example.edu.cn"})

    assert Job.objects.filter(kind="password_reset").count() == 5


@pytest.mark.parametrize("uid", ["MQ", "xx", "%F0", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_forged_reset_links_are_refused(cast: Cast, uid: str) -> None:
    response = PageClient().get(f"/password/reset/{uid}/abc-def/")

    assert response.status_code == 200
    assert b"new_password1" not in response.content


def test_changing_an_account_masks_the_trail_and_needs_the_version(cast: Cast) -> None:
    person = factories.user(email="old@example.edu.cn")
    values = {"name": "新名", "email": "new@example.edu.cn", "phone": ""}

    accounts.change_account(person=person, values=values, seen_version=1, actor=cast.system_admin)

    entry = AuditEntry.objects.about(person).first()
    assert entry.changes["email"] == ["o***@example.edu.cn", "n***@example.edu.cn"]
    with pytest.raises(StaleVersion):
        accounts.change_account(
            person=person, values=values, seen_version=1, actor=cast.system_admin
        )
    assert User.objects.get(pk=person.pk).name_key == "xin ming"


def test_deactivating_twice_is_refused(cast: Cast) -> None:
    person = cast.inventor.user
    off = {"person": person, "is_active": False, "reason": "left", "actor": cast.system_admin}
    accounts.set_account_active(**off, seen_version=1)

    with pytest.raises(InvalidTransition):
        accounts.set_account_active(**off, seen_version=2)
    assert AuditEntry.objects.about(person).count() == 1


def test_the_first_administrators_come_from_the_command_line(db, capsys) -> None:
    for role in ("system_admin", "security_admin", "audit_admin"):
        call_command("add_administrator", f"first.{role}", name="管理", role=role)

    shown = capsys.readouterr().out
    held = Membership.objects.order_by("pk")
    assert [m.role for m in held] == ["system_admin", "security_admin", "audit_admin"]
    assert len({m.organisation_id for m in held}) == 1
    assert shown.count("must be changed") == 3
    with pytest.raises(CommandError):
        call_command("add_administrator", "first.audit_admin", name="x", role="audit_admin")
