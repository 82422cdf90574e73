"""`manage.py intake` reads the lists of the city office like everything else."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from evaluation.choices import ExpertState
from evaluation.models import EnterpriseProfile, Expert
from portal.models import ImportBatch, Organisation
from tests import workbooks
from tests.conftest import Cast
from tests.evaluation.importing import ENTERPRISE_HEAD, EXPERT_HEAD, expert, firm
from tests.inventory.importing.test_organisation_import import HEAD, ministry

pytestmark = pytest.mark.django_db(transaction=True)


def run(path: Path, cast: Cast, *, exits: int = 0, **options: Any) -> dict[str, Any]:
    """The report of a run that writes, after the command ended with this code."""
    out = StringIO()
    asked: dict[str, Any] = {"organisation": cast.bureau.code, "apply": True, **options}
    if exits:
        with pytest.raises(SystemExit) as ended:
            call_command("intake", str(path), stdout=out, **asked)
        assert ended.value.code == exits
    else:
        call_command("intake", str(path), stdout=out, **asked)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_the_list_of_the_ministry_and_back(cast: Cast, tmp_path: Path) -> None:
    before = Organisation.objects.count()
    report = run(ministry(tmp_path / "名单.xlsx"), cast, exits=2)
    assert (report["kind"], report["counts"]["added"], report["layout"]["code"]) == (
        "organisations",
        3,
        "",
    )
    assert {one["header"]: one["field"] for one in report["mapping"]} == {
        "序号": "",
        "学校名称": "name",
        "学校标识码": "school_code",
        "主管部门": "bureau",
        "所在地": "district",
        "办学层次": "kind",
        "备注": "remark",
    }
    assert all(one["reason_words"] for one in report["mapping"])
    place = next(one for one in report["issues"] if one["level"] == "error")["places"][0]
    assert (place["cell"], place["value"], bool(place["text"])) == ("E10", "天津市", True)
    out = StringIO()
    batch = ImportBatch.objects.get(kind="organisations")
    call_command("intake", undo=batch.pk, organisation=cast.bureau.code, stdout=out)
    assert json.loads(out.getvalue())["counts"]["taken_back"] == 3
    assert Organisation.objects.count() == before


def test_enterprises_of_one_kind(cast: Cast, tmp_path: Path) -> None:
    rows = [ENTERPRISE_HEAD, firm("演示芯片有限公司", 1, 企业类型=None)]
    path = workbooks.csv_file(tmp_path / "企业.csv", rows, "gb18030")
    assert run(path, cast, answer=["category=specialised"])["kind"] == "enterprises"
    assert EnterpriseProfile.objects.get().categories == ["specialised"]
    with pytest.raises(CommandError, match="category"):
        call_command(
            "intake", str(path), organisation=cast.bureau.code, check=True, answer=["category=x"]
        )


def test_experts_admitted_at_once(cast: Cast, tmp_path: Path) -> None:
    path = workbooks.xls(tmp_path / "专家.xls", [EXPERT_HEAD, expert("演示甲")])
    assert run(path, cast, answer=["experts=admitted"])["counts"]["added"] == 1
    assert Expert.objects.get().state == ExpertState.ADMITTED
    again = run(path, cast, answer=["experts=admitted"])
    assert (again["counts"]["added"], again["counts"]["unchanged"]) == (0, 1)


def test_a_file_of_nothing_known_says_what_may_be_loaded(cast: Cast, tmp_path: Path) -> None:
    path = workbooks.xlsx(tmp_path / "别的.xlsx", [["甲", "乙"], ["1", "2"]])
    report = run(path, cast, exits=1)
    assert "Sheet1" in report["problem"]
    assert "申请号" not in report["problem"]
    assert HEAD[0] not in report["problem"]
