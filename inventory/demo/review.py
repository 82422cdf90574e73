"""What a reviewer should see: shared texts, answers changed since approval, a sheet that a later return made void.

Written as the services would leave it, in the unit of the readable sign-in `secretary`, on the finished city.
"""

from __future__ import annotations

import json
from typing import Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from inventory.choices import ConfirmationState, DossierState, StepAct
from inventory.models import (
    Campaign,
    ConfirmationLine,
    Dossier,
    DossierRevision,
    DossierStep,
    UnitConfirmation,
)
from inventory.models.confirmations import CONFIRMED
from inventory.services import confirmations, findings, star_counts
from inventory.services.dossiers import content_of
from portal import clock
from portal.demo.city import City
from portal.models import Membership

SHARED: Final = 4
CHANGED: Final = 3
LISTED: Final = 12


@transaction.atomic
def add_review(city: City) -> None:
    """Some of everything; less where the city is small."""
    people = Membership.objects.select_related("organisation", "unit")
    secretary = people.get(pk=city.cast["secretary"].membership_id)
    manager = people.get(pk=city.cast["manager"].membership_id)
    campaign = Campaign.objects.order_by("pk").first()
    if campaign is None or secretary.unit is None:
        return
    own = confirmations.dossiers_of(campaign, secretary.unit).order_by("pk")
    waiting = own.filter(state=DossierState.UNIT_REVIEW)
    texts = list(waiting.exclude(advantages="").values_list("pk", "advantages")[:SHARED])
    for pk, _text in texts:
        Dossier.objects.filter(pk=pk).update(advantages=texts[0][1])
    once_approved = waiting.filter(revisions__isnull=True, stars__range=(1, 4)).order_by("-pk")
    for dossier in once_approved[:CHANGED]:
        _approve_higher(dossier, manager)
    _void_sheet(campaign, secretary)
    last: int | None = 0
    while last is not None:
        last = findings.refresh_waiting(after=last, limit=settings.JOB_CHUNK_ROWS)
    star_counts.refresh_star_counts()


def _approve_higher(dossier: Dossier, manager: Membership) -> None:
    """The answers as approved before, one star higher."""
    content = content_of(dossier)
    kept = {name: getattr(content, name) for name in content.__slots__ if name != "contact_phone"}
    kept["statuses"] = [
        {name: getattr(mark, name) for name in mark.__slots__} for mark in content.statuses
    ]
    kept["intents"] = [
        {name: getattr(mark, name) for name in mark.__slots__} for mark in content.intents
    ]
    kept["stars"] = (dossier.stars or 1) + 1
    DossierRevision.objects.create(
        dossier=dossier,
        version=1,
        content=json.loads(json.dumps(kept, cls=DjangoJSONEncoder)),
        approved_by=manager,
        approved_at=clock.now(),
    )


def _void_sheet(campaign: Campaign, secretary: Membership) -> None:
    """A sheet of the approved dossiers and of one that went back since."""
    assert secretary.unit is not None  # noqa: S101 - add_review has looked
    own = confirmations.dossiers_of(campaign, secretary.unit)
    listed = list(own.filter(state__in=CONFIRMED)[:LISTED])
    back = (
        DossierStep.objects.filter(
            dossier__in=own.order_by().values("pk"),
            act=StepAct.RETURN,
            dossier__state=DossierState.DRAFT,
        )
        .order_by("pk")
        .first()
    )
    if not listed or back is None:
        return
    sheet = UnitConfirmation.objects.create(
        campaign=campaign,
        institution=secretary.organisation,
        unit=secretary.unit,
        state=ConfirmationState.WAITING,
        made_by=secretary,
        made_at=back.at,
        count=len(listed) + 1,
        digest=confirmations.digest_of(listed),
    )
    versions = [*((each.pk, each.version) for each in listed), (back.dossier_id, back.version - 1)]
    ConfirmationLine.objects.bulk_create(
        ConfirmationLine(confirmation=sheet, dossier_id=pk, version=version)
        for pk, version in versions
    )
