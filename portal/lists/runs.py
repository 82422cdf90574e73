"""Acts on many rows as a list: what was done, by whom and why."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.bulk.running import title_of
from portal.filters import BulkRunFilter
from portal.lists import cells
from portal.lists.columns import Column
from portal.lists.registry import register
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.models import BulkRun


def _runs(asked: Asked) -> QuerySet[BulkRun]:
    return BulkRun.objects.visible_to(asked.membership).newest_first()


BULK_RUNS = ListSpec(
    name="portal.bulk",
    label=_("Acts on many rows"),
    url_name="portal:bulk-list",
    rows=_runs,
    filterset=BulkRunFilter,
    orderings={"newest": Ordering(_("Newest first"), ("-pk",))},
    columns=(
        Column("act", _("Act"), title_of),
        Column(
            "state",
            _("State"),
            lambda run: [("job", run.state, cells.word_of(run, "state"))],
            cells.BADGES,
            filter="state",
        ),
        Column("rows", _("Rows"), lambda run: run.total, cells.NUMBER),
        Column("by", _("Asked for by"), lambda run: run.membership.user.name, cells.SHORT),
        Column("asked", _("Asked for"), lambda run: run.created_at, cells.MOMENT, "newest"),
        Column("reason", _("Reason"), lambda run: run.reason, cells.LONG),
    ),
    link=lambda run: run.get_absolute_url(),
    empty=Empty(
        "checklist",
        _("Nothing was done to many rows at once yet"),
        _("Tick rows in a list and choose an act; it appears here with what became of every row."),
    ),
    is_stacked=True,
)


def register_lists() -> None:
    """Called once by PortalConfig.ready."""
    register(BULK_RUNS)
