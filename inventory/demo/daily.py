"""What a newcomer looks for beside dossiers: batches for the national platform, co-owned patents, exclusions, the pool,
urgings, transfers, an invitation and mail that waits to be looked at.

A small fixed number of each, done by the services on the days on which people would have done it, in the institution of
the readable sign-ins; a batch each in some others. Less where the city is small.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Final

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import translation

from inventory import exclusion_rules, exclusion_words
from inventory.choices import (
    DossierState,
    ExclusionReason,
    PoolState,
)
from inventory.demo.acting import Days, People, approve, manager_of, seen
from inventory.demo.uploading import add_batches, add_others
from inventory.demo.years import FIXED
from inventory.models import (
    BaseListEntry,
    Campaign,
    Dossier,
    Exclusion,
    PoolEntry,
    Urge,
)
from inventory.queries.co_owned import receivers_of
from inventory.queries.exclusions import facts_of, proposed
from inventory.queries.late import late_targets
from inventory.services import (
    exclusions,
    handovers,
    objections,
    pool_moves,
    transfers,
    urges,
)
from inventory.services.transfers import MOVABLE
from portal import clock
from portal.choices import Role
from portal.demo.city import City
from portal.models import Membership, Organisation, Unit
from portal.services import invitations

PROPOSED: Final = 4
_DECLINED: Final = (
    "应用场景描述过于笼统，请补充目标企业和使用条件后再次推荐",
    "技术成熟度不足，建议补充中试数据后再推荐",
)


def add_daily_work(city: City) -> None:
    """Everything, on the finished city."""
    campaign = Campaign.objects.filter(name=FIXED).first()
    if campaign is None or not city.patents:
        return
    found = Membership.objects.select_related("organisation", "unit", "user")
    names = ("manager", "deputy", "secretary", "city")
    people = People(**{name: found.get(pk=city.cast[name].membership_id) for name in names})
    random = Random(city.seed + 3)
    days = Days(city)
    with transaction.atomic(), translation.override("zh-hans"):
        add_batches(campaign, people, days)
        add_others(city, campaign, days)
        _add_co_owned(campaign, people, days)
        _add_exclusions(people, days)
        _decide_nominations(people, days)
        _pass_on(people, days)
        _urge(campaign, people, days, random)
        _invite(people, days)


# --- co-owned patents, exclusions, the pool --------------------------------------------------------------


def _add_co_owned(campaign: Campaign, people: People, days: Days) -> None:
    """Offers to hand over in both directions, an objection of each side against what was approved lately."""
    ours = _shared(campaign, people.institution)
    _offer(ours.exclude(state=DossierState.COMPLETED), people.manager, days)
    held = BaseListEntry.objects.filter(campaign=campaign, institution=people.institution)
    theirs = _shared(campaign).filter(entries__in=held)
    foreign = theirs.exclude(participation__institution=people.institution)
    other = foreign.exclude(state=DossierState.COMPLETED).first() or foreign.first()
    if other is not None:
        _offer(foreign.filter(pk=other.pk), _manager_at(other), days, to=people.institution)
    for waiting in (ours, foreign):
        _object(waiting.filter(state=DossierState.INSTITUTION_REVIEW), people, days)


def _shared(campaign: Campaign, filing: Organisation | None = None) -> QuerySet[Dossier]:
    """Dossiers on the lists of several institutions."""
    found = Dossier.objects.filter(participation__campaign=campaign)
    if filing is not None:
        found = found.filter(participation__institution=filing)
    shared = found.annotate(lists=Count("entries")).filter(lists__gt=1).order_by().values("pk")
    dossiers: QuerySet[Dossier] = Dossier.objects.filter(pk__in=shared)
    return dossiers.select_related("participation__institution", "unit").order_by("pk")


def _manager_at(dossier: Dossier) -> Membership:
    """The first manager of the institution that files."""
    return (
        Membership.objects.select_related("organisation", "user")
        .filter(organisation=dossier.participation.institution_id, role=Role.INSTITUTION_MANAGER)
        .order_by("pk")[0]
    )


def _offer(
    dossiers: QuerySet[Dossier],
    actor: Membership,
    days: Days,
    to: Organisation | None = None,
) -> None:
    """The first that has another holder who takes part."""
    for dossier in dossiers[:20]:
        parts = receivers_of([dossier.pk])[dossier.pk]
        receiver = next((p.institution for p in parts if to in (None, p.institution)), None)
        if receiver is not None:
            with days.ago(4):
                handovers.offer_handovers(
                    versions=seen(dossier.pk),
                    to=receiver,
                    reason="成果主要由贵单位课题组完成，建议由贵单位填报",
                    actor=actor,
                )
            return


def _object(waiting: QuerySet[Dossier], people: People, days: Days) -> None:
    """The first that waits is approved, and another holder objects."""
    dossier = waiting.first()
    if dossier is None:
        return
    filing = _manager_at(dossier)
    with days.ago(5):
        approve(dossier.pk, filing)
    entries = dossier.entries.exclude(institution=filing.organisation_id).order_by("pk")
    entry = entries.select_related("campaign", "dossier__participation").first()
    if entry is None:
        return
    holder = Membership.objects.select_related("organisation", "user").filter(
        organisation=entry.institution_id, role=Role.INSTITUTION_MANAGER
    )
    with days.ago(3):
        if not objections.why_no_objection(entry):
            objections.raise_objection(
                entry=entry,
                text="该专利已由我单位许可企业实施，实施状态与自评星级请据此更正。",
                fields=["stars"],
                actor=holder.order_by("pk")[0],
            )


def _add_exclusions(people: People, days: Days) -> None:
    """A few of what the register proposes are asked for; the rest waits for the institution."""
    entries = proposed(BaseListEntry.objects.filter(institution=people.institution)).order_by("pk")
    pks = list(entries.values_list("pk", flat=True)[: 2 * PROPOSED])
    with days.ago(0):
        exclusions.request_proposed(entry_ids=pks[: len(pks) // 2], actor=people.manager)
    _judge_waiting()


def _judge_waiting() -> None:
    """What the register says about the requests that wait, as it would have been kept with each."""
    waiting = Exclusion.objects.filter(findings={}).waiting().order_by("pk")
    rows = list(waiting.select_related("entry__patent", "entry__campaign", "entry__institution"))
    facts = facts_of([each.entry for each in rows])
    for each in rows:
        judged = exclusion_rules.judge(ExclusionReason(each.reason), facts[each.entry_id])
        each.verdict, each.findings = judged.verdict, exclusion_words.kept(judged)
    Exclusion.objects.bulk_update(rows, ["verdict", "findings"], batch_size=1000)


def _decide_nominations(people: People, days: Days) -> None:
    """The newest nominations of the institution: one admitted, two declined, one withdrawn; others wait."""
    waiting = PoolEntry.objects.filter(
        institution=people.institution, state=PoolState.NOMINATED
    ).order_by("pk")
    found = list(waiting.values_list("pk", "version")[:8])
    if len(found) < 5:
        return
    with days.ago(0):
        for reason, (pk, version) in zip(_DECLINED, found, strict=False):
            pool_moves.decide_nominations(
                versions={pk: version},
                to_state=PoolState.DECLINED,
                reason=reason,
                actor=people.city,
            )
        pool_moves.decide_nominations(
            versions=dict(found[2:3]),
            to_state=PoolState.ADMITTED,
            reason="产业需求明确",
            actor=people.city,
        )
        pool_moves.take_out(
            versions=dict(found[3:4]), reason="正在洽谈独占许可，暂缓推荐", actor=people.manager
        )


# --- within the institution ----------------------------------------------------------------------------


def _pass_on(people: People, days: Days) -> None:
    """A transfer that waits for the secretary, one that waits for another unit."""
    own = people.secretary.unit
    assert own is not None  # noqa: S101 - a unit's manager has a unit
    movable = Dossier.objects.filter(
        participation__institution=people.institution, state__in=MOVABLE, unit__isnull=False
    ).select_related("unit")
    theirs = movable.exclude(unit=own).order_by("pk").first()
    mine = movable.filter(unit=own).order_by("pk").first()
    schools = Unit.objects.filter(organisation=people.institution, level=1).exclude(pk=own.pk)
    if theirs is not None and theirs.unit is not None:
        _pass(theirs, own, manager_of(theirs.unit), "第一发明人已调入贵学院，请接收", days)
    if mine is not None and (school := schools.order_by("pk").first()) is not None:
        _pass(mine, school, people.secretary, "该专利属贵学院课题组成果，非本学院", days)


def _pass(dossier: Dossier, to_unit: Unit, actor: Membership, reason: str, days: Days) -> None:
    with days.ago(0):
        transfers.pass_on(
            dossier_id=dossier.pk,
            seen_version=dossier.version,
            to_unit=to_unit,
            reason=reason,
            actor=actor,
        )


def _urge(campaign: Campaign, people: People, days: Days, random: Random) -> None:
    """The bureau urged and was answered; the manager urges the units: so many mails are held for a look."""
    with days.ago(6):
        sent = _send([people.institution.pk], campaign, people.city, random)
    for urge in sent:
        with days.ago(5):
            urges.read_urge(urge=urge, actor=people.manager)
            urge.refresh_from_db()
            urges.answer_urge(
                urge=urge,
                answer="已逐学院核对，未完成的专利本月内完成填报和审核。",
                promised_on=clock.today() + timedelta(days=21),
                seen_version=urge.version,
                actor=people.manager,
            )
    with days.ago(0):
        _send(
            [each.key for each in late_targets(people.manager, campaign)],
            campaign,
            people.manager,
            random,
        )


def _send(keys: Sequence[int], campaign: Campaign, actor: Membership, random: Random) -> list[Urge]:
    order = urges.Order(
        campaign,
        keys,
        "贵单位尚有{open}件专利未完成盘点，请抓紧办理。",
        uuid.UUID(int=random.getrandbits(128)),
    )
    return urges.send_urges(order=order, actor=actor).urges


def _invite(people: People, days: Days) -> None:
    """Somebody who has not opened the account yet."""
    with days.ago(1):
        invitations.invite_person(
            actor=people.manager,
            values={
                "name": "司徒演示",
                "staff_number": "DEMO-9001",
                "email": "situ@demo.example",
                "phone": "13900009001",
            },
            role=Role.INVENTOR,
            unit=people.secretary.unit,
        )
