"""The job `inventory.confirmation`: counts, list and digest of what a unit approved, as a PDF file for the stamp."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import permissions
from inventory.choices import (
    ConfirmationState,
    DossierState,
    IntentLevel1,
    PatentKind,
    Stars,
    StatusLevel1,
)
from inventory.models import Dossier, UnitConfirmation
from inventory.models.confirmations import CONFIRMED
from inventory.services import confirmations
from portal import clock
from portal.errors import DomainError
from portal.jobs.registry import Chunk, JobKind
from portal.models import Job, Membership, StoredFile
from portal.pdf import render_pdf
from portal.services.files import keep_file


def job_kind() -> JobKind:
    return JobKind(
        name=confirmations.KIND,
        label=gettext_lazy("Confirmation sheet for the stamp"),
        chunk=_chunk,
        failed=confirmations.give_up_sheet,
    )


def _chunk(job: Job) -> Chunk:
    member = job.membership
    found = (
        UnitConfirmation.objects.select_related("campaign", "unit__organisation", "made_by__user")
        .select_for_update(of=("self",))
        .get(pk=job.params["confirmation"])
    )
    if member is None or not permissions.can_confirm_unit(member, found.unit):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    if found.state == ConfirmationState.MAKING:
        _make(found, member)
    return Chunk(
        1, total=1, is_done=True, stage=_("File ready"), result={"url": found.get_absolute_url()}
    )


def _make(found: UnitConfirmation, member: Membership) -> None:
    """List what is approved now, under lock, so that paper and list cannot differ."""
    whole = confirmations.dossiers_of(found.campaign, found.unit)
    dossiers = list(
        whole.filter(state__in=CONFIRMED)
        .prefetch_related("status_marks", "intent_marks")
        .select_for_update(of=("self",))
    )
    digest = confirmations.digest_of(dossiers)
    states = Counter(
        {row["state"]: row["n"] for row in whole.order_by().values("state").annotate(n=Count("pk"))}
    )
    data = pages_of(found, dossiers, states, digest)
    content = render_pdf("confirmation", data, actor=member)
    sheet = keep_file(
        content=ContentFile(content),
        name=f"{data['heading']}-{found.unit.name}-{found.number}.pdf",
        purpose=StoredFile.Purpose.EVIDENCE,
        actor=member,
    )
    confirmations.keep_sheet(confirmation=found, dossiers=dossiers, digest=digest, sheet=sheet)


def pages_of(
    found: UnitConfirmation, dossiers: Sequence[Dossier], states: Counter[str], digest: str
) -> dict[str, Any]:
    """What templates/pdf/confirmation.typ sets; price, fees and contacts are not on the paper."""
    return {
        "heading": _("Confirmation sheet of the unit"),
        "number": found.number,
        "facts": [
            [
                _("Institution"),
                found.unit.organisation.name,
                _("Unit"),
                found.unit.name,
            ],
            [_("Campaign"), found.campaign.name, _("Day"), clock.today().isoformat()],
            [_("Dossiers confirmed"), str(len(dossiers)), _("Short digest"), digest[:16]],
        ],
        "counts": _counts(dossiers, states),
        "head": [
            _("No."),
            _("Application number"),
            _("Title"),
            _("Responsible person"),
            _("Implementation status"),
            _("Intent"),
            _("Stars"),
            _("Version"),
        ],
        "rows": [_row(place, dossier) for place, dossier in enumerate(dossiers, 1)],
        "digest": digest,
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "counts": _("Counts"),
        "list": _("Patents confirmed"),
        "digest": _("Digest (SHA-256) of the answers listed"),
        "void": _(
            "This sheet is void as soon as a listed dossier is returned or revised; the portal shows it."
        ),
        "sign": _("Head of the unit (signature)"),
        "stamp": _("Stamp of the unit"),
        "day": _("Day"),
    }


def _row(place: int, dossier: Dossier) -> list[str]:
    statuses = "；".join(str(mark) for mark in dossier.status_marks.all())
    intents = "；".join(str(mark) for mark in dossier.intent_marks.all())
    return [
        str(place),
        dossier.patent.number,
        dossier.patent.title,
        dossier.responsible.name if dossier.responsible else "—",
        statuses or "—",
        intents or "—",
        str(dossier.stars) if dossier.stars else "—",
        str(dossier.version),
    ]


def _counts(dossiers: Sequence[Dossier], states: Counter[str]) -> list[list[str]]:
    """(what is counted, counts in words): states over all of the unit's dossiers, the rest over the listed ones."""
    return [
        [_("All dossiers of the unit by state"), _in_words(states, DossierState.choices)],
        [
            _("Listed, by kind of patent"),
            _in_words(Counter(d.patent.kind for d in dossiers), PatentKind.choices),
        ],
        [
            _("Listed, by own rating"),
            _in_words(Counter(d.stars for d in dossiers if d.stars), Stars.choices[::-1]),
        ],
        [
            _("Listed, by implementation status"),
            _in_words(_levels(d.status_marks.all() for d in dossiers), StatusLevel1.choices),
        ],
        [
            _("Listed, by intent"),
            _in_words(_levels(d.intent_marks.all() for d in dossiers), IntentLevel1.choices),
        ],
    ]


def _levels(marks: Iterable[Iterable[Any]]) -> Counter[Any]:
    """A dossier with two marks of one level counts once."""
    return Counter(level for each in marks for level in {mark.level1 for mark in each})


def _in_words(counts: Counter[Any], choices: Sequence[tuple[Any, Any]]) -> str:
    return "，".join(f"{label} {counts[code]}" for code, label in choices if counts[code]) or "—"
