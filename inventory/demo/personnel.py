"""The personnel list of the first institution, with what real ones have: namesakes, students, people who have gone."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any, Final

import xlsxwriter

from inventory.models import PatentInventor
from portal.demo.city import City, Institution, Person
from portal.demo.names import person_name
from portal.models import Membership, StaffMember
from portal.text import pinyin_key

TITLES: Final = ("教授", "副教授", "讲师", "研究员", "副研究员", "高级工程师", "")
LISTED: Final = 60
#: of the first inventors without an account, so many are students, and so many have a namesake
STUDENTS, NAMESAKES, LEAVERS = 12, 6, 4
HEADS: Final = (
    "序号", "姓　名", "职工号", "所在单位", "专业技术职务", "人员类别", "联系电话", "电子邮箱", "性别",
)  # fmt: skip


def add_personnel(city: City) -> None:
    """Fill the list of the first institution and write a list to try the import with; same seed, same people."""
    if not city.patents:
        return
    random = Random(city.seed + 2)
    first = city.institutions[0]
    _add_list(first, random, {person.user_id for person in city.cast.values()})
    if city.folder is not None:
        path = city.folder / f"人员名册_{first.name}.xlsx"
        _write_workbook(path, first, random)
        city.files.append((path, "personnel list with titles, floats, a namesake and mistakes"))


def _add_list(institution: Institution, random: Random, cast: set[int]) -> None:
    """Everybody with an account, students and namesakes among the inventors, and a few who retired."""
    people = [person for unit in institution.units for person in unit.staff]
    known = {person.name for person in people}
    strangers = _inventors_without_account(institution, known)
    units = cycle(unit.id for unit in institution.units)
    numbers = iter(range(100001, 999999))
    staying = [one.user_id for one in people if one.is_active and one.user_id not in cast]
    leaving = set(staying[5 : 5 + LEAVERS])
    made = [_member(institution, person, numbers, random, leaving) for person in people]
    made += [
        _stranger(institution, name, next(units), next(numbers), category)
        for name, category in [(n, "student") for n in strangers[:STUDENTS]]
    ]
    made += [
        _stranger(institution, person.name, next(units), next(numbers), "teacher")
        for person in people[:NAMESAKES]
    ]
    made += [
        _stranger(institution, name, next(units), next(numbers), "teacher")
        for name in strangers[STUDENTS : STUDENTS * 2]
    ]
    StaffMember.objects.bulk_create(made, batch_size=2000)


def _member(
    institution: Institution, person: Person, numbers: Any, random: Random, leaving: set[int]
) -> StaffMember:
    gone = "retired" if person.user_id in leaving else "teacher"
    return StaffMember(
        organisation_id=institution.id,
        unit_id=person.unit_id,
        user_id=person.user_id,
        name=person.name,
        name_key=pinyin_key(person.name, person=True),
        staff_number=str(next(numbers)),
        title=random.choice(TITLES),
        category=gone if person.is_active else "left",
    )


def _stranger(
    institution: Institution, name: str, unit: int, number: int, category: str
) -> StaffMember:
    return StaffMember(
        organisation_id=institution.id,
        unit_id=unit,
        name=name,
        name_key=pinyin_key(name, person=True),
        staff_number=str(number),
        category=category,
    )


def _inventors_without_account(institution: Institution, known: set[str]) -> list[str]:
    """Names on the institution's unassigned patents that no account has, in a fixed order."""
    rows = (
        PatentInventor.objects.filter(
            patent__dossier__participation__institution=institution.id,
            patent__dossier__responsible__isnull=True,
        )
        .order_by("patent", "position")
        .values_list("name", flat=True)
    )
    return [name for name in dict.fromkeys(rows) if name not in known]


# --- the workbook -----------------------------------------------------------------------------------


def _write_workbook(path: Path, institution: Institution, random: Random) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("花名册")
    sheet.write_string(0, 0, f"{institution.name}教职工花名册（演示）")
    sheet.write_row(1, 0, ["制表单位：人事处"])
    sheet.write_row(3, 0, HEADS)
    for line, row in enumerate(_rows(institution, random), 4):
        for place, value in enumerate(row):
            if value not in (None, ""):
                sheet.write(line, place, value)
    book.close()


def _rows(institution: Institution, random: Random) -> list[list[Any]]:
    """New people, known ones with their numbers, mistakes; last a known name that says no more."""
    names = {unit.id: unit.name for unit in institution.units}
    known = StaffMember.objects.filter(organisation=institution.id).order_by("staff_number")
    rows = [
        [
            n,
            one.name,
            one.staff_number,
            names[one.unit_id or 0],
            one.title,
            "在职",
            None,
            None,
            "男",
        ]
        for n, one in enumerate(known[: LISTED // 3], 1)
    ]
    units = [unit.name for unit in institution.units]
    for n in range(len(rows) + 1, LISTED + 1):
        name = person_name(random)
        number, phone = f"２０{n:04d}", float(f"138{n:08d}")
        row: list[Any] = [
            n,
            name,
            number,
            random.choice(units),
            random.choice(TITLES),
            "教师",
            phone,
        ]
        rows.append([*row, f"t{n}@demo.example", "女"])
    _spoil(rows)
    namesake = Membership.objects.filter(organisation=institution.id, role="inventor").order_by(
        "pk"
    )
    rows.append(
        [len(rows) + 1, namesake[0].user.name, None, None, "教授", "教师", None, None, None]
    )
    return [*rows, [None, f"合计：{len(rows)}人"]]


def _spoil(rows: list[list[Any]]) -> None:
    """Mistakes at fixed places, and a row twice."""
    rows[22][6] = "1380000"
    rows[24][3] = "不存在的学院"
    rows[26][5] = "研究生"
    rows.append(list(rows[21]))
