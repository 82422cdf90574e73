"""The log of urgings: what one's office sent and what it received."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from inventory.filters.urges import UrgeFilter
from inventory.models import Urge
from portal.lists import cells
from portal.lists.cells import Badge
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.templatetags.portal_tags import day, moment, whole


def _rows(asked: Asked) -> QuerySet[Urge]:
    return Urge.objects.visible_to(asked.membership).with_names()


def _read(urge: Urge) -> tuple[str, str]:
    """When, and who."""
    if urge.read_at is None or urge.read_by is None:
        return "", ""
    return str(moment(urge.read_at)), urge.read_by.user.name


def _answer(urge: Urge) -> list[Badge]:
    if urge.answered_at is None:
        return [("tone", "waiting", gettext("Not answered yet"))]
    if urge.promised_on is None:
        return [("tone", "success", gettext("Answered"))]
    return [("tone", "success", gettext("Done by %(day)s") % {"day": day(urge.promised_on)})]


URGES = ListSpec(
    name="inventory.urges",
    label=_("Urging"),
    url_name="inventory:urge-list",
    rows=_rows,
    filterset=UrgeFilter,
    orderings={"newest": Ordering(_("Newest first"), ("-sent_at",))},
    columns=(
        Column("to", pgettext_lazy("urge", "To"), lambda u: u.target_name, cells.NAME),
        Column("campaign", _("Campaign"), lambda u: u.campaign.name, cells.LONG, filter="campaign"),
        Column(
            "from",
            _("From"),
            lambda u: (u.sender.organisation.name, u.sender.user.name),
            cells.PAIR,
            filter="received",
        ),
        Column(
            "open",
            _("Not complete then"),
            lambda u: f"{whole(u.open_count)} / {whole(u.total_count)}",
            cells.SHORT,
        ),
        Column("sent", _("Sent"), lambda u: u.sent_at, cells.MOMENT, "newest"),
        Column("read", pgettext_lazy("notice", "Read"), _read, cells.PAIR),
        Column("promised", _("Promised for"), _answer, cells.BADGES, filter="answered"),
        Column("answer", _("Answer"), lambda u: u.answer, cells.LONG),
    ),
    link=Urge.get_absolute_url,
    empty=Empty(
        "message-report",
        _("No urging yet"),
        _("What is sent and received is listed here."),
    ),
    is_stacked=True,
)
