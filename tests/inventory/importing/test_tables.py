"""Heads of small tables: words first, then what the cells look like; titles, hints, two rows; what is never stored."""

from __future__ import annotations

from inventory.importing.personnel_heads import PERSONNEL
from inventory.importing.tables import DOUBTFUL, Head, HeadTable, find_table

TABLE = HeadTable(
    heads=(
        Head("name", "姓名|名称"),
        Head("phone", "手机号|电话", lambda text: text.isdigit() and len(text) == 11),
        Head("unit", "单位"),
    ),
    needed=frozenset({"name"}),
    unused="序号",
    never="身份证号",
    foreign="申请号",
)
PHONES = ("13800000001", "13800000002")


def columns(*rows: list[str]) -> dict[str, tuple[str, int, str]]:
    """Heading → (field, confidence, reason)."""
    found = find_table(TABLE, rows)
    assert found is not None
    return {c.header: (c.field, c.confidence, c.reason) for c in found.columns}


def test_headings_in_any_width_and_order() -> None:
    found = columns(["* 电 话", "姓　名（必填）"], [PHONES[0], "甲"])
    assert found == {"* 电 话": ("phone", 99, "header"), "姓　名（必填）": ("name", 100, "header")}


def test_cells_say_what_a_column_without_heading_holds() -> None:
    found = columns(["姓名", "单位", "甲列"], ["甲", "乙", PHONES[0]], ["丙", "丁", PHONES[1]])
    assert found["甲列"] == ("phone", 90, "values")


def test_cells_that_contradict_a_heading_are_doubted() -> None:
    found = columns(["姓名", "手机号"], ["甲", "无线电"], ["乙", "收音机"])
    assert found["手机号"] == ("phone", DOUBTFUL, "values_disagree")


def test_of_two_columns_the_fuller_one_counts() -> None:
    rows = [["甲", "", PHONES[0]], ["乙", PHONES[0], PHONES[1]]]
    found = columns(["姓名", "手机号", "电话"], *rows)
    assert (found["电话"][0], found["手机号"]) == ("phone", ("", 100, "twice"))


def test_what_is_never_stored_is_never_taken_by_its_cells() -> None:
    found = columns(["姓名", "单位", "身份证号"], ["甲", "乙", PHONES[0]])
    assert found["身份证号"] == ("", 100, "not_stored")


def test_a_head_of_two_rows_under_titles() -> None:
    rows = [
        ["名册"],
        ["序号", "基本信息", "", "单位"],
        ["", "姓名", "手机号", ""],
        ["1", "甲", *PHONES],
    ]
    found = find_table(TABLE, rows)
    assert found is not None
    assert found.index == 2
    assert {c.header: c.field for c in found.columns} == {
        "序号": "",
        "姓名": "name",
        "手机号": "phone",
        "单位": "unit",
    }


def test_tables_of_other_kinds_and_without_a_name_are_none() -> None:
    assert find_table(TABLE, [["姓名", "单位", "申请号"], ["甲", "乙", "1"]]) is None
    assert find_table(TABLE, [["手机号", "单位"], [PHONES[0], "乙"]]) is None
    assert find_table(TABLE, []) is None


def test_an_unknown_column_is_asked_about_and_an_empty_one_is_not() -> None:
    found = find_table(TABLE, [["姓名", "单位", "", "内部标记"], ["甲", "乙", "", "丙"]])
    assert found is not None
    assert [(c.header, c.is_known, c.reason) for c in found.columns if not c.field] == [
        # nobody confirmed yet that it is left out: no reason says so
        ("内部标记", False, "")
    ]


def test_a_head_of_another_kind_is_seen_where_no_word_of_the_own_kind_stands() -> None:
    firms = HeadTable(
        heads=(Head("name", "企业名称", lambda text: text.endswith("公司")),),
        needed=frozenset({"name"}),
        foreign="申请号",
    )
    firm = ["1", "CN1", "演示有限公司"]
    rows = [["提示：逐行填写"], ["序号", "申请号", "意向合作企业"], *[firm] * 9]
    assert find_table(firms, rows) is None
    assert find_table(firms, [row[2:] for row in rows[1:]]) is not None


def test_a_list_of_experts_is_no_list_of_persons() -> None:
    rows = [["姓名", "工作单位", "职称", "手机号", "推荐单位"], ["甲", "乙", "丙", PHONES[0], "丁"]]
    assert find_table(PERSONNEL, rows) is None
    assert find_table(PERSONNEL, [row[:4] for row in rows]) is not None
