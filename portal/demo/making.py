"""Making the demonstration city in one transaction, and emptying one that exists."""

from __future__ import annotations

from pathlib import Path
from random import Random

from django.db import connection, transaction
from django.utils.module_loading import autodiscover_modules

from portal import clock
from portal.demo.city import MARKER_CODE, City, file_parts, parts
from portal.demo.loading import Loader
from portal.demo.organisations import add_organisations
from portal.demo.people import add_people
from portal.demo.schema import TABLES
from portal.models import Organisation, User

#: Never emptied: what the framework keeps, and the table of allowed transitions.
KEPT = ("django_migrations", "django_content_type", "auth_permission")
# the tables of legal steps that migrations write for the guards of state machines
STEPS = "%transition"


class NotEmpty(Exception):
    """The database holds something that must not be overwritten."""


def make_city(*, patents: int, seed: int, reset: bool = False, folder: Path | None = None) -> City:
    """Make the whole city, or nothing of it; raises NotEmpty rather than touch other data."""
    autodiscover_modules("demo")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL work_mem = '128MB'")
        _make_room(reset=reset)
        city = City(
            seed=seed,
            patents=patents,
            today=clock.today(),
            random=Random(seed),
            loader=Loader(TABLES),
            folder=folder,
        )
        try:
            _fill(city)
        finally:
            city.loader.close()
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; ANALYZE; RESET statement_timeout")
    for part in file_parts():
        part(city)
    return city


def _fill(city: City) -> None:
    _make_audit_months()
    ids = add_organisations(city)
    add_people(city, ids)
    city.loader.send()
    # one connection: nothing else is asked of it while rows are on their way
    city.loader.wait()
    for part in parts():
        part(city)
    city.loader.finish()


def _make_audit_months() -> None:
    """Months of the audit that lie in the past of the city, so that its entries find their partition."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT portal_audit_month(month::date)
            FROM generate_series(date '2024-03-01', date_trunc('month', now()), interval '1 month') month"""
        )


def _make_room(*, reset: bool) -> None:
    """Refuse a database in use; empty a demonstration city when asked to."""
    if not Organisation.objects.exists() and not User.objects.exists():
        if reset:
            # keys count from one again: the same seed makes the same city in any database
            _empty()
        return
    if not Organisation.objects.filter(code=MARKER_CODE).exists():
        raise NotEmpty(
            "This database is in use and is not a demonstration city. Nothing was changed."
        )
    if not reset:
        raise NotEmpty("There is a demonstration city already. Use --reset to make it anew.")
    _empty()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.oid::regclass::text FROM pg_class c
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
              AND c.relnamespace = 'public'::regnamespace AND NOT c.relname = ANY(%s)
              AND c.relname NOT LIKE %s""",
            [list(KEPT), STEPS],
        )
        tables = ", ".join(row[0] for row in cursor.fetchall())
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE portal_auditentry DISABLE TRIGGER audit_no_truncate")
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY")
        cursor.execute("ALTER TABLE portal_auditentry ENABLE TRIGGER audit_no_truncate")
