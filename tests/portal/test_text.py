"""The one normaliser: folding, storing, pieces, sorting, names and masks."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from portal.text import (
    clean,
    compact,
    fold,
    mask_mail,
    mask_phone,
    pieces,
    pinyin_key,
    shortened,
    split_names,
)

#: Assigned letters and marks that both Unicode tables know; no surrogates, no NUL.
TEXTS = st.text(
    st.one_of(
        st.characters(min_codepoint=1, max_codepoint=0x24F, exclude_categories=("Cs", "Cn")),
        st.characters(min_codepoint=0x370, max_codepoint=0x3FF, exclude_categories=("Cs", "Cn")),
        st.characters(min_codepoint=0x2000, max_codepoint=0x206F, exclude_categories=("Cs", "Cn")),
        st.characters(min_codepoint=0x3000, max_codepoint=0x303F, exclude_categories=("Cs", "Cn")),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x4FFF),
        st.characters(min_codepoint=0xFF00, max_codepoint=0xFFEF, exclude_categories=("Cs", "Cn")),
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("（Ａ）　区块链【系统】", "(a) 区块链(系统)"),
        ("  a \u00a0\u3000 b\t", "a b"),
        ("X\u2011ray—X－ray", "x-ray-x-ray"),
        ("\ufeff清华\u200b大学", "清华大学"),
        ("“系统”、《方法》", '"系统","方法"'),
        ("Α\u03a3", "ασ"),
        ("İ", "i"),
        ("a[b]{c}", "a(b)(c)"),
        ("", ""),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


@given(TEXTS)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.django_db
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_the_database_cuts_the_same_pieces(texts):
    folded = [fold(text) for text in texts]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT portal_pieces(t) FROM unnest(%s) WITH ORDINALITY AS u(t, n) ORDER BY n",
            [folded],
        )
        assert [sorted(row[0]) for row in cursor.fetchall()] == [pieces(text) for text in texts]


def test_compact_drops_every_blank():
    assert compact(" 专 利 名 称（中 文）") == "专利名称(中文)"


def test_clean_keeps_the_wording():
    assert clean("\ufeff \x00一种（Ａ）\x07 方法\r\n第二行　") == "一种（Ａ） 方法\n第二行"
    assert clean("e\u0301") == "é"


@given(st.text(max_size=40))
def test_cleaning_twice_changes_nothing(text):
    once = clean(text)
    assert clean(once) == once
    assert "\x00" not in once


def test_pieces_are_sorted_pairs_within_words():
    assert pieces("清华大学 清华 A") == ["华大", "大学", "清华"]
    assert pieces("ABA") == ["ab", "ba"]
    assert pieces("水") == []


@given(TEXTS)
def test_pieces_of_a_part_are_among_those_of_the_whole(text):
    word = fold(text).split(" ")[0]
    assert set(pieces(word)) <= set(pieces(text))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("北京大学", "bei jing da xue"),
        ("重庆大学", "chong qing da xue"),
        ("中国科学院A所", "zhong guo ke xue yuan a suo"),
        ("ABC 12", "abc 12"),
        ("", ""),
    ],
)
def test_pinyin_key(text, key):
    assert pinyin_key(text) == key


def test_surnames_have_their_own_readings():
    assert pinyin_key("单文", person=True) == "shan wen"
    assert pinyin_key("曾明", person=True) == "zeng ming"
    assert pinyin_key("李明", person=True) == "li ming"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("甲大学；乙公司", ["甲大学", "乙公司"]),
        ("甲大学 | 乙公司 | ", ["甲大学", "乙公司"]),
        ("甲明、乙华，丙强,丁亮;", ["甲明", "乙华", "丙强", "丁亮"]),
        ("甲明;乙华,丙强", ["甲明", "乙华", "丙强"]),
        ("王小明 李小红", ["王小明", "李小红"]),
        ("王　明", ["王明"]),
        ("Example Devices Co., Ltd.", ["Example Devices Co., Ltd."]),
        ("Example, Inc.; 乙大学", ["Example, Inc.", "乙大学"]),
        ("Smith, John; Doe, Jane", ["Smith, John", "Doe, Jane"]),
        ("John Smith, Jane Doe", ["John Smith", "Jane Doe"]),
        ("甲大学, Example Co., Ltd.", ["甲大学", "Example Co., Ltd."]),
        ("甲明;甲明", ["甲明"]),
        ("不公告发明人", []),
        ("请求不公布姓名；乙华", ["乙华"]),
        ("-", []),
        ("-1", []),
        ("undefined", []),
        ("", []),
    ],
)
def test_split_names(text, names):
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800001234", "138****1234"),
        ("010-80001234", "010-****1234"),
        ("80001234", "****1234"),
        ("12345", "***45"),
        ("+86 138 0000 1234", "+86 1** **** 1234"),
        ("", ""),
    ],
)
def test_mask_phone(number, masked):
    assert mask_phone(number) == masked


def test_mask_mail():
    assert mask_mail("office@example.edu.cn") == "o***@example.edu.cn"
    assert mask_mail("office") == "***"
    assert mask_mail("") == ""


def test_what_does_not_fit_into_a_sentence_ends_in_an_ellipsis():
    assert shortened("一种阀门", 4) == "一种阀门"
    assert shortened("一种调节阀门", 4) == "一种调…"
