"""Where the things that an entry of the trail names can be opened, for one reader.

A record's page is its `get_absolute_url`; the kernel's own pages are named here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.apps import apps
from django.urls import reverse

from portal.choices import ImportState
from portal.intake.registry import may_import, may_read
from portal.models import AuditEntry, BulkRun, ImportBatch, Job, Membership

#: (kind of record, primary key)
Key = tuple[str, int]

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
    key = (entry.object_type, entry.object_id or 0)
    return addresses_of([key], membership).get(key, "")


def addresses_of(keys: Iterable[Key], membership: Membership) -> dict[Key, str]:
    """Where this reader may open records, for those he may; a query for each kind, however many records."""
    wanted: dict[str, set[int]] = {}
    for kind, pk in keys:
        wanted.setdefault(kind, set()).add(pk)
    return {
        (kind, record.pk): _address_of(kind, record, membership)
        for kind, pks in wanted.items()
        for record in _records_of(kind, pks, membership)
    }


def _address_of(kind: str, record: Any, membership: Membership) -> str:
    if isinstance(record, ImportBatch):
        return _address_of_upload(record, membership)
    if kind not in _PAGES:
        return str(record.get_absolute_url())
    name, field = _PAGES[kind]
    return reverse(name, args=[getattr(record, field)])


def _records_of(kind: str, pks: Collection[int], membership: Membership) -> Iterable[Any]:
    """The records that are there and that this reader may see, of a kind that has a page."""
    try:
        model: Any = apps.get_model(kind)
    except (LookupError, ValueError):
        return ()
    has_page = kind in _PAGES or hasattr(model, "get_absolute_url")
    if not has_page or not hasattr(model.objects, "visible_to"):
        return ()
    found: Iterable[Any] = model.objects.visible_to(membership).filter(pk__in=pks)
    return found


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
