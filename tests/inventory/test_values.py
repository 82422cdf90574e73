"""Cells of real files: what is read, what is refused, and what is suggested."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import vocabulary
from inventory.importing.cells import cell_text
from inventory.importing.legal_status import combine, parse_legal_status
from inventory.importing.marks import Mark, parse_intent, parse_status
from inventory.importing.problems import EXPECTED, CellProblem
from inventory.importing.values import (
    parse_bundled_numbers,
    parse_cities,
    parse_contact,
    parse_date,
    parse_firms,
    parse_industry,
    parse_integer,
    parse_ipc,
    parse_locarno,
    parse_money,
    parse_number,
    parse_publication,
    parse_strategic,
    parse_text,
)
from inventory.importing.words import (
    Coded,
    parse_kind,
    parse_maturity,
    parse_price_band,
    parse_stars,
    parse_yes_no,
)
from inventory.numbers import display, make_number

BLANKS = ["", None, " ", "-", "undefined", "　"]


def problem_of(parser, *cells, **options):
    with pytest.raises(CellProblem) as caught:
        parser(*cells, **options)
    assert caught.value.code in EXPECTED
    assert str(caught.value.expected)
    return caught.value.code, caught.value.suggestion


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (3.0, "3"),
        (3.5, "3.5"),
        (" a\x00 ", "a"),
        (date(2018, 3, 9), "2018-03-09"),
        (True, "True"),
    ],
)
def test_cell_text(cell, text):
    assert cell_text(cell) == text


@pytest.mark.parametrize("blank", BLANKS)
def test_blank_is_not_zero(blank):
    assert parse_date(blank) is None
    assert parse_money(blank) is None
    assert parse_integer(blank) is None
    assert parse_stars(blank) is None
    assert parse_yes_no(blank) is None
    assert parse_maturity(blank) is None
    assert parse_publication(blank) is None
    assert parse_industry(blank) is None
    assert parse_strategic(blank) is None
    assert parse_status(blank, blank) is None
    assert parse_intent(blank, blank) is None
    assert (parse_kind(blank), parse_price_band(blank), parse_text(blank, limit=5)) == ("", "", "")
    lists = [parse_ipc, parse_locarno, parse_cities, parse_firms, parse_bundled_numbers]
    assert [parser(blank) for parser in lists] == [[]] * 5


# --- numbers -------------------------------------------------------------------------------------


def test_a_problem_of_a_number_becomes_a_problem_of_the_cell():
    assert parse_number("ZL201710192287.6").canonical == "2017101922876"
    assert problem_of(parse_number, "ZL201710192287.5") == ("check_digit", "")
    assert problem_of(parse_number, 2.0121e18) == ("destroyed", "")
    assert problem_of(parse_publication, "CN201710192287.6") == (
        "application_number",
        "CN201710192287.6",
    )


def test_bundled_numbers():
    numbers = [make_number(2018, 1, serial) for serial in range(1, 11)]
    nine = [display(number) for number in numbers[:9]]
    assert parse_bundled_numbers("，".join(nine)) == numbers[:9]
    assert parse_bundled_numbers(f"{nine[0]}, {nine[0]};") == numbers[:1]
    assert parse_bundled_numbers("ZL 2017 2 0632371.0、CN201710192287.6") == [
        "2017206323710",
        "2017101922876",
    ]
    assert problem_of(parse_bundled_numbers, ",".join(map(display, numbers))) == (
        "too_many_numbers",
        "",
    )
    assert problem_of(parse_bundled_numbers, "CN201710192287.5")[0] == "check_digit"


# --- dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2013.01.02", date(2013, 1, 2)),
        ("1985-04-01", date(1985, 4, 1)),
        ("20170503", date(2017, 5, 3)),
        (20170503, date(2017, 5, 3)),
        (20170503.0, date(2017, 5, 3)),
        ("2018-03-09 00:00:00", date(2018, 3, 9)),
        ("2018-03-09T00:00:00", date(2018, 3, 9)),
        ("2024/9/11", date(2024, 9, 11)),
        ("2024年9月11日", date(2024, 9, 11)),
        ("２０２４．０９．１１", date(2024, 9, 11)),
        (datetime(2018, 3, 9), date(2018, 3, 9)),  # noqa: DTZ001 - spreadsheets know no zone
        (date(2018, 3, 9), date(2018, 3, 9)),
        (43168, date(2018, 3, 9)),
        (43168.5, date(2018, 3, 9)),
        ("43168", date(2018, 3, 9)),
        (31048, date(1985, 1, 1)),
    ],
)
def test_dates(cell, day):
    assert parse_date(cell) == day


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2018", "date_year_only"),
        (2018, "date_year_only"),
        ("2018年", "date_year_only"),
        ("2018-03", "date_month_only"),
        ("201803", "date_month_only"),
        ("2018-02-30", "date_impossible"),
        ("20181301", "date_impossible"),
        ("1900-01-01", "date_range"),
        ("申请日", "date"),
        ("18-03-09", "date"),
        (12, "date"),
    ],
)
def test_refused_dates(cell, code):
    assert problem_of(parse_date, cell) == (code, "")


@given(
    day=st.dates(date(1985, 1, 1), date(2100, 12, 31)),
    spelling=st.sampled_from(["%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]),
)
def test_dates_are_read_back(day, spelling):
    assert parse_date(day.strftime(spelling)) == day
    assert parse_date((day - date(1899, 12, 30)).days) == day


# --- amounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("0", Decimal(0)),
        (0, Decimal(0)),
        ("12", Decimal(12)),
        (12.5, Decimal("12.5")),
        ("1,234.50", Decimal("1234.50")),
        ("１２．５", Decimal("12.5")),
        (Decimal("3.10"), Decimal("3.10")),
    ],
)
def test_money(cell, amount):
    assert parse_money(cell) == amount


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        ("12万", ("money_unit", "12")),
        ("12.50万元", ("money_unit", "12.5")),
        ("5000元", ("money_unit", "0.5")),
        ("￥1,200元", ("money_unit", "0.12")),
        ("1.2亿", ("money_unit", "12000")),
        ("面议", ("money_negotiable", "")),
        ("具体面议", ("money_negotiable", "")),
        ("1,5", ("money_grouping", "")),
        ("-3", ("money_negative", "")),
        ("十二", ("money", "")),
        ("10-20", ("money", "")),
    ],
)
def test_refused_money(cell, outcome):
    assert problem_of(parse_money, cell) == outcome


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_amounts_are_read_back(amount):
    assert parse_money(f"{amount:,}") == amount
    assert parse_money(str(amount)) == amount


def test_integers():
    assert [parse_integer(cell) for cell in (0, "8", 8.0, "8年", "12次")] == [0, 8, 8, 8, 12]
    assert problem_of(parse_integer, "8.5") == ("integer", "")


# --- words of fixed lists ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("发明申请", "invention"),
        ("授权发明", "invention"),
        ("发明专利", "invention"),
        ("发明授权", "invention"),
        ("实用新型", "utility"),
        ("外观设计", "design"),
        (1, "invention"),
        ("2", "utility"),
        (3.0, "design"),
        ("8", "invention"),
    ],
)
def test_kinds(cell, kind):
    assert parse_kind(cell) == kind


def test_refused_kinds():
    assert problem_of(parse_kind, "国防专利") == ("defence", "")
    assert problem_of(parse_kind, "软件著作权") == ("kind_of_patent", "")


@pytest.mark.parametrize(
    ("cell", "stars"),
    [
        ("五星", 5),
        ("5", 5),
        (5, 5),
        (4.0, 4),
        ("5星", 5),
        ("★★★★★", 5),
        ("★★★☆☆", 3),
        ("一星级", 1),
        ("两星", 2),
    ],
)
def test_stars(cell, stars):
    assert parse_stars(cell) == stars


@pytest.mark.parametrize("cell", ["六星", "0", "A", "★★★★★★", "很好"])
def test_refused_stars(cell):
    assert problem_of(parse_stars, cell) == ("stars", "")


def test_yes_no():
    assert [parse_yes_no(cell) for cell in ("是", "Y", "√", 1, "否", "no", 0, False)] == [
        True
    ] * 4 + [False] * 4
    assert problem_of(parse_yes_no, "不详") == ("yes_no", "")


@pytest.mark.parametrize(("code", "word"), vocabulary.MATURITY)
def test_maturity(code, word):
    assert parse_maturity(word) == Coded(code)
    assert parse_maturity(word.replace("、", "/")) == Coded(code)
    assert parse_maturity(word.split("、")[0]) == Coded(code)


@pytest.mark.parametrize(("code", "word"), vocabulary.MATURITY_LEGACY)
def test_older_maturity_keeps_its_word(code, word):
    assert parse_maturity(f" {word}") == Coded(code, word)


def test_refused_maturity():
    assert problem_of(parse_maturity, "TRL 6") == ("maturity", "")


@pytest.mark.parametrize(("code", "word"), vocabulary.PRICE_BANDS)
def test_price_bands(code, word):
    assert parse_price_band(word) == code


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("10－20万元", "10_20"),
        ("10-20", "10_20"),
        ("10~20万", "10_20"),
        ("10万至20万", "10_20"),
        ("10—20万", "10_20"),
        ("100万元以上", "over_100"),
        ("面议", "negotiable"),
    ],
)
def test_price_bands_under_other_spellings(cell, code):
    assert parse_price_band(cell) == code


def test_refused_price_band():
    assert problem_of(parse_price_band, "15-25万") == ("price_band", "")
    assert problem_of(parse_price_band, "50万") == ("price_band", "")


# --- classifications -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "symbols"),
    [
        ("E01B3/32(2006.01)I", ["E01B3/32"]),
        ("H02K17/02", ["H02K17/02"]),
        ("B64C1/00 | B64C1/06", ["B64C1/00", "B64C1/06"]),
        ("A23L33/135(2016.01)I; 全部 A23P10/28(2016.01)I", ["A23L33/135", "A23P10/28"]),
        ("H02K 17/02; h02k17/02", ["H02K17/02"]),
        ("G06F\u00a017/50", ["G06F17/50"]),
        ("H02K", ["H02K"]),
        ("H02K; A23L33/135", ["H02K", "A23L33/135"]),
        ("??", []),
    ],
)
def test_ipc(cell, symbols):
    assert parse_ipc(cell) == symbols


def test_refused_classes():
    assert problem_of(parse_ipc, "机械") == ("ipc", "")
    assert problem_of(parse_locarno, "家具") == ("locarno", "")
    assert problem_of(parse_industry, "高端制造") == ("industry", "")
    assert problem_of(parse_strategic, "高端制造") == ("strategic", "")


@pytest.mark.parametrize(
    ("cell", "classes"),
    [
        ("14-02(10);14-04(10)", ["14-02", "14-04"]),
        ("01-01 (12)  ", ["01-01"]),
        ("26-05(undefined)", ["26-05"]),
    ],
)
def test_locarno(cell, classes):
    assert parse_locarno(cell) == classes


def test_industries():
    industry, entry = parse_industry("制造业-专用设备制造业"), parse_strategic("1.5 人工智能")
    assert industry is not None
    assert entry is not None
    assert (industry.code, entry.code) == ("C35", "1.5")


# --- lists of names ------------------------------------------------------------------------------


def test_cities():
    assert parse_cities("广东省-深圳市,北京市-海淀区，内蒙古自治区-呼和浩特市") == [
        "广东省-深圳市",
        "北京市-海淀区",
        "内蒙古自治区-呼和浩特市",
    ]
    assert parse_cities("湖北省-恩施土家族苗族自治州") == ["湖北省-恩施土家族苗族自治州"]


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ("广东-深圳", "广东省-深圳市"),
        ("广东省深圳市", "广东省-深圳市"),
        ("北京市海淀区", "北京市-海淀区"),
        ("北京-海淀", "北京市-海淀区"),
        ("北京市-北京市-海淀区", "北京市-海淀区"),
        ("广东省-深圳市、江苏南京", "广东省-深圳市,江苏省-南京市"),
        ("北京市", ""),
        ("深圳市", ""),
        ("北京市-北京市", ""),
    ],
)
def test_refused_cities(cell, suggestion):
    assert problem_of(parse_cities, cell) == ("city", suggestion)


def test_firms():
    assert parse_firms("甲公司,乙公司，丙公司") == ["甲公司", "乙公司", "丙公司"]
    assert parse_firms("Example Co., Ltd.") == ["Example Co., Ltd."]
    assert len(parse_firms("，".join(f"第{n}公司" for n in range(10)))) == 10
    assert problem_of(parse_firms, "，".join(f"第{n}公司" for n in range(11))) == (
        "too_many_firms",
        "",
    )


def test_text_is_never_cut():
    assert parse_text(" 一种方法 ", limit=4) == "一种方法"
    assert problem_of(parse_text, "一种方法", limit=3) == ("too_long", "")


# --- status and intent ---------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "word"), vocabulary.STATUS_LEVEL1)
def test_every_first_level_status(code, word):
    mark = parse_status(word, "无需填写" if code == "not_implemented" else "")
    assert mark is not None
    assert (mark.level1, mark.level2) == (code, "")


@pytest.mark.parametrize(
    ("level1", "code", "word"),
    [
        (level1, code, word)
        for level1 in ("licensed", "transferred")
        for code, word in vocabulary.STATUS_LEVEL2_OF[level1]
        if code != "custom"
    ],
)
def test_every_second_level_status(level1, code, word):
    first = dict(vocabulary.STATUS_LEVEL1)[level1]
    assert parse_status(first, word) == Mark(level1, code)
    assert parse_status(f"{first}-{word}") == Mark(level1, code)
    assert parse_status("", word) == Mark(level1, code, notices=("level1_derived",))
    assert parse_status(word, "") == Mark(level1, code, notices=("level1_derived",))


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (
            ("已许可", "自定义（请勿勾选，请直接填写）"),
            Mark("licensed", "custom", notices=("custom_text",)),
        ),
        (
            ("已转让", "自定义：校内转让"),
            Mark("transferred", "custom", text2="校内转让", notices=("custom_text",)),
        ),
        (
            ("已转让", "与某公司洽谈"),
            Mark("transferred", "custom", text2="与某公司洽谈", notices=("custom_text",)),
        ),
        (("正在放大试验", ""), Mark("custom", text1="正在放大试验", notices=("custom_text",))),
        (
            ("自定义（请勿勾选，请直接填写）（请勿勾选，请直接填写）", ""),
            Mark("custom", notices=("custom_text",)),
        ),
        (("未实施", "无需填写"), Mark("not_implemented")),
        (
            ("已签订许可合同或已列入许可计划", ""),
            Mark("licensed", "custom", text2="已签订许可合同或已列入许可计划", notices=("legacy",)),
        ),
        (
            ("已签订转让合同或已列入转让计划", ""),
            Mark(
                "transferred", "custom", text2="已签订转让合同或已列入转让计划", notices=("legacy",)
            ),
        ),
        (
            ("已许可", "已通过技术服务合同或开发合同约定由合作企业实现产业化"),
            Mark("licensed", "industrialised_by_partner"),
        ),
        (("实用新型专利,外观设计专利已有专利权评价报告", ""), Mark("has_report")),
    ],
)
def test_statuses(cells, mark):
    assert parse_status(*cells) == mark


def test_refused_statuses():
    assert problem_of(parse_status, "已转让", "已签订普通许可合同") == ("status_mismatch", "已许可")
    assert problem_of(parse_status, "尚未实施", "洽谈中") == ("status_nothing_here", "")
    assert problem_of(parse_status, "", "洽谈中") == ("status_level1", "")


@pytest.mark.parametrize(
    ("level1", "code", "word"),
    [
        (level1, code, word)
        for level1, words in vocabulary.INTENT_LEVEL2_OF.items()
        for code, word in words
        if code != "custom"
    ],
)
def test_every_intent(level1, code, word):
    assert parse_intent(dict(vocabulary.INTENT_LEVEL1)[level1], word) == Mark(level1, code)


def test_intents():
    assert parse_intent("拟自行应用或产业化", "自定义（请勿勾选，请直接填写）") == Mark(
        "self_use", "custom", notices=("custom_text",)
    )
    assert parse_intent("拟转让", "") == Mark("transfer")
    assert parse_intent("", "拟排他许可") == Mark("license", "sole", notices=("level1_derived",))
    assert parse_intent("拟作价入股", "") == Mark("transfer", "equity", notices=("level1_derived",))
    assert problem_of(parse_intent, "拟许可", "拟作价入股") == ("intent_mismatch", "拟转让")
    assert problem_of(parse_intent, "质押", "") == ("intent_level1", "")


# --- legal status --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "simple", "events"),
    [
        ("有效", "valid", ()),
        ("失效", "ended", ()),
        ("审中", "pending", ()),
        ("PCT指定期内", "pending", ()),
        ("PCT指定期满", "ended", ()),
        ("未确认", "unknown", ()),
        ("", "unknown", ()),
        ("授权", "unknown", ("granted",)),
        ("公开", "unknown", ("published",)),
        ("发明专利权授予", "unknown", ("granted",)),
        ("授权 | 一案双申", "unknown", ("granted", "same_day_pair")),
        ("授权|权利转移", "unknown", ("granted", "assigned")),
        (
            "避免重复授权 | 一案双申 | 权利转移",
            "ended",
            ("avoided_double", "same_day_pair", "assigned"),
        ),
        ("未缴年费", "ended", ("fee_lapsed",)),
        ("专利权的终止", "ended", ("terminated",)),
        ("撤回-视为撤回", "ended", ("withdrawn",)),
        ("专利申请权、专利权的转移", "unknown", ("assigned",)),
        ("专利权的转移（变更前：甲；变更后：乙）".replace("；", "，"), "unknown", ("assigned",)),
        ("专利权人的姓名或者名称、地址的变更", "unknown", ("changed",)),
        ("2020.08.21#专利权的转移;2015.03.25#授权", "unknown", ("assigned", "granted")),
        ("2015.03.25#授权;2020.08.21#专利权的终止", "ended", ("terminated", "granted")),
        ("2021.08.21#权利恢复;2020.08.21#专利权的终止", "unknown", ("restored", "terminated")),
        ("2019.08.21#权利恢复;2020.08.21#专利权的终止", "ended", ("terminated", "restored")),
        ("未缴年费|权利恢复", "unknown", ("fee_lapsed", "restored")),
        ("有效|授权", "valid", ("granted",)),
        ("CF01", "ended", ("fee_lapsed",)),
    ],
)
def test_legal_status(cell, simple, events):
    status = parse_legal_status(cell)
    assert (status.simple, status.events, status.unknown_words) == (simple, events, ())


def test_a_column_of_states_may_say_valid():
    assert parse_legal_status("授权", is_state=True).simple == "valid"
    assert parse_legal_status("实质审查", is_state=True).simple == "pending"
    assert parse_legal_status("避免重复授权", is_state=True).simple == "ended"


def test_what_was_concluded_says_so():
    assert parse_legal_status("未缴年费").is_derived is True
    assert parse_legal_status("失效").is_derived is False
    assert parse_legal_status("新的词").unknown_words == ("新的词",)


def test_the_stated_simple_status_wins():
    status = combine("有效", "授权|许可")
    assert (status.simple, status.events, status.raw) == (
        "valid",
        ("granted", "licensed"),
        "有效 | 授权|许可",
    )
    assert combine("", "未缴年费").simple == "ended"
    assert combine("有效", "未缴年费").simple == "valid"
    assert combine("", "").simple == "unknown"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("１３８００００００００", "13800000000"),
        ("０１０－６２７８００００", "010-62780000"),
        ("＋８６ 138 0000 0000", "+86 138 0000 0000"),
        ("ｙａｎｓｈｉ＠example．org（转）", "ｙａｎｓｈｉ@example.org（转）"),
    ],
)
def test_contacts_in_any_width(typed: str, read: str) -> None:
    assert parse_contact(typed) == read
