"""Saving a dossier: marks, derived columns, versions, the trail, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from inventory.choices import DossierState, PoolState, StepAct
from inventory.models import Dossier, PoolEntry, PoolRule
from inventory.rules import Intent, Status
from inventory.services import dossiers as services
from portal import clock
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.models import AuditEntry, Membership
from tests import factories
from tests.conftest import Cast


def save(dossier: Dossier, actor: Membership, **more: Any) -> Dossier:
    dossier.refresh_from_db()
    return services.save_dossier(
        dossier_id=dossier.pk,
        seen_version=more.pop("seen_version", dossier.version),
        values=more.pop("values", {}),
        statuses=more.pop("statuses", None),
        intents=more.pop("intents", None),
        actor=actor,
    )


def changes(dossier: Dossier) -> list[dict[str, Any]]:
    entries = AuditEntry.objects.about(dossier).filter(action="change").order_by("pk")
    return [entry.changes for entry in entries]


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return factories.entry(cast.participation, responsible=cast.inventor.user).dossier


def test_first_save_starts_the_dossier(cast: Cast, dossier: Dossier) -> None:
    saved = save(dossier, cast.inventor, values={"stars": 4})

    dossier.refresh_from_db()
    assert (dossier.state, dossier.stars) == (DossierState.DRAFT, 4)
    assert saved.version == dossier.version
    step = dossier.steps.get()
    assert (step.act, step.from_state, step.to_state) == (
        StepAct.START,
        DossierState.UNFILED,
        DossierState.DRAFT,
    )
    assert changes(dossier) == [{"stars": [None, 4]}]


def test_marks_are_kept_in_order_with_what_follows(cast: Cast, dossier: Dossier) -> None:
    statuses = [
        Status("licensed", "common_contract", amount=Decimal("12.5")),
        Status("licensed", "open_plan"),
    ]
    save(
        dossier,
        cast.inventor,
        statuses=statuses,
        intents=[Intent("license", "open", fee=Decimal(0))],
    )

    dossier.refresh_from_db()
    assert [mark.level2 for mark in dossier.status_marks.all()] == ["common_contract", "open_plan"]
    assert dossier.intent_marks.get().fee == 0
    assert (dossier.is_transformed, dossier.is_unsuitable) == (True, False)
    assert changes(dossier) == [
        {
            "statuses": [
                [],
                [
                    ["licensed", "common_contract", "", "", "", ""],
                    ["licensed", "open_plan", "", "", "", ""],
                ],
            ],
            "amounts": [[], ["12.5", None]],
            "intents": [[], [["license", "open", ""]]],
            "fees": [[], ["0"]],
        }
    ]


def test_none_leaves_marks_and_empty_removes_them(cast: Cast, dossier: Dossier) -> None:
    save(dossier, cast.inventor, statuses=[Status("abandoning")])
    save(dossier, cast.inventor, values={"stars": 2})
    assert dossier.status_marks.count() == 1
    dossier.refresh_from_db()
    assert dossier.is_unsuitable

    save(dossier, cast.inventor, statuses=[])

    dossier.refresh_from_db()
    assert dossier.status_marks.count() == 0
    assert not dossier.is_unsuitable


def test_saving_the_same_again_changes_nothing(cast: Cast, dossier: Dossier) -> None:
    values = {"stars": 4, "partner_firms": ["演示企业有限公司"]}
    first = save(dossier, cast.inventor, values=values, statuses=[Status("not_implemented")])
    again = save(dossier, cast.inventor, values=values, statuses=[Status("not_implemented")])

    assert again.version == first.version
    assert len(changes(dossier)) == 1


def test_amount_of_zero_differs_from_blank(cast: Cast, dossier: Dossier) -> None:
    save(dossier, cast.inventor, statuses=[Status("transferred", "equity", amount=Decimal(0))])
    assert dossier.status_marks.get().amount == 0

    save(dossier, cast.inventor, statuses=[Status("transferred", "equity")])
    assert dossier.status_marks.get().amount is None


def test_stale_version_is_refused_and_nothing_written(cast: Cast, dossier: Dossier) -> None:
    save(dossier, cast.inventor, values={"stars": 4})

    with pytest.raises(StaleVersion):
        save(dossier, cast.manager, values={"stars": 1}, seen_version=1)

    dossier.refresh_from_db()
    assert dossier.stars == 4


@pytest.mark.parametrize(
    "state", [DossierState.UNIT_REVIEW, DossierState.INSTITUTION_REVIEW, DossierState.COMPLETED]
)
def test_only_drafts_take_changes(cast: Cast, state: str) -> None:
    dossier = factories.entry(cast.participation, state=state).dossier

    with pytest.raises(InvalidTransition):
        save(dossier, cast.manager, values={"stars": 1})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"advantages": "长" * 501}, "advantages"),
        ({"combination_name": "长" * 51}, "combination_name"),
        ({"stars": 6}, "stars"),
        ({"price_band": "cheap"}, "price_band"),
        ({"partner_firms": [f"企业{n}" for n in range(11)]}, "partner_firms"),
    ],
)
def test_wrong_shapes_are_refused(
    cast: Cast, dossier: Dossier, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        save(dossier, cast.inventor, values=values)

    assert list(refused.value.message_dict) == [field]


def test_wrong_marks_are_refused_by_place(cast: Cast, dossier: Dossier) -> None:
    statuses = [Status("not_implemented"), Status("nonsense", amount=Decimal(-1))]

    with pytest.raises(ValidationError) as refused:
        save(dossier, cast.inventor, statuses=statuses)

    assert sorted(refused.value.message_dict) == ["statuses.1.amount", "statuses.1.level1"]


def test_phone_is_masked_in_the_trail_and_encrypted_at_rest(cast: Cast, dossier: Dossier) -> None:
    save(dossier, cast.inventor, values={"contact_phone": "13800001234"})

    assert changes(dossier) == [{"contact_phone": ["", "138****1234"]}]


def test_pooled_patent_cannot_become_unsuitable(cast: Cast) -> None:
    dossier = factories.entry(cast.participation, state=DossierState.DRAFT, is_filled=True).dossier
    rule = PoolRule.objects.create(number=1, kinds=["invention"])
    PoolEntry.objects.create(
        patent=dossier.patent,
        dossier=dossier,
        institution=cast.university,
        rule=rule,
        state=PoolState.NOMINATED,
        stars=3,
        is_key_industry=False,
        months_left=60,
        nominated_by=cast.manager,
        nominated_at=clock.now(),
    )

    with pytest.raises(DomainError):
        save(dossier, cast.manager, statuses=[Status("abandoning")])


def test_same_as_my_last_one_copies_all_but_what_belongs_to_the_patent(
    cast: Cast, dossier: Dossier
) -> None:
    source = factories.entry(cast.participation, responsible=cast.inventor.user).dossier
    save(
        source,
        cast.inventor,
        values={
            **factories.FILLED,
            "is_publicly_funded": True,
            "funding_name": "演示项目",
            "combination_name": "组合",
            "partner_cities": ["北京市-海淀区"],
        },
        statuses=[Status("not_implemented")],
        intents=[Intent("transfer", "assign")],
    )

    found = services.copy_from_last(
        dossier_id=dossier.pk, seen_version=dossier.version, actor=cast.inventor
    )

    dossier.refresh_from_db()
    assert found == source
    assert (dossier.stars, dossier.maturity, dossier.industry) == (3, "sample", "C")
    assert (dossier.advantages, dossier.partner_cities) == (
        source.advantages or factories.FILLED["advantages"],
        ["北京市-海淀区"],
    )
    assert dossier.contact_phone == "13800000000"
    assert dossier.is_publicly_funded is None
    assert (dossier.funding_name, dossier.combination_name) == ("", "")
    assert dossier.intent_marks.get().level2 == "assign"
    assert dossier.state == DossierState.DRAFT


def test_nothing_to_copy_gives_none(cast: Cast, dossier: Dossier) -> None:
    assert (
        services.copy_from_last(
            dossier_id=dossier.pk, seen_version=dossier.version, actor=cast.inventor
        )
        is None
    )


def test_content_of_is_what_the_rules_read(cast: Cast) -> None:
    dossier = factories.entry(cast.participation, is_filled=True).dossier
    content = services.content_of(dossier)

    assert content.statuses == (Status("not_implemented"),)
    assert content.intents == (Intent("license", "common"),)
    assert (content.stars, content.has_default_contact) == (3, False)
