"""The review queue: dossiers that wait for one's decision."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.choices import FindingKind
from inventory.filters.entries import QueueFilter
from inventory.lists.entries import WORDS
from inventory.models import Dossier, FieldComment
from portal.choices import Role
from portal.lists import cells
from portal.lists.cells import Badge
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.models import Membership

ORDERINGS = {
    "findings": Ordering(_("Findings first"), ("-finding_weight", "updated_at")),
    "waiting": Ordering(_("Longest waiting first"), ("updated_at",)),
    "number": Ordering(_("Application number"), ("patent__application_number",)),
}


def queue_of(membership: Membership) -> QuerySet[Dossier]:
    """Dossiers waiting for this person's review, with what a row shows."""
    return (
        Dossier.objects.filed_for(membership)
        .waiting_for(membership)
        .select_related("patent", "unit", "responsible", "participation")
        .prefetch_related(
            "status_marks",
            "intent_marks",
            "findings",
            Prefetch(
                "comments",
                FieldComment.objects.filter(settled_at__isnull=True),
                to_attr="open_comments",
            ),
        )
    )


def is_reviewer(membership: Membership) -> bool:
    return membership.role in (Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER)


def _rows(asked: Asked) -> QuerySet[Dossier]:
    return queue_of(asked.membership)


def _pick(dossier: Dossier) -> str:
    return f"{dossier.pk}-{dossier.version}"


def _findings(dossier: Dossier) -> list[Badge]:
    """All that a reviewer should see first in one column: the others have the width."""
    kinds = (FindingKind(each.kind) for each in dossier.findings.all())
    found = [("tone", "warning", str(kind.label)) for kind in kinds]
    if count := _open_comments(dossier):
        found.append(("tone", "info", f"{gettext('Open comments')} {count}"))
    return _unchanged(dossier) + found


def _unchanged(dossier: Dossier) -> list[Badge]:
    return [("tone", "info", gettext("Confirmed unchanged"))] if dossier.is_confirming else []


def _open_comments(dossier: Dossier) -> int | None:
    return len(dossier.open_comments) or None  # type: ignore[attr-defined]


COLUMNS: tuple[Column, ...] = (
    Column("number", _("Application number"), lambda d: d.patent.number, cells.CODE, "number"),
    Column("title", _("Title"), lambda d: d.patent.title, cells.LONG),
    Column(
        "kind",
        _("Kind"),
        lambda d: cells.word_of(d.patent, "kind"),
        filter="kind",
        is_default=False,
    ),
    Column(
        "unchanged",
        _("Answers"),
        _unchanged,
        cells.BADGES,
        filter="unchanged",
        is_default=False,
    ),
    Column("findings", _("Findings"), _findings, cells.BADGES, "findings", "finding"),
    Column("comments", _("Open comments"), _open_comments, cells.NUMBER, is_default=False),
    Column("unit", _("Unit"), lambda d: d.unit, filter="unit"),
    Column("responsible", _("Responsible person"), lambda d: d.responsible),
    Column("status", _("Implementation status"), lambda d: d.status_marks.all(), cells.LINES),
    Column("intent", _("Intent"), lambda d: d.intent_marks.all(), cells.LINES),
    Column("stars", _("Own rating"), lambda d: d.stars, cells.STARS, filter="stars"),
    Column("waiting", _("Waiting since"), lambda d: d.updated_at, cells.DAY, "waiting"),
)

REVIEWS = ListSpec(
    name="inventory.reviews",
    label=_("Review"),
    url_name="inventory:review-queue",
    rows=_rows,
    filterset=QueueFilter,
    orderings=ORDERINGS,
    columns=COLUMNS,
    may_open=is_reviewer,
    link=Dossier.get_absolute_url,
    pick=_pick,
    empty=Empty(
        "circle-check",
        _("Nothing waits for your review"),
        _("Dossiers appear here when they are submitted."),
    ),
    has_drawer=True,
    words=WORDS,
    is_stacked=True,
)
