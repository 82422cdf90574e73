"""Checks of staged base-list rows against each other and against the register, in sets. The list at the end rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, Final

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from inventory.choices import SimpleStatus
from inventory.importing import dual_filings, number_offers, register
from inventory.importing.holders import organisations_in
from inventory.importing.register import Registered
from inventory.models import BaseListEntry, Campaign, Dossier
from inventory.numbers import display
from inventory.services import base_lists
from portal.choices import RowOutcome
from portal.intake import staging
from portal.intake.registry import FoundIssue, Step
from portal.intake.staging import Verdict
from portal.json_text import encode
from portal.models import ImportBatch, ImportRow

# columns merged from further rows of the same patent
_MERGED: Final = (
    *register.FACTS,
    "holders",
    "inventors",
    "events",
    "is_pct",
    "unit",
    "unit_name",
)


def campaign_of(batch: ImportBatch) -> Campaign | None:
    """The campaign chosen on upload, if the institution takes part in it."""
    chosen = batch.options.get("campaign")
    if not chosen:
        return None
    return Campaign.objects.filter(
        pk=chosen, participations__institution=batch.organisation_id
    ).first()


# --- the file against itself -----------------------------------------------------------------------


def merge_duplicates(batch: ImportBatch, first_line: int, limit: int) -> None:
    """One patent, one row: further rows of a number fill the blanks of the best one."""
    good = batch.rows.exclude(key="").exclude(outcome=RowOutcome.REFUSED)
    repeated = good.values("key").annotate(count=Count("pk")).filter(count__gt=1).values("key")
    rows = good.filter(key__in=repeated).order_by("key", "line").only("line", "key", "values")
    changed: list[dict[str, Any]] = []
    issues: list[FoundIssue] = []
    for _key, group in groupby(rows.iterator(chunk_size=5000), key=lambda row: row.key):
        best, *others = sorted(group, key=_rank)
        for other in others:
            issues.extend(_duplicate_issues(best, other))
            best.values |= {
                name: other.values[name]
                for name in _MERGED
                if name in other.values and name not in best.values
            }
            changed.append(_merged_away(other, best))
        changed.append({"line": best.line, "key": best.key, "values": best.values})
    _write_merged(batch, changed)
    staging.add_issues(batch, issues)


def _rank(row: ImportRow) -> tuple[bool, int, int]:
    """Granted documents first, then the fuller row, then the earlier one."""
    is_granted = register.document_code(row.values.get("publication_number")) in set("BCUYSD")
    return (not is_granted, -len(row.values), row.line)


def _merged_away(row: ImportRow, best: ImportRow) -> dict[str, Any]:
    return {"line": row.line, "key": "", "values": {**row.values, "merged_into": best.line}}


def _duplicate_issues(best: ImportRow, other: ImportRow) -> Iterator[FoundIssue]:
    value = display(other.values["number"])
    codes = {register.document_code(r.values.get("publication_number")) for r in (best, other)}
    rule = "same_patent_documents" if "A" in codes and len(codes) == 2 else "duplicate_in_file"
    yield FoundIssue(other.line, rule, "notice", value=value, params={"line": best.line})
    title, further = best.values.get("title"), other.values.get("title")
    if title and further and title != further:
        yield FoundIssue(
            other.line, "duplicate_differs", "notice", value=further, params={"line": best.line}
        )


def _write_merged(batch: ImportBatch, changed: list[dict[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE portal_importrow r SET "values" = v.values, key = v.key
            FROM jsonb_to_recordset(%s::jsonb) AS v(line int, key text, "values" jsonb)
            WHERE r.batch_id = %s AND r.line = v.line
            """,
            [encode(changed), batch.pk],
        )


def note_the_file(batch: ImportBatch, first_line: int, limit: int) -> None:
    """What holds for the file as a whole is said once, not once a row."""
    fields = {column["field"] for column in batch.columns}
    rows = batch.rows.exclude(outcome=RowOutcome.REFUSED)
    issues = []
    if "holders" not in fields:
        name = batch.organisation.name
        issues.append(FoundIssue(0, "holders_missing", "notice", params={"name": name}))
    if unstated := rows.filter(values__has_key="status_unstated").count():
        issues.append(FoundIssue(0, "status_unstated", "notice", params={"count": unstated}))
    if not fields & {"granted_on", "publication_number"}:
        issues.append(FoundIssue(0, "grant_missing", "notice"))
    staging.add_issues(batch, issues)


# --- the file against the register ------------------------------------------------------------------


def compare(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """What each row would add or change, and what it may not."""
    rows = list(
        batch.rows.filter(line__gte=first_line)
        .exclude(key="")
        .exclude(outcome=RowOutcome.REFUSED)
        .order_by("line")[:limit]
    )
    if not rows:
        return None
    known = register.load([row.key for row in rows])
    listing = _Listing(batch, known)
    verdicts, issues = [], []
    for row in rows:
        verdict, found = _judge(batch, row, known.get(row.key), listing)
        verdicts.append(verdict)
        issues.extend(found)
    staging.set_verdicts(batch, verdicts)
    staging.refuse(batch, issues)
    return rows[-1].line + 1


def _judge(
    batch: ImportBatch, row: ImportRow, now: Registered | None, listing: _Listing
) -> tuple[Verdict, list[FoundIssue]]:
    if now is None:
        if not row.values.get("title"):
            return Verdict(row.line, RowOutcome.REFUSED), [_at(row, "title_missing", "error")]
        changes, outcome = {}, RowOutcome.ADDED
    else:
        if batch.organisation_id not in organisations_in(now.holders):
            # says nothing of the register's own record: it belongs to others
            return Verdict(row.line, RowOutcome.REFUSED), [_at(row, "holder_conflict", "error")]
        changes, outcome = register.difference(row.values, now), RowOutcome.CHANGED
    issues = [] if now is None else _issues_of_change(row, now)
    listed, found = listing.place(row, now)
    if listed:
        changes["base_list"] = listed
    placed, more = listing.unit_of(row, now, is_listed=bool(listed))
    if placed:
        changes["org_unit"] = placed
    if outcome == RowOutcome.CHANGED and not changes:
        outcome = RowOutcome.UNCHANGED
    target = (now.pk, now.version) if now else (None, None)
    return Verdict(row.line, outcome, changes, *target), [*issues, *found, *more]


def _issues_of_change(row: ImportRow, now: Registered) -> list[FoundIssue]:
    if not register.loses_holder(row.values, now):
        return []
    names = "；".join(str(one[0]) for one in row.values["holders"])
    return [_at(row, "holders_kept", "notice", value=names)]


def _at(row: ImportRow, rule: str, level: str, value: str = "", **params: Any) -> FoundIssue:
    return FoundIssue(
        row.line, rule, level, value=value or display(row.values["number"]), params=params
    )


class _Listing:
    """Whether the rows' patents go on the base list of the campaign chosen on upload, and to which unit."""

    def __init__(self, batch: ImportBatch, known: Mapping[str, Registered]) -> None:
        self.campaign = campaign_of(batch)
        self.own = batch.organisation_id
        ids = [one.pk for one in known.values()]
        begun = Dossier.objects.filter(patent__in=ids).select_related("participation", "unit")
        self.dossiers = {dossier.patent_id: dossier for dossier in begun}
        self.listed: set[int] = set()
        if self.campaign is not None:
            self.listed = set(
                BaseListEntry.objects.filter(
                    campaign=self.campaign,
                    institution=self.own,
                    patent__in=ids,
                ).values_list("patent_id", flat=True)
            )

    def place(
        self, row: ImportRow, now: Registered | None
    ) -> tuple[list[Any] | None, list[FoundIssue]]:
        """[None, campaign] when the patent goes on the list, and what is worth saying about it."""
        campaign = self.campaign
        if campaign is None or (now is not None and now.pk in self.listed):
            return None, []
        facts = now.facts if now else {}
        granted = _day(row.values.get("granted_on") or facts.get("granted_on"))
        if granted is None:
            return None, [_at(row, "not_granted", "notice")]
        if granted > campaign.cutoff_on:
            day = granted.isoformat()
            return None, [_at(row, "later_grant", "notice", value=day, campaign=campaign.name)]
        if not base_lists.counts_in(
            campaign,
            granted_on=granted,
            is_first_holder=self._is_first(row, now),
            is_transformed=now is not None and now.is_transformed,
        ):
            return None, [_at(row, "out_of_scope", "notice", campaign=campaign.name)]
        return [None, campaign.name], list(self._ended(row, facts, campaign))

    def unit_of(
        self, row: ImportRow, now: Registered | None, *, is_listed: bool
    ) -> tuple[list[Any] | None, list[FoundIssue]]:
        """[None, unit] when its dossier has no unit yet; an assigned one stays where it is, and that is said."""
        name = row.values.get("unit_name")
        begun = self.dossiers.get(now.pk) if now else None
        if begun is None:
            is_own = is_listed and self._is_first(row, now)
        else:
            is_own = begun.participation.institution_id == self.own
        if not name or not is_own:
            return None, []
        if begun is None or begun.unit is None:
            return [None, name], []
        is_other = begun.unit.pk != row.values["unit"]
        said = [_at(row, "unit_differs", "notice", name, unit=begun.unit.name)]
        return None, said if is_other else []

    def _is_first(self, row: ImportRow, now: Registered | None) -> bool:
        given = row.values.get("holders") or (now.holders if now else [])
        return not given or given[0][1] == self.own

    def _ended(
        self, row: ImportRow, facts: Mapping[str, Any], campaign: Campaign
    ) -> Iterator[FoundIssue]:
        status = row.values.get("simple_status") or facts.get("simple_status")
        expires = _day(row.values.get("expires_on"))
        if status == SimpleStatus.ENDED or (expires is not None and expires <= campaign.base_day):
            day = campaign.base_day.isoformat()
            yield _at(row, "ended_before_base_day", "notice", day=day)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def note_dual_filings(batch: ImportBatch, first_line: int, limit: int) -> None:
    """Say which rows will be linked as an invention and a utility model of one creation."""
    staged = batch.rows.exclude(key="").exclude(outcome=RowOutcome.REFUSED)
    lines = dict(staged.values_list("key", "line"))
    pairs = dual_filings.pairs(dual_filings.of_batch(batch))
    staging.add_issues(batch, _dual_issues(pairs, lines))


def _dual_issues(
    pairs: Iterable[tuple[str, str]], lines: Mapping[str, int]
) -> Iterator[FoundIssue]:
    for invention, utility in pairs:
        own, other = (invention, utility) if invention in lines else (utility, invention)
        if own in lines:
            params = {"other": other}
            yield FoundIssue(lines[own], "dual_filing", "notice", value=display(own), params=params)


CHECKS: Final = (
    Step(_("Comparing the rows with each other"), merge_duplicates),
    Step(_("Comparing the rows with each other"), note_the_file),
    Step(_("Comparing with the register"), compare),
    Step(_("Looking for dual filings"), note_dual_filings),
    number_offers.STEP,
)
