"""Facts with validity in time: closed once, never rewritten, answerable as of any day and again later."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from inventory.choices import TRANSITIONS, DossierState
from inventory.models import BaseListEntry, Dossier, DossierFact, EntryFact
from inventory.services.facts import DOSSIER, ENTRY, record_facts
from portal import clock
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def test_entry_fact_closes_and_opens(cast: Cast) -> None:
    entry = factories.entry(cast.participation, listed_on=date(2024, 3, 1))
    BaseListEntry.objects.filter(pk=entry.pk).update(is_included=False)

    with clock.frozen(noon(date(2024, 5, 6))):
        assert record_facts(ENTRY, [entry.pk], valid_from=date(2024, 5, 1)) == 1

    assert EntryFact.objects.as_of(date(2024, 4, 30)).get().is_included is True
    assert EntryFact.objects.as_of(date(2024, 5, 1)).get().is_included is False


def test_unchanged_rows_write_no_fact(cast: Cast) -> None:
    entry = factories.entry(cast.participation)

    assert record_facts(ENTRY, [entry.pk]) == 0
    assert EntryFact.objects.count() == 1


def test_past_figure_stays_as_it_was_known(cast: Cast) -> None:
    entry = factories.entry(cast.participation, listed_on=date(2024, 3, 1))
    before = clock.now()
    BaseListEntry.objects.filter(pk=entry.pk).update(is_included=False)
    with clock.frozen(before + timedelta(seconds=5)):
        record_facts(ENTRY, [entry.pk], valid_from=date(2024, 4, 1))

    known_then = EntryFact.objects.as_of(date(2024, 4, 15), before).get()
    known_now = EntryFact.objects.as_of(date(2024, 4, 15)).get()

    assert (known_then.is_included, known_now.is_included) == (True, False)


def test_revision_keeps_the_approval_and_return_ends_it(cast: Cast) -> None:
    entry = factories.entry(cast.participation, state=DossierState.COMPLETED)
    Dossier.objects.filter(pk=entry.dossier_id).update(state=DossierState.DRAFT, stars=1)

    record_facts(DOSSIER, [entry.dossier_id])
    revised = DossierFact.objects.current().get()
    record_facts(DOSSIER, [entry.dossier_id], keeps_approval=False)
    returned = DossierFact.objects.current().get()

    assert (revised.is_covered, revised.stars, revised.state) == (True, 3, "draft")
    assert (returned.is_covered, returned.stars) == (False, 1)


def test_two_changes_on_one_day_leave_no_zero_length_row(cast: Cast) -> None:
    entry = factories.entry(cast.participation, state=DossierState.UNIT_REVIEW)
    Dossier.objects.filter(pk=entry.dossier_id).update(state=DossierState.INSTITUTION_REVIEW)

    record_facts(DOSSIER, [entry.dossier_id])

    assert DossierFact.objects.filter(superseded_at=None).count() == 1
    assert DossierFact.objects.filter(valid_to__isnull=False).count() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory_entryfact SET is_included = false",
        "UPDATE inventory_entryfact SET superseded_at = now(), is_included = false",
        "DELETE FROM inventory_entryfact",
    ],
)
def test_database_refuses_rewritten_facts(cast: Cast, statement: str) -> None:
    factories.entry(cast.participation)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("steps", [1, 2])
def test_database_and_code_have_the_same_transitions(cast: Cast, steps: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT from_state, to_state FROM inventory_transition WHERE review_steps = %s", [steps]
        )
        stored = set(cursor.fetchall())

    assert stored == {(a, b) for a, nexts in TRANSITIONS[steps].items() for b in nexts}


def test_database_refuses_skipping_the_unit_review(cast: Cast) -> None:
    entry = factories.entry(cast.participation, state=DossierState.DRAFT, is_filled=True)

    with pytest.raises(IntegrityError, match="no step"), transaction.atomic():
        Dossier.objects.filter(pk=entry.dossier_id).update(state=DossierState.COMPLETED)
