"""Who should look after a patent: candidates in order, each with the reasons for and against. Pure.

The rule of the field: the first inventor; in the place of a student, or of somebody who has retired or left, the
highest-ranked teacher among the inventors. Two people of one name are shown, both, and never chosen by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from portal.text import compact

# ranks of professional titles, the highest first; a word that contains one of them has its rank
_RANKS = (
    ("院士",),
    ("正高", "教授级", "主任医师", "主任药师", "研究员", "教授"),
    ("副高", "副教授", "副研究员", "高级工程师", "副主任医师", "高级实验师"),
    ("讲师", "助理研究员", "工程师", "主治医师", "实验师"),
    ("助教", "研究实习员", "助理工程师", "住院医师"),
)
UNRANKED = len(_RANKS)


class Reason(Enum):
    """Why somebody is proposed; `params` of the words come from the candidate."""

    FIRST_INVENTOR = "first_inventor"
    INVENTOR = "inventor"
    PINYIN = "pinyin"
    ACCOUNT_LINKED = "account_linked"
    SAME_UNIT = "same_unit"
    COLLEAGUES_UNIT = "colleagues_unit"
    EARLIER = "earlier"
    INSTEAD_OF_STUDENT = "instead_of_student"
    INSTEAD_OF_GONE = "instead_of_gone"
    HIGHEST_TITLE = "highest_title"


class Flag(Enum):
    """What must be known before somebody is chosen."""

    HOMONYM = "homonym"
    DOUBTFUL = "doubtful"
    STUDENT = "student"
    RETIRED = "retired"
    LEFT = "left"
    NO_ACCOUNT = "no_account"
    SAID_NOT_MINE = "said_not_mine"


BARRED = frozenset({Flag.STUDENT, Flag.RETIRED, Flag.LEFT, Flag.SAID_NOT_MINE})


@dataclass(frozen=True)
class Person:
    """Somebody of the institution. `key` is s<personnel list> or u<account>; `category` as StaffCategory."""

    key: str
    name: str
    name_key: str
    user_id: int | None = None
    unit_id: int | None = None
    unit: str = ""
    staff_number: str = ""
    category: str = "teacher"
    title: str = ""
    is_acting: bool = False
    is_doubtful: bool = False


@dataclass(frozen=True)
class Inventor:
    """A name on the patent in its place (from 1); `name_key` in pinyin; the account where one is linked."""

    position: int
    name: str
    name_key: str
    user_id: int | None = None


@dataclass(frozen=True)
class Case:
    """A patent nobody looks after: inventors in order, unit of the dossier, who said that it is not theirs."""

    inventors: tuple[Inventor, ...]
    unit_id: int | None = None
    not_mine: frozenset[int] = frozenset()
    # account → patents of the same inventors that person looks after already
    earlier: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A person with what speaks for and against; `position` is the place among the inventors, 0 for none."""

    person: Person
    position: int
    score: int
    reasons: tuple[Reason, ...]
    flags: frozenset[Flag]
    earlier: int = 0

    @property
    def is_barred(self) -> bool:
        return bool(self.flags & BARRED)


@dataclass(frozen=True)
class Proposal:
    """Candidates in order. `best` may be asked; `is_clear` when no human look is needed."""

    candidates: tuple[Candidate, ...]
    best: Candidate | None
    is_clear: bool


def title_rank(title: str) -> int:
    """0 for the highest rank; UNRANKED for none. 副教授 is not 教授."""
    text = compact(title)
    ranked = [
        (len(word), rank) for rank, words in enumerate(_RANKS) for word in words if word in text
    ]
    return max(ranked)[1] if ranked else UNRANKED


def propose(case: Case, people: Iterable[Person]) -> Proposal:
    """Rank everybody whom the inventors' names, linked accounts or earlier work point to."""
    known = list(people)
    found = [
        candidate for inventor in case.inventors for candidate in _named(case, inventor, known)
    ]
    seen = {candidate.person.key for candidate in found}
    found += [
        _weigh(case, person, 0, [Reason.EARLIER], frozenset())
        for person in known
        if person.key not in seen and person.user_id and case.earlier.get(person.user_id)
    ]
    found = _prefer_teachers(_once(found))
    ranked = tuple(sorted(found, key=_order))
    best = next((one for one in ranked if not one.is_barred), None)
    return Proposal(ranked, best, best is not None and _is_clear(case, best, ranked))


def _named(case: Case, inventor: Inventor, people: Sequence[Person]) -> list[Candidate]:
    """Everybody whom one inventor's name may mean."""
    linked = [one for one in people if inventor.user_id and one.user_id == inventor.user_id]
    if linked:
        reasons = [_place(inventor), Reason.ACCOUNT_LINKED]
        return [_weigh(case, linked[0], inventor.position, reasons, frozenset())]
    exact = [one for one in people if compact(one.name) == compact(inventor.name)]
    is_latin = inventor.name.isascii()
    named = exact or (
        [one for one in people if one.name_key in _readings(inventor)] if is_latin else []
    )
    flags = frozenset({Flag.HOMONYM}) if len(named) > 1 else frozenset()
    reasons = [_place(inventor)] + ([] if exact else [Reason.PINYIN])
    return [_weigh(case, one, inventor.position, reasons, flags) for one in named]


def _readings(inventor: Inventor) -> set[str]:
    """Zhang San and San Zhang, however the key is spaced."""
    words = inventor.name_key.replace(",", " ").replace("-", "").split()
    return {
        " ".join(words),
        " ".join([*words[1:], *words[:1]]),
        " ".join([*words[-1:], *words[:-1]]),
    }


def _place(inventor: Inventor) -> Reason:
    return Reason.FIRST_INVENTOR if inventor.position == 1 else Reason.INVENTOR


def _weigh(
    case: Case, person: Person, position: int, reasons: Sequence[Reason], flags: frozenset[Flag]
) -> Candidate:
    """Add what unit, earlier work, category and account say."""
    given = list(reasons)
    score = 100 if position == 1 else max(60 - position, 30) if position else 10
    if Reason.ACCOUNT_LINKED in given:
        score += 20
    if Reason.PINYIN in given:
        score -= 15
    if case.unit_id is not None and person.unit_id == case.unit_id:
        given.append(Reason.SAME_UNIT)
        score += 10
    earlier = case.earlier.get(person.user_id or 0, 0)
    if earlier:
        score += min(earlier, 10)
        if Reason.EARLIER not in given:
            given.append(Reason.EARLIER)
    more = set(flags) | _standing(case, person)
    return Candidate(person, position, score, tuple(given), frozenset(more), earlier)


def _standing(case: Case, person: Person) -> set[Flag]:
    """Flags that follow from the person alone."""
    by_category = {"student": Flag.STUDENT, "retired": Flag.RETIRED, "left": Flag.LEFT}
    flags = {by_category[person.category]} if person.category in by_category else set()
    if person.user_id is None:
        flags.add(Flag.NO_ACCOUNT)
    elif not person.is_acting:
        flags.add(Flag.LEFT)
    if person.is_doubtful:
        flags.add(Flag.DOUBTFUL)
    if person.user_id in case.not_mine:
        flags.add(Flag.SAID_NOT_MINE)
    return flags


def _once(found: Sequence[Candidate]) -> list[Candidate]:
    """The best place of each person."""
    best: dict[str, Candidate] = {}
    for one in found:
        if one.person.key not in best or one.score > best[one.person.key].score:
            best[one.person.key] = one
    return list(best.values())


def _prefer_teachers(found: Sequence[Candidate]) -> list[Candidate]:
    """Where the first inventor cannot be asked, the highest title among the other inventors comes first."""
    firsts = [one for one in found if one.position == 1]
    if not firsts or not all(one.is_barred for one in firsts):
        return list(found)
    is_student = any(Flag.STUDENT in one.flags for one in firsts)
    why = Reason.INSTEAD_OF_STUDENT if is_student else Reason.INSTEAD_OF_GONE
    others = [one for one in found if one.position > 1 and not one.is_barred]
    ranks = [title_rank(one.person.title) for one in others]
    highest = min(ranks, default=UNRANKED)
    changed = []
    for one in found:
        if one in others:
            rank = title_rank(one.person.title)
            extra = (why, Reason.HIGHEST_TITLE) if rank == highest < UNRANKED else (why,)
            score = one.score + 10 * (UNRANKED - rank)
            changed.append(
                Candidate(
                    one.person, one.position, score, (*one.reasons, *extra), one.flags, one.earlier
                )
            )
        else:
            changed.append(one)
    return changed


def _order(one: Candidate) -> tuple[bool, int, int, str]:
    return (one.is_barred, -one.score, one.position or 99, one.person.key)


def _is_clear(case: Case, best: Candidate, ranked: Sequence[Candidate]) -> bool:
    """Nothing to look at: an inventor by exact name or account, no namesake, nobody of the same weight.

    Where the first inventor is not known here at all, another inventor is proposed and not clear.
    """
    if best.position == 0 or Reason.PINYIN in best.reasons:
        return False
    if best.flags & {Flag.HOMONYM, Flag.DOUBTFUL}:
        return False
    rivals = [one for one in ranked if one is not best and not one.is_barred]
    if best.position == 1:
        return True
    is_first_known = any(one.position == 1 for one in ranked)
    return is_first_known and all(one.score < best.score for one in rivals)
