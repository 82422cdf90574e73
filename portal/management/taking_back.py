"""`manage.py intake --undo BATCH`: a finished import taken back here and now, with what stays and why."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from portal.choices import ImportState
from portal.errors import DomainError
from portal.intake.reports import STAYED
from portal.jobs import runner
from portal.models import ImportBatch, Membership
from portal.services import import_undo


def take_back(actor: Membership, pk: int) -> dict[str, Any]:
    """Take an import that the person may see back, doing its job at once.

    Returns file, kind, state, counts, problem and the rows that stay, each {row, outcome, reason}. Calling again on an
    import that was taken back says the same and changes nothing. CommandError where it cannot be taken back.
    """
    batch = _visible(actor, pk)
    if batch.state != ImportState.TAKEN_BACK:
        try:
            batch = import_undo.take_back(
                actor=actor,
                batch=batch,
                seen_version=batch.version,
                reason=_("Taken back by command"),
            )
        except DomainError as problem:
            raise CommandError(str(problem.message)) from problem
        runner.run_next(runner.worker_name(), job_id=batch.job_id)
        batch = _visible(actor, pk)
    kept = batch.rows.filter(undo_outcome__in=STAYED).order_by("line")
    return {
        "batch": batch.pk,
        "file": batch.file.name,
        "kind": batch.kind,
        "state": str(batch.state),
        "problem": batch.problem,
        "counts": batch.counts.get("undone", {}),
        "kept": [
            {"row": line, "outcome": outcome, "reason": note}
            for line, outcome, note in kept.values_list("line", "undo_outcome", "undo_note")
        ],
        "issues": [],
    }


def _visible(actor: Membership, pk: int) -> ImportBatch:
    batches = ImportBatch.objects.visible_to(actor).select_related("file", "organisation")
    batch = batches.filter(pk=pk).first()
    if batch is None:
        raise CommandError(f"There is no import {pk} of this organisation.")
    return batch
