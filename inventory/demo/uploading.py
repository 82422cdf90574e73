"""Upload batches of the demonstration city: answered, uploaded, before the reviewer, in preparation."""

from __future__ import annotations

from typing import Final

from django.db.models import Count

from inventory.choices import DossierState, ItemOutcome, SignOffCheck, UploadKind, UploadStanding
from inventory.demo.acting import Days, People, approve, seen
from inventory.models import Campaign, Dossier, UploadBatch, UploadItem
from inventory.queries.uploads import candidates
from inventory.services import reviews, uploads
from inventory.services.dossiers import save_dossier
from inventory.services.upload_answers import accept_rest, record_answers
from portal import clock
from portal.choices import Role
from portal.demo.city import City
from portal.jobs import runner
from portal.models import Membership, Organisation

#: Institutions beside the first one that have uploaded a batch.
OTHERS: Final = 8
#: A batch takes patents of one unit, and no more than this.
MOST: Final = 100
RETURNED: Final = (
    "专利权人名称与国家知识产权局登记信息不一致，请核对后重新提交",
    "“实施方式”与“合作企业名称”不匹配：选择许可实施的须填写被许可人名称",
    "联系电话格式有误，应为手机号或“区号-号码”",
)
CHANGED: Final = 2
_STATEMENT: Final = "本批内容已经保密审查，不涉及国家秘密、工作秘密及其他不得提供给国家平台的信息。"


def add_batches(campaign: Campaign, people: People, days: Days) -> None:
    """One answered with returned and changed patents, one uploaded, one before the reviewer, one in preparation."""
    assert people.secretary.unit is not None  # noqa: S101 - a unit's manager has a unit
    first = _question(people.institution, campaign, first=people.secretary.unit.pk)
    if first:
        batch = _uploaded(first, campaign, people.manager, people.deputy, days, since=46)
        _answer(batch, people.manager, days)
    if second := _question(people.institution, campaign):
        _uploaded(second, campaign, people.deputy, people.manager, days, since=12)
    if third := _question(people.institution, campaign):
        with days.ago(2):
            batch = _prepared(third, campaign, people.manager)
            uploads.request_sign_off(batch=batch, seen_version=batch.version, actor=people.manager)
    if fourth := _question(people.institution, campaign):
        with days.ago(0):
            _prepared(fourth, campaign, people.manager)


def add_others(city: City, campaign: Campaign, days: Days) -> None:
    """A batch of one unit of each, uploaded on different days."""
    for number, institution in enumerate(city.institutions[1 : 1 + OTHERS]):
        managers = list(
            Membership.objects.select_related("organisation", "user")
            .filter(organisation=institution.id, role=Role.INSTITUTION_MANAGER)
            .order_by("pk")[:2]
        )
        question = _question(managers[0].organisation, campaign)
        if question:
            preparer, signer = managers
            _uploaded(question, campaign, preparer, signer, days, since=60 - 4 * number)


def _question(institution: Organisation, campaign: Campaign, first: int = 0) -> str:
    """A filter of the work list with complete dossiers that went in no batch, of the named unit if it has some.

    The whole unit where it is small, else those of one rating, or of one rating and kind: the work for a batch stays
    the same however large the city is. Empty where there is none.
    """
    complete = candidates(campaign, institution.pk).filter(
        state=DossierState.COMPLETED,
        unit__isnull=False,
        stars__isnull=False,
        upload_standing=UploadStanding.NOT_SENT,
    )
    counted = complete.order_by().values_list("unit", "stars", "patent__kind")
    sizes: dict[int, dict[str, int]] = {}
    for unit, stars, kind, count in counted.annotate(count=Count("pk")):
        whole = f"unit={unit}"
        of_unit = sizes.setdefault(unit or 0, {})
        for question in (whole, f"{whole}&stars={stars}", f"{whole}&stars={stars}&kind={kind}"):
            of_unit[question] = of_unit.get(question, 0) + count
    best = []
    for unit, of_unit in sizes.items():
        fitting = [(count, question) for question, count in of_unit.items() if count <= MOST]
        if fitting:
            count, question = max(fitting)
            best.append((unit != first, -count, question))
    return min(best)[2] if best else ""


def _prepared(question: str, campaign: Campaign, actor: Membership) -> UploadBatch:
    """A batch with its file; the job is done here and now, before a worker can see it."""
    batch = uploads.start_batch(
        campaign=campaign, kind=UploadKind.SELECTED, query=question, actor=actor
    )
    runner.run_next("demo", job_id=batch.job_id)
    UploadBatch.objects.filter(pk=batch.pk).update(prepared_at=clock.now())
    return UploadBatch.objects.get(pk=batch.pk)


def _uploaded(
    question: str,
    campaign: Campaign,
    preparer: Membership,
    signer: Membership,
    days: Days,
    *,
    since: int,
) -> UploadBatch:
    """Prepared, put before the reviewer, signed, handed out and said to be uploaded, within four days."""
    with days.ago(since):
        batch = _prepared(question, campaign, preparer)
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


def _answer(batch: UploadBatch, actor: Membership, days: Days) -> None:
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
    reviews.revise_dossiers(versions=seen(pk), reason="补充应用前景", actor=manager)
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
    reviews.submit_dossiers(versions=seen(pk), actor=manager)
    approve(pk, manager)
