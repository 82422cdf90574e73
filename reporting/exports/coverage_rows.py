"""The rows of a figure as a workbook, made in the background for the one who asked."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import audit
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.jobs import queue
from portal.jobs.registry import Chunk, JobKind, Tick, register
from portal.models import Job, Membership, StoredFile
from portal.services.files import keep_file
from portal.spreadsheets.writing import write_table
from reporting.choices import Measure
from reporting.models import CoverageFigure
from reporting.queries import rows

KIND = "reporting.coverage_rows"
PIECE = 2_000


def ask_for_export(
    *, figure: CoverageFigure, measure: str, filters: dict[str, str], actor: Membership
) -> Job:
    """A job that writes the rows of a figure, narrowed as the page was."""
    params = {"figure": figure.pk, "measure": measure, "filters": filters}
    return queue.ask(KIND, actor=actor, params=params)


def prepare(job: Job, tick: Tick) -> None:
    """Write the workbook beside the stored files; a second run writes it anew."""
    path = _path(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure = _figure(job)
    write_table(path, _headers(), _lines(job, figure, tick), rows.heading(figure))


def chunk(job: Job) -> Chunk:
    """Hand the workbook over, with its entry in the trail."""
    assert job.membership is not None  # always asked for by a person  # noqa: S101
    figure = _figure(job)
    measure = Measure(job.params["measure"])
    path = _path(job)
    count = int(path.with_suffix(".count").read_text())
    name = f"{figure.snapshot.campaign.name}-{rows.heading(figure)}-{measure.label}.xlsx"
    with path.open("rb") as source:
        kept = keep_file(
            content=File(source),
            name=name,
            purpose=StoredFile.Purpose.EXPORT,
            actor=job.membership,
        )
    audit.record(
        actor=job.membership,
        action=AuditAction.EXPORT,
        target=figure.snapshot,
        changes={
            "file": [None, kept.name],
            "rows": [None, count],
            "figure": [None, f"{figure.dimension}:{figure.key}:{measure}"],
        },
    )
    remove(job)
    log = (_("%(count)s rows written.") % {"count": count},)
    return Chunk(
        count,
        total=count,
        is_done=True,
        stage=_("Workbook ready"),
        result={"file": kept.pk},
        log=log,
    )


def remove(job: Job) -> None:
    """Throw the unfinished workbook away."""
    _path(job).unlink(missing_ok=True)
    _path(job).with_suffix(".count").unlink(missing_ok=True)


def _path(job: Job) -> Path:
    return Path(settings.MEDIA_ROOT, "work", f"coverage-{job.pk}.xlsx")


def _figure(job: Job) -> CoverageFigure:
    """The figure with the rights of who asked, as they are now."""
    assert job.membership is not None  # noqa: S101 - always asked for by a person
    found = (
        CoverageFigure.objects.visible_to(job.membership)
        .select_related("snapshot__campaign", "organisation")
        .filter(pk=job.params["figure"])
        .first()
    )
    if found is None:
        raise DomainError(_("These figures were replaced by newer ones. Open the board again."))
    return found


def _headers() -> list[str]:
    return [
        _("Application number"),
        _("Title"),
        _("Kind of patent"),
        _("Granted"),
        _("Holders"),
        _("On the list of"),
        _("State"),
        _("Complete"),
        _("Transformed"),
        _("Own rating"),
        _("As of"),
    ]


def _lines(job: Job, figure: CoverageFigure, tick: Tick) -> Iterator[list[Any]]:
    assert job.membership is not None  # noqa: S101 - always asked for by a person
    institutions = rows.institutions_for(figure, job.membership)
    found = rows.rows_of(figure, job.params["measure"], institutions)
    narrowed = rows.narrowed(found, **job.params["filters"]).order_by("pk")
    written = 0
    source = narrowed.iterator(chunk_size=PIECE)
    while piece := list(islice(source, PIECE)):
        tick()
        for row in rows.describe(piece, figure, institutions):
            yield _line(row, figure)
        written += len(piece)
    _path(job).with_suffix(".count").write_text(str(written))


def _line(row: rows.RowState, figure: CoverageFigure) -> list[Any]:
    return [
        row.patent.number,
        row.patent.title,
        row.patent.get_kind_display(),
        row.patent.granted_on,
        row.holders,
        row.institutions,
        row.state_label,
        _("Yes") if row.is_covered else _("No"),
        _("Yes") if row.is_transformed else _("No"),
        row.stars,
        figure.snapshot.valid_on,
    ]


def register_all() -> None:
    """Called once by ReportingConfig.ready."""
    register(
        JobKind(
            name=KIND,
            label=gettext_lazy("Rows of a coverage figure"),
            prepare=prepare,
            chunk=chunk,
            failed=remove,
        )
    )
