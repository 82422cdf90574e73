"""Files to try imports with, as untidy as real ones: a filled national template, a vendor's export, a pushed list."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, Protocol

import xlsxwriter

from inventory import numbers, vocabulary
from inventory.choices import DossierState, PatentKind
from inventory.demo import days, filling, texts
from inventory.demo.words import FIELDS, Field
from inventory.dossier_content import Content, Intent, Status
from inventory.importing.columns import COLUMNS, FIRST_DATA_ROW, GROUPS, HINT, SHEET
from inventory.models import Dossier, Patent
from inventory.terms import full_years
from portal.demo.city import City, Institution, Person
from portal.demo.names import person_name

FILLED: Final = 40
EXPORTED: Final = 300
#: serials of patents that no city contains
NEW_SERIAL: Final = 9_990_001
_OLD_MATURITY: Final = dict(reversed(vocabulary.MATURITY_LEGACY))
_LEVEL1: Final = dict(vocabulary.STATUS_LEVEL1)
_LEVEL2: Final = dict(vocabulary.STATUS_LEVEL2)
_INTENT1: Final = dict(vocabulary.INTENT_LEVEL1)
_INTENT2: Final = dict(vocabulary.INTENT_LEVEL2)
_MATURITY: Final = dict(vocabulary.MATURITY)
_STARS: Final = dict(vocabulary.STARS)
_BANDS: Final = dict(vocabulary.PRICE_BANDS)
_KINDS: Final = dict(vocabulary.KINDS)


@dataclass(frozen=True, slots=True)
class Subject:
    """A patent as ``filling`` needs it."""

    number: str
    kind: str
    title: str
    field: Field
    responsible: Person


class Listed(Protocol):
    """What a row of the template says of a patent before anybody answers."""

    @property
    def number(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def filed_on(self) -> date: ...
    @property
    def people(self) -> Sequence[str]: ...
    @property
    def classes(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class _Registered:
    number: str
    title: str
    filed_on: date
    people: Sequence[str]
    classes: Sequence[str]


def write_files(city: City) -> None:
    """Write the three files for the first institution; same seed, same cells."""
    if city.folder is None or not city.patents:
        return
    city.folder.mkdir(parents=True, exist_ok=True)
    random = Random(city.seed + 1)
    first = city.institutions[0]
    template = city.folder / f"盘活行动批量建档_{first.name}.xlsx"
    _write_template(template, first, random)
    city.files.append((template, f"national template, {FILLED} patents with a few mistakes"))
    export = city.folder / "专利检索导出.xlsx"
    _write_export(export, first, random)
    city.files.append((export, "vendor's export, known, new and dirty rows"))
    pushed = city.folder / "推送存量专利清单.csv"
    _write_pushed(pushed, first, random)
    city.files.append((pushed, "pushed base list, GB18030"))


# --- the national template ------------------------------------------------------------------------


def _write_template(path: Path, institution: Institution, random: Random) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet(SHEET)
    write_head(book, sheet)
    for line, row in enumerate(_template_rows(institution, random), FIRST_DATA_ROW - 1):
        for place, value in enumerate(row):
            if value not in (None, ""):
                sheet.write(line, place, value)
    for name, words in (("技术成熟度", vocabulary.MATURITY), ("意向价格", vocabulary.PRICE_BANDS)):
        options = book.add_worksheet(name)
        options.hide()
        options.write_column(0, 0, [word for _code, word in words])
    book.close()


def write_head(book: xlsxwriter.Workbook, sheet: Any) -> None:
    """The three head rows of the template."""
    bold = book.add_format({"bold": True, "text_wrap": True, "border": 1, "valign": "vcenter"})
    sheet.merge_range(f"A1:{COLUMNS[-1].letter}1", HINT, bold)
    for group in GROUPS:
        last = f"{group.last}{2 if group.first != group.last else 3}"
        sheet.merge_range(f"{group.first}2:{last}", group.words, bold)
    for column in COLUMNS:
        sheet.set_column(column.index, column.index, column.width)
        if column.header:
            sheet.write_string(2, column.index, column.header, bold)


def _template_rows(institution: Institution, random: Random) -> Iterator[list[Any]]:
    """Rows as people fill them; the mistakes stand at fixed places."""
    fields = {unit.id: FIELDS[unit.specialty] for unit in institution.units}
    units = {unit.id: unit.name for unit in institution.units}
    person = institution.manager or Person(0, 0, "")
    open_states = [DossierState.UNFILED, DossierState.DRAFT]
    found = Dossier.objects.filter(
        participation__institution=institution.id, state__in=open_states, unit__isnull=False
    )
    waiting = list(
        found.select_related("patent")
        .prefetch_related("patent__inventors")
        .order_by("pk")[: FILLED * 4]
    )
    chosen = random.sample(waiting, min(FILLED, len(waiting)))
    for number, dossier in enumerate(chosen, 1):
        patent, unit_id = dossier.patent, dossier.unit_id or 0
        subject = Subject(
            patent.application_number, patent.kind, patent.title, fields[unit_id], person
        )
        content = filling.filled(random, subject, 1.0)
        rows = rows_of(number, _listed(patent), content, units[unit_id])
        if number % 6 == 0 and content.maturity:
            rows[0][_place("X")] = _OLD_MATURITY[content.maturity]
        _spoil(number, rows)
        yield from rows
        if number == len(chosen):
            yield list(rows[0])  # the same patent once more


def _listed(patent: Patent) -> _Registered:
    people = [inventor.name for inventor in patent.inventors.all()]
    filed = patent.filed_on or days.BASE_DAY
    return _Registered(patent.number, patent.title, filed, people, patent.classes)


def _place(letter: str) -> int:
    return next(column.index for column in COLUMNS if column.letter == letter)


def _spoil(number: int, rows: list[list[Any]]) -> None:
    """Mistakes that real files have, each once."""
    row = rows[0]
    if number == 5:
        row[_place("B")] = _wrong_check(row[_place("B")])
    elif number == 9:
        row[_place("L")], row[_place("M")] = "已许可", "已签订普通许可合同"
        row[_place("N")] = "12万"
    elif number == 13:
        row[_place("L")], row[_place("M")], row[_place("N")] = "已转让", "已签订转让合同", None
    elif number == 17:
        row[_place("G")] = "不存在的学院"
    elif number == 21:
        row[_place("T")] = (
            "北京演示新材料有限公司,苏州演示智能装备有限公司，深圳演示测控技术有限公司"
        )
        row[_place("S")] = "江苏省-苏州市,广东省-深圳市，北京市-海淀区"


def _wrong_check(shown: str) -> str:
    return shown[:-1] + ("1" if shown[-1] != "1" else "2")


def rows_of(number: int, patent: Listed, content: Content, unit: str) -> list[list[Any]]:
    """The first row of a patent and its continuation rows."""
    first = _first_row(number, patent, content, unit)
    height = max(len(content.statuses), len(content.intents), 1)
    rows = [first, *([None] * len(COLUMNS) for _ in range(height - 1))]
    for row, status in zip(rows, content.statuses, strict=False):
        row[_place("L")] = _LEVEL1[status.level1]
        row[_place("M")] = status.wording or _LEVEL2.get(status.level2, "")
        row[_place("N")] = _supplement(status)
        row[_place("O")] = status.remark
    for row, intent in zip(rows, content.intents, strict=False):
        row[_place("P")] = _INTENT1[intent.level1]
        row[_place("Q")] = _wish(intent)
        row[_place("R")] = None if intent.fee is None else float(intent.fee)
    return rows


def _supplement(status: Status) -> Any:
    if status.amount is not None:
        return float(status.amount)
    return status.product_name or status.report_result


def _wish(intent: Intent) -> str:
    return intent.wording or _INTENT2.get(intent.level2, "")


def _first_row(number: int, patent: Listed, content: Content, unit: str) -> list[Any]:
    cells = {
        "A": number,
        "B": patent.number,
        "C": patent.title,
        "D": "有效",
        "E": full_years(patent.filed_on, days.BASE_DAY),
        "F": "、".join(patent.people),
        "G": unit,
        "H": content.combination_name,
        "I": "，".join(numbers.display(n) for n in content.combination_numbers),
        "J": content.combination_note,
        "K": "是" if content.is_publicly_funded else "否",
        "S": ",".join(content.partner_cities),
        "T": "，".join(content.partner_firms),
        "U": _BANDS.get(content.price_band, ""),
        "V": "技术转移办公室",
        "W": "010-55551234",
        "X": _MATURITY.get(content.maturity, ""),
        "Y": _STARS.get(content.stars or 0, ""),
        "Z": content.advantages,
        "AA": _industry(content),
        "AB": content.prospects,
        "AD": "; ".join(patent.classes),
    }
    row: list[Any] = [None] * len(COLUMNS)
    for letter, value in cells.items():
        row[_place(letter)] = value
    return row


def _industry(content: Content) -> str:
    return f"{content.industry}{content.industry_division}" if content.industry else ""


# --- the vendor's export --------------------------------------------------------------------------

_EXPORT_HEADS: Final = (
    "公开(公告)号", "标题", "摘要", "申请号", "申请日", "公开(公告)日", "授权日", "专利类型",
    "简单法律状态", "法律状态/事件", "当前申请(专利权)人", "发明人", "IPC分类号", "预估到期日", "首项权利要求",
)  # fmt: skip


def _write_export(path: Path, institution: Institution, random: Random) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Sheet1")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, _EXPORT_HEADS)
    for line, row in enumerate(_export_rows(institution, random), 1):
        for place, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(line, place, value, day)
            elif value not in (None, ""):
                sheet.write(line, place, value)
    book.close()


def _export_rows(institution: Institution, random: Random) -> list[list[Any]]:
    held = Patent.objects.filter(holders__organisation=institution.id)
    known = held.prefetch_related("holders", "inventors", "events").order_by("pk")
    rows = [_known_row(patent) for patent in known[: EXPORTED * 2 // 3]]
    rows += [_new_row(institution, random, n) for n in range(EXPORTED - len(rows) - 12)]
    random.shuffle(rows)
    return rows + _dirty_rows(rows, institution, random)


def _known_row(patent: Patent) -> list[Any]:
    events = [event for event in patent.events.all() if event.kind != "grant"]
    words = {
        "dual_filing": "一案双申",
        "fee_lapse": "未缴年费",
        "licence": "许可",
        "transfer": "权利转移",
    }
    marks = ["授权", *(words[event.kind] for event in events if event.kind in words)]
    return [
        patent.publication_number,
        patent.title,
        patent.abstract,
        patent.number,
        patent.filed_on,
        patent.published_on,
        patent.granted_on,
        _KINDS[patent.kind],
        "有效" if patent.simple_status == "valid" else "失效",
        " | ".join(marks),
        " | ".join(holder.name for holder in patent.holders.all()),
        " | ".join(inventor.name for inventor in patent.inventors.all()),
        " | ".join(patent.classes),
        patent.expires_on,
        patent.first_claim,
    ]


def _new_row(institution: Institution, random: Random, number: int) -> list[Any]:
    """A patent the city does not know yet, granted before or after the cut-off."""
    field = FIELDS[random.choice(institution.fields)]
    filed = date(2019 + number % 4, 3, 1) + timedelta(days=random.randrange(200))
    granted = date.fromordinal(days.GAZETTE[filed.year + 2][random.randrange(90)])
    title = texts.title(random, field, PatentKind.INVENTION)
    names = [person_name(random) for _ in range(1 + random.randrange(4))]
    return [
        f"CN199{number:06d}B",
        title,
        texts.abstract(random, field, title, PatentKind.INVENTION),
        numbers.display(numbers.make_number(filed.year, 1, NEW_SERIAL + number * 3)),
        filed,
        granted,
        granted,
        "授权发明",
        "有效",
        "授权",
        institution.name,
        " | ".join(names),
        " | ".join(random.sample(field.classes, 2)),
        filed.replace(year=filed.year + 20),
        texts.first_claim(random, field, title, PatentKind.INVENTION),
    ]


def _dirty_rows(
    rows: Sequence[list[Any]], institution: Institution, random: Random
) -> list[list[Any]]:
    """What real exports contain besides good rows; the last line is a footer."""
    numbers_at = _EXPORT_HEADS.index("申请号")
    spoilt = [_new_row(institution, random, 400 + n) for n in range(9)]
    bad_numbers = (
        _wrong_check(spoilt[0][numbers_at]),
        2.02010e12,
        "",
        "US16/123456",
        "待定",
        f"ZL {spoilt[5][numbers_at][2:]}",
        spoilt[6][numbers_at].replace(".", "．"),
        spoilt[7][numbers_at][:-2],
    )
    for row, number in zip(spoilt, bad_numbers, strict=False):
        row[numbers_at] = number
    spoilt[8][_EXPORT_HEADS.index("授权日")] = "2023年13月2日"
    footer = ["本数据仅供演示", *[None] * (len(_EXPORT_HEADS) - 1)]
    return [*spoilt, list(rows[0]), list(rows[1]), footer]


# --- the pushed base list -------------------------------------------------------------------------

_PUSHED_HEADS: Final = (
    "序号",
    "申请号",
    "专利名称",
    "专利权人",
    "专利类型",
    "申请日",
    "授权公告日",
    "法律状态",
)


def _write_pushed(path: Path, institution: Institution, random: Random) -> None:
    held = Patent.objects.filter(
        holders__organisation=institution.id, granted_on__lte=days.CUTOFF, simple_status="valid"
    )
    known = held.prefetch_related("holders").order_by("pk")[:180]
    new = [_new_row(institution, random, 500 + n) for n in range(20)]
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_PUSHED_HEADS)
        for number, row in enumerate([*map(_known_row, known), *new], 1):
            writer.writerow(
                [
                    number,
                    row[3],
                    row[1],
                    row[10].replace(" | ", "；"),
                    row[7],
                    row[4],
                    row[6],
                    row[8],
                ]
            )
