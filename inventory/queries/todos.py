"""What waits for people in stock-taking, counted for many memberships at once: the to-do list and the daily mail ask.

Each function takes memberships (with unit and organisation loaded) and gives {membership id: [(what, count)]}. The
numbers are those of the lists their lines open; tests/inventory/test_todos.py compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, QuerySet

from inventory.choices import CampaignState, DossierState, TransferState
from inventory.models import BaseListEntry, Dossier, UnitTransfer, Urge
from inventory.models.dossiers import DossierQuerySet
from inventory.queries.dossiers import OPEN_STATES
from inventory.queries.uploads import returned, returned_entries
from portal.choices import Role
from portal.models import Membership, Unit
from portal.models.organisations import IsOneOf


@dataclass(frozen=True)
class Pile:
    """So many of a campaign, due on a day."""

    campaign: int
    due_on: date
    count: int
    is_returned: bool = False


def to_fill_in(memberships: Sequence[Membership]) -> dict[int, list[Pile]]:
    """Dossiers of open campaigns that wait for their responsible person: drafts, and returned ones apart."""
    rows = (
        Dossier.objects.filter(
            responsible__in={each.user_id for each in memberships},
            state__in=OPEN_STATES,
            participation__campaign__state=CampaignState.OPEN,
        )
        .with_return()
        .with_due_day()
        .order_by()
        .values(
            "responsible",
            "participation__institution",
            "unit__path",
            "participation__campaign",
            "is_returned",  # type: ignore[misc]  # of with_return: the stubs forget annotations of methods
        )
        .annotate(count=Count("pk"), due=Min("due_on"))
    )
    found = list(rows)
    return {
        each.pk: _piles(
            row
            for row in found
            if row["responsible"] == each.user_id
            and row["participation__institution"] == each.organisation_id
            and _is_within(each, row["unit__path"])
        )
        for each in memberships
    }


def to_review(memberships: Sequence[Membership]) -> dict[int, Pile]:
    """Dossiers waiting for these reviewers, with the first due day among them.

    One query for those who review for a whole institution, and one for units.
    """
    of_units = [each for each in memberships if each.role == Role.UNIT_MANAGER]
    institutions = {each.organisation_id for each in memberships if each.role != Role.UNIT_MANAGER}
    units = Unit.objects.below_any([each.unit for each in of_units if each.unit is not None])
    whole = Dossier.objects.filter(
        participation__institution__in=institutions, state=DossierState.INSTITUTION_REVIEW
    )
    branch = Dossier.objects.filter(IsOneOf("unit", units), state=DossierState.UNIT_REVIEW)
    rows = [
        *(_waiting(whole) if institutions else ()),
        *(_waiting(branch) if of_units else ()),
    ]
    found = {}
    for each in memberships:
        is_unit = each.role == Role.UNIT_MANAGER
        state = DossierState.UNIT_REVIEW if is_unit else DossierState.INSTITUTION_REVIEW
        mine = [
            row
            for row in rows
            if row["state"] == state
            and _is_within(each, row["unit__path"])
            and (is_unit or row["participation__institution"] == each.organisation_id)
        ]
        if mine:
            due = min(row["due"] for row in mine)
            found[each.pk] = Pile(mine[0]["campaign"], due, sum(row["count"] for row in mine))
    return found


def _waiting(dossiers: DossierQuerySet) -> list[Mapping[str, Any]]:
    rows = dossiers.with_due_day().order_by()
    return list(
        rows.values("participation__institution", "unit__path", "state").annotate(
            count=Count("pk"), due=Min("due_on"), campaign=Min("participation__campaign")
        )
    )


def not_complete(memberships: Sequence[Membership]) -> dict[int, list[Pile]]:
    """Entries of open campaigns that count and are not complete, on the lists of institutions or units."""
    rows = _open_entries(memberships)
    return {
        key: _by_campaign((row["campaign"], row["due"], False, row["count"]) for row in found)
        for key, found in rows.items()
    }


@dataclass(frozen=True)
class Returned:
    """So many of a campaign that the platform returned, the first of them on a day."""

    campaign: int
    count: int
    since: date


def returned_to_me(memberships: Sequence[Membership]) -> dict[int, list[Returned]]:
    """Complete dossiers of one's own that the platform returned and nobody mends yet."""
    mine = Dossier.objects.filter(responsible__in={each.user_id for each in memberships})
    rows = list(
        returned(mine, "mend")
        .order_by()
        .values(
            "responsible",
            "participation__institution",
            "unit__path",
            "participation__campaign",
        )
        .annotate(count=Count("pk"), since=Min("returned_on"))
    )
    return {
        each.pk: _since(
            (row["participation__campaign"], row["count"], row["since"])
            for row in rows
            if row["responsible"] == each.user_id
            and row["participation__institution"] == each.organisation_id
            and _is_within(each, row["unit__path"])
        )
        for each in memberships
    }


def returned_on_list(memberships: Sequence[Membership], what: str) -> dict[int, list[Returned]]:
    """Entries that the platform returned, on the lists of institutions or units; `what` as queries.uploads says."""
    entries = BaseListEntry.objects.filter(
        institution__in={each.organisation_id for each in memberships}
    )
    rows = list(
        returned_entries(entries, what)
        .order_by()
        .values("institution", "dossier__unit__path", "campaign")
        .annotate(count=Count("pk"), since=Min("returned_on"))
    )
    return {
        each.pk: _since(
            (row["campaign"], row["count"], row["since"])
            for row in rows
            if row["institution"] == each.organisation_id
            and _is_within(each, row["dossier__unit__path"])
        )
        for each in memberships
    }


def _since(rows: Iterable[tuple[int, int, date]]) -> list[Returned]:
    """Rows of several units added up, with the first day among them."""
    sums: dict[int, tuple[int, date]] = {}
    for campaign, count, since in rows:
        so_far, first = sums.get(campaign, (0, since))
        sums[campaign] = (so_far + count, min(first, since))
    return [Returned(campaign, *each) for campaign, each in sorted(sums.items())]


def urges_to_answer(memberships: Sequence[Membership]) -> dict[int, Pile]:
    """Unanswered urgings of institutions, units and people, with the first due day among them."""
    rows = list(
        Urge.objects.unanswered()
        .filter(institution__in={each.organisation_id for each in memberships})
        .order_by()
        .values("institution", "unit", "person")
        .annotate(count=Count("pk"), due=Min("due_on"), campaign=Min("campaign"))
    )
    received: dict[tuple[int, int | None, int | None], Mapping[str, Any]] = {
        (row["institution"], row["unit"], row["person"]): row for row in rows
    }
    found = {}
    for each in memberships:
        unit = each.unit_id if each.role == Role.UNIT_MANAGER else None
        if unit is None and each.role == Role.UNIT_MANAGER:
            continue
        person = each.user_id if each.role == Role.INVENTOR else None
        if row := received.get((each.organisation_id, unit, person)):
            found[each.pk] = Pile(row["campaign"], row["due"], row["count"])
    return found


def to_confirm(memberships: Sequence[Membership]) -> dict[int, list[Pile]]:
    """Of those the ones whose answers were approved before: on the lists of institutions or units."""
    rows = _open_entries(memberships, is_complete=True)
    return {
        key: _by_campaign((row["campaign"], row["due"], False, row["count"]) for row in found)
        for key, found in rows.items()
    }


def _open_entries(
    memberships: Sequence[Membership], **conditions: Any
) -> dict[int, list[Mapping[str, Any]]]:
    """{membership: open entries of open campaigns by campaign, with the first due day among them}.

    One query for those who see a whole institution, which needs no look at the dossiers, and one for units.
    """
    entries = BaseListEntry.objects.open().filter(campaign__state=CampaignState.OPEN, **conditions)
    of_units = [each for each in memberships if each.role == Role.UNIT_MANAGER]
    institutions = {each.organisation_id for each in memberships if each.role != Role.UNIT_MANAGER}
    of_whole = entries.filter(institution__in=institutions)
    whole = _counted(of_whole, "institution") if institutions else []
    units = Unit.objects.below_any([each.unit for each in of_units if each.unit is not None])
    branch = entries.filter(
        IsOneOf("dossier__unit", units),
        institution__in={each.organisation_id for each in of_units},
    )
    by_unit = _counted(branch, "institution", "dossier__unit__path") if of_units else []
    return {
        each.pk: [
            row
            for row in (by_unit if each.role == Role.UNIT_MANAGER else whole)
            if row["institution"] == each.organisation_id
            and _is_within(each, row.get("dossier__unit__path"))
        ]
        for each in memberships
    }


def _counted(entries: QuerySet[BaseListEntry], *fields: str) -> list[Mapping[str, Any]]:
    # rows are counted, not their keys, which the index of what is due does not hold
    rows = entries.order_by().values(*fields, "campaign")
    return list(rows.annotate(count=Count("*"), due=Min("due_on")))


def _is_within(membership: Membership, path: str | None) -> bool:
    """Whether a unit (by its path) lies in the membership's border; only unit managers have a narrower one."""
    if membership.role != Role.UNIT_MANAGER:
        return True
    unit: Unit | None = membership.unit
    return unit is not None and path is not None and path.startswith(unit.path)


def _piles(rows: Iterable[Mapping[str, Any]]) -> list[Pile]:
    return _by_campaign(
        (
            row["participation__campaign"],
            row["due"],
            row["is_returned"],
            row["count"],
        )
        for row in rows
    )


def _by_campaign(rows: Iterable[tuple[int, date, bool, int]]) -> list[Pile]:
    """Rows of several units added up, with the first due day of the campaign among them."""
    sums: dict[tuple[int, bool], tuple[date, int]] = {}
    for campaign, due_on, is_returned, count in rows:
        key = (campaign, is_returned)
        first, so_far = sums.get(key, (due_on, 0))
        sums[key] = (min(first, due_on), so_far + count)
    return [
        Pile(campaign, due_on, count, is_returned)
        for (campaign, is_returned), (due_on, count) in sorted(sums.items())
    ]


def transfers_waiting(memberships: Sequence[Membership]) -> dict[int, int]:
    """{membership: how many transfers between units wait for its answer}; one query."""
    rows = list(
        UnitTransfer.objects.open()
        .filter(institution__in={each.organisation_id for each in memberships})
        .values_list("institution", "state", "to_unit__path")
    )
    return {each.pk: sum(_is_asked(each, *row) for row in rows) for each in memberships}


def _is_asked(membership: Membership, institution: int, state: str, path: str | None) -> bool:
    """Whether this membership has to answer a transfer: UnitTransferQuerySet.waiting_for, row by row."""
    if institution != membership.organisation_id:
        return False
    if membership.role == Role.INSTITUTION_MANAGER:
        return state == TransferState.AT_MANAGER
    branch = membership.unit.path if membership.unit is not None else None
    return state == TransferState.AT_UNIT and bool(branch and path and path.startswith(branch))
