"""What a reviewer should see: shared texts, answers changed since approval, a sheet that a later return made void.

Done with the services themselves, in the unit of the readable sign-in `secretary`, on the finished city.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings

from inventory.choices import DossierState
from inventory.models import Campaign, Dossier
from inventory.models.confirmations import CONFIRMED
from inventory.services import confirmations, dossiers, findings, reviews, star_counts
from portal.demo.city import City
from portal.jobs import runner
from portal.models import Job, Membership

SHARED: Final = 4
CHANGED: Final = 3


def add_review(city: City) -> None:
    """Some of everything; less where the city is small."""
    people = Membership.objects.select_related("user", "organisation", "unit")
    secretary = people.get(pk=city.cast["secretary"].membership_id)
    manager = people.get(pk=city.cast["manager"].membership_id)
    campaign = Campaign.objects.order_by("pk").first()
    if campaign is None or secretary.unit is None:
        return
    own = confirmations.dossiers_of(campaign, secretary.unit).order_by("pk")
    waiting = own.filter(state=DossierState.UNIT_REVIEW, stars__gte=3).exclude(advantages="")
    texts = list(waiting.values_list("pk", "advantages")[:SHARED])
    for pk, _text in texts:
        Dossier.objects.filter(pk=pk).update(advantages=texts[0][1])
    complete = own.filter(state=DossierState.COMPLETED, stars__gte=3, is_unsuitable=False)
    for dossier in complete.filter(pool_entries__isnull=True)[:CHANGED]:
        _rate_lower(dossier, secretary)
    if own.filter(state__in=CONFIRMED).exists():
        _make_a_void_sheet(campaign, secretary, manager)
    _work_out_all()


def _rate_lower(dossier: Dossier, secretary: Membership) -> None:
    """Reopened, rated one star lower and handed in again."""
    versions = {dossier.pk: dossier.version}
    reviews.revise_dossiers(versions=versions, reason="按年度情况更新", actor=secretary)
    changed = dossiers.save_dossier(
        dossier_id=dossier.pk,
        seen_version=dossier.version + 1,
        values={"stars": (dossier.stars or 1) - 1},
        actor=secretary,
    )
    reviews.submit_dossiers(versions={dossier.pk: changed.version}, actor=secretary)


def _make_a_void_sheet(campaign: Campaign, secretary: Membership, manager: Membership) -> None:
    """A sheet is made, then one of its dossiers goes back."""
    assert secretary.unit is not None  # noqa: S101 - add_review has looked
    sheet = confirmations.ask_for_confirmation(
        campaign=campaign, unit=secretary.unit, actor=secretary
    )
    job = Job.objects.get(kind=confirmations.KIND, params__confirmation=sheet.pk)
    runner.run_next(runner.worker_name(), job_id=job.pk)
    line = sheet.lines.select_related("dossier").order_by("pk").first()
    if line is not None:
        reviews.return_dossiers(
            versions={line.dossier_id: line.version},
            to_state=DossierState.DRAFT,
            reason="转化意愿与合同不一致，请核对",
            remarks={"intents": "请与已签合同核对"},
            actor=manager,
        )


def _work_out_all() -> None:
    last: int | None = 0
    while last is not None:
        last = findings.refresh_waiting(after=last, limit=settings.JOB_CHUNK_ROWS)
    star_counts.refresh_star_counts()
