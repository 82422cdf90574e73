"""Once a day, what went out in workbooks so long ago that nobody brings it back is forgotten."""

from __future__ import annotations

from datetime import timedelta

from inventory.services import workbooks
from portal.jobs.registry import ScheduledTask, schedule


def forget_bases() -> None:
    workbooks.forget_bases()


def register_tasks() -> None:
    """Called once from AppConfig.ready."""
    schedule(ScheduledTask("inventory.workbook-bases", timedelta(days=1), forget_bases))
