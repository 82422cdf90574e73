"""Two people changed one record: what it said before, what each made of it, what is kept.

What stood at the version seen is worked out from the trail: the values before the first change after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from portal import audit
from portal.models import AuditEntry

MINE, THEIRS = "mine", "theirs"
# the posted choice for a field is named keep-<field>; the version it was made for is `over`
CHOICE = "keep-"


@dataclass(frozen=True)
class Difference:
    """One field (or fields that go together): the three values, and which is kept; "" while nobody chose."""

    name: str
    names: tuple[str, ...]
    # True where both changed it to different things
    is_open: bool
    kept: str
    base: Mapping[str, Any]
    theirs: Mapping[str, Any]
    mine: Mapping[str, Any]
    who: str
    at: datetime | None


@dataclass(frozen=True)
class Merge:
    """All differences, and the version they were worked out for."""

    rows: tuple[Difference, ...]
    over: int
    authors: tuple[tuple[str, datetime], ...]
    # the version that the person who decides had in front of them; blank before
    decided_over: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether a person saw exactly these differences and chose where there was something to choose."""
        return self.decided_over == str(self.over) and all(row.kept for row in self.rows)

    @property
    def theirs_kept(self) -> frozenset[str]:
        """Fields in which what was saved meanwhile stays."""
        return frozenset(name for row in self.rows if row.kept == THEIRS for name in row.names)


def changes_since(target: Model, seen: int) -> list[AuditEntry]:
    """Entries about a record that made versions after the one seen, newest first."""
    found = AuditEntry.objects.about(target).filter(version__gt=seen)
    return list(found.select_related("user"))


def merge(  # noqa: PLR0913 - the sides, and how to read them
    target: Any,
    *,
    seen: int,
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
    posted: Mapping[str, Any],
    unit_of: Callable[[str], str] = str,
    masked: Callable[[str, Any], Any] = audit.shown,
) -> Merge:
    """Compare what is stored with what was typed on the version seen.

    `theirs` and `mine` are the same fields as the trail names them; `unit_of` names fields that go together and
    `masked` says how the trail keeps a value. Where the trail does not tell every version since, every difference
    must be decided.
    """
    since = changes_since(target, seen)
    is_told = {entry.version for entry in since} >= set(range(seen + 1, target.version + 1))
    units: dict[str, list[str]] = {}
    for name in theirs:
        units.setdefault(unit_of(name), []).append(name)
    rows = (
        _difference(unit, tuple(names), theirs, mine, since, is_told, posted, masked)
        for unit, names in units.items()
    )
    return Merge(
        rows=tuple(row for row in rows if row is not None),
        over=target.version,
        authors=_authors(since),
        decided_over=str(posted.get("over", "")),
    )


def news(target: Any, *, seen: int, facts: Mapping[str, Any], posted: Mapping[str, Any]) -> Merge:
    """What became of facts that a person only read: nothing to choose, but to be seen before he decides upon them."""
    since = changes_since(target, seen)
    rows = []
    for name, value in facts.items():
        base, last = _at_seen({name: value}, since)
        if last is not None and base[name] != audit.plain(value):
            rows.append(
                Difference(
                    name=name,
                    names=(name,),
                    is_open=False,
                    kept=THEIRS,
                    base=base,
                    theirs={name: value},
                    mine={},
                    who=_name(last),
                    at=last.at,
                )
            )
    return Merge(
        rows=tuple(rows),
        over=target.version,
        authors=_authors(since),
        decided_over=str(posted.get("over", "")),
    )


def shown(
    merge: Merge,
    *,
    label_of: Callable[[str], str],
    words_of: Callable[[str, Any], str],
    theirs_of: Callable[[str, Any], str] | None = None,
) -> dict[str, Any]:
    """Rows in words for components/merge.html; `theirs_of` where what is stored reads otherwise."""

    def line(values: Mapping[str, Any], words: Callable[[str, Any], str]) -> str:
        # fields that go together in one line
        found = (words(name, value) for name, value in values.items())
        return " · ".join(word for word in found if word.strip("、—"))

    stored = theirs_of or words_of
    rows = [
        {
            "name": row.name,
            "label": label_of(row.name),
            # what nobody changed since is not only known from the trail, which masks
            "base": line(row.base, words_of) if row.is_open or row.at else line(row.theirs, stored),
            "theirs": line(row.theirs, stored),
            "mine": line(row.mine, words_of),
            "is_open": row.is_open,
            "kept": row.kept,
            "who": row.who,
            "at": row.at,
        }
        for row in merge.rows
    ]
    return {"merge": merge, "rows": rows}


def _difference(  # noqa: PLR0913 - the three sides and how to read them
    unit: str,
    names: tuple[str, ...],
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
    since: Sequence[AuditEntry],
    is_told: bool,
    posted: Mapping[str, Any],
    masked: Callable[[str, Any], Any],
) -> Difference | None:
    """None where both say the same, or the person changed nothing and sees what is new anyway."""
    stored = {name: masked(name, theirs[name]) for name in names}
    typed = {name: masked(name, mine[name]) for name in names}
    others = {name for name in names if audit.plain(theirs[name]) != audit.plain(mine[name])}
    if not others:
        return None
    base, last = _at_seen(stored, since)
    # the trail masks phones and mail: another one that looks the same masked is still another one
    is_masked = any(
        shown[name] != audit.plain(values[name])
        for shown, values in ((stored, theirs), (typed, mine))
        for name in others
    )
    changed_here = typed != base or is_masked
    is_open = (last is not None and changed_here) or not is_told
    chosen = str(posted.get(CHOICE + unit, ""))
    kept = chosen if chosen in (MINE, THEIRS) else ""
    if not is_open:
        kept = MINE if changed_here else THEIRS
    return Difference(
        name=unit,
        names=names,
        is_open=is_open,
        kept=kept,
        base=base,
        theirs={name: theirs[name] for name in names},
        mine={name: mine[name] for name in names},
        who=_name(last) if last else "",
        at=last.at if last else None,
    )


def _at_seen(
    stored: Mapping[str, Any], since: Sequence[AuditEntry]
) -> tuple[dict[str, Any], AuditEntry | None]:
    """What the fields said at the version seen, and the last entry that changed one of them."""
    base, last = dict(stored), None
    for entry in since:
        for name in base.keys() & entry.changes.keys():
            base[name] = entry.changes[name][0]
            last = last or entry
    return base, last


def _authors(since: Sequence[AuditEntry]) -> tuple[tuple[str, datetime], ...]:
    """Who changed it since, each once, newest first."""
    found: dict[str, datetime] = {}
    for entry in since:
        found.setdefault(_name(entry), entry.at)
    return tuple(found.items())


def _name(entry: AuditEntry) -> str:
    return entry.user.name if entry.user else _("System")
