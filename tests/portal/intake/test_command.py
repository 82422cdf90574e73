"""`manage.py intake`: the same intake for scripts."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from inventory.models import BaseListEntry, Patent
from portal.choices import ImportState
from portal.models import ImportBatch, ImportMapping
from tests import workbooks
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD
from tests.inventory.importing.test_base_import import row

pytestmark = pytest.mark.django_db(transaction=True)


def run(path: Path, cast: Cast, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command(
        "intake", str(path), organisation=cast.university.code, json=True, stdout=out, **options
    )
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.fixture
def path(cast: Cast, tmp_path: Path) -> Path:
    rows = [[*row(n), "甲"] for n in range(1, 7)]
    bad = [*row(9, 申请号="2.0171E+12"), "乙"]
    return workbooks.xlsx(tmp_path / "list.xlsx", [[*HEAD, "内部标记"], *rows, bad])


def test_a_dry_run_says_everything_and_writes_nothing(cast: Cast, path: Path) -> None:
    report = run(path, cast)
    assert (report["kind"], report["state"], report["header_row"]) == ("base", "preview", 1)
    assert report["columns"][0] == {
        "column": "A",
        "header": "申请号",
        "field": "application_number",
        "confidence": 100,
    }
    assert report["ignored_columns"] == ["内部标记"]
    counts = report["counts"]
    assert [counts[name] for name in ("added", "changed", "unchanged", "refused")] == [6, 0, 0, 1]
    issue = next(one for one in report["issues"] if one["level"] == "error")
    assert (issue["rule"], issue["count"]) == ("destroyed", 1)
    assert issue["places"] == [{"row": 8, "cell": "A8", "value": "2.0171E+12"}]
    assert Patent.objects.count() == 0
    assert ImportBatch.objects.get().state == ImportState.DISCARDED
    assert not ImportMapping.objects.exists()


def test_apply_writes_the_good_rows_and_a_second_time_nothing(cast: Cast, path: Path) -> None:
    assert run(path, cast, apply=True)["state"] == "applied"
    assert (Patent.objects.count(), BaseListEntry.objects.count()) == (6, 6)
    again = run(path, cast, apply=True)
    assert (again["counts"]["added"], again["counts"]["unchanged"]) == (0, 6)


def test_strict_stops_at_unknown_columns(cast: Cast, path: Path) -> None:
    with pytest.raises(SystemExit):
        run(path, cast, strict=True)
    assert Patent.objects.count() == 0


def test_an_unreadable_file_ends_with_its_reason(cast: Cast, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"not a workbook at all")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command(
            "intake", str(broken), organisation=cast.university.code, json=True, stdout=out
        )
    report = json.loads(out.getvalue())
    assert report["state"] == "unreadable"
    assert report["problem"] != ""


def test_nobody_to_act_and_unknown_campaigns_are_said(cast: Cast, path: Path) -> None:
    with pytest.raises(CommandError, match="Nobody may import"):
        call_command("intake", str(path), organisation="nowhere")
    with pytest.raises(CommandError, match="not open"):
        run(path, cast, campaign="无此盘点")


def test_undo_takes_an_import_back_and_names_what_stays(cast: Cast, path: Path) -> None:
    run(path, cast, apply=True)
    batch = ImportBatch.objects.get()
    Patent.objects.filter(title="一种演示装置3").update(version=2)
    out = StringIO()
    call_command("intake", undo=batch.pk, organisation=cast.university.code, json=True, stdout=out)
    report = json.loads(out.getvalue())
    assert (report["state"], report["counts"]) == (
        "taken_back",
        {"taken_back": 5, "partly": 0, "kept": 1},
    )
    assert [one["row"] for one in report["kept"]] == [4]
    assert (Patent.objects.count(), BaseListEntry.objects.count()) == (1, 1)
    again = StringIO()
    call_command(
        "intake", undo=batch.pk, organisation=cast.university.code, json=True, stdout=again
    )
    assert again.getvalue() == out.getvalue()
    with pytest.raises(CommandError, match="no import"):
        call_command("intake", undo=batch.pk, organisation=cast.other.code)


def test_undo_of_nothing_is_said(cast: Cast, path: Path) -> None:
    run(path, cast)
    with pytest.raises(CommandError):
        call_command("intake", undo=ImportBatch.objects.get().pk, organisation=cast.university.code)
    with pytest.raises(CommandError, match="Name a file"):
        call_command("intake", organisation=cast.university.code)
