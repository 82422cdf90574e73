"""Screening into the city pool: the readable rule, who qualifies and why not, nomination."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from inventory.choices import DossierState, PoolState, SimpleStatus
from inventory.models import Dossier, PoolEntry, PoolRule, PoolStep
from inventory.services.facts import POOL, record_facts
from inventory.services.pool_moves import steps_of
from portal import audit, clock
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.models import Membership

_LIVE = PoolEntry.objects.live().filter(dossier=OuterRef("pk"))
_DECLINED = PoolEntry.objects.filter(dossier=OuterRef("pk"), state=PoolState.DECLINED)


@dataclass(frozen=True)
class Screening:
    """What a rule does to a set of complete dossiers: counts for the preview."""

    rule: PoolRule
    complete: int
    unsuitable: int
    already_in: int
    too_few_stars: int
    other_kind: int
    other_industry: int
    ends_too_soon: int
    declined_before: int
    qualifying: int


def current_rule() -> PoolRule | None:
    """The newest version of the rule."""
    return PoolRule.objects.order_by("-number").first()


def months_between(first: date, last: date) -> int:
    """Whole months from one day to a later one; 0 when it is past."""
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return max(0, months)


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, 28))


def complete_dossiers(institution_id: int) -> QuerySet[Dossier]:
    """Dossiers of an institution that finished stock-taking."""
    return Dossier.objects.filter(
        participation__institution=institution_id, state=DossierState.COMPLETED
    )


def criteria(rule: PoolRule) -> dict[str, Q]:
    """The rule as conditions, one per criterion, named as Screening counts their failures."""
    wanted = {
        "too_few_stars": Q(stars__gte=rule.min_stars),
        "ends_too_soon": Q(patent__expires_on__gte=_add_months(clock.today(), rule.min_months_left))
        & ~Q(patent__simple_status=SimpleStatus.ENDED),
    }
    if rule.kinds:
        wanted["other_kind"] = Q(patent__kind__in=rule.kinds)
    if rule.needs_key_industry:
        wanted["other_industry"] = ~Q(strategic_codes=[])
    return wanted


def qualifying(rule: PoolRule, institution_id: int) -> QuerySet[Dossier]:
    """Complete dossiers that meet the rule, are suitable (R1) and not in the pool yet."""
    return _fit(rule, institution_id, PoolEntry.objects.live())


def new_ones(rule: PoolRule, institution_id: int) -> QuerySet[Dossier]:
    """Qualifying ones that were never declined: what "all that qualify" means."""
    kept_away = (PoolState.NOMINATED, PoolState.ADMITTED, PoolState.DECLINED)
    return _fit(rule, institution_id, PoolEntry.objects.filter(state__in=kept_away))


def _fit(rule: PoolRule, institution_id: int, without: QuerySet[PoolEntry]) -> QuerySet[Dossier]:
    """Those that meet the rule and have none of these nominations.

    Nearly all of the nominations are the institution's own, which one look into the index finds together; the few that
    remain are asked for one by one, as a dossier may have been nominated by who filed it before.
    """
    own = without.filter(institution=institution_id).values("dossier")
    found = complete_dossiers(institution_id).filter(is_unsuitable=False).exclude(pk__in=own)
    for condition in criteria(rule).values():
        found = found.filter(condition)
    return found.filter(~Exists(without.filter(dossier=OuterRef("pk"))))


def declined_before(rule: PoolRule, institution_id: int) -> QuerySet[Dossier]:
    """Qualifying ones that the city declined once: they come again one by one, with a note of what changed.

    Few, so they are found from the nominations of the institution on.
    """
    declined = PoolEntry.objects.filter(institution=institution_id, state=PoolState.DECLINED)
    return qualifying(rule, institution_id).filter(pk__in=declined.values("dossier"))


def screen(rule: PoolRule, institution_id: int) -> Screening:
    """Count what the rule would do; a dossier may fail several criteria."""
    fit = Q(is_unsuitable=False)
    wanted = criteria(rule)
    able = fit & reduce(and_, wanted.values()) & ~Q(Exists(_LIVE))
    asked = {
        "unsuitable": ~fit,
        **{name: fit & ~condition for name, condition in wanted.items()},
        "qualifying": able & ~Q(Exists(_DECLINED)),
        "declined_before": able & Q(Exists(_DECLINED)),
    }
    found = complete_dossiers(institution_id).aggregate(
        complete=Count("pk"),
        **{name: Count("pk", filter=condition) for name, condition in asked.items()},
    )
    return Screening(
        rule=rule,
        complete=found["complete"],
        unsuitable=found["unsuitable"],
        already_in=PoolEntry.objects.live().filter(institution=institution_id).count(),
        too_few_stars=found.get("too_few_stars", 0),
        other_kind=found.get("other_kind", 0),
        other_industry=found.get("other_industry", 0),
        ends_too_soon=found.get("ends_too_soon", 0),
        declined_before=found["declined_before"],
        qualifying=found["qualifying"],
    )


@transaction.atomic
def nominate(
    *, rule: PoolRule, ids: Iterable[int], actor: Membership, note: str = ""
) -> list[PoolEntry]:
    """Nominate those of the given dossiers that meet the rule now; each entry keeps what qualified it.

    Calling again nominates nobody twice: whoever is in the pool does not qualify. DomainError when the city declined
    one of them before and the note does not say what changed.
    """
    dossiers = list(
        qualifying(rule, actor.organisation_id)
        .filter(pk__in=set(ids))
        .select_related("patent")
        .annotate(was_declined=Exists(_DECLINED))
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    if not note and any(dossier.was_declined for dossier in dossiers):
        raise DomainError(
            _("The city declined one of these before: say in the note what has changed since.")
        )
    made = PoolEntry.objects.bulk_create(
        [_entry(dossier, rule, actor, note) for dossier in dossiers], batch_size=1000
    )
    PoolStep.objects.bulk_create(
        steps_of([(entry, "", note) for entry in made], PoolState.NOMINATED, actor), batch_size=1000
    )
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CREATE,
            target=entry,
            changes={"state": [None, PoolState.NOMINATED.value], "rule": [None, rule.number]},
            reason=note,
        )
        for entry in made
    )
    record_facts(POOL, [entry.pk for entry in made])
    return made


def _entry(dossier: Dossier, rule: PoolRule, actor: Membership, note: str) -> PoolEntry:
    """An unsaved nomination with what qualifies the dossier today."""
    today = clock.today()
    return PoolEntry(
        patent=dossier.patent,
        dossier=dossier,
        institution_id=actor.organisation_id,
        rule=rule,
        stars=dossier.stars or 0,
        is_key_industry=bool(dossier.strategic_codes),
        months_left=months_between(today, dossier.patent.expires_on or today),
        note=note,
        nominated_by=actor,
        nominated_at=clock.now(),
    )


@transaction.atomic
def set_rule(*, values: dict[str, Any], actor: Membership) -> PoolRule:
    """Put the next version of the rule in force; earlier versions stay for the entries they admitted.

    The rule that is in force already is no new version.
    """
    current = PoolRule.objects.select_for_update(of=("self",)).order_by("-number").first()
    if current is not None and all(getattr(current, name) == values[name] for name in values):
        return current
    number = current.number + 1 if current else 1
    rule = PoolRule.objects.create(number=number, created_by=actor, **values)
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=rule,
        changes=audit.changes_of({}, {**values, "number": rule.number}),
    )
    return rule
