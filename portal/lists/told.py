"""What people are told as lists: one's notices, and mails to many that are held until somebody has seen them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portal import permissions
from portal.choices import BatchState
from portal.filters import MessageFilter, NoticeFilter, OutboxFilter
from portal.lists import cells
from portal.lists.cells import Cell
from portal.lists.columns import Column
from portal.lists.registry import register
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.models import Notice, OutboxBatch, OutboxMessage
from portal.notices.words import NoticeLine, in_words
from portal.templatetags.portal_tags import icon, moment
from portal.text import mask_mail

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
            lambda b: [("batch", b.state, cells.word_of(b, "state"))],
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


# --- who gets one of them -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipient:
    """Who gets a mail, the address masked; what the mail says is no part of it."""

    name: str
    address: str
    sent_at: datetime | None


def batch_of(asked: Asked) -> OutboxBatch | None:
    """The mail to many that the address names; None for a foreign or unknown one."""
    batches = OutboxBatch.objects.visible_to(asked.membership).with_names()
    return batches.filter(pk=asked.number("batch")).first()


def _mails(asked: Asked) -> QuerySet[OutboxMessage]:
    batch = batch_of(asked)
    if batch is None:
        return OutboxMessage.objects.none()
    mails = OutboxMessage.objects.visible_to(asked.membership).of_batch(batch)
    return mails.select_related("recipient").defer("subject", "body", "error")


def _recipients(mails: list[OutboxMessage], asked: Asked) -> list[Recipient]:
    return [
        Recipient(
            mail.recipient.name if mail.recipient else "", mask_mail(mail.address), mail.sent_at
        )
        for mail in mails
    ]


def _nobody(asked: Asked) -> Empty:
    """That all have read it, where they have: mails are dropped for other reasons, too."""
    batch = batch_of(asked)
    title = _("Nobody is left")
    held = OutboxMessage.objects.visible_to(asked.membership).filter(batch=batch)
    unread = Q(notice__isnull=True) | Q(notice__read_at__isnull=True)
    is_held = batch is not None and batch.state == BatchState.HELD
    if is_held and held.exists() and not held.filter(unread).exists():
        return Empty("circle-check", title, _("All have read the notice meanwhile."))
    return Empty(
        "mail-forward",
        title,
        _(
            "No mail goes to people who have read the notice, got it with the daily mail, or whose invitation was"
            " taken back."
        ),
    )


def _refusal(asked: Asked) -> str:
    return "" if batch_of(asked) else gettext("This mail to many is not yours to see, or gone.")


def _title(asked: Asked) -> str:
    batch = batch_of(asked)
    return f"{batch.title}-{RECIPIENTS.label}" if batch else ""


RECIPIENTS = ListSpec(
    name="portal.recipients",
    label=_("Recipients"),
    url_name="portal:outbox-recipients",
    rows=_mails,
    filterset=MessageFilter,
    orderings={"order": Ordering(_("In order"), ("pk",))},
    columns=(
        Column("recipient", _("Recipient"), lambda r: r.name, cells.NAME),
        Column("address", _("Mail address"), lambda r: r.address, cells.CODE),
        Column("sent", _("Sent"), lambda r: r.sent_at, cells.MOMENT, filter="sent"),
    ),
    may_open=permissions.can_send_to_many,
    dress=_recipients,
    empty=_nobody,
    is_stacked=True,
    scope=("batch",),
    refusal=_refusal,
    title=_title,
)


def register_lists() -> None:
    """Called once by PortalConfig.ready."""
    register(NOTICES, OUTBOX, RECIPIENTS)
