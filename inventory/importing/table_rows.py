"""Rows of small tables, cell by cell: what every kind of them needs. Pure: no database once made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from inventory.importing.base_rows import plain
from inventory.importing.problems import CellProblem
from portal.intake.registry import Shape, Subject
from portal.spreadsheets.reading import RawRow
from portal.text import NOBODY, compact, fold

#: what people write into a cell they have nothing for
NOTHING: Final = NOBODY | {"无", "暂无", "没有", "未知", "不详"}
#: lines under a table, and merged lines that part it: 合计, 北京市（92所）
_NO_ROW: Final = re.compile(
    r"^(?:合计|总计|小计|填表|制表|审核|备注|说明|注[:：])|共\s*\d+\s*[所家个人名位]|^\d+\s*[所家个人名位]$|[（(]\d+\s*[所家个人名位][)）]$"
)
#: what stands under a head to say how to fill it in
_HINT: Final = re.compile(
    r"(必填|选填|非必填|可不填|文本|数字|日期|示例|单选|多选|[（(]?限\d+.{0,6}|(?:例|例如|如|格式)[:：].*)"
)
_POINT_ZERO: Final = re.compile(r"(\d+)\.0+")


def number_text(text: str) -> str:
    """A number as it is compared: half width, no blanks, without the “.0” of a spreadsheet."""
    key = fold(text).replace(" ", "").upper()
    number = _POINT_ZERO.fullmatch(key)
    return number.group(1) if number else key


class TableReader:
    """Every row is one thing; `named_by` is the field whose heading may stand again inside the table."""

    named_by = "name"

    def __init__(self, shape: Shape) -> None:
        self.places = shape.places
        self.columns = self.places.columns
        self.head = compact(self.places.headers.get(self.columns.get(self.named_by, -1), ""))

    def begins(self, row: RawRow) -> bool:
        """No row continues the one above."""
        return True

    def texts(self, subject: Subject, row: RawRow) -> dict[str, str]:
        """The cells as clean text, "" for nothing; what a spreadsheet destroyed is an issue."""
        return {field: self._text(subject, row, field) for field in self.columns}

    def is_no_row(self, subject: Subject, texts: Mapping[str, str]) -> bool:
        """Whether this is an empty line, the head again, a hint under it, a merged line or the foot of a table."""
        if subject.issues:
            return False
        name = texts.get(self.named_by, "")
        filled = [text for text in texts.values() if text]
        others = len(filled) - bool(name)
        if not others and (not name or _NO_ROW.search(name)):
            return True
        return compact(name) == self.head or all(_HINT.fullmatch(text) for text in filled)

    def note(
        self,
        subject: Subject,
        field: str,
        rule: str,
        *,
        value: str = "",
        level: str = "error",
        **params: Any,
    ) -> None:
        """An issue in the cell of a field, or in the row where the file has no such column."""
        subject.issues.append(
            self.places.issue(field, subject.line, rule, level=level, value=value, **params)
        )

    def short(self, subject: Subject, field: str, text: str, limit: int) -> None:
        """Take a text of at most `limit` characters."""
        if not text:
            return
        if len(text) > limit:
            self.note(subject, field, "too_long", value=text[:60], limit=limit)
            return
        subject.values[field] = text

    def _text(self, subject: Subject, row: RawRow, field: str) -> str:
        at = self.columns[field]
        if at >= len(row.cells):
            return ""
        try:
            text = plain(row.cells[at])
        except CellProblem as problem:
            self.note(subject, field, "destroyed", value=problem.value)
            return ""
        return "" if compact(text) in NOTHING else text
