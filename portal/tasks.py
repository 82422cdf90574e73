"""Celery's side of the jobs: bells. Beat rings `sweep`; the work and the truth are in portal.jobs."""

from celery import shared_task

from portal.jobs import runner
from portal.jobs.schedule import run_schedule


@shared_task(name="portal.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Do the schedule and every due job. Rung by beat every two seconds; a second sweep finds nothing to claim."""
    run_schedule()
    # below the soft time limit: a long job is handed on between chunks
    runner.run_due(runner.worker_name(), seconds=60)
