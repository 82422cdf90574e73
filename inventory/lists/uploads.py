"""Upload batches, and the patents that went in them with what the national platform said."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory import permissions
from inventory.choices import ItemOutcome, UploadState
from inventory.filters.uploads import UploadFilter, UploadItemFilter
from inventory.models import UploadBatch, UploadItem
from portal import clock
from portal.choices import Role
from portal.lists import cells
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.models import Membership

RELATED = ("institution", "campaign", "prepared_by__user", "signed_by__user", "uploaded_by__user")


def _is_bounded(membership: Membership) -> bool:
    """The items of one institution are sorted as one likes; those of the city are too many."""
    return membership.role != Role.CITY_OFFICIAL


def _batches(asked: Asked) -> QuerySet[UploadBatch]:
    return UploadBatch.objects.visible_to(asked.membership).select_related(*RELATED)


def _name(batch: UploadBatch) -> str:
    return gettext("Batch %(number)s") % {"number": batch.number}


def _by(moment: date | None, person: Membership | None) -> tuple[str, str]:
    """A day and, below it, who."""
    if moment is None:
        return "", ""
    day = clock.day_of(moment) if isinstance(moment, datetime) else moment
    return day.isoformat(), person.user.name if person else ""


UPLOADS = ListSpec(
    name="inventory.uploads",
    label=_("Upload batches"),
    url_name="inventory:upload-list",
    rows=_batches,
    filterset=UploadFilter,
    orderings={
        "newest": Ordering(_("Newest first"), ("-pk",)),
        "oldest": Ordering(_("Oldest first"), ("pk",)),
    },
    columns=(
        Column("number", _("Batch"), _name, cells.SHORT),
        Column(
            "institution",
            _("Institution"),
            lambda b: b.institution.name,
            cells.NAME,
            filter="institution",
        ),
        Column("campaign", _("Campaign"), lambda b: b.campaign.name, cells.LONG, filter="campaign"),
        Column("kind", _("Contents"), lambda b: cells.word_of(b, "kind"), cells.SHORT),
        Column("count", _("Patents"), lambda b: b.count, cells.NUMBER),
        Column(
            "state",
            _("State"),
            lambda b: [("upload", b.state, cells.word_of(b, "state"))],
            cells.BADGES,
            filter="state",
        ),
        Column("prepared", _("Prepared"), lambda b: _by(b.prepared_at, b.prepared_by), cells.PAIR),
        Column("signed", _("Signed"), lambda b: _by(b.signed_at, b.signed_by), cells.PAIR),
        Column("statement", _("Statement"), lambda b: b.statement, cells.LONG, is_default=False),
        Column(
            "uploaded", _("Uploaded on"), lambda b: _by(b.uploaded_on, b.uploaded_by), cells.PAIR
        ),
    ),
    may_open=permissions.can_read_uploads,
    link=UploadBatch.get_absolute_url,
    tone=lambda batch: "is-muted" if batch.state == UploadState.WITHDRAWN else "",
    empty=Empty(
        "file-upload",
        _("No batch yet"),
        _("A batch gathers the approved dossiers in the national layout."),
    ),
    is_stacked=True,
)


# --- the patents of batches ------------------------------------------------------------------------------


def items_of(asked: Asked) -> QuerySet[UploadItem]:
    """Of one batch where the address names it, otherwise of all that one may see."""
    batches = UploadBatch.objects.visible_to(asked.membership)
    if asked.GET.get("batch"):
        batches = batches.filter(pk=asked.number("batch"))
    return UploadItem.objects.filter(batch__in=batches.values("pk")).select_related(
        "dossier__patent", "dossier__unit", "batch__institution"
    )


def _doubts(item: UploadItem) -> list[cells.Badge]:
    return [("tone", "warning", label) for label in item.doubt_labels]


def _tone(item: UploadItem) -> str:
    if item.outcome == ItemOutcome.RETURNED:
        return "is-late"
    return "is-muted" if item.outcome == ItemOutcome.LEFT_OUT else ""


UPLOAD_ITEMS = ListSpec(
    name="inventory.upload_items",
    label=_("Patents in upload batches"),
    url_name="inventory:upload-items",
    rows=items_of,
    filterset=UploadItemFilter,
    orderings={
        "doubtful": Ordering(_("Doubtful first"), ("-doubt_count",), _is_bounded),
        "newest": Ordering(_("Newest first"), ("-pk",)),
        "number": Ordering(
            _("Application number"), ("dossier__patent__application_number",), _is_bounded
        ),
    },
    columns=(
        Column(
            "number",
            _("Application number"),
            lambda i: i.dossier.patent.number,
            cells.CODE,
            "number",
        ),
        Column("title", _("Title"), lambda i: i.dossier.patent.title, cells.LONG),
        Column(
            "institution",
            _("Institution"),
            lambda i: i.batch.institution.name,
            cells.NAME,
            is_default=False,
        ),
        Column("unit", _("Unit"), lambda i: i.dossier.unit, cells.NAME),
        Column("doubts", _("Doubts"), _doubts, cells.BADGES, "doubtful", "doubtful"),
        Column(
            "outcome",
            _("Outcome"),
            lambda i: [("upload", i.outcome, cells.word_of(i, "outcome"))],
            cells.BADGES,
            filter="outcome",
        ),
        Column("message", _("Message"), lambda i: i.message, cells.LONG),
        Column("answered", _("Answered on"), lambda i: i.answered_on, cells.DAY),
        Column("batch", _("Batch"), lambda i: i.batch.number, cells.NUMBER, "newest"),
    ),
    may_open=permissions.can_read_uploads,
    link=lambda item: reverse("inventory:dossier-detail", args=[item.dossier_id]),
    pick=lambda item: str(item.pk) if item.outcome == ItemOutcome.WAITING else "",
    tone=_tone,
    empty=Empty(
        "file-search",
        _("No patent here"),
        _("While the batch is prepared its patents appear one by one."),
    ),
    scope=("batch",),
    is_stacked=True,
)
