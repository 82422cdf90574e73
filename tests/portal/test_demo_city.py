"""The demonstration city: the same for the same seed, true to the rules, and never over other data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from inventory.demo.build import KEPT
from inventory.models import (
    Patent,
)
from portal import clock
from portal.demo import making
from portal.demo.loading import set_aside
from tests import factories

TODAY = date(2025, 6, 18)
PATENTS = 260
#: tokens of personal values are made with chance; their look-up digests are compared instead
NOT_COMPARED = ("email", "phone", "contact_phone", "first_contact_phone", "second_contact_phone")
#: what goes through services takes the clock of the database, and files a random place
TAKEN_ANEW = (
    "portal_storedfile.content",
    "portal_storedfile.created_at",
    "portal_auditentry.at",
    "portal_staffmember.updated_at",
    "evaluation_expert.created_at",
    "inventory_planfile.uploaded_at",
    "inventory_unittransfer.asked_at",
    # the workbook of an upload batch says when it was made
    "portal_storedfile.sha256",
    "portal_storedfile.size",
    "inventory_uploadbatch.signed_sha256",
    "portal_job.run_after",
    "portal_job.created_at",
    "portal_job.started_at",
    "portal_job.finished_at",
    "portal_joblog.at",
    "portal_notice.created_at",
    "portal_notice.mailed_at",
    "portal_outboxmessage.message_id",
    "portal_outboxmessage.address",
    "portal_outboxmessage.body",
    "portal_outboxmessage.created_at",
    "portal_outboxmessage.next_try_at",
    # an account that was invited and never opened has a password nobody knows
    "portal_invitation.created_at",
    "portal_user.password",
    "portal_user.created_at",
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def day() -> Iterator[None]:
    with clock.frozen(TODAY):
        yield


def digest() -> dict[str, str]:
    """A digest of the content of each table that the city fills."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, string_agg(format('%%I', a.attname), ', ' ORDER BY a.attnum)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
              AND c.relnamespace = 'public'::regnamespace
              AND (c.relname LIKE 'portal%%' OR c.relname LIKE 'inventory%%')
              AND a.attname <> ALL(%s) AND c.relname || '.' || a.attname <> ALL(%s)
            GROUP BY c.relname""",
            [list(NOT_COMPARED), list(TAKEN_ANEW)],
        )
        for table, columns in cursor.fetchall():
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) "
                f"FROM (SELECT {columns} FROM {table}) t"
            )
            found[table] = cursor.fetchone()[0]
    return found


def test_same_seed_same_city(tmp_path: Path) -> None:
    # keys count from one in both, whatever was made in this database before
    making.make_city(patents=PATENTS, seed=7, reset=True, folder=tmp_path)
    first = digest()
    making.make_city(patents=PATENTS, seed=7, reset=True)
    assert digest() == first
    making.make_city(patents=PATENTS, seed=8, reset=True)
    other = digest()
    assert other["inventory_patent"] != first["inventory_patent"]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", *[".xlsx"] * 6]


def test_refuses_a_database_in_use() -> None:
    factories.organisation()
    before = digest()
    with pytest.raises(CommandError, match="is not a demonstration city"):
        call_command("demo_city", patents=10, reset=True)
    assert digest() == before


def test_an_existing_city_is_kept_without_reset() -> None:
    making.make_city(patents=20, seed=1)
    with pytest.raises(making.NotEmpty, match="--reset"):
        making.make_city(patents=20, seed=1)
    assert Patent.objects.count() == 20


def test_reset_makes_room_and_leaves_the_trail_append_only() -> None:
    making.make_city(patents=20, seed=1)
    making.make_city(patents=30, seed=1, reset=True)
    assert Patent.objects.count() == 30
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgenabled FROM pg_trigger WHERE tgname = 'audit_no_truncate' AND tgparentid = 0"
        )
        assert cursor.fetchall() == [("O",)]


def test_constraints_are_the_same_after_a_large_load() -> None:
    before = schema()
    tables = ["inventory_patent", "inventory_dossier", "inventory_dossierfact", "portal_auditentry"]
    with set_aside(tables, is_large=True):
        assert schema() != before
    assert schema() == before


def test_a_large_load_keeps_the_index_by_which_the_pool_copies_its_holders() -> None:
    """Without it each of the thousands of pool entries reads all holders."""
    holders = "inventory_patentholder"
    before = {name for name, _definition in schema() if name.startswith(holders)}
    with set_aside([holders], is_large=True, kept=KEPT):
        during = {name for name, _definition in schema() if name.startswith(holders)}
        assert f"{holders} holder_organisation_unique" in during < before
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(
                f"EXPLAIN SELECT organisation_id FROM {holders}"
                " WHERE patent_id = 1 AND organisation_id IS NOT NULL"
            )
            plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "holder_organisation_unique" in plan


def schema() -> set[tuple[str, str]]:
    """Constraints and indexes with their definitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND conparentid = 0
            UNION SELECT tablename || ' ' || indexname, indexdef FROM pg_indexes
            WHERE schemaname = 'public' AND tablename NOT LIKE 'portal_auditentry_%%'"""
        )
        return set(cursor.fetchall())
