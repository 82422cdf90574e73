"""Imports of every kind to be disturbed: a world each, and the file that comes into it, both drawn from a seed."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from inventory.choices import DossierState
from inventory.classification.strategic import STRATEGIC
from inventory.importing.columns import FIRST_DATA_ROW, PLACES, SHEET
from inventory.models import BaseListEntry, Dossier
from inventory.numbers import display
from inventory.queries.workbooks import Target
from inventory.services import assignments, workbooks
from inventory.services.dossiers import save_dossier
from portal.jobs import runner
from portal.models import ImportBatch, Job, Membership, StoredFile
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD, confirm, fresh, upload_only
from tests.inventory.importing.national import RIGHT, template
from tests.inventory.importing.test_base_import import number, row
from tests.inventory.importing.test_personnel_import import HEAD as STAFF_HEAD
from tests.inventory.importing.test_personnel_import import person
from tests.inventory.uploading import approved, prepared, uploaded
from tests.reliability.flows import Plan
from tests.workbooks import xlsx

OWN, FOREIGN = "演示第一大学", "演示无关单位"
Build = Callable[[Cast, random.Random], Plan]


def _plan(
    actor: Membership, rows: Sequence[Sequence[Any]], rng: random.Random, **more: Any
) -> Plan:
    """A plan with a workbook of these rows."""
    with tempfile.TemporaryDirectory() as folder:
        content = xlsx(Path(folder, "list.xlsx"), rows).read_bytes()
    return _with_content(actor, content, rng, **more)


def _with_content(actor: Membership, content: bytes, rng: random.Random, **more: Any) -> Plan:
    last = ImportBatch.objects.order_by("pk").last()
    more = {
        "chunk_rows": rng.randint(6, 14),
        "beside_rows": rng.choice((12, 1_000_000)),
    } | more
    return Plan(
        actor=actor.pk, name="list.xlsx", content=content, before=last.pk if last else 0, **more
    )


# --- base lists ---------------------------------------------------------------------------------------


def _listed(cast: Cast, rows: Sequence[Sequence[Any]]) -> None:
    """Import these rows now, undisturbed."""
    batch = upload_only(cast.manager, rows, options={"campaign": str(cast.campaign.pk)})
    runner.run_due("world")
    confirm(cast.manager, fresh(batch))


def base_list(cast: Cast, rng: random.Random) -> Plan:
    """New, changed, unchanged and refused patents, a dual filing, units; taken back in the end but for one."""
    head = [*HEAD, "所属学院", "专利有效性"]
    known = [[*row(n), "", "有效"] for n in range(8)]
    _listed(cast, [head, *known])
    new = [
        [*row(20 + n), rng.choice(["", cast.school.name]), rng.choice(["", "有效", "失效"])]
        for n in range(rng.randint(8, 16))
    ]
    pair = [[*row(n, 专利名称="一种同日装置"), "", ""] for n in (90, 91)]
    pair[1][0], pair[1][2] = number(91, kind=2), "实用新型"
    changed = [
        [
            *row(n, 专利名称=f"一种改名装置{n}", 专利权人=f"{OWN};演示外部大学", 发明人="演示丙"),
            "",
            "失效",
        ]
        for n in range(3)
    ]
    bad = [[*row(95, 专利权人=FOREIGN), "", ""], [*row(96, 申请日="不明"), "", ""]]
    rows = [*new, *pair, *changed, *known[4:], *bad, new[0]]
    rng.shuffle(rows)
    plan = _plan(cast.manager, [head, *rows], rng, is_undone=True, beside_rows=12)
    plan.options = {"campaign": str(cast.campaign.pk)}
    plan.meanwhile = lambda: _assigned(new[1][0], cast.manager.pk)
    return plan


def _assigned(shown: str, member: int) -> None:
    """Somebody gives one of the dossiers to himself: it stays when the import is taken back."""
    actor = Membership.objects.select_related("user", "organisation").get(pk=member)
    own = Dossier.objects.filter(responsible=None).select_related("patent")
    ids = [one.pk for one in own if one.patent.number == shown]
    if ids:
        assignments.assign_dossiers(ids=ids, actor=actor, responsible=actor.user)


def mended_list(cast: Cast, rng: random.Random) -> Plan:
    """Columns placed by hand, a refused cell corrected in the page, the others in a further import."""
    good = [[*row(n), "甲"] for n in range(rng.randint(8, 12))]
    bad = [[*row(50 + n, 专利权人=FOREIGN), "乙"] for n in range(4)]
    rows = [[*HEAD, "内部标记"], *good, *bad]
    first = len(good) + 2
    holder = HEAD.index("专利权人")
    return _plan(
        cast.manager,
        rows,
        rng,
        options={"campaign": str(cast.campaign.pk)},
        corrections={(first, holder): OWN},
        further={(first + n, holder): OWN for n in (1, 2)},
        wants_errors=True,
    )


# --- templates ----------------------------------------------------------------------------------------


def _filled_row(entry: BaseListEntry, rng: random.Random) -> list[dict[str, Any]]:
    """What the file says of a patent, in one row or with a further one below."""
    answers: dict[str, Any] = {
        **RIGHT,
        "application_number": entry.patent.number,
        "title": entry.patent.title,
        "org_unit": entry.institution.name,
        "stars": rng.choice(["一星", "三星", "五星"]),
        "contact": f"138{rng.randint(0, 99_999_999):08d}",
    }
    if rng.random() < 0.3:
        more = {"status_level1": "即将放弃专利权", "status_level2": "年费过高"}
        return [answers, more]
    return [answers]


def filled_template(cast: Cast, rng: random.Random) -> Plan:
    """Dossiers begun, changed and left as they are, refused rows between; taken back in the end but for one."""
    states = [DossierState.UNFILED, DossierState.DRAFT, DossierState.UNIT_REVIEW]
    entries = [factories.entry(cast.participation) for _number in range(8)] + [
        factories.entry(cast.participation, state=rng.choice(states), unit=cast.school)
        for _number in range(rng.randint(4, 12))
    ]
    rows = [line for one in entries for line in _filled_row(one, rng)]
    wrong = _filled_row(factories.entry(cast.participation), rng)[0]
    rows += [{**rows[0], "application_number": "201710000000X"}, {**wrong, "stars": "九星"}]
    # enough good rows that halves are written, too
    pieces = {"chunk_rows": rng.randint(3, 5), "beside_rows": 6}
    plan = _plan(cast.manager, template(*rows), rng, is_undone=True, **pieces)
    plan.meanwhile = lambda: _assigned(entries[0].patent.number, cast.manager.pk)
    return plan


def merged_workbook(cast: Cast, rng: random.Random) -> Plan:
    """A round-trip workbook, edited in the file and in the portal, decided by its owner; taken back in the end."""
    entries = [
        factories.entry(
            cast.participation, state=DossierState.DRAFT, is_filled=True, unit=cast.school
        )
        for _number in range(rng.randint(6, 10))
    ]
    job = workbooks.ask_for_workbook(target=Target(unit=cast.school.pk), actor=cast.manager)
    runner.run_due("world")
    file = StoredFile.objects.get(pk=Job.objects.get(pk=job.pk).result["file"])
    with file.content.open() as made:
        book = openpyxl.load_workbook(made)
    page = book[SHEET]
    lines = {
        page.cell(line, PLACES["B"] + 1).value: line
        for line in range(FIRST_DATA_ROW, page.max_row + 1)
    }
    for at, entry in enumerate(entries):
        line = lines[entry.patent.number]
        page[f"Z{line}"] = f"文件里写的{at}"
        if at % 2:
            page[f"Y{line}"] = "四星"
            save_dossier(
                dossier_id=entry.dossier_id,
                seen_version=Dossier.objects.get(pk=entry.dossier_id).version,
                values={"stars": 5, "prospects": f"门户里写的{at}"},
                actor=cast.unit_manager,
            )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "back.xlsx")
        book.save(path)
        content = path.read_bytes()
    keeps = rng.choice(["mine", "theirs"])
    return _with_content(cast.manager, content, rng, keeps=keeps, is_undone=True)


# --- the other kinds ----------------------------------------------------------------------------------


def personnel_list(cast: Cast, rng: random.Random) -> Plan:
    """People new, known, repeated and without a unit, with accounts and invitations."""
    names = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未"
    for n in range(3):
        factories.staff(cast.university, name=f"演旧{names[n]}", staff_number=str(500 + n))
    people = [
        person(f"演新{names[n]}", str(1000 + n), 邮箱=f"new{n}@example.org")
        for n in range(rng.randint(10, len(names)))
    ]
    people += [person(f"演旧{names[n]}", str(500 + n), 职称="副教授") for n in range(3)]
    people += [people[0], person("演无处", "2000", unit="演示无此学院")]
    rng.shuffle(people)
    return _plan(cast.manager, [STAFF_HEAD, *people], rng, options={"accounts": "all"})


def platform_answer(cast: Cast, rng: random.Random) -> Plan:
    """Accepted, returned, unknown and unmentioned patents of an uploaded batch."""
    entries = [approved(cast) for _number in range(rng.randint(8, 12))]
    batch = uploaded(prepared(cast), cast.manager)
    rows: list[list[Any]] = [["序号", "申请号", "专利名称", "状态", "错误信息"]]
    for at, entry in enumerate(entries[1:], 1):
        is_returned = rng.random() < 0.5
        rows.append([
            at, display(entry.patent.application_number), entry.patent.title,
            "导入失败" if is_returned else "导入成功",
            "意向价格不能为空" if is_returned else "",
        ])  # fmt: skip
    rows.append([99, number(777), "一种没有报送的装置", "导入失败", "申请号不存在"])
    return _plan(cast.manager, rows, rng, options={"upload": str(batch.pk), "rest": "accepted"})


def classification_table(cast: Cast, rng: random.Random) -> Plan:
    """A concordance with continuation rows, beside nothing in force."""
    rows: list[list[Any]] = [
        ["战略性新兴产业分类代码", "战略性新兴产业分类名称", "国际专利分类", "关键词"]
    ]
    for at, code in enumerate(rng.sample(sorted(STRATEGIC), rng.randint(10, 20)), 1):
        rows += [[code, f"演示产业{at}", f"H01L{at}/02*", None], [None, None, f"H10D{at}/00", None]]
    rows.append(["99.9", "没有的产业", "H01L", None])
    return _plan(cast.city, rows, rng, options={"scheme": "strategic"})


PLANS: dict[str, Build] = {
    "base list": base_list,
    "mended list": mended_list,
    "filled template": filled_template,
    "merged workbook": merged_workbook,
    "personnel list": personnel_list,
    "platform answer": platform_answer,
    "classification table": classification_table,
}
