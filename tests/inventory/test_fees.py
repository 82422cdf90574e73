"""Fee days that passed move on, by chunks, once a day."""

from datetime import date

import pytest

from inventory.models import Patent
from inventory.services import fees
from inventory.tasks.fees import ask_for_fees
from portal import clock
from portal.jobs import runner
from portal.models import Job
from tests import factories

pytestmark = pytest.mark.django_db


def stale(**fields: object) -> Patent:
    return factories.patent("演示单位", next_fee_on=date(2024, 3, 28), next_fee_yuan=1200, **fields)


def test_passed_fee_moves_to_the_next_year() -> None:
    patent = stale()

    assert fees.move_fees_on(after=0, limit=10, on_day=date(2024, 6, 3)) is None

    patent.refresh_from_db()
    assert (patent.next_fee_on, patent.next_fee_yuan) == (date(2025, 3, 28), 2000)


def test_ended_and_future_ones_stay() -> None:
    ended, future = (
        stale(simple_status="ended"),
        factories.patent("演示单位", next_fee_on=date(2025, 3, 28), next_fee_yuan=2000),
    )

    fees.move_fees_on(after=0, limit=10, on_day=date(2024, 6, 3))

    ended.refresh_from_db()
    future.refresh_from_db()
    assert (ended.next_fee_on, future.next_fee_on) == (date(2024, 3, 28), date(2025, 3, 28))


def test_chunks_go_on_from_the_last_key() -> None:
    first, second = stale(), stale()

    assert fees.move_fees_on(after=0, limit=1, on_day=date(2024, 6, 3)) == first.pk
    assert fees.move_fees_on(after=first.pk, limit=1, on_day=date(2024, 6, 3)) == second.pk
    assert fees.move_fees_on(after=second.pk, limit=1, on_day=date(2024, 6, 3)) is None


def test_the_job_of_a_day_is_asked_for_once() -> None:
    patent = stale()
    with clock.frozen(date(2024, 6, 3)):
        ask_for_fees()
        ask_for_fees()
        runner.run_due("test")

    patent.refresh_from_db()
    assert (Job.objects.count(), Job.objects.get().state) == (1, "done")
    assert patent.next_fee_on == date(2025, 3, 28)
