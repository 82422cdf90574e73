"""Writing what the preview of a national template promised; a dossier that changed since is left alone and named."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from inventory import permissions
from inventory.importing.national_checks import shape_of
from inventory.importing.national_keyed import answered
from inventory.importing.national_merge import Sides
from inventory.importing.national_plan import Plan, plan
from inventory.models import Dossier
from inventory.services import moves
from inventory.services.contents import Writing, write_contents
from inventory.services.edits import said_before
from portal.choices import RowOutcome
from portal.intake import staging
from portal.intake.registry import FoundIssue, Step
from portal.models import ImportBatch, ImportRow


def write_dossiers(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Fill in the dossiers of the next rows; one that changed since the preview is left alone and named."""
    rows = list(
        batch.rows.filter(
            line__gte=first_line,
            outcome__in=[RowOutcome.ADDED, RowOutcome.CHANGED],
            is_applied=False,
        ).order_by("line")[:limit]
    )
    if not rows:
        return None
    locked = {one.pk: one for one in moves.lock_dossiers(row.target_id or 0 for row in rows)}
    sides = Sides(rows, answered(shape_of(batch)))
    writings, issues, before = [], [], {}
    for row in rows:
        dossier = locked.get(row.target_id or 0)
        planned = _planned(batch, row, dossier, sides)
        if dossier is None or planned is None:
            issues.append(FoundIssue(row.line, "dossier_changed", value=row.values["number"]))
            continue
        writings.append(_writing(planned, dossier))
        before[row.line] = (dossier, said_before(writings[-1]))
    staging.refuse(batch, issues)
    write_contents(writings, actor=batch.membership)
    staging.mark_applied(
        batch,
        [
            staging.Written(line, dossier.pk, said, dossier.version)
            for line, (dossier, said) in before.items()
        ],
    )
    return rows[-1].line + 1


def _planned(
    batch: ImportBatch, row: ImportRow, dossier: Dossier | None, sides: Sides
) -> Plan | None:
    """What the preview promised of a row; None where the dossier is not as the preview saw it."""
    if dossier is None or not _is_as_seen(batch, row, dossier):
        return None
    settled = sides.settle(row, dossier)
    planned = plan(settled.values, dossier)
    return planned if planned.differs and not settled.open else None


def _is_as_seen(batch: ImportBatch, row: ImportRow, dossier: Dossier) -> bool:
    return (
        dossier.version == row.target_version
        and dossier.is_editable
        and permissions.can_edit_dossier(batch.membership, dossier)
    )


def _writing(planned: Plan, dossier: Dossier) -> Writing:
    return Writing(
        dossier=dossier,
        before=planned.before,
        after=planned.after,
        maturity_raw=planned.maturity_raw,
        unit_id=planned.unit_id or dossier.unit_id,
        responsible_id=dossier.responsible_id,
    )


APPLICATIONS: Final = (Step(_("Filling in dossiers"), write_dossiers),)
