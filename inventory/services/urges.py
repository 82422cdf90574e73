"""Urging: sent to those who are late, logged on both sides, read and answered by them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from inventory import urge_text
from inventory.models import Campaign, Urge
from inventory.notices import URGE_ANSWERED, URGED
from inventory.queries.late import TARGETS, Target, late_targets
from portal import audit, clock
from portal.access import check_version
from portal.choices import AuditAction, Role
from portal.errors import InvalidTransition
from portal.models import Membership, Unit
from portal.services.notices import To, notify, recipients_in


@dataclass(frozen=True)
class Order:
    """What a person wants to send: to whom, which text, and whether also to those urged today."""

    campaign: Campaign
    keys: Sequence[int]
    text: str
    nonce: uuid.UUID
    is_repeat: bool = False


@dataclass(frozen=True)
class Sent:
    """What became of an order."""

    urges: list[Urge]
    urged_today: list[Target]


@transaction.atomic
def send_urges(*, order: Order, actor: Membership) -> Sent:
    """Urge every chosen one that still has open work; those urged today are left out unless the order says again.

    The same form sent twice (its nonce) urges nobody a second time.
    """
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=order.campaign.pk)
    _path, field = TARGETS[actor.role]
    done = set(Urge.objects.filter(nonce=order.nonce).values_list(field, flat=True))
    targets = late_targets(actor, campaign, set(order.keys) - done)
    again = [each for each in targets if each.was_urged_today]
    chosen = targets if order.is_repeat else [each for each in targets if each not in again]
    urges = Urge.objects.bulk_create([_urge(order, each, actor) for each in chosen])
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CREATE,
            target=urge,
            owner=urge.institution_id,
            changes={"open_count": [None, urge.open_count], "campaign": [None, campaign.pk]},
            # the text for one person names him, and the trail cannot forget
            reason="" if urge.person_id else urge.text,
        )
        for urge in urges
    )
    _tell(urges, campaign, actor)
    return Sent(urges, [] if order.is_repeat else again)


@transaction.atomic
def read_urge(*, urge: Urge, actor: Membership) -> Urge:
    """Remember who of the receiving side saw it first."""
    urge = _locked(urge)
    if urge.read_at is not None:
        raise InvalidTransition(_("This was marked as read already."))
    urge.read_at, urge.read_by = clock.now(), actor
    urge.version += 1
    urge.save(update_fields=["read_at", "read_by", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=urge,
        owner=urge.institution_id,
        changes={"read_by": [None, actor.pk]},
    )
    return urge


@transaction.atomic
def answer_urge(
    *, urge: Urge, answer: str, promised_on: date, seen_version: int, actor: Membership
) -> Urge:
    """Answer with a word and the day by which it will be done; an answer may be changed."""
    urge = _locked(urge)
    check_version(seen_version, urge.version)
    after = {"answer": answer, "promised_on": promised_on}
    changes = audit.changes_of({"answer": urge.answer, "promised_on": urge.promised_on}, after)
    if not changes:
        return urge
    urge.answer, urge.promised_on = answer, promised_on
    urge.answered_at, urge.answered_by = clock.now(), actor
    if urge.read_at is None:
        urge.read_at, urge.read_by = urge.answered_at, actor
    urge.version += 1
    urge.save()
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=urge,
        owner=urge.institution_id,
        changes=changes,
    )
    params = {"name": urge.target_name, "answer": answer, "day": promised_on.isoformat()}
    notify(
        kind=URGE_ANSWERED,
        recipients=[urge.sender_id],
        params=params,
        url=urge.get_absolute_url(),
        actor=actor,
    )
    return urge


def _locked(urge: Urge) -> Urge:
    urges = Urge.objects.select_related("institution", "unit", "person")
    return urges.select_for_update(of=("self",)).get(pk=urge.pk)


def _urge(order: Order, target: Target, actor: Membership) -> Urge:
    _path, field = TARGETS[actor.role]
    named = {} if field == "institution" else {f"{field}_id": target.key}
    return Urge(
        campaign=order.campaign,
        institution_id=target.institution_id,
        sender=actor,
        text=urge_text.filled_in(order.text, target),
        open_count=target.open,
        total_count=target.total,
        due_on=target.due_on,
        sent_at=clock.now(),
        sent_on=clock.today(),
        is_repeat=order.is_repeat,
        nonce=order.nonce,
        **named,
    )


def _tell(urges: Sequence[Urge], campaign: Campaign, actor: Membership) -> None:
    """Whoever is to answer: managers of the institution, managers of the unit, the person."""
    recipients = []
    for urge, membership in _receivers(urges, actor):
        params = {"text": urge.text, "from": actor.organisation.name, "campaign": campaign.name}
        recipients.append(To(membership, params, 1, urge.get_absolute_url(), urge.due_on))
    notify(kind=URGED, recipients=recipients, actor=actor)


def _receivers(urges: Sequence[Urge], actor: Membership) -> Iterable[tuple[Urge, int]]:
    """(urge, membership) in one or two queries."""
    _path, field = TARGETS[actor.role]
    if field == "person":
        found = recipients_in(actor.organisation_id, [u.person_id for u in urges if u.person_id])
        return [(u, found[u.person_id]) for u in urges if u.person_id in found]
    people = Membership.objects.active().filter(
        organisation__in={urge.institution_id for urge in urges}
    )
    if field == "institution":
        managers = people.filter(role=Role.INSTITUTION_MANAGER)
        pairs = list(managers.values_list("organisation", "pk"))
        return [(u, pk) for u in urges for key, pk in pairs if key == u.institution_id]
    units = {unit.pk: unit.path for unit in Unit.objects.filter(pk__in=[u.unit_id for u in urges])}
    managers = people.filter(role=Role.UNIT_MANAGER)
    heads = list(managers.values_list("unit__path", "pk"))
    return [(u, pk) for u in urges for path, pk in heads if u.unit_id and units[u.unit_id] == path]
