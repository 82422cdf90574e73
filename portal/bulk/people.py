"""Acts on many people: those who leave, and invitations taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal import permissions
from portal.bulk.registry import BulkAct, Params, RowResult, judged, register
from portal.errors import DomainError
from portal.forms.invitations import DepartureManyForm, RevocationForm
from portal.models import Invitation, Membership, User
from portal.services import departures, invitations

LEAVE = "portal.leavers.leave"
REVOKE = "portal.invitations.revoke"


def register_acts() -> None:
    """Called once by PortalConfig.ready."""
    register(_leaving())
    register(_revoking())


def _leaving() -> BulkAct:
    return BulkAct(
        name=LEAVE,
        label=_("Has left: hand over the work"),
        icon="user-x",
        model=User,
        list_name="portal.leavers",
        url_name="portal:leaver-leave",
        allowed=permissions.can_record_departure,
        key="user_id",
        version="user__version",
        form=DepartureManyForm,
        form_template="portal/departure_fields.html",
        is_one_page=True,
        confirm=_("Has left: hand over the work"),
        tone="danger",
        preview=_judge_leaving,
        apply=_leave,
        labels=_people,
        no_undo=_(
            "Work that was handed over stays where it is. Who comes back holds the roles again from the page of "
            "the person."
        ),
        said=_left,
        more=_in_hand,
        more_template="portal/departure_before.html",
    )


def _revoking() -> BulkAct:
    return BulkAct(
        name=REVOKE,
        label=_("Revoke invitations"),
        icon="user-x",
        model=Invitation,
        list_name="portal.invitations",
        url_name="portal:invitation-revoke",
        allowed=permissions.can_keep_staff,
        narrows=_pending,
        form=RevocationForm,
        is_one_page=True,
        short=_("Revoke"),
        confirm=_("Revoke"),
        tone="danger",
        hint=_("The link dies; an account that was never used is deactivated with its role."),
        preview=_judge_revoking,
        apply=_revoke,
        labels=_invited,
        no_undo=_("Who is to come after all is invited anew."),
        said=_revoked,
    )


# --- people who leave -------------------------------------------------------------------------------


def _left(count: int) -> str:
    text = ngettext("%(count)s person has left.", "%(count)s people have left.", count)
    return text % {"count": count}


def _in_hand(membership: Membership, picked: QuerySet[Any]) -> dict[str, Any]:
    """What these people have in hand, in counts."""
    people = list(picked.values_list("pk", flat=True))
    return {
        "in_hand": [
            {"count": count, "text": text, "tone": "info" if count else "neutral"}
            for text, count in departures.in_hand(people, membership)
        ]
    }


def _judge_leaving(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    why = departures.why_not_leave(people=ids, actor=membership)
    return [judged(key, why.get(key, "")) for key in ids]


def _leave(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    """One after the other, each wholly or not at all: what a person has in hand is passed on kind by kind."""
    return [_one_leaves(person, membership, params) for person in _locked(ids)]


def _locked(ids: Sequence[int]) -> list[User]:
    return list(User.objects.filter(pk__in=ids).order_by("pk"))


def _one_leaves(person: User, membership: Membership, params: Params) -> RowResult:
    try:
        with transaction.atomic():
            departures.record_departure(
                person=person, seen_version=person.version, actor=membership, **params
            )
    except (DomainError, ValidationError) as problem:
        why = problem.messages[0] if isinstance(problem, ValidationError) else str(problem)
        return judged(person.pk, why)
    return judged(person.pk)


def _people(membership: Membership, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    found = User.objects.visible_to(membership).filter(pk__in=ids)
    return {one.pk: (one.name, reverse("portal:people-detail", args=[one.pk])) for one in found}


# --- invitations ------------------------------------------------------------------------------------


def _pending(found: QuerySet[Invitation], membership: Membership) -> QuerySet[Invitation]:
    return found.pending()  # type: ignore[attr-defined, no-any-return]


def _revoked(count: int) -> str:
    text = ngettext("%(count)s invitation revoked.", "%(count)s invitations revoked.", count)
    return text % {"count": count}


def _judge_revoking(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    why = invitations.why_not_revoke(ids=ids, actor=membership)
    return [judged(key, why.get(key, "")) for key in ids]


def _revoke(membership: Membership, ids: Sequence[int], params: Params) -> list[RowResult]:
    why = invitations.why_not_revoke(ids=ids, actor=membership)
    free = Invitation.objects.filter(pk__in=[key for key in ids if key not in why])
    invitations.revoke_invitations(
        versions=dict(free.values_list("pk", "version")), actor=membership
    )
    return [judged(key, why.get(key, "")) for key in ids]


def _invited(membership: Membership, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    found = Invitation.objects.visible_to(membership).filter(pk__in=ids).select_related("user")
    return {
        one.pk: (one.user.name, reverse("portal:people-detail", args=[one.user_id]))
        for one in found
    }
