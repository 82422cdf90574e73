"""The healed numbers as a workbook, in the order they were pasted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from inventory.queries.healing import Line
from portal.spreadsheets.writing import write_table


def workbook(lines: Sequence[Line]) -> bytes:
    """One row per line, all text: nothing in it runs as a formula and no number is rounded."""
    headers = (
        _("As typed"),
        _("Healed number"),
        _("Kind"),
        _("What was wrong"),
        _("Title in the register"),
        _("Proposals"),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "healed.xlsx")
        write_table(path, headers, _rows(lines), _("Healed numbers"))
        return path.read_bytes()


def _rows(lines: Sequence[Line]) -> Iterator[tuple[Any, ...]]:
    for line in lines:
        yield (
            line.finding.typed,
            line.healed,
            line.kind_label,
            line.finding.words,
            line.patent.title if line.patent else "",
            "；".join(one.display for one in line.proposals),
        )
