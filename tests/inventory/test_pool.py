"""The pool rule, nominations with their reasons, and the rule nobody can bend: R1 patents stay out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from inventory.choices import DossierState, PatentKind, PoolState
from inventory.models import BaseListEntry, Dossier, PoolEntry, PoolFact, PoolRule
from inventory.services import pool
from portal import clock
from portal.errors import InvalidTransition
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(cast: Cast) -> PoolRule:
    values = {"min_stars": 3, "kinds": ["invention"], "needs_key_industry": False}
    return pool.set_rule(values={**values, "min_months_left": 24}, actor=cast.city)


def complete(cast: Cast, patent: dict[str, Any] | None = None, **fields: Any) -> BaseListEntry:
    made = factories.patent(cast.university, **(patent or {}))
    return factories.entry(cast.participation, made, state=DossierState.COMPLETED, **fields)


def test_rule_versions_follow_each_other(cast: Cast, rule: PoolRule) -> None:
    second = pool.set_rule(
        values={"min_stars": 4, "kinds": [], "needs_key_industry": True, "min_months_left": 0},
        actor=cast.city,
    )

    assert (rule.number, second.number) == (1, 2)
    assert pool.current_rule() == second
    assert AuditEntry.objects.filter(object_type="inventory.poolrule").count() == 2


@pytest.mark.parametrize(
    ("patent", "fields"),
    [
        ({}, {"stars": 2}),
        ({"kind": PatentKind.UTILITY}, {}),
        ({"expires_on": date(2025, 1, 1)}, {}),
        ({"simple_status": "ended"}, {}),
        ({}, {"is_unsuitable": True}),
    ],
)
def test_who_does_not_qualify(
    cast: Cast, rule: PoolRule, patent: dict[str, Any], fields: dict[str, Any]
) -> None:
    complete(cast, patent, **fields)
    good = complete(cast)

    with clock.frozen(date(2024, 6, 3)):
        found = list(pool.qualifying(rule, cast.university.pk))

    assert found == [good.dossier]


def test_key_industry_only(cast: Cast) -> None:
    rule = pool.set_rule(
        values={"min_stars": 1, "kinds": [], "needs_key_industry": True, "min_months_left": 0},
        actor=cast.city,
    )
    complete(cast)
    strategic = complete(cast, strategic_codes=["1.2"])

    assert list(pool.qualifying(rule, cast.university.pk)) == [strategic.dossier]


def test_nomination_keeps_the_reason_per_patent(cast: Cast, rule: PoolRule) -> None:
    entry = complete(cast, stars=4, strategic_codes=["3.1"])

    with clock.frozen(date(2024, 6, 3)):
        made = pool.nominate(rule=rule, ids=[entry.dossier_id], actor=cast.manager, note="优先")

    found = PoolEntry.objects.get()
    assert made == [found]
    assert (found.stars, found.is_key_industry, found.months_left, found.rule, found.note) == (
        4,
        True,
        153,
        rule,
        "优先",
    )
    assert PoolFact.objects.current().get().state == PoolState.NOMINATED
    assert AuditEntry.objects.filter(object_type="inventory.poolentry").count() == 1


def test_nominating_again_nominates_nobody(cast: Cast, rule: PoolRule) -> None:
    entry = complete(cast)
    pool.nominate(rule=rule, ids=[entry.dossier_id], actor=cast.manager)

    assert pool.nominate(rule=rule, ids=[entry.dossier_id], actor=cast.manager) == []


def test_another_institutions_dossier_is_not_nominated(cast: Cast, rule: PoolRule) -> None:
    entry = complete(cast)

    assert pool.nominate(rule=rule, ids=[entry.dossier_id], actor=cast.outsider) == []


def test_database_refuses_an_unsuitable_patent(cast: Cast, rule: PoolRule) -> None:
    entry = complete(cast, is_unsuitable=True)
    values = {
        "patent": entry.patent,
        "dossier": entry.dossier,
        "institution": cast.university,
        "rule": rule,
        "stars": 5,
        "is_key_industry": False,
        "months_left": 100,
        "nominated_by": cast.manager,
        "nominated_at": clock.now(),
    }

    with pytest.raises(IntegrityError, match="unsuitable"), transaction.atomic():
        PoolEntry.objects.create(**values)


def test_database_refuses_marking_a_pooled_patent_unsuitable(cast: Cast, rule: PoolRule) -> None:
    entry = complete(cast)
    pool.nominate(rule=rule, ids=[entry.dossier_id], actor=cast.manager)

    with pytest.raises(IntegrityError, match="pool"), transaction.atomic():
        Dossier.objects.filter(pk=entry.dossier_id).update(is_unsuitable=True)


def test_removal_has_a_reason_and_happens_once(cast: Cast, rule: PoolRule) -> None:
    entry = complete(cast)
    [made] = pool.nominate(rule=rule, ids=[entry.dossier_id], actor=cast.manager)

    removed = pool.remove_from_pool(entry=made, reason="已转让", seen_version=1, actor=cast.manager)

    assert (removed.state, removed.removed_reason) == (PoolState.REMOVED, "已转让")
    assert PoolFact.objects.current().get().state == PoolState.REMOVED
    with pytest.raises(InvalidTransition):
        pool.remove_from_pool(entry=made, reason="又", seen_version=2, actor=cast.manager)


def test_screening_counts_add_up(cast: Cast, rule: PoolRule) -> None:
    complete(cast)
    complete(cast, stars=1)
    complete(cast, {"kind": PatentKind.DESIGN})
    complete(cast, is_unsuitable=True)

    with clock.frozen(date(2024, 6, 3)):
        found = pool.screen(rule, cast.university.pk)

    assert (found.complete, found.qualifying, found.unsuitable) == (4, 1, 1)
    assert (found.too_few_stars, found.other_kind, found.ends_too_soon) == (1, 1, 0)
