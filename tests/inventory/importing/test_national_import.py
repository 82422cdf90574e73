"""A filled national template from upload to dossiers: outcomes, rules with their places, rights, what is written."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from inventory.choices import DossierState, PatentKind, PoolState, StepAct
from inventory.importing.national_apply import write_dossiers
from inventory.models import (
    BaseListEntry,
    Dossier,
    DossierFact,
    DossierStep,
    PoolEntry,
    PoolRule,
    StatusMark,
)
from portal import clock
from portal.choices import AuditAction, ImportState, RowOutcome
from portal.intake import recognition
from portal.models import AuditEntry, ImportBatch, ImportIssue
from tests import factories, workbooks
from tests.conftest import Cast
from tests.inventory.importing.conftest import confirm
from tests.inventory.importing.national import RIGHT, head, line, template, without

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]


def own(entry: BaseListEntry, **cells: Any) -> dict[str, Any]:
    """The base information of a listed patent."""
    return {
        "application_number": entry.patent.number,
        "title": entry.patent.title,
        "org_unit": entry.institution.name,
        **cells,
    }


def places(batch: ImportBatch, level: str = "error") -> list[tuple[str, str]]:
    """(cell, rule) of the issues, in order."""
    found = ImportIssue.objects.filter(batch=batch, level=level).order_by("line", "pk")
    return [(f"{one.column}{one.line}", one.rule) for one in found]


def outcomes(batch: ImportBatch) -> list[str]:
    return list(batch.rows.order_by("line").values_list("outcome", flat=True))


# --- the way of a file --------------------------------------------------------------------------------


def test_a_filled_template_is_previewed_confirmed_and_filled_in(cast: Cast, upload: Upload) -> None:
    entry = factories.entry(cast.participation)
    licence = {
        "status_level1": "已许可",
        "status_level2": "已签订普通许可合同",
        "status_detail": 0,
        "remark": "免费许可",
    }
    more = {"status_level1": "已转让", "status_level2": "已列入转让计划"}
    batch = upload(cast.manager, template(own(entry) | RIGHT | licence, more))
    assert (batch.state, batch.kind, batch.sheet) == (ImportState.PREVIEW, "national", "Sheet1")
    assert (outcomes(batch), places(batch)) == ([RowOutcome.ADDED], [])
    assert places(batch, "notice") == [("N5", "R4")]
    changes = batch.rows.get().changes
    assert changes["status_level1"] == [
        [],
        ["已许可 / 已签订普通许可合同 / 0 / 免费许可", "已转让 / 已列入转让计划"],
    ]
    assert changes["contact"] == ["", "138****0000"]
    assert Dossier.objects.get().state == DossierState.UNFILED

    batch = confirm(cast.manager, batch)
    assert (batch.state, batch.counts["added"]) == (ImportState.APPLIED, 1)
    dossier = Dossier.objects.get()
    assert (dossier.state, dossier.version) == (DossierState.DRAFT, 3)
    assert (dossier.stars, dossier.maturity, dossier.industry) == (3, "sample", "C")
    assert (dossier.contact_phone, dossier.uses_default_contact) == ("13800000000", False)
    assert (dossier.is_transformed, dossier.is_unsuitable) == (True, False)
    marks = [
        (m.position, m.level1, m.level2, m.amount, m.remark) for m in dossier.status_marks.all()
    ]
    assert marks == [
        (1, "licensed", "common_contract", Decimal(0), "免费许可"),
        (2, "transferred", "assignment_plan", None, ""),
    ]
    assert [(m.level1, m.level2, m.fee) for m in dossier.intent_marks.all()] == [
        ("license", "common", Decimal(10))
    ]


def test_filling_in_leaves_step_trail_and_fact(cast: Cast, upload: Upload) -> None:
    entry = factories.entry(cast.participation)
    batch = confirm(cast.manager, upload(cast.manager, template(own(entry) | RIGHT)))
    dossier = entry.dossier
    step = DossierStep.objects.get()
    assert (step.act, step.from_state, step.to_state) == (StepAct.START, "unfiled", "draft")
    trail = AuditEntry.objects.filter(object_type="inventory.dossier", object_id=dossier.pk)
    written = trail.get(action=AuditAction.CHANGE)
    assert written.job_id == batch.job_id
    assert written.changes["maturity"] == ["", "sample"]
    assert written.changes["contact_phone"] == ["", "138****0000"]
    assert trail.filter(action=AuditAction.STATE).count() == 1
    fact = DossierFact.objects.get(dossier=dossier, superseded_at=None, valid_to=None)
    assert (fact.state, fact.stars) == (DossierState.DRAFT, 3)


def test_the_same_file_again_changes_nothing(cast: Cast, upload: Upload) -> None:
    sheet = template(own(factories.entry(cast.participation)) | RIGHT)
    confirm(cast.manager, upload(cast.manager, sheet))
    again = upload(cast.manager, sheet)
    assert (outcomes(again), places(again)) == ([RowOutcome.UNCHANGED], [])


def test_changed_cells_are_shown_and_blank_ones_never_erase(cast: Cast, upload: Upload) -> None:
    entry = factories.entry(cast.participation, state=DossierState.DRAFT, is_filled=True)
    cells = own(entry, stars="四星", status_level1="尚未实施", status_level2="无需填写")
    batch = upload(
        cast.manager, template(cells | {"intent_level1": "拟转让", "intent_level2": "拟转让"})
    )
    assert outcomes(batch) == [RowOutcome.CHANGED]
    assert batch.rows.get().changes == {
        "stars": ["三星", "四星"],
        "intent_level1": [["拟许可 / 拟普通许可"], ["拟转让 / 拟转让"]],
    }
    confirm(cast.manager, batch)
    dossier = Dossier.objects.get()
    assert (dossier.stars, dossier.version, dossier.prospects) == (4, 2, "可用于装备制造企业。")
    assert [str(mark.level1) for mark in dossier.intent_marks.all()] == ["transfer"]
    assert DossierStep.objects.count() == 0


def test_what_the_template_cannot_say_stays(cast: Cast, upload: Upload) -> None:
    entry = factories.entry(
        cast.participation, state=DossierState.DRAFT, is_filled=True, funding_name="演示项目"
    )
    dossier = entry.dossier
    StatusMark.objects.filter(dossier=dossier).delete()
    StatusMark.objects.create(
        dossier=dossier,
        position=1,
        level1="licensed",
        level2="industrialised_by_licensee",
        product_name="演示产品",
        amount=Decimal(7),
    )
    cells = own(entry, status_level1="已许可", status_level2="已由被许可人实现产业化")
    more = {"status_level1": "即将放弃专利权", "status_level2": "年费过高"}
    sheet = template(cells | {"status_detail": "演示产品"}, more)
    confirm(cast.manager, upload(cast.manager, sheet))
    dossier = Dossier.objects.get()
    assert dossier.funding_name == "演示项目"
    assert dossier.is_unsuitable
    assert [mark.amount for mark in dossier.status_marks.all()] == [Decimal(7), None]


def test_columns_may_be_moved_and_the_vendors_may_be_absent(
    cast: Cast, upload: Upload, tmp_path: Path
) -> None:
    entry = factories.entry(cast.participation)
    sheet = template(own(entry) | RIGHT)
    dropped = {3, 4, 5, 28, 29}
    order = [place for place in reversed(range(30)) if place not in dropped]
    # without the merged groups each column keeps the head it had
    heads = [sheet[2][place] or sheet[1][place] for place in order]
    moved = [heads, [sheet[3][place] for place in order]]
    pages = {"说明": [["请勿修改"]], "批量导入": moved, "其他": [["农、林、牧、渔业"]]}
    path = workbooks.xlsx_sheets(tmp_path / "moved.xlsx", pages, hidden=["其他"])
    batch = upload(cast.manager, path)
    assert (batch.kind, batch.sheet) == ("national", "批量导入")
    assert (outcomes(batch), places(batch)) == ([RowOutcome.ADDED], [])


def test_a_sheet_of_another_name_is_read_by_its_heads(cast: Cast, upload: Upload) -> None:
    entry = factories.entry(cast.participation)
    batch = upload(cast.manager, [["某大学盘点表"], *template(own(entry) | RIGHT)])
    assert (batch.kind, batch.header_row, outcomes(batch)) == ("national", 4, ["added"])


def test_good_rows_go_in_while_bad_ones_wait(cast: Cast, upload: Upload) -> None:
    first, second = (factories.entry(cast.participation) for _ in range(2))
    batch = upload(
        cast.manager, template(own(first) | RIGHT | {"stars": "六星"}, own(second) | RIGHT)
    )
    assert (outcomes(batch), places(batch)) == (["refused", "added"], [("Y4", "stars")])
    confirm(cast.manager, batch)
    states = dict(Dossier.objects.values_list("pk", "state"))
    assert states == {first.dossier_id: "unfiled", second.dossier_id: "draft"}


# --- the rules of the template, each with a pass and a fail -----------------------------------------

UTILITY, INVENTION = PatentKind.UTILITY, PatentKind.INVENTION
R1_FREE = without(
    RIGHT, *(n for n in RIGHT if n not in {"is_publicly_funded", "contact", "contact_name"})
)
NUMBERS = {"bundle_title": "长" * 50, "bundle_text": "长" * 500}
TRANSFERRED = {"status_level1": "已转让", "status_level2": "已签订转让合同"}
REPORT = {"status_level1": "实用新型专利、外观设计专利已有专利权评价报告", "status_level2": None}
LICENSEE = {"status_level1": "已许可", "status_level2": "已由被许可人实现产业化"}
PARTNER = "已通过技术服务合同或开发合同约定由合作企业实现产业化"
RULES: list[tuple[str, str, dict[str, Any], list[tuple[str, str]]]] = [
    ("R1 pass", INVENTION, R1_FREE | {"status_level1": "涉及权属纠纷"}, []),
    ("R1 fail", INVENTION, R1_FREE | {"status_level1": "尚未实施"},
     [("P4", "P"), ("X4", "X"), ("Y4", "Y"), ("AA4", "R3")]),
    ("R2 pass", INVENTION, without(RIGHT, "advantages", "outlook") | {"stars": "二星"}, []),
    ("R2 fail", INVENTION, without(RIGHT, "industry", "outlook") | {"stars": "二星"}, [("AA4", "R3")]),
    ("R3 pass", INVENTION, RIGHT | {"advantages": "长" * 500}, []),
    ("R3 fail", INVENTION, without(RIGHT, "outlook") | {"advantages": "长" * 501},
     [("Z4", "R3"), ("AB4", "R3")]),
    ("R4 pass", INVENTION, RIGHT | TRANSFERRED | {"status_detail": 0}, []),
    ("R4 fail", INVENTION, RIGHT | TRANSFERRED, [("N4", "R4")]),
    ("R5 pass", UTILITY, RIGHT | REPORT | {"status_detail": "符合授予专利权条件"}, []),
    ("R5 fail", INVENTION, RIGHT | REPORT, [("L4", "R5"), ("N4", "R5")]),
    ("R6 pass", INVENTION, RIGHT | LICENSEE | {"status_detail": "演示产品"}, []),
    ("R6 pass partner", INVENTION, RIGHT | {"status_level1": "已许可", "status_level2": PARTNER,
                                            "status_detail": "12"}, []),
    ("R6 fail", INVENTION, RIGHT | LICENSEE, [("N4", "R6")]),
    ("R7 pass", INVENTION, RIGHT | NUMBERS, []),
    ("R7 fail", INVENTION, RIGHT | {"bundle_title": "长" * 51, "bundle_text": "长" * 501},
     [("H4", "R7"), ("J4", "R7")]),
    ("R8 pass", INVENTION, RIGHT | {"cities": "北京市-海淀区,江苏省-苏州市"}, []),
    ("R8 fail", INVENTION, RIGHT | {"cities": "北京市"}, [("S4", "city")]),
    ("R9 pass", INVENTION, RIGHT | {"firms": ",".join(f"演示公司{n}" for n in range(10))}, []),
    ("R9 fail", INVENTION, RIGHT | {"firms": ",".join(f"演示公司{n}" for n in range(11))},
     [("T4", "too_many_firms")]),
    ("K fail", INVENTION, without(RIGHT, "is_publicly_funded"), [("K4", "K")]),
    ("L fail", INVENTION, without(RIGHT, "status_level1", "status_level2"), [("L4", "L")]),
    ("L-M fail", INVENTION, RIGHT | {"status_level1": "已许可", "status_level2": None,
                                     "status_detail": 1}, [("M4", "L-M")]),
    ("L-M custom fail", INVENTION,
     RIGHT | {"status_level1": "即将放弃专利权", "status_level2": "自定义（请勿勾选，请直接填写）"},
     [("M4", "L-M")]),
    ("P-Q fail", INVENTION, RIGHT | {"intent_level2": None}, [("Q4", "P-Q")]),
    ("U fail", INVENTION, without(RIGHT, "price_band"), [("U4", "U")]),
    ("V fail", INVENTION, without(RIGHT, "contact_name", "contact"), [("V4", "V")]),
    ("W fail", INVENTION, without(RIGHT, "contact"), [("W4", "W")]),
]  # fmt: skip


def test_each_rule_passes_and_fails_at_its_cell(cast: Cast, upload: Upload) -> None:
    rows, wanted = [], {}
    for number, (name, kind, cells, expected) in enumerate(RULES, 4):
        entry = factories.entry(cast.participation, factories.patent(cast.university, kind=kind))
        rows.append(own(entry) | cells)
        wanted[name] = [(cell.replace("4", str(number)), rule) for cell, rule in expected]
    batch = upload(cast.manager, template(*rows))
    assert batch.state == ImportState.PREVIEW, batch.problem
    issues = places(batch)
    found = {
        name: [one for one in issues if one[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == str(number)]
        for number, name in enumerate(wanted, 4)
    }
    assert found == wanted
    assert outcomes(batch) == ["refused" if one else "added" for one in wanted.values()]
    importer = recognition.importer_of(batch)
    for issue in batch.issues.all():
        said = importer.words(issue.rule, issue.params)
        assert said.title
        assert "%(" not in said.text


def test_a_rule_broken_in_a_continuation_row_is_named_there_and_refuses_the_patent(
    cast: Cast, upload: Upload
) -> None:
    entry = factories.entry(cast.participation)
    batch = upload(cast.manager, template(own(entry) | RIGHT, TRANSFERRED))
    assert (outcomes(batch), places(batch)) == (["refused"], [("N5", "R4")])


def test_repeated_numbers_are_refused_at_both_places_r11(cast: Cast, upload: Upload) -> None:
    first, second = (factories.entry(cast.participation) for _ in range(2))
    batch = upload(
        cast.manager,
        template(own(first) | RIGHT, own(second) | RIGHT, own(first) | RIGHT | {"stars": "五星"}),
    )
    assert outcomes(batch) == ["refused", "added", "refused"]
    assert places(batch) == [("B4", "R11"), ("B6", "R11")]
    assert [issue.params for issue in batch.issues.order_by("line")] == [
        {"lines": [6]},
        {"lines": [4]},
    ]


def test_the_unit_must_be_a_node_of_the_importing_account_r12(cast: Cast, upload: Upload) -> None:
    entry = factories.entry(cast.participation)
    names = ["演示第一大学", cast.school.name, "演示外部大学"]
    found = [
        places(upload(cast.manager, template(own(entry) | RIGHT | {"org_unit": name})))
        for name in names
    ]
    assert found == [[], [], [("G4", "R12")]]


def test_the_unit_is_assigned_where_there_was_none(cast: Cast, upload: Upload) -> None:
    entry = factories.entry(cast.participation)
    sheet = template(own(entry) | RIGHT | {"org_unit": cast.school.name})
    confirm(cast.manager, upload(cast.manager, sheet))
    assert Dossier.objects.get().unit == cast.school


# --- whose dossier, in which state ------------------------------------------------------------------


def test_only_dossiers_that_the_institution_files_are_taken(cast: Cast, upload: Upload) -> None:
    unlisted = factories.patent(cast.university)
    joint = factories.patent(cast.other, cast.university)
    theirs = factories.entry(cast.other_participation, joint)
    BaseListEntry.objects.create(
        campaign=cast.campaign,
        institution=cast.university,
        patent=joint,
        dossier=theirs.dossier,
        listed_on=theirs.listed_on,
        due_on=cast.campaign.due_on,
    )
    foreign = factories.entry(cast.other_participation)
    rows = [
        {"application_number": patent.number, "org_unit": "演示第一大学"} | RIGHT
        for patent in (unlisted, joint, foreign.patent)
    ]
    batch = upload(cast.manager, template(*rows))
    assert outcomes(batch) == ["refused"] * 3
    assert places(batch) == [("B4", "not_listed"), ("B5", "filed_elsewhere"), ("B6", "not_listed")]


STATES = [
    (DossierState.UNIT_REVIEW, "in_review"),
    (DossierState.INSTITUTION_REVIEW, "in_review"),
    (DossierState.COMPLETED, "completed"),
]


@pytest.mark.parametrize(("state", "rule"), STATES)
def test_a_dossier_under_review_or_complete_is_refused_unless_nothing_changes(
    cast: Cast, upload: Upload, state: str, rule: str
) -> None:
    entry = factories.entry(cast.participation, state=state)
    batch = upload(cast.manager, template(own(entry, stars="五星")))
    assert (outcomes(batch), places(batch)) == (["refused"], [("B4", rule)])
    batch = upload(cast.manager, template(own(entry, stars="三星")))
    assert (outcomes(batch), places(batch)) == (["unchanged"], [])


def test_a_unit_manager_fills_in_the_own_subtree_only(cast: Cast, upload: Upload) -> None:
    mine = factories.entry(cast.participation, unit=cast.school)
    other = factories.entry(cast.participation, unit=factories.unit(cast.university))
    name = {"org_unit": cast.school.name}
    batch = upload(
        cast.unit_manager,
        template(own(mine) | RIGHT | name, own(other) | RIGHT | name, own(mine) | RIGHT),
    )
    assert outcomes(batch) == ["refused", "refused", "refused"]
    assert places(batch) == [("B4", "R11"), ("B5", "not_in_unit"), ("G6", "R12"), ("B6", "R11")]
    batch = upload(cast.unit_manager, template(own(mine) | RIGHT | name))
    assert outcomes(batch) == ["added"]


def test_a_patent_in_the_pool_cannot_become_unsuitable(cast: Cast, upload: Upload) -> None:
    entry = factories.entry(cast.participation, state=DossierState.DRAFT, is_filled=True)
    PoolEntry.objects.create(
        patent=entry.patent,
        dossier=entry.dossier,
        institution=cast.university,
        rule=PoolRule.objects.create(number=1),
        state=PoolState.NOMINATED,
        stars=3,
        is_key_industry=False,
        months_left=60,
        nominated_by=cast.manager,
        nominated_at=clock.now(),
    )
    batch = upload(cast.manager, template(own(entry, status_level1="涉及权属纠纷")))
    assert (outcomes(batch), places(batch)) == (["refused"], [("L4", "in_pool")])


def test_a_title_that_differs_is_said_and_never_taken(cast: Cast, upload: Upload) -> None:
    entry = factories.entry(cast.participation)
    batch = upload(cast.manager, template(own(entry, title="另一种装置") | RIGHT))
    assert (outcomes(batch), places(batch, "notice")) == (["added"], [("C4", "title_differs")])
    confirm(cast.manager, batch)
    assert BaseListEntry.objects.get().patent.title == entry.patent.title


def test_the_default_contact_stays_switched_on_when_the_file_names_it(
    cast: Cast, upload: Upload
) -> None:
    cast.participation.contact_name, cast.participation.contact_phone = "演示科技处", "010-00000000"
    cast.participation.save()
    entry = factories.entry(cast.participation)
    contact = {"contact_name": "演示科技处", "contact": "010-00000000"}
    confirm(cast.manager, upload(cast.manager, template(own(entry) | RIGHT | contact)))
    dossier = Dossier.objects.get()
    assert (dossier.uses_default_contact, dossier.contact_name) == (True, "")


# --- meanwhile ----------------------------------------------------------------------------------------


def test_a_dossier_changed_after_the_preview_brings_a_new_preview(
    cast: Cast, upload: Upload
) -> None:
    entry = factories.entry(cast.participation)
    batch = upload(cast.manager, template(own(entry) | RIGHT))
    Dossier.objects.update(version=2)
    batch = confirm(cast.manager, batch)
    assert batch.state == ImportState.PREVIEW
    assert Dossier.objects.get().state == DossierState.UNFILED
    assert confirm(cast.manager, batch).state == ImportState.APPLIED


def test_a_preview_without_plans_is_made_anew_before_it_is_written(
    cast: Cast, upload: Upload
) -> None:
    batch = upload(cast.manager, template(own(factories.entry(cast.participation)) | RIGHT))
    batch.rows.update(plan=None)
    batch = confirm(cast.manager, batch)
    assert (batch.state, batch.rows.filter(plan=None).count()) == (ImportState.PREVIEW, 0)
    assert confirm(cast.manager, batch).state == ImportState.APPLIED


def test_a_row_without_its_plan_stays_out_and_is_named_while_the_others_are_written(
    cast: Cast, upload: Upload
) -> None:
    entries = [factories.entry(cast.participation) for _number in range(2)]
    batch = upload(cast.manager, template(*(own(entry) | RIGHT for entry in entries)))
    first, second = batch.rows.order_by("line")
    batch.rows.filter(pk=first.pk).update(plan=None)

    with transaction.atomic():
        write_dossiers(batch, 0, 10)

    told = ImportIssue.objects.filter(batch=batch, rule="dossier_changed").get()
    assert (told.line, told.value) == (first.line, first.values["number"])
    states = dict(Dossier.objects.values_list("pk", "state"))
    assert states == {first.target_id: DossierState.UNFILED, second.target_id: DossierState.DRAFT}
    assert list(batch.rows.filter(is_applied=True)) == [second]


def test_checking_takes_the_same_number_of_queries_for_any_number_of_rows(
    cast: Cast, upload: Upload
) -> None:
    counted = []
    for count in (2, 12):
        entries = [factories.entry(cast.participation) for _ in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            batch = upload(cast.manager, template(*(own(entry) | RIGHT for entry in entries)))
            confirm(cast.manager, batch)
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_heads_of_the_sheet_are_those_of_the_template() -> None:
    assert [len(row) for row in head()] == [30, 30, 30]
    assert line({"application_number": "x"})[1] == "x"
