"""Rows of the national template, cell by cell: what is read, and the exact issues of what is not."""

from __future__ import annotations

from typing import Any

import pytest

from inventory import numbers
from inventory.importing.columns import COLUMNS, GROUPS, TELLING, WIDTHS
from inventory.importing.headers import recognise
from inventory.importing.national_rows import LAYOUT, NationalReader, Nodes
from inventory.importing.national_words import CELL_TITLES, ROW_WORDS, RULE_TITLES, words
from portal.intake.registry import Subject
from portal.spreadsheets.reading import CellError, Destroyed, RawRow, Uncomputed
from tests.inventory.importing.national import RIGHT, head, line, raw, without

NUMBER = numbers.make_number(2017, 1, 9_000_001)
NODES = Nodes({"演示第一大学": None, "演示材料学院": 7}, "演示第一大学")
OWN = {"application_number": numbers.display(NUMBER), "title": "一种演示装置"} | {
    "org_unit": "演示第一大学"
}


def read(*rows: dict[str, Any]) -> Subject:
    first, *more = rows
    subject = NationalReader(LAYOUT, NODES).read(raw({**OWN, **first}, *more))
    assert subject is not None
    return subject


def found(subject: Subject) -> list[tuple[int, str, str, str]]:
    return [(one.line, one.column, one.rule, one.level) for one in subject.issues]


# --- the list of columns ----------------------------------------------------------------------------


def test_columns_are_a_to_ad_in_order() -> None:
    assert [column.letter for column in COLUMNS][:3] == ["A", "B", "C"]
    assert COLUMNS[-1].letter == "AD"
    assert len(COLUMNS) == len(WIDTHS) == 30
    assert len({column.field for column in COLUMNS}) == 30
    assert {"status_level1", "maturity"} <= TELLING


def test_every_head_is_recognised_as_its_own_column() -> None:
    sheet = [[str(cell or "") for cell in row] for row in head()]
    found_columns = recognise(sheet)
    assert found_columns.header_row_index == 2
    assert found_columns.fields == {column.field: column.index for column in COLUMNS}
    assert found_columns.unknown == []


def test_a_head_stands_in_row_2_or_in_row_3_never_in_both() -> None:
    of_group = {one.first for one in GROUPS if one.first == one.last}
    assert of_group == {column.letter for column in COLUMNS if not column.header} == {"K", "X", "Y"}


# --- a patent and its rows ----------------------------------------------------------------------------


def test_a_right_row_is_read_whole() -> None:
    subject = read(RIGHT)
    assert found(subject) == []
    assert subject.key == NUMBER
    assert subject.values == {
        "number": numbers.display(NUMBER),
        "title": "一种演示装置",
        "is_publicly_funded": False,
        "price_band": "10_20",
        "contact_name": "演示联系人",
        "contact_phone": "13800000000",
        "maturity": "sample",
        "maturity_raw": "",
        "stars": 3,
        "advantages": "结构简单，成本低。",
        "industry": "C",
        "industry_division": "",
        "prospects": "可用于装备制造企业。",
        "statuses": [["not_implemented", "", "", None, "", "", ""]],
        "status_lines": [4],
        "intents": [["license", "common", "", "10"]],
        "intent_lines": [4],
    }


def test_continuation_rows_follow_in_order_r10() -> None:
    subject = read(
        RIGHT
        | {
            "status_level1": "已许可",
            "status_level2": "已签订普通许可合同",
            "status_detail": "0",
        },
        {"status_level1": "已转让", "status_level2": "已作价入股", "status_detail": "12.5"},
        {"intent_level1": "拟转让", "intent_level2": "拟作价入股"},
        {"status_level1": "即将放弃专利权", "status_level2": "年费过高"},
    )
    assert found(subject) == []
    assert subject.lines == [4, 5, 6, 7]
    assert subject.values["statuses"] == [
        ["licensed", "common_contract", "", "0", "", "", ""],
        ["transferred", "equity", "", "12.5", "", "", ""],
        ["abandoning", "custom", "年费过高", None, "", "", ""],
    ]
    assert subject.values["status_lines"] == [4, 5, 7]
    assert subject.values["intents"] == [
        ["license", "common", "", "10"],
        ["transfer", "equity", "", None],
    ]
    assert subject.values["intent_lines"] == [4, 6]


def test_a_row_begins_a_patent_unless_it_continues_one() -> None:
    reader = NationalReader(LAYOUT, NODES)
    own, more, titled = raw(OWN, {"status_level1": "已许可"}, {"title": "又一种演示装置"})
    assert (reader.begins(own), reader.begins(more), reader.begins(titled)) == (True, False, True)


def test_a_continuation_without_a_patent_above_is_refused_r10() -> None:
    subject = NationalReader(LAYOUT, NODES).read(raw({"status_level1": "已许可"}, first=9))
    assert subject is not None
    assert ("R10", 9, "B") in [(one.rule, one.line, one.column) for one in subject.issues]


def test_base_information_in_a_continuation_row_is_refused_unless_it_repeats_the_first() -> None:
    more = {"intent_level1": "拟转让", "intent_level2": "拟转让"}
    assert found(read(RIGHT, more | {"title": "一种演示装置"})) == []
    assert found(read(RIGHT, more | {"cities": "广东省-深圳市"})) == [
        (5, "S", "base_in_continuation", "error")
    ]


def test_rows_that_are_only_numbered_and_repeated_heads_say_nothing() -> None:
    reader = NationalReader(LAYOUT, NODES)
    assert reader.read(raw({"sequence": 3, "org_unit": "演示第一大学"})) is None
    heads = RawRow(0, 40, [None if cell is None else str(cell) for cell in head()[2]])
    assert reader.read([heads]) is None


def test_a_row_without_a_number_is_refused() -> None:
    subject = NationalReader(LAYOUT, NODES).read(raw({"title": "一种", "org_unit": "演示第一大学"}))
    assert subject is not None
    assert found(subject) == [(4, "B", "blank", "error")]


# --- single cells -------------------------------------------------------------------------------------

GOOD = [
    ({"bundle_numbers": f"{numbers.display(NUMBER)}，CN{NUMBER[:-1]}.{NUMBER[-1]}"},
     {"combination_numbers": [NUMBER]}),
    ({"cities": "广东省-深圳市，北京市-海淀区"}, {"partner_cities": ["广东省-深圳市", "北京市-海淀区"]}),
    ({"firms": "演示甲公司,演示乙公司，演示丙公司"},
     {"partner_firms": ["演示甲公司", "演示乙公司", "演示丙公司"]}),
    ({"maturity": "通过小试"}, {"maturity": "trial", "maturity_raw": "通过小试"}),
    ({"maturity": "小批量生产、工程应用阶段"}, {"maturity": "small_batch", "maturity_raw": ""}),
    ({"stars": "★★★★"}, {"stars": 4}),
    ({"industry": "制造业-专用设备制造业"}, {"industry": "C", "industry_division": "35"}),
    ({"industry": "C"}, {"industry": "C", "industry_division": ""}),
    ({"strategic": "3.1；人工智能"}, {"strategic_codes": ["3.1", "1.5"]}),
    ({"is_publicly_funded": "无"}, {"is_publicly_funded": False}),
    ({"org_unit": "演示材料学院"}, {"unit": 7, "unit_name": "演示材料学院"}),
    ({"org_unit": "演示第一大学演示材料学院"}, {"unit": 7}),
    ({"fee_standard": "0"}, {"intents": [["license", "common", "", "0"]]}),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "values"), GOOD)
def test_cells_are_normalised(cells: dict[str, Any], values: dict[str, Any]) -> None:
    subject = read(RIGHT | cells)
    assert found(subject) == []
    assert {name: subject.values[name] for name in values} == values


@pytest.mark.parametrize(
    "cells",
    [
        {"maturity": "请选择技术成熟度"},
        {"advantages": "无"},
        {"outlook": "/"},
        {"cities": "  "},
        {"fee_standard": "无需填写"},
    ],
)
def test_what_stands_for_blank_is_left_out(cells: dict[str, Any]) -> None:
    (name,) = cells
    assert read(RIGHT | cells).values == read(without(RIGHT, name)).values


WRONG = [
    ({"application_number": "CN201719000001.0"}, "B", "check_digit"),
    ({"application_number": "US1234567"}, "B", "foreign"),
    ({"org_unit": "别的大学"}, "G", "R12"),
    ({"org_unit": None}, "G", "R12"),
    ({"bundle_numbers": "CN201719000001.0"}, "I", "check_digit"),
    ({"bundle_numbers": ",".join(numbers.make_number(2017, 1, 9_000_000 + n) for n in range(10))},
     "I", "too_many_numbers"),
    ({"is_publicly_funded": "也许"}, "K", "yes_no"),
    ({"status_level2": "已签订普通许可合同"}, "M", "status_mismatch"),
    ({"status_level2": "随便写"}, "M", "status_nothing_here"),
    ({"status_level1": None, "status_level2": "随便写"}, "L", "status_level1"),
    ({"status_level1": None, "status_level2": None, "remark": "无状态的备注"}, "L", "status_missing"),
    ({"status_detail": "一台样机"}, "N", "detail_unexpected"),
    ({"status_level1": "已转让", "status_level2": "已签订转让合同", "status_detail": "12万"},
     "N", "money_unit"),
    ({"status_level1": "已转让", "status_level2": "已签订转让合同", "status_detail": "面议"},
     "N", "money_negotiable"),
    ({"status_level1": "已转让", "status_level2": "已签订转让合同", "status_detail": "-2"},
     "N", "money_negative"),
    ({"status_level1": "已转让", "status_level2": "已签订转让合同", "status_detail": "0.12345678"},
     "N", "money_range"),
    ({"status_level1": "已转让", "status_level2": "已签订转让合同", "status_detail": "100000000"},
     "N", "money_range"),
    ({"remark": "长" * 501}, "O", "too_long"),
    ({"intent_level1": "想卖掉"}, "P", "intent_level1"),
    ({"intent_level2": "拟作价入股"}, "Q", "intent_mismatch"),
    ({"intent_level1": None, "intent_level2": None}, "P", "intent_missing"),
    ({"fee_standard": "5000元"}, "R", "money_unit"),
    ({"cities": "广东深圳"}, "S", "city"),
    ({"firms": ",".join(f"演示公司{n}" for n in range(11))}, "T", "too_many_firms"),
    ({"firms": "长" * 121}, "T", "too_long"),
    ({"price_band": "很贵"}, "U", "price_band"),
    ({"contact_name": "长" * 81}, "V", "too_long"),
    ({"maturity": "差不多了"}, "X", "maturity"),
    ({"stars": "六星"}, "Y", "stars"),
    ({"industry": "不存在的行业"}, "AA", "industry"),
    ({"strategic": "不存在的产业"}, "AC", "strategic"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "column", "rule"), WRONG)
def test_a_wrong_cell_is_named_with_row_and_column(
    cells: dict[str, Any], column: str, rule: str
) -> None:
    subject = read(RIGHT | cells)
    assert found(subject) == [(4, column, rule, "error")]
    assert subject.issues[0].header
    said = words(rule, subject.issues[0].params)
    assert said.title
    assert said.text


def test_an_amount_with_a_unit_offers_the_bare_number() -> None:
    cells = {"status_level1": "已转让", "status_level2": "已签订转让合同", "status_detail": "12万"}
    (issue,) = read(RIGHT | cells).issues
    assert (issue.value, issue.params) == ("12万", {"suggestion": "12"})


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (Destroyed("123"), "destroyed"),
        (CellError("#REF!"), "cell_error"),
        (Uncomputed(), "formula"),
    ],
)
def test_cells_that_the_spreadsheet_spoilt_are_refused(cell: Any, rule: str) -> None:
    cells: list[Any] = [None if one is None else str(one) for one in line(OWN | RIGHT)]
    cells[25] = cell
    subject = NationalReader(LAYOUT, NODES).read([RawRow(0, 4, cells)])
    assert subject is not None
    assert found(subject) == [(4, "Z", rule, "error")]


# --- free text and older words ------------------------------------------------------------------------

MARKS = [
    (("已签订许可合同或已列入许可计划", None),
     ["licensed", "custom", "已签订许可合同或已列入许可计划"], ["status_legacy"]),
    (("已许可", "已签订许可合同或已列入许可计划"),
     ["licensed", "custom", "已签订许可合同或已列入许可计划"], ["status_legacy"]),
    (("质押给银行", None), ["custom", "", "质押给银行"], ["status_custom"]),
    (("质押给银行", "三年期"), ["custom", "", "质押给银行，三年期"], ["status_custom"]),
    (("自定义（请勿勾选，请直接填写）质押", None), ["custom", "", "质押"], ["status_custom"]),
    (("涉及权属纠纷", "自定义:一审中"), ["ownership_dispute", "custom", "一审中"], []),
    ((None, "已参与专利池运营"), ["licensed", "in_patent_pool", ""], ["level1_derived"]),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "mark", "rules"), MARKS)
def test_free_text_in_l_and_m_is_kept_and_said(
    texts: tuple[str, str], mark: list[str], rules: list[str]
) -> None:
    subject = read(RIGHT | {"status_level1": texts[0], "status_level2": texts[1]})
    assert found(subject) == [(4, "L", rule, "notice") for rule in rules]
    assert subject.values["statuses"][0][:3] == mark


@pytest.mark.parametrize("rule", sorted({*RULE_TITLES, *CELL_TITLES, *ROW_WORDS}))
def test_every_rule_has_a_title_without_parameters(rule: str) -> None:
    said = words(rule, {})
    assert said.title
    assert "%(" not in said.text


def test_places_of_a_repeated_number_are_named() -> None:
    assert "5、9" in words("R11", {"lines": [5, 9]}).text
