"""What a base list may and may not say: one row in, one rule out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inventory.models import BaseListEntry, Dossier, DualFiling, Patent
from portal.choices import ImportState, RowOutcome
from portal.models import ImportBatch
from tests import factories, workbooks
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD, confirm, issues
from tests.inventory.importing.test_base_import import number, row

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]


def refused(batch: ImportBatch) -> list[int]:
    return list(batch.rows.filter(outcome=RowOutcome.REFUSED).values_list("line", flat=True))


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("CN201719000001.9", "check_digit"),
        ("2.0121E+12", "destroyed"),
        ("US2018123456A1", "foreign"),
        ("2017SR123456", "software_copyright"),
        ("CN109000001B", "publication_number"),
        ("", "blank"),
        ("一篇论文", "not_a_number"),
    ],
)
def test_a_number_that_is_none_is_refused_by_its_kind(
    cast: Cast, upload: Upload, cell: str, rule: str
) -> None:
    batch = upload(cast.manager, [HEAD, *(row(n) for n in range(1, 7)), row(9, 申请号=cell)])
    assert issues(batch, level="error") == [(8, rule)]
    assert (refused(batch), batch.counts["added"]) == ([8], 6)


def test_a_missing_check_character_is_computed_and_said(cast: Cast, upload: Upload) -> None:
    rows = [row(1, 申请号=number(1)[:-2]), *(row(n) for n in range(2, 7))]
    batch = upload(cast.manager, [HEAD, *rows])
    assert issues(batch) == [(2, "check_computed")]
    assert batch.rows.get(line=2).key == number(1)[2:].replace(".", "")


def test_defence_patents_and_other_kinds_are_refused_at_the_door(
    cast: Cast, upload: Upload
) -> None:
    rows = [row(1, 专利类型="国防专利"), row(2, 专利类型="软件著作权"), row(3)]
    batch = upload(cast.manager, [HEAD, *rows])
    assert issues(batch, level="error") == [(2, "defence"), (3, "kind_of_patent")]
    assert confirm(cast.manager, batch).counts["added"] == 1


def test_rows_of_other_holders_are_refused(cast: Cast, upload: Upload) -> None:
    rows = [row(1, 专利权人="演示外部大学"), row(2, 专利权人="演示外部大学;演示第一大学")]
    batch = upload(cast.manager, [HEAD, *rows])
    assert issues(batch, level="error") == [(2, "holder_foreign")]
    confirm(cast.manager, batch)
    assert [h.organisation_id for h in Patent.objects.get().holders.all()] == [
        cast.other.pk,
        cast.university.pk,
    ]


def test_a_patent_of_others_is_refused_and_says_nothing_of_it(cast: Cast, upload: Upload) -> None:
    held = factories.patent(cast.other, title="秘密标记甲", application_number=None)
    shown = held.number
    batch = upload(cast.manager, [HEAD, row(1, 申请号=shown), row(2)])
    assert issues(batch, level="error") == [(2, "holder_conflict")]
    stored = str(list(batch.rows.values())) + str(list(batch.issues.values()))
    assert "秘密标记甲" not in stored
    confirm(cast.manager, batch)
    held.refresh_from_db()
    assert (held.title, held.version) == ("秘密标记甲", 1)


def test_without_a_column_of_holders_the_institution_stands_alone(
    cast: Cast, upload: Upload
) -> None:
    head = ("申请号", "专利名称", "申请日", "授权公告日")
    batch = upload(cast.manager, [head, (number(1), "一种演示装置", "2017-03-28", "2019-06-04")])
    assert issues(batch) == [(0, "holders_missing")]
    confirm(cast.manager, batch)
    assert [h.organisation_id for h in Patent.objects.get().holders.all()] == [cast.university.pk]
    assert "演示第一大学" in Patent.objects.get().search_key


def test_application_and_grant_are_one_patent(cast: Cast, upload: Upload) -> None:
    published = row(
        1, 专利名称="公开时的名称", **{"公开（公告）号": "CN109000001A", "授权公告日": ""}
    )
    batch = upload(cast.manager, [HEAD, published, row(1), row(1)])
    assert (batch.counts["added"], batch.counts["merged"]) == (1, 2)
    assert issues(batch) == [
        (2, "duplicate_differs"),
        (2, "same_patent_documents"),
        (4, "duplicate_in_file"),
    ]
    confirm(cast.manager, batch)
    patent = Patent.objects.get()
    assert (patent.title, patent.publication_number) == ("一种演示装置1", "CN109000001B")


def test_the_cut_off_day_belongs_to_the_campaign(cast: Cast, upload: Upload) -> None:
    rows = [row(1, 授权公告日="2023-12-31"), row(2, 授权公告日="2024-01-02")]
    batch = upload(cast.manager, [HEAD, *rows], options={"campaign": str(cast.campaign.pk)})
    assert issues(batch, rule="later_grant") == [(3, "later_grant")]
    assert issues(batch, rule="grant_weekday") == [(2, "grant_weekday")]
    assert batch.counts["listed"] == 1
    confirm(cast.manager, batch)
    assert [entry.patent.granted_on for entry in BaseListEntry.objects.all()] == [
        date(2023, 12, 31)
    ]
    assert Patent.objects.count() == 2


def test_the_first_holder_that_takes_part_files(cast: Cast, upload: Upload) -> None:
    rows = [row(1, 专利权人="演示协作公司;演示外部大学;演示第一大学")]
    batch = upload(cast.manager, [HEAD, *rows], options={"campaign": str(cast.campaign.pk)})
    confirm(cast.manager, batch)
    entry = BaseListEntry.objects.get()
    assert entry.institution == cast.university
    assert Dossier.objects.get().participation == cast.other_participation


def test_an_ended_patent_is_listed_and_its_exclusion_suggested(cast: Cast, upload: Upload) -> None:
    head = (*HEAD, "简单法律状态")
    batch = upload(
        cast.manager, [head, [*row(1), "失效"]], options={"campaign": str(cast.campaign.pk)}
    )
    assert issues(batch) == [(2, "ended_before_base_day")]
    assert confirm(cast.manager, batch).counts["listed"] == 1
    assert Patent.objects.get().simple_status == "ended"


def test_dual_filings_are_linked(cast: Cast, upload: Upload) -> None:
    invention = row(1, 专利名称="一种双申演示装置")
    utility = row(2, 申请号=number(2, kind=2), 专利名称="一种双申演示装置", 专利类型="实用新型")
    batch = upload(cast.manager, [HEAD, invention, utility])
    assert issues(batch, rule="dual_filing") == [(2, "dual_filing")]
    confirm(cast.manager, batch)
    pair = DualFiling.objects.get()
    assert (pair.invention.kind, pair.utility.kind) == ("invention", "utility")


def test_a_status_event_is_no_state(cast: Cast, upload: Upload) -> None:
    head = (*HEAD, "法律状态")
    rows = [[*row(1), "授权"], [*row(2), "专利权的终止"], [*row(3), "避免重复授权"]]
    batch = upload(cast.manager, [head, *rows])
    assert issues(batch, line=0) == [(0, "status_unstated")]
    confirm(cast.manager, batch)
    assert list(
        Patent.objects.order_by("application_number").values_list("simple_status", flat=True)
    ) == ["unknown", "ended", "ended"]


def test_holders_of_the_register_are_not_lost(cast: Cast, upload: Upload) -> None:
    both = "演示第一大学;演示外部大学"
    confirm(cast.manager, upload(cast.manager, [HEAD, row(1, 专利权人=both)]))
    batch = upload(cast.manager, [HEAD, row(1)])
    assert issues(batch) == [(2, "holders_kept")]
    assert batch.counts["unchanged"] == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_files_load_the_same_rows(
    cast: Cast, upload: Upload, tmp_path: Path, encoding: str
) -> None:
    path = workbooks.csv_file(tmp_path / "list.csv", [HEAD, row(1), row(2)], encoding)
    batch = upload(cast.manager, path)
    assert (batch.state, batch.counts["added"]) == (ImportState.PREVIEW, 2)
    assert batch.rows.get(line=2).values["title"] == "一种演示装置1"


def test_old_workbooks_with_title_rows_and_other_sheets_load(
    cast: Cast, upload: Upload, tmp_path: Path
) -> None:
    path = workbooks.xls(tmp_path / "list.xls", [["某校有效专利清单"], [], HEAD, row(1), row(2)])
    batch = upload(cast.manager, path)
    assert (batch.header_row, batch.counts["added"]) == (3, 2)
    sheets = {"说明": [["填表说明"]], "清单": [HEAD, row(1)]}
    path = workbooks.xlsx_sheets(tmp_path / "two.xlsx", sheets)
    batch = upload(cast.manager, path)
    assert (batch.sheet, batch.counts["other_sheets"]) == ("清单", ["说明"])


@pytest.mark.parametrize("foot", [["合计", "3件"], ["注：以上为全部有效专利。"], ["共3件"]])
def test_the_foot_of_a_table_is_no_patent(cast: Cast, upload: Upload, foot: list[str]) -> None:
    batch = upload(cast.manager, [HEAD, *(row(n) for n in range(1, 4)), foot])
    assert (refused(batch), batch.counts["rows"]) == ([], 3)


def test_words_without_a_number_that_are_no_foot_are_told(cast: Cast, upload: Upload) -> None:
    batch = upload(
        cast.manager, [HEAD, row(1), ["", "一种合计装置"], ["", "注：", "", "2017-01-01"]]
    )
    assert issues(batch, level="error") == [(3, "blank"), (4, "blank")]
