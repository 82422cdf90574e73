"""The expert pool: who comes in, what is known of them, who is admitted and who is removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation.choices import EXPERT_TRANSITIONS, ExpertState
from evaluation.models import Expert
from evaluation.models.experts import identity_of
from inventory.importing.holders import organisations_by_name
from portal import audit
from portal.access import check_version
from portal.choices import AuditAction
from portal.errors import InvalidTransition
from portal.models import Membership
from portal.text import fold, mask_name, pinyin_key

KNOWN_ALREADY: Final = gettext_lazy(
    "Somebody of this name, employer and mobile number is in the pool already."
)
#: kept in the trail by their first character: it cannot be changed when a person is to be forgotten
_MASKED: Final = frozenset({"name", "position", "education", "achievements"})
#: what a list or a page says of a person, in the order of the model
SAID: Final = (
    "name",
    "employer",
    "position",
    "education",
    "technical_fields",
    "products",
    "years",
    "achievements",
    "recommender",
    "phone",
    "email",
    "avoided",
    "term_from",
    "term_until",
)
#: what is kept of it, and where the person stands; the two organisations follow from their names
COLUMNS: Final = (*SAID, "organisation_id", "recommended_by_id", "state")


@transaction.atomic
def add_expert(*, values: Mapping[str, Any], actor: Membership) -> Expert:
    """Enter a person; `values` by COLUMNS. IntegrityError where name, employer and mobile are known already."""
    made = Expert()
    changes = _fill(made, values)
    made.save(force_insert=True)
    audit.record(actor=actor, action=AuditAction.CREATE, target=made, changes=changes)
    return made


@transaction.atomic
def change_expert(
    *,
    expert: Expert,
    values: Mapping[str, Any],
    seen_version: int,
    actor: Membership,
    reason: str = "",
) -> Expert:
    """Write what a list says, or said before, into a person's entry; `values` by COLUMNS."""
    held = locked(expert, seen_version)
    require_known(held)
    changes = _fill(held, values)
    if changes:
        held.version += 1
        held.save()
        audit.record(
            actor=actor, action=AuditAction.CHANGE, target=held, changes=changes, reason=reason
        )
    return held


@transaction.atomic
def correct_expert(
    *, expert: Expert, values: Mapping[str, Any], seen_version: int, actor: Membership
) -> Expert:
    """Write what a person corrected by hand; employer and recommender are linked where the portal knows them.

    InvalidTransition where the pool has a person of this name, employer and mobile number already.
    """
    known = organisations_by_name()
    linked = {
        "organisation_id": known.get(fold(values["employer"])),
        "recommended_by_id": known.get(fold(values["recommender"])),
    }
    try:
        with transaction.atomic():
            return change_expert(
                expert=expert, values={**values, **linked}, seen_version=seen_version, actor=actor
            )
    except IntegrityError:
        raise InvalidTransition(KNOWN_ALREADY) from None


@transaction.atomic
def admit_expert(*, expert: Expert, seen_version: int, actor: Membership) -> Expert:
    """Take a recommended or formerly removed person into the pool."""
    return _move(locked(expert, seen_version), ExpertState.ADMITTED, "", actor)


@transaction.atomic
def remove_expert(*, expert: Expert, seen_version: int, reason: str, actor: Membership) -> Expert:
    """Take a person off the pool, or decline a recommendation, with the reason; the entry stays."""
    return _move(locked(expert, seen_version), ExpertState.REMOVED, reason, actor)


@transaction.atomic
def withdraw_expert(*, expert: Expert, actor: Membership, reason: str) -> None:
    """Take an entry off again that a list brought by mistake."""
    told = {name: [each[1], each[0]] for name, each in _told(Expert(), expert).items()}
    audit.record(actor=actor, action=AuditAction.CHANGE, target=expert, changes=told, reason=reason)
    expert.delete()


def picture(expert: Expert) -> dict[str, Any]:
    """What `change_expert` needs to put a person's entry back."""
    return {name: audit.plain(getattr(expert, name)) for name in COLUMNS}


def in_trail(name: str, value: Any) -> Any:
    """A value of an entry as the trail keeps it."""
    return mask_name(value or "") if name in _MASKED else audit.shown(name, value)


def require_known(expert: Expert) -> None:
    """InvalidTransition where the person is forgotten: there is nothing to correct."""
    if expert.state == ExpertState.ERASED:
        raise InvalidTransition(_("The personal data of this entry are erased."))


def locked(expert: Expert, seen_version: int) -> Expert:
    """The entry as it is now, to be changed; StaleVersion unless that is what was seen."""
    held = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    check_version(seen_version, held.version)
    return held


def _move(held: Expert, to: ExpertState, reason: str, actor: Membership) -> Expert:
    if to not in EXPERT_TRANSITIONS[held.state]:
        raise InvalidTransition(
            _("From the state “%(state)s” this step is not possible.")
            % {"state": held.get_state_display()}
        )
    changes = audit.changes_of({"state": held.state}, {"state": to})
    held.state, held.outcome_reason = to, reason
    held.version += 1
    held.save(update_fields=["state", "outcome_reason", "version"])
    audit.record(actor=actor, action=AuditAction.STATE, target=held, changes=changes, reason=reason)
    return held


def _fill(expert: Expert, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set what is given and what follows from it; the changes as the trail keeps them, contacts masked."""
    before = Expert(**{name: getattr(expert, name) for name in COLUMNS})
    for name in COLUMNS:
        if name in values:
            setattr(expert, name, values[name])
    expert.name_key = pinyin_key(expert.name, person=True)
    expert.identity = identity_of(expert.name, expert.employer, expert.phone)
    return _told(before, expert)


def _told(before: Expert, after: Expert) -> dict[str, list[Any]]:
    """What differs between two entries, under the names the trail uses."""
    sides = (
        {name.removesuffix("_id"): getattr(each, name) for name in COLUMNS}
        for each in (before, after)
    )
    changes = audit.changes_of(*sides)
    for name in _MASKED & changes.keys():
        changes[name] = [in_trail(name, value) for value in changes[name]]
    return changes
