"""Heads of lists of organisations, and what their cells look like. Pure.

Lists of the city office, of the bureaus, and the Ministry's list of universities (全国高等学校名单: 学校名称,
学校标识码, 主管部门, 所在地, 办学层次, 备注; title rows, one merged line for each province).
"""

from __future__ import annotations

import re
from typing import Final

from stdnum.cn import uscc

from inventory.importing.table_rows import number_text
from inventory.importing.tables import Head, HeadTable
from portal.text import compact

#: 学校标识码: 10 digits, of which the last five are the school's code; or these five alone
SCHOOL_CODE: Final = re.compile(r"(?:4\d{4})?([1-9]\d{4})")
_COMPANY: Final = re.compile(r"(公司|厂|集团|合伙\)?|事务所|ltd\.?|inc\.?)\)?$")
_OF_PUBLIC_LIFE: Final = re.compile(
    r"(大学|学院|学校|研究院|研究所|科学院|设计院|实验室|医院|卫生院|中心|局|委员会|教委|卫健委|经信局|委|"
    r"协会|学会|联盟|分部|校区|分校|研究总院)(\(.*\))?$"
)


def is_company(text: str) -> bool:
    """Whether a name ends as those of enterprises do."""
    return _COMPANY.search(compact(text)) is not None


def is_public(text: str) -> bool:
    """Whether a name ends as those of institutions, bureaus and associations do."""
    return _OF_PUBLIC_LIFE.search(compact(text)) is not None


def is_credit_code(text: str) -> bool:
    """18 characters with a right check character (GB 32100-2015)."""
    return bool(uscc.is_valid(number_text(text)))


def is_school_code(text: str) -> bool:
    """The long form, which nothing else looks like."""
    key = number_text(text)
    return len(key) == 10 and SCHOOL_CODE.fullmatch(key) is not None


CREDIT_CODE_WORDS: Final = (
    "统一社会信用代码|社会信用代码|统一信用代码|信用代码|社会统一信用代码|工商统一社会信用代码|"
    "统一社会信用代码(18位)|统一代码|credit code|uscc"
)
FORMER_WORDS: Final = (
    "曾用名|原名|原名称|又名|别名|其他名称|更名前名称|曾用名称|历史名称|former names"
)
DISTRICT_WORDS: Final = (
    "所在区|所属区|区|区县|所在区县|属地|所在地|注册地|所在地区|所属区域|注册地址|地址|district"
)
#: people of an organisation are in its own personnel list, not in a list of organisations
CONTACTS: Final = (
    "法定代表人|法人|法人代表|负责人|校长|院长|联系人|联系电话|电话|手机|手机号|邮箱|电子邮箱|传真|"
    "联系方式"
)
OF_OTHER_TABLES: Final = (
    "姓名|专家姓名|申请号|专利号|专利名称|发明名称|申请(专利)号|专利申请号|工号|职工号"
)

ORGANISATIONS: Final = HeadTable(
    heads=(
        Head(
            "name",
            "机构名称|单位名称|学校名称|医院名称|院所名称|高校名称|院校名称|机构|单位|名称|单位全称|机构全称|"
            "学校|部门名称|organisation|name",
            is_public,
        ),
        Head("credit_code", CREDIT_CODE_WORDS, is_credit_code),
        Head(
            "school_code",
            "学校标识码|院校标识码|学校代码|院校代码|高校代码|学校(机构)标识码",
            is_school_code,
        ),
        Head(
            "kind",
            "机构类型|单位类型|机构类别|单位类别|机构性质|单位性质|类型|类别|性质|办学层次|kind",
        ),
        Head("affiliation", "隶属关系|隶属|央地属性|举办者|affiliation"),
        Head(
            "bureau",
            "主管部门|主管单位|上级主管部门|上级单位|归口部门|主管局|行政主管部门|隶属单位|bureau",
        ),
        Head("district", DISTRICT_WORDS),
        Head("former_names", FORMER_WORDS),
        Head("code", "简码|短代码|机构简码|系统代码|code"),
        Head("remark", "备注|说明|办学性质|remark"),
    ),
    needed=frozenset({"name"}),
    unused=f"序号|编号|no.|no|省份|省|市|城市|邮编|网址|简称|英文名称|{CONTACTS}",
    foreign=OF_OTHER_TABLES,
)
