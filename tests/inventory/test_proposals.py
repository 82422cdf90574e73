"""Who is proposed for a patent, and when a person must look: the pure core."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.proposals import UNRANKED, Case, Flag, Inventor, Person, Reason, propose, title_rank
from portal.text import pinyin_key


def person(key: str, name: str, **more: Any) -> Person:
    number = int(key[1:])
    facts = {"user_id": number, "is_acting": True, **more}
    return Person(key=key, name=name, name_key=pinyin_key(name, person=True), **facts)


def case(*names: str, **more: Any) -> Case:
    inventors = tuple(
        Inventor(place, name, pinyin_key(name, person=True)) for place, name in enumerate(names, 1)
    )
    return Case(inventors=inventors, **more)


def test_the_first_inventor_is_proposed_clearly() -> None:
    found = propose(
        case("李明", "王芳"), [person("s1", "李明"), person("s2", "王芳", title="教授")]
    )
    assert found.best is not None
    assert (found.best.person.key, found.is_clear) == ("s1", True)
    assert found.best.reasons == (Reason.FIRST_INVENTOR,)


def test_nobody_of_these_names() -> None:
    found = propose(case("李明"), [person("s1", "王芳")])
    assert (found.best, found.is_clear, found.candidates) == (None, False, ())


def test_homonyms_are_both_shown_and_never_clear() -> None:
    people = [person("s1", "李明", unit_id=1), person("s2", "李明", unit_id=2)]
    found = propose(case("李明", unit_id=2), people)
    assert [one.person.key for one in found.candidates] == ["s2", "s1"]
    assert all(Flag.HOMONYM in one.flags for one in found.candidates)
    assert Reason.SAME_UNIT in found.candidates[0].reasons
    assert not found.is_clear


def test_in_the_place_of_a_student_the_highest_ranked_teacher() -> None:
    people = [
        person("s1", "钱学生", category="student"),
        person("s2", "王芳", title="讲师"),
        person("s3", "赵教授", title="教授"),
    ]
    found = propose(case("钱学生", "王芳", "赵教授"), people)
    assert found.best is not None
    assert (found.best.person.key, found.is_clear) == ("s3", True)
    assert {Reason.INSTEAD_OF_STUDENT, Reason.HIGHEST_TITLE} <= set(found.best.reasons)
    assert Flag.STUDENT in found.candidates[-1].flags


@pytest.mark.parametrize(
    ("more", "flag"),
    [
        ({"category": "retired"}, Flag.RETIRED),
        ({"category": "left"}, Flag.LEFT),
        ({"is_acting": False}, Flag.LEFT),
    ],
)
def test_who_has_gone_is_flagged_and_not_proposed(more: dict[str, Any], flag: Flag) -> None:
    found = propose(case("李明"), [person("s1", "李明", **more)])
    assert (found.best, found.candidates[0].flags) == (None, frozenset({flag}))


def test_equal_titles_in_the_place_of_a_student_go_by_the_order_of_inventors() -> None:
    people = [
        person("s1", "钱学生", category="student"),
        person("s2", "王芳", title="教授"),
        person("s3", "赵勇", title="研究员"),
    ]
    found = propose(case("钱学生", "王芳", "赵勇"), people)
    assert found.best is not None
    assert (found.best.person.key, found.is_clear) == ("s2", True)


def test_a_second_inventor_is_not_clear_where_the_first_is_unknown() -> None:
    found = propose(case("外单位人", "王芳"), [person("s2", "王芳")])
    assert found.best is not None
    assert (found.best.person.key, found.is_clear) == ("s2", False)


def test_no_account_yet_is_said_and_still_clear() -> None:
    found = propose(case("李明"), [person("s1", "李明", user_id=None, is_acting=False)])
    assert found.best is not None
    assert (found.best.flags, found.is_clear) == (frozenset({Flag.NO_ACCOUNT}), True)


def test_a_doubtful_line_is_never_clear() -> None:
    found = propose(case("李明"), [person("s1", "李明", is_doubtful=True)])
    assert not found.is_clear


def test_whoever_said_not_mine_is_not_proposed_again() -> None:
    found = propose(case("李明", not_mine=frozenset({1})), [person("s1", "李明")])
    assert found.best is None


@pytest.mark.parametrize("written", ["张 三", "张三", "张　三"])
def test_blanks_in_a_name_do_not_matter(written: str) -> None:
    found = propose(case(written), [person("s1", "张三")])
    assert found.is_clear


def test_dots_in_a_name_do_not_matter() -> None:
    found = propose(case("阿卜杜•热合曼"), [person("s1", "阿卜杜·热合曼")])
    assert found.is_clear


@pytest.mark.parametrize("written", ["Zhang San", "ZHANG San", "San Zhang"])
def test_pinyin_is_proposed_and_never_clear(written: str) -> None:
    found = propose(case(written), [person("s1", "张三")])
    assert found.best is not None
    assert Reason.PINYIN in found.best.reasons
    assert not found.is_clear


def test_a_chinese_name_of_the_same_sound_is_somebody_else() -> None:
    found = propose(case("张珊"), [person("s1", "张三")])
    assert found.candidates == ()


def test_earlier_work_proposes_a_project_leader_behind_inventors() -> None:
    people = [person("s1", "李明"), person("u9", "项目负责人")]
    found = propose(case("李明", earlier={9: 12}), people)
    assert [one.person.key for one in found.candidates] == ["s1", "u9"]
    assert found.candidates[1].earlier == 12
    alone = propose(case("外单位人", earlier={9: 12}), people)
    assert alone.best is not None
    assert (alone.best.person.key, alone.is_clear) == ("u9", False)


def test_a_linked_account_beats_homonyms() -> None:
    inventor = Inventor(1, "李明", pinyin_key("李明"), user_id=2)
    found = propose(Case((inventor,)), [person("s1", "李明"), person("s2", "李明")])
    assert found.best is not None
    assert (found.best.person.key, found.is_clear) == ("s2", True)


@pytest.mark.parametrize(
    ("higher", "lower"),
    [("院士", "教授"), ("教授", "副教授"), ("研究员", "助理研究员"), ("副教授", "讲师"), ("主任医师", "副主任医师"),
     ("高级工程师", "工程师"), ("讲师", "助教"), ("助教", "")],
)  # fmt: skip
def test_titles_have_ranks(higher: str, lower: str) -> None:
    assert title_rank(higher) < title_rank(lower) <= UNRANKED
