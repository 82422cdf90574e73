"""Refused rows corrected in the page: overlay, checks at once, what follows for preview, trail and a second go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from inventory.models import Dossier, Patent
from portal.choices import AuditAction, ImportState, RowOutcome
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.intake import grids
from portal.models import AuditEntry, ImportBatch, ImportCorrection, Membership, StoredFile
from portal.services import corrections, import_undo, imports
from tests import factories, workbooks
from tests.conftest import Cast, PageClient
from tests.inventory.importing import national
from tests.inventory.importing.conftest import HEAD, confirm, fresh, issues, run_jobs, upload
from tests.inventory.importing.test_base_import import row
from tests.inventory.importing.test_national_import import own

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Membership], PageClient]
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]

NUMBER, HOLDER = HEAD.index("申请号"), HEAD.index("专利权人")
FOREIGN = "演示外部大学"
OWN = "演示第一大学"


def with_foreign(*serials: int) -> list[list[str]]:
    return [list(HEAD), row(0), *(row(serial, 专利权人=FOREIGN) for serial in serials)]


def correct(
    actor: Membership, batch: ImportBatch, cells: dict[tuple[int, int], str]
) -> corrections.Corrected:
    batch = fresh(batch)
    return corrections.correct_cells(
        actor=actor, batch=batch, seen_version=batch.version, cells=cells
    )


def outcomes(batch: ImportBatch) -> dict[int, str]:
    return dict(batch.rows.order_by("line").values_list("line", "outcome"))


def test_a_corrected_row_is_checked_at_once_and_written_with_the_good_ones(
    cast: Cast, upload: Upload
) -> None:
    batch = upload(cast.manager, with_foreign(1, 2))
    digest = batch.preview_digest
    assert outcomes(batch) == {2: "added", 3: "refused", 4: "refused"}
    done = correct(cast.manager, batch, {(3, HOLDER): OWN})
    batch = fresh(batch)
    assert done == corrections.Corrected(1, 1, is_compared=True, good=1, left=1)
    assert outcomes(batch) == {2: "added", 3: "added", 4: "refused"}
    assert (batch.counts["added"], batch.counts["refused"]) == (2, 1)
    assert batch.preview_digest not in ("", digest)
    assert batch.corrections.get().value == OWN
    assert confirm(cast.manager, batch).state == ImportState.APPLIED
    assert Patent.objects.count() == 2


def test_the_digest_seen_before_a_correction_writes_nothing(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, with_foreign(1))
    correct(cast.manager, batch, {(3, HOLDER): OWN})
    with pytest.raises(StaleVersion):
        imports.confirm(
            actor=cast.manager,
            batch=batch,
            seen_version=batch.version,
            digest=batch.preview_digest,
        )
    assert not imports.confirm(
        actor=cast.manager,
        batch=batch,
        seen_version=fresh(batch).version,
        digest=batch.preview_digest,
    )
    assert Patent.objects.count() == 0


def test_two_tabs_and_a_second_sending_have_one_effect(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, with_foreign(1))
    seen = {"actor": cast.manager, "batch": batch, "seen_version": batch.version}
    corrections.correct_cells(**seen, cells={(3, HOLDER): "演示无关单位"})
    with pytest.raises(StaleVersion):
        corrections.correct_cells(**seen, cells={(3, HOLDER): OWN})
    assert batch.corrections.get().value == "演示无关单位"
    again = correct(cast.manager, batch, {(3, HOLDER): "演示无关单位"})
    assert again.cells == 0


def test_the_text_of_the_file_takes_a_correction_back(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, with_foreign(1, 2))
    correct(cast.manager, batch, {(3, HOLDER): "演示无关单位", (4, HOLDER): "演示无关单位"})
    correct(cast.manager, batch, {(3, HOLDER): FOREIGN})
    assert list(batch.corrections.values_list("line", flat=True)) == [4]


def test_a_cell_of_a_good_row_is_not_corrected(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, with_foreign(1))
    for cells in ({(2, HOLDER): FOREIGN}, {(3, 99): "x"}, {(9000, HOLDER): OWN}):
        with pytest.raises(DomainError):
            correct(cast.manager, batch, cells)
    assert not ImportCorrection.objects.exists()
    applied = confirm(cast.manager, fresh(batch))
    with pytest.raises(InvalidTransition):
        correct(cast.manager, applied, {(3, HOLDER): OWN})


def test_the_trail_counts_a_save_once_and_tells_its_cells(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, with_foreign(1, 2))
    correct(cast.manager, batch, {(3, HOLDER): OWN, (4, HOLDER): OWN})
    entry = AuditEntry.objects.filter(
        object_type="portal.importbatch", action=AuditAction.CHANGE
    ).get()
    assert entry.changes == {
        "corrected_cells": [None, 2],
        "corrected_rows": [None, 2],
        "refused": [2, 0],
        "G3": [FOREIGN, OWN],
        "G4": [FOREIGN, OWN],
    }


def test_a_wrong_value_is_replaced_in_all_its_rows_and_in_no_other(
    cast: Cast, upload: Upload
) -> None:
    rows = [*with_foreign(1, 2, 3), row(4, 专利权人="演示无关单位")]
    batch = upload(cast.manager, rows)
    done = corrections.replace_everywhere(
        actor=cast.manager,
        batch=batch,
        seen_version=batch.version,
        wrong={"column": "G", "rule": "holder_foreign", "value": FOREIGN},
        text=OWN,
    )
    assert (done.cells, done.good, done.left) == (3, 3, 1)
    assert outcomes(batch)[6] == RowOutcome.REFUSED


# --- a file too large to be checked inside a request --------------------------------------------------


def test_of_a_large_file_cells_are_checked_at_once_and_the_register_by_the_job(
    cast: Cast, upload: Upload, settings: Any
) -> None:
    factories.patent("演示他人", title="一种他人装置")
    settings.JOB_CHUNK_ROWS = 2
    batch = upload(cast.manager, with_foreign(1, 2))
    done = correct(cast.manager, batch, {(3, HOLDER): OWN})
    batch = fresh(batch)
    assert done == corrections.Corrected(1, 1, is_compared=False, good=1, left=1)
    assert issues(batch, level="error") == [(4, "holder_foreign")]
    assert (batch.state, batch.preview_digest) == (ImportState.PREVIEW, "")
    # nothing can be confirmed before the job compared the corrected rows
    confirmed = confirm(cast.manager, batch)
    assert confirmed.state == ImportState.PREVIEW
    assert Patent.objects.exclude(title="一种他人装置").count() == 0
    assert outcomes(confirmed) == {2: "added", 3: "added", 4: "refused"}
    assert confirm(cast.manager, confirmed).state == ImportState.APPLIED


# --- the rows that stayed out of a finished import ---------------------------------------------------


def test_what_stayed_out_is_corrected_in_a_second_go(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, with_foreign(1, 2))
    correct(cast.manager, batch, {(4, HOLDER): "演示无关单位"})
    batch = confirm(cast.manager, fresh(batch))
    further = corrections.take_up_refused(actor=cast.manager, batch=batch)
    assert corrections.take_up_refused(actor=cast.manager, batch=batch).pk == further.pk
    run_jobs()
    assert outcomes(fresh(further)) == {3: "refused", 4: "refused"}
    assert further.corrections.get().value == "演示无关单位"
    correct(cast.manager, further, {(3, HOLDER): OWN})
    further = confirm(cast.manager, fresh(further))
    assert further.counts["added"] == 1
    assert (Patent.objects.count(), fresh(batch).counts["added"]) == (2, 1)
    # the row that stayed out again goes on from there, not from the first import
    third = corrections.take_up_refused(actor=cast.manager, batch=further)
    run_jobs()
    assert outcomes(fresh(third)) == {4: "refused"}


def test_a_thrown_away_second_go_is_begun_anew(cast: Cast, upload: Upload) -> None:
    batch = confirm(cast.manager, upload(cast.manager, with_foreign(1)))
    further = corrections.take_up_refused(actor=cast.manager, batch=batch)
    run_jobs()
    correct(cast.manager, further, {(3, HOLDER): "演示无关单位"})
    further = fresh(further)
    imports.discard(actor=cast.manager, batch=further, seen_version=further.version)
    assert not further.corrections.exists()
    assert corrections.take_up_refused(actor=cast.manager, batch=batch).pk != further.pk


def test_nothing_is_taken_up_where_nothing_stayed_out(cast: Cast, upload: Upload) -> None:
    waiting = upload(cast.manager, with_foreign(1))
    whole = confirm(cast.manager, upload(cast.manager, [HEAD, row(7)]))
    for batch in (waiting, whole):
        with pytest.raises(InvalidTransition):
            corrections.take_up_refused(actor=cast.manager, batch=batch)


# --- the national template ---------------------------------------------------------------------------


def template_rows(cast: Cast) -> tuple[list[list[Any]], dict[str, int]]:
    """A template whose one row names no unit and no rating, and the index of each column by its field."""
    entry = factories.entry(cast.participation)
    wrong = {"org_unit": "演示无此学院", "contact": "13800000001", "stars": "九星"}
    rows = national.template(own(entry) | national.RIGHT | wrong)
    return rows, {column.field: column.index for column in national.COLUMNS}


def test_a_template_row_is_mended_and_contacts_stay_masked(cast: Cast, upload: Upload) -> None:
    rows, at = template_rows(cast)
    batch = upload(cast.manager, rows, kind="national")
    assert batch.counts["refused"] == 1
    done = correct(
        cast.manager,
        batch,
        {
            (4, at["org_unit"]): cast.university.name,
            (4, at["stars"]): "三星",
            (4, at["contact"]): "13800009999",
        },
    )
    assert (done.cells, done.left, issues(batch, level="error")) == (3, 0, [])
    told = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert "['138****0001', '138****9999']" in told
    assert "13800009999" not in told
    assert "13800000001" not in told
    confirm(cast.manager, fresh(batch))
    assert Dossier.objects.get().stars == 3
    assert Dossier.objects.get().contact_phone == "13800009999"


def test_a_number_given_to_a_row_below_makes_it_a_patent_of_its_own(
    cast: Cast, upload: Upload
) -> None:
    first, second = factories.entry(cast.participation), factories.entry(cast.participation)
    above = own(first) | national.RIGHT | {"stars": "九星"}
    # its number was left out, so it reads as if it continued the row above
    below = own(second) | national.RIGHT
    below.pop("application_number")
    batch = upload(cast.manager, national.template(above, below), kind="national")
    assert outcomes(batch) == {4: "refused"}
    at = {column.field: column.index for column in national.COLUMNS}
    number = second.patent.number
    done = correct(
        cast.manager, batch, {(5, at["application_number"]): number, (4, at["stars"]): "三星"}
    )
    assert done.left == 0
    assert outcomes(batch) == {4: "added", 5: "added"}


# --- the file of bad rows closes the loop -------------------------------------------------------------


def errors_file(actor: Membership, batch: ImportBatch, folder: Path) -> Path:
    job = imports.ask_for_errors(actor=actor, batch=batch)
    run_jobs()
    job.refresh_from_db()
    made = StoredFile.objects.get(pk=job.result["file"])
    path = folder / "errors.xlsx"
    path.write_bytes(Path(made.content.path).read_bytes())
    return path


def test_the_file_of_bad_rows_comes_back_and_closes_the_loop(
    cast: Cast, upload: Upload, tmp_path: Path
) -> None:
    batch = confirm(cast.manager, upload(cast.manager, with_foreign(1, 2)))
    assert Patent.objects.count() == 1
    path = errors_file(cast.manager, batch, tmp_path)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == [*HEAD, "错误说明"]
    for line in range(2, sheet.max_row + 1):
        sheet.cell(line, HOLDER + 1).value = OWN
    book.save(path)
    mended = upload(cast.manager, path)
    assert mended.state == ImportState.PREVIEW
    assert (mended.counts["rows"], mended.counts["added"]) == (2, 2)
    confirm(cast.manager, mended)
    assert Patent.objects.count() == 3
    again = upload(cast.manager, path)
    assert (again.counts["unchanged"], again.counts["added"], again.counts["changed"]) == (2, 0, 0)


def test_columns_placed_by_hand_are_remembered_for_the_file_of_bad_rows(
    cast: Cast, upload: Upload, tmp_path: Path
) -> None:
    rows = [[*HEAD, "内部标记"], [*row(1), "甲"], [*row(2, 专利权人=FOREIGN), "乙"]]
    batch = upload(cast.manager, rows)
    fields = {str(one["index"]): one["field"] for one in batch.columns}
    imports.map_columns(actor=cast.manager, batch=batch, seen_version=batch.version, fields=fields)
    run_jobs()
    path = errors_file(cast.manager, fresh(batch), tmp_path)
    assert upload(cast.manager, path).state == ImportState.PREVIEW


def test_corrections_made_here_stand_in_the_file_of_bad_rows(
    cast: Cast, upload: Upload, tmp_path: Path
) -> None:
    batch = upload(cast.manager, with_foreign(1))
    correct(cast.manager, batch, {(3, HOLDER): "演示无关单位"})
    sheet = openpyxl.load_workbook(errors_file(cast.manager, fresh(batch), tmp_path)).active
    assert sheet is not None
    assert sheet.cell(2, HOLDER + 1).value == "演示无关单位"


def test_the_template_of_bad_rows_is_known_again(
    cast: Cast, upload: Upload, tmp_path: Path
) -> None:
    rows, _at = template_rows(cast)
    batch = upload(cast.manager, rows, kind="national")
    back = upload(cast.manager, errors_file(cast.manager, batch, tmp_path))
    assert (back.kind, back.state, back.counts["refused"]) == ("national", ImportState.PREVIEW, 1)


# --- delimited text ------------------------------------------------------------------------------------


def test_rows_of_a_csv_are_corrected_likewise(cast: Cast, upload: Upload, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    lines = [",".join(str(cell) for cell in one) for one in with_foreign(1)]
    path.write_bytes("\n".join(lines).encode("gb18030"))
    batch = upload(cast.manager, path)
    assert batch.counts["refused"] == 1
    assert correct(cast.manager, batch, {(3, HOLDER): OWN}).left == 0


# --- pages ----------------------------------------------------------------------------------------------


def test_the_grid_shows_heads_rows_words_and_the_value_of_the_file(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = upload(cast.manager, with_foreign(1, 2))
    client = client_of(cast.manager)
    url = reverse("portal:import-correct", args=[batch.pk])
    page = client.get(url).content.decode()
    name = f"cell-3-{HOLDER}"
    assert f'aria-describedby="{name}-wrong"' in page
    assert f'id="{name}-wrong"' in page
    assert "专利权人" in page
    assert f"cell-3-{HEAD.index('发明人')}" not in page
    assert f"cell-3-{HEAD.index('发明人')}" in client.get(url, {"columns": "all"}).content.decode()
    batch = fresh(batch)
    answer = client.post(url, {"version": batch.version, name: "演示无关单位", "columns": "all"})
    assert answer["Location"] == f"{url}?columns=all#grid"
    assert f'id="{name}-was"' in client.get(url).content.decode()
    batch = fresh(batch)
    answer = client.post(
        reverse("portal:import-replace", args=[batch.pk]),
        {
            "version": batch.version,
            "column": "G",
            "rule": "holder_foreign",
            "value": "演示无关单位",
            "text": OWN,
        },
    )
    assert answer.status_code == 302
    assert fresh(batch).counts["refused"] == 1
    rest = {"version": fresh(batch).version, f"cell-4-{HOLDER}": OWN}
    answer = client.post(url, rest)
    assert answer["Location"] == reverse("portal:import-detail", args=[batch.pk])
    assert client.post(url, rest).status_code == 409
    assert client.get(url).status_code == 302


def test_a_repeated_value_says_in_how_many_rows_it_is_replaced(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = upload(cast.manager, with_foreign(1, 2, 3))
    page = client_of(cast.manager).get(reverse("portal:import-correct", args=[batch.pk]))
    assert 'name="rule" value="holder_foreign"' in page.content.decode()
    assert [one.rows for one in page.context["repeated"]] == [3]


def test_destroyed_numbers_are_not_replaced_by_one(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, [HEAD, *(row(at, 申请号="2.0121E+12") for at in range(3)), row(4)])
    assert (batch.counts["refused"], grids.repeated_values(batch)) == (3, [])


def test_a_finished_import_leads_on_to_what_stayed_out(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = confirm(cast.manager, upload(cast.manager, with_foreign(1)))
    client = client_of(cast.manager)
    detail = reverse("portal:import-detail", args=[batch.pk])
    take_up = reverse("portal:import-take-up", args=[batch.pk])
    assert f'action="{take_up}"' in client.get(detail).content.decode()
    answer = client.post(take_up)
    further = ImportBatch.objects.get(continues=batch)
    assert answer["Location"] == reverse("portal:import-detail", args=[further.pk])
    assert client.post(take_up)["Location"] == answer["Location"]
    run_jobs()
    assert detail in client.get(answer["Location"]).content.decode()
    assert answer["Location"] in client.get(detail).content.decode()


def test_others_correct_nothing(cast: Cast, client_of: ClientOf, upload: Upload) -> None:
    batch = upload(cast.manager, with_foreign(1))
    data = {"version": batch.version, f"cell-3-{HOLDER}": OWN}
    for name in ("import-correct", "import-replace", "import-take-up"):
        url = reverse(f"portal:{name}", args=[batch.pk])
        assert client_of(cast.outsider).post(url, data).status_code == 404
        assert client_of(cast.auditor).post(url, data).status_code == 403
    assert not ImportCorrection.objects.exists()


@pytest.mark.parametrize("columns", ["", "all"])
def test_the_grid_costs_the_same_for_any_number_of_rows(
    cast: Cast,
    client_of: ClientOf,
    upload: Upload,
    django_assert_num_queries: Callable[..., object],
    columns: str,
) -> None:
    client = client_of(cast.manager)
    for count in (2, 60):
        batch = upload(cast.manager, with_foreign(*range(1, count + 1)))
        url = reverse("portal:import-correct", args=[batch.pk])
        with django_assert_num_queries(12):
            assert client.get(url, {"columns": columns}).status_code == 200


def test_unchecked_corrections_are_said_on_the_page(
    cast: Cast, client_of: ClientOf, upload: Upload, settings: Any
) -> None:
    settings.JOB_CHUNK_ROWS = 1
    batch = upload(cast.manager, with_foreign(1, 2))
    client = client_of(cast.manager)
    url = reverse("portal:import-correct", args=[batch.pk])
    again = reverse("portal:import-confirm", args=[batch.pk])
    assert again not in client.get(url).content.decode()
    client.post(url, {"version": batch.version, f"cell-3-{HOLDER}": OWN})
    assert again in client.get(url).content.decode()
    client.post(again, {"version": fresh(batch).version})
    run_jobs()
    assert again not in client.get(url).content.decode()


def test_a_large_workbook_of_lines_is_looked_into_by_row(
    tmp_path: Path, upload: Upload, cast: Cast
) -> None:
    """The rows that stayed out are found by their Excel numbers, blank rows between them or not."""
    rows: list[list[Any]] = with_foreign(1)
    rows[2:2] = [[None] * len(HEAD)] * 3
    batch = upload(cast.manager, workbooks.xlsx(tmp_path / "gaps.xlsx", rows))
    assert outcomes(batch) == {2: "added", 6: "refused"}
    batch = confirm(cast.manager, batch)
    further = corrections.take_up_refused(actor=cast.manager, batch=batch)
    run_jobs()
    assert outcomes(fresh(further)) == {6: "refused"}


def test_more_cells_than_a_form_holds_leave_the_right_ones_as_text(
    cast: Cast, client_of: ClientOf, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = upload(cast.manager, with_foreign(1, 2))
    monkeypatch.setattr(grids, "MOST_OPEN", 3)
    page = client_of(cast.manager).get(reverse("portal:import-correct", args=[batch.pk]))
    text = page.content.decode()
    assert f'name="cell-3-{HOLDER}"' in text
    assert f'name="cell-3-{NUMBER}"' not in text


def test_a_text_longer_than_a_cell_is_refused_with_its_place(
    cast: Cast, client_of: ClientOf, upload: Upload, settings: Any
) -> None:
    batch = upload(cast.manager, with_foreign(1))
    settings.MAX_CELL = 5
    url = reverse("portal:import-correct", args=[batch.pk])
    data = {"version": batch.version, f"cell-3-{HOLDER}": "演示第一大学"}
    answer = client_of(cast.manager).post(url, data)
    assert (answer.status_code, "G3" in answer.content.decode()) == (409, True)
    assert not ImportCorrection.objects.exists()


def test_the_pages_tell_a_second_go_from_the_first(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = confirm(cast.manager, upload(cast.manager, with_foreign(1, 2)))
    client = client_of(cast.manager)
    undo = reverse("portal:import-undo", args=[batch.pk])
    further = corrections.take_up_refused(actor=cast.manager, batch=batch)
    run_jobs()
    # it reads the rows that are out of the very same file: no word that it would change nothing
    page = client.get(reverse("portal:import-detail", args=[further.pk]))
    assert page.context["same_before"] is None
    assert client.get(undo).context["corrected_later"] == []

    correct(cast.manager, further, {(3, HOLDER): OWN})
    further = confirm(cast.manager, fresh(further))
    page = client.get(undo)
    assert page.context["corrected_later"] == [further]
    assert "后续更正的行予以保留" in page.content.decode()
    assert f'href="{reverse("portal:import-detail", args=[further.pk])}"' in page.content.decode()
    import_undo.take_back(
        actor=cast.manager, batch=batch, seen_version=batch.version, reason="选错了文件"
    )
    run_jobs()
    assert "后续更正的行予以保留" in client.get(undo).content.decode()
    assert Patent.objects.count() == 1
