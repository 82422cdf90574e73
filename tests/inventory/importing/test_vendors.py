"""Vendors' exports: whose layout it is and how certain, on the page of columns and in the command's JSON."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from inventory.importing.vendors import Layout, layout_of
from portal.choices import ImportState
from tests import workbooks
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD, upload
from tests.inventory.importing.test_base_import import row

__all__ = ["upload"]
#: what stands in a cell under a head, by the field of tests' own base list
CELLS = {
    "申请号": "申请号",
    "申请（专利）号": "申请号",
    "名称": "专利名称",
    "专利名称": "专利名称",
    "发明名称": "专利名称",
    "标题": "专利名称",
    "Title-题名": "专利名称",
    "专利类型": "专利类型",
    "申请日": "申请日",
    "申请日期": "申请日",
    "授权公告日": "授权公告日",
    "授权日": "授权公告日",
    "颁证日": "授权公告日",
    "申请（专利权）人": "专利权人",
    "申请人/专利权人": "专利权人",
    "专利权人": "专利权人",
    "[标]当前申请(专利权)人": "专利权人",
    "当前权利人": "专利权人",
    "当前专利权人": "专利权人",
    "Applicant-申请人": "专利权人",
    "发明人": "发明人",
    "发明（设计）人": "发明人",
    "Author-作者": "发明人",
}
#: heads of one file of each vendor, as its exports have them
FILES = {
    "cnipr": (
        "申请号|名称|主分类号|分类号|申请（专利权）人|发明（设计）人|公开（公告）日|公开（公告）号|专利代理机构|"
        "代理人|申请日|地址|优先权|国省代码|摘要|主权项|专利号|颁证日|专利类型"
    ),
    "pss": (
        "申请号|申请日|公开（公告）号|申请公布日/授权公告日|发明名称|IPC分类号|申请人/专利权人|发明人|优先权号|"
        "优先权日|申请人/专利权人地址|申请人/专利权人所在国代码|代理人|代理机构|外观设计洛迦诺分类号|法律状态|"
        "专利类型|授权公告日"
    ),
    "epub": (
        "授权公告号|授权公告日|申请号|申请日|专利权人|发明人|地址|Int.Cl.|专利代理机构|代理人|摘要|专利名称|专利类型"
    ),
    "patsnap": (
        "公开(公告)号|标题|标题(译)(简体中文)|摘要(译)(简体中文)|[标]当前申请(专利权)人|[标]原始申请(专利权)人|"
        "发明人|申请号|申请日|公开(公告)日|授权日|IPC分类号|法律状态/事件|简单法律状态|专利类型"
    ),
    "incopat": (
        "标题|标题 (中文)|摘要 (中文)|申请人|标准化申请人|当前权利人|发明人|申请号|申请日|公开（公告）号|"
        "公开（公告）日|授权公告日|IPC主分类|IPC|专利有效性|当前法律状态|新兴产业分类|合享价值度|链接到incoPat|"
        "专利类型"
    ),
    "innojoy": (
        "名称|申请号|申请日|公开(公告)号|公开(公告)日|授权公告日|标准申请人|当前专利权人|发明(设计)人|IPC分类号|"
        "有效性|法律状态履历|GBC分类号|EINDC分类号|DPI|专利类型"
    ),
    "cnki": (
        "SrcDatabase-来源库|Title-题名|Author-作者|Applicant-申请人|申请号|申请日|PubNo-公开号|PubTime-公开日期|"
        "Summary-摘要|Claims-主权项|CLC-中图分类号|CountryName-国省名称|授权公告日|专利类型"
    ),
    "wanfang": (
        "专利名称|专利类型|申请（专利）号|申请日期|公开（公告）日|公开（公告）号|主分类号|分类号|申请（专利权）人|"
        "发明（设计）人|主申请人地址|专利代理机构|代理人|国别省市代码|主权项|摘要|授权公告日"
    ),
}


def rows_of(vendor: str, count: int = 3) -> list[list[Any]]:
    heads = FILES[vendor].split("|")
    own = [dict(zip(HEAD, row(n), strict=True)) for n in range(1, count + 1)]
    return [heads, *([one.get(CELLS.get(head, ""), None) for head in heads] for one in own)]


@pytest.mark.parametrize("vendor", FILES)
def test_each_vendor_is_told_by_its_heads(vendor: str) -> None:
    found = layout_of(FILES[vendor].split("|"))
    assert found.vendor == vendor
    assert found.confidence >= 60
    # own columns of an institution make it less certain, not another one
    mixed = layout_of([*FILES[vendor].split("|"), "所属学院", "备注", "内部编号", "负责人"])
    assert (mixed.vendor, mixed.confidence < found.confidence) == (vendor, True)


def test_lists_made_by_hand_are_nobodys() -> None:
    assert layout_of(HEAD) == Layout()
    assert layout_of(["序号", "申请号", "专利名称", "申请日", "所属学院"]) == Layout()
    assert layout_of([]) == Layout()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("vendor", FILES)
def test_one_file_of_each_is_read_and_named_by_the_command(
    cast: Cast, tmp_path: Path, vendor: str
) -> None:
    path = workbooks.xlsx(tmp_path / f"{vendor}.xlsx", rows_of(vendor))
    out = StringIO()
    call_command("intake", str(path), organisation=cast.university.code, check=True, stdout=out)
    report = json.loads(out.getvalue())
    assert (report["kind"], report["counts"]["added"]) == ("base", 3), report
    layout = report["layout"]
    assert (layout["code"], layout["confidence"] >= 60, bool(layout["name"])) == (
        vendor,
        True,
        True,
    )


@pytest.mark.django_db(transaction=True)
def test_the_page_of_columns_names_the_vendor(cast: Cast, upload: Any, client_of: Any) -> None:
    rows = rows_of("patsnap")
    unknown = [[*rows[0], "内部标记"], *([*one, "甲"] for one in rows[1:])]
    batch = upload(cast.manager, unknown)
    assert batch.state == ImportState.MAPPING
    page = client_of(cast.manager).get(reverse("portal:import-columns", args=[batch.pk]))
    text = page.content.decode()
    assert "PatSnap" in text
    assert f"{batch.layout_confidence}%" in text
