"""The pool rule, nominations with their reasons, and the rule nobody can bend: R1 patents stay out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from inventory.choices import POOL_TRANSITIONS, DossierState, PatentKind, PoolState
from inventory.models import BaseListEntry, Dossier, PoolEntry, PoolFact, PoolRule, PoolStep
from inventory.services import pool, pool_moves
from portal import clock
from portal.errors import DomainError
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

    outcome = pool_moves.take_out(versions={made.pk: 1}, reason="已转让", actor=cast.manager)

    removed = PoolEntry.objects.get()
    assert [entry.pk for entry in outcome.done] == [made.pk]
    assert (removed.state, removed.removed_reason) == (PoolState.REMOVED, "已转让")
    assert PoolFact.objects.current().get().state == PoolState.REMOVED
    again = pool_moves.take_out(versions={made.pk: 2}, reason="又", actor=cast.manager)
    assert (again.done, len(again.refused)) == ([], 1)


def test_screening_counts_add_up(cast: Cast, rule: PoolRule) -> None:
    complete(cast)
    complete(cast, stars=1)
    complete(cast, {"kind": PatentKind.DESIGN})
    complete(cast, is_unsuitable=True)

    with clock.frozen(date(2024, 6, 3)):
        found = pool.screen(rule, cast.university.pk)

    assert (found.complete, found.qualifying, found.unsuitable) == (4, 1, 1)
    assert found.declined_before == 0
    assert (found.too_few_stars, found.other_kind, found.ends_too_soon) == (1, 1, 0)


# --- the city's decision ------------------------------------------------------------------------------


def nominated(cast: Cast, rule: PoolRule, **fields: Any) -> PoolEntry:
    [made] = pool.nominate(rule=rule, ids=[complete(cast, **fields).dossier_id], actor=cast.manager)
    return made


def decide(entry: PoolEntry, to_state: PoolState, actor: Any, reason: str = "演示理由") -> Any:
    return pool_moves.decide_nominations(
        versions={entry.pk: entry.version}, to_state=to_state, reason=reason, actor=actor
    )


@pytest.mark.parametrize("to_state", [PoolState.ADMITTED, PoolState.DECLINED])
def test_the_city_decides_and_every_step_is_kept(
    cast: Cast, rule: PoolRule, to_state: PoolState
) -> None:
    entry = nominated(cast, rule)

    assert len(decide(entry, to_state, cast.city).done) == 1

    entry.refresh_from_db()
    assert (entry.state, entry.decision_note, entry.version) == (to_state, "演示理由", 2)
    assert entry.decided_by == cast.city
    steps = list(PoolStep.objects.values_list("from_state", "to_state", "actor", "reason"))
    assert steps == [
        ("", "nominated", cast.manager.pk, ""),
        ("nominated", to_state.value, cast.city.pk, "演示理由"),
    ]
    assert PoolFact.objects.current().get().state == to_state
    last = AuditEntry.objects.about(entry).first()
    assert last is not None
    assert last.changes == {"state": ["nominated", to_state.value]}
    assert (last.reason, last.owner) == ("演示理由", cast.university)


def test_who_may_not_decide_and_what_is_refused(cast: Cast, rule: PoolRule) -> None:
    entry = nominated(cast, rule)
    for actor in (cast.manager, cast.outsider, cast.department):
        assert decide(entry, PoolState.ADMITTED, actor).done == []
    entry.version = 7
    assert decide(entry, PoolState.ADMITTED, cast.city).done == []
    entry.version = 1
    decide(entry, PoolState.ADMITTED, cast.city)
    entry.refresh_from_db()
    assert decide(entry, PoolState.DECLINED, cast.city).done == []


def test_an_ended_right_is_flagged_and_not_admitted(cast: Cast, rule: PoolRule) -> None:
    entry = nominated(cast, rule)
    assert not PoolEntry.objects.of_ended_rights().exists()
    entry.patent.simple_status = "ended"
    entry.patent.save(update_fields=["simple_status"])

    assert list(PoolEntry.objects.of_ended_rights()) == [entry]
    assert len(decide(entry, PoolState.ADMITTED, cast.city).refused) == 1
    assert (
        len(pool_moves.take_out(versions={entry.pk: 1}, reason="终止", actor=cast.city).done) == 1
    )


def test_declined_once_comes_again_only_with_a_note(cast: Cast, rule: PoolRule) -> None:
    entry = nominated(cast, rule)
    decide(entry, PoolState.DECLINED, cast.city)
    assert pool.screen(rule, cast.university.pk).declined_before == 1
    assert list(pool.new_ones(rule, cast.university.pk)) == []
    with pytest.raises(DomainError):
        pool.nominate(rule=rule, ids=[entry.dossier_id], actor=cast.manager)

    [again] = pool.nominate(
        rule=rule, ids=[entry.dossier_id], actor=cast.manager, note="补充了性能指标"
    )

    assert (again.note, again.pk == entry.pk) == ("补充了性能指标", False)


@pytest.mark.parametrize("before", PoolState.values)
@pytest.mark.parametrize("after", PoolState.values)
def test_the_database_has_the_same_table(
    cast: Cast, rule: PoolRule, before: str, after: str
) -> None:
    entry = nominated(cast, rule)
    for state in {"declined": ["declined"], "admitted": ["admitted"], "removed": ["removed"]}.get(
        before, []
    ):
        PoolEntry.objects.filter(pk=entry.pk).update(state=state)
    allowed = before == after or after in POOL_TRANSITIONS[before]

    if allowed:
        PoolEntry.objects.filter(pk=entry.pk).update(state=after)
    else:
        with pytest.raises(IntegrityError, match="no step"), transaction.atomic():
            PoolEntry.objects.filter(pk=entry.pk).update(state=after)


def test_many_are_decided_in_a_constant_number_of_queries(
    cast: Cast, rule: PoolRule, django_assert_num_queries: Any
) -> None:
    entries = [nominated(cast, rule) for _ in range(3)]
    for some in (entries[:1], entries[1:]):
        with django_assert_num_queries(15):
            pool_moves.decide_nominations(
                versions={entry.pk: 1 for entry in some},
                to_state=PoolState.ADMITTED,
                reason="",
                actor=cast.city,
            )
