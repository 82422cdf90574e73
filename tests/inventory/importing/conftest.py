"""Importing in tests: a workbook goes through the same services and jobs as a person's upload."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import File

from portal.jobs import runner
from portal.models import ImportBatch, ImportIssue, Membership
from portal.services import imports
from tests import workbooks

HEAD = (
    "申请号",
    "专利名称",
    "专利类型",
    "申请日",
    "授权公告日",
    "公开（公告）号",
    "专利权人",
    "发明人",
)


def run_jobs() -> None:
    """Do everything that waits, as a worker would."""
    runner.run_due("test-worker")


def upload_only(
    actor: Membership, rows: Sequence[Sequence[Any]] | Path, **more: Any
) -> ImportBatch:
    """Upload rows as a workbook (or a file as it is); nothing reads it yet."""
    if isinstance(rows, Path):
        with rows.open("rb") as content:
            return imports.upload(actor=actor, content=File(content), name=rows.name, **more)
    with tempfile.TemporaryDirectory() as folder:
        return upload_only(actor, workbooks.xlsx(Path(folder, "patents.xlsx"), rows), **more)


@pytest.fixture
def upload() -> Callable[..., ImportBatch]:
    """Upload rows as a workbook (or a file as it is) and read it."""

    def make(actor: Membership, rows: Sequence[Sequence[Any]] | Path, **more: Any) -> ImportBatch:
        batch = upload_only(actor, rows, **more)
        run_jobs()
        return fresh(batch)

    return make


def fresh(batch: ImportBatch) -> ImportBatch:
    return ImportBatch.objects.select_related("file", "membership").get(pk=batch.pk)


def confirm(actor: Membership, batch: ImportBatch) -> ImportBatch:
    """Confirm the preview as it is and apply it."""
    imports.confirm(
        actor=actor, batch=batch, seen_version=batch.version, digest=batch.preview_digest
    )
    run_jobs()
    return fresh(batch)


def issues(batch: ImportBatch, **lookup: Any) -> list[tuple[int, str]]:
    """(row, rule) of the issues, in order."""
    found = ImportIssue.objects.filter(batch=batch, **lookup).order_by("line", "rule")
    return list(found.values_list("line", "rule"))
