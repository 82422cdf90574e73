"""What people are told as lists: one's notices, and mails to many that are held until somebody has seen them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portal import permissions
from portal.filters import NoticeFilter, OutboxFilter
from portal.lists import cells
from portal.lists.cells import Cell
from portal.lists.columns import Column
from portal.lists.registry import register
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.models import Notice, OutboxBatch
from portal.notices.words import NoticeLine, in_words
from portal.templatetags.portal_tags import icon, moment

# --- notices ------------------------------------------------------------------------------------------


def _notices(asked: Asked) -> QuerySet[Notice]:
    return Notice.objects.visible_to(asked.membership).with_capacity()


def _lines(notices: list[Notice], asked: Asked) -> list[NoticeLine]:
    return [in_words(notice) for notice in notices]


def _opening(line: NoticeLine) -> str:
    """A button of the form around the table: opening a notice marks it as read, which no link may do."""
    unread = "" if line.notice.read_at else gettext("Unread") + ": "
    return format_html(
        '<button class="notice-open" formaction="{}">{}<span class="notice-words">'
        '<span class="notice-title"><span class="visually-hidden">{}</span>{}</span>{}</span></button>',
        reverse("portal:notice-open", args=[line.notice.pk]),
        icon(line.icon),
        unread,
        line.title,
        format_html_join(
            "", '<span class="notice-detail">{}</span>', [(line.detail,)] if line.detail else []
        ),
    )


def _in_plain_words(line: NoticeLine) -> str:
    return "\n".join(part for part in (line.title, line.detail) if part)


NOTICE = Cell("notice-cell", _opening, _in_plain_words)
NOTICES = ListSpec(
    name="portal.notices",
    label=_("Notices"),
    url_name="portal:notice-list",
    rows=_notices,
    filterset=NoticeFilter,
    orderings={
        "newest": Ordering(_("Newest first"), ("-created_at",)),
        "due": Ordering(_("Due first"), ("due_on",)),
    },
    columns=(
        Column("notice", _("Matter"), lambda n: n, NOTICE),
        Column("kind", _("Kind of notice"), lambda n: n.label, cells.NAME, filter="kind"),
        Column(
            "for", _("Organisation"), lambda n: str(n.notice.recipient.organisation), cells.NAME
        ),
        Column("due", _("Due on"), lambda n: n.notice.due_on, cells.DAY, "due"),
        Column("at", _("Time"), lambda n: n.notice.created_at, cells.MOMENT, "newest"),
        Column(
            "read",
            pgettext_lazy("notice", "Read"),
            lambda n: n.notice.read_at,
            cells.MOMENT,
            filter="read",
        ),
    ),
    dress=_lines,
    tone=lambda line: "" if line.notice.read_at else "is-unread",
    empty=Empty(
        "bell",
        _("No notices here"),
        _("You are told when something is assigned to you, returned to you or due."),
    ),
    is_stacked=True,
)


# --- mails to many ------------------------------------------------------------------------------------


def _batches(asked: Asked) -> QuerySet[OutboxBatch]:
    return OutboxBatch.objects.visible_to(asked.membership).with_names()


def _decided(batch: OutboxBatch) -> tuple[str, str]:
    """When, and below it by whom."""
    if batch.decided_at is None or batch.decided_by is None:
        return "", ""
    return moment(batch.decided_at), batch.decided_by.user.name


OUTBOX = ListSpec(
    name="portal.outbox",
    label=_("Mail to many"),
    url_name="portal:outbox-list",
    rows=_batches,
    filterset=OutboxFilter,
    orderings={
        "newest": Ordering(_("Newest first"), ("-pk",)),
        "count": Ordering(_("Most mails first"), ("-count",)),
    },
    columns=(
        Column("subject", _("Subject"), lambda b: b.title, cells.LONG),
        Column("count", _("Mails"), lambda b: b.count, cells.NUMBER, "count"),
        Column(
            "state",
            _("State"),
            lambda b: [("batch", b.state, b.get_state_display())],
            cells.BADGES,
            filter="state",
        ),
        Column("sender", _("Sender"), lambda b: b.author.user.name, cells.SHORT),
        Column("at", _("Time"), lambda b: b.created_at, cells.MOMENT, "newest"),
        Column("decided", _("Decided"), _decided, cells.PAIR),
    ),
    may_open=permissions.can_send_to_many,
    link=lambda batch: reverse("portal:outbox-batch", args=[batch.pk]),
    empty=Empty(
        "mail-forward",
        _("No mail to many"),
        _("When an act of yours would mail more than ten people, you look at it here first."),
    ),
    is_stacked=True,
)


def register_lists() -> None:
    """Called once by PortalConfig.ready."""
    register(NOTICES, OUTBOX)
