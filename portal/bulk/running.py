"""Doing a run chunk by chunk: lock, compare versions, act, keep what was before. Also what a preview counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Count
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from portal import audit, clock, crypto
from portal.bulk.registry import BulkAct, RowResult, act_named, known_act, refused
from portal.choices import AuditAction, BulkOutcome, BulkState, JobState
from portal.errors import DomainError
from portal.jobs.registry import Chunk, JobKind, register
from portal.json_text import encode
from portal.models import AuditEntry, BulkRun, BulkRunRow, Job, Membership

KIND = "bulk.run"
PREVIEW_ROWS = 2000


@dataclass
class Forecast:
    """What a run would do: rows by outcome, refused rows by reason, written rows by what is lost with it."""

    outcomes: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)

    def take(self, results: Iterable[RowResult]) -> None:
        for result in results:
            self.outcomes[str(result.outcome)] += 1
            if result.note:
                is_refused = result.outcome == BulkOutcome.REFUSED
                (self.notes if is_refused else self.warnings)[result.note] += 1


def bound_form(run: BulkRun, membership: Membership) -> forms.Form:
    """The act's form with the parameters kept in the run; unbound before any were given."""
    form = known_act(run.act).form
    if not run.params:
        return form(None, membership=membership)
    return form(MultiValueDict(json.loads(run.params)), membership=membership)


def standing_params(form: forms.Form) -> dict[str, Any]:
    """What a form says before anybody touched it: for the consequences of an act on one page."""
    return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}


def forecast(run: BulkRun, params: Mapping[str, Any], membership: Membership) -> Forecast:
    """Ask the act about every row, in chunks, writing nothing."""
    act = known_act(run.act)
    found = Forecast()
    rows = list(run.rows.order_by("position").only("target_id", "version_seen", "run_id"))
    for start in range(0, len(rows), PREVIEW_ROWS):
        piece = rows[start : start + PREVIEW_ROWS]
        fresh, stale = _part(act, piece, _versions(act, piece, is_locking=False))
        found.take(stale)
        found.take(act.preview(membership, [row.target_id for row in fresh], params))
    return found


def do_chunk(run: BulkRun, first: int, limit: int) -> int | None:
    """Act on the rows from a position on; the next position, None after the last. In the caller's transaction."""
    rows = list(run.rows.filter(position__gte=first).order_by("position")[:limit])
    if not rows:
        return None
    act = known_act(run.act)
    with audit.origin(run_id=run.pk):
        fresh, results = _part(act, rows, _versions(act, rows, is_locking=True))
        results += _acted(act, run, fresh)
    _store(act, run, results)
    return rows[-1].position + 1


def _acted(act: BulkAct, run: BulkRun, rows: Sequence[BulkRunRow]) -> list[RowResult]:
    if not rows:
        return []
    if run.undo_of_id is not None:
        assert act.undo is not None  # services.bulk starts no other  # noqa: S101
        return list(act.undo(run.membership, {r.target_id: r.before for r in rows}, run.reason))
    form = bound_form(run, run.membership)
    if not form.is_valid():
        raise ValidationError([text for texts in form.errors.values() for text in texts])
    return list(act.apply(run.membership, [row.target_id for row in rows], form.cleaned_data))


def _versions(
    act: BulkAct, rows: Sequence[BulkRunRow], *, is_locking: bool
) -> dict[int, int | None]:
    """{key: version now} of the rows that still exist, locked in the order of their keys."""
    found = act.model._base_manager.filter(pk__in=[row.target_id for row in rows]).order_by("pk")
    if is_locking:
        found = found.select_for_update()
    if not act.version:
        return dict.fromkeys(found.values_list("pk", flat=True))
    return dict(found.values_list("pk", "version"))


def _part(
    act: BulkAct, rows: Sequence[BulkRunRow], current: Mapping[int, int | None]
) -> tuple[list[BulkRunRow], list[RowResult]]:
    """Rows that are as they were seen, and refusals of the others, naming who changed them when."""
    fresh, gone, stale = [], [], []
    for row in rows:
        if row.target_id not in current:
            gone.append(row.target_id)
        elif row.version_seen is None or current[row.target_id] == row.version_seen:
            fresh.append(row)
        else:
            stale.append(row.target_id)
    results = [refused(key, _("It is gone.")) for key in gone]
    return fresh, results + _told(act, stale)


def _told(act: BulkAct, stale: Sequence[int]) -> list[RowResult]:
    if not stale:
        return []
    last = (
        AuditEntry.objects.filter(object_type=act.model._meta.label_lower, object_id__in=stale)
        .order_by("object_id", "-at", "-pk")
        .distinct("object_id")
        .select_related("user")
    )
    words = {entry.object_id: _changed_by(entry) for entry in last}
    return [refused(key, words.get(key) or _("Somebody changed it meanwhile.")) for key in stale]


def _changed_by(entry: AuditEntry) -> str:
    return _("%(person)s changed it meanwhile, on %(moment)s.") % {
        "person": entry.user.name if entry.user else _("System"),
        "moment": f"{entry.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
    }


def _store(act: BulkAct, run: BulkRun, results: Sequence[RowResult]) -> None:
    """Outcome, reason, what was before and the version left of every row, in one statement."""
    written = [one.id for one in results if one.outcome in (BulkOutcome.ADDED, BulkOutcome.CHANGED)]
    after: dict[int, int] = {}
    if act.version:
        after = dict(act.model._base_manager.filter(pk__in=written).values_list("pk", "version"))
    given = [
        {
            "id": one.id,
            "outcome": str(one.outcome),
            "note": one.note,
            "before": crypto.seal(dict(one.before)),
            "after": after.get(one.id),
        }
        for one in results
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE portal_bulkrunrow r
            SET outcome = v.outcome, note = v.note, before = v.before, version_after = v.after
            FROM jsonb_to_recordset(%s::jsonb)
                 AS v(id bigint, outcome text, note text, before jsonb, after int)
            WHERE r.run_id = %s AND r.target_id = v.id
            """,
            [encode(given), run.pk],
        )


# --- the job ----------------------------------------------------------------------------------------


def chunk(job: Job) -> Chunk:
    """One piece of the run; the last one closes it."""
    run = _run_of(job)
    if run.state != BulkState.RUNNING:
        raise DomainError(_("This act is not being applied any more."))
    if not known_act(run.act).allowed(run.membership):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    first = job.next_line or 1
    following = do_chunk(run, first, settings.JOB_CHUNK_ROWS)
    if following is not None and following <= run.total:
        return Chunk(following, total=run.total, stage=_("Writing"))
    end(run, BulkState.DONE)
    return Chunk(
        run.total,
        total=run.total,
        is_done=True,
        stage=pgettext("act on many rows", "Applied"),
        log=(in_words(run.counts),),
        result={"url": run.get_absolute_url()},
    )


def failed(job: Job) -> None:
    """What was written stays, and can be undone; the rest was not reached."""
    run = _run_of(job)
    if run.state == BulkState.RUNNING:
        is_cancelled = job.state == JobState.CANCELLED
        end(run, BulkState.CANCELLED if is_cancelled else BulkState.FAILED, problem=job.error)


def end(run: BulkRun, state: BulkState, *, problem: str = "") -> None:
    """Close the run with its counts, and say so in the trail."""
    found = dict(run.rows.order_by().values_list("outcome").annotate(Count("pk")))
    run.counts = {outcome: found.get(outcome, 0) for outcome in BulkOutcome.values}
    run.state = state
    run.problem = problem
    run.finished_at = clock.now()
    run.version += 1
    run.save(update_fields=["counts", "state", "problem", "finished_at", "version"])
    with audit.origin(run_id=run.pk):
        audit.record(
            actor=run.membership,
            action=AuditAction.BULK,
            target=run,
            changes={
                "state": [BulkState.RUNNING, str(state)],
                **{name: [None, count] for name, count in run.counts.items() if count},
            },
            reason=run.reason,
        )


def in_words(counts: Mapping[str, int]) -> str:
    """Rows by outcome as a sentence."""
    line = _("Added %(added)s, changed %(changed)s, left %(unchanged)s, refused %(refused)s.")
    words = line % {name: counts.get(name, 0) for name in BulkOutcome.values}
    if waiting := counts.get(BulkOutcome.WAITING, 0):
        words += " " + _("%(count)s were not reached.") % {"count": waiting}
    return words


def title_of(run: BulkRun) -> str:
    """The act in words; “Undo: …” for one that takes another back."""
    act = act_named(run.act)
    label = str(act.label) if act else run.act
    return _("Undo: %(act)s") % {"act": label} if run.undo_of_id else label


def _run_of(job: Job) -> BulkRun:
    return (
        BulkRun.objects.select_related("membership__user", "membership__organisation")
        .select_related("membership__unit")
        .select_for_update(of=("self",))
        .get(pk=job.params["run"])
    )


def register_job() -> None:
    """Called once by PortalConfig.ready."""
    register(JobKind(KIND, gettext_lazy("Act on many rows"), chunk, failed=failed))
