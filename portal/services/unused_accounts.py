"""Accounts kept ready by mistake, into which nobody was invited: they leave as if they had never been opened (ADR 24).

An account that somebody has used is deactivated and never deleted (portal.services.departures).
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from portal import audit
from portal.choices import AuditAction
from portal.models import Invitation, Membership, StaffMember, User


@transaction.atomic
def remove_accounts(*, people: Collection[int], actor: Membership, reason: str) -> int:
    """Delete these accounts with their roles and invitations; returns how many.

    The caller has made sure that nobody was invited and that nothing else names them; passed over are accounts with a
    password, and those that are not of the actor's institution alone.
    """
    ours = {"organisation": actor.organisation_id}
    foreign = Membership.objects.filter(user__in=people).exclude(**ours).values("user")
    found = User.objects.select_for_update(of=("self",)).filter(pk__in=people)
    unused = [
        person
        for person in found.exclude(pk__in=foreign).order_by("pk")
        if not person.has_usable_password()
    ]
    keys = [person.pk for person in unused]
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.DEACTIVATE,
            target=person,
            owner=actor.organisation_id,
            changes={"username": [person.username, None], "name": [person.name, None]},
            reason=reason,
        )
        for person in unused
    )
    StaffMember.objects.filter(user__in=keys, **ours).update(user=None)
    for model in (Invitation, Membership):
        model._base_manager.filter(user__in=keys).delete()
    User.objects.filter(pk__in=keys).delete()
    return len(keys)
