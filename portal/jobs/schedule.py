"""What happens by itself: each task once per slot, however many workers or bells look (unique row)."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from django.db import transaction

from portal import clock
from portal.jobs.registry import ScheduledTask, scheduled_tasks
from portal.models import ScheduledRun

log = logging.getLogger(__name__)

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


def slot_of(moment: datetime, every: timedelta) -> datetime:
    """Start of the slot a moment lies in."""
    return EPOCH + (moment - EPOCH) // every * every


def run_schedule() -> list[str]:
    """Run every task whose present slot nobody has taken; returns their names."""
    moment = clock.now()
    return [task.name for task in scheduled_tasks() if _run_safely(task, moment)]


def _run_safely(task: ScheduledTask, moment: datetime) -> bool:
    """A task that fails is undone with its slot and tried at the next sweep; it does not stop the others."""
    try:
        return _run_once(task, moment)
    except Exception:
        log.exception("scheduled task %s failed", task.name)
        return False


@transaction.atomic
def _run_once(task: ScheduledTask, moment: datetime) -> bool:
    slot = slot_of(moment, task.every)
    # a second worker waits here for the first one's commit, then finds the row
    _, is_new = ScheduledRun.objects.get_or_create(task=task.name, slot=slot)
    if not is_new:
        return False
    task.run()
    return True
