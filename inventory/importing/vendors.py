"""Whose export a table is, told by its heads. Pure.

Every database has heads that no other one writes (`telling`) and heads it shares with others (`usual`). Without a
telling head nobody is named: lists made by hand use the shared ones. The name helps a person to check the columns and
to find the right export; which column holds what is decided by `headers` alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.importing.headers import header_key

#: so many telling heads leave no doubt; fewer count in proportion
ENOUGH: Final = 3


@dataclass(frozen=True)
class Vendor:
    """A database and the heads of its exports, parted by |."""

    code: str
    name: str | Promise
    telling: str
    usual: str

    @cached_property
    def telling_keys(self) -> frozenset[str]:
        return frozenset(map(header_key, self.telling.split("|")))

    @cached_property
    def keys(self) -> frozenset[str]:
        return self.telling_keys | set(map(header_key, self.usual.split("|")))


@dataclass(frozen=True)
class Layout:
    """A vendor by its code, "" for none, and how certain that is (0 to 100)."""

    vendor: str = ""
    confidence: int = 0


VENDORS: Final = (
    Vendor(
        "cnipr",
        _("CNIPR / TRS export"),
        "颁证日|合并申请人|专利权状态|专利权状态代码|同族专利项",
        "申请号|公开（公告）号|公开（公告）日|专利号|名称|摘要|主权项|申请（专利权）人|发明（设计）人|申请日|"
        "主分类号|分类号|专利代理机构|代理人|地址|国省代码|法律状态|优先权|专利类型|国际申请|国际公布|引证文献",
    ),
    Vendor(
        "pss",
        _("CNIPA patent search and analysis (PSS)"),
        "申请公布日/授权公告日|申请人/专利权人|法律状态最后修改日期|申请人/专利权人所在国代码|外观设计洛迦诺分类号",
        "申请号|申请日|公开（公告）号|公开（公告）日|公布号|发明名称|专利名称|申请（专利权）人|发明人|IPC分类号|"
        "CPC分类号|优先权号|优先权日|代理人|代理机构|申请人地址|申请人/专利权人地址|邮编|摘要|法律状态|专利类型",
    ),
    Vendor(
        "epub",
        _("CNIPA gazette pages (EPUB)"),
        "申请公布号|申请公布日|授权公告号|LOC Cl.|Int.Cl.",
        "申请号|申请日|授权公告日|申请人|专利权人|发明人|设计人|地址|分类号|专利代理机构|代理人|摘要|简要说明|"
        "专利名称|名称|发明名称|公布号|申请（专利）号|优先权|专利类型",
    ),
    Vendor(
        "patsnap",
        _("PatSnap export (智慧芽)"),
        "当前申请(专利权)人|原始申请(专利权)人|Docdb申请(专利权)人|标题(译)(简体中文)|标题(译)(English)|"
        "Patsnap专利标题|摘要(译)(简体中文)|法律状态/事件|简单法律状态|国民经济行业分类号|当前申请(专利权)人州/省|"
        "当前申请(专利权)人地市|当前申请(专利权)人区县",
        "公开(公告)号|标题|发明人|申请号|申请日|公开(公告)日|授权日|申请年|IPC分类号|IPC主分类号|IPC主分类号(小类)|"
        "LOC分类号|CPC分类号|战略新兴产业分类|简单同族|被引用专利数量|预估到期日|专利类型|代理机构|摘要",
    ),
    Vendor(
        "incopat",
        _("incoPat export (合享)"),
        "标题(小语种原文)|首权翻译|首项权利要求|标准化申请人|标准化当前权利人|当前权利人|当前发明人名称|专利有效性|"
        "新兴产业分类|合享价值度|链接到incoPat|中国申请人地市|中国申请人区县|申请人省市代码|首次公开日|"
        "工商统一社会信用代码",
        "标题|标题(中文)|标题(翻译)|摘要(中文)|摘要(翻译)|摘要|独立权利要求|申请人|第一申请人|第一发明人|发明人|"
        "申请号|申请日|公开（公告）号|公开（公告）日|授权公告日|IPC主分类|IPC|洛迦诺分类号|公开类型|当前法律状态|"
        "国民经济分类|转让次数|许可次数|质押次数|受让人|被许可人|质权人|被引证次数|简单同族|扩展同族|专利类型|失效日",
    ),
    Vendor(
        "innojoy",
        _("Innojoy export (大为)"),
        "名称中|名称英|名称日|名称OL|标准申请人|标准当前专利权人|法律状态履历|GBC分类号|GBC门类|GBC大类|GBC中类|"
        "GBC小类|EINDC分类号|DPI|申请人(省市)|申请人(地市)|申请人(区县)",
        "名称|主申请人|主发明人|当前专利权人|申请(专利权)人|发明(设计)人|主权项|摘要|申请号|申请日|申请年|"
        "IPC主分类号|IPC分类号|LOC分类号|公开类型|当前法律状态|有效性|国省代码|授权公告日|公开(公告)号|公开(公告)日|"
        "失效日|专利类型|地址",
    ),
    Vendor(
        "cnki",
        _("CNKI export (知网)"),
        "Title-题名|Author-作者|Applicant-申请人|PubNo-公开号|PubTime-公开日期|Summary-摘要|Claims-主权项|"
        "CLC-中图分类号|CountryName-国省名称|SrcDatabase-来源库",
        "申请号|申请日|发明人|申请人",
    ),
    Vendor(
        "wanfang",
        _("Wanfang export (万方)"),
        "国别省市代码|审定公告日",
        "专利名称|专利类型|申请（专利）号|申请号|申请日|申请日期|公开（公告）日|公开（公告）号|主分类号|分类号|"
        "申请（专利权）人|发明（设计）人|主申请人地址|专利代理机构|代理人|主权项|摘要|法律状态|授权公告日",
    ),
)
NAMES: Final = {vendor.code: vendor.name for vendor in VENDORS}


def layout_of(headings: Iterable[str]) -> Layout:
    """Whose export has these heads: half by the number of telling ones, half by the share that is the vendor's."""
    keys = {header_key(heading) for heading in headings if heading.strip()}
    best = Layout()
    for vendor in VENDORS:
        telling = len(keys & vendor.telling_keys)
        if not telling:
            continue
        known = len(keys & vendor.keys) / len(keys)
        confidence = round(50 * min(1.0, telling / ENOUGH) + 50 * known)
        if confidence > best.confidence:
            best = Layout(vendor.code, confidence)
    return best
