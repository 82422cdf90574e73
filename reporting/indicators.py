"""Coverage as arithmetic, without a database: what one combination of patents adds to which group.

Count rules (docs/rules.md): a patent counts once in each group however many of its holders are in it; plans never
count as done (the facts hold only what was done); excluded entries leave numerator and denominator; a ratio with
denominator 0 has no value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

STORED = (
    "due",
    "unfiled",
    "draft",
    "unit_review",
    "institution_review",
    "to_confirm",
    "covered",
    "revising",
    "transformed",
    "three_stars_up",
    "in_pool",
    "admitted",
    "uploaded",
    "upload_changed",
    "upload_returned",
    "excluded",
)


@dataclass(frozen=True)
class Combination:
    """So many patents that are alike: the same institutions, the same standing."""

    counted: tuple[int, ...]
    left_out: tuple[int, ...]
    state: str
    is_covered: bool
    is_transformed: bool
    is_three_up: bool
    pool: str
    upload: str
    patents: int


@dataclass(frozen=True)
class Group:
    """Institutions counted together, e.g. all of one bureau."""

    dimension: str
    key: str
    institutions: tuple[int, ...]


@dataclass(frozen=True)
class Counts:
    """The figures of one group. Stored ones are fields, the others follow from them."""

    due: int = 0
    unfiled: int = 0
    draft: int = 0
    unit_review: int = 0
    institution_review: int = 0
    to_confirm: int = 0
    covered: int = 0
    revising: int = 0
    transformed: int = 0
    three_stars_up: int = 0
    in_pool: int = 0
    excluded: int = 0
    # None in figures that were counted before these were
    admitted: int | None = 0
    uploaded: int | None = 0
    upload_changed: int | None = 0
    upload_returned: int | None = 0

    @property
    def waiting(self) -> int:
        return self.unit_review + self.institution_review

    @property
    def open(self) -> int:
        return self.due - self.covered

    @property
    def untransformed(self) -> int:
        return self.due - self.transformed

    @property
    def untransformed_covered(self) -> int:
        return self.covered - self.transformed

    @property
    def rate(self) -> Decimal | None:
        """盘点率: complete ÷ to be inventoried."""
        return share(self.covered, self.due)

    @property
    def uploaded_rate(self) -> Decimal | None:
        """已上传率: on the national platform (changed since or not) ÷ to be inventoried."""
        return None if self.uploaded is None else share(self.uploaded, self.due)

    @property
    def untransformed_rate(self) -> Decimal | None:
        """盘点率 of the untransformed: one approved as transformed leaves both sides."""
        return share(self.untransformed_covered, self.untransformed)

    @property
    def three_stars_rate(self) -> Decimal | None:
        return share(self.three_stars_up, self.covered)

    @property
    def transformed_rate(self) -> Decimal | None:
        return share(self.transformed, self.covered)


_POOL = {"nominated": ("in_pool",), "admitted": ("in_pool", "admitted")}
# what was changed since is on the platform still; what was returned is not
_UPLOAD = {
    "sent": ("uploaded",),
    "changed": ("uploaded", "upload_changed"),
    "returned": ("upload_returned",),
}


def share(part: int, whole: int) -> Decimal | None:
    """A share of one; None where there is nothing to divide by."""
    return Decimal(part) / Decimal(whole) if whole else None


def tally(
    combinations: Iterable[Combination], groups: Iterable[Group]
) -> Mapping[tuple[str, str], Counts]:
    """Counts of every group by (dimension, key); groups without patents are all zero."""
    groups_of: dict[int, list[tuple[str, str]]] = defaultdict(list)
    found: dict[tuple[str, str], dict[str, int]] = {}
    for group in groups:
        name = (group.dimension, group.key)
        found[name] = dict.fromkeys(STORED, 0)
        for institution in group.institutions:
            groups_of[institution].append(name)
    for each in combinations:
        counted = {name for pk in each.counted for name in groups_of[pk]}
        left_out = {name for pk in each.left_out for name in groups_of[pk]} - counted
        for name in left_out:
            found[name]["excluded"] += each.patents
        added = _measures(each)
        for name in counted:
            for measure in added:
                found[name][measure] += each.patents
    return {name: Counts(**values) for name, values in found.items()}


def _measures(each: Combination) -> list[str]:
    """The stored measures such a patent adds to where its entry counts."""
    measures = ["due"]
    measures += _POOL.get(each.pool, ())
    measures += _UPLOAD.get(each.upload, ())
    if not each.is_covered:
        # approved before, not yet for this campaign
        state = "to_confirm" if each.state == "completed" else each.state
        return [*measures, state]
    measures.append("covered")
    if each.state != "completed":
        measures.append("revising")
    if each.is_transformed:
        measures.append("transformed")
    if each.is_three_up:
        measures.append("three_stars_up")
    return measures
