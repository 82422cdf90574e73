"""What a newcomer looks for beside dossiers: batches for the national platform, co-owned patents, exclusions, the pool,
urgings, transfers, an invitation and mail that waits to be looked at.

A small fixed number of each, done by the services on the days on which people would have done it, in the institution of
the readable sign-ins; a batch each in a dozen others. Less where the city is small.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import translation

from inventory.choices import (
    DossierState,
    ItemOutcome,
    PoolState,
    SignOffCheck,
    UploadKind,
)
from inventory.demo.years import FIXED
from inventory.models import (
    BaseListEntry,
    Campaign,
    Dossier,
    PoolEntry,
    UploadBatch,
    UploadItem,
    Urge,
)
from inventory.queries.co_owned import receivers_of
from inventory.queries.exclusions import proposed
from inventory.queries.late import late_targets
from inventory.queries.uploads import candidates
from inventory.services import (
    exclusions,
    handovers,
    objections,
    pool_moves,
    reviews,
    transfers,
    uploads,
    urges,
)
from inventory.services.dossiers import save_dossier
from inventory.services.transfers import MOVABLE
from inventory.services.upload_answers import accept_rest, record_answers
from portal import clock
from portal.choices import Role
from portal.demo.city import City
from portal.jobs import runner
from portal.models import Membership, Organisation, Unit
from portal.services import invitations

#: Institutions beside the first one that have uploaded a batch.
OTHERS: Final = 12
#: A batch takes the patents of one unit, and no unit larger than this.
MOST: Final = 400
RETURNED: Final = (
    "专利权人名称与国家知识产权局登记信息不一致，请核对后重新提交",
    "“实施方式”与“合作企业名称”不匹配：选择许可实施的须填写被许可人名称",
    "联系电话格式有误，应为手机号或“区号-号码”",
)
CHANGED: Final = 2
PROPOSED: Final = 4
_STATEMENT: Final = "本批内容已经保密审查，不涉及国家秘密、工作秘密及其他不得提供给国家平台的信息。"
_DECLINED: Final = (
    "应用场景描述过于笼统，请补充目标企业和使用条件后再次推荐",
    "技术成熟度不足，建议补充中试数据后再推荐",
)


@dataclass(frozen=True)
class _People:
    """Who acts."""

    manager: Membership
    deputy: Membership
    secretary: Membership
    city: Membership

    @property
    def institution(self) -> Organisation:
        return self.manager.organisation


def add_daily_work(city: City) -> None:
    """Everything, on the finished city."""
    campaign = Campaign.objects.filter(name=FIXED).first()
    if campaign is None or not city.patents:
        return
    found = Membership.objects.select_related("organisation", "unit", "user")
    names = ("manager", "deputy", "secretary", "city")
    people = _People(**{name: found.get(pk=city.cast[name].membership_id) for name in names})
    random = Random(city.seed + 3)
    days = _Days(city)
    with transaction.atomic(), translation.override("zh-hans"):
        _add_batches(campaign, people, days)
        _add_others(city, campaign, days)
        _add_co_owned(campaign, people, days)
        _add_exclusions(people, days)
        _decide_nominations(people, days)
        _pass_on(people, days)
        _urge(campaign, people, days, random)
        _invite(people, days)


class _Days:
    """The days before the one on which the city is made."""

    def __init__(self, city: City) -> None:
        self.today = city.today

    @contextmanager
    def ago(self, number: int) -> Iterator[None]:
        with clock.frozen(self.today - timedelta(days=number)):
            yield


# --- batches for the national platform -----------------------------------------------------------------


def _add_batches(campaign: Campaign, people: _People, days: _Days) -> None:
    """One answered with returned and changed patents, one uploaded, one before the reviewer, one in preparation."""
    assert people.secretary.unit is not None  # noqa: S101 - a unit's manager has a unit
    units = _units(people.institution, campaign, first=people.secretary.unit.pk)
    if not units:
        return
    first = _uploaded(units[0], campaign, people.manager, people.deputy, days, since=46)
    _answer(first, people.manager, days)
    if len(units) > 1:
        _uploaded(units[1], campaign, people.deputy, people.manager, days, since=12)
    if len(units) > 2:
        with days.ago(2):
            waiting = _prepared(units[2], campaign, people.manager)
            if waiting.count:
                uploads.request_sign_off(
                    batch=waiting, seen_version=waiting.version, actor=people.manager
                )
    if len(units) > 3:
        with days.ago(0):
            _prepared(units[3], campaign, people.manager)


def _add_others(city: City, campaign: Campaign, days: _Days) -> None:
    """A batch of one unit of each, uploaded on different days."""
    for number, institution in enumerate(city.institutions[1 : 1 + OTHERS]):
        managers = list(
            Membership.objects.select_related("organisation", "user")
            .filter(organisation=institution.id, role=Role.INSTITUTION_MANAGER)
            .order_by("pk")[:2]
        )
        units = _units(managers[0].organisation, campaign)
        if units and len(managers) == 2:
            _uploaded(units[0], campaign, *managers, days, since=60 - 4 * number)


def _units(institution: Organisation, campaign: Campaign, first: int = 0) -> list[int]:
    """Units with complete dossiers, fullest first, the named one before all; huge ones left out."""
    complete = (
        candidates(campaign, institution.pk)
        .filter(state=DossierState.COMPLETED, unit__isnull=False)
        .order_by()
        .values_list("unit")
        .annotate(count=Count("pk"))
    )
    found = sorted((-count, unit) for unit, count in complete if unit and count <= MOST)
    units = [unit for _count, unit in found]
    return sorted(units, key=lambda unit: unit != first)


def _prepared(unit: int, campaign: Campaign, actor: Membership) -> UploadBatch:
    """A batch with its file; the job is done here and now, before a worker can see it."""
    batch = uploads.start_batch(
        campaign=campaign, kind=UploadKind.SELECTED, query=f"unit={unit}", actor=actor
    )
    runner.run_next("demo", job_id=batch.job_id)
    UploadBatch.objects.filter(pk=batch.pk).update(prepared_at=clock.now())
    return UploadBatch.objects.get(pk=batch.pk)


def _uploaded(
    unit: int,
    campaign: Campaign,
    preparer: Membership,
    signer: Membership,
    days: _Days,
    *,
    since: int,
) -> UploadBatch:
    """Prepared, put before the reviewer, signed, handed out and said to be uploaded, within four days."""
    with days.ago(since):
        batch = _prepared(unit, campaign, preparer)
        batch = uploads.request_sign_off(batch=batch, seen_version=batch.version, actor=preparer)
    with days.ago(since - 2):
        batch = uploads.sign_off(
            batch=batch,
            checks=SignOffCheck.values,
            statement=_STATEMENT,
            seen_version=batch.version,
            actor=signer,
        )
    with days.ago(since - 3):
        batch = uploads.hand_out(batch=batch, seen_version=batch.version, actor=preparer)
        return uploads.mark_uploaded(
            batch=batch, on=clock.today(), seen_version=batch.version, actor=preparer
        )


def _answer(batch: UploadBatch, actor: Membership, days: _Days) -> None:
    """The platform returned a few and took the rest; of what it took some were corrected since."""
    items = list(UploadItem.objects.filter(batch=batch).order_by("pk"))
    answers = {
        item.pk: (str(ItemOutcome.RETURNED), message)
        for item, message in zip(items[: len(items) // 3], RETURNED, strict=False)
    }
    with days.ago(30):
        record_answers(batch_id=batch.pk, answers=answers, actor=actor)
        while accept_rest(batch_id=batch.pk, actor=actor):
            pass
    accepted = batch.items.filter(outcome=ItemOutcome.ACCEPTED).order_by("pk")
    for pk in accepted.values_list("dossier", flat=True)[:CHANGED]:
        with days.ago(9):
            _correct(pk, actor)


def _correct(pk: int, manager: Membership) -> None:
    """A dossier reopened, its prospects written further, and approved again."""
    reviews.revise_dossiers(versions=_seen(pk), reason="补充应用前景", actor=manager)
    dossier = Dossier.objects.get(pk=pk)
    if not dossier.is_editable:
        return
    prospects = f"{dossier.prospects}目前已与两家企业就试用进行接洽。"
    save_dossier(
        dossier_id=pk,
        seen_version=dossier.version,
        values={"prospects": prospects},
        actor=manager,
    )
    reviews.submit_dossiers(versions=_seen(pk), actor=manager)
    _approve(pk, manager)


def _approve(pk: int, manager: Membership) -> None:
    """Through the steps that are left, each by whoever has it."""
    for _step in range(2):
        dossier = Dossier.objects.select_related("unit").get(pk=pk)
        if dossier.state == DossierState.UNIT_REVIEW and dossier.unit is not None:
            reviews.approve_dossiers(versions=_seen(pk), actor=_manager_of(dossier.unit))
        elif dossier.state == DossierState.INSTITUTION_REVIEW:
            reviews.approve_dossiers(versions=_seen(pk), actor=manager)


def _manager_of(unit: Unit) -> Membership:
    """The manager of the branch in which a unit lies."""
    managers = Membership.objects.active().filter(
        role=Role.UNIT_MANAGER, organisation=unit.organisation_id, unit__isnull=False
    )
    for each in managers.select_related("unit", "organisation", "user").order_by("pk"):
        if each.unit is not None and unit.path.startswith(each.unit.path):
            return each
    raise ValueError("Every school has a manager")


def _seen(*pks: int) -> dict[int, int]:
    """The versions as they are."""
    return dict(Dossier.objects.filter(pk__in=pks).values_list("pk", "version"))


# --- co-owned patents, exclusions, the pool --------------------------------------------------------------


def _add_co_owned(campaign: Campaign, people: _People, days: _Days) -> None:
    """Offers to hand over in both directions, an objection of each side against what was approved lately."""
    ours = _shared(campaign, people.institution)
    _offer(ours.exclude(state=DossierState.COMPLETED), people.manager, days)
    held = BaseListEntry.objects.filter(campaign=campaign, institution=people.institution)
    theirs = _shared(campaign).filter(entries__in=held)
    foreign = theirs.exclude(participation__institution=people.institution)
    other = foreign.exclude(state=DossierState.COMPLETED).first()
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
    days: _Days,
    to: Organisation | None = None,
) -> None:
    """The first that has another holder who takes part."""
    for dossier in dossiers[:20]:
        parts = receivers_of([dossier.pk])[dossier.pk]
        receiver = next((p.institution for p in parts if to in (None, p.institution)), None)
        if receiver is not None:
            with days.ago(4):
                handovers.offer_handovers(
                    versions=_seen(dossier.pk),
                    to=receiver,
                    reason="成果主要由贵单位课题组完成，建议由贵单位填报",
                    actor=actor,
                )
            return


def _object(waiting: QuerySet[Dossier], people: _People, days: _Days) -> None:
    """The first that waits is approved, and another holder objects."""
    dossier = waiting.first()
    if dossier is None:
        return
    filing = _manager_at(dossier)
    with days.ago(5):
        _approve(dossier.pk, filing)
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


def _add_exclusions(people: _People, days: _Days) -> None:
    """A few of what the register proposes are asked for; the rest waits for the institution."""
    entries = proposed(BaseListEntry.objects.filter(institution=people.institution)).order_by("pk")
    pks = list(entries.values_list("pk", flat=True)[: 2 * PROPOSED])
    with days.ago(1):
        exclusions.request_proposed(entry_ids=pks[: len(pks) // 2], actor=people.manager)


def _decide_nominations(people: _People, days: _Days) -> None:
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


def _pass_on(people: _People, days: _Days) -> None:
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
        _pass(theirs, own, _manager_of(theirs.unit), "第一发明人已调入贵学院，请接收", days)
    if mine is not None and (school := schools.order_by("pk").first()) is not None:
        _pass(mine, school, people.secretary, "该专利属贵学院课题组成果，非本学院", days)


def _pass(dossier: Dossier, to_unit: Unit, actor: Membership, reason: str, days: _Days) -> None:
    with days.ago(0):
        transfers.pass_on(
            dossier_id=dossier.pk,
            seen_version=dossier.version,
            to_unit=to_unit,
            reason=reason,
            actor=actor,
        )


def _urge(campaign: Campaign, people: _People, days: _Days, random: Random) -> None:
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


def _invite(people: _People, days: _Days) -> None:
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
