"""The small city of the campaign year: who lives in it, which patents it holds, and the files its people bring.

Every name is made up. Patent numbers begin at a serial that no real patent has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser

from inventory import numbers
from portal import clock
from portal.choices import OrganisationKind, Role
from portal.models import Membership, Organisation, Unit
from tests import factories
from tests.browser.conftest import Visitor

MATERIALS, MACHINES = "材料科学与工程学院", "机械工程学院"
# title, class code, unit, inventors
PATENTS: tuple[tuple[str, str, str, str], ...] = (
    ("一种高温合金涂层及其制备方法", "C23C 4/06", MATERIALS, "苏明远;陆思齐"),
    ("一种锂离子电池负极材料", "H01M 4/36", MATERIALS, "苏明远"),
    ("一种石墨烯导热膜的制备方法", "C01B 32/184", MATERIALS, "苏明远;顾清和"),
    ("一种生物可降解镁合金骨钉", "A61L 27/04", MATERIALS, "苏明远"),
    ("一种耐腐蚀铝合金板材", "C22C 21/08", MATERIALS, "陆思齐"),
    ("一种陶瓷基复合材料的烧结装置", "C04B 35/64", MATERIALS, "陆思齐;苏明远"),
    ("一种钙钛矿太阳能电池的封装结构", "H01L 51/44", MATERIALS, "陆思齐"),
    ("一种多孔金属过滤元件", "B22F 3/11", MATERIALS, "沈若谷"),
    ("一种磁性吸附剂及其应用", "B01J 20/06", MATERIALS, "沈若谷;顾清和"),
    ("一种自修复高分子涂料", "C09D 5/08", MATERIALS, "叶知秋"),
    ("一种纤维增强水泥板", "C04B 28/04", MATERIALS, "顾清和"),
    ("一种谐波减速器的柔轮结构", "F16H 49/00", MACHINES, "程致远"),
    ("一种六自由度并联机床", "B23Q 1/54", MACHINES, "程致远"),
    ("一种管道检测机器人", "F16L 55/32", MACHINES, "江一帆"),
    ("一种数控机床主轴热误差补偿方法", "G05B 19/404", MACHINES, "江一帆"),
)
ABSTRACT = (
    "本发明公开了{title}。与现有技术相比，本发明结构简单，制造成本降低30%，使用寿命延长一倍，"
    "可广泛应用于装备制造和新材料领域。"
)
CLAIM = "{title}，其特征在于，包括基体和设置在基体上的功能层，所述功能层的厚度为50微米至200微米。"
# name, staff number, unit, category
STAFF = (
    ("苏明远", "YL0101", MATERIALS, "教师"),
    ("陆思齐", "YL0102", MATERIALS, "教师"),
    ("顾清和", "YL0103", MATERIALS, "教师"),
    ("沈若谷", "YL0104", MATERIALS, "教师"),
    ("叶知秋", "YL0105", MATERIALS, "教师"),
    ("程致远", "YL0201", MACHINES, "教师"),
    ("江一帆", "YL0202", MACHINES, "教师"),
)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
# like the rows of a real list: the day of filing and the day of the grant
FILED, GRANTED = "2018-03-06", "2020-05-08"


@dataclass
class City:
    """Who is there before the year begins."""

    bureau: Organisation
    university: Organisation
    materials: Unit
    machines: Unit
    official: Membership
    manager: Membership
    second_manager: Membership
    secretary: Membership

    def person(self, name: str) -> Membership:
        """Somebody who came by the personnel list."""
        return Membership.objects.select_related("user").get(user__name=name)


def build_city() -> City:
    """Sign up the officials and the university; patents, inventors and campaigns come in the browser."""
    bureau = factories.organisation(OrganisationKind.LEAD_BUREAU, name="云岭市知识产权局")
    university = factories.organisation(name="云岭理工大学")
    materials = factories.unit(university, name=MATERIALS)
    machines = factories.unit(university, name=MACHINES)

    def person(name: str, role: str, organisation: Organisation, **more: Any) -> Membership:
        return factories.membership(role, organisation, user=factories.user(name=name), **more)

    manager = Role.INSTITUTION_MANAGER
    return City(
        bureau=bureau,
        university=university,
        materials=materials,
        machines=machines,
        official=person("贺安之", Role.CITY_OFFICIAL, bureau),
        manager=person("杜仲明", manager, university),
        second_manager=person("白云舒", manager, university),
        secretary=person("姚静宜", Role.UNIT_MANAGER, university, unit=materials),
    )


def number_of(index: int) -> Any:
    """The application number of the patent at a place of PATENTS."""
    return numbers.make_number(2018, 1, 9_300_001 + index)


def shown_number(title: str) -> str:
    """The application number of a patent as people write it."""
    titles = [each[0] for each in PATENTS]
    return numbers.display(number_of(titles.index(title)))


def _save(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def base_list(folder: Path, holder: str) -> Path:
    """The list the university pulled from a vendor, with the units it added itself."""
    head = (
        "申请号",
        "专利名称",
        "专利权人",
        "发明人",
        "申请日",
        "授权公告日",
        "专利类型",
        "主分类号",
        "所属学院",
    )
    rows = [
        (
            numbers.display(number_of(i)),
            title,
            holder,
            people,
            FILED,
            GRANTED,
            "发明专利",
            code,
            unit,
        )
        for i, (title, code, unit, people) in enumerate(PATENTS)
    ]
    more = [(ABSTRACT.format(title=row[1]), CLAIM.format(title=row[1]), "有效") for row in rows]
    full = [(*row, *tail) for row, tail in zip(rows, more, strict=True)]
    return _save(folder / "存量专利清单.xlsx", [(*head, "摘要", "主权项", "专利有效性"), *full])


def personnel_list(folder: Path, gone: Sequence[str] = ()) -> Path:
    """The list of the staff office; `gone` have left by it."""
    rows = [(*row[:3], "离职" if row[0] in gone else row[3]) for row in STAFF]
    name = "教职工名册（秋季）.xlsx" if gone else "教职工名册.xlsx"
    return _save(folder / name, [("姓名", "工号", "所属学院", "人员类别"), *rows])


def platform_answer(folder: Path, answers: Sequence[tuple[str, str]]) -> Path:
    """What the national platform sends back: application number and message, empty where it took the row."""
    rows = [(number, "失败" if message else "成功", message or None) for number, message in answers]
    return _save(folder / "国家平台反馈.xlsx", [("申请号", "导入状态", "错误信息"), *rows])


def page_file(folder: Path, name: str) -> Path:
    """A small PDF: a plan, a scan."""
    path = folder / name
    path.write_bytes(PDF + name.encode())
    return path


class MovedClock:
    """The clock of every thread at once: the year goes by while the server and its worker run."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def get(self) -> datetime | None:
        return datetime.now(tz=UTC) + self.ahead if self.ahead else None

    def to(self, day: date) -> None:
        """Go on to a day; the time of the day stays."""
        self.ahead += day - clock.today()


class House:
    """The people at their browsers: a window for each, opened when somebody is needed."""

    def __init__(self, chromium: Browser, address: str, width: int) -> None:
        self.chromium, self.address, self.width = chromium, address, width
        self.windows: dict[int, Visitor] = {}

    def __call__(self, membership: Membership) -> Visitor:
        """The window of a person, signed in."""
        if membership.pk not in self.windows:
            visitor = self.stranger()
            visitor.sign_in(membership)
            self.windows[membership.pk] = visitor
        return self.windows[membership.pk]

    def stranger(self) -> Visitor:
        """A window of somebody who has not signed in."""
        context = self.chromium.new_context(
            locale="zh-CN",
            viewport={"width": self.width, "height": 900},
            accept_downloads=True,
        )
        visitor = Visitor(context.new_page(), self.address)
        visitor.page.set_default_timeout(15_000)
        return visitor

    def join(self, membership: Membership, visitor: Visitor) -> None:
        """Keep the window of somebody who signed in by an invitation."""
        self.windows[membership.pk] = visitor

    def close(self) -> None:
        """Everybody goes home; after a jump of the clock they sign in anew."""
        for visitor in self.windows.values():
            visitor.page.context.close()
        self.windows.clear()


@contextmanager
def moved_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[MovedClock]:
    moved = MovedClock()
    monkeypatch.setattr(clock, "_frozen_moment", moved)
    yield moved
