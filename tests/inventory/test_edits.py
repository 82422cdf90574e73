"""One edit of many dossiers: each field left, set or cleared, rights and rules per dossier, and the way back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from inventory import rules
from inventory.choices import DossierState, PatentKind, StepAct
from inventory.forms.edits import AssignForm, EditForm
from inventory.models import Dossier, DossierFact, DossierStep, PoolRule
from inventory.services import edits, moves, pool
from inventory.services.contents import Writing, write_contents
from inventory.services.dossiers import content_of
from inventory.services.edits import Edit, ListEdit, TextEdit
from portal.bulk.registry import RowResult
from portal.choices import BulkOutcome
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
REPORT = rules.Status("has_report", report_result="全部具备创造性")


def one(cast: Cast, **fields: Any) -> Dossier:
    fields = {"state": DossierState.DRAFT, "is_filled": True, **fields}
    return factories.entry(cast.participation, **fields).dossier


def edited(cast: Cast, dossier: Dossier, edit: Edit, **more: Any) -> RowResult:
    (result,) = edits.edit_dossiers(
        ids=[dossier.pk], edit=edit, reason="演示理由", **{"actor": cast.manager, **more}
    )
    dossier.refresh_from_db()
    return result


def restored(cast: Cast, result: RowResult) -> None:
    edits.restore_dossiers(before={result.id: result.before}, actor=cast.manager, reason="撤销")


EVERYTHING = Edit(
    values={
        "stars": 5,
        "maturity": "mass",
        "price_band": "",
        "is_publicly_funded": True,
        "industry": "A",
        "uses_default_contact": False,
        "contact_name": "演示乙",
        "contact_phone": "13900000000",
    },
    lists={
        "strategic_codes": ListEdit("add", ("1",)),
        "statuses": ListEdit("add", (rules.Status("licensed", "open_plan"),)),
        "intents": ListEdit("replace", (rules.Intent("transfer", "assign"),)),
    },
)


def test_everything_at_once_and_back(cast: Cast) -> None:
    dossier = one(cast, unit=cast.school)
    before = content_of(dossier)
    edit = Edit(
        EVERYTHING.values, EVERYTHING.lists, {"unit": None, "responsible": cast.inventor.user_id}
    )

    result = edited(cast, dossier, edit)
    after = content_of(Dossier.objects.get(pk=dossier.pk))
    restored(cast, result)

    assert (after.stars, after.price_band, after.contact_phone) == (5, "", "13900000000")
    assert [s.level1 for s in after.statuses] == ["not_implemented", "licensed"]
    assert [i.level1 for i in after.intents] == ["transfer"]
    back = Dossier.objects.get(pk=dossier.pk)
    assert content_of(back) == before
    assert (back.unit, back.responsible, back.version) == (cast.school, None, 3)


def test_trail_masks_the_phone_and_names_the_reason(cast: Cast) -> None:
    dossier = one(cast)

    edited(cast, dossier, EVERYTHING)

    entry = AuditEntry.objects.about(dossier).get()
    assert (entry.reason, entry.version) == ("演示理由", 2)
    assert "13900000000" not in str(entry.changes)
    assert entry.changes["stars"] == [3, 5]


@pytest.mark.parametrize(
    "state", [DossierState.UNIT_REVIEW, DossierState.INSTITUTION_REVIEW, DossierState.COMPLETED]
)
def test_handed_in_ones_take_only_another_assignment(cast: Cast, state: str) -> None:
    dossier = one(cast, state=state)

    assert edited(cast, dossier, Edit({"stars": 1})).outcome == BulkOutcome.REFUSED
    assert edited(cast, dossier, Edit(assignment={"unit": cast.school.pk})).before == {"unit": None}
    assert (dossier.stars, dossier.unit, dossier.state) == (3, cast.school, state)


def test_unfiled_ones_are_started_by_content_only(cast: Cast) -> None:
    assigned = one(cast, state=DossierState.UNFILED)
    rated = one(cast, state=DossierState.UNFILED)

    edited(cast, assigned, Edit(assignment={"unit": cast.school.pk}))
    edited(cast, rated, Edit({"stars": 1}))

    assert (assigned.state, rated.state) == (DossierState.UNFILED, DossierState.DRAFT)
    assert DossierStep.objects.get().act == StepAct.START
    assert DossierFact.objects.get(dossier=rated).stars == 1


def test_others_dossiers_are_refused(cast: Cast) -> None:
    foreign = factories.entry(cast.other_participation).dossier
    elsewhere = one(cast, unit=factories.unit(cast.university))

    assert edited(cast, foreign, Edit({"stars": 1})).outcome == BulkOutcome.REFUSED
    asked = edited(cast, elsewhere, Edit({"stars": 1}), actor=cast.unit_manager)
    assert asked.outcome == BulkOutcome.REFUSED


def test_report_only_for_utility_models_and_designs(cast: Cast) -> None:
    invention = one(cast)
    utility = one(cast, patent=factories.patent(cast.university, kind=PatentKind.UTILITY))
    edit = Edit(lists={"statuses": ListEdit("add", (REPORT,))})

    assert edited(cast, invention, edit).outcome == BulkOutcome.REFUSED
    assert edited(cast, utility, edit).outcome == BulkOutcome.CHANGED


def test_pooled_patents_do_not_become_unsuitable(cast: Cast) -> None:
    dossier = one(cast, state=DossierState.COMPLETED, stars=5)
    rule = PoolRule.objects.create(number=1, min_stars=3, kinds=["invention"])
    pool.nominate(rule=rule, ids=[dossier.pk], actor=cast.manager)
    moves.move(
        moves.lock_dossiers([dossier.pk]),
        DossierState.DRAFT,
        act=StepAct.REVISE,
        actor=cast.manager,
    )
    edit = Edit(lists={"statuses": ListEdit("replace", (rules.Status("abandoning"),))})

    assert edited(cast, dossier, edit).outcome == BulkOutcome.REFUSED


def test_a_new_section_takes_a_wrong_division_away(cast: Cast) -> None:
    dossier = one(cast, industry="C", industry_division="13")

    edited(cast, dossier, Edit({"industry": "A"}))

    assert (dossier.industry, dossier.industry_division) == ("A", "")


def test_a_division_of_another_section_is_refused(cast: Cast) -> None:
    dossier = one(cast, industry="A")

    assert edited(cast, dossier, Edit({"industry_division": "13"})).outcome == BulkOutcome.REFUSED


def test_the_same_again_changes_nothing(cast: Cast) -> None:
    dossier = one(cast)
    edit = Edit({"stars": 5}, {"strategic_codes": ListEdit("add", ("1",))})
    edited(cast, dossier, edit)

    assert edited(cast, dossier, edit).outcome == BulkOutcome.UNCHANGED
    assert AuditEntry.objects.about(dossier).count() == 1


def test_preview_writes_nothing_and_says_the_same(cast: Cast) -> None:
    dossier = one(cast)

    (result,) = edits.judge_edit(ids=[dossier.pk], edit=EVERYTHING, actor=cast.manager)

    assert result == edited(cast, dossier, EVERYTHING)


def test_writing_contents_leaves_an_entry(cast: Cast) -> None:
    dossier = one(cast)
    with transaction.atomic():
        (locked,) = moves.lock_dossiers([dossier.pk])
        before = content_of(locked)
        after = Edit({"stars": 2}).of(before)
        write_contents([Writing(locked, before, after, "", None, None)], actor=cast.manager)

    assert AuditEntry.objects.about(dossier).get().changes == {"stars": [3, 2]}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "reason"),
        ({"reason": "x"}, "__all__"),
        ({"reason": "x", "stars": "6"}, "stars"),
        ({"reason": "x", "status_mode": "add"}, "status_mode"),
        (
            {
                "reason": "x",
                "status_mode": "add",
                "status-level1": "licensed",
                "status-level2": "open_contract",
            },
            "status_mode",
        ),
        (
            {
                "reason": "x",
                "intent_mode": "add",
                "intent-level1": "license",
                "intent-level2": "assign",
            },
            "intent_mode",
        ),
        ({"reason": "x", "strategic_mode": "add"}, "strategic_codes"),
        ({"reason": "x", "contact": "own", "contact_name": "甲"}, "contact_phone"),
        ({"reason": "x", "unit": "999999"}, "unit"),
    ],
)
def test_bad_parameters_are_refused(cast: Cast, data: dict[str, str], field: str) -> None:
    form = EditForm(data, membership=cast.manager)

    assert not form.is_valid()
    assert field in form.errors


def test_parameters_become_an_edit(cast: Cast) -> None:
    data = {
        "reason": "x",
        "stars": "-",
        "industry": "C",
        "unit": str(cast.school.pk),
        "contact": "default",
        "intent_mode": "-",
    }
    form = EditForm(data, membership=cast.manager)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["edit"] == Edit(
        {"industry": "C", "stars": None, "uses_default_contact": True},
        {"intents": ListEdit("replace")},
        {"unit": cast.school.pk},
    )


def test_nobody_from_elsewhere_is_offered(cast: Cast) -> None:
    for person in (cast.outsider, cast.enterprise):
        assert not AssignForm(
            {"responsible": str(person.user_id)}, membership=cast.manager
        ).is_valid()
    form = AssignForm({"responsible": str(cast.inventor.user_id)}, membership=cast.manager)
    assert form.is_valid()


@pytest.mark.parametrize(
    ("mode", "own", "outcome", "after", "is_warned"),
    [
        ("empty", "", "changed", "统一表述", False),
        ("empty", "自己写的", "unchanged", "自己写的", False),
        ("append", "自己写的", "changed", "自己写的\n统一表述", False),
        ("append", "自己写的\n统一表述", "unchanged", "自己写的\n统一表述", False),
        ("replace", "自己写的", "changed", "统一表述", True),
        ("replace", "统一表述", "unchanged", "统一表述", False),
    ],
)
def test_a_text_for_many_is_written_put_behind_or_in_place(
    cast: Cast, mode: str, own: str, outcome: str, after: str, is_warned: bool
) -> None:
    """An own text is lost only where that was asked for, and then the consequences say so."""
    dossier = one(cast, advantages=own)
    form = EditForm(
        {"advantages_mode": mode, "advantages": "统一表述", "reason": "演示理由"},
        membership=cast.manager,
    )
    assert form.is_valid(), form.errors
    edit = form.cleaned_data["edit"]
    (judged,) = edits.judge_edit(ids=[dossier.pk], edit=edit, actor=cast.manager)

    result = edited(cast, dossier, edit)

    assert (str(judged.outcome), str(result.outcome)) == (outcome, outcome)
    assert dossier.advantages == after
    assert bool(judged.note) is is_warned is bool(result.note)
    if outcome == "changed":
        restored(cast, result)
        dossier.refresh_from_db()
        assert dossier.advantages == own


def test_a_text_that_becomes_too_long_is_refused(cast: Cast) -> None:
    dossier = one(cast, prospects="长" * 499)
    result = edited(cast, dossier, Edit(texts={"prospects": TextEdit("append", "更长")}))
    assert result.outcome == BulkOutcome.REFUSED
    assert dossier.prospects == "长" * 499


def test_a_text_without_words_is_asked_for(cast: Cast) -> None:
    form = EditForm({"prospects_mode": "replace", "reason": "演示理由"}, membership=cast.manager)
    assert list(form.errors) == ["prospects"]
