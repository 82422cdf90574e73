"""Writing what the preview of a national template promised; a dossier that changed since is left alone and named."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory import permissions
from inventory.models import Dossier
from inventory.services.contents import Plans, write_plans
from portal.choices import RowOutcome
from portal.intake import staging
from portal.intake.registry import FoundIssue, Step
from portal.models import ImportBatch, ImportRow

_PLANNED: Final = """(
    SELECT r.target_id AS id, r.plan FROM portal_importrow r
    WHERE r.batch_id = %(batch)s AND r.line BETWEEN %(first)s AND %(last)s
      AND r.outcome IN ('added', 'changed') AND NOT r.is_applied) AS t"""


def rows_to_write(batch: ImportBatch, first_line: int) -> QuerySet[ImportRow]:
    """Good rows from a line on that are not written yet, in the order of the file."""
    good = (RowOutcome.ADDED, RowOutcome.CHANGED)
    left = batch.rows.filter(line__gte=first_line, outcome__in=good, is_applied=False)
    return left.order_by("line")


def write_dossiers(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Fill in the dossiers of the next rows; one that changed since the preview is left alone and named."""
    left = rows_to_write(batch, first_line)
    # a row that was previewed by a release without plans has none: it is compared anew, as if its dossier had changed
    seen = list(left.values_list("line", "target_id", "target_version", "plan__starts")[:limit])
    if not seen:
        return None
    planned = {target: version for _line, target, version, starts in seen if starts is not None}
    as_seen = _unchanged(batch, planned)
    gone = [line for line, target, *_rest in seen if target not in as_seen]
    if gone:
        numbers = batch.rows.filter(line__in=gone).values_list("line", "values__number")
        issues = [FoundIssue(line, "dossier_changed", value=number) for line, number in numbers]
        staging.refuse(batch, issues)
    first, last = seen[0][0], seen[-1][0]
    lines = {"batch": batch.pk, "first": first, "last": last}
    if as_seen:
        write_plans(Plans(_PLANNED, lines, sorted(as_seen)), actor=batch.membership)
        staging.mark_planned(batch, first, last)
    return last + 1


def _unchanged(batch: ImportBatch, versions: dict[int | None, int | None]) -> set[int]:
    """The dossiers, locked in the order of their keys, that are as the preview saw them and may still be filled in."""
    dossiers = (
        Dossier.objects.filter(pk__in=[pk for pk in versions if pk is not None])
        .only("version", "state", "participation", "responsible", "unit")
        .prefetch_related("participation", "unit")
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    return {
        one.pk
        for one in dossiers
        if one.version == versions[one.pk]
        and one.is_editable
        and permissions.can_edit_dossier(batch.membership, one)
    }


APPLICATIONS: Final = (Step(_("Filling in dossiers"), write_dossiers, rows=rows_to_write),)
