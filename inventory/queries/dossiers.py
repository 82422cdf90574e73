"""What the pages of a dossier read: the row with all it shows, its place in one's list, its history."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Max, Min, Prefetch, Q, QuerySet

from inventory.choices import DossierState, StepAct
from inventory.models import Dossier, DossierRevision, DossierStep, FieldComment, PoolEntry
from portal.choices import Role
from portal.models import Membership, Unit

OPEN_STATES = (DossierState.UNFILED, DossierState.DRAFT)
HISTORY_LIMIT = 200


@dataclass(frozen=True)
class Place:
    """Where a dossier stands in the list of whoever fills in: 3 / 7, its neighbours, the next open one."""

    position: int
    total: int
    # how many are handed in; None for a manager, whose list holds the open ones only
    done: int | None
    previous: int | None
    next: int | None
    next_open: int | None


def with_all(dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """The dossier with everything its pages show, in a constant number of queries."""
    return dossiers.select_related(
        "patent", "participation__institution", "participation__campaign", "unit", "responsible"
    ).prefetch_related(
        "status_marks",
        "intent_marks",
        "patent__holders",
        "patent__inventors",
        Prefetch(
            "comments",
            FieldComment.objects.filter(settled_at__isnull=True).select_related(
                "author__user", "answered_by__user"
            ),
            to_attr="open_comments",
        ),
    )


def place_of(dossier: Dossier, membership: Membership) -> Place:
    """One query: an inventor's list holds all own dossiers, a manager's those still to be filled in."""
    mine = own_list(dossier, membership)
    is_open = Q(state__in=OPEN_STATES)
    found = mine.aggregate(
        total=Count("pk"),
        before=Count("pk", filter=Q(pk__lt=dossier.pk)),
        done=Count("pk", filter=~is_open),
        previous=Max("pk", filter=Q(pk__lt=dossier.pk)),
        next=Min("pk", filter=Q(pk__gt=dossier.pk)),
        open_after=Min("pk", filter=Q(pk__gt=dossier.pk) & is_open),
        open_before=Min("pk", filter=Q(pk__lt=dossier.pk) & is_open),
    )
    return Place(
        position=found["before"] + 1,
        total=max(found["total"], found["before"] + 1),
        done=found["done"] if membership.role == Role.INVENTOR else None,
        previous=found["previous"],
        next=found["next"],
        next_open=found["open_after"] or found["open_before"],
    )


def filled_by(membership: Membership) -> Q:
    """Of the dossiers an inventor sees, those that are the inventor's to fill in: named for them, or for nobody."""
    if membership.role != Role.INVENTOR:
        return Q(responsible=membership.user_id)
    return Q(responsible=membership.user_id) | Q(responsible__isnull=True)


def own_list(dossier: Dossier, membership: Membership) -> QuerySet[Dossier]:
    """The dossiers one steps through from this one; never more than one may fill in."""
    if membership.role == Role.INVENTOR:
        return Dossier.objects.visible_to(membership).filter(filled_by(membership))
    listed = Dossier.objects.filter(participation=dossier.participation_id).filter(
        Q(state__in=OPEN_STATES) | Q(pk=dossier.pk)
    )
    if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
        return listed.filter(unit__in=Unit.objects.below(membership.unit))
    return listed


def last_return(dossier: Dossier) -> DossierStep | None:
    """The return that sent the dossier back to be filled in again; None once it was submitted since."""
    last = (
        DossierStep.objects.filter(dossier=dossier)
        .select_related("actor__user", "actor__organisation", "actor__unit")
        .order_by("-pk")
        .first()
    )
    return last if last is not None and last.act == StepAct.RETURN else None


def last_approved(dossier: Dossier) -> DossierRevision | None:
    """What was approved last; None before the first approval."""
    return DossierRevision.objects.filter(dossier=dossier).order_by("-version").first()


def last_approval(dossier: Dossier) -> DossierRevision | None:
    """The version approved last, with who approved it."""
    return (
        DossierRevision.objects.filter(dossier=dossier)
        .select_related("approved_by__user")
        .order_by("-version")
        .first()
    )


def nominations_of(dossier: Dossier) -> list[PoolEntry]:
    """Nominations of the dossier to the city pool, newest first."""
    return list(PoolEntry.objects.filter(dossier=dossier).order_by("-pk")[:HISTORY_LIMIT])


def steps_of(dossier: Dossier, limit: int = HISTORY_LIMIT) -> list[DossierStep]:
    """The review steps, newest first."""
    return list(
        DossierStep.objects.filter(dossier=dossier)
        .select_related("actor__user", "actor__organisation", "actor__unit")
        .order_by("-pk")[:limit]
    )
