"""Accounts kept ready for people of the personnel list, and the links with which they are taken.

An account kept ready has a user name, a role and no password. Its link is used once: the person sets a password, or
signs in with an account held already (of another institution, say) and joins with that. The token stands in the link
only; the database keeps its SHA-256.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import access, audit, clock, handing_over, usernames
from portal.choices import AuditAction, Role
from portal.errors import DomainError
from portal.jobs import queue
from portal.jobs.registry import Chunk
from portal.models import (
    Invitation,
    Job,
    Membership,
    Organisation,
    OutboxMessage,
    StaffMember,
    Unit,
    User,
)
from portal.same_person import Answer, Line, who_is
from portal.services import outbox, staff

VALID_FOR: Final = timedelta(days=14)
#: links written out on one page, or mails asked for at once
MOST_AT_ONCE: Final = 1000
MAIL_JOB: Final = "portal.invitation-mail"


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- accounts kept ready ----------------------------------------------------------------------------


@transaction.atomic
def open_accounts(
    *,
    members: Sequence[StaffMember],
    actor: Membership,
    wanted: Mapping[int, str] | None = None,
    role: str = Role.INVENTOR,
) -> list[Invitation]:
    """Keep an account ready for each person of the list who has none, with an invitation without a link yet.

    `wanted` are user names promised by key of the person; one that was taken meanwhile gives the next free one.
    """
    without = [member for member in members if member.user_id is None]
    people = _users_for(without, _usernames(without, wanted or {}))
    for member, person in zip(without, people, strict=True):
        member.user = person
        member.version += 1
    where = {"organisation_id": actor.organisation_id, "role": role}
    Membership.objects.bulk_create(
        [Membership(user=one.user, unit_id=one.unit_id, **where) for one in without],
        batch_size=1000,
    )
    invitations = Invitation.objects.bulk_create(
        [
            Invitation(user=one.user, unit_id=one.unit_id, created_by=actor, **where)
            for one in without
        ],
        batch_size=1000,
    )
    StaffMember.objects.bulk_update(without, ["user", "version"], batch_size=1000)
    _record_opened(people, invitations, actor)
    return invitations


def _users_for(members: Sequence[StaffMember], names: Sequence[str]) -> list[User]:
    """New accounts without a password."""
    people = [
        User.objects.build(
            username=username,
            name=member.name,
            email=member.email,
            phone=member.phone,
            password=make_password(None),
        )
        for member, username in zip(members, names, strict=True)
    ]
    made: list[User] = User.objects.bulk_create(people, batch_size=1000)
    return made


def _usernames(members: Sequence[StaffMember], wanted: Mapping[int, str]) -> list[str]:
    """The promised user names where they are still free, new ones for the rest."""
    promised = {wanted[member.pk] for member in members if member.pk in wanted}
    gone = set(User.objects.filter(username__in=promised).values_list("username", flat=True))
    kept = {m.pk: wanted[m.pk] for m in members if m.pk in wanted and wanted[m.pk] not in gone}
    rest = [member for member in members if member.pk not in kept]
    made = usernames.new_names([member.name for member in rest], kept.values())
    fresh = dict(zip((member.pk for member in rest), made, strict=True))
    return [kept.get(member.pk) or fresh[member.pk] for member in members]


def _record_opened(
    people: Sequence[User], invitations: Sequence[Invitation], actor: Membership
) -> None:
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CREATE,
            target=person,
            changes=audit.changes_of(
                {},
                {
                    "username": person.username,
                    "name": person.name,
                    "email": person.email,
                    "phone": person.phone,
                },
            ),
        )
        for person in people
    )
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CREATE,
            target=invitation,
            changes=audit.changes_of(
                {},
                {"user": invitation.user_id, "role": invitation.role, "unit": invitation.unit_id},
            ),
        )
        for invitation in invitations
    )


@transaction.atomic
def invite_person(
    *, actor: Membership, values: Mapping[str, Any], role: str, unit: Unit | None
) -> Invitation:
    """Invite one person: found on the list or put there; ValidationError where it is not clear who is meant.

    `values`: name, staff_number, email, phone.
    """
    Organisation.objects.select_for_update(of=("self",)).get(pk=actor.organisation_id)
    row = {**values, "unit_id": unit.pk if unit else None}
    listed, users = staff.known_people(actor.organisation_id, [row["name"]], [row["staff_number"]])
    known = [staff.line_of(one) for one in listed]
    known += [staff.line_of_account(person, of) for person, of in users]
    probe = StaffMember(organisation_id=actor.organisation_id)
    staff.fill(probe, row)
    line = Line(
        "", probe.name, probe.unit_id, probe.staff_number, probe.phone_lookup, probe.email_lookup
    )
    answer, found = who_is(line, known)
    if answer is Answer.NEW:
        (member,) = staff.add_staff(rows=[row], actor=actor)
    elif answer is Answer.SAME and found[0].key.startswith("s"):
        member = next(one for one in listed if staff.line_of(one).key == found[0].key)
    elif answer is Answer.SAME:
        raise ValidationError(_("%(name)s has an account already.") % {"name": row["name"]})
    else:
        raise ValidationError(_not_clear(answer, row["name"], listed, users))
    if member.user_id is not None:
        raise ValidationError(_("%(name)s has an account already.") % {"name": row["name"]})
    (invitation,) = open_accounts(members=[member], actor=actor, role=role)
    return invitation


def _not_clear(
    answer: Answer, name: str, listed: Sequence[StaffMember], users: Sequence[Any]
) -> str:
    if answer is Answer.OTHER_NAME:
        return _("This staff number belongs to somebody of another name.")
    count = len(listed) + len(users)
    return _(
        "%(count)s of the name %(name)s are known already. Give the unit, staff number, phone or mail address of the "
        "one you mean; somebody else of this name needs a staff number."
    ) % {"count": count, "name": name}


# --- links ------------------------------------------------------------------------------------------


@transaction.atomic
def make_links(
    *, versions: Mapping[int, int | None], actor: Membership, by_mail: bool = False
) -> list[tuple[Invitation, str]]:
    """A fresh token for each pending invitation of the actor's institution; a link made before stops working.

    `versions` says which version of each was seen; None where nobody looked (a job).
    """
    held = list(
        Invitation.objects.select_for_update(of=("self",))
        .filter(pk__in=versions, organisation=actor.organisation_id)
        .pending()
        .select_related("user", "unit", "organisation")
        .order_by("pk")[:MOST_AT_ONCE]
    )
    outbox.withdraw_held([invitation.pk for invitation in held])
    tokens = [secrets.token_urlsafe(32) for _invitation in held]
    now = clock.now()
    for invitation, token in zip(held, tokens, strict=True):
        seen = versions[invitation.pk]
        if seen is not None:
            access.check_version(seen, invitation.version)
        invitation.token_digest = digest_of(token)
        invitation.sent_at = now
        invitation.expires_at = now + VALID_FOR
        invitation.is_mailed = by_mail
        invitation.version += 1
    Invitation.objects.bulk_update(
        held, ["token_digest", "sent_at", "expires_at", "is_mailed", "version"], batch_size=1000
    )
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=invitation,
            changes={"link": [None, "mail" if by_mail else "list"]},
        )
        for invitation in held
    )
    return list(zip(held, tokens, strict=True))


@transaction.atomic
def ask_for_mails(
    *, versions: Mapping[int, int], actor: Membership, site: str, language: str
) -> Job:
    """Have fresh links mailed in the background; the same wish about the same versions is one job.

    Those without a mail address are counted in the job's log.
    """
    seen = sorted(versions.items())
    params = {"ids": [pk for pk, _version in seen], "site": site, "language": language}
    wish = hashlib.sha256(repr((actor.pk, seen)).encode()).hexdigest()[:40]
    return queue.ask(MAIL_JOB, actor=actor, params=params, idempotency_key=f"{MAIL_JOB}:{wish}")


@transaction.atomic
def mail_links(*, job: Job) -> Chunk:
    """The links of the job as mails in the outbox: many of them are one batch, held until somebody has seen it.

    All in one transaction: half a batch cannot be looked at.
    """
    ids, actor = job.params["ids"], job.membership
    if actor is None or not (actor.is_active and actor.user.is_active):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    own = Invitation.objects.visible_to(actor).filter(pk__in=ids).pending()
    with_mail = list(own.exclude(user__email="").order_by("pk").values_list("pk", flat=True))
    mails = [
        mail
        for start in range(0, len(with_mail), MOST_AT_ONCE)
        for made, token in make_links(
            versions=dict.fromkeys(with_mail[start : start + MOST_AT_ONCE]),
            actor=actor,
            by_mail=True,
        )
        if (mail := _mail_of(made, token, job, actor)) is not None
    ]
    held = outbox.write_batch(mails, title=_("Invitations"), author=actor)
    log = [
        _("%(sent)s written, %(left)s without mail address or settled meanwhile.")
        % {"sent": len(mails), "left": len(ids) - len(mails)}
    ]
    if held is not None:
        log.append(_("They are held under “Mail to many” until they are released there."))
    count = len(ids)
    return Chunk(count, total=count, is_done=True, stage=_("Mails"), log=tuple(log))


def _mail_of(
    invitation: Invitation, token: str, job: Job, actor: Membership
) -> OutboxMessage | None:
    mail = outbox.compose(
        recipient=invitation.user,
        template="invitation",
        context={
            "invitation": invitation,
            "link": job.params["site"] + path_of(token),
            "inviter": actor,
        },
        language=job.params["language"],
    )
    if mail is not None:
        mail.invitation = invitation
    return mail


def path_of(token: str) -> str:
    return reverse("portal:invitation-accept", args=[token])


@transaction.atomic
def revoke_invitations(*, versions: Mapping[int, int], actor: Membership) -> int:
    """Take invitations back: the link dies, and an account never used is deactivated with its role."""
    held = list(
        Invitation.objects.select_for_update(of=("self",))
        .filter(pk__in=versions, organisation=actor.organisation_id)
        .pending()
        .select_related("user")
        .order_by("pk")
    )
    for invitation in held:
        access.check_version(versions[invitation.pk], invitation.version)
        invitation.revoked_at = clock.now()
        invitation.token_digest = None
        invitation.version += 1
    Invitation.objects.bulk_update(held, ["revoked_at", "token_digest", "version"], batch_size=1000)
    outbox.withdraw_held([invitation.pk for invitation in held])
    _close_unused([one.user for one in held], actor)
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.DEACTIVATE,
            target=invitation,
            changes={"revoked": [False, True]},
        )
        for invitation in held
    )
    return len(held)


def why_not_revoke(*, ids: Sequence[int], actor: Membership) -> dict[int, str]:
    """{invitation: why it cannot be taken back now, in words}, for those it cannot."""
    held = dict(
        Invitation.objects.filter(pk__in=ids, organisation=actor.organisation_id)
        .pending()
        .values_list("pk", "user")
    )
    why = {key: _("It was answered or taken back already.") for key in ids if key not in held}
    works = handing_over.kinds()
    # few have anything in hand before they come: looked at one by one only where somebody has
    if any(work.count(list(held.values()), actor.organisation_id) for work in works):
        for key, person in held.items():
            if any(work.count([person], actor.organisation_id) for work in works):
                why[key] = _(
                    "Responsible for patents already: hand them over first, on the page of the person."
                )
    return why


def _close_unused(people: Sequence[User], actor: Membership) -> None:
    """Accounts without a password stop being anybody's: no role, not active, not the person's of the list."""
    unused = [person.pk for person in people if not person.has_usable_password()]
    if any(work.count(unused, actor.organisation_id) for work in handing_over.kinds()):
        raise DomainError(
            _(
                "Somebody of these is responsible for patents already: hand them over first, on the page of the "
                "person."
            )
        )
    Membership.objects.filter(user__in=unused, organisation=actor.organisation_id).update(
        is_active=False
    )
    User.objects.filter(pk__in=unused).update(is_active=False)
    StaffMember.objects.filter(user__in=unused).update(user=None)
