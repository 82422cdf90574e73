"""People who left are forgotten on request: a stable pseudonym everywhere but in the register of patents."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from portal import audit, calendar, clock, crypto
from portal.access import check_version
from portal.choices import AuditAction
from portal.errors import InvalidTransition
from portal.forgetting import Forgotten, forgetters
from portal.models import (
    DailyMail,
    Erasure,
    Membership,
    Notice,
    NoticeSettings,
    OutboxMessage,
    SavedView,
    StaffMember,
    User,
)
from portal.models.saved_views import Shared
from portal.text import pinyin_key

WORKING_DAYS = 15


def pseudonym_of(person: User) -> str:
    """The same for the same person, whenever it is asked; says nothing about him."""
    return f"已注销人员{crypto.lookup(f'person:{person.pk}')[:6]}"


@transaction.atomic
def request_erasure(*, person: User, reason: str, actor: Membership) -> Erasure:
    """Write down that a person who was deactivated wants to be forgotten; done within 15 working days."""
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.is_active:
        raise InvalidTransition(_("Deactivate the account first."))
    if Erasure.objects.filter(person=person).exists():
        raise InvalidTransition(_("This was requested already."))
    request = Erasure.objects.create(
        person=person,
        reason=reason,
        requested_by=actor,
        due_on=calendar.add_working_days(clock.today(), WORKING_DAYS),
    )
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=request,
        changes={"person": [None, person.pk], "due_on": [None, request.due_on.isoformat()]},
    )
    return request


@transaction.atomic
def pseudonymise(*, request: Erasure, seen_version: int, actor: Membership) -> User:
    """Replace name, user name, phone and mail by the pseudonym; this cannot be undone.

    Rows of other people and the trail keep their references (numbers); the trail's values are masked already.
    """
    request = Erasure.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.done_at is not None:
        raise InvalidTransition(_("This person has a pseudonym already."))
    check_version(seen_version, request.version)
    person: User = User.objects.select_for_update(of=("self",)).get(pk=request.person_id)
    if person.is_active:
        raise InvalidTransition(_("Deactivate the account first."))
    forgotten = Forgotten(
        person=person,
        name=person.name,
        phone=person.phone,
        email=person.email,
        pseudonym=pseudonym_of(person),
        actor=actor,
    )
    _replace(person, forgotten.pseudonym)
    count = sum(forget(forgotten) for forget in forgetters())
    request.reason = ""
    request.done_at, request.done_by = clock.now(), actor
    request.version += 1
    request.save()
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=person,
        changes={"name": [None, forgotten.pseudonym], "count": [None, count]},
    )
    return person


def _replace(person: User, pseudonym: str) -> None:
    person.name, person.name_key = pseudonym, pinyin_key(pseudonym)
    person.username = f"gone-{crypto.lookup(f'person:{person.pk}')[:12]}"
    person.email = person.email_lookup = person.phone = person.phone_lookup = ""
    person.set_unusable_password()
    person.version += 1
    person.save()


def forget_mail_and_notices(forgotten: Forgotten) -> int:
    """Mails, notices, own views go; the personnel list and notices to others get the pseudonym."""
    person = forgotten.person
    OutboxMessage.objects.filter(Q(recipient=person) | Q(notice__recipient__user=person)).delete()
    count, _kinds = Notice.objects.filter(recipient__user=person).delete()
    DailyMail.objects.filter(user=person).delete()
    NoticeSettings.objects.filter(user=person).delete()
    SavedView.objects.filter(owner__user=person, shared=Shared.NOBODY).delete()
    StaffMember.objects.filter(user=person).update(
        name=forgotten.pseudonym,
        name_key=pinyin_key(forgotten.pseudonym),
        staff_number="",
        email="",
        email_lookup="",
        phone="",
        phone_lookup="",
    )
    return count + _forget_in_others_notices(forgotten)


def _forget_in_others_notices(forgotten: Forgotten) -> int:
    """Who did it, in the last act of a notice and in those folded into it."""
    roles = set(Membership.objects.filter(user=forgotten.person).values_list("pk", flat=True))
    acted = Q(actor__in=roles, params__by=forgotten.name)
    for role in roles:
        acted |= Q(params__earlier__contains=[{"actor": role, "by": forgotten.name}])
    named = list(Notice.objects.filter(acted))
    for notice in named:
        last = (notice.actor_id, notice.params)
        earlier = ((act["actor"], act) for act in notice.params.get("earlier", []))
        for actor, act in (last, *earlier):
            if actor in roles:
                act["by"] = forgotten.pseudonym
    Notice.objects.bulk_update(named, ["params"], batch_size=1000)
    return len(named)
