"""The job `portal.list_export`: any list as a workbook or CSV, with the asker's rights, in chunks by keyset.

Rows wait in a file beside the uploads while they are gathered; the checkpoint is the place in the order. The last
chunk writes the file and its entry in the trail.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
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
from portal.lists.asking import Question, understand
from portal.lists.columns import Column, offered
from portal.lists.keyset import cursor_at, cut, read_cursor
from portal.lists.registry import list_named
from portal.models import Job, Membership, StoredFile
from portal.services.files import keep_file
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
    columns = _columns(job, question)
    found = question.filterset.qs
    cursor, _backward = read_cursor(job.result.get("cursor", ""), found, question.keys)
    size = settings.JOB_CHUNK_ROWS
    items, has_more = cut(found, question.keys, cursor, is_backward=False, size=size)
    spec = question.spec
    rows = spec.dress(items, question.asked) if spec.dress else items
    total = job.total if job.total is not None else found.order_by().count()
    written = _append(
        job, ([column.cell.plain(column.value(row)) for column in columns] for row in rows)
    )
    count = job.next_line + len(items)
    if not has_more:
        return _finish(job, question, columns, count, written)
    result = {"cursor": cursor_at(items[-1], question.keys, ">"), "size": written}
    return Chunk(count, total=max(total, count), stage=_("Gathering rows"), result=result)


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
        shown = offered(question.spec.columns, question.asked.membership)
    return [column for column in shown if not column.template]


def _finish(
    job: Job, question: Question, columns: Sequence[Column], count: int, size: int
) -> Chunk:
    member = question.asked.membership
    file_format = job.params["format"]
    heads = _different([str(column.label) for column in columns])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"list.{file_format}")
        if file_format == "csv":
            write_csv(path, heads, _spooled(job, size))
        else:
            write_table(path, heads, _spooled(job, size), _title(question))
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
    transaction.on_commit(lambda: _remove_spool(job))
    line = ngettext("%(count)s row exported.", "%(count)s rows exported.", count)
    return Chunk(
        count,
        total=count,
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

# how a value of a cell stands in a line of JSON, and how it comes back
_KINDS: dict[str, Callable[[str], Any]] = {
    "d": date.fromisoformat,
    "t": datetime.fromisoformat,
    "n": Decimal,
}


def _packed(value: Any) -> Any:
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    return ["n", str(value)] if isinstance(value, Decimal) else value


def _unpacked(value: Any) -> Any:
    return _KINDS[value[0]](value[1]) if isinstance(value, list) else value


def spool_of(job: Job) -> Path:
    """Where the rows wait for the file."""
    return Path(settings.MEDIA_ROOT, "exports", f"list-{job.pk}.jsonl")


def _append(job: Job, lines: Iterator[list[Any]]) -> int:
    """Add rows behind what the last committed chunk left; the new size."""
    path = spool_of(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.truncate(job.result.get("size", 0))
        for line in lines:
            packed = json.dumps([_packed(value) for value in line], ensure_ascii=False)
            file.write(packed.encode(errors="replace") + b"\n")
        file.flush()
        return file.seek(0, 2)


def _spooled(job: Job, size: int) -> Iterator[list[Any]]:
    with spool_of(job).open("rb") as file:
        while file.tell() < size and (line := file.readline()):
            yield [_unpacked(value) for value in json.loads(line)]


def _remove_spool(job: Job) -> None:
    spool_of(job).unlink(missing_ok=True)


def register_export() -> None:
    """Called once by PortalConfig.ready."""
    register(
        JobKind(
            name=KIND, label=gettext_lazy("Export of a list"), chunk=chunk, failed=_remove_spool
        )
    )
