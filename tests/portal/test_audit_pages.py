"""The trail as people read it: who may, what they see, filters, words."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from inventory.dossier_fields import label_of
from portal import audit
from portal.audit_words import in_words
from portal.choices import AuditAction, Role
from portal.clock import SHANGHAI
from portal.jobs import runner
from portal.models import AuditEntry, Job, StoredFile
from tests import factories
from tests.conftest import Cast, signed_in
from tests.security.worlds import build_world


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

    # the list itself takes two: count and page; names and pages of the units two more
    with django_assert_num_queries(12):
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


# --- one entry --------------------------------------------------------------------------------------


def entry_page(entry: AuditEntry) -> str:
    return reverse("portal:audit-detail", args=[entry.pk])


def test_an_entry_is_open_to_whom_the_list_shows_it(cast: Cast, client_of) -> None:
    entries = [
        write(cast.manager, cast.school),
        write(cast.manager, cast.inventor.user),
        write(cast.outsider, cast.other),
        write(cast.city, cast.bureau),
        write(None, None, action=AuditAction.EXPORT),
    ]
    for name in ("audit_admin", "auditor", "manager", "outsider", "city", "system_admin"):
        client = client_of(getattr(cast, name))
        page = client.get("/audit/").context and client.get("/audit/").context.get("page")
        listed = {each.pk for each in page.items} if page else set()
        for entry in entries:
            expected = 200 if entry.pk in listed else 404
            assert client.get(entry_page(entry)).status_code == expected, (name, entry)


def test_an_entry_is_shown_in_full(cast: Cast, client_of) -> None:
    request_id = uuid.uuid4()
    before = write(cast.manager, cast.university)
    with audit.origin(request_id=request_id, address="10.1.2.3", job_id=8, run_id=7):
        entry = write(
            cast.manager,
            cast.university,
            changes={f"field_{number}": [f"旧{number}", "新" * 400] for number in range(6)},
            reason="按学院要求统一调整",
        )
    after = write(cast.manager, cast.university)
    write(cast.manager, cast.school)
    client = client_of(cast.audit_admin)

    response = client.get(entry_page(entry))

    text = response.content.decode()
    for words in (cast.manager.user.name, cast.university.name, "10.1.2.3", "按学院要求统一调整"):
        assert words in text
    assert all(f"<del>旧{number}</del>" in text for number in range(6))
    assert text.count(f"<ins>{'新' * 400}</ins>") == 6
    for query in (f"request_id={request_id}", "job=8", "run=7"):
        assert f'href="/audit/?{query}"' in text
        assert client.get(f"/audit/?{query}").context["page"].items == [entry]
    context = response.context
    assert [each.pk for each in context["later"]] == [after.pk]
    assert [each.pk for each in context["earlier"]] == [before.pk]
    assert entry_page(entry) in client.get("/audit/").content.decode()
    # other people's jobs and bulk acts are numbers, no pages
    assert (context["job_url"], context["run_url"]) == ("", "")


def test_a_dossier_is_told_in_the_words_of_its_page(cast: Cast, client_of) -> None:
    dossier = factories.entry(cast.participation, state="draft").dossier
    licensed = [["licensed", "common_contract", "", "", "", "首付"]]
    entry = write(cast.manager, dossier, changes={"statuses": [[], licensed], "stars": [None, 3]})

    line = client_of(cast.audit_admin).get(entry_page(entry)).context["line"]

    changes = {change.field: change for change in line.changes}
    assert set(changes) == {label_of("statuses"), label_of("stars")}
    statuses = changes[label_of("statuses")]
    assert statuses.before == ""
    assert statuses.after.startswith("已许可 · ")
    assert statuses.after.endswith(" · 首付")


def test_an_entry_of_nothing_left_is_readable(cast: Cast, client_of) -> None:
    gone = AuditEntry(action="change", object_type="gone.model", object_id=7)
    gone.save(force_insert=True)
    bare = write(None, None, action=AuditAction.EXPORT)

    for entry in (gone, bare):
        assert client_of(cast.audit_admin).get(entry_page(entry)).status_code == 200


@pytest.mark.django_db
def test_every_link_of_an_entry_can_be_opened() -> None:
    """The record, the bulk act and the work are linked where the reader may open them, and only there."""
    world = build_world()
    opened: set[tuple[str, str, str]] = set()
    for name in ("audit_admin", "auditor", "manager"):
        client = signed_in(world.people[name])
        for entry in AuditEntry.objects.visible_to(world.people[name]):
            context = client.get(entry_page(entry)).context
            for link in ("record_url", "run_url", "job_url"):
                one = (name, link, entry.object_type)
                if context[link] and one not in opened:
                    opened.add(one)
                    answer = client.get(context[link], follow=True)
                    assert answer.status_code == 200, (name, context[link])
    assert ("manager", "record_url", "inventory.dossier") in opened
    assert ("manager", "run_url", "inventory.dossier") in opened
    assert ("auditor", "record_url", "inventory.dossier") in opened
    assert ("audit_admin", "record_url", "inventory.dossier") not in opened


def test_the_trail_is_narrowed_to_an_organisation(cast: Cast, client_of) -> None:
    own = write(cast.manager, cast.school)
    foreign = write(cast.outsider, cast.other)

    everything = client_of(cast.audit_admin)
    assert found_by(everything, organisation=cast.university.pk) == {own.pk}
    assert found_by(everything, organisation=cast.other.pk) == {foreign.pk}
    for reader in (cast.manager, cast.auditor):
        page = client_of(reader).get("/audit/", {"organisation": cast.other.pk}).context["page"]
        assert "organisation" not in page.filterset.filters
        assert page.question.is_cut
        assert {each.pk for each in page.items} == {own.pk}


def test_the_trail_is_taken_along(cast: Cast, client_of) -> None:
    write(
        cast.manager,
        cast.university,
        changes={"is_active": [True, False]},
        reason="合并",
    )
    write(cast.outsider, cast.other, reason="别家")
    client = client_of(cast.audit_admin)
    page = client.get("/audit/", {"organisation": cast.university.pk}).context["page"]

    client.post(
        reverse("portal:list-export"),
        {
            "list": "portal.audit",
            "query": f"organisation={cast.university.pk}",
            "format": "csv",
            "columns": "all",
        },
    )
    runner.run_due("test-worker")

    job = Job.objects.get(kind="portal.list_export")
    assert job.state == "done", job.error
    raw = StoredFile.objects.get(pk=job.result["file"]).content.read().decode("utf-8-sig")
    head, *rows = list(csv.reader(io.StringIO(raw)))
    assert head == [str(column.label) for column in page.question.spec.columns]
    (row,) = rows
    line = page.rows[0]
    assert cast.manager.user.name in row[1]
    assert row[2] == line.action
    assert cast.university.name in row[3]
    assert row[4] == "合并；{0.field}：{0.before} → {0.after}".format(line.changes[0])
    told = AuditEntry.objects.get(action=AuditAction.EXPORT)
    assert told.changes["rows"] == [None, 1]


def changes_of(client, entry) -> dict[str, tuple[str, str, list[str]]]:
    """{field: (before, after, links of both)} of the entry's page."""
    line = client.get(entry_page(entry)).context["line"]
    return {
        change.field: (
            change.before,
            change.after,
            [each.url for each in (*change.before_records, *change.after_records)],
        )
        for change in line.changes
    }


def test_records_are_named_and_linked_for_whom_they_have_a_page(cast: Cast, client_of) -> None:
    dossier = factories.entry(cast.participation).dossier
    unit, person = cast.school, cast.inventor.user
    entry = write(
        cast.manager,
        dossier,
        owner=cast.university,
        changes={"unit": [None, unit.pk], "responsible": [person.pk, None]},
    )
    own = [f"/organisations/{cast.university.pk}/"]
    seen = {
        name: changes_of(client_of(getattr(cast, name)), entry)
        for name in ("manager", "auditor", "audit_admin")
    }

    for found in seen.values():
        assert {each[:2] for each in found.values()} == {("", unit.name), (person.name, "")}
    links = {name: [each[2] for each in found.values()] for name, found in seen.items()}
    assert links == {
        "manager": [own, [f"/people/{person.pk}/"]],
        "auditor": [own, [""]],
        "audit_admin": [[""], [""]],
    }
    page = client_of(cast.manager).get("/audit/")
    assert page.context["page"].rows[0].record.endswith(dossier.patent.number)
    assert f'<a href="/people/{person.pk}/">{person.name}</a>' in page.content.decode()


def test_names_of_others_stay_numbers(cast: Cast, client_of) -> None:
    foreign = factories.unit(cast.other)
    entry = write(
        cast.manager,
        factories.entry(cast.participation).dossier,
        owner=cast.university,
        changes={"unit": [foreign.pk, 10**9], "responsible": [None, cast.outsider.user_id]},
    )

    for name in ("manager", "auditor"):
        (unit, person) = changes_of(client_of(getattr(cast, name)), entry).values()
        assert unit == (str(foreign.pk), str(10**9), ["", ""])
        assert person == ("", str(cast.outsider.user_id), [""])


def test_lists_of_records_are_named(cast: Cast, client_of) -> None:
    both = [cast.education.pk, cast.health.pk]
    entry = write(cast.system_admin, cast.university, changes={"supervisors": [[], both]})

    client = client_of(cast.audit_admin)
    (change,) = changes_of(client, entry).values()

    assert change == ("", f"{cast.education.name}、{cast.health.name}", ["", ""])
    masked = write(cast.manager, cast.inventor.user, changes={"name": ["张*", "李*"]})
    assert list(changes_of(client, masked).values()) == [("张*", "李*", [])]


def test_who_is_forgotten_is_forgotten_in_the_names(cast: Cast, client_of) -> None:
    person = cast.inventor.user
    old = person.name
    dossier = factories.entry(cast.participation).dossier
    entry = write(cast.manager, dossier, changes={"responsible": [None, person.pk]})
    person.name = "已删除用户"
    person.save(update_fields=["name"])

    page = client_of(cast.manager).get(entry_page(entry)).content.decode()

    assert old not in page
    assert "已删除用户" in page


@pytest.mark.parametrize("count", [1, 4])
def test_naming_takes_the_same_queries_however_many_are_named(
    cast: Cast, client_of, django_assert_num_queries, count: int
) -> None:
    for _ in range(count):
        one = factories.membership(Role.INVENTOR, cast.university)
        dossier = factories.entry(cast.participation).dossier
        unit = factories.unit(cast.university).pk
        write(
            cast.manager,
            dossier,
            changes={"unit": [None, unit], "responsible": [None, one.user_id]},
        )
    client = client_of(cast.manager)
    client.get("/audit/")

    # names and pages of dossiers, units and people
    with django_assert_num_queries(16):
        client.get("/audit/")


def test_days_are_whole_days_of_ours(cast: Cast, client_of) -> None:
    entry = write(cast.manager, cast.school)
    entry.refresh_from_db()
    day = entry.at.astimezone(SHANGHAI).date()
    client = client_of(cast.auditor)

    assert found_by(client, since=day, until=day) == {entry.pk}
    assert found_by(client, until=day - timedelta(days=1)) == set()
    assert found_by(client, since=day + timedelta(days=1)) == set()
