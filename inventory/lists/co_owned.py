"""Co-owned patents, and the offers to hand their filing over."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from inventory.filters.co_owned import CoOwnedFilter, HandoverFilter
from inventory.holder_choices import HandoverState
from inventory.models import BaseListEntry, HandoverOffer
from inventory.queries.co_owned import objection_period, with_roles
from portal.lists import cells
from portal.lists.cells import Badge
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.models import Membership


def _entries(asked: Asked) -> QuerySet[BaseListEntry]:
    visible = BaseListEntry.objects.visible_to(asked.membership)
    return with_roles(visible).select_related(
        "patent", "dossier__participation__institution", "institution", "campaign"
    )


def _is_filing(entry: BaseListEntry) -> bool:
    return entry.dossier.participation.institution_id == entry.institution_id


def _role(entry: BaseListEntry) -> str:
    return gettext("Files it") if _is_filing(entry) else gettext("Co-holder")


def _state(entry: Any) -> list[Badge]:
    """State, then what is open between the holders."""
    found: list[Badge] = [("dossier", entry.dossier.state, cells.word_of(entry.dossier, "state"))]
    if entry.is_objected:
        found.append(("tone", "warning", gettext("Objected to")))
    if entry.is_offered:
        found.append(("tone", "waiting", gettext("Handing over is offered")))
    if entry.came_by_id:
        found.append(("tone", "info", gettext("Came by transfer")))
    return found


def _until(entry: BaseListEntry) -> tuple[str, str]:
    """Last day for an objection of a co-holder, and how many days are left."""
    period = objection_period(entry)
    if _is_filing(entry) or period.until is None:
        return "", ""
    left = period.days_left or 0
    said = ngettext("%(days)s day left", "%(days)s days left", left) % {"days": left}
    return period.until.isoformat(), said if left else gettext("over")


def _address(entry: Any) -> str:
    return f"{entry.dossier.get_absolute_url()}#co-owned"


def _pick(entry: BaseListEntry) -> str:
    return f"{entry.dossier_id}-{entry.dossier.version}" if _is_filing(entry) else ""


def of_bureau(membership: Membership) -> bool:
    return not membership.is_of_institution


CO_OWNED = ListSpec(
    name="inventory.co_owned",
    label=_("Co-owned patents"),
    url_name="inventory:co-owned-list",
    rows=_entries,
    filterset=CoOwnedFilter,
    orderings={
        "listed": Ordering(_("As listed"), ("pk",)),
        "number": Ordering(_("Application number"), ("patent__application_number",)),
        "state": Ordering(_("State"), ("dossier__state",)),
    },
    columns=(
        Column("number", _("Application number"), lambda e: e.patent.number, cells.CODE, "number"),
        Column("title", _("Title"), lambda e: e.patent.title, cells.LONG),
        Column(
            "institution",
            _("Institution"),
            lambda e: e.institution.name,
            cells.NAME,
            filter="institution",
            shown_to=of_bureau,
        ),
        Column("role", _("Role of the institution"), _role, cells.SHORT, filter="role"),
        Column(
            "filing",
            _("Filing institution"),
            lambda e: e.dossier.participation.institution.name,
            cells.NAME,
        ),
        Column("state", _("State"), _state, cells.BADGES, "state", "state"),
        Column("approved", _("Approved"), lambda e: e.confirmed_on, cells.DAY),
        Column("until", _("Objection possible until"), _until, cells.PAIR, filter="objection"),
    ),
    link=_address,
    pick=_pick,
    tone=lambda entry: "" if entry.is_included else "is-muted",
    empty=Empty(
        "users",
        _("No patent here has a second holder"),
        _("Patents with several holders appear as soon as a base list is imported."),
    ),
    is_stacked=True,
)


def _offers(asked: Asked) -> QuerySet[HandoverOffer]:
    return HandoverOffer.objects.visible_to(asked.membership).select_related(
        "dossier__patent",
        "from_participation__institution",
        "to_participation__institution",
        "offered_by__user",
        "answered_by__user",
    )


HANDOVERS = ListSpec(
    name="inventory.handovers",
    label=_("Offers to hand over"),
    url_name="inventory:handover-list",
    rows=_offers,
    filterset=HandoverFilter,
    orderings={
        "newest": Ordering(_("Newest first"), ("-pk",)),
        "oldest": Ordering(_("Oldest first"), ("pk",)),
    },
    columns=(
        Column("number", _("Application number"), lambda o: o.dossier.patent.number, cells.CODE),
        Column("title", _("Title"), lambda o: o.dossier.patent.title, cells.LONG),
        Column("by", _("Offered by"), lambda o: o.from_participation.institution.name, cells.NAME),
        Column("to", _("Offered to"), lambda o: o.to_participation.institution.name, cells.NAME),
        Column("reason", _("Reason"), lambda o: (o.reason, o.answer), cells.PAIR),
        Column(
            "state",
            _("State"),
            lambda o: [("handover", o.state, cells.word_of(o, "state"))],
            cells.BADGES,
            filter="state",
        ),
        Column("offered", _("Offered on"), lambda o: o.offered_at, cells.DAY),
    ),
    link=_address,
    pick=lambda o: f"{o.pk}-{o.version}" if o.state == HandoverState.OFFERED else "",
    tone=lambda o: "" if o.state == HandoverState.OFFERED else "is-muted",
    empty=Empty(
        "switch-horizontal",
        _("No offers here"),
        _("Tick co-owned patents that you file, and offer them to another holder."),
    ),
    is_stacked=True,
)
