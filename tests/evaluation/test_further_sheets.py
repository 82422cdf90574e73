"""A workbook with one sheet per kind of enterprise is read sheet by sheet, each with one click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from evaluation.models import EnterpriseProfile
from portal.choices import ImportState, UndoOutcome
from portal.errors import DomainError, InvalidTransition
from portal.models import AuditEntry, ImportBatch
from portal.services import files, import_undo, imports
from tests import workbooks
from tests.conftest import Cast
from tests.evaluation.importing import ENTERPRISE_HEAD, EXPERT_HEAD, expert, firm
from tests.inventory.importing.conftest import confirm, fresh, run_jobs, upload

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]
# the kind of enterprise stands in no column: the name of the sheet says it
HEAD = [name for name in ENTERPRISE_HEAD if name != "企业类型"]
FIRST, SECOND, THIRD = "高新技术企业", "专精特新", "其他"


def row(name: str, number: int) -> list[Any]:
    whole = firm(name, number)
    del whole[ENTERPRISE_HEAD.index("企业类型")]
    return whole


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Three lists, an explanation, a list of another kind, and a hidden list."""
    sheets = {
        "说明": [["请按类别填写"], ["每类一页"]],
        FIRST: [HEAD, row("演示甲有限公司", 1), row("演示乙有限公司", 2), row("演示丁有限公司", 4)],
        SECOND: [HEAD, row("演示甲有限公司", 1), row("演示丙有限公司", 3)],
        THIRD: [HEAD, row("演示戊有限公司", 5)],
        "专家": [EXPERT_HEAD, expert("演示专家")],
        "旧": [HEAD, row("演示旧有限公司", 9)],
    }
    return workbooks.xlsx_sheets(tmp_path / "企业.xlsx", sheets, hidden=["旧"])


@pytest.fixture
def first(cast: Cast, upload: Upload, book: Path) -> ImportBatch:
    """The first sheet, written."""
    batch = upload(cast.city, book, kind="enterprises", options={"category": "high_tech"})
    assert (batch.sheet, batch.state) == (FIRST, ImportState.PREVIEW), batch.problem
    return confirm(cast.city, batch)


def categories() -> dict[str, list[str]]:
    found = EnterpriseProfile.objects.select_related("organisation")
    return {one.organisation.name[2:3]: sorted(one.categories) for one in found}


def test_sheet_after_sheet_with_one_click(cast: Cast, first: ImportBatch, client_of: Any) -> None:
    client = client_of(cast.city)
    page = client.get(reverse("portal:import-detail", args=[first.pk])).context
    # neither the explanation, nor the list of another kind, nor the hidden one
    assert [one.name for one in page["sheets"]] == [SECOND, THIRD]
    assert page["next_sheet"] == SECOND
    form = page["sheet_form"]
    shown = client.get(reverse("portal:import-detail", args=[first.pk])).content.decode()
    assert (
        "csrfmiddlewaretoken" in shown.partition(reverse("portal:import-sheet", args=[first.pk]))[2]
    )
    assert form["option-category"].value() == "specialised"

    posted = {"sheet": SECOND, "option-category": form["option-category"].value()}
    url = reverse("portal:import-sheet", args=[first.pk])
    answer = client.post(url, posted)
    second = ImportBatch.objects.latest("pk")
    assert answer["Location"] == reverse("portal:import-detail", args=[second.pk])
    run_jobs()
    second = fresh(second)
    assert (second.sheet, second.kind, second.file) == (SECOND, "enterprises", first.file)
    assert [second.counts[name] for name in ("added", "changed")] == [1, 1]
    # it is another sheet of the file, not the file again
    page = client.get(answer["Location"]).context
    assert (page["same_before"], "sheets" in page) == (None, False)
    confirm(cast.city, second)
    assert categories() == {
        "甲": ["high_tech", "specialised"],
        "乙": ["high_tech"],
        "丁": ["high_tech"],
        "丙": ["specialised"],
    }
    # from either page what is left comes next, with what was read named
    for batch in (first, second):
        page = client.get(reverse("portal:import-detail", args=[batch.pk])).context
        assert page["next_sheet"] == THIRD
    assert [(one.name, one.batch) for one in page["sheets"]] == [(FIRST, first), (THIRD, None)]
    # the name of the sheet says no kind: nothing is proposed, least of all the kind of another sheet
    assert page["sheet_form"]["option-category"].value() == ""


def test_asked_again_it_is_the_same_and_the_trail_tells(cast: Cast, first: ImportBatch) -> None:
    made = [
        imports.read_sheet(actor=cast.city, batch=first, sheet=SECOND, options={}) for _ in "12"
    ]
    assert made[0] == made[1]
    entry = AuditEntry.objects.about(made[0]).get()
    assert entry.changes == {"file": [None, "企业.xlsx"], "sheet": [None, SECOND]}
    run_jobs()
    batch = fresh(made[0])
    imports.discard(actor=cast.city, batch=batch, seen_version=batch.version)
    # thrown away it can be read again
    again = imports.read_sheet(actor=cast.city, batch=first, sheet=SECOND, options={})
    assert again != made[0]


def test_another_sheet_may_be_chosen(cast: Cast, first: ImportBatch, client_of: Any) -> None:
    url = reverse("portal:import-detail", args=[first.pk])
    client = client_of(cast.city)
    assert f"?sheet={'%E5%85%B6%E4%BB%96'}" in client.get(url).content.decode()
    assert client.get(url, {"sheet": THIRD}).context["next_sheet"] == THIRD
    assert client.get(url, {"sheet": "没有"}).context["next_sheet"] == SECOND


def test_what_cannot_be_read(
    cast: Cast, first: ImportBatch, client_of: Any, upload: Upload, book: Path
) -> None:
    with pytest.raises(InvalidTransition):
        imports.read_sheet(actor=cast.city, batch=first, sheet="没有", options={})
    # the sheet that was read is that import
    assert imports.read_sheet(actor=cast.city, batch=first, sheet=FIRST, options={}) == first
    client = client_of(cast.city)
    url = reverse("portal:import-sheet", args=[first.pk])
    client.post(url, {"sheet": SECOND, "option-category": "whim"})
    assert ImportBatch.objects.count() == 1
    # before the sheet at hand is done there is no next one
    waiting = upload(cast.city, [ENTERPRISE_HEAD, firm("演示己有限公司", 6)], kind="enterprises")
    with pytest.raises(InvalidTransition):
        imports.read_sheet(actor=cast.city, batch=waiting, sheet=SECOND, options={})
    files.let_go(file=first.file, actor=cast.city)
    with pytest.raises(DomainError):
        imports.read_sheet(actor=cast.city, batch=first, sheet=SECOND, options={})
    page = client.get(reverse("portal:import-detail", args=[first.pk])).context
    assert "sheets" not in page


def test_not_too_many_at_once(cast: Cast, first: ImportBatch, upload: Upload) -> None:
    for number in range(imports.MOST_AT_ONCE):
        batch = upload(cast.city, [ENTERPRISE_HEAD, firm(f"演示{number}有限公司", 60 + number)])
        ImportBatch.objects.filter(pk=batch.pk).update(state=ImportState.READING)
    with pytest.raises(InvalidTransition, match=str(imports.MOST_AT_ONCE)):
        imports.read_sheet(actor=cast.city, batch=first, sheet=SECOND, options={})


def test_a_sheet_that_says_nothing_new_does_not_stop_the_next(
    cast: Cast, first: ImportBatch, upload: Upload, book: Path, client_of: Any
) -> None:
    again = upload(cast.city, book, kind="enterprises", options={"category": "high_tech"})
    assert again.counts["unchanged"] == 3
    page = client_of(cast.city).get(reverse("portal:import-detail", args=[again.pk])).context
    assert (page["same_before"], page["next_sheet"]) == (first, SECOND)


def test_a_text_file_under_another_name_is_the_same_file(
    cast: Cast, upload: Upload, tmp_path: Path, client_of: Any
) -> None:
    rows = [ENTERPRISE_HEAD, firm("演示甲有限公司", 1)]
    first = workbooks.csv_file(tmp_path / "甲.csv", rows)
    before = confirm(cast.city, upload(cast.city, first, kind="enterprises"))
    after = upload(cast.city, workbooks.csv_file(tmp_path / "乙.csv", rows), kind="enterprises")
    assert before.sheet != after.sheet
    page = client_of(cast.city).get(reverse("portal:import-detail", args=[after.pk])).context
    assert page["same_before"] == before
    confirm(cast.city, after)
    # the same file again is no other file that says the same
    import_undo.take_back(actor=cast.city, batch=before, seen_version=before.version, reason="错")
    run_jobs()
    assert fresh(before).rows.get().undo_outcome == UndoOutcome.TAKEN_BACK


def test_each_sheet_is_taken_back_by_itself(cast: Cast, first: ImportBatch) -> None:
    options = {"category": "high_tech"}
    second = imports.read_sheet(actor=cast.city, batch=first, sheet=SECOND, options=options)
    run_jobs()
    second = confirm(cast.city, fresh(second))
    # 演示甲 stands in both sheets, the same in both
    assert [second.counts[name] for name in ("added", "unchanged")] == [1, 1]
    first = fresh(first)
    import_undo.take_back(actor=cast.city, batch=first, seen_version=first.version, reason="错")
    run_jobs()
    kept = fresh(first).rows.filter(undo_outcome=UndoOutcome.KEPT)
    assert [one.values["name"] for one in kept] == ["演示甲有限公司"]
    assert categories() == {"甲": ["high_tech"], "丙": ["high_tech"]}
