"""Emptying staged rows of what they say about people; that they came, and what became of them, stays."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from portal.models import ImportBatch, ImportCorrection, ImportIssue, ImportRow


def empty_rows(rows: QuerySet[ImportRow]) -> int:
    """Forget what these rows said, with what was found in them and typed over them, and the samples of their files.

    Number, outcome, target and what became of a row stay. Only for rows of imports that are over: nothing is to be
    written of an emptied row.
    """
    keys = list(rows.values_list("pk", flat=True))
    held = ImportRow.objects.filter(pk__in=keys)
    there = Exists(held.filter(batch=OuterRef("batch"), line=OuterRef("line")))
    ImportIssue.objects.filter(there).update(value="", params={})
    ImportCorrection.objects.filter(there).delete()
    batches = list(ImportBatch.objects.filter(rows__in=keys).distinct())
    for batch in batches:
        batch.columns = [{**column, "samples": []} for column in batch.columns]
    ImportBatch.objects.bulk_update(batches, ["columns"])
    return held.update(key="", values={}, changes={}, before=None, plan=None)
