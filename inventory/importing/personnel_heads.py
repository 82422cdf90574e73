"""Heads of personnel lists (批量导入用户模板 and what institutions' staff systems export). Pure.

The account template names 姓名, 手机号, 邮箱, 性别. 性别 and identity numbers are known and never taken: nothing here
needs them (PIPL art. 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from inventory.importing.headers import header_key

SEARCHED_ROWS: Final = 30

#: field → its heads, the best first
HEADS: Final = {
    "name": "姓名|教师姓名|职工姓名|人员姓名|用户姓名|教职工姓名|发明人姓名|第一发明人姓名|真实姓名|名字|"
    "name|full name",
    "phone": "手机号|手机号码|手机|联系电话|移动电话|电话|联系方式|电话号码|phone|mobile",
    "email": "邮箱|电子邮箱|电子邮件|邮箱地址|邮件|e-mail|email|mail",
    "staff_number": "工号|职工号|教工号|教职工号|人员编号|职工编号|学号|工号/学号|学工号|学/工号|员工编号|staff number",
    "unit": "学院/部门|所属学院|学院|院系|所属院系|部门|所属部门|所在部门|单位|所在单位|所属单位|二级单位|科室|"
    "所在科室|研究室|所在学院|所在学院(部门)|单位名称|部门名称|unit|department",
    "title": "职称|专业技术职务|技术职称|职称名称|专业技术职称|title",
    "category": "人员类别|人员类型|类别|人员状态|在职状态|在岗状态|用户类别|身份|category",
}
#: known, and never stored
NOT_STORED: Final = (
    "性别|身份证号|身份证号码|证件号|证件号码|出生日期|出生年月|年龄|民族|政治面貌|籍贯|gender|sex"
)
#: known, and of no use here
UNUSED: Final = (
    "序号|编号|备注|no.|no|学历|学位|职务|入职时间|来校时间|岗位|办公地点|账号|用户名|登录名|重名"
)
OF_PATENTS: Final = "申请号|专利号|专利名称|发明名称|申请(专利)号|专利申请号"

REASONS: Final[dict[str, Any]] = {
    "header": _("The heading names this field."),
    "not_stored": _("Known, and never stored: nothing here needs it."),
    "not_imported": _("Known, and not taken into the personnel list."),
    "twice": _("Another column holds the same."),
}


@dataclass(frozen=True)
class HeadRow:
    """Where the head is (index of its last row) and what its columns hold: index → (heading, field, reason)."""

    index: int
    columns: dict[int, tuple[str, str, str]]

    @property
    def fields(self) -> set[str]:
        return {field for _heading, field, _reason in self.columns.values() if field}


def _keys(heads: str) -> list[str]:
    return [header_key(head) for head in heads.split("|")]


_FIELD_OF: Final = {key: field for field, heads in HEADS.items() for key in _keys(heads)}
_NOT_STORED: Final = frozenset(_keys(NOT_STORED))
_UNUSED: Final = frozenset(_keys(UNUSED))
_OF_PATENTS: Final = frozenset(_keys(OF_PATENTS))


def find_head(rows: Sequence[Sequence[str]]) -> HeadRow | None:
    """The head among the first rows: the one that names most; None without a name column, or in a list of patents."""
    best: HeadRow | None = None
    for index, row in enumerate(rows[:SEARCHED_ROWS]):
        found = HeadRow(index, _columns(row))
        if "name" not in found.fields or len(found.fields) < 2:
            continue
        if any(header_key(cell) in _OF_PATENTS for cell in row):
            return None
        if best is None or len(found.fields) > len(best.fields):
            best = found
    return best


def _columns(row: Sequence[str]) -> dict[int, tuple[str, str, str]]:
    """What each filled head says: (heading, field or '', reason; 'unknown' for what nobody knows)."""
    found: dict[int, tuple[str, str, str]] = {}
    seen: set[str] = set()
    for index, cell in enumerate(row):
        if not cell.strip():
            continue
        key = header_key(cell)
        field = _FIELD_OF.get(key, "")
        if field and field not in seen:
            seen.add(field)
            found[index] = (cell, field, "header")
        elif field:
            found[index] = (cell, "", "twice")
        elif key in _NOT_STORED:
            found[index] = (cell, "", "not_stored")
        else:
            found[index] = (cell, "", "not_imported" if key in _UNUSED else "unknown")
    return found
