"""The job `portal.list_export`: any list as a workbook or CSV, with the asker's rights, in chunks.

Keys and rows wait in files beside the uploads while they are gathered (portal.jobs.spool). The last chunk writes the
file and its entry in the trail.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal import audit, clock
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.jobs import queue
from portal.jobs.registry import Chunk, JobKind, register
from portal.jobs.spool import append, keep_keys, keys_at, remove_spool, spooled
from portal.lists.asking import Question, understand
from portal.lists.columns import Column, offered
from portal.lists.few import rows_of
from portal.lists.keyset import in_order
from portal.lists.registry import list_named
from portal.models import Job, Membership, StoredFile
from portal.services.files import keep_file
from portal.spreadsheets.limits import EXCEL_ROWS
from portal.spreadsheets.writing import write_csv, write_table

KIND = "portal.list_export"
FORMATS = ("xlsx", "csv")
QUERY_LENGTH = 4_000


@transaction.atomic
def ask_for_export(
    *, list_name: str, query: str, file_format: str, has_all_columns: bool, actor: Membership
) -> Job:
    """Ask for the rows that a list shows under a query string."""
    params = {
        "list": list_name,
        "query": query[:QUERY_LENGTH],
        "format": file_format,
        "all_columns": has_all_columns,
    }
    return queue.ask(KIND, actor=actor, params=params)


def chunk(job: Job) -> Chunk:
    """Gather the next rows, or write the file after the last."""
    question = _question(job)
    found = question.filterset.qs
    total = job.total
    if total is None:
        ordered = in_order(found, question.keys).values_list("pk", flat=True)
        total = keep_keys(job, ordered.iterator(chunk_size=10_000))
        _refuse_too_many(job, total)
    columns = _columns(job, question)
    if job.next_line >= total:
        return _finish(job, question, columns)
    keys = keys_at(job, job.next_line, settings.JOB_CHUNK_ROWS)
    size = append(job, _gathered(question, columns, rows_of(found, keys)))
    done = job.next_line + len(keys)
    stage = _("Gathering rows") if done < total else _("Writing the file")
    return Chunk(done, total=total, stage=stage, result={"size": size})


def _gathered(
    question: Question, columns: Sequence[Column], items: list[Any]
) -> Iterator[list[Any]]:
    """The values of each row, as a spreadsheet gets them."""
    spec = question.spec
    for row in spec.dress(items, question.asked) if spec.dress else items:
        yield [column.cell.plain(column.value(row)) for column in columns]


def _refuse_too_many(job: Job, total: int) -> None:
    """A sheet ends after a million rows; text does not."""
    if job.params["format"] == "xlsx" and total >= EXCEL_ROWS:
        raise DomainError(
            _(
                "A workbook holds %(most)s rows at most and this list has %(count)s. Narrow it, or take it as CSV."
            )
            % {"most": EXCEL_ROWS - 1, "count": total}
        )


def _question(job: Job) -> Question:
    """The question with the rights of who asked, as they are now; refused when it would now hold other rows."""
    member = job.membership
    spec = list_named(job.params["list"])
    if member is None or spec is None or not spec.may_open(member):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    question = understand(spec, member, QueryDict(job.params["query"]))
    if question.is_cut or question.filterset.form.errors or question.problems:
        raise DomainError(_("A filter of this export is not for your role any more. Ask again."))
    if gone := spec.refusal(question.asked):
        raise DomainError(gone)
    return question


def _columns(job: Job, question: Question) -> Sequence[Column]:
    shown = question.columns
    if job.params["all_columns"]:
        asked = question.asked
        shown = offered(question.spec.columns_for(asked), asked.membership)
    return [column for column in shown if not column.template]


def _finish(job: Job, question: Question, columns: Sequence[Column]) -> Chunk:
    member = question.asked.membership
    file_format = job.params["format"]
    heads = _different([str(column.label) for column in columns])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"list.{file_format}")
        if file_format == "csv":
            count = write_csv(path, heads, spooled(job))
        else:
            count = write_table(path, heads, spooled(job), _title(question))
        kept = _keep(path, question, file_format)
    audit.record(
        actor=member,
        action=AuditAction.EXPORT,
        target=kept,
        changes={
            "list": [None, question.spec.name],
            "rows": [None, count],
            "filter": [None, job.params["query"]],
        },
    )
    transaction.on_commit(lambda: remove_spool(job))
    line = ngettext("%(count)s row exported.", "%(count)s rows exported.", count)
    return Chunk(
        job.next_line,
        total=job.next_line,
        is_done=True,
        stage=_("File ready"),
        result={"file": kept.pk, "count": count},
        log=(line % {"count": count},),
    )


def _title(question: Question) -> str:
    return question.spec.title(question.asked) or str(question.spec.label)


def _keep(path: Path, question: Question, file_format: str) -> StoredFile:
    member = question.asked.membership
    name = (
        f"{_title(question)}-{member.organisation.name}-{clock.today().isoformat()}.{file_format}"
    )
    with path.open("rb") as source:
        return keep_file(
            content=File(source), name=name, purpose=StoredFile.Purpose.EXPORT, actor=member
        )


def _different(heads: list[str]) -> list[str]:
    """Two columns of one name are told apart by number."""
    seen: dict[str, int] = {}
    for place, head in enumerate(heads):
        seen[head] = seen.get(head, 0) + 1
        if seen[head] > 1:
            heads[place] = f"{head} {seen[head]}"
    return heads


# --- rows that wait ---------------------------------------------------------------------------------


def register_export() -> None:
    """Called once by PortalConfig.ready."""
    register(
        JobKind(name=KIND, label=gettext_lazy("Export of a list"), chunk=chunk, failed=remove_spool)
    )
