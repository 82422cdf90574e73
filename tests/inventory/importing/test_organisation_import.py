"""Lists of organisations, as ugly as they come: who is entered, who is the same, what is refused and what goes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.importing.organisation_rows import affiliation_of, kind_of, kind_of_name
from portal.choices import Affiliation, District, ImportState, OrganisationKind, UndoOutcome
from portal.intake import undoing
from portal.models import AuditEntry, ImportBatch, Organisation, Supervision
from portal.services import corrections, import_undo, organisations
from tests import factories, workbooks
from tests.conftest import Cast
from tests.inventory.importing.conftest import confirm, fresh, issues, run_jobs, upload

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]
HEAD = ("机构名称", "统一社会信用代码", "机构类型", "主管部门", "隶属关系", "所在区", "曾用名")


def code(number: int) -> str:
    return factories.credit_code(700_000 + number)


def line(name: str, number: int | str | None, **more: Any) -> list[Any]:
    values = {
        "机构名称": name,
        "统一社会信用代码": code(number) if isinstance(number, int) else number,
        "机构类型": "高校",
        "主管部门": "演示市教委",
        "隶属关系": "市属",
        "所在区": "海淀区",
        "曾用名": None,
        **more,
    }
    return [values[head] for head in HEAD]


def take(upload: Upload, cast: Cast, rows: Sequence[Any] | Path) -> ImportBatch:
    batch = upload(cast.city, rows)
    assert (batch.state, batch.kind) == (ImportState.PREVIEW, "organisations"), batch.problem
    return confirm(cast.city, batch)


def named(name: str) -> Organisation:
    return Organisation.objects.get(name=name)


def undo(cast: Cast, batch: ImportBatch) -> ImportBatch:
    batch = fresh(batch)
    import_undo.take_back(
        actor=cast.city, batch=batch, seen_version=batch.version, reason="传错了文件"
    )
    run_jobs()
    return fresh(batch)


def ministry(path: Path) -> Path:
    """The Ministry's list as it is published: title rows, one merged line for each province."""
    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = "全国高等学校名单"
    page.append(["附件"])
    page.append(["全国普通高等学校名单"])
    page.append(["（截至2024年6月20日）"])
    page.append(["序号", "学校名称", "学校标识码", "主管部门", "所在地", "办学层次", "备注"])
    page.append(["北京市（3所）"])
    page.append([1, "演示燕山大学", 4111099001, "教育部", "北京市", "本科", None])
    page.append([2, "演示京华学院", "4111099002", "北京市", "北京市", "专科", None])
    page.append([3, "演示民办学院", "4111099003", "北京市教委", "北京市", "本科", "民办"])
    page.append(["天津市（1所）"])
    page.append([4, "演示津门大学", "4112099004", "天津市", "天津市", "本科", None])
    for row in (2, 3, 5, 9):
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=7)
    book.save(path)
    return path


def test_the_list_of_the_ministry_is_read_as_it_is(
    cast: Cast, upload: Upload, tmp_path: Path
) -> None:
    batch = take(upload, cast, ministry(tmp_path / "名单.xlsx"))
    assert batch.header_row == 4
    assert [batch.counts[name] for name in ("added", "refused", "rows")] == [3, 1, 4]
    assert issues(batch, level="error") == [(10, "outside_city")]
    found = Organisation.objects.filter(name__startswith="演示", code__startswith="MOE-")
    assert list(found.order_by("code").values_list("code", "kind", "affiliation")) == [
        ("MOE-99001", "university", Affiliation.CENTRAL),
        ("MOE-99002", "university", Affiliation.MUNICIPAL),
        ("MOE-99003", "university", Affiliation.OTHER),
    ]


def test_the_same_list_again_changes_nothing(cast: Cast, upload: Upload, tmp_path: Path) -> None:
    take(upload, cast, ministry(tmp_path / "名单.xlsx"))
    entries = AuditEntry.objects.filter(object_type="portal.organisation").count()
    again = upload(cast.city, ministry(tmp_path / "again.xlsx"))
    assert (again.counts["added"], again.counts["changed"], again.counts["unchanged"]) == (0, 0, 3)
    assert AuditEntry.objects.filter(object_type="portal.organisation").count() == entries


def test_a_later_list_adds_the_credit_code(cast: Cast, upload: Upload, tmp_path: Path) -> None:
    take(upload, cast, ministry(tmp_path / "名单.xlsx"))
    batch = take(upload, cast, [HEAD, line("演示燕山大学", 1, 主管部门=None, 隶属关系="部属")])
    assert batch.counts["changed"] == 1
    one = named("演示燕山大学")
    assert (one.credit_code, one.district, one.affiliation) == (
        code(1),
        District.HAIDIAN,
        Affiliation.CENTRAL,
    )


def ugly() -> list[list[Any]]:
    return [
        ["2024年度参加盘活行动单位名单"],
        ["填表说明：带*为必填", None, "单位基本情况", None, None, "其他"],
        ["序 号", "* 单　位　名　称", "统一社会信用代码\n（18位）", "单位类型", "上级主管部门", "地址"],
        ["", "必填", "必填", "选填", "选填", "选填"],
        [1, "演示 理工大学", code(1).lower(), "普通高校", "演示市教委", "北京市海淀区学院路1号"],
        [2, "演示协和医院", f" {code(2)} ", "三甲医院", "演示市卫健委", "东城区"],
        [3, "演示材料研究所", "".join(chr(ord(c) + 0xFEE0) for c in code(3)), "科研院所", "", "亦庄"],
        [4, "演示市经信局", code(4), "市级部门", None, None],
        ["合计", "共4家"],
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["xlsx", "xls", "gb18030", "utf-16"])
def test_ugly_tables_are_read(cast: Cast, upload: Upload, tmp_path: Path, form: str) -> None:
    if form in ("xlsx", "xls"):
        path = getattr(workbooks, form)(tmp_path / f"名单.{form}", ugly())
    else:
        path = workbooks.csv_file(tmp_path / "名单.csv", ugly(), form)
    batch = take(upload, cast, path)
    assert (batch.counts["added"], batch.counts["refused"]) == (4, 0), issues(batch)
    first = named("演示理工大学")
    assert (first.credit_code, first.kind, first.district, first.affiliation) == (
        code(1),
        OrganisationKind.UNIVERSITY,
        District.HAIDIAN,
        Affiliation.MUNICIPAL,
    )
    assert [each.bureau for each in first.supervisions.all()] == [cast.education]
    assert named("演示协和医院").kind == OrganisationKind.HOSPITAL
    assert (named("演示材料研究所").credit_code, named("演示材料研究所").district) == (
        code(3),
        District.BDA,
    )
    assert named("演示市经信局").kind == OrganisationKind.DEPARTMENT


def test_a_bureau_of_the_same_file_is_in_charge(cast: Cast, upload: Upload) -> None:
    rows = [
        HEAD,
        line("演示新学院", 1, 主管部门="演示市民政局"),
        line("演示市民政局", 2, 机构类型="主管部门", 主管部门=None),
    ]
    batch = take(upload, cast, rows)
    assert batch.counts["added"] == 2
    assert named("演示新学院").supervisions.get().bureau == named("演示市民政局")


#: what is wrong → (the rule, the cell it stands in)
REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "check character": ({"统一社会信用代码": code(9)[:-1] + "?"}, "code_check", "B2"),
    "17 characters": ({"统一社会信用代码": code(9)[:-1]}, "code_length", "B2"),
    "no code": ({"统一社会信用代码": "无"}, "code_missing", "B2"),
    "a number": ({"统一社会信用代码": 1.21100007e17}, "destroyed", "B2"),
    "kind": ({"机构类型": "外星基地"}, "kind_unknown", "C2"),
    "enterprise": ({"机构类型": "民营企业"}, "kind_enterprise", "C2"),
    "district": ({"所在区": "月球区"}, "district_unknown", "F2"),
    "province": ({"所在区": "河北省廊坊市"}, "outside_city", "F2"),
    "affiliation": ({"隶属关系": "不清楚"}, "affiliation_word", "E2"),
    "name": ({"机构名称": None}, "name_missing", "A2"),
    "long name": ({"机构名称": "演" * 201}, "too_long", "A2"),
    "name of another": ({"机构名称": "演示第一大学"}, "code_differs", "B2"),
    "former name of another": ({"曾用名": "演示旧校名"}, "name_taken", "G2"),
    "own former name elsewhere": ({"机构名称": "演示旧校名"}, "code_differs", "B2"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused_with_its_place(cast: Cast, upload: Upload, case: str) -> None:
    organisations.change_organisation(
        organisation=cast.university,
        values={"name": cast.university.name},
        names=["演示旧校名"],
        supervisors=[cast.education],
        seen_version=cast.university.version,
        actor=cast.system_admin,
    )
    said, rule, place = REFUSED[case]
    row = {"机构名称": "演示新大学", "统一社会信用代码": code(9), **said}
    good = line("演示好大学", 1)
    batch = upload(cast.city, [HEAD, line(row.pop("机构名称"), None, **row), good])
    assert batch.counts["refused"] == 1, issues(batch)
    issue = batch.issues.get(level="error")
    assert (issue.rule, f"{issue.column}{issue.line}") == (rule, place)
    assert confirm(cast.city, batch).counts["added"] == 1
    assert not Organisation.objects.filter(name="演示新大学").exists()


def test_letters_that_no_code_has_are_offered_as_digits(cast: Cast, upload: Upload) -> None:
    right = code(10)
    assert "0" in right
    row = line("演示新大学", right.replace("0", "O", 1))
    batch = upload(cast.city, [HEAD, row, line("演示好大学", 1)])
    issue = batch.issues.get(level="error")
    assert (issue.rule, issue.params["suggestion"]) == ("code_check", right)


def test_a_wrong_code_is_corrected_in_the_page(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.city, [HEAD, line("演示新大学", code(1)[:-1]), line("演示好大学", 2)])
    assert batch.counts["refused"] == 1
    corrections.correct_cells(
        actor=cast.city, batch=batch, seen_version=batch.version, cells={(2, 1): code(1)}
    )
    batch = fresh(batch)
    assert (batch.counts["refused"], batch.counts["added"]) == (0, 2)
    confirm(cast.city, batch)
    assert named("演示新大学").credit_code == code(1)


def test_the_same_code_or_name_twice_in_the_file(cast: Cast, upload: Upload) -> None:
    rows = [
        HEAD,
        line("演示甲大学", 1),
        line("演示乙大学", 1),
        line("演示甲大学", 2),
        line("演示丙大学", 3, 曾用名="演示甲大学"),
        line("演示丁大学", 4),
    ]
    batch = upload(cast.city, rows)
    assert issues(batch, level="error") == [(3, "repeated"), (4, "repeated"), (5, "repeated")]
    assert [each.params["line"] for each in batch.issues.filter(level="error")] == [2, 2, 2]
    assert [each.column for each in batch.issues.filter(level="error")] == ["B", "A", "G"]


def test_a_new_name_keeps_the_old_one(cast: Cast, upload: Upload) -> None:
    known = cast.university
    row = line("演示第一科技大学", known.credit_code, 主管部门="演示市卫健委")
    batch = upload(cast.city, [HEAD, row])
    changes = batch.rows.get().changes
    assert changes["name"] == ["演示第一大学", "演示第一科技大学"]
    assert changes["bureaus"] == [["演示市教委"], ["演示市卫健委", "演示市教委"]]
    confirm(cast.city, batch)
    known.refresh_from_db()
    assert known.name == "演示第一科技大学"
    assert organisations.further_names(known) == ["演示第一大学"]
    charges = Supervision.objects.filter(institution=known, is_active=True)
    assert {each.bureau for each in charges} == {cast.education, cast.health}


def test_kinds_are_not_changed_by_a_list(cast: Cast, upload: Upload) -> None:
    row = line(cast.university.name, cast.university.credit_code, 机构类型="医院")
    office = line(cast.bureau.name, cast.bureau.credit_code, 机构类型="主管部门")
    batch = upload(cast.city, [HEAD, row, office])
    assert issues(batch, level="error") == [(2, "kind_differs"), (3, "not_by_list")]


def test_only_the_lead_bureau_may(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.system_admin, [HEAD, line("演示新大学", 1)])
    assert batch.state != ImportState.PREVIEW
    batch = upload(cast.manager, [HEAD, line("演示新大学", 1)], kind="organisations")
    assert batch.state == ImportState.UNREADABLE


def test_rights_withdrawn_stop_it(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.city, [HEAD, line("演示新大学", 1)])
    cast.city.is_active = False
    cast.city.save(update_fields=["is_active"])
    batch = confirm(cast.city, batch)
    assert (batch.state, Organisation.objects.filter(name="演示新大学").exists()) == (
        ImportState.PREVIEW,
        False,
    )


def test_taken_back_as_one(cast: Cast, upload: Upload) -> None:
    before = set(Organisation.objects.values_list("pk", "name", "credit_code"))
    names = organisations.further_names(cast.university)
    rows = [
        HEAD,
        line("演示市民政局", 2, 机构类型="主管部门", 主管部门=None),
        line("演示新学院", 1, 主管部门="演示市民政局", 曾用名="演示旧学院"),
        line("演示第一科技大学", cast.university.credit_code, 主管部门="演示市民政局"),
    ]
    batch = take(upload, cast, rows)
    assert (batch.counts["added"], batch.counts["changed"]) == (2, 1)
    batch = undo(cast, batch)
    assert list(batch.rows.exclude(undo_note="").values_list("line", "undo_note")) == []
    assert batch.state == ImportState.TAKEN_BACK
    assert batch.counts["undone"]["taken_back"] == 3
    assert set(Organisation.objects.values_list("pk", "name", "credit_code")) == before
    cast.university.refresh_from_db()
    assert (cast.university.name, organisations.further_names(cast.university)) == (
        "演示第一大学",
        names,
    )
    told = AuditEntry.objects.filter(reason="传错了文件", object_type="portal.organisation")
    assert told.count() == 3
    again = take(upload, cast, rows)
    assert (again.counts["added"], again.counts["changed"]) == (2, 1)


def test_what_is_used_or_changed_since_stays(cast: Cast, upload: Upload) -> None:
    batch = take(
        upload, cast, [HEAD, line("演示甲大学", 1), line("演示乙大学", 2), line("演示丙大学", 3)]
    )
    factories.membership(organisation=named("演示甲大学"))
    changed = named("演示乙大学")
    organisations.change_organisation(
        organisation=changed,
        values={"name": "演示乙科技大学"},
        names=[],
        supervisors=[],
        seen_version=changed.version,
        actor=cast.system_admin,
    )
    assert undoing.forecast(fresh(batch)) == {"taken_back": 2, "changed": 1}
    batch = undo(cast, batch)
    kept = batch.rows.filter(undo_outcome=UndoOutcome.KEPT).order_by("line")
    assert [row.line for row in kept] == [2, 3]
    assert all(len(row.undo_note) > 5 for row in kept)
    assert not Organisation.objects.filter(name="演示丙大学").exists()
    assert Organisation.objects.filter(name__in=["演示甲大学", "演示乙科技大学"]).count() == 2


def test_what_a_person_wrote_over_the_list_since_stays(cast: Cast, upload: Upload) -> None:
    known = cast.university
    batch = take(upload, cast, [HEAD, line(known.name, known.credit_code, 所在区="朝阳区")])
    known.refresh_from_db()
    organisations.change_organisation(
        organisation=known,
        values={"name": known.name, "district": District.FENGTAI},
        names=[],
        supervisors=[cast.education],
        seen_version=known.version,
        actor=cast.system_admin,
    )
    row = undo(cast, batch).rows.get()
    known.refresh_from_db()
    assert (row.undo_outcome, known.district) == (UndoOutcome.KEPT, District.FENGTAI)
    assert cast.system_admin.user.name in row.undo_note


def test_the_number_of_queries_does_not_grow_with_the_rows_compared(
    cast: Cast, upload: Upload
) -> None:
    def queries(count: int, first: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            upload(
                cast.city, [HEAD, *(line(f"演示大学{n}", n) for n in range(first, first + count))]
            )
        return len(found)

    queries(1, 900)
    assert queries(40, 100) == queries(2, 200)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("普通本科高校", "university"),
        ("三甲医院", "hospital"),
        ("科研院所", "institute"),
        ("市级委办局", "department"),
        ("区知识产权局", "district_office"),
        ("行业协会", "service_body"),
        ("外星基地", None),
    ],
)
def test_words_of_kinds(word: str, kind: str | None) -> None:
    assert kind_of(word) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("中国医学科学院", "institute"),
        ("演示大学第三医院", "hospital"),
        ("演示大学（北京校区）", "university"),
        ("演示区知识产权局", "district_office"),
        ("演示之家", None),
    ],
)
def test_kinds_told_by_names(name: str, kind: str | None) -> None:
    assert kind_of_name(name) == kind


@pytest.mark.parametrize(
    ("word", "affiliation"),
    [
        ("教育部", "central"),
        ("部属", "central"),
        ("北京市教委", "municipal"),
        ("市属", "municipal"),
        ("其他", "other"),
        ("不清楚", None),
    ],
)
def test_words_of_affiliation(word: str, affiliation: str | None) -> None:
    assert affiliation_of(word) == affiliation


def test_the_number_of_rows_at_the_foot_is_no_organisation(cast: Cast, upload: Upload) -> None:
    head = ["序号", *HEAD]
    batch = upload(cast.city, [head, [1, *line("演示大学", 1)], ["合计", "1所"]])
    assert [row.values["name"] for row in batch.rows.all()] == ["演示大学"]
