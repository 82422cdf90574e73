"""What an app must offer to have a kind of table imported, and the list of what is offered.

How the engine uses an importer, in this order (each numbered step is one or more jobs' chunks):

1. `recognise(sheets)` looks at the first rows of every sheet and gives a `Shape` or None. With the kind left to the
   engine, the importer with the highest `Shape.confidence` gets the file.
2. A person confirms the columns when some are unknown or uncertain; the `Shape` then carries their choice.
3. `reader(batch, shape)` is made once per chunk (load look-up tables there, a constant number of queries). The engine
   cuts the rows into subjects with `SubjectReader.begins(row)` (False = continuation row of the subject above) and
   turns each into a `Subject` with `SubjectReader.read(rows)`: pure, no database. They are stored by COPY as ImportRow
   (outcome REFUSED when an error was found, else UNCHANGED until the checks say otherwise) and ImportIssue.
   `judge(batch, shape, subjects)` may compare them with the register at once, so that they are stored with outcome,
   target, changes and the plan of what will be written.
4. `checks` run one after the other against the database, in sets. They set outcome, changes, target_id and
   target_version of the stored rows and add issues (`portal.intake.staging` has the set-based writers).
5. A person confirms the preview. `is_current(batch)` tells whether what the preview saw still holds.
6. `applications` write the good rows (outcome ADDED or CHANGED) in chunks; each call is inside the transaction that
   moves the checkpoint, so it must not open its own outer work, call the network, or commit.

7. `undoes` take a finished import back, row by row in chunks as it was applied: an application keeps with each row
   what was before (`staging.mark_applied`), an undo step goes through `undoing.rows_left`, writes back what still is
   as the import left it, and says of every row what became of it (`undoing.settle`).

Checks, applications and undoes are `Step`s: `run(batch, first_line, limit)` handles staged rows with line >=
first_line, at most about `limit` of them in line order, and returns the line to go on from, or None at its end. A check
that does all rows in one statement ignores both numbers and returns None. Steps must give the same result when
repeated.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.choices import Role
from portal.models import ImportBatch, ImportRow, Membership
from portal.spreadsheets.reading import RawRow
from portal.spreadsheets.scan import column_letters

if TYPE_CHECKING:
    from portal.intake.staging import Verdict

CERTAIN = 60


@dataclass(frozen=True)
class ColumnGuess:
    """One column of the file as recognised.

    `field` is a key of `Importer.fields`; '' means that it is not imported. `is_known` is False for a heading nobody
    knows: such a column must be confirmed as ignored by a person. `confidence` runs from 0 to 100; below CERTAIN a
    person is asked. `reason` is a code for `Importer.reason_words`. `samples` are filled in by the engine.
    """

    index: int
    header: str
    field: str = ""
    confidence: int = 100
    reason: str = ""
    is_known: bool = True
    samples: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """The column as Excel names it."""
        return column_letters(self.index + 1)


@dataclass(frozen=True)
class Shape:
    """A file as recognised by one importer. `confidence` is comparable between importers (0 to 100).

    `sheet` is the sheet's index, `header_row` Excel's number of the last row of the head (0 when there is none);
    rows above and including it are not read. Every filled column is in `columns`, the ignored ones with field ''.
    """

    kind: str
    confidence: int
    sheet: int
    header_row: int
    columns: tuple[ColumnGuess, ...]
    # whose layout it is, a code for `Importer.layout_words` ("" for none), and how certain that is (0 to 100)
    layout: str = ""
    layout_confidence: int = 0

    @property
    def fields(self) -> dict[str, int]:
        """Column index by field."""
        return {column.field: column.index for column in self.columns if column.field}

    @property
    def headers(self) -> dict[int, str]:
        """Heading by column index."""
        return {column.index: column.header for column in self.columns}

    @property
    def places(self) -> Places:
        """What issues need to say where they are."""
        return Places(self.fields, self.headers)

    @property
    def unknown(self) -> tuple[ColumnGuess, ...]:
        """Columns a person must place or ignore."""
        return tuple(column for column in self.columns if not column.is_known)

    def as_json(self) -> list[dict[str, Any]]:
        """The columns as ImportBatch keeps them."""
        return [asdict(column) for column in self.columns]


def columns_from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[ColumnGuess, ...]:
    """Columns as ImportBatch keeps them."""
    return tuple(ColumnGuess(**{**one, "samples": tuple(one["samples"])}) for one in stored)


@dataclass(frozen=True)
class SheetSample:
    """The first filled rows of one sheet; `state` is visible or hidden."""

    index: int
    name: str
    state: str
    rows: list[RawRow]


@dataclass(frozen=True)
class FoundIssue:
    """An issue before it is stored: row and column letter as Excel shows them; level error or notice."""

    line: int
    rule: str
    level: str = "error"
    column: str = ""
    header: str = ""
    value: str = ""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Places:
    """Where the fields of a file stand: column index by field, heading by index. Made once, asked for every issue."""

    columns: Mapping[str, int]
    headers: Mapping[int, str]

    def issue(
        self,
        field_name: str,
        line: int,
        rule: str,
        /,
        *,
        level: str = "error",
        value: str = "",
        **params: Any,
    ) -> FoundIssue:
        """An issue in the cell of a field, or in the row where the file has no such column."""
        at = self.columns.get(field_name)
        return FoundIssue(
            line=line,
            rule=rule,
            level=level,
            column="" if at is None else column_letters(at + 1),
            header="" if at is None else self.headers.get(at, ""),
            value=value,
            params=params,
        )


@dataclass
class Subject:
    """What some rows of the file say about one thing (a patent with its continuation rows).

    `line` is Excel's number of its first row, `lines` all of them. `key` is the natural key ('' when unreadable),
    `values` JSON by field: text, numbers, lists; days as ISO text, Decimal as text.
    """

    line: int
    lines: list[int]
    key: str
    values: dict[str, Any]
    issues: list[FoundIssue] = field(default_factory=list)

    @property
    def has_error(self) -> bool:
        return any(issue.level == "error" for issue in self.issues)


class SubjectReader(Protocol):
    """Cuts rows into subjects and understands them; no database once made."""

    def begins(self, row: RawRow) -> bool:
        """Whether this row begins a new subject (else it continues the one above)."""
        ...

    def read(self, rows: list[RawRow]) -> Subject | None:
        """The subject of these rows; None for rows that say nothing (hints, totals)."""
        ...


@dataclass(frozen=True)
class Step:
    """A check or an application: see the module's text.

    `rows` (of a batch, from a line on, in the order of their lines) names what the step goes through where two
    processes may do it side by side, each in a transaction of its own: rows it has done are not among them any more.
    """

    label: Any
    run: Callable[[ImportBatch, int, int], int | None]
    rows: Callable[[ImportBatch, int], QuerySet[ImportRow]] | None = None


@dataclass(frozen=True)
class IssueWords:
    """A rule in words: a short title for the group, and what was expected and what to do about this one."""

    title: str
    text: str


@dataclass(frozen=True)
class Decisions:
    """So many rows wait for a person's choice, which is made on the page `url`."""

    count: int
    url: str


@dataclass(frozen=True)
class Option:
    """Something the importer wants to know besides the file, e.g. the campaign; stored in ImportBatch.options[name]."""

    name: str
    label: Any
    choices: Sequence[tuple[str, Any]]
    initial: str = ""
    hint: Any = ""


class Importer(abc.ABC):
    """A kind of table. Pure reading first, then checks against the database in sets, then application in sets."""

    kind: str
    label: Any
    # one line on the upload page: which files these are
    hint: Any = ""
    # what is said of a file in which this kind was looked for and not found
    not_found: Any = ""
    # field name → label, offered in the correction of columns
    fields: Mapping[str, Any]
    required: frozenset[str] = frozenset()
    # field name → field of portal.audit.PERSONAL_FIELDS as which the trail masks what people type into its cells
    personal: Mapping[str, str] = {}
    # True where a row says something about a person: what is staged is emptied once the import cannot be taken back
    holds_people = False
    # False where the rows are written as one whole, so that a few of them cannot follow later
    takes_rows_apart = True
    # what `headline` gives, as the heads of its two columns
    headline_heads: tuple[Any, Any] = (_("Number"), _("Name"))
    # the field that the number comes from: what its cell says stands for a number that could not be read
    number_field = ""
    # field name → label of changes that are no column of the file, e.g. an entry on a list
    change_labels: Mapping[str, Any] = {}
    # further counts of the preview: name → label; filled by `tally`
    tallies: Mapping[str, Any] = {}
    checks: Sequence[Step] = ()
    applications: Sequence[Step] = ()
    # take a finished import back, as applications wrote it; none: it cannot be taken back, and `no_undo` says why
    undoes: Sequence[Step] = ()
    no_undo: Any = ""
    # what stays even so, said before it is taken back
    undo_hint: Any = ""

    @abc.abstractmethod
    def may_import(self, membership: Membership) -> bool:
        """Whether this person may import this kind; asked again before every chunk."""

    @abc.abstractmethod
    def recognise(self, sheets: Sequence[SheetSample]) -> Shape | None:
        """The shape of the file for this kind; None when it is not of this kind."""

    @abc.abstractmethod
    def reader(self, batch: ImportBatch, shape: Shape) -> SubjectReader:
        """A reader for one chunk of rows."""

    def judge(self, batch: ImportBatch, shape: Shape, subjects: Sequence[Subject]) -> list[Verdict]:
        """Verdicts on rows as they are read, where each is compared by itself with the register; none: `checks` do it.

        Issues are added to the subjects. The rows are stored with their verdicts, which saves reading them again.
        """
        return []

    @abc.abstractmethod
    def words(self, rule: str, params: Mapping[str, Any]) -> IssueWords:
        """An issue in the reader's language; called while a page is made, so it must not query.

        `params` are empty when only the title of the rule is wanted.
        """

    @abc.abstractmethod
    def headline(self, row: ImportRow) -> tuple[str, str]:
        """(number, title) of a staged row as the preview shows it, below `headline_heads`."""

    def is_current(self, batch: ImportBatch) -> bool:
        """Whether the register still is as the preview saw it (one query)."""
        return True

    def changed_since(self, batch: ImportBatch) -> QuerySet[ImportRow]:
        """Applied rows whose target is not as the import left it: they stay, or go back in part."""
        return batch.rows.none()

    def tally(self, batch: ImportBatch) -> dict[str, int]:
        """The further counts named in `tallies`, from the staged rows."""
        return {}

    def options(self, membership: Membership) -> Sequence[Option]:
        """Questions of the upload form."""
        return ()

    def options_of_sheet(self, options: Mapping[str, str], sheet: str) -> Mapping[str, str]:
        """The answers proposed for a further sheet of a workbook, from those given for the one read before."""
        return options

    def to_decide(self, batch: ImportBatch) -> Decisions | None:
        """Where a person chooses between two values for rows that wait; None when none wait."""
        return None

    def next_act(self, batch: ImportBatch) -> tuple[str, str]:
        """What people do next once it is written: words of the button and where it leads; "" where nothing follows."""
        return "", ""

    def shown(self, field_name: str, value: Any) -> str:
        """A stored value of a field in words, for the changes from → to."""
        if isinstance(value, list):
            return "；".join(str(item) for item in value)
        return "" if value is None else str(value)

    def offers(self, params: Mapping[str, Any]) -> Sequence[str]:
        """Texts that may be meant by a cell with this issue, likeliest first; a person takes one of them or none."""
        suggestion = params.get("suggestion")
        return (suggestion,) if isinstance(suggestion, str) and suggestion else ()

    def layout_words(self, layout: str) -> str:
        """Whose layout a file has, in words; "" where this kind of table has no layouts."""
        return ""

    def reason_words(self, reason: str) -> str:
        """Why a column was taken for its field, or not taken, in words."""
        return ""


_importers: dict[str, Importer] = {}


def register(importer: Importer) -> None:
    """Offer an importer; called once from AppConfig.ready."""
    _importers[importer.kind] = importer


def importer_for(kind: str) -> Importer:
    return _importers[kind]


def importers() -> list[Importer]:
    """Every kind that is offered, in the order of registration."""
    return list(_importers.values())


def importers_for(membership: Membership) -> list[Importer]:
    """What this person may import."""
    return [importer for importer in _importers.values() if importer.may_import(membership)]


def may_import(membership: Membership) -> bool:
    """Whether this person may import anything at all."""
    return bool(importers_for(membership))


def may_read(membership: Membership) -> bool:
    """Whether this person may look at uploads: importers, and auditors of the organisation."""
    return membership.role == Role.AUDITOR or may_import(membership)
