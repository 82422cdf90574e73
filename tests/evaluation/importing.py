"""Rows of lists of enterprises and experts for tests."""

from __future__ import annotations

from typing import Any

from tests import factories

ENTERPRISE_HEAD = ("企业名称", "统一社会信用代码", "企业类型", "所属行业", "所在区", "曾用名")
EXPERT_HEAD = (
    "姓名",
    "工作单位",
    "职务职称",
    "学历专业",
    "从事技术领域",
    "熟悉的产品",
    "从业年限",
    "代表成果",
    "推荐单位",
    "联系方式",
    "回避单位",
    "聘期",
)


def firm(name: str, number: int | str | None, **more: Any) -> list[Any]:
    """A row of a list of enterprises."""
    code = factories.credit_code(800_000 + number) if isinstance(number, int) else number
    values = {
        "企业名称": name,
        "统一社会信用代码": code,
        "企业类型": "高新技术企业",
        "所属行业": "C35 专用设备制造业",
        "所在区": "海淀区",
        "曾用名": None,
        **more,
    }
    return [values[head] for head in ENTERPRISE_HEAD]


def expert(name: str, phone: Any = "13800001111", **more: Any) -> list[Any]:
    """A row of a list of experts."""
    values = {
        "姓名": name,
        "工作单位": "演示企业有限公司",
        "职务职称": "总工程师",
        "学历专业": "硕士、材料学",
        "从事技术领域": "H01L、人工智能",
        "熟悉的产品": "功率器件",
        "从业年限": "15年",
        "代表成果": "发明专利3件",
        "推荐单位": "演示企业有限公司",
        "联系方式": phone,
        "回避单位": "演示第一大学",
        "聘期": "2024.1-2026.12",
        **more,
    }
    return [values[head] for head in EXPERT_HEAD]
