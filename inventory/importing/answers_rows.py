"""Rows of the platform's answer → what they say about one patent. Pure."""

from __future__ import annotations

from typing import Any, Final

from inventory.choices import ItemOutcome
from inventory.importing.base_rows import plain
from inventory.importing.problems import CellProblem
from inventory.numbers import NumberProblem, parse_application_number
from portal.intake.registry import FoundIssue, Shape, Subject
from portal.spreadsheets.reading import RawRow
from portal.spreadsheets.scan import column_letters
from portal.text import clean, compact

#: Words of a status that mean yes or no. "未通过" holds "通过": no is asked first.
RETURNED_WORDS: Final = (
    "失败",
    "退回",
    "不通过",
    "未通过",
    "驳回",
    "错误",
    "异常",
    "无效",
    "不合格",
)
ACCEPTED_WORDS: Final = (
    "成功",
    "通过",
    "已入库",
    "已接收",
    "正常",
    "完成",
    "有效",
    "合格",
    "已导入",
)
#: How lists write that there is no message.
NO_MESSAGE: Final = frozenset({"", "-", "--", "无", "/", "ok", "none", "null"})
MOST_MESSAGE: Final = 2000


def outcome_of(status: str, message: str) -> str:
    """returned, accepted, or "" where neither the status nor a message says it."""
    word = compact(status)
    if any(each in word for each in RETURNED_WORDS):
        return ItemOutcome.RETURNED.value
    if any(each in word for each in ACCEPTED_WORDS):
        return ItemOutcome.ACCEPTED.value
    return ItemOutcome.RETURNED.value if message else ""


class AnswerReader:
    """A row with a number begins a patent; one without continues the messages of the one above."""

    def __init__(self, shape: Shape) -> None:
        self.columns = shape.fields
        self.headers = shape.headers

    def begins(self, row: RawRow) -> bool:
        return bool(self._text(row, "application_number"))

    def read(self, rows: list[RawRow]) -> Subject | None:
        first = rows[0]
        written = self._text(first, "application_number")
        message = "；".join(filter(None, (self._message(row) for row in rows)))[:MOST_MESSAGE]
        status = self._text(first, "platform_status")
        if not (written or message or status):
            return None
        outcome = outcome_of(status, message)
        values: dict[str, Any] = {
            "title": self._text(first, "title"),
            "status": status,
            "message": message,
            "outcome": outcome,
        }
        subject = Subject(first.row, [row.row for row in rows], "", values)
        try:
            number = parse_application_number(written)
        except NumberProblem as problem:
            subject.issues.append(self._issue(first, "application_number", problem.code, written))
            return subject
        subject.key = values["number"] = number.canonical
        if not outcome:
            subject.issues.append(self._issue(first, "platform_status", "no_answer", status))
        return subject

    def _message(self, row: RawRow) -> str:
        text = self._text(row, "platform_message")
        return "" if compact(text) in NO_MESSAGE else text

    def _text(self, row: RawRow, name: str) -> str:
        index = self.columns.get(name)
        if index is None or index >= len(row.cells):
            return ""
        try:
            return clean(plain(row.cells[index]))
        except CellProblem as problem:
            return clean(problem.value)

    def _issue(self, row: RawRow, name: str, rule: str, value: str) -> FoundIssue:
        index = self.columns.get(name)
        column = "" if index is None else column_letters(index + 1)
        header = "" if index is None else self.headers.get(index, "")
        return FoundIssue(row.row, rule, column=column, header=header, value=value)
