"""Imports from the upload to their end, each of another kind, drawn from a seed; and processes that walk them.

A flow is walked by looking at the database: whoever comes after a power cut goes on with what is to be done next, as a
person and a worker would.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import InterfaceError, OperationalError, connection, connections
from django.db.models import F
from django.db.models.functions import Now

from inventory.importing import workbook_decisions
from portal import failpoints
from portal.choices import JOB_ENDED, ImportState, JobState
from portal.intake import recognition
from portal.jobs import runner
from portal.models import ImportBatch, Job, Membership
from portal.services import corrections, import_undo, imports
from portal.spreadsheets import reading

#: more things to do than any flow has: it does not end by itself
MOST_STEPS = 200
Corrected = dict[tuple[int, int], str]


@dataclass
class Plan:
    """One import as a person means it. Members are named by key: objects do not outlive a copy."""

    actor: int
    name: str
    content: bytes
    before: int
    options: dict[str, str] = field(default_factory=dict)
    kind: str = recognition.AUTO
    chunk_rows: int = 10
    # from so many rows on half of a piece is read by a second process
    beside_rows: int = 1_000_000
    # cells written over refused rows of the first preview, and of the one that goes on with what stayed out
    corrections: Corrected = field(default_factory=dict)
    further: Corrected = field(default_factory=dict)
    # which side is kept where file and portal both changed something
    keeps: str = ""
    wants_errors: bool = False
    is_undone: bool = False
    # done by somebody else between the import and its undoing; may be done twice
    meanwhile: Callable[[], None] = lambda: None


def _member(plan: Plan) -> Membership:
    return Membership.objects.select_related("user", "organisation", "unit").get(pk=plan.actor)


def go_on(plan: Plan) -> bool:
    """Do the next thing; False when nothing is left to do."""
    if Job.objects.exclude(state__in=JOB_ENDED).exists():
        # time passes: what was put off is due, the lease of the dead has run out
        Job.objects.filter(state=JobState.QUEUED).update(run_after=Now())
        Job.objects.filter(state=JobState.RUNNING).update(lease_until=F("created_at"))
        runner.run_due("worker")
        return True
    batch = ImportBatch.objects.filter(pk__gt=plan.before).order_by("pk").last()
    if batch is None:
        imports.upload(
            actor=_member(plan),
            content=ContentFile(plan.content),
            name=plan.name,
            kind=plan.kind,
            options=plan.options,
        )
        return True
    return _STEPS[ImportState(batch.state)](plan, batch)


def _map(plan: Plan, batch: ImportBatch) -> bool:
    fields = {str(one["index"]): one["field"] for one in batch.columns}
    imports.map_columns(actor=_member(plan), batch=batch, seen_version=batch.version, fields=fields)
    return True


def _preview(plan: Plan, batch: ImportBatch) -> bool:
    asked: dict[str, Any] = {
        "actor": _member(plan), "batch": batch, "seen_version": batch.version
    }  # fmt: skip
    wanted = plan.corrections if batch.continues is None else plan.further
    done = set(batch.corrections.values_list("line", "column_index"))
    if not set(wanted) <= done:
        corrections.correct_cells(**asked, cells=wanted)
    elif plan.keeps and batch.counts.get("conflicts"):
        workbook_decisions.decide_all(**asked, keep=plan.keeps)
    else:
        imports.confirm(**asked, digest=batch.preview_digest)
    return True


def _applied(plan: Plan, batch: ImportBatch) -> bool:
    is_first = batch.continues is None
    has_errors = Job.objects.filter(kind="intake.errors", params__batch=batch.pk).exists()
    if plan.wants_errors and is_first and not has_errors:
        imports.ask_for_errors(actor=_member(plan), batch=batch)
    elif plan.further and is_first:
        corrections.take_up_refused(actor=_member(plan), batch=batch)
    elif plan.is_undone:
        plan.meanwhile()
        import_undo.take_back(
            actor=_member(plan), batch=batch, seen_version=batch.version, reason="演示误导入"
        )
    else:
        return False
    return True


def _stuck(plan: Plan, batch: ImportBatch) -> bool:
    raise AssertionError(f"{batch.state}: {batch.problem}, and no job to go on with it")


_STEPS: dict[ImportState, Callable[[Plan, ImportBatch], bool]] = {
    ImportState.READING: _stuck,
    ImportState.APPLYING: _stuck,
    ImportState.UNDOING: _stuck,
    ImportState.UNREADABLE: _stuck,
    ImportState.DISCARDED: _stuck,
    ImportState.MAPPING: _map,
    ImportState.PREVIEW: _preview,
    ImportState.APPLIED: _applied,
    ImportState.TAKEN_BACK: lambda _plan, _batch: False,
}


def walk(plan: Plan) -> None:
    """To the end. A statement that failed was a page of error or a worker that lost its database: once more."""
    for _step in range(MOST_STEPS):
        try:
            if not go_on(plan):
                return
        except (OperationalError, InterfaceError):
            connection.close()
    raise AssertionError("the import does not come to its end")


# --- a process of its own -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ended:
    """How a process ended (minus the signal that killed it), and the points it passed if it lived to tell."""

    code: int
    passed: list[str]
    statements: int


class Counting:
    """Counts statements, and does something at one of them."""

    def __init__(self, at: int = 0, then: Callable[[], None] = lambda: None) -> None:
        self.at, self.then, self.count = at, then, 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        if self.count == self.at:
            self.then()
        return execute(sql, params, many, context)


def process(
    plan: Plan, *, armed: str = "nowhere", counting: Counting | None = None, beats: bool = False
) -> Ended:
    """Walk a plan in a process of its own, with connections of its own, that dies where it is told to.

    With `beats` the lease is renewed every moment while the reader works, as with a large file.
    """
    connections.close_all()
    counting = counting or Counting()
    read_end, write_end = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        reading.TICK_SECONDS = 0.02 if beats else reading.TICK_SECONDS
        _live(plan, armed, counting, write_end)
    os.close(write_end)
    with os.fdopen(read_end) as told:
        said = told.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    found = json.loads(said) if said else {"passed": [], "statements": 0}
    return Ended(code, found["passed"], found["statements"])


def _live(plan: Plan, armed: str, counting: Counting, write_end: int) -> None:
    """The life of that process; it ends here."""
    code = 1
    try:
        settings.FAILPOINTS = armed
        settings.JOB_CHUNK_ROWS = plan.chunk_rows
        settings.BESIDE_ROWS = plan.beside_rows
        with connection.execute_wrapper(counting):
            walk(plan)
        told = {"passed": failpoints.passed, "statements": counting.count}
        os.write(write_end, json.dumps(told).encode())
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)
