"""Telling people: a notice in the page, a mail at once or in the daily mail, as each person wants it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models.functions import Now
from django.urls import reverse

from portal import audit
from portal.access import check_version
from portal.choices import AuditAction, NoticeDelivery
from portal.models import Membership, Notice, NoticeSettings, OutboxMessage, User
from portal.notices.registry import NoticeKind, notice_kinds
from portal.notices.words import in_words
from portal.services import outbox

DEFAULT_LANGUAGE = "zh-hans"

# A second notice of the same kind and page adds to the unread first one, and what the first one said (its reason, who
# did it, how many) stays with it as `earlier`, the newest ten. One that the clock sends (it has a key) is told once for
# good.
_INSERT = """
INSERT INTO portal_notice AS n
    (recipient_id, kind, params, count, url, due_on, key, actor_id, delivery)
SELECT recipient, %(kind)s, params, count, url, due_on, %(key)s, %(actor)s, delivery
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS r(recipient bigint, params jsonb, count int, url text, due_on date, delivery text)
ORDER BY recipient
"""
_GROUPED = """
ON CONFLICT (recipient_id, kind, url) WHERE read_at IS NULL AND key = '' DO UPDATE SET
    count = n.count + excluded.count, due_on = excluded.due_on,
    actor_id = excluded.actor_id, created_at = now(), daily_mail_id = NULL,
    params = excluded.params || jsonb_build_object('earlier', jsonb_path_query_array(
        jsonb_build_array(n.params - 'earlier' || jsonb_build_object('actor', n.actor_id, 'count', n.count - (
            SELECT coalesce(sum((act->>'count')::int), 0)
            FROM jsonb_array_elements(coalesce(n.params->'earlier', '[]')) AS act)))
        || coalesce(n.params->'earlier', '[]'), '$[0 to 9]'))
"""
_ONCE = "ON CONFLICT (recipient_id, kind, key) WHERE key <> '' DO NOTHING"
# Clicking on makes no flood: what is added to a notice that was mailed just now is seen on the page and goes with the
# next daily mail.
_RETURNING = """
RETURNING id, recipient_id, mailed_at IS NOT NULL AND mailed_at > now() - interval '10 minutes'
"""


@dataclass(frozen=True)
class To:
    """A recipient with what differs for this one; what is left out is as notify() says."""

    membership_id: int
    params: Mapping[str, Any] = field(default_factory=dict)
    count: int = 1
    url: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class _Reader:
    """A recipient as far as sending needs it."""

    membership_id: int
    user: User
    delivery: str
    language: str


@transaction.atomic
def notify(
    *,
    kind: NoticeKind,
    recipients: Iterable[Membership | int | To],
    params: Mapping[str, Any] | None = None,
    url: str = "",
    due_on: date | None = None,
    actor: Membership | None = None,
) -> int:
    """Tell people something; returns how many were told. Call it in the transaction of the act it is about.

    `recipients` are memberships, their ids, or `To(...)` where count, params, page or day differ per person: group
    before calling, so that twelve patents are one notice with count 12. Any number of recipients takes the same
    number of queries. Left out: inactive people and the actor himself. It adds to the unread notice of the same kind
    and page, where there is one.
    """
    return _tell(kind, _grouped(recipients, To(0, params or {}, 1, url, due_on)), actor, "")


@transaction.atomic
def notify_once(*, kind: NoticeKind, recipients: Iterable[To], key: str) -> int:
    """What the clock sends: nobody is told the same `key` of a kind twice, however often this runs."""
    return _tell(kind, _grouped(recipients, To(0)), None, key)


def _tell(kind: NoticeKind, wanted: Mapping[int, To], actor: Membership | None, key: str) -> int:
    readers = _readers(kind, wanted, actor)
    if not readers:
        return 0
    rows = [_row(wanted[pk], reader) for pk, reader in readers.items()]
    made = _insert(kind, key, actor, rows)
    mailed = [
        pk
        for pk, (recipient, is_fresh) in made.items()
        if readers[recipient].delivery == NoticeDelivery.AT_ONCE and not is_fresh
    ]
    _mail(mailed, readers, actor)
    return len(made)


def preferred(chosen: Mapping[str, str], kind: NoticeKind) -> str:
    """How a person wants a kind: as chosen, else as the kind is."""
    usual = NoticeDelivery.AT_ONCE if kind.is_immediate else NoticeDelivery.DAILY
    return chosen.get(kind.name, usual)


def wishes_of(stored: NoticeSettings | None) -> dict[str, str]:
    """{kind or "language": how a person wants it}, chosen or not."""
    chosen = stored.deliveries if stored else {}
    return {
        "language": stored.language if stored else DEFAULT_LANGUAGE,
        **{kind.name: preferred(chosen, kind) for kind in notice_kinds()},
    }


def recipients_in(organisation_id: int, people: Iterable[int]) -> dict[int, int]:
    """{user: membership} of active people in an organisation; of several the one that fills in, else the first."""
    found: dict[int, int] = {}
    memberships = Membership.objects.active().filter(
        organisation=organisation_id, user__in=set(people)
    )
    for pk, user, role in memberships.order_by("pk").values_list("pk", "user", "role"):
        if user not in found or role == "inventor":
            found[user] = pk
    return found


@transaction.atomic
def mark_read(*, notices: Iterable[int], actor: Membership) -> int:
    """Remember that a person has seen notices of his own; returns how many were unread."""
    unread = Notice.objects.visible_to(actor).unread()
    return unread.filter(pk__in=list(notices)).update(read_at=Now())


def mark_page_read(*, url: str, actor: Membership) -> int:
    """Remember that a person acted on the page that notices of his own lead to; returns how many were unread."""
    unread = Notice.objects.visible_to(actor).unread().filter(url=url)
    found = list(unread.values_list("pk", flat=True))
    return mark_read(notices=found, actor=actor) if found else 0


@transaction.atomic
def mark_all_read(*, actor: Membership) -> int:
    return Notice.objects.visible_to(actor).unread().update(read_at=Now())


@transaction.atomic
def change_settings(
    *, deliveries: Mapping[str, str], language: str, seen_version: int, actor: Membership
) -> NoticeSettings:
    """Save how a person wants to be told. Only known kinds are kept; version 0 means there was no row yet."""
    stored, is_new = NoticeSettings.objects.select_for_update(of=("self",)).get_or_create(
        user_id=actor.user_id, defaults={"version": 0}
    )
    check_version(seen_version, stored.version)
    before = wishes_of(None if is_new else stored)
    kept = {name: str(value) for name, value in deliveries.items() if name in before}
    changes = audit.changes_of(before, {"language": language, **kept})
    if not changes:
        return stored
    stored.deliveries, stored.language = kept, language
    stored.version += 1
    stored.save(update_fields=["deliveries", "language", "version"])
    audit.record(actor=actor, action=AuditAction.CHANGE, target=stored, changes=changes)
    return stored


def page_of(path: str) -> str:
    """The whole address of a page of ours, for mails."""
    return f"{settings.SITE_URL}{path}"


def _grouped(recipients: Iterable[Membership | int | To], usual: To) -> dict[int, To]:
    """{membership: To}; somebody named twice is told once, with both counts."""
    wanted: dict[int, To] = {}
    for each in recipients:
        to = each if isinstance(each, To) else To(each.pk if isinstance(each, Membership) else each)
        to = To(
            to.membership_id,
            {**usual.params, **to.params},
            to.count,
            to.url or usual.url,
            to.due_on or usual.due_on,
        )
        if before := wanted.get(to.membership_id):
            to = replace(to, count=to.count + before.count)
        wanted[to.membership_id] = to
    return wanted


def _readers(
    kind: NoticeKind, wanted: Mapping[int, To], actor: Membership | None
) -> dict[int, _Reader]:
    """Those who are active, with their wishes."""
    memberships = (
        Membership.objects.active()
        .filter(pk__in=list(wanted))
        .select_related("user__notice_settings")
    )
    if actor is not None:
        memberships = memberships.exclude(user=actor.user_id)
    found = {}
    for each in memberships:
        wishes = getattr(each.user, "notice_settings", None)
        found[each.pk] = _Reader(
            each.pk,
            each.user,
            preferred(wishes.deliveries if wishes else {}, kind),
            wishes.language if wishes else DEFAULT_LANGUAGE,
        )
    return found


def _row(to: To, reader: _Reader) -> dict[str, Any]:
    return {
        "recipient": to.membership_id,
        "params": dict(to.params),
        "count": to.count,
        "url": to.url,
        "due_on": to.due_on,
        "delivery": reader.delivery,
    }


def _insert(
    kind: NoticeKind, key: str, actor: Membership | None, rows: list[dict[str, Any]]
) -> dict[int, tuple[int, bool]]:
    """{notice: (recipient, was mailed just now)} of new and grown notices."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT + (_ONCE if key else _GROUPED) + _RETURNING,
            {
                "kind": kind.name,
                "key": key,
                "actor": actor.pk if actor else None,
                "rows": json.dumps(rows, cls=DjangoJSONEncoder),
            },
        )
        return {pk: (recipient, is_fresh) for pk, recipient, is_fresh in cursor.fetchall()}


def _mail(
    notices: list[int],
    readers: Mapping[int, _Reader],
    actor: Membership | None,
) -> None:
    """Write a mail for each of these notices whose reader has an address; by one person to many: a held batch."""
    rows = list(Notice.objects.filter(pk__in=notices).order_by("pk"))
    mails = [m for row in rows if (m := _message(row, readers[row.recipient_id]))]
    if not mails:
        return
    if actor is not None:
        # what the first reads; the name of the kind is what readers call it
        if outbox.write_batch(mails, title=in_words(rows[0]).title, author=actor) is not None:
            return
    else:
        outbox.write_many(mails)
    Notice.objects.filter(pk__in=[mail.notice_id for mail in mails]).update(mailed_at=Now())


def _message(notice: Notice, reader: _Reader) -> OutboxMessage | None:
    message = outbox.compose(
        recipient=reader.user,
        template="notice",
        context=lambda: {
            "person": reader.user,
            "line": in_words(notice),
            "link": page_of(notice.url) if notice.url else "",
            "settings_link": page_of(reverse("portal:notice-settings")),
        },
        language=reader.language,
    )
    if message is not None:
        message.notice = notice
    return message
