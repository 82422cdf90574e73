"""`manage.py intake`: the same intake for scripts."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from inventory.models import BaseListEntry, Patent
from portal import clock
from portal.choices import ImportState
from portal.jobs import queue
from portal.management.commands import intake as command
from portal.models import ImportBatch, ImportMapping, Job, StaffMember
from tests import workbooks
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD, upload_only
from tests.inventory.importing.test_base_import import row
from tests.inventory.importing.test_personnel_import import HEAD as STAFF_HEAD
from tests.inventory.importing.test_personnel_import import person

pytestmark = pytest.mark.django_db(transaction=True)


def run(path: Path, cast: Cast, *, exits: int = 0, **options: Any) -> dict[str, Any]:
    """The report, after the command ended with this code; a preview unless `apply` is given."""
    act = {} if "apply" in options else {"check": True}
    asked: dict[str, Any] = {"organisation": cast.university.code, **act, **options}
    out = StringIO()
    if exits:
        with pytest.raises(SystemExit) as ended:
            call_command("intake", str(path), stdout=out, **asked)
        assert ended.value.code == exits
    else:
        call_command("intake", str(path), stdout=out, **asked)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rows = [[*row(n), "甲"] for n in range(1, 7)]
    bad = [*row(9, 申请号="2.0171E+12"), "乙"]
    return workbooks.xlsx(tmp_path / "list.xlsx", [[*HEAD, "内部标记"], *rows, bad])


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return workbooks.xlsx(tmp_path / "good.xlsx", [HEAD, *(row(n) for n in range(1, 7))])


def test_a_check_says_everything_and_writes_nothing(cast: Cast, path: Path) -> None:
    report = run(path, cast, exits=2)
    assert (report["kind"], report["state"], report["header_row"]) == ("base", "preview", 1)
    first = report["mapping"][0]
    assert {name: first[name] for name in ("letter", "header", "field", "confidence")} == {
        "letter": "A",
        "header": "申请号",
        "field": "application_number",
        "confidence": 100,
    }
    assert first["reason"]
    assert first["reason_words"]
    assert report["ignored_columns"] == ["内部标记"]
    counts = report["counts"]
    assert [counts[name] for name in ("added", "changed", "unchanged", "refused")] == [6, 0, 0, 1]
    issue = next(one for one in report["issues"] if one["level"] == "error")
    assert (issue["rule"], issue["count"]) == ("destroyed", 1)
    place = issue["places"][0]
    assert place["text"]
    assert {name: place[name] for name in ("sheet", "row", "cell", "value")} == {
        "sheet": "Sheet1",
        "row": 8,
        "cell": "A8",
        "value": "2.0171E+12",
    }
    assert Patent.objects.count() == 0
    assert ImportBatch.objects.get().state == ImportState.DISCARDED
    assert not ImportMapping.objects.exists()


def test_seconds_and_memory_of_parent_and_reader_are_given(cast: Cast, good: Path) -> None:
    report = run(good, cast, apply=True)
    assert report["seconds"]["read"] > 0
    assert report["seconds"]["apply"] > 0
    assert run(good, cast)["seconds"]["apply"] == 0
    memory = report["peak_memory_mb"]
    # this process holds Django, the reader at least an interpreter
    assert memory["parent"] > 30
    assert memory["reader"] > 5


def test_places_are_the_first_twenty_of_each_rule(cast: Cast, tmp_path: Path) -> None:
    rows = [*(row(n) for n in range(1, 80)), *(row(n, 申请号="2.0171E+12") for n in range(80, 105))]
    report = run(workbooks.xlsx(tmp_path / "many.xlsx", [HEAD, *rows]), cast, exits=2)
    issue = next(one for one in report["issues"] if one["rule"] == "destroyed")
    assert (issue["count"], len(issue["places"])) == (25, 20)
    assert [place["row"] for place in issue["places"]] == list(range(81, 101))


def test_apply_writes_the_good_rows_and_a_second_time_nothing(cast: Cast, path: Path) -> None:
    assert run(path, cast, apply=True, exits=2)["state"] == "applied"
    assert (Patent.objects.count(), BaseListEntry.objects.count()) == (6, 6)
    again = run(path, cast, apply=True, exits=2)
    assert (again["counts"]["added"], again["counts"]["unchanged"]) == (0, 6)


def test_the_exit_code_is_0_when_every_row_is_good(cast: Cast, good: Path) -> None:
    assert run(good, cast)["counts"]["refused"] == 0
    assert run(good, cast, apply=True)["counts"]["added"] == 6


def test_strict_stops_at_unknown_columns(cast: Cast, path: Path) -> None:
    assert run(path, cast, apply=True, strict=True, exits=1)["state"] == "mapping"
    assert Patent.objects.count() == 0


def test_an_unreadable_file_ends_with_its_reason(cast: Cast, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"not a workbook at all")
    report = run(broken, cast, exits=1)
    assert report["state"] == "unreadable"
    assert report["problem"] != ""


def test_personnel_lists_come_in_by_the_same_command(cast: Cast, tmp_path: Path) -> None:
    rows = [person("演示甲", "1001"), person("演示乙", "1002")]
    people = workbooks.xlsx(tmp_path / "people.xlsx", [STAFF_HEAD, *rows])
    report = run(people, cast, kind="personnel", apply=True)
    assert (report["kind"], report["counts"]["added"]) == ("personnel", 2)
    assert StaffMember.objects.filter(organisation=cast.university).count() == 2


def test_kinds_lists_what_can_be_read(db: None) -> None:
    out = StringIO()
    call_command("intake", kinds=True, stdout=out)
    found = {one["kind"]: one for one in json.loads(out.getvalue())}
    assert {"base", "national", "personnel", "classes", "platform"} <= found.keys()
    assert found["base"]["required"] == ["application_number"]
    assert "title" in found["base"]["fields"]


def test_a_kind_is_read_by_whoever_may(cast: Cast, path: Path) -> None:
    with pytest.raises(CommandError, match="Nobody may import 'classes'"):
        run(path, cast, kind="classes")
    report = run(path, cast, kind="classes", organisation=cast.bureau.code, exits=1)
    assert report["state"] == "unreadable"
    assert ImportBatch.objects.get().membership == cast.city


def test_a_job_that_another_worker_took_is_waited_for(cast: Cast, good: Path) -> None:
    batch = upload_only(cast.manager, good)
    assert queue.claim("another worker", job_id=batch.job_id)
    # it died: its lease ends in a moment
    Job.objects.filter(pk=batch.job_id).update(lease_until=clock.now() + timedelta(seconds=1))

    batch = command.Command()._work(batch)

    assert batch.state == ImportState.PREVIEW
    assert Job.objects.get(pk=batch.job_id).attempt == 2


def test_nobody_to_act_and_unknown_answers_are_said(cast: Cast, path: Path) -> None:
    with pytest.raises(CommandError, match="Nobody may import"):
        run(path, cast, organisation="nowhere")
    with pytest.raises(CommandError, match="not open"):
        run(path, cast, campaign="无此盘点")
    with pytest.raises(CommandError, match="Nobody asks for weather"):
        run(path, cast, answer=["weather=fine"])
    with pytest.raises(CommandError, match="There is no file"):
        run(path.with_name("none.xlsx"), cast)
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("arguments", [[], ["--check"], ["x.xlsx", "--check", "--apply"], ["--no"]])
def test_wrong_usage_ends_with_1_and_not_with_the_code_of_refused_rows(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.Command().run_from_argv(["manage.py", "intake", *arguments])
    assert ended.value.code == 1
    assert capsys.readouterr().err


def test_undo_takes_an_import_back_and_names_what_stays(cast: Cast, path: Path) -> None:
    run(path, cast, apply=True, exits=2)
    batch = ImportBatch.objects.get()
    Patent.objects.filter(title="一种演示装置3").update(version=2)
    out = StringIO()
    call_command("intake", undo=batch.pk, organisation=cast.university.code, stdout=out)
    report = json.loads(out.getvalue())
    assert (report["state"], report["counts"]) == (
        "taken_back",
        {"taken_back": 5, "partly": 0, "kept": 1},
    )
    assert [one["row"] for one in report["kept"]] == [4]
    assert (Patent.objects.count(), BaseListEntry.objects.count()) == (1, 1)
    again = StringIO()
    call_command("intake", undo=batch.pk, organisation=cast.university.code, stdout=again)
    assert again.getvalue() == out.getvalue()
    with pytest.raises(CommandError, match="no import"):
        call_command("intake", undo=batch.pk, organisation=cast.other.code)


def test_undo_of_nothing_is_said(cast: Cast, path: Path) -> None:
    run(path, cast, exits=2)
    with pytest.raises(CommandError):
        call_command("intake", undo=ImportBatch.objects.get().pk, organisation=cast.university.code)
    with pytest.raises(CommandError, match="organisation"):
        call_command("intake", undo=1)
