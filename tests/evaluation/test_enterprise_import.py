"""Lists of enterprises: the four kinds, industry sections, one firm in two lists, taking back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from evaluation.choices import EnterpriseCategory
from evaluation.importing.enterprise_rows import category_of
from evaluation.models import EnterpriseProfile
from evaluation.services import enterprises
from portal.choices import District, ImportState, OrganisationKind, UndoOutcome
from portal.intake import undoing
from portal.models import AuditEntry, ImportBatch, Organisation
from portal.services import import_undo
from tests import factories, workbooks
from tests.conftest import Cast
from tests.evaluation.importing import ENTERPRISE_HEAD as HEAD
from tests.evaluation.importing import firm
from tests.inventory.importing.conftest import confirm, fresh, issues, run_jobs, upload

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]


def take(upload: Upload, cast: Cast, rows: Sequence[Any] | Path, **options: str) -> ImportBatch:
    batch = upload(cast.city, rows, options=options)
    assert (batch.state, batch.kind) == (ImportState.PREVIEW, "enterprises"), batch.problem
    return confirm(cast.city, batch)


def profile(name: str) -> EnterpriseProfile:
    return EnterpriseProfile.objects.get(organisation__name=name)


def undo(cast: Cast, batch: ImportBatch) -> ImportBatch:
    batch = fresh(batch)
    import_undo.take_back(
        actor=cast.city, batch=batch, seen_version=batch.version, reason="传错了文件"
    )
    run_jobs()
    return fresh(batch)


def ugly() -> list[list[Any]]:
    """Kinds in columns of their own, with marks and certificate numbers."""
    return [
        ["北京市重点企业名录（2024）"],
        ["序号", "单位名称", "社会信用代码", "专精特新", "高新技术企业证书编号", "行业门类", "注册地址", "法定代表人"],
        [1, "演示芯片 股份有限公司", firm("", 1)[1], "√", "GR202411000001", "制造业", "北京市海淀区上地", "某人"],
        [2, "演示软件有限公司", firm("", 2)[1], "否", "无", "I；M", "亦庄", "某人"],
        ["合计", "共2家"],
    ]  # fmt: skip


def test_an_ugly_list_is_read(cast: Cast, upload: Upload, tmp_path: Path) -> None:
    batch = take(upload, cast, workbooks.xls(tmp_path / "名录.xls", ugly()))
    assert (batch.counts["added"], batch.counts["refused"]) == (2, 0), issues(batch)
    assert issues(batch) == [(4, "category_unsaid")]
    chips = profile("演示芯片股份有限公司")
    assert (chips.categories, chips.sections) == (["high_tech", "specialised"], ["C"])
    assert (chips.organisation.kind, chips.organisation.district) == (
        OrganisationKind.ENTERPRISE,
        District.HAIDIAN,
    )
    assert profile("演示软件有限公司").sections == ["I", "M"]
    stored = [*Organisation.objects.values(), *EnterpriseProfile.objects.values()]
    assert "某人" not in str(stored)


def test_a_firm_in_two_lists_is_one_firm_of_two_kinds(cast: Cast, upload: Upload) -> None:
    first = [HEAD, firm("演示芯片有限公司", 1, 企业类型=None)]
    take(upload, cast, first, category=EnterpriseCategory.SPECIALISED)
    batch = take(upload, cast, first, category=EnterpriseCategory.CITY_PILOT)
    assert (batch.counts["changed"], batch.counts["added"]) == (1, 0)
    assert batch.rows.get().changes == {
        "categories": [["specialised"], ["city_pilot", "specialised"]]
    }
    assert profile("演示芯片有限公司").categories == ["city_pilot", "specialised"]
    again = upload(cast.city, first, options={"category": EnterpriseCategory.CITY_PILOT})
    assert (again.counts["unchanged"], again.counts["changed"]) == (1, 0)


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "check character": ({"统一社会信用代码": firm("", 9)[1][:-1] + "?"}, "code_check", "B2"),
    "no code": ({"统一社会信用代码": None}, "code_missing", "B2"),
    "kind": ({"企业类型": "瞪羚企业"}, "category_unknown", "C2"),
    "industry": ({"所属行业": "炼金术"}, "industry_unknown", "D2"),
    "province": ({"所在区": "上海市浦东新区"}, "outside_city", "E2"),
    "former name of another": ({"曾用名": "演示第一大学"}, "name_taken", "F2"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_refused_with_its_place(cast: Cast, upload: Upload, case: str) -> None:
    said, rule, place = REFUSED[case]
    rows = [HEAD, firm("演示新企业有限公司", 9, **said), firm("演示好企业有限公司", 1)]
    batch = upload(cast.city, rows)
    issue = batch.issues.get(level="error")
    assert (issue.rule, f"{issue.column}{issue.line}") == (rule, place)
    confirm(cast.city, batch)
    names = Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE)
    assert set(names.values_list("name", flat=True)) == {"演示企业有限公司", "演示好企业有限公司"}


def test_an_institution_is_no_enterprise(cast: Cast, upload: Upload) -> None:
    known = cast.university
    rows = [HEAD, firm(known.name, known.credit_code), firm("演示好企业有限公司", 1)]
    batch = upload(cast.city, rows)
    assert issues(batch, level="error") == [(2, "kind_differs")]


def test_only_the_lead_bureau_may(cast: Cast, upload: Upload) -> None:
    rows = [HEAD, firm("演示芯片有限公司", 1)]
    for member in (cast.manager, cast.enterprise, cast.department):
        batch = upload(member, rows, kind="enterprises")
        assert batch.state == ImportState.UNREADABLE


def test_taken_back_as_one(cast: Cast, upload: Upload) -> None:
    firm_of_cast = cast.enterprise.organisation
    before = set(Organisation.objects.values_list("pk", "name"))
    rows = [HEAD, firm("演示芯片有限公司", 1), firm(firm_of_cast.name, firm_of_cast.credit_code)]
    batch = take(upload, cast, rows)
    assert profile(firm_of_cast.name).categories == ["high_tech"]
    batch = undo(cast, batch)
    assert list(batch.rows.exclude(undo_note="").values_list("line", "undo_note")) == []
    assert batch.counts["undone"]["taken_back"] == 2
    assert set(Organisation.objects.values_list("pk", "name")) == before
    assert not EnterpriseProfile.objects.exists()
    told = AuditEntry.objects.filter(reason="传错了文件")
    assert told.filter(object_type="evaluation.enterpriseprofile").count() == 2


def test_what_the_enterprise_said_since_stays(cast: Cast, upload: Upload) -> None:
    own = cast.enterprise.organisation
    batch = take(upload, cast, [HEAD, firm(own.name, own.credit_code)])
    enterprises.save_profile(
        categories=["high_tech"],
        sections=["I"],
        seen_version=profile(own.name).version,
        actor=cast.enterprise,
    )
    assert undoing.forecast(fresh(batch)) == {"taken_back": 0, "changed": 1}
    batch = undo(cast, batch)
    assert batch.rows.get().undo_outcome == UndoOutcome.KEPT
    assert profile(own.name).sections == ["I"]


def test_the_city_reads_it_on_the_page_of_the_organisation(
    cast: Cast, upload: Upload, client_of: Any
) -> None:
    take(upload, cast, [HEAD, firm("演示芯片有限公司", 1)])
    found = Organisation.objects.get(name="演示芯片有限公司")
    page = client_of(cast.city).get(f"/organisations/{found.pk}/")
    assert "C 制造业" in page.content.decode()
    assert client_of(cast.department).get(f"/organisations/{found.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("国家知识产权优势企业", "demonstration"),
        ("国家知识产权示范企业", "demonstration"),
        ("北京市知识产权试点单位", "city_pilot"),
        ("市试点优势单位", "city_pilot"),
        ("专精特新“小巨人”企业", "specialised"),
        ("国家高新技术企业", "high_tech"),
        ("瞪羚企业", None),
    ],
)
def test_words_of_kinds(word: str, category: str | None) -> None:
    assert category_of(word) == category


def test_kinds_that_are_told_apart_by_names(cast: Cast, upload: Upload) -> None:
    """Neutral heads: what the names look like decides between enterprises and organisations."""
    code = factories.credit_code(800_500)
    rows = [["单位名称", "统一社会信用代码", "所在区"], ["演示芯片有限公司", code, "海淀区"]]
    assert upload(cast.city, rows).kind == "enterprises"
    rows[1][0] = "演示材料研究院"
    assert upload(cast.city, rows).kind == "organisations"
