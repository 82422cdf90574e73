"""Background work as rows: the row is the truth, brokers only ring (docs/architecture.md)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.choices import JOB_ENDED, JobState
from portal.models.organisations import Organisation
from portal.models.people import Membership


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, membership: Membership) -> JobQuerySet:
        """Jobs asked for by this person in this organisation."""
        return self.filter(
            membership__user=membership.user_id, organisation=membership.organisation_id
        )

    def recent(self) -> JobQuerySet:
        """Newest first, for the start page."""
        return self.order_by("-pk")[:5]

    def due(self) -> JobQuerySet:
        """Waiting jobs whose time has come, and running ones whose lease ran out."""
        return self.filter(
            Q(state=JobState.QUEUED, run_after__lte=Now())
            | Q(state=JobState.RUNNING, lease_until__lt=Now())
        )


class Job(models.Model):
    """A piece of long work: lease, checkpoint, progress and outcome in one row."""

    kind = models.CharField(_("kind"), max_length=40)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("organisation")
    )
    # who asked: the work is done with this membership's rights; null for the schedule
    membership = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("asked for by")
    )
    params = models.JSONField(_("parameters"), default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=JobState.choices, default=JobState.QUEUED
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    lease_owner = models.CharField(max_length=64, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    run_after = models.DateTimeField(db_default=Now())
    # checkpoint: everything before this line is committed
    next_line = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    # which of how many steps, each of which goes through all rows; 0 where there is but one
    step = models.PositiveSmallIntegerField(_("step"), default=0, db_default=0)
    steps = models.PositiveSmallIntegerField(_("steps"), default=0, db_default=0)
    # the last stretch: [seconds since the epoch, place], of which speed and rest are reckoned (portal.jobs.pace)
    marks = models.JSONField(default=list, db_default=[])
    stage = models.CharField(_("stage"), max_length=80, blank=True, default="")
    result = models.JSONField(_("result"), default=dict)
    error = models.TextField(_("error"), blank=True, default="")
    cancel_requested = models.BooleanField(default=False)
    # null for the many jobs that have none
    idempotency_key = models.CharField(max_length=100, null=True, unique=True)  # noqa: DJ001
    created_at = models.DateTimeField(_("created"), db_default=Now())
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = (
            # JobQuerySet.due: what the claim looks through
            models.Index(
                fields=["run_after", "id"],
                name="job_due",
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_ended(self) -> bool:
        return self.state in JOB_ENDED

    @property
    def percent(self) -> int | None:
        """Whole percent done of all steps, None while the size is unknown."""
        if self.state == JobState.DONE:
            return 100
        if not self.total:
            return None
        passed = max(0, self.step - 1) * self.total + min(self.next_line, self.total)
        return min(99, passed * 100 // (self.total * max(1, self.steps)))


class JobLog(models.Model):
    """A line of a job's log, readable by who asked for it."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="log")
    at = models.DateTimeField(_("time"), db_default=Now())
    message = models.TextField(_("message"))

    class Meta:
        verbose_name = _("job log line")
        verbose_name_plural = _("job log lines")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.message


class ScheduledRun(models.Model):
    """One slot of one scheduled task; the unique pair makes it happen once however many ring."""

    task = models.CharField(max_length=60)
    slot = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("scheduled run")
        verbose_name_plural = _("scheduled runs")
        constraints = (models.UniqueConstraint(fields=["task", "slot"], name="schedule_once"),)

    def __str__(self) -> str:
        return f"{self.task} {self.slot:%Y-%m-%d %H:%M}"
