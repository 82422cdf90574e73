"""Batches for tests: prepared, signed, handed out, uploaded, as people would do it."""

from __future__ import annotations

from datetime import date
from typing import Any

from inventory.choices import DossierState, SignOffCheck, UploadKind
from inventory.models import BaseListEntry, UploadBatch
from inventory.services import uploads
from portal import clock
from portal.jobs import runner
from portal.models import Membership
from tests import factories
from tests.conftest import Cast


def approved(cast: Cast, **fields: Any) -> BaseListEntry:
    """An approved dossier of the university."""
    return factories.entry(cast.participation, state=DossierState.COMPLETED, **fields)


def prepared(
    cast: Cast,
    kind: UploadKind = UploadKind.FULL,
    query: str = "",
    actor: Membership | None = None,
) -> UploadBatch:
    """A batch with its file."""
    batch = uploads.start_batch(
        campaign=cast.campaign, kind=kind, query=query, actor=actor or cast.manager
    )
    runner.run_due("test-worker")
    return fresh(batch)


def fresh(batch: UploadBatch) -> UploadBatch:
    return UploadBatch.objects.select_related("prepared_by", "file", "job").get(pk=batch.pk)


def asked(batch: UploadBatch, actor: Membership) -> UploadBatch:
    uploads.request_sign_off(batch=batch, seen_version=batch.version, actor=actor)
    return fresh(batch)


def signed(batch: UploadBatch, actor: Membership) -> UploadBatch:
    batch = asked(batch, actor)
    uploads.sign_off(
        batch=batch,
        checks=SignOffCheck.values,
        statement="演示审查意见",
        seen_version=batch.version,
        actor=actor,
    )
    return fresh(batch)


def handed_out(batch: UploadBatch, actor: Membership) -> UploadBatch:
    batch = signed(batch, actor)
    uploads.hand_out(batch=batch, seen_version=batch.version, actor=actor)
    return fresh(batch)


def uploaded(batch: UploadBatch, actor: Membership, on: date | None = None) -> UploadBatch:
    batch = handed_out(batch, actor)
    uploads.mark_uploaded(
        batch=batch, on=on or clock.today(), seen_version=batch.version, actor=actor
    )
    return fresh(batch)
