"""Lists of experts: one person by name, employer and mobile; contacts sealed and masked; taking back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from evaluation.choices import ExpertState
from evaluation.importing.expert_rows import field_code
from evaluation.models import Expert
from evaluation.models.experts import identity_of
from evaluation.services import experts
from portal.choices import ImportState, UndoOutcome
from portal.models import AuditEntry, ImportBatch
from portal.services import import_undo
from tests import workbooks
from tests.conftest import Cast
from tests.evaluation.importing import EXPERT_HEAD as HEAD
from tests.evaluation.importing import expert
from tests.inventory.importing.conftest import confirm, fresh, issues, run_jobs, upload

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]
ADMITTED = {"experts": str(ExpertState.ADMITTED)}


def take(upload: Upload, cast: Cast, rows: Sequence[Any] | Path, **options: str) -> ImportBatch:
    batch = upload(cast.city, rows, options=options)
    assert (batch.state, batch.kind) == (ImportState.PREVIEW, "experts"), batch.problem
    return confirm(cast.city, batch)


def undo(cast: Cast, batch: ImportBatch) -> ImportBatch:
    batch = fresh(batch)
    import_undo.take_back(
        actor=cast.city, batch=batch, seen_version=batch.version, reason="传错了文件"
    )
    run_jobs()
    return fresh(batch)


def test_a_person_comes_in_whole(cast: Cast, upload: Upload) -> None:
    batch = take(upload, cast, [HEAD, expert("演示甲")])
    assert (batch.counts["added"], issues(batch)) == (1, [])
    one = Expert.objects.get()
    assert (one.name, one.employer, one.position, one.education) == (
        "演示甲",
        "演示企业有限公司",
        "总工程师",
        "硕士、材料学",
    )
    assert (one.technical_fields, one.years, one.avoided) == (["H01L", "1.5"], 15, ["演示第一大学"])
    assert (one.term_from, one.term_until) == (date(2024, 1, 1), date(2026, 12, 31))
    assert one.organisation == one.recommended_by == cast.enterprise.organisation
    assert (one.phone, one.state) == ("13800001111", ExpertState.RECOMMENDED)
    assert one.identity == identity_of("演示 甲", "演示企业有限公司", "13800001111")


def ugly() -> list[list[Any]]:
    """A recommendation form: titles, a merged head of two rows, two columns for one field, a cell of both contacts."""
    return [
        ["专利评价专家推荐汇总表"],
        ["推荐单位（盖章）：", None, None, "2024年5月"],
        ["序号", "基本信息", None, None, None, None, None, "联系方式", None, None, None],
        [None, "专家姓名", "性别", "身份证号", "所在单位", "职务", "职称", "联系方式", "技术领域", "回避单位", "聘期"],
        [1, "李　明", "男", "110101199001011234", "演示企业有限公司", "总工", "高级工程师",
         "１３８ ００００ ２２２２；li@example.com", "IPC: A61K；新材料", None, "2024年1月1日至2025年12月31日"],
        [2, "王芳", "女", None, "演示研究院", None, "研究员", 13800003333.0, "1.2 电子核心产业", "甲公司、乙公司", ""],
        ["合计", "共2人"],
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["xlsx", "xls", "gb18030"])
def test_ugly_forms_are_read(cast: Cast, upload: Upload, tmp_path: Path, form: str) -> None:
    if form == "gb18030":
        path = workbooks.csv_file(tmp_path / "专家.csv", ugly(), form)
    else:
        path = getattr(workbooks, form)(tmp_path / f"专家.{form}", ugly())
    batch = take(upload, cast, path)
    assert (batch.header_row, batch.counts["added"], issues(batch)) == (4, 2, [])
    li = Expert.objects.get(name="李明")
    assert (li.phone, li.email, li.position) == (
        "13800002222",
        "li@example.com",
        "总工、高级工程师",
    )
    assert (li.technical_fields, li.term_until) == (["A61K", "3"], date(2025, 12, 31))
    wang = Expert.objects.get(name="王芳")
    assert (wang.phone, wang.avoided, wang.technical_fields) == (
        "13800003333",
        ["甲公司", "乙公司"],
        ["1.2"],
    )
    assert "110101199001011234" not in everything_staged()


def everything_staged() -> str:
    """The rows, issues and entries of every import as the database holds them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT string_agg(t, ' ') FROM (
                SELECT r::text AS t FROM portal_importrow r UNION ALL SELECT i::text FROM portal_importissue i
                UNION ALL SELECT a::text FROM portal_auditentry a UNION ALL SELECT e::text FROM evaluation_expert e
            ) x
            """
        )
        return str(cursor.fetchone()[0])


def test_contacts_are_sealed_everywhere(cast: Cast, upload: Upload) -> None:
    rows = [HEAD, expert("演示甲", "13877776666"), expert("演示乙", "1387777555")]
    batch = take(upload, cast, rows)
    take(upload, cast, [HEAD, expert("演示甲", "13877776666 jia@example.com")])
    undo(cast, batch)
    staged = everything_staged()
    assert "13877776666" not in staged
    assert "jia@example.com" not in staged
    assert "1387777555" not in staged


@pytest.mark.parametrize(
    ("said", "years"),
    [("八年", 8), ("十年以上", 10), ("十五年", 15), ("二十年", 20), ("三十二", 32)],
)
def test_years_in_words_are_read(cast: Cast, upload: Upload, said: str, years: int) -> None:
    batch = upload(cast.city, [HEAD, expert("演示甲", 从业年限=said)])
    assert batch.rows.get().values["years"] == years


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no name": ({"姓名": None}, "name_missing", "A2"),
    "digits": ({"姓名": "演示1"}, "person_shape", "A2"),
    "two people": ({"姓名": "演示甲、演示乙"}, "several_persons", "A2"),
    "employer": ({"工作单位": "无"}, "employer_missing", "B2"),
    "fields": ({"从事技术领域": "炼金术"}, "field_unknown", "E2"),
    "four fields": ({"从事技术领域": "H01L、A61K、G06N、1.5"}, "too_many_fields", "E2"),
    "long text": ({"熟悉的产品": "演" * 501}, "too_long", "F2"),
    "years": ({"从业年限": "很久"}, "years_shape", "G2"),
    "no mobile": ({"联系方式": None}, "mobile_missing", "J2"),
    "mail only": ({"联系方式": "a@example.com"}, "mobile_missing", "J2"),
    "landline": ({"联系方式": "010-62770001"}, "mobile_shape", "J2"),
    "mail": ({"联系方式": "13800009999；a(at)b@c"}, "email_shape", "J2"),
    "term": ({"聘期": "三年"}, "term_shape", "L2"),
    "no such month": ({"聘期": "2024.13-2026.12"}, "term_shape", "L2"),
    "backwards": ({"聘期": "2026.1-2024.12"}, "term_order", "L2"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused_with_its_place(cast: Cast, upload: Upload, case: str) -> None:
    said, rule, place = REFUSED[case]
    row = {"姓名": "演示错", "联系方式": "13800009999", **said}
    wrong = expert(row.pop("姓名"), row.pop("联系方式"), **row)
    batch = upload(cast.city, [HEAD, wrong, expert("演示甲"), expert("演示乙", "13800002222")])
    issue = batch.issues.get(level="error")
    assert (issue.rule, f"{issue.column}{issue.line}") == (rule, place)
    confirm(cast.city, batch)
    assert set(Expert.objects.values_list("name", flat=True)) == {"演示甲", "演示乙"}


def test_the_same_person_twice_in_the_file(cast: Cast, upload: Upload) -> None:
    rows = [HEAD, expert("演示甲"), expert("演 示 甲", "138 0000 1111")]
    batch = upload(cast.city, rows)
    assert issues(batch, level="error") == [(3, "repeated")]


def test_the_same_list_again_changes_nothing(cast: Cast, upload: Upload) -> None:
    rows = [HEAD, expert("演示甲"), expert("演示乙", "13800002222")]
    take(upload, cast, rows)
    again = upload(cast.city, [*rows, expert("演示丙", "13800003333")])
    assert [again.counts[name] for name in ("added", "changed", "unchanged")] == [1, 0, 2]


def test_another_mobile_is_another_person_and_said_so(cast: Cast, upload: Upload) -> None:
    take(upload, cast, [HEAD, expert("演示甲")])
    batch = upload(cast.city, [HEAD, expert("演示甲", "13900001111")])
    issue = batch.issues.get()
    assert (issue.rule, issue.level, issue.value) == ("other_mobile", "notice", "139****1111")
    assert issue.params["phone"] == "138****1111"
    assert confirm(cast.city, batch).counts["added"] == 1


def test_a_list_may_admit_and_changes_what_it_says(cast: Cast, upload: Upload) -> None:
    take(upload, cast, [HEAD, expert("演示甲")])
    batch = upload(
        cast.city, [HEAD, expert("演示甲", 从业年限="16", 熟悉的产品=None)], options=ADMITTED
    )
    assert batch.rows.get().changes == {
        "years": [15, 16],
        "state": ["recommended", "admitted"],
    }
    confirm(cast.city, batch)
    one = Expert.objects.get()
    assert (one.years, one.products, one.state) == (16, "功率器件", ExpertState.ADMITTED)


def test_a_removed_person_does_not_come_back_by_a_list(cast: Cast, upload: Upload) -> None:
    take(upload, cast, [HEAD, expert("演示甲")])
    one = Expert.objects.get()
    experts.remove_expert(expert=one, seen_version=one.version, reason="本人要求", actor=cast.city)
    batch = upload(cast.city, [HEAD, expert("演示甲")], options=ADMITTED)
    assert issues(batch, level="error") == [(2, "removed_before")]


def test_only_the_lead_bureau_may(cast: Cast, upload: Upload) -> None:
    for member in (cast.manager, cast.enterprise, cast.system_admin):
        batch = upload(member, [HEAD, expert("演示甲")], kind="experts")
        assert batch.state == ImportState.UNREADABLE


def test_taken_back_as_one(cast: Cast, upload: Upload) -> None:
    take(upload, cast, [HEAD, expert("演示甲")])
    batch = take(
        upload,
        cast,
        [
            HEAD,
            expert("演示甲", 从业年限="16", 聘期="2025.1-2027.12"),
            expert("演示乙", "13800002222"),
        ],
        **ADMITTED,
    )
    batch = undo(cast, batch)
    assert batch.counts["undone"]["taken_back"] == 2
    one = Expert.objects.get()
    assert (one.name, one.years, one.term_until, one.state) == (
        "演示甲",
        15,
        date(2026, 12, 31),
        ExpertState.RECOMMENDED,
    )
    told = AuditEntry.objects.filter(object_type="evaluation.expert", reason="传错了文件")
    assert told.count() == 2


def test_who_was_admitted_since_stays(cast: Cast, upload: Upload) -> None:
    batch = take(upload, cast, [HEAD, expert("演示甲"), expert("演示乙", "13800002222")])
    one = Expert.objects.get(name="演示甲")
    experts.admit_expert(expert=one, seen_version=one.version, actor=cast.city)
    batch = undo(cast, batch)
    kept = batch.rows.get(undo_outcome=UndoOutcome.KEPT)
    assert (kept.line, cast.city.user.name in kept.undo_note) == (2, True)
    assert [each.name for each in Expert.objects.all()] == ["演示甲"]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("h01l21/02", "H01L"),
        ("H01L 半导体器件", "H01L"),
        ("人工智能", "1.5"),
        ("1.5.1", "1.5"),
        ("新材料产业", "3"),
        ("A90Z", None),
        ("炼金术", None),
    ],
)
def test_words_of_technical_fields(word: str, code: str | None) -> None:
    assert field_code(word) == code
