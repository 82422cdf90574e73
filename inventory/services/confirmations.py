"""Confirmation sheets of units: asked for, made from what the unit approved, stamped and uploaded as a scan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from inventory.choices import ConfirmationState
from inventory.models import (
    BaseListEntry,
    Campaign,
    ConfirmationLine,
    Dossier,
    UnitConfirmation,
)
from inventory.models.confirmations import CONFIRMED
from inventory.services.dossiers import content_of, trail_of
from portal import audit, clock
from portal.access import check_version
from portal.choices import AuditAction
from portal.errors import DomainError, InvalidTransition
from portal.jobs import queue
from portal.models import Job, Membership, StoredFile, Unit
from portal.services.files import keep_file

KIND = "inventory.confirmation"


def dossiers_of(campaign: Campaign, unit: Unit) -> QuerySet[Dossier]:
    """The dossiers that the unit (and what is below it) files in the campaign, in the order of their numbers."""
    listed = BaseListEntry.objects.filter(
        dossier=OuterRef("pk"),
        campaign=campaign,
        institution=unit.organisation_id,
        is_included=True,
    )
    return (
        Dossier.objects.filter(
            Exists(listed),
            participation__institution=unit.organisation_id,
            unit__in=Unit.objects.below(unit),
        )
        .select_related("patent", "participation", "unit", "responsible")
        .order_by("patent__application_number")
    )


@transaction.atomic
def ask_for_confirmation(*, campaign: Campaign, unit: Unit, actor: Membership) -> UnitConfirmation:
    """Ask for a sheet of what the unit has approved; a job makes it. Refused when nothing is approved yet,
    when one is being made, and when the last one still says exactly this."""
    Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    approved = dossiers_of(campaign, unit).filter(state__in=CONFIRMED)
    if not approved.exists():
        raise DomainError(_("The unit has approved no dossier of this campaign yet."))
    last = UnitConfirmation.objects.filter(campaign=campaign, unit=unit).with_standing().first()
    if last is not None and last.state == ConfirmationState.MAKING:
        raise InvalidTransition(_("The sheet is being made already."))
    if last is not None and _still_says_it(last, approved):
        raise InvalidTransition(
            _("The sheet %(number)s lists exactly these dossiers and holds.")
            % {"number": last.number}
        )
    made = UnitConfirmation.objects.create(
        campaign=campaign,
        institution=unit.organisation,
        unit=unit,
        made_by=actor,
        made_at=clock.now(),
    )
    queue.ask(KIND, actor=actor, params={"confirmation": made.pk})
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=made,
        changes={"campaign": [None, campaign.pk], "unit": [None, unit.pk]},
    )
    return made


def _still_says_it(last: UnitConfirmation, approved: QuerySet[Dossier]) -> bool:
    if last.is_void or last.state == ConfirmationState.FAILED:  # type: ignore[attr-defined]
        return False
    listed = ConfirmationLine.objects.filter(confirmation=last).values("dossier")
    return approved.count() == last.count and not approved.exclude(pk__in=listed).exists()


def digest_of(dossiers: Sequence[Dossier]) -> str:
    """SHA-256 over number, version and whole content of each dossier, in order: equal for equal content only."""
    found = hashlib.sha256()
    for dossier in dossiers:
        line = [dossier.patent.application_number, dossier.version, trail_of(content_of(dossier))]
        text = json.dumps(line, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
        found.update(text.encode() + b"\n")
    return found.hexdigest()


@transaction.atomic
def keep_sheet(
    *, confirmation: UnitConfirmation, dossiers: Sequence[Dossier], digest: str, sheet: StoredFile
) -> None:
    """Store the list and the file of a sheet that was just made; called by its job in the job's transaction."""
    ConfirmationLine.objects.bulk_create(
        [
            ConfirmationLine(confirmation=confirmation, dossier=each, version=each.version)
            for each in dossiers
        ],
        batch_size=2000,
    )
    confirmation.state = ConfirmationState.WAITING
    confirmation.count = len(dossiers)
    confirmation.digest = digest
    confirmation.sheet = sheet
    confirmation.version += 1
    confirmation.save(update_fields=["state", "count", "digest", "sheet", "version"])
    audit.record(
        actor=confirmation.made_by,
        action=AuditAction.EXPORT,
        target=confirmation,
        owner=confirmation.institution_id,
        changes={"dossiers": [None, len(dossiers)], "digest": [None, digest]},
    )


def give_up_sheet(job: Job) -> None:
    """The job failed or was cancelled: the sheet says so and another may be asked for."""
    UnitConfirmation.objects.filter(
        pk=job.params["confirmation"], state=ConfirmationState.MAKING
    ).update(state=ConfirmationState.FAILED)


@transaction.atomic
def keep_scan(
    *,
    confirmation: UnitConfirmation,
    content: File[bytes],
    name: str,
    seen_version: int,
    actor: Membership,
) -> UnitConfirmation:
    """Keep the scan of the stamped sheet; a later one replaces it. Refused for a sheet that is void or not made."""
    stored = UnitConfirmation.objects.select_for_update(of=("self",)).get(pk=confirmation.pk)
    check_version(seen_version, stored.version)
    if stored.state not in (ConfirmationState.WAITING, ConfirmationState.STAMPED):
        raise InvalidTransition(_("There is no sheet to stamp yet."))
    if ConfirmationLine.objects.changed_since().filter(confirmation=stored).exists():
        raise InvalidTransition(
            _("A listed dossier changed since; this sheet is void. Make a new one and stamp that.")
        )
    scan = keep_file(content=content, name=name, purpose=StoredFile.Purpose.EVIDENCE, actor=actor)
    before = {"state": stored.state, "scan": stored.scan_id}
    stored.state = ConfirmationState.STAMPED
    stored.scan = scan
    stored.scanned_by = actor
    stored.scanned_at = clock.now()
    stored.version += 1
    stored.save(update_fields=["state", "scan", "scanned_by", "scanned_at", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=stored,
        owner=stored.institution_id,
        changes=audit.changes_of(before, {"state": stored.state, "scan": scan.pk}),
    )
    return stored
