"""Telling people what became of their upload: preview ready, columns to confirm, applied, stopped, taken back.

A notice leads to the page of the import; several of one import that were not read yet are one notice that says the
last. What was read quickly is told to nobody: the person still has the page open.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock
from portal.choices import JobState
from portal.failpoints import failpoint
from portal.intake.wording import did, undid, would_do
from portal.models import ImportBatch, Job, Membership
from portal.notices.registry import NoticeKind, register_notice
from portal.services.notices import mark_page_read, notify

#: after so long people have gone to do something else
LONG: Final = timedelta(seconds=30)
READY, COLUMNS, APPLIED, STOPPED, UNDONE = "ready", "columns", "applied", "stopped", "undone"


def _title(params: Mapping[str, Any]) -> str:
    words = {
        READY: _("Checked, waits for your confirmation: %(file)s"),
        COLUMNS: _("Say what its columns hold: %(file)s"),
        APPLIED: _("Imported: %(file)s"),
        STOPPED: _("Stopped: %(file)s"),
        UNDONE: _("Import taken back: %(file)s"),
    }
    return words[params["event"]] % {"file": params["file"]}


def _detail(params: Mapping[str, Any]) -> str:
    event, counts = params["event"], params["counts"]
    if event == READY:
        return would_do(counts)
    if event == APPLIED:
        return did(counts)
    if event == UNDONE:
        return undid(counts)
    return str(params["problem"])


IMPORT = register_notice(
    NoticeKind(
        "portal.import",
        gettext_lazy("My uploads: checked, imported, stopped, taken back"),
        _title,
        _detail,
        "file-import",
    )
)


def tell(batch: ImportBatch, event: str, problem: str = "") -> None:
    """Tell who handed the file in, and who takes it back; in the transaction that changes the state of the batch."""
    people = [batch.membership]
    if batch.undone_by is not None:
        people.append(batch.undone_by)
    counts = batch.counts.get("undone", {}) if event == UNDONE else _numbers(batch.counts)
    params = {"event": event, "file": batch.file.name, "counts": counts, "problem": problem}
    url = reverse("portal:import-detail", kwargs={"pk": batch.pk})
    failpoint("intake.before_notice")
    notify(
        kind=IMPORT,
        recipients={person.pk: person for person in people}.values(),
        params=params,
        url=url,
    )


def seen(batch: ImportBatch, actor: Membership) -> None:
    """Whoever acts on an import knows what he was told of it."""
    mark_page_read(url=reverse("portal:import-detail", kwargs={"pk": batch.pk}), actor=actor)


def tell_if_long(batch: ImportBatch, job: Job, event: str) -> None:
    """Tell what was read, unless it took so short that the person has not gone."""
    if clock.now() - job.created_at >= LONG:
        tell(batch, event)


def tell_stopped(batch: ImportBatch, job: Job) -> None:
    """Tell that work ended before its end, and why: stopped on request, or the fault in words."""
    is_cancelled = job.state == JobState.CANCELLED
    tell(batch, STOPPED, _("Stopped on request.") if is_cancelled else job.error)


def _numbers(counts: Mapping[str, Any]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if isinstance(count, int)}
