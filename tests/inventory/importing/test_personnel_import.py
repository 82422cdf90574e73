"""Personnel lists, as ugly as they come: who is added, who is the same, who is asked about, who gets an account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.choices import ImportState, Role, StaffCategory
from portal.models import AuditEntry, ImportBatch, ImportRow, Invitation, StaffMember, User
from tests import factories, workbooks
from tests.conftest import Cast
from tests.inventory.importing.conftest import confirm, issues, upload

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]
HEAD = ("姓名", "工号", "学院/部门", "职称", "人员类别", "手机号", "邮箱", "性别")
SCHOOL = "演示材料学院"


def person(name: str, number: Any = None, unit: Any = SCHOOL, **more: Any) -> list[Any]:
    values = {
        "姓名": name,
        "工号": number,
        "学院/部门": unit,
        "职称": "教授",
        "人员类别": "教师",
        "手机号": None,
        "邮箱": None,
        "性别": "女",
        **more,
    }
    return [values[head] for head in HEAD]


def take(upload: Upload, cast: Cast, rows: Sequence[Any] | Path, **options: str) -> ImportBatch:
    """Upload and confirm; the applied batch."""
    batch = upload(cast.manager, rows, options=options)
    assert batch.state == ImportState.PREVIEW, batch.problem
    return confirm(cast.manager, batch)


def staff_named(name: str) -> StaffMember:
    return StaffMember.objects.get(name=name)


def ugly() -> list[list[Any]]:
    """A staff system's export: titles above, full-width digits, floats, spaces, a foot."""
    return [
        ["演示第一大学教职工花名册（内部）"],
        ["制表单位：人事处", None, None, "2024年3月"],
        [],
        [
            "序 号",
            "姓　名",
            "职工号",
            "所在单位",
            "专业技术职务",
            "在职状态",
            "联系电话",
            "电子邮箱",
            "性别",
            "民族",
        ],
        [
            1,
            "李  明",
            "１００１",
            "演示第一大学演示材料学院",
            "教授",
            "在职",
            13800001111.0,
            "LI.M＠example.edu.cn",
            "男",
            "汉",
        ],
        [2, "王芳", 1002.0, SCHOOL, "副教授", "在职", "138 0000 2222", "无", "女", "汉"],
        [3, "王芳", 1002, SCHOOL, "副教授", "在职", "13800002222", None, "女", "汉"],
        [4, "阿卜杜•热合曼", "1003", SCHOOL, None, "退休", "010-62770001", None, "男", None],
        [5, "赵错", "1004", "演示材料院", None, "在职", "1380000", "zhao(at)example", "男", None],
        [6, "钱学生", "S2021001", SCHOOL, None, "博士研究生", None, None, "男", None],
        [None, "合计：6人"],
    ]


def test_an_ugly_workbook_is_read(cast: Cast, upload: Upload, tmp_path: Path) -> None:
    batch = take(upload, cast, workbooks.xlsx(tmp_path / "花名册.xlsx", ugly()))
    assert batch.kind == "personnel"
    assert (batch.counts["added"], batch.counts["refused"], batch.counts["repeated"]) == (4, 1, 1)
    assert set(issues(batch)) == {
        (7, "duplicate_in_file"),
        (9, "phone_shape"),
        (9, "email_shape"),
        (9, "unit_unknown_near"),
    }
    li = staff_named("李明")
    assert (li.staff_number, li.unit, li.title, li.phone, li.email) == (
        "1001",
        cast.school,
        "教授",
        "13800001111",
        "li.m@example.edu.cn",
    )
    assert staff_named("王芳").staff_number == "1002"
    rest = staff_named("阿卜杜·热合曼")
    assert (rest.category, rest.phone) == (StaffCategory.RETIRED, "010-62770001")
    assert staff_named("钱学生").category == StaffCategory.STUDENT
    assert User.objects.filter(name="李明").count() == 0


def test_gb18030_text_is_read(cast: Cast, upload: Upload, tmp_path: Path) -> None:
    path = workbooks.csv_file(tmp_path / "list.csv", [HEAD, person("孙丽", "7")], "gb18030")
    take(upload, cast, path)
    assert staff_named("孙丽").staff_number == "7"


def test_every_error_names_cell_value_and_what_to_do(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, [HEAD, person("赵错", "4", 手机号="1380000", 人员类别="外星人")])
    found = {issue.rule: issue for issue in batch.issues.all()}
    assert (found["phone_shape"].column, found["phone_shape"].header) == ("F", "手机号")
    assert "1380000" not in found["phone_shape"].value
    assert found["category_word"].value == "外星人"
    assert batch.counts["refused"] == 1


def test_gender_is_accepted_and_stored_nowhere(cast: Cast, upload: Upload) -> None:
    batch = take(upload, cast, [HEAD, person("孙丽", "7", 性别="不可存储之值")])
    assert "性别" in [column["header"] for column in batch.columns]
    assert "不可存储之值" not in str(list(batch.rows.values_list("values", "raw", "changes")))
    assert not any("gender" in field.name for field in StaffMember._meta.get_fields())


def test_staged_contact_is_sealed_and_the_trail_masks_it(cast: Cast, upload: Upload) -> None:
    batch = take(upload, cast, [HEAD, person("孙丽", "7", 手机号="13800007777")])
    row = ImportRow.objects.filter(batch=batch).extra(select={"as_text": '"values"::text'}).get()
    assert "13800007777" not in row.as_text
    entry = AuditEntry.objects.get(object_type="portal.staffmember", action="create")
    assert entry.changes["phone"] == [None, "138****7777"]


def test_a_list_read_twice_changes_nothing(cast: Cast, upload: Upload) -> None:
    rows = [HEAD, person("李明", "1"), person("无名数", None, None, 人员类别=None, 职称=None)]
    take(upload, cast, rows)
    again = upload(cast.manager, rows)
    assert (again.counts["added"], again.counts["changed"]) == (0, 0)
    assert again.counts["unchanged"] == 2
    assert StaffMember.objects.count() == 2


def test_the_staff_number_finds_a_person_who_moved(cast: Cast, upload: Upload) -> None:
    factories.unit(cast.university, name="演示物理学院")
    take(upload, cast, [HEAD, person("李明", "1")])
    batch = take(upload, cast, [HEAD, person("李明", "1", "演示物理学院", 职称="研究员")])
    assert batch.counts["changed"] == 1
    li = staff_named("李明")
    assert (str(li.unit), li.title, li.version) == ("演示物理学院", "研究员", 2)


def test_a_namesake_without_evidence_is_asked_about(cast: Cast, upload: Upload) -> None:
    factories.unit(cast.university, name="演示物理学院")
    take(upload, cast, [HEAD, person("王伟", "1")])
    batch = take(upload, cast, [HEAD, person("王伟", None, "演示物理学院")], accounts="all")
    assert issues(batch, rule="name_collision") == [(2, "name_collision")]
    assert issues(batch, rule="no_account_doubtful") == [(2, "no_account_doubtful")]
    first, second = StaffMember.objects.filter(name="王伟").order_by("pk")
    assert (first.is_doubtful, second.is_doubtful, second.user) == (False, True, None)


def test_two_staff_numbers_are_two_people(cast: Cast, upload: Upload) -> None:
    batch = take(upload, cast, [HEAD, person("王伟", "1"), person("王伟", "2")])
    assert issues(batch) == []
    assert not StaffMember.objects.filter(is_doubtful=True).exists()
    batch = upload(cast.manager, [HEAD, person("王伟", None)])
    assert issues(batch) == [(2, "several_fit")]


def test_contradictions_in_the_file_are_refused(cast: Cast, upload: Upload) -> None:
    batch = upload(
        cast.manager,
        [
            HEAD,
            person("李明", "1", 职称="教授"),
            person("李明", "1", 职称="讲师"),
            person("张三", "1"),
        ],
    )
    assert issues(batch, level="error") == [(3, "duplicate_differs"), (4, "number_twice")]
    assert batch.counts["added"] == 1


def test_a_staff_number_of_somebody_else_is_refused(cast: Cast, upload: Upload) -> None:
    take(upload, cast, [HEAD, person("李明", "1")])
    batch = upload(cast.manager, [HEAD, person("张三", "1")])
    assert issues(batch) == [(2, "number_of_other")]


def test_no_account_without_a_patent_unless_the_institution_says_so(
    cast: Cast, upload: Upload
) -> None:
    factories.patent(cast.university, inventors=["李明", "钱学生"])
    factories.patent(cast.other, inventors=["张三"])
    rows = [
        HEAD,
        person("李明", "1"),
        person("张三", "2"),
        person("钱学生", "3", 人员类别="学生"),
        person("周退休", "4", 人员类别="退休"),
    ]
    batch = take(upload, cast, rows, accounts="inventors")
    assert issues(batch) == [
        (3, "no_account_patent"),
        (4, "no_account_student"),
        (5, "no_account_gone"),
    ]
    made = Invitation.objects.get()
    assert (made.user.name, made.user.username, made.role) == ("李明", "liming", Role.INVENTOR)
    assert made.unit == cast.school
    assert not made.user.has_usable_password()
    assert AuditEntry.objects.filter(object_type="portal.invitation").count() == 1
    batch = take(upload, cast, rows, accounts="all")
    assert sorted(Invitation.objects.values_list("user__name", flat=True)) == [
        "张三",
        "李明",
        "钱学生",
    ]


def test_user_names_never_collide_and_are_shown_before(cast: Cast, upload: Upload) -> None:
    factories.user(username="wangwei", name="别处王伟")
    rows = [HEAD, person("王伟", "1"), person("王威", "2"), person("汪伟", "3")]
    batch = upload(cast.manager, rows, options={"accounts": "all"})
    shown = [row.changes["username"][1] for row in batch.rows.order_by("line")]
    assert shown == ["wangwei2", "wangwei3", "wangwei4"]
    factories.user(username="wangwei3")
    confirm(cast.manager, batch)
    names = Invitation.objects.order_by("pk").values_list("user__username", flat=True)
    assert list(names) == ["wangwei2", "wangwei5", "wangwei4"]


def test_an_account_of_the_same_name_and_unit_is_the_same_person(
    cast: Cast, upload: Upload
) -> None:
    held = factories.membership(
        Role.INVENTOR, cast.university, unit=cast.school, user=factories.user(name="李明")
    )
    take(upload, cast, [HEAD, person("李明", "1")], accounts="all")
    assert staff_named("李明").user == held.user
    assert Invitation.objects.count() == 0


def test_an_account_elsewhere_shows_nowhere(cast: Cast, upload: Upload) -> None:
    factories.membership(
        Role.INVENTOR,
        cast.other,
        user=factories.user(name="李明", phone="13800001111", username="abc"),
    )
    batch = take(upload, cast, [HEAD, person("李明", "1", 手机号="13800001111")], accounts="all")
    assert issues(batch) == []
    assert Invitation.objects.get().user.username == "liming"


def test_a_units_manager_keeps_the_own_branch(cast: Cast, upload: Upload) -> None:
    factories.unit(cast.university, name="演示物理学院")
    take(upload, cast, [HEAD, person("外院人", "9", "演示物理学院")])
    batch = upload(
        cast.unit_manager,
        [
            HEAD,
            person("李明", "1", None),
            person("张三", "2", "演示物理学院"),
            person("外院人", "9"),
        ],
    )
    assert issues(batch) == [(3, "unit_unknown_near"), (4, "not_in_unit")]
    confirm(cast.unit_manager, batch)
    assert staff_named("李明").unit == cast.school


def test_what_changed_after_the_preview_is_not_overwritten(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, [HEAD, person("王伟", None)])
    factories.staff(cast.university, name="王伟", unit=None)
    done = confirm(cast.manager, batch)
    assert issues(done) == [(2, "changed_meanwhile")]
    assert StaffMember.objects.count() == 1


def test_queries_do_not_grow_with_the_rows(cast: Cast, upload: Upload) -> None:
    counts = []
    for size in (20, 150):
        StaffMember.objects.all().delete()
        rows = [HEAD, *(person(f"演示{chr(0x4E00 + size + n)}", f"{size}{n}") for n in range(size))]
        with CaptureQueriesContext(connection) as queries:
            take(upload, cast, rows, accounts="all")
        counts.append(len(queries))
        Invitation.objects.all().delete()
    assert counts[1] <= counts[0] + 2


def test_a_file_without_people_is_refused_in_words_about_people(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, [["甲", "乙"], ["一", "二"]], kind="personnel")
    assert batch.state == ImportState.UNREADABLE
    assert "姓名" in batch.problem
    assert "申请号" not in batch.problem
