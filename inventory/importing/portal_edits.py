"""What a template without keys would replace although somebody wrote it in the portal since the file may have gone out.

Nobody knows when such a file was written. What was exported or imported last by the institution is taken for it: an
edit that is younger cannot stand in the file. It is no refusal (the file may well be right), but named row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from inventory.importing.columns import OF_TARGET
from inventory.models import Dossier
from inventory.services.exports import KIND as EXPORT
from portal.choices import AuditAction, ImportState, JobState
from portal.intake import applying, undoing
from portal.intake.registry import FoundIssue
from portal.intake.staging import Verdict
from portal.models import AuditEntry, ImportBatch, Job

RULE: Final = "portal_newer"
#: Column of the template by the name under which the trail keeps what stands in it, where that is another.
_COLUMNS: Final[Mapping[str, str]] = {
    **OF_TARGET,
    "statuses": "status_level1",
    "amounts": "status_level1",
    "intents": "intent_level1",
    "fees": "intent_level1",
    "uses_default_contact": "contact",
}
_OF_FILES: Final = (applying.KIND, undoing.KIND)


def notices(batch: ImportBatch, verdicts: Sequence[Verdict]) -> list[FoundIssue]:
    """One notice for each of these changed rows without a key that would replace a younger edit (four queries)."""
    changed = {one.target_id: one for one in verdicts if one.target_id is not None}
    if not changed:
        return []
    found: dict[int, FoundIssue] = {}
    for entry in _edits(changed, _last_file(batch)):
        verdict = changed[entry.object_id or 0]
        touched = {_COLUMNS.get(name, "") for name in entry.changes}
        replaced = [name for name in verdict.changes if name in touched]
        if replaced and verdict.line not in found:
            found[verdict.line] = FoundIssue(
                verdict.line, RULE, level="notice", params=_told(entry, replaced)
            )
    return list(found.values())


def _last_file(batch: ImportBatch) -> datetime | None:
    """When the institution last took or brought the national layout; None for never."""
    own = batch.organisation_id
    exported = Job.objects.filter(kind=EXPORT, organisation=own, state=JobState.DONE)
    imported = ImportBatch.objects.filter(
        kind=batch.kind, organisation=own, state=ImportState.APPLIED
    )
    moments = (
        exported.order_by("-started_at").values_list("started_at", flat=True).first(),
        imported.exclude(pk=batch.pk)
        .order_by("-applied_at")
        .values_list("applied_at", flat=True)
        .first(),
    )
    return max((one for one in moments if one is not None), default=None)


def _edits(dossiers: Iterable[int], since: datetime | None) -> list[AuditEntry]:
    """What people changed in these dossiers since then, the newest first; what files brought is left out."""
    entries = AuditEntry.objects.filter(
        object_type=Dossier._meta.label_lower,
        object_id__in=list(dossiers),
        action=AuditAction.CHANGE,
    )
    if since is not None:
        entries = entries.filter(at__gt=since)
    found = list(entries.select_related("user").order_by("-at", "-pk"))
    jobs = {entry.job_id for entry in found if entry.job_id is not None}
    of_files = set(Job.objects.filter(pk__in=jobs, kind__in=_OF_FILES).values_list("pk", flat=True))
    return [entry for entry in found if entry.job_id not in of_files]


def _told(entry: AuditEntry, columns: list[str]) -> dict[str, Any]:
    return {
        "day": timezone.localtime(entry.at).date().isoformat(),
        "name": entry.user.name if entry.user else "",
        "fields": columns,
    }
