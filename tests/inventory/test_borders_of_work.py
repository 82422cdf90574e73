"""Borders that are seldom met: a unit manager without a unit, the last day of a deadline, exclusions by the hundred."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.choices import EventKind, ExclusionState
from inventory.models import (
    BaseListEntry,
    Dossier,
    Exclusion,
    LegalEvent,
    Patent,
    PoolEntry,
    UnitConfirmation,
    UnitTransfer,
    Urge,
)
from portal import clock
from portal.choices import Role
from portal.jobs import runner
from portal.models import Invitation, Membership, StaffMember
from portal.todo import todos_of
from tests import factories
from tests.bulk_acts import applied, outcomes
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]
CONFIRMED = date(2024, 2, 1)


# --- a unit manager without a unit -----------------------------------------------------------------


def test_the_database_refuses_a_unit_manager_without_a_unit(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="unit_manager_has_unit"), transaction.atomic():
        Membership.objects.filter(pk=cast.unit_manager.pk).update(unit=None)
    with pytest.raises(IntegrityError, match="unit_manager_has_unit"), transaction.atomic():
        Membership.objects.create(
            user=factories.user(), organisation=cast.university, role=Role.UNIT_MANAGER
        )


def test_one_in_memory_sees_nothing(cast: Cast) -> None:
    """Whatever went wrong with the unit: the border is closed, not the institution's."""
    entry = factories.entry(cast.participation, unit=cast.school)
    Urge.objects.create(
        campaign=cast.campaign,
        institution=cast.university,
        sender=cast.city,
        text="演示督办",
        open_count=1,
        total_count=1,
        due_on=entry.due_on,
        sent_at=clock.now(),
        sent_on=clock.today(),
    )
    lost = Membership.objects.get(pk=cast.unit_manager.pk)
    lost.unit = None

    models: tuple[Any, ...] = (
        BaseListEntry,
        Dossier,
        Patent,
        PoolEntry,
        UnitConfirmation,
        UnitTransfer,
        Urge,
        StaffMember,
        Invitation,
    )
    seen = {model.__name__: model.objects.visible_to(lost).count() for model in models}
    assert seen == dict.fromkeys(seen, 0)
    assert not Urge.objects.received_by(lost).exists()
    assert todos_of([lost]) == {lost.pk: []}


# --- the last day ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "fields", "late"),
    [
        (-1, {}, True),
        (0, {}, False),
        (1, {}, False),
        (-1, {"is_included": False}, False),
        (-1, {"confirmed_on": CONFIRMED, "confirmed_version": 1}, False),
    ],
)
def test_late_is_the_day_after_the_deadline_in_both_ways_of_asking(
    cast: Cast, days: int, fields: dict[str, Any], late: bool
) -> None:
    today = clock.today()
    state = "completed" if "confirmed_on" in fields else "draft"
    entry = factories.entry(cast.participation, state=state)
    found = BaseListEntry.objects.filter(pk=entry.pk)
    found.update(due_on=today + timedelta(days=days), **fields)
    entry.refresh_from_db()

    assert entry.is_overdue(today) is late
    assert found.overdue(today).exists() is late


def test_an_entry_that_is_not_stored_yet_is_not_late() -> None:
    assert not BaseListEntry(due_on=None).is_overdue(clock.today())


# --- exclusions by the hundred ---------------------------------------------------------------------


def lapsed(cast: Cast, count: int) -> None:
    for _ in range(count):
        patent = factories.patent(
            cast.university, status_confirmed_on=CONFIRMED, simple_status="ended"
        )
        LegalEvent.objects.create(
            patent=patent,
            kind=EventKind.FEE_LAPSE,
            occurred_on=date(2021, 5, 6),
            confirmed_on=CONFIRMED,
        )
        factories.entry(cast.participation, patent)


def test_hundreds_are_asked_for_and_decided_by_jobs_in_chunks(
    cast: Cast, client_of: ClientOf, settings: Any
) -> None:
    """More than are done at once: the work goes to a job, which takes as many queries a chunk however many chunks."""
    settings.JOB_CHUNK_ROWS = 40
    settings.BULK_DIRECT_ROWS = 20
    lapsed(cast, 120)

    run = applied(client_of(cast.manager), reverse("inventory:exclusions-request"))
    runner.run_due("test-worker")
    run.refresh_from_db()
    assert outcomes(run) == {"added": 120}

    decided = applied(client_of(cast.city), reverse("inventory:exclusions-approve"))
    with CaptureQueriesContext(connection) as asked:
        runner.run_due("test-worker")
    decided.refresh_from_db()
    assert outcomes(decided) == {"changed": 120}
    assert not Exclusion.objects.exclude(state=ExclusionState.APPROVED).exists()
    assert not BaseListEntry.objects.filter(is_included=True).exists()
    assert len(asked) < 120
