"""The trail as people read it: who may, what they see, filters, words."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from portal import audit
from portal.audit_words import in_words
from portal.choices import AuditAction
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast


def write(actor, target, **fields):
    return audit.record(
        actor=actor, action=fields.pop("action", AuditAction.CHANGE), target=target, **fields
    )


def test_who_reads_what(cast: Cast, client_of) -> None:
    own = write(cast.manager, cast.school)
    account = write(cast.manager, cast.inventor.user)
    foreign = write(cast.outsider, cast.other)
    seen = {}
    for name in ("audit_admin", "auditor", "manager", "system_admin", "security_admin", "city"):
        response = client_of(getattr(cast, name)).get("/audit/")
        page = response.context and response.context.get("page")
        seen[name] = {each.pk for each in page.items} if page else response.status_code

    assert seen["audit_admin"] >= {own.pk, account.pk, foreign.pk}
    assert seen["auditor"] == {own.pk, account.pk}
    assert seen["manager"] == {own.pk}
    assert [seen[n] for n in ("system_admin", "security_admin", "city")] == [403, 403, 403]


def test_before_and_after_are_shown_in_words(cast: Cast, client_of) -> None:
    write(
        cast.manager,
        cast.university,
        changes={"kind": ["university", "hospital"], "is_active": [True, False]},
        reason="合并",
    )

    line = client_of(cast.auditor).get("/audit/").context["page"].rows[0]

    kind = dict(cast.university._meta.get_field("kind").flatchoices)
    assert next((c.before, c.after) for c in line.changes) == (
        str(kind["university"]),
        str(kind["hospital"]),
    )
    assert (line.reason, line.actor) == ("合并", cast.manager.user.name)


@pytest.mark.parametrize(
    ("object_type", "changes"),
    [
        ("gone.model", {"a": [None, 1]}),
        ("", {}),
        ("portal.unit", {"nowhere": [["x"], ["y", True]], "odd": "text", "short": [1]}),
    ],
)
def test_entries_of_other_times_are_still_readable(cast: Cast, object_type: str, changes) -> None:
    entry = AuditEntry(
        action="change",
        object_type=object_type,
        changes=changes,
        at=datetime(2024, 5, 1, tzinfo=UTC),
    )

    assert in_words(entry).action


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("action=export", 1),
        ("object_type=portal.unit", 1),
        ("since=2999-01-01", 0),
        ("until=2000-01-01", 0),
        ("object_id=99999999999999999999", 2),
        ("q=没有这个人", 0),
    ],
)
def test_the_list_is_filtered(cast: Cast, client_of, query: str, count: int) -> None:
    write(cast.manager, cast.school)
    write(cast.manager, cast.university, action=AuditAction.EXPORT)

    assert client_of(cast.auditor).get(f"/audit/?{query}").context["page"].total == count


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_a_constant_number_of_queries(
    cast: Cast, client_of, django_assert_num_queries, count: int
) -> None:
    for _ in range(count):
        write(cast.manager, cast.school)
    client = client_of(cast.auditor)
    client.get("/audit/")

    # the list itself takes two: count and page
    with django_assert_num_queries(9):
        page = client.get("/audit/").context["page"]

    assert len(page.items) == count


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE portal_auditentry SET reason = 'x'",
        "DELETE FROM portal_auditentry",
        "TRUNCATE portal_auditentry",
    ],
)
def test_the_database_refuses_to_change_the_trail(cast: Cast, statement: str) -> None:
    write(cast.manager, cast.school)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def found_by(client, **query) -> set[int]:
    return {entry.pk for entry in client.get("/audit/", query).context["page"].items}


def test_searching_by_number_run_request_job_and_reason(cast: Cast, client_of) -> None:
    dossier = factories.entry(cast.participation).dossier
    other = factories.entry(cast.participation).dossier
    request_id = uuid.uuid4()
    with audit.origin(run_id=7, job_id=8, request_id=request_id):
        mine = write(cast.manager, dossier, reason="按学院要求统一调整")
    about_patent = write(cast.manager, dossier.patent)
    write(cast.manager, other, reason="别的原因")
    client = client_of(cast.audit_admin)

    assert found_by(client, number=dossier.patent.number) == {mine.pk, about_patent.pk}
    assert found_by(client, number="不是申请号") == set()
    for query in (
        {"run": 7},
        {"job": 8},
        {"request_id": str(request_id)},
        {"reason": "学院要求"},
    ):
        assert found_by(client, **query) == {mine.pk}
    assert found_by(client_of(cast.outsider), number=dossier.patent.number) == set()
