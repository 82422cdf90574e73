"""Work plans (工作方案): each upload is a version beside the earlier ones."""

from __future__ import annotations

from django.core.files.base import File
from django.db import transaction

from inventory.models import CampaignInstitution, PlanFile
from portal import audit
from portal.choices import AuditAction
from portal.models import Membership, StoredFile
from portal.services import files


@transaction.atomic
def add_plan(
    *,
    participation: CampaignInstitution,
    content: File[bytes],
    name: str,
    note: str,
    actor: Membership,
) -> PlanFile:
    """Keep a file as the next version of the institution's plan; the same file again is the version that is there."""
    CampaignInstitution.objects.select_for_update(of=("self",)).get(pk=participation.pk)
    newest = PlanFile.objects.filter(participation=participation).select_related("file").first()
    kept = files.keep_file(
        content=content, name=name, purpose=StoredFile.Purpose.EVIDENCE, actor=actor
    )
    if newest is not None and newest.file.sha256 == kept.sha256:
        kept.content.delete(save=False)
        kept.delete()
        return newest
    plan = PlanFile.objects.create(
        participation=participation,
        number=newest.number + 1 if newest else 1,
        file=kept,
        note=note,
        uploaded_by=actor,
    )
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=plan,
        owner=participation.institution_id,
        changes={
            "number": [None, plan.number],
            "name": [None, kept.name],
            "sha256": [None, kept.sha256],
        },
        reason=note,
    )
    return plan
