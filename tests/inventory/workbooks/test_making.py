"""Making workbooks: what is in them, who may, all at once, telling each unit, and the command."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from inventory.choices import DossierState
from inventory.importing.columns import COLUMNS, FIRST_DATA_ROW, PLACES, SHEET
from inventory.importing.workbook_keys import GUIDE_SHEET, OPTIONS_SHEET
from inventory.models import Workbook, WorkbookBase
from inventory.queries.workbooks import Target
from inventory.services import workbooks
from portal import clock
from portal.choices import AuditAction, BatchState, JobState, Role
from portal.models import AuditEntry, Job, Notice, OutboxBatch, OutboxMessage, StoredFile
from tests import factories
from tests.conftest import Cast, signed_in
from tests.inventory.importing.conftest import run_jobs
from tests.inventory.workbooks.conftest import newest
from tests.inventory.workbooks.test_round_trip import Made, Upload, filled, outcomes

pytestmark = pytest.mark.django_db(transaction=True)


def test_identity_and_keys_are_locked_and_answers_are_not(cast: Cast, made: Made) -> None:
    (dossier,) = filled(cast)
    done = factories.entry(
        cast.participation, state=DossierState.COMPLETED, unit=cast.school
    ).dossier
    sheet = made(cast.manager, unit=cast.school.pk)
    page = sheet.page
    assert sheet.book.sheetnames == [GUIDE_SHEET, SHEET, OPTIONS_SHEET]
    assert [sheet.book[name].sheet_state for name in sheet.book.sheetnames] == [
        "visible",
        "visible",
        "hidden",
    ]
    assert page.protection.sheet
    assert not page.protection.password
    line, locked = sheet.line_of(dossier), sheet.line_of(done)
    for column in COLUMNS:
        cell = page.cell(line, column.index + 1)
        is_answer = PLACES["H"] <= column.index <= PLACES["AC"]
        if cell.value is not None:
            assert cell.protection.locked is not is_answer, column.letter
        elif is_answer:
            assert not _dimension(page, column.index + 1).protection.locked, column.letter
        assert page.cell(locked, column.index + 1).protection.locked
    assert _dimension(page, len(COLUMNS) + 1).hidden
    assert page.cell(line, len(COLUMNS) + 1).value


def _dimension(page: Any, number: int) -> Any:
    """The column as the file describes it: neighbours that look alike are described together."""
    return next(one for one in page.column_dimensions.values() if one.min <= number <= one.max)


def test_the_second_level_follows_the_first_and_errors_speak(cast: Cast, made: Made) -> None:
    filled(cast)
    sheet = made(cast.manager, unit=cast.school.pk)
    found = {
        str(one.sqref).split(":")[0]: one for one in sheet.page.data_validations.dataValidation
    }
    assert {f"{letter}{FIRST_DATA_ROW}" for letter in "KLMNPQRUXY"} <= found.keys()
    for rule in found.values():
        assert all((rule.error, rule.errorTitle, rule.showErrorMessage)), rule.sqref
    names = sheet.book.defined_names
    cascade = found[f"M{FIRST_DATA_ROW}"].formula1
    for name in re.findall(r"opt_\w+", cascade):
        assert name in names
    options = sheet.book[OPTIONS_SHEET]
    below = names["opt_status_below"].attr_text
    first = openpyxl.utils.column_index_from_string(re.search(r"\$([A-Z]+)\$", below)[1])
    words = [cell[0].value for cell in options["A1:A9"]]
    licensed = words.index("已许可")
    counts = [cell[0].value for cell in options["B1:B9"]]
    column = [options.cell(row, first + licensed).value for row in range(1, counts[licensed] + 1)]
    assert (column[0], column[-1]) == ("已签订开放许可合同", "自定义（请勿勾选，请直接填写）")


def test_making_is_in_the_trail_and_the_file_is_for_those_it_is_for(cast: Cast, made: Made) -> None:
    filled(cast)
    made(cast.manager, unit=cast.school.pk)
    workbook = newest()
    assert (workbook.unit, workbook.count, workbook.made_by) == (cast.school, 1, cast.manager)
    trail = AuditEntry.objects.about(workbook).get()
    assert (trail.action, trail.user) == (AuditAction.EXPORT, cast.manager.user)
    again = workbooks.record_workbook(
        target=Target(person=cast.inventor.user_id), file=workbook.file, count=2, actor=cast.manager
    )
    assert AuditEntry.objects.about(again).get().changes["dossiers"] == [None, 2]
    url = reverse("portal:file-download", args=[workbook.file_id])
    other = factories.unit(cast.university, name="演示物理学院")
    stranger = factories.membership(Role.UNIT_MANAGER, cast.university, unit=other)
    answers = {who: signed_in(who).get(url).status_code for who in (cast.unit_manager, stranger)}
    assert answers == {cast.unit_manager: 200, stranger: 404}
    assert signed_in(cast.outsider).get(url).status_code == 404


def test_a_unit_manager_makes_the_own_unit_only(cast: Cast) -> None:
    filled(cast)
    other = factories.unit(cast.university, name="演示物理学院")
    client, url = signed_in(cast.unit_manager), reverse("inventory:workbook-make")
    assert client.post(url, {"unit": cast.school.pk}).status_code == 302
    assert client.post(url, {"unit": other.pk}).status_code == 404
    assert client.post(url, {}).status_code == 403
    assert client.post(reverse("inventory:workbook-all")).status_code == 403
    assert Job.objects.filter(kind=workbooks.KIND).count() == 1
    assert client.post(url, {"unit": cast.school.pk}).status_code == 302
    assert Job.objects.filter(kind=workbooks.KIND).count() == 1


def test_one_person_gets_the_patents_he_answers_for(cast: Cast, made: Made, upload: Upload) -> None:
    mine, _other = filled(cast, 2)
    mine.responsible = cast.inventor.user
    mine.save()
    sheet = made(cast.manager, person=cast.inventor.user_id)
    assert sheet.page.max_row == FIRST_DATA_ROW
    assert outcomes(upload(cast.manager, sheet.path)) == ["unchanged"]


def test_all_units_in_one_archive(cast: Cast) -> None:
    filled(cast)
    physics = factories.unit(cast.university, name="演示物理学院")
    institute = factories.unit(cast.university, name="演示研究所", parent=physics)
    for unit in (institute, None):
        factories.entry(cast.participation, state=DossierState.DRAFT, is_filled=True, unit=unit)
    factories.entry(cast.other_participation)
    job = workbooks.ask_for_all(actor=cast.manager)
    run_jobs()
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    file = StoredFile.objects.get(pk=job.result["file"])
    assert file.expires_at is not None
    assert file.expires_at > clock.now()
    with zipfile.ZipFile(file.content.path) as archive:
        counts = [
            openpyxl.load_workbook(io.BytesIO(archive.read(name)))[SHEET].max_row
            for name in archive.namelist()
        ]
    assert counts == [FIRST_DATA_ROW] * 3
    assert (
        signed_in(cast.unit_manager)
        .get(reverse("portal:file-download", args=[file.pk]))
        .status_code
        == 404
    )


def test_each_unit_is_told_of_its_own(cast: Cast) -> None:
    filled(cast, 2)
    cast.unit_manager.user.email = "person@example.edu.cn"
    cast.unit_manager.user.save()
    job = workbooks.ask_for_all(actor=cast.manager, is_sent=True)
    run_jobs()
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    notice = Notice.objects.get()
    assert (notice.recipient, notice.params["unit"]) == (cast.unit_manager, cast.school.name)
    mail = OutboxMessage.objects.get()
    assert mail.recipient == cast.unit_manager.user
    workbook = newest()
    assert workbook.count == 2
    assert mail.subject.startswith(f"{cast.school.name}的回填工作簿已生成：2 件专利")
    assert workbook.sent_at is not None
    assert AuditEntry.objects.about(workbook).filter(changes__has_key="sent_at").exists()
    assert workbooks.send_workbooks(workbooks=[workbook.pk], actor=cast.manager) == 0
    page = signed_in(cast.unit_manager).get(notice.url).content.decode()
    assert reverse("portal:file-download", args=[workbook.file_id]) in page


def test_mail_to_many_units_is_held(cast: Cast) -> None:
    for number in range(11):
        unit = factories.unit(cast.university, name=f"演示学院{number}")
        reader = factories.user(name=f"演示{number}", email=f"person{number}@example.edu.cn")
        factories.membership(Role.UNIT_MANAGER, cast.university, unit=unit, user=reader)
        factories.entry(cast.participation, unit=unit)
    job = workbooks.ask_for_all(actor=cast.manager, is_sent=True)
    run_jobs()
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    batch = OutboxBatch.objects.get()
    assert (batch.state, batch.count) == (BatchState.HELD, 11)


def test_rights_withdrawn_stop_the_work(cast: Cast) -> None:
    filled(cast)
    job = workbooks.ask_for_workbook(target=Target(unit=cast.school.pk), actor=cast.unit_manager)
    cast.unit_manager.is_active = False
    cast.unit_manager.save()
    run_jobs()
    job.refresh_from_db()
    assert (job.state, Workbook.objects.exists()) == (JobState.FAILED, False)


def test_the_page_has_a_row_for_each_unit(
    cast: Cast, made: Made, django_assert_max_num_queries: Any
) -> None:
    filled(cast)
    made(cast.manager, unit=cast.school.pk)
    for number in range(5):
        factories.unit(cast.university, name=f"演示学院{number}")
    client = signed_in(cast.manager)
    with django_assert_max_num_queries(20):
        page = client.get(reverse("inventory:workbook-list")).content.decode()
    assert page.count("演示学院") == 5
    assert reverse("portal:file-download", args=[newest().file_id]) in page
    assert signed_in(cast.inventor).get(reverse("inventory:workbook-list")).status_code == 403


def test_old_bases_are_forgotten(cast: Cast, made: Made, upload: Upload) -> None:
    filled(cast)
    sheet = made(cast.manager, unit=cast.school.pk)
    assert workbooks.forget_bases() == 0
    WorkbookBase.objects.update(made_at=clock.now() - workbooks.BASES_KEPT * 2)
    assert workbooks.forget_bases() == 1
    assert outcomes(upload(cast.manager, sheet.path)) == ["unchanged"]


def test_the_command_writes_the_same_file(
    cast: Cast, upload: Upload, tmp_path: Path, capsys: Any
) -> None:
    filled(cast)
    out = tmp_path / "unit.xlsx"
    code = cast.university.code
    call_command("workbook", organisation=code, unit=cast.school.name, out=out)
    assert str(out) in capsys.readouterr().out
    assert outcomes(upload(cast.manager, out)) == ["unchanged"]
    with pytest.raises(CommandError):
        call_command("workbook", organisation=code, unit="没有这个学院", out=out)
    with pytest.raises(CommandError):
        call_command("workbook", organisation="NOBODY", out=out)


def test_one_click_in_the_tree_of_units(cast: Cast, django_assert_max_num_queries: Any) -> None:
    filled(cast)
    physics = factories.unit(cast.university, name="演示物理学院")
    institute = factories.unit(cast.university, name="演示研究所", parent=physics)
    factories.entry(cast.participation, state=DossierState.DRAFT, unit=institute)
    for number in range(20):
        factories.unit(cast.university, name=f"演示空学院{number}")
    page_url = reverse("portal:organisation-detail", args=[cast.university.pk])
    client = signed_in(cast.manager)
    with django_assert_max_num_queries(15):
        page = client.get(page_url).content.decode()
    act = f'action="{reverse("inventory:workbook-make")}"'
    # the unit with patents, and the one above a unit with patents; none of those without
    offered = set(re.findall(r'name="unit" value="(\d+)"', page))
    assert offered == {str(one.pk) for one in (cast.school, physics, institute)}
    assert page.count(act) == 3
    assert act in signed_in(cast.unit_manager).get(page_url).content.decode()
    for reader in (cast.auditor, cast.city, cast.system_admin):
        assert act not in signed_in(reader).get(page_url).content.decode()
