"""Recognition of columns: national template, vendors' exports, lists made by hand."""

import pytest

from inventory.importing.header_table import HEADERS, NOT_IMPORTED
from inventory.importing.headers import REASONS, header_key, recognise
from inventory.numbers import display, make_number
from portal.intake.registry import CERTAIN

NUMBERS = [display(make_number(2018, 1, 100 + serial)) for serial in range(10)]

TEMPLATE_GROUPS = [
    "*基本信息", "", "", "", "", "", "", "组合专利", "", "", "*是否属于财政资助科研项目形成专利",
    "专利实施化状态（含产业化）（规则：选项必选）", "", "", "", "转化意愿", "", "", "", "", "", "", "",
    "*技术成熟度", "*专利价值分级自评\n(规则：若勾选一星或二星，则无需填写)", "*应用场景", "", "", "", "",
]  # fmt: skip
TEMPLATE_HEADS = [
    "序号", "申请号", "专利名称", "法律状态", "维持年限", "发明人",
    "所属学院（规则：按系统设定的导入账号所属组织架构进行填写）", "组合专利名称（限50个字符）",
    "组合专利信息（规则：请输入专利申请号，最多添加9个，申请号之间用“,\"号隔开）",
    "组合专利描述（限500个字符）", "", "*一级实施状态", "二级状态描述",
    "金额（万元）/评价结果/产品名称（规则：若选择“已转让”，需要填写金额）", "备注", "转化意愿（一级）",
    "转化意愿（二级）", "费用标准（万元）（规则：只需填写数字）",
    "意向合作城市（规则：XX省-XX市,XX省-XX市,不同城市间用“,”分隔）",
    "意向合作企业（规则：请填写企业全称，最多添加10个，多个企业间用“,”分隔）", "*意向价格", "*联系人",
    "*联系方式", "", "", "本专利对应产品、技术优势、性能指标（限500个字符）", "国民经济行业分类",
    "产业化前景描述（限500个字符）", "战新分类", "本专利所属技术领域（IPC）",
]  # fmt: skip
TEMPLATE_FIELDS = [
    "sequence", "application_number", "title", "legal_status", "years_maintained", "inventors",
    "org_unit", "bundle_title", "bundle_numbers", "bundle_text", "is_publicly_funded",
    "status_level1", "status_level2", "status_detail", "remark", "intent_level1", "intent_level2",
    "fee_standard", "cities", "firms", "price_band", "contact_name", "contact", "maturity", "stars",
    "advantages", "industry", "outlook", "strategic", "ipc",
]  # fmt: skip


def fields(found):
    return {index: guess.field for index, guess in found.columns.items()}


def test_the_head_of_the_national_template_takes_two_rows():
    hint = [
        "提示：若【专利实施化状态】、【转化意愿】等指标存在多个选项的，需要顺序在“下一行”填写"
    ] + [""] * 29
    found = recognise([hint, TEMPLATE_GROUPS, TEMPLATE_HEADS, ["1", NUMBERS[0], *[""] * 28]])
    assert found.header_row_index == 2
    assert found.first_data_row == 3
    assert [found.columns[index].field for index in range(30)] == TEMPLATE_FIELDS
    assert (found.unknown, found.ignored) == ([], [])


def test_every_head_of_the_table_names_its_own_field():
    for entry in HEADERS:
        for header in entry.headers:
            found = recognise([[header, "申请日", "专利名称"]])
            assert found.header_row_index == 0
            claimed = {*found.fields, *(column.field for column in found.ignored)}
            expected = entry.field.replace("patent_number", "application_number")
            assert expected in claimed, header


def test_heads_are_compared_without_blanks_widths_and_vendor_marks():
    key = header_key("当前申请(专利权)人")
    assert header_key("[标]当前申请（专利权）人") == key
    assert header_key(" 当前申请 ( 专利权 ) 人 ") == key
    assert header_key("＊标题 （中文）") == header_key("标题(中文)")


def test_title_rows_come_first():
    rows = [
        ["某校专利清单", "", ""],
        ["", "", ""],
        ["名 称", "申请号", "申请日"],
        ["甲", NUMBERS[0], "2018.01.02"],
    ]
    found = recognise(rows)
    assert found.header_row_index == 2
    assert fields(found) == {0: "title", 1: "application_number", 2: "filed_on"}


def test_english_heads():
    found = recognise([["name", "filing_id", "patentee"], ["甲", NUMBERS[0], "某大学"]])
    assert fields(found) == {0: "title", 1: "application_number", 2: "holders"}


def test_a_column_of_numbers_is_known_by_its_cells():
    rows = [["编码", "名称", "申请日"], *([number, "甲", "2018-01-02"] for number in NUMBERS)]
    found = recognise(rows)
    assert found.columns[0].field == "application_number"
    assert (found.columns[0].confidence, found.columns[0].reason) == (100, "values")


def test_four_in_five_right_numbers_are_enough_and_three_are_not():
    enough = [*NUMBERS[:8], "甲", "乙"]
    assert recognise([[cell] for cell in enough]).columns[0].confidence == 80
    assert recognise([[cell] for cell in [*NUMBERS[:7], "甲", "乙", "丙"]]).columns == {}


def test_no_head_at_all():
    found = recognise([["甲", NUMBERS[0]], ["乙", NUMBERS[1]]])
    assert found.header_row_index is None
    assert found.first_data_row == 0
    assert fields(found) == {1: "application_number"}
    assert found.unknown == [(0, "")]


def test_of_two_columns_the_fuller_wins_and_the_other_is_named():
    head = ["申请号", "当前申请(专利权)人", "原始申请(专利权)人"]
    rows = [head, [NUMBERS[0], "", "甲"], [NUMBERS[1], "乙", "乙"], [NUMBERS[2], "", "丙"]]
    found = recognise(rows)
    assert found.fields["holders"] == 2
    assert [(column.index, column.field, column.reason) for column in found.ignored] == [
        (1, "holders", "fuller_elsewhere")
    ]


def test_of_two_equally_full_columns_the_better_head_wins():
    rows = [["申请号", "原始申请(专利权)人", "[标]当前申请(专利权)人"], [NUMBERS[0], "甲", "乙"]]
    found = recognise(rows)
    assert found.fields["holders"] == 2
    assert [(column.index, column.reason) for column in found.ignored] == [(1, "better_elsewhere")]


def test_a_patent_number_stands_in_for_the_application_number():
    found = recognise([["名称", "专利号"], ["甲", NUMBERS[0].replace("CN", "ZL")]])
    assert found.columns[1].field == "application_number"
    assert (found.columns[1].confidence, found.columns[1].reason) == (80, "patent_number")


def test_a_head_that_its_cells_deny_loses_to_cells():
    rows = [["申请号", "列二", "名称"], *(["CN102889890B", number, "甲"] for number in NUMBERS)]
    found = recognise(rows)
    assert found.fields["application_number"] == 1
    assert found.ignored[0].index == 0
    alone = recognise([["申请号", "名称"], ["2.0121E+12", "甲"]])
    assert (alone.columns[0].confidence, alone.columns[0].reason) == (40, "values_disagree")


@pytest.mark.parametrize("header", sorted(NOT_IMPORTED))
def test_known_and_not_imported(header):
    found = recognise([["申请号", "名称", header], [NUMBERS[0], "甲", "x"]])
    assert [(column.header, column.reason) for column in found.ignored] == [
        (header, "not_imported")
    ]


def test_unknown_columns_are_named_and_empty_ones_are_not():
    found = recognise([["申请号", "名称", "内部编码", ""], [NUMBERS[0], "甲", "7", ""]])
    assert found.unknown == [(2, "内部编码")]


def test_the_sheet_with_the_better_head_has_the_higher_score():
    assert recognise([["申请号", "名称"]]).score == 9
    assert recognise([["说明"], ["请先填写"]]).score == 0
    assert recognise([]).columns == {}


def test_every_reason_has_its_sentence():
    assert {"header", "header_part", "values", "patent_number", "values_disagree"} <= set(REASONS)


def numbered(*heads):
    """A head and rows below it, numbers in the first column."""
    return [list(heads), *([number, *["一二三"] * (len(heads) - 1)] for number in NUMBERS)]


def test_a_short_heading_with_a_remark_is_placed_and_asked_about():
    found = recognise(numbered("专利号", "专利名称", "类别", "发明人（排名）", "备考（无）"))
    assert found.columns[2].field == "kind"
    guess = found.columns[3]
    assert (guess.field, guess.reason, guess.confidence < CERTAIN) == (
        "inventors",
        "header_part",
        True,
    )
    assert found.unknown == [(4, "备考（无）")]


def test_words_above_the_first_number_are_the_head_where_nobody_knows_them():
    found = recognise([["某校清单"], *numbered("号码", "成果名", "经费卡")])
    assert (found.header_row_index, found.first_data_row) == (1, 2)
    assert (found.columns[0].header, found.columns[0].field) == ("号码", "application_number")
    assert found.unknown == [(1, "成果名"), (2, "经费卡")]


@pytest.mark.parametrize("above", [["2.0121E+12", "一种装置"], ["某校专利清单", ""], []])
def test_a_title_or_a_destroyed_first_row_is_no_head(above):
    found = recognise([above, *numbered("", "")[1:]] if above else numbered("", "")[1:])
    assert found.header_row_index is None
    assert found.columns[0].field == "application_number"


def test_hints_below_the_head_belong_to_it():
    head = ["专利号", "专利名称", "申请日"]
    hints = [["（格式：ZL开头）", "（全称）", "（年.月.日）"], ["必填", "", "选填"]]
    found = recognise([head, *hints, [NUMBERS[0], "（一种）装置", "2018-01-01"]])
    assert (found.header_row_index, found.first_data_row) == (2, 3)
    assert found.columns[0].header == "专利号"


@pytest.mark.parametrize(
    "heads",
    [
        ["SrcDatabase-来源库", "Title-题名", "申请号", "CLC-中图分类号"],
        ["专利名称", "申请（专利）号", "主申请人地址", "国别省市代码"],
    ],
)
def test_nobody_is_asked_about_a_vendors_own_columns(heads):
    assert recognise([heads]).unknown == []
