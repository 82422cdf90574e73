"""Lists of enterprises: their heads, and rows → what they say about one enterprise. Pure: no database once made.

The four kinds are those the city's programme names: 国家知识产权优势示范企业, 专精特新中小企业, 高新技术企业,
市知识产权试点优势单位. They stand as words in one column, each in a column of its own, or with the whole list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from evaluation.choices import EnterpriseCategory
from inventory.classification.industries import find_industry
from inventory.importing.organisation_heads import (
    CONTACTS,
    CREDIT_CODE_WORDS,
    DISTRICT_WORDS,
    FORMER_WORDS,
    OF_OTHER_TABLES,
    is_company,
    is_credit_code,
)
from inventory.importing.organisation_rows import OrganisationReader
from inventory.importing.tables import Head, HeadTable
from portal.intake.registry import Subject
from portal.text import compact

#: columns that say one kind each, by field; what stands in them is 是, √ or the number of a certificate
FLAGS: Final[Mapping[str, EnterpriseCategory]] = {
    f"is_{category}": category for category in EnterpriseCategory
}

ENTERPRISES: Final = HeadTable(
    heads=(
        Head(
            "name",
            "企业名称|公司名称|企业全称|企业|公司|申报单位|申报企业|单位名称|单位全称|名称|单位|enterprise|name",
            is_company,
        ),
        Head("credit_code", CREDIT_CODE_WORDS, is_credit_code),
        Head(
            "categories",
            "企业类型|企业类别|资质类型|企业资质|资质|称号|荣誉称号|认定类型|认定类别|企业性质|类别|类型|category",
        ),
        Head(
            "is_demonstration",
            "优势示范企业|国家知识产权优势示范企业|知识产权优势示范企业|国家知识产权优势企业|国家知识产权示范企业",
        ),
        Head(
            "is_specialised",
            "专精特新|专精特新企业|专精特新中小企业|专精特新小巨人|专精特新“小巨人”企业|是否专精特新",
        ),
        Head(
            "is_high_tech",
            "高新技术企业|国家高新技术企业|高企|是否高新技术企业|高新技术企业证书编号|是否高企",
        ),
        Head(
            "is_city_pilot",
            "市试点优势单位|市知识产权试点优势单位|知识产权试点单位|市知识产权试点单位|试点优势单位",
        ),
        Head(
            "sections",
            "国民经济行业|行业门类|所属行业|行业|行业分类|国民经济行业分类|行业代码|所属国民经济行业|"
            "所属行业门类|主营行业|industry",
        ),
        Head("district", DISTRICT_WORDS),
        Head("former_names", FORMER_WORDS),
    ),
    needed=frozenset({"name"}),
    unused=(
        "序号|编号|no.|no|备注|说明|证书编号|发证日期|有效期|批次|认定年度|认定批次|认定时间|主营产品|主营业务|"
        f"注册资本|成立日期|规模|企业规模|上市情况|{CONTACTS}"
    ),
    foreign=(
        f"{OF_OTHER_TABLES}|学校名称|医院名称|院所名称|高校名称|学校标识码|办学层次|主管部门|隶属关系"
    ),
)

_PARTS: Final = re.compile(r"[;；、,，|｜/+\n]+")
#: the first that a part holds counts; 市…优势单位 must come before 优势
_CATEGORY_WORDS: Final = (
    (EnterpriseCategory.CITY_PILOT, r"试点|市级.*(优势|示范)|^市.*优势单位"),
    (EnterpriseCategory.SPECIALISED, r"专精特新|小巨人|单项冠军"),
    (EnterpriseCategory.HIGH_TECH, r"高新|高企"),
    (EnterpriseCategory.DEMONSTRATION, r"优势|示范"),
)
_NO: Final = re.compile(r"(否|不是|没有|×|✗|x|0|n|no|false)")


class EnterpriseReader(OrganisationReader):
    """One row, one enterprise."""

    def more(self, subject: Subject, texts: Mapping[str, str]) -> None:
        """Kinds and industry sections."""
        found = {
            FLAGS[field]
            for field in FLAGS.keys() & texts.keys()
            if texts[field] and not _NO.fullmatch(compact(texts[field]))
        }
        for part in filter(None, map(str.strip, _PARTS.split(texts.get("categories", "")))):
            category = category_of(part)
            if category is None:
                self.note(subject, "categories", "category_unknown", value=part[:60])
            else:
                found.add(category)
        subject.values["categories"] = sorted(map(str, found))
        self._sections(subject, texts.get("sections", ""))

    def _sections(self, subject: Subject, text: str) -> None:
        """门类 of the industries named: letter, name, or a deeper code or name of GB/T 4754-2017."""
        whole = find_industry(text) if text else None
        parts = (
            [text] if whole else list(filter(None, map(str.strip, re.split(r"[;；|｜\n]+", text))))
        )
        sections = set()
        for part in parts:
            industry = find_industry(part)
            if industry is None:
                self.note(subject, "sections", "industry_unknown", value=part[:60])
            else:
                sections.add(industry.section)
        subject.values["sections"] = sorted(sections)


def category_of(text: str) -> EnterpriseCategory | None:
    """The kind a word means; None for words nobody knows."""
    key = compact(text)
    if key in EnterpriseCategory.values:
        return EnterpriseCategory(key)
    return next((kind for kind, words in _CATEGORY_WORDS if re.search(words, key)), None)
