"""Whom stock-taking tells what: grouped per person, in the transaction of the act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Min
from django.urls import reverse

from inventory.choices import DossierState, PoolState, StepAct, TransferState
from inventory.models import (
    BaseListEntry,
    Campaign,
    Dossier,
    DossierStep,
    PoolEntry,
    UnitTransfer,
)
from inventory.notices import (
    APPROVED,
    ASSIGNED,
    LATER_GRANTS,
    OFFERED,
    POOL_DECIDED,
    RETURNED,
    RETURNED_BY_PLATFORM,
    TRANSFER_ANSWERED,
    WAITING,
)
from portal.choices import Role
from portal.models import Membership
from portal.notices.registry import NoticeKind
from portal.services.notices import To, notify, recipients_in


def tell_assigned(dossiers: Sequence[Dossier], *, actor: Membership, reason: str = "") -> int:
    """Tell the responsible persons of dossiers of the actor's institution that these are theirs now."""
    people = recipients_in(
        actor.organisation_id, [d.responsible_id for d in dossiers if d.responsible_id]
    )
    due_on = (
        BaseListEntry.objects.open()
        .filter(dossier__in=[dossier.pk for dossier in dossiers])
        .aggregate(due=Min("due_on"))["due"]
    )
    return notify(
        kind=ASSIGNED,
        recipients=_per_person((people.get(d.responsible_id or 0), d) for d in dossiers),
        params=_params(actor, reason),
        url=reverse("inventory:my-patents") + "?mine=yes",
        due_on=due_on,
        actor=actor,
    )


def tell_moved(
    dossiers: Sequence[Dossier],
    to_state: str,
    *,
    act: StepAct,
    actor: Membership,
    reason: str = "",
) -> None:
    """Tell whose turn it is after a step: reviewers, who gets it back, who is done. Called by moves.move."""
    if to_state in (DossierState.UNIT_REVIEW, DossierState.INSTITUTION_REVIEW):
        _tell_reviewers(dossiers, to_state, actor, reason if act == StepAct.RETURN else "")
    elif act == StepAct.RETURN:
        url = reverse("inventory:my-patents") + "?returned=yes&mine=yes"
        _tell_owners(RETURNED, dossiers, url, actor, reason)
    elif act == StepAct.APPROVE:
        url = reverse("inventory:my-patents") + "?state=completed&mine=yes"
        _tell_owners(APPROVED, dossiers, url, actor, "")


def tell_offered(transfer: UnitTransfer, dossier: Dossier, *, actor: Membership) -> int:
    """Tell those who have to answer: the managers of the unit and above it, or of the institution."""
    role = (
        Role.UNIT_MANAGER if transfer.state == TransferState.AT_UNIT else Role.INSTITUTION_MANAGER
    )
    managers = (
        Membership.objects.active()
        .filter(role=role, organisation=transfer.institution_id)
        .select_related("unit")
    )
    path = transfer.to_unit.path if transfer.to_unit is not None else ""
    readers = [
        each
        for each in managers
        if role == Role.INSTITUTION_MANAGER
        or (each.unit is not None and path.startswith(each.unit.path))
    ]
    return _tell_transfer(OFFERED, transfer, dossier, readers, actor, transfer.reason)


def tell_answered(transfer: UnitTransfer, dossier: Dossier, *, actor: Membership) -> int:
    """Tell whoever passed the dossier on what became of it."""
    readers = [transfer.asked_by]
    return _tell_transfer(TRANSFER_ANSWERED, transfer, dossier, readers, actor, transfer.answer)


def tell_returned_by_platform(messages: Mapping[int, str], *, actor: Membership) -> None:
    """Tell who has to mend what the platform returned ({dossier: its words}): owners, and the units' managers."""
    dossiers = list(
        Dossier.objects.filter(pk__in=messages)
        .select_related("patent", "participation", "unit")
        .order_by("pk")
    )
    reason = next(iter(messages.values())) if len(messages) == 1 else ""
    url = reverse("inventory:my-patents") + "?mine=yes&platform=mend"
    _tell_owners(RETURNED_BY_PLATFORM, dossiers, url, actor, reason)
    managers = (
        Membership.objects.active()
        .filter(
            role=Role.UNIT_MANAGER,
            organisation__in={dossier.participation.institution_id for dossier in dossiers},
        )
        .select_related("unit")
    )
    notify(
        kind=RETURNED_BY_PLATFORM,
        recipients=_per_person(
            (each.pk, dossier)
            for each in managers
            for dossier in dossiers
            if dossier.participation.institution_id == each.organisation_id
            and _is_below(dossier, each)
        ),
        params=_params(actor, reason),
        url=reverse("inventory:entry-list") + "?platform=mend",
        actor=actor,
    )


def tell_pool_decided(
    entries: Sequence[PoolEntry], to_state: PoolState, *, reason: str, actor: Membership
) -> None:
    """Tell the managers of the nominating institutions what the city did; what they do themselves they know."""
    if actor.role != Role.CITY_OFFICIAL or not entries:
        return
    of_institution: dict[int, list[PoolEntry]] = {}
    for entry in entries:
        of_institution.setdefault(entry.institution_id, []).append(entry)
    managers = Membership.objects.active().filter(
        role=Role.INSTITUTION_MANAGER, organisation__in=of_institution
    )
    people = []
    for pk, institution in managers.values_list("pk", "organisation"):
        found = of_institution[institution]
        title = {"title": found[0].patent.title} if len(found) == 1 else {}
        people.append(To(pk, title, len(found)))
    notify(
        kind=POOL_DECIDED,
        recipients=people,
        params={**_params(actor, reason), "state": str(to_state)},
        url=f"{reverse('inventory:pool-list')}?state={to_state}",
        actor=actor,
    )


def _tell_transfer(
    kind: NoticeKind,
    transfer: UnitTransfer,
    dossier: Dossier,
    readers: Sequence[Membership],
    actor: Membership,
    reason: str,
) -> int:
    return notify(
        kind=kind,
        recipients=readers,
        params={**_params(actor, reason), "title": dossier.patent.title},
        url=reverse("inventory:transfer-detail", args=[transfer.pk]),
        actor=actor,
    )


def _tell_owners(
    kind: NoticeKind, dossiers: Sequence[Dossier], url: str, actor: Membership, reason: str
) -> None:
    """The responsible person of each dossier, else whoever submitted it last."""
    owners = _owners(dossiers)
    notify(
        kind=kind,
        recipients=_per_person((owners.get(dossier.pk), dossier) for dossier in dossiers),
        params=_params(actor, reason),
        url=url,
        actor=actor,
    )


def _tell_reviewers(
    dossiers: Sequence[Dossier], to_state: str, actor: Membership, reason: str
) -> None:
    """The managers of the unit and of those above it, or the managers of the institution."""
    is_unit = to_state == DossierState.UNIT_REVIEW
    reviewers = (
        Membership.objects.active()
        .filter(
            role=Role.UNIT_MANAGER if is_unit else Role.INSTITUTION_MANAGER,
            organisation__in={dossier.participation.institution_id for dossier in dossiers},
        )
        .select_related("unit")
    )
    pairs = [
        (each.pk, dossier)
        for each in reviewers
        for dossier in dossiers
        if each.organisation_id == dossier.participation.institution_id
        and (not is_unit or _is_below(dossier, each))
    ]
    notify(
        kind=WAITING,
        recipients=_per_person(pairs),
        params=_params(actor, reason),
        url=reverse("inventory:review-queue"),
        actor=actor,
    )


def _is_below(dossier: Dossier, reviewer: Membership) -> bool:
    unit = reviewer.unit
    return unit is not None and dossier.unit is not None and dossier.unit.path.startswith(unit.path)


def _owners(dossiers: Sequence[Dossier]) -> dict[int, int]:
    """{dossier: membership to tell}: three queries whatever the number of dossiers."""
    people: dict[tuple[int, int], int] = {}
    for institution in {dossier.participation.institution_id for dossier in dossiers}:
        responsible = {
            d.responsible_id
            for d in dossiers
            if d.responsible_id and d.participation.institution_id == institution
        }
        for user, membership in recipients_in(institution, responsible).items():
            people[institution, user] = membership
    found = {
        d.pk: people[key]
        for d in dossiers
        if d.responsible_id
        and (key := (d.participation.institution_id, d.responsible_id)) in people
    }
    steps = DossierStep.objects.filter(
        dossier__in=[d.pk for d in dossiers if d.responsible_id is None], act=StepAct.SUBMIT
    )
    submitted = steps.order_by("pk").values_list("dossier", "actor")
    return {**dict(submitted), **found}


def _per_person(pairs: Iterable[tuple[int | None, Dossier]]) -> list[To]:
    """One line per membership, with how many dossiers, and the title where it is one."""
    counted: dict[int, list[Dossier]] = {}
    for membership, dossier in pairs:
        if membership is not None:
            counted.setdefault(membership, []).append(dossier)
    return [
        To(membership, {"title": found[0].patent.title} if len(found) == 1 else {}, len(found))
        for membership, found in counted.items()
    ]


def _params(actor: Membership, reason: str) -> Mapping[str, Any]:
    by = {"by": actor.user.name}
    return {**by, "reason": reason} if reason else by


def tell_later_grants(
    campaign: Campaign, listed: Mapping[int, int], *, actor: Membership | None
) -> int:
    """Tell the managers of institutions how many later grants came onto their list ({institution: number})."""
    managers = Membership.objects.active().filter(
        role=Role.INSTITUTION_MANAGER, organisation__in=listed
    )
    url = f"{reverse('inventory:entry-list')}?campaign={campaign.pk}&assigned=no"
    params = {"campaign": campaign.name}
    return notify(
        kind=LATER_GRANTS,
        recipients=[
            To(pk, params, listed[institution], url)
            for pk, institution in managers.values_list("pk", "organisation")
        ],
        actor=actor,
    )
