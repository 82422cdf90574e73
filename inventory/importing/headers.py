"""Find the head row of a sheet and say which column holds which field.

A head row is found by its words, not by its place: title rows, hint rows and two-row heads come before,
within or below it; where nobody knows its words, it is the row of words above the first number. Then the
cells speak: a column whose cells pass the check character *is* the application
number, whatever stands above it. Nothing is decided silently: every guess carries its reason, and every
column that is not used is named with the reason why.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.importing.header_table import HEADERS, NOT_IMPORTED
from inventory.numbers import NumberProblem, parse_application_number
from portal.text import compact

SEARCHED_ROWS: Final = 30
SAMPLED_ROWS: Final = 200
NUMBER_SHARE: Final = 0.8
AS_FULL_AS: Final = 0.95
LEAST_SCORE: Final = 4
#: a short heading with something in brackets behind it (发明人（排名）): a person is asked (registry.CERTAIN)
DOUBTED: Final = 50
LONGEST_HEAD: Final = 20

#: What a person reads for each reason.
REASONS: Final[dict[str, Promise]] = {
    "header": _("The heading names this field."),
    "header_part": _("The heading begins with the name of this field."),
    "values": _("The cells are application numbers with a right check character."),
    "patent_number": _(
        "There is no column of application numbers; patent numbers stand in for it."
    ),
    "fuller_elsewhere": _("Another column holds the same field and has more cells filled in."),
    "better_elsewhere": _("Another column names the same field more exactly."),
    "not_imported": _("Known, and not taken into the inventory."),
    "values_disagree": _("The heading names application numbers, but hardly any cell is one."),
}

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What a column was taken for; ``confidence`` runs from 0 to 100, ``reason`` is a key of ``REASONS``."""

    field: str
    header: str
    confidence: int
    reason: str


@dataclass(frozen=True, slots=True)
class UnusedColumn:
    """A column that is not used: known or a rival (``reason`` of ``REASONS``), for ``field`` if it had one."""

    index: int
    header: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """The outcome for one sheet.

    ``header_row_index`` is the last row of the head, counted from 0, or None when no head was found;
    the data begin in the row after it. ``unknown`` are ``(index, header)`` nobody knows.
    """

    header_row_index: int | None
    columns: dict[int, ColumnGuess] = field(default_factory=dict)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    ignored: list[UnusedColumn] = field(default_factory=list)

    @property
    def first_data_row(self) -> int:
        """Return the index of the first row under the head, 0 when there is none."""
        return 0 if self.header_row_index is None else self.header_row_index + 1

    @property
    def fields(self) -> dict[str, int]:
        """Return the column index by field."""
        return {guess.field: index for index, guess in self.columns.items()}

    @property
    def score(self) -> int:
        """Return the sum of the weights found: the sheet of a workbook with the highest one wins."""
        return sum(_WEIGHTS[guess.field] for guess in self.columns.values())


_WEIGHTS: Final = {entry.field: entry.weight for entry in HEADERS}
_MARKS: Final = re.compile(r"\(标\)|[*:'\"?]")
_RULE: Final = re.compile(r"\((?:规则|限\d+|选项|只需|多选|单选|必填|选填|格式|如|例).*$")
_HINT: Final = re.compile(
    r"\(.*\)|(?:必填|选填|非必填|可不填|文本|数字|日期|示例|单选|多选)(?:项)?|(?:例|例如|如|格式)[:：].*"
)
_NUMBERED: Final = re.compile(r"^\(?[a-z]?\d{1,2}[).,]")


@lru_cache(maxsize=4096)
def header_key(header: str) -> str:
    """Return the head as it is compared: folded, without blanks, ``[标]``, asterisks and rule tails."""
    key = _MARKS.sub("", compact(header))
    key = _NUMBERED.sub("", key)
    return _RULE.sub("", key) or key


#: key -> (field, place in the field's list: 0 is the best head)
_FIELD_OF: Final = {
    header_key(header): (entry.field, place)
    for entry in reversed(HEADERS)
    for place, header in reversed(list(enumerate(entry.headers)))
}
_KNOWN_UNUSED: Final = frozenset(header_key(header) for header in NOT_IMPORTED)
_LONG_KEYS: Final = tuple(
    sorted((key for key in _FIELD_OF if len(key) >= 4), key=len, reverse=True)
)
_SHORT_KEYS: Final = frozenset(key for key in _FIELD_OF if len(key) == 3)


def recognise(rows: Sequence[Row]) -> Recognition:
    """Say what the columns of a sheet are. ``rows`` are its first rows (a few hundred are enough).

    Cells are texts, "" for empty ones. Where no head is found, the cells alone may still give the
    application number; every other column is then ``unknown``.
    """
    header_row, heads = _find_heads(rows)
    if header_row is None:
        header_row, heads = _words_above_numbers(rows)
    if header_row is not None:
        header_row += _hint_rows(rows[header_row + 1 :])
    first = 0 if header_row is None else header_row + 1
    data = [row for row in rows[first : first + SAMPLED_ROWS] if any(cell.strip() for cell in row)]
    width = max((len(row) for row in rows), default=0)
    found = Recognition(header_row)
    candidates: dict[str, list[tuple[int, ColumnGuess]]] = {}
    for index in range(width):
        _place(index, heads.get(index, ""), data, found, candidates)
    for rivals in candidates.values():
        _settle(rivals, data, found)
    _promote_patent_number(found)
    found.ignored.sort(key=lambda column: column.index)
    return found


# --- the head row ----------------------------------------------------------------------------------


def _find_heads(rows: Sequence[Row]) -> tuple[int | None, dict[int, str]]:
    """Return the last row of the head and the heads by column, or ``(None, {})``."""
    best: tuple[int, int | None, dict[int, str]] = (LEAST_SCORE - 1, None, {})
    for index in range(min(len(rows), SEARCHED_ROWS)):
        for heads in _readings(rows, index):
            score = _head_score(heads)
            if score > best[0]:
                best = (score, index, heads)
    return best[1], best[2]


def _words_above_numbers(rows: Sequence[Row]) -> tuple[int | None, dict[int, str]]:
    """Return the row of short words above the first row that has a number, or ``(None, {})``.

    Whatever has a digit in it may be the first patent, with a number nobody can read.
    """
    numbers = (index for index, row in enumerate(rows[: SEARCHED_ROWS + 1]) if _has_number(row))
    first = next(numbers, 0)
    if first == 0:
        return None, {}
    heads = {column: cell for column, cell in enumerate(rows[first - 1]) if cell.strip()}
    is_head = len(heads) > 1 and all(map(_is_short_word, heads.values()))
    return (first - 1, heads) if is_head else (None, {})


def _has_number(row: Row) -> bool:
    return any(_is_application_number(cell) for cell in row if cell.strip())


def _is_short_word(cell: str) -> bool:
    return len(cell) <= LONGEST_HEAD and not any(map(str.isdecimal, cell))


def _hint_rows(below: Sequence[Row]) -> int:
    """Return how many rows right under the head only say how to fill it in: （年.月.日）, 必填."""
    count = 0
    for row in below:
        filled = [cell for cell in map(compact, row) if cell]
        if not filled or not all(map(_HINT.fullmatch, filled)):
            break
        count += 1
    return count


def _readings(rows: Sequence[Row], index: int) -> list[dict[int, str]]:
    """Return the row read alone and, where its cells leave gaps, completed from the row above it."""
    alone = {column: cell for column, cell in enumerate(rows[index]) if cell.strip()}
    if index == 0 or not alone:
        return [alone]
    above = {column: cell for column, cell in enumerate(rows[index - 1]) if cell.strip()}
    return [alone, above | alone]


def _head_score(heads: dict[int, str]) -> int:
    fields = {guess.field for head in heads.values() if (guess := _by_header(head))}
    return sum(_WEIGHTS[name] for name in fields) if len(fields) > 1 else 0


def _by_header(header: str) -> ColumnGuess | None:
    key = header_key(header)
    exact = _FIELD_OF.get(key)
    if exact is not None:
        return ColumnGuess(exact[0], header, 100 - min(exact[1], 20), "header")
    if key in _KNOWN_UNUSED or len(key) > 60:
        return None
    for known in _LONG_KEYS:
        if key.startswith(known) and key[len(known)] in "(/-_":
            return ColumnGuess(_FIELD_OF[known][0], header, 70, "header_part")
    if key[:3] in _SHORT_KEYS and key[3:4] == "(":
        return ColumnGuess(_FIELD_OF[key[:3]][0], header, DOUBTED, "header_part")
    return None


# --- the columns -----------------------------------------------------------------------------------


def _place(
    index: int,
    header: str,
    data: Sequence[Row],
    found: Recognition,
    candidates: dict[str, list[tuple[int, ColumnGuess]]],
) -> None:
    """Put one column among the candidates of its field, or among the unknown or ignored ones."""
    guess = _weigh(header, _number_share(index, data))
    if guess is not None:
        candidates.setdefault(guess.field, []).append((index, guess))
    elif header_key(header) in _KNOWN_UNUSED:
        found.ignored.append(UnusedColumn(index, header, "", "not_imported"))
    elif header.strip() or _filled(index, data):
        found.unknown.append((index, header))


def _weigh(header: str, share: float | None) -> ColumnGuess | None:
    """Let the cells confirm, replace or doubt what the head says."""
    guess = _by_header(header)
    if share is None:
        return guess
    if guess is None and share >= NUMBER_SHARE:
        return ColumnGuess("application_number", header, round(100 * share), "values")
    if guess is not None and guess.field == "application_number" and share < 1 - NUMBER_SHARE:
        return ColumnGuess(guess.field, header, 40, "values_disagree")
    return guess


def _settle(rivals: list[tuple[int, ColumnGuess]], data: Sequence[Row], found: Recognition) -> None:
    """Choose among the columns that claim one field: the fuller one, then the better head, then the left."""
    counts = {index: _filled(index, data) for index, _guess in rivals}
    enough = AS_FULL_AS * max(counts.values())

    def rank(rival: tuple[int, ColumnGuess]) -> tuple[bool, bool, int, int]:
        index, guess = rival
        doubtful = guess.reason == "values_disagree"
        return doubtful, counts[index] < enough, -guess.confidence, index

    ranked = sorted(rivals, key=rank)
    winner, guess = ranked[0]
    found.columns[winner] = guess
    for index, loser in ranked[1:]:
        reason = "fuller_elsewhere" if counts[index] < enough else "better_elsewhere"
        found.ignored.append(UnusedColumn(index, loser.header, loser.field, reason))


def _promote_patent_number(found: Recognition) -> None:
    """Take the column of patent numbers for the application number when there is no other."""
    fields = found.fields
    if "application_number" in fields or "patent_number" not in fields:
        return
    index = fields["patent_number"]
    header = found.columns[index].header
    found.columns[index] = ColumnGuess("application_number", header, 80, "patent_number")


def _number_share(index: int, data: Sequence[Row]) -> float | None:
    """Return the share of the filled cells that are application numbers; None for an empty column."""
    cells = [row[index] for row in data if index < len(row) and row[index].strip()]
    if not cells:
        return None
    return sum(map(_is_application_number, cells)) / len(cells)


def _is_application_number(cell: str) -> bool:
    if len(cell) > 40:
        return False
    try:
        number = parse_application_number(cell)
    except NumberProblem:
        return False
    return not number.check_was_missing


def _filled(index: int, data: Sequence[Row]) -> int:
    return sum(1 for row in data if index < len(row) and row[index].strip())
