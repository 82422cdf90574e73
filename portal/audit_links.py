"""Where the things that an entry of the trail names can be opened, for one reader.

A record's page is its `get_absolute_url`; the kernel's own pages are named here.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.urls import reverse

from portal.choices import ImportState
from portal.intake.registry import may_import, may_read
from portal.models import AuditEntry, BulkRun, ImportBatch, Job, Membership

#: Pages of the kernel: {kind of record: (address, the field of the record that it takes)}
_PAGES: dict[str, tuple[str, str]] = {
    "portal.user": ("portal:people-detail", "pk"),
    "portal.membership": ("portal:people-detail", "user_id"),
    "portal.organisation": ("portal:organisation-detail", "pk"),
    "portal.unit": ("portal:organisation-detail", "organisation_id"),
    "portal.importbatch": ("portal:import-detail", "pk"),
    "portal.job": ("portal:job-detail", "pk"),
}


def address_of(entry: AuditEntry, membership: Membership) -> str:
    """Where this reader may open the record of an entry; "" where he may not, or it has no page or is gone."""
    record = _record_of(entry, membership)
    if record is None:
        return ""
    if isinstance(record, ImportBatch):
        return _address_of_upload(record, membership)
    if entry.object_type not in _PAGES:
        return str(record.get_absolute_url())
    name, field = _PAGES[entry.object_type]
    return reverse(name, args=[getattr(record, field)])


def _record_of(entry: AuditEntry, membership: Membership) -> Any:
    """The record, if it is there, has a page and this reader may see it."""
    try:
        model: Any = apps.get_model(entry.object_type)
    except (LookupError, ValueError):
        return None
    has_page = entry.object_type in _PAGES or hasattr(model, "get_absolute_url")
    if not has_page or not hasattr(model.objects, "visible_to"):
        return None
    return model.objects.visible_to(membership).filter(pk=entry.object_id).first()


def address_of_job(job_id: int | None, membership: Membership) -> str:
    """Where this reader may open the work that wrote an entry: the upload it applied, else the job itself."""
    if job_id is None:
        return ""
    batch = ImportBatch.objects.visible_to(membership).filter(job=job_id).first()
    if batch is not None:
        return _address_of_upload(batch, membership)
    is_own = Job.objects.visible_to(membership).filter(pk=job_id).exists()
    return reverse("portal:job-detail", args=[job_id]) if is_own else ""


def address_of_run(run_id: int | None, membership: Membership) -> str:
    """Where this reader may open the bulk act that an entry was part of."""
    run = BulkRun.objects.visible_to(membership).filter(pk=run_id).first() if run_id else None
    return run.get_absolute_url() if run else ""


def _address_of_upload(batch: ImportBatch, membership: Membership) -> str:
    """An upload whose columns are asked for is a page of those who may answer."""
    asks_columns = batch.state == ImportState.MAPPING
    opens = may_import(membership) if asks_columns else may_read(membership)
    return reverse("portal:import-detail", args=[batch.pk]) if opens else ""
