"""Industries and kinds of the enterprises of the demonstration city, its expert pool, and lists to try imports with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import xlsxwriter

from evaluation.choices import EnterpriseCategory, ExpertState
from evaluation.models import EnterpriseProfile, Expert
from evaluation.models.experts import identity_of
from portal.choices import OrganisationKind
from portal.demo.city import City, add_files
from portal.demo.names import credit_code, person_name
from portal.models import Organisation
from portal.text import pinyin_key

#: industry sections (门类) that occur often in a city pool: manufacturing, software, research, health
SECTIONS = ("C", "I", "M", "Q")
EXPERTS: Final = 12
FIELDS: Final = ("H01L", "A61K", "G06N", "1.2", "1.5", "3.1", "4.1")
ORGANISATION_HEAD: Final = (
    "序号",
    "单位名称",
    "统一社会信用代码",
    "机构类型",
    "主管部门",
    "隶属关系",
    "所在区",
    "曾用名",
)
ENTERPRISE_HEAD: Final = ("序号", "企业名称", "统一社会信用代码", "所属行业", "注册地址")
EXPERT_HEAD: Final = (
    "序号",
    "姓名",
    "工作单位",
    "职务",
    "职称",
    "从事技术领域",
    "从业年限",
    "手机号",
    "推荐单位",
    "聘期",
)


def add_profiles(city: City) -> None:
    """One profile for each enterprise but the last, so that both kinds of catalogue can be seen."""
    random = Random(city.seed)
    enterprises = list(
        Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE).order_by("code")
    )
    EnterpriseProfile.objects.bulk_create(
        EnterpriseProfile(
            organisation=enterprise,
            categories=[random.choice(EnterpriseCategory.values)],
            sections=sorted(random.sample(SECTIONS, k=2)),
        )
        for enterprise in enterprises[:-1]
    )


def add_experts(city: City) -> None:
    """Experts of the city's enterprises, recommended, admitted and one removed."""
    random = Random(city.seed + 5)
    firms = list(Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE).order_by("code"))
    if not firms:
        return
    states = [ExpertState.ADMITTED] * 7 + [ExpertState.RECOMMENDED] * 4 + [ExpertState.REMOVED]
    made = []
    for number, state in enumerate(states[:EXPERTS]):
        firm, name, phone = random.choice(firms), person_name(random), f"139{number:08d}"
        expert = Expert(
            name=name,
            name_key=pinyin_key(name, person=True),
            employer=firm.name,
            organisation=firm,
            recommender=firm.name,
            recommended_by=firm,
            position=random.choice(("总工程师", "技术总监", "高级工程师")),
            technical_fields=sorted(random.sample(FIELDS, k=2)),
            years=random.randint(5, 30),
            phone=phone,
            state=state,
            identity=identity_of(name, firm.name, phone),
        )
        if state == ExpertState.ADMITTED:
            expert.term_from = city.today - timedelta(days=random.randint(100, 900))
            expert.term_until = expert.term_from + timedelta(days=730)
        made.append(expert)
    Expert.objects.bulk_create(made)


def write_lists(city: City) -> None:
    """What the city office loads, each list with a mistake or two."""
    if city.folder is None:
        return
    for name, title, head, rows in (
        ("机构名单.xlsx", "参加盘活行动单位名单（演示）", ORGANISATION_HEAD, _organisations()),
        ("企业名单_专精特新.xlsx", "专精特新企业名单（演示）", ENTERPRISE_HEAD, _enterprises()),
        ("专家推荐表.xlsx", "专利评价专家推荐汇总表（演示）", EXPERT_HEAD, _experts()),
    ):
        _write(city.folder / name, title, head, rows)
        city.files.append((city.folder / name, "list of the city office, with mistakes"))


def _code(number: int) -> str:
    """A made-up code that no organisation of the city has."""
    return credit_code("12119900", number)


def _organisations() -> list[list[Any]]:
    return [
        ["演示新材料学院", _code(1), "高校", "北京市教委", "市属", "海淀区", "演示建材学院"],
        ["演示精密测量研究所", _code(2), "科研院所", None, "部属", "朝阳区", None],
        ["演示第九医院", _code(3), None, "北京市卫健委", "市属", "东城区", None],
        ["演示校验位有误大学", _code(4)[:-1] + "?", "高校", None, "市属", "西城区", None],
        ["演示类型不明单位", _code(5), "外星基地", None, None, "丰台区", None],
    ]


def _enterprises() -> list[list[Any]]:
    return [
        ["演示传感器股份有限公司", _code(11), "C40 仪器仪表制造业", "北京市海淀区上地"],
        ["演示云计算有限公司", _code(12), "I", "亦庄"],
        ["演示代码缺位有限公司", _code(13)[:-1], "制造业", "昌平区"],
    ]


def _experts() -> list[list[Any]]:
    firm = "演示传感器股份有限公司"
    term = "2024.1-2026.12"
    return [
        [
            "演示甲",
            firm,
            "总工",
            "正高级工程师",
            "H01L、人工智能",
            "15年",
            "13800000001",
            firm,
            term,
        ],
        ["演示乙", firm, "总监", "高级工程师", "新材料产业", "8", "13800000002", firm, "三年"],
        ["演示丙", firm, None, "研究员", "A61K", "20", "1380000", firm, term],
    ]


def _write(path: Path, title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A workbook with a merged title and the head in the third row."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("名单")
    sheet.merge_range(0, 0, 0, len(head) - 1, title)
    sheet.write_row(2, 0, head)
    for line, row in enumerate(rows, 1):
        sheet.write_row(line + 2, 0, [line, *row])
    book.close()


for part in (add_profiles, add_experts, write_lists):
    add_files(part)
