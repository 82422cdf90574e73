"""Round-trip workbooks in tests: made by the job, edited as people do, uploaded by the normal way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from inventory.importing.columns import FIRST_DATA_ROW, PLACES, SHEET
from inventory.models import Dossier, Workbook
from inventory.queries.workbooks import Target
from inventory.services import workbooks
from portal.choices import JobState
from portal.models import Job, Membership, StoredFile
from tests.inventory.importing.conftest import run_jobs, upload

__all__ = ["upload"]


class Sheet:
    """An opened workbook: cells by column letter and dossier, saved again as Excel would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)

    @property
    def page(self) -> Any:
        return self.book[SHEET]

    def rows(self) -> list[list[Any]]:
        """The rows of the sheet, head included, as lists."""
        return [[cell.value for cell in row] for row in self.page.iter_rows()]

    def line_of(self, dossier: Dossier) -> int:
        """The row of a patent."""
        for line in range(FIRST_DATA_ROW, self.page.max_row + 1):
            if self.page.cell(line, PLACES["B"] + 1).value == dossier.patent.number:
                return line
        raise AssertionError(dossier)

    def put(self, dossier: Dossier, letter: str, value: Any) -> None:
        self.page[f"{letter}{self.line_of(dossier)}"] = value

    def get(self, dossier: Dossier, letter: str) -> Any:
        return self.page[f"{letter}{self.line_of(dossier)}"].value

    def save(self, name: str = "back.xlsx") -> Path:
        path = self.path.with_name(name)
        self.book.save(path)
        return path


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Sheet]:
    """Make the workbook of a target and open it."""

    def make(actor: Membership, name: str = "workbook.xlsx", **target: int) -> Sheet:
        job = workbooks.ask_for_workbook(target=Target(**target), actor=actor)
        run_jobs()
        job = Job.objects.get(pk=job.pk)
        assert job.state == JobState.DONE, job.error
        file = StoredFile.objects.get(pk=job.result["file"])
        path = tmp_path / name
        path.write_bytes(Path(file.content.path).read_bytes())
        return Sheet(path)

    return make


def newest() -> Workbook:
    return Workbook.objects.order_by("-pk").first()  # type: ignore[return-value]
