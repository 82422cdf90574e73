"""The daily mail: what was not mailed at once and what is due, one per person and working day, never an empty one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy

from portal import calendar, clock
from portal.choices import NoticeDelivery
from portal.jobs import queue
from portal.jobs.registry import Chunk
from portal.models import DailyMail, Job, Membership, Notice, OutboxMessage, User
from portal.notices.registry import NoticeKind, register_notice
from portal.notices.words import in_words
from portal.services import outbox
from portal.services.notices import DEFAULT_LANGUAGE, page_of
from portal.todo import Todo, todos_of

DAILY_MAIL = "daily_mail"
PEOPLE_PER_CHUNK = 300
# one mail shows so many lines, then says how many more there are
MOST_LINES = 50
LATEST_HOUR = 20
# to-dos within a week (and late ones) are in the mail; by themselves they make one on these days before
SOON = 7
REMINDERS = frozenset({7, 3, 1, 0})

#: Only a preference: whether what is due comes into the daily mail.
DUE_THINGS = register_notice(
    NoticeKind("portal.todo", gettext_lazy("What is due within a week or late"), lambda params: "")
)


@dataclass
class _Letter:
    """What one person is to be told today."""

    user: User
    language: str
    notices: list[Notice] = field(default_factory=list)
    todos: list[Todo] = field(default_factory=list)
    is_worth_it: bool = False


def ask_daily_mail() -> None:
    """The schedule's part: on working days, once it is time; the key makes it one job a day."""
    now = clock.now().astimezone(clock.SHANGHAI)
    is_time = settings.DAILY_MAIL_HOUR <= now.hour < LATEST_HOUR
    if is_time and calendar.is_working_day(now.date()):
        queue.ask(DAILY_MAIL, actor=None, idempotency_key=f"{DAILY_MAIL}:{now.date()}")


@transaction.atomic
def send_daily_mails(job: Job) -> Chunk:
    """The next few hundred people, in the order of their keys; the checkpoint is the last one's key."""
    day = clock.today()
    people = list(
        User.objects.active()
        .filter(pk__gt=job.next_line)
        .exclude(email_lookup="")
        .order_by("pk")
        .values_list("pk", flat=True)[:PEOPLE_PER_CHUNK]
    )
    if not people:
        return Chunk(next_line=job.next_line, is_done=True)
    count = _send(people, day)
    return Chunk(next_line=people[-1], result={"mails": job.result.get("mails", 0) + count})


def _send(people: Sequence[int], day: date) -> int:
    """Write the mails of these people who have not had today's."""
    had = DailyMail.objects.filter(user__in=people, day=day).values_list("user", flat=True)
    memberships = list(
        Membership.objects.active()
        .filter(user__in=set(people) - set(had))
        .select_related("user__notice_settings", "organisation", "unit")
        .order_by("pk")
    )
    letters = [each for each in _letters(memberships, day).values() if each.is_worth_it]
    rows = [
        DailyMail(user=each.user, day=day, items=len(each.notices) + len(each.todos))
        for each in letters
    ]
    DailyMail.objects.bulk_create(rows)
    told: list[Notice] = []
    for letter, row in zip(letters, rows, strict=True):
        for notice in letter.notices:
            notice.daily_mail = row
        told += letter.notices
    Notice.objects.bulk_update(told, ["daily_mail"], batch_size=1000)
    outbox.write_many([mail for letter in letters if (mail := _mail(letter))])
    return len(letters)


def _letters(memberships: Sequence[Membership], day: date) -> dict[int, _Letter]:
    """{user: letter} from the unread notices that nobody mailed and the to-dos of each capacity."""
    letters: dict[int, _Letter] = {}
    users: dict[int, int] = {}
    for each in memberships:
        wishes = getattr(each.user, "notice_settings", None)
        language = wishes.language if wishes else DEFAULT_LANGUAGE
        letters.setdefault(each.user_id, _Letter(each.user, language))
        users[each.pk] = each.user_id
    for notice in Notice.objects.for_daily_mail(list(users)):
        letter = letters[users[notice.recipient_id]]
        letter.notices.append(notice)
        letter.is_worth_it = True
    asked = [each for each in memberships if _wants_todos(each.user)]
    for language in {letters[each.user_id].language for each in asked}:
        speakers = [each for each in asked if letters[each.user_id].language == language]
        with translation.override(language):
            for key, todos in todos_of(speakers).items():
                _add(letters[users[key]], todos, day)
    return letters


def _wants_todos(user: User) -> bool:
    wishes = getattr(user, "notice_settings", None)
    return wishes is None or wishes.deliveries.get(DUE_THINGS.name) != NoticeDelivery.PAGE


def _add(letter: _Letter, todos: Sequence[Todo], day: date) -> None:
    """What is due within a week or late; late things by themselves make a mail once a week, not every day."""
    is_weekly = calendar.next_working_day(monday_of(day)) == day
    for todo in todos:
        days = todo.days_left
        if days is not None and days <= SOON:
            letter.todos.append(todo)
            letter.is_worth_it |= days in REMINDERS or (days < 0 and is_weekly)


def monday_of(day: date) -> date:
    return date.fromordinal(day.toordinal() - day.weekday())


def _mail(letter: _Letter) -> OutboxMessage | None:
    return outbox.compose(
        recipient=letter.user,
        template="daily",
        context=lambda: _words(letter),
        language=letter.language,
    )


def _words(letter: _Letter) -> dict[str, Any]:
    notices = [(in_words(each), page_of(each.url)) for each in letter.notices[:MOST_LINES]]
    todos = [(each, page_of(each.url)) for each in letter.todos[:MOST_LINES]]
    return {
        "person": letter.user,
        "day": clock.today(),
        "count": len(letter.notices) + len(letter.todos),
        "notices": notices,
        "more_notices": len(letter.notices) - len(notices),
        "todos": todos,
        "more_todos": len(letter.todos) - len(todos),
        "list_link": page_of(reverse("portal:notice-list")),
        "todo_link": page_of(reverse("portal:todo")),
        "settings_link": page_of(reverse("portal:notice-settings")),
    }
