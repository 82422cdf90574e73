"""Rows of a classification table or of a concordance with the IPC → codes, patterns, exclusions. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from inventory.choices import ClassScheme
from inventory.classification.industries import INDUSTRIES
from inventory.classification.strategic import STRATEGIC
from inventory.classification.symbols import NotASymbol, parse_pattern, split_patterns
from inventory.importing.base_rows import plain
from inventory.importing.problems import CellProblem
from portal.intake.registry import FoundIssue, Shape, Subject
from portal.spreadsheets.reading import Cell, RawRow
from portal.spreadsheets.scan import column_letters
from portal.text import compact, fold

#: Heads as the published tables and people's copies write them, after ``compact``.
HEADS: Final[Mapping[str, frozenset[str]]] = {
    "code": frozenset(
        {
            "代码", "产业代码", "行业代码", "分类代码", "战新代码", "战新产业代码", "类别代码",
            "战略性新兴产业代码", "战略性新兴产业分类代码", "国民经济行业代码", "国民经济行业分类代码", "code",
        }
    ),
    "name": frozenset(
        {
            "名称", "产业名称", "行业名称", "分类名称", "类别名称", "战新产业名称", "战略性新兴产业名称",
            "战略性新兴产业分类名称", "国民经济行业名称", "国民经济行业分类名称", "name",
        }
    ),
    "patterns": frozenset(
        {
            "国际专利分类", "国际专利分类号", "国际专利分类代码", "国际专利分类参照", "对应国际专利分类",
            "对应国际专利分类号", "ipc", "ipc分类", "ipc分类号", "ipc代码", "对应ipc", "参照ipc",
        }
    ),
    "exclusions": frozenset({"不含", "不包括", "排除", "排除ipc", "不含ipc", "不包括ipc", "除外"}),
    "keywords": frozenset({"关键词", "关键字", "限定词", "限定关键词", "keyword"}),
}  # fmt: skip

_STRATEGIC_CODE: Final = re.compile(r"([1-9])(?:\.(\d{1,2}))?(?:\.\d{1,2}){0,2}")
_INDUSTRY_CODE: Final = re.compile(r"([A-T]?)(\d{2})(\d{0,2})")
_LETTERS: Final = {code[1:]: code[0] for code in INDUSTRIES if len(code) == 3}
_INSIDE_EXCLUSION: Final = re.compile(r"[(（]\s*(?:不含|不包括|除外[:：]?|排除)\s*([^)）]*)[)）]")
_KEYWORD_MARKS: Final = re.compile(r"[;；,，、|\n]+")
MOST_NAME: Final = 200
MOST_WORD: Final = 60


def field_of(head: str) -> str:
    """The field a head names, '' for none."""
    key = compact(head)
    return next((field for field, heads in HEADS.items() if key in heads), "")


def read_code(scheme: str, text: str) -> str:
    """The canonical code (``1.2.3``, ``C3599``); CellProblem for one whose group or division does not exist."""
    key = compact(text).upper().rstrip(".")
    if scheme == ClassScheme.STRATEGIC:
        match = _STRATEGIC_CODE.fullmatch(key)
        group = ".".join(filter(None, match.groups())) if match else ""
        if group in STRATEGIC:
            return key
    elif match := _INDUSTRY_CODE.fullmatch(key):
        letter = match[1] or _LETTERS.get(match[2], "")
        if f"{letter}{match[2]}" in INDUSTRIES:
            return f"{letter}{match[2]}{match[3]}"
    raise CellProblem("class_code", text)


class ClassificationReader:
    """Understands the rows of one file; rows without a code go on with the one above."""

    def __init__(self, shape: Shape, scheme: str) -> None:
        self.columns, self.headers, self.scheme = shape.fields, shape.headers, scheme

    def begins(self, row: RawRow) -> bool:
        """A row with a code begins a new subject."""
        try:
            return bool(plain(self._cell(row, "code")))
        except CellProblem:
            return True

    def read(self, rows: list[RawRow]) -> Subject | None:
        """What the rows of one code say; None for rows above the first code (hints, titles)."""
        first = rows[0]
        subject = Subject(first.row, [row.row for row in rows], "", {})
        code = self._take(subject, first, "code", lambda text: read_code(self.scheme, text))
        if not code and not subject.issues:
            return None
        subject.key = code or ""
        subject.values = {"code": code or "", "name": self._name(subject, first)}
        rules = [rule for row in rows for rule in self._rules(subject, row)]
        subject.values["rules"] = sorted({tuple(rule) for rule in rules})
        return subject

    def _name(self, subject: Subject, row: RawRow) -> str:
        return (self._take(subject, row, "name", lambda text: text) or "")[:MOST_NAME]

    def _rules(self, subject: Subject, row: RawRow) -> list[tuple[str, bool, str]]:
        """(pattern, is excluded, keyword) of one row."""
        text = self._take(subject, row, "patterns", lambda text: text) or ""
        inside = " ".join(_INSIDE_EXCLUSION.findall(text))
        barred = self._take(subject, row, "exclusions", lambda text: text) or ""
        words = self._take(subject, row, "keywords", lambda text: text) or ""
        keywords = [fold(word)[:MOST_WORD] for word in _KEYWORD_MARKS.split(words) if word.strip()]
        taken = self._patterns(subject, row, "patterns", _INSIDE_EXCLUSION.sub(";", text))
        kept_out = self._patterns(subject, row, "patterns", inside)
        kept_out += self._patterns(subject, row, "exclusions", barred)
        return [
            *((pattern, False, word) for pattern in taken for word in keywords or [""]),
            *((pattern, True, "") for pattern in kept_out),
        ]

    def _patterns(self, subject: Subject, row: RawRow, field: str, text: str) -> list[str]:
        good = []
        for piece in split_patterns(text):
            try:
                good.append(parse_pattern(piece).written)
            except NotASymbol:
                self._complain(subject, row, field, "class_pattern", piece)
        return good

    def _take(self, subject: Subject, row: RawRow, field: str, parse: Any) -> str:
        try:
            text = plain(self._cell(row, field))
            return parse(text) if text else ""
        except CellProblem as problem:
            self._complain(subject, row, field, problem.code, problem.value)
            return ""

    def _cell(self, row: RawRow, field: str) -> Cell:
        index = self.columns.get(field)
        return row.cells[index] if index is not None and index < len(row.cells) else None

    def _complain(self, subject: Subject, row: RawRow, field: str, rule: str, value: str) -> None:
        index = self.columns[field]
        subject.issues.append(
            FoundIssue(
                row.row,
                rule,
                column=column_letters(index + 1),
                header=self.headers.get(index, ""),
                value=value,
            )
        )
