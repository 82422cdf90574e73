"""The job `inventory.dossier-pdf`: the 盘点表 of one patent as a PDF file, with what the asker may read."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import terms
from inventory.exports.sheet import groups
from inventory.models import Dossier
from inventory.queries import dossiers as queries
from inventory.services.exports import DOSSIER_PDF
from portal import audit, clock
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.jobs.registry import Chunk, JobKind
from portal.models import Job, Membership, StoredFile
from portal.pdf import render_pdf
from portal.services.files import keep_file

STEPS = 30


def job_kind() -> JobKind:
    return JobKind(name=DOSSIER_PDF, label=gettext_lazy("One dossier as PDF"), chunk=_chunk)


def _chunk(job: Job) -> Chunk:
    member = job.membership
    visible = Dossier.objects.visible_to(member) if member else Dossier.objects.none()
    dossier = queries.with_all(visible).filter(pk=job.params["dossier"]).first()
    if member is None or dossier is None:
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    content = render_pdf("dossier", pages_of(dossier, member), actor=member)
    name = _("%(number)s-dossier-%(day)s.pdf") % {
        "number": dossier.patent.number,
        "day": clock.today().isoformat(),
    }
    kept = keep_file(
        content=ContentFile(content), name=name, purpose=StoredFile.Purpose.EXPORT, actor=member
    )
    audit.record(
        actor=member,
        action=AuditAction.EXPORT,
        target=dossier,
        owner=dossier.participation.institution_id,
        reason=kept.name,
    )
    return Chunk(1, total=1, is_done=True, stage=_("File ready"), result={"file": kept.pk})


def pages_of(dossier: Dossier, membership: Membership) -> dict[str, Any]:
    """What templates/pdf/dossier.typ sets."""
    return {
        "heading": _("Stock-taking sheet of a patent"),
        "number": f"{dossier.patent.number} · v{dossier.version}",
        "facts": _facts(dossier),
        "groups": [
            {
                "label": f"{place}. {group['label']}",
                "rows": [[row["column"], str(row["label"]), _shown(row)] for row in group["rows"]],
            }
            for place, group in enumerate(groups(dossier, membership), 1)
        ],
        "steps": _steps(dossier),
        "words": {"steps": _("Review steps")},
    }


def _shown(row: dict[str, Any]) -> str:
    if row["value"] is None:
        return _("Shown to the filing institution only")
    if row["stars"]:
        given: int = row["stars"]
        return f"{'★' * given}{'☆' * (5 - given)} {row['value']}"
    return str(row["value"]) or "—"


def _day(value: date | None) -> str:
    return value.isoformat() if value is not None else "—"


def _facts(dossier: Dossier) -> list[list[str]]:
    """Rows of (label, value, label, value)."""
    patent = dossier.patent
    holders = "、".join(holder.name for holder in patent.holders.all())
    inventors = "、".join(inventor.name for inventor in patent.inventors.all())
    years = terms.full_years(patent.filed_on, clock.today()) if patent.filed_on else None
    cells = [
        (_("Application number"), patent.number),
        (_("Kind of patent"), patent.get_kind_display()),
        (_("Title"), patent.title),
        (_("Legal status"), patent.get_simple_status_display()),
        (_("Holders"), holders or "—"),
        (_("Inventors"), inventors or "—"),
        (_("Unit"), dossier.unit.name if dossier.unit else "—"),
        (_("Responsible person"), dossier.responsible.name if dossier.responsible else "—"),
        (_("Filed"), _day(patent.filed_on)),
        (_("Granted"), _day(patent.granted_on)),
        (_("Full years since filing"), "—" if years is None else str(years)),
        (_("State"), str(dossier.get_state_display())),
    ]
    return [[*cells[place], *cells[place + 1]] for place in range(0, len(cells), 2)]


def _steps(dossier: Dossier) -> list[list[str]]:
    """Time, act and person of the review steps, newest first; reasons stay inside the portal."""
    return [
        [
            step.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M"),
            f"{step.get_act_display()} → {step.get_to_state_display()}",
            f"{step.actor.user.name} · {step.actor}",
        ]
        for step in queries.steps_of(dossier, STEPS)
    ]
