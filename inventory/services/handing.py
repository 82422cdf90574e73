"""What stock-taking hands over when somebody leaves, joins with another account, or arrives."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef, QuerySet

from inventory.choices import DossierState
from inventory.models import Dossier, NotMine, PatentInventor
from inventory.queries.unassigned import name_key, people_named, proposals_for, with_rows
from inventory.services import moves
from inventory.services.notices import tell_assigned
from inventory.services.unassigned import give, store
from portal import audit
from portal.choices import AuditAction, Role
from portal.handing_over import BY_PROPOSALS, TO_SUCCESSOR, HandOver
from portal.models import Membership, User
from portal.services import memberships


def open_dossiers(people: Collection[int], organisation_id: int) -> QuerySet[Dossier]:
    """Dossiers not complete for which these people are responsible in one institution."""
    return Dossier.objects.filter(
        responsible__in=people, participation__institution=organisation_id
    ).exclude(state=DossierState.COMPLETED)


def count_dossiers(people: Collection[int], organisation_id: int) -> int:
    return open_dossiers(people, organisation_id).count()


def hand_over_dossiers(step: HandOver) -> int:
    """The open dossiers of a leaver, each with an entry in its history; inside the caller's transaction."""
    organisation = step.actor.organisation_id
    keys = list(open_dossiers([step.person.pk], organisation).values_list("pk", flat=True))
    targets = _targets(keys, step)
    changed, entries = [], []
    for dossier in moves.lock_dossiers(keys):
        changes = give(dossier, targets.get(dossier.pk))
        changed.append(dossier)
        entries.append(
            audit.entry(
                actor=step.actor,
                action=AuditAction.CHANGE,
                target=dossier,
                changes=changes,
                reason=step.reason,
            )
        )
    store(changed)
    audit.record_many(entries)
    tell_assigned(changed, actor=step.actor, reason=step.reason)
    return len(changed)


def _targets(keys: Iterable[int], step: HandOver) -> dict[int, int]:
    """{dossier: the account it goes to}; dossiers that are not in it go to the queue."""
    if step.how == TO_SUCCESSOR and step.successor is not None:
        return dict.fromkeys(keys, step.successor.pk)
    if step.how != BY_PROPOSALS:
        return {}
    dossiers = list(with_rows(Dossier.objects.filter(pk__in=keys)))
    found = proposals_for(dossiers, step.actor, gone=[step.person.pk])
    return {
        pk: proposal.best.person.user_id
        for pk, proposal in found.items()
        if proposal.is_clear and proposal.best and proposal.best.person.user_id
    }


def follow_dossiers(old: User, new: User, actor: Membership) -> None:
    """What an account kept ready has becomes the joining account's; in the caller's transaction."""
    keys = Dossier.objects.filter(
        responsible=old, participation__institution=actor.organisation_id
    ).values_list("pk", flat=True)
    changed = moves.lock_dossiers(keys)
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=dossier,
            changes=give(dossier, new.pk),
        )
        for dossier in changed
    )
    store(changed)
    PatentInventor.objects.filter(user=old).update(user=new)
    NotMine.objects.filter(user=old).exclude(
        patent__in=NotMine.objects.filter(user=new).values("patent")
    ).update(user=new)


def link_inventions(person: User, organisation_id: int) -> None:
    """Link the person to the inventor's name on the institution's patents, if nobody else there has that name.

    In the caller's transaction.
    """
    known = people_named([person.name], [person.pk], organisation_id)
    own = [one for one in known if one.user_id == person.pk]
    if not own or any(
        one.name_key == name_key(person.name) and one.user_id != person.pk for one in known
    ):
        return
    if own[0].is_doubtful:
        return
    denied = NotMine.objects.filter(patent=OuterRef("patent"), user=person)
    linked = (
        PatentInventor.objects.filter(
            name=person.name, user__isnull=True, patent__holders__organisation=organisation_id
        )
        .exclude(Exists(denied))
        .values_list("pk", flat=True)
    )
    count = PatentInventor.objects.filter(pk__in=list(linked)).update(user=person)
    if count:
        audit.record(
            actor=person,
            action=AuditAction.CHANGE,
            target=person,
            owner=organisation_id,
            changes={"linked_inventions": [0, count]},
        )


# --- reviews ----------------------------------------------------------------------------------------


def _orphaned(people: Collection[int], organisation_id: int) -> QuerySet[Membership]:
    """Roles as manager of a unit that nobody else manages."""
    others = (
        Membership.objects.active()
        .filter(role=Role.UNIT_MANAGER, organisation=organisation_id, unit=OuterRef("unit"))
        .exclude(user__in=people)
    )
    return Membership.objects.active().filter(
        ~Exists(others),
        user__in=people,
        organisation=organisation_id,
        role=Role.UNIT_MANAGER,
    )


def count_reviews(people: Collection[int], organisation_id: int) -> int:
    """Reviews that wait in units which only these people manage."""
    units = _orphaned(people, organisation_id).values("unit")
    return Dossier.objects.filter(state=DossierState.UNIT_REVIEW, unit__in=units).count()


def hand_over_reviews(step: HandOver) -> int:
    """A successor takes over units that would have no manager; otherwise the reviews wait, as the page has said."""
    organisation = step.actor.organisation_id
    if step.how != TO_SUCCESSOR or step.successor is None:
        return 0
    if step.successor.pk == step.actor.user_id:
        return 0
    count = count_reviews([step.person.pk], organisation)
    for role in _orphaned([step.person.pk], organisation).select_related("unit", "organisation"):
        memberships.assign_membership(
            person=step.successor,
            organisation=role.organisation,
            role=Role.UNIT_MANAGER,
            unit=role.unit,
            actor=step.actor,
        )
    return count


def follow_nothing(old: User, new: User, actor: Membership) -> None:
    """Roles follow by themselves: portal.services.arrivals."""
