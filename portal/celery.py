"""The Celery application. A task carries a job id: the row in PostgreSQL is the truth."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from portal.environment import VAR_DIR, env_text

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

TASK_SECONDS = 120

app = Celery("portal")
app.conf.update(
    broker_url=env_text("REDIS_URL", "") or None,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 5 * TASK_SECONDS,  # above the hard limit, or a long task runs twice
        "unacked_restore_interval": 1,  # a killed worker's task returns in seconds, not minutes
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    },
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,  # safe: a task only names a job, whose row has the lease
    task_ignore_result=True,
    task_time_limit=TASK_SECONDS,
    task_soft_time_limit=90,
    task_publish_retry=False,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=200,
    worker_soft_shutdown_timeout=30,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    beat_schedule_filename=str(VAR_DIR / "celerybeat-schedule"),
    beat_schedule={
        "sweep": {"task": "portal.tasks.sweep", "schedule": 2.0, "options": {"expires": 2}},
    },
)
app.autodiscover_tasks()


@worker_process_init.connect
def settle(**signal: Any) -> None:
    """Each process of the worker, once Django is loaded."""
    # settings are read only now
    from portal import memory  # noqa: PLC0415

    memory.settle()
