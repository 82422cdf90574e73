"""The pages of an upload: who sees them, what they show, how many queries they cost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inventory.models import Patent
from portal.choices import ImportState
from portal.intake.files import RowFile
from portal.models import ImportBatch, Membership
from tests import workbooks
from tests.conftest import Cast, PageClient
from tests.inventory.importing.conftest import HEAD, confirm, fresh, run_jobs, upload
from tests.inventory.importing.test_base_import import row

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Membership], PageClient]
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]


def posted(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.name, path.read_bytes())


def test_a_manager_uploads_looks_and_confirms(
    cast: Cast, client_of: ClientOf, tmp_path: Path
) -> None:
    client = client_of(cast.manager)
    assert client.get(reverse("portal:import-new")).status_code == 200
    path = workbooks.xlsx(tmp_path / "list.xlsx", [HEAD, row(1), row(2, 专利权人="演示外部大学")])
    answer = client.post(
        reverse("portal:import-new"),
        {"file": posted(path), "kind": "base", "option-campaign": str(cast.campaign.pk)},
    )
    batch = ImportBatch.objects.get()
    url = reverse("portal:import-detail", args=[batch.pk])
    assert (answer.status_code, answer["Location"]) == (302, url)
    waiting = client.get(url)
    assert waiting.status_code == 200
    run_jobs()
    batch = fresh(batch)
    preview = client.get(url)
    assert batch.state == ImportState.PREVIEW
    text = preview.content.decode()
    assert "G3" in text
    assert "演示外部大学" in text
    assert client.get(reverse("portal:import-rows"), {"batch": batch.pk}).status_code == 200
    answer = client.post(
        reverse("portal:import-confirm", args=[batch.pk]),
        {"version": batch.version, "digest": batch.preview_digest},
    )
    assert answer.status_code == 302
    run_jobs()
    assert client.get(url).status_code == 200
    assert Patent.objects.count() == 1


def test_a_write_without_version_or_with_an_old_one_is_refused(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = upload(cast.manager, [HEAD, row(1)])
    client = client_of(cast.manager)
    url = reverse("portal:import-confirm", args=[batch.pk])
    assert client.post(url, {"digest": batch.preview_digest}).status_code == 428
    old = {"version": batch.version - 1, "digest": batch.preview_digest}
    assert client.post(url, old).status_code == 409


def test_a_finished_import_says_what_comes_next(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, row(1)]))
    url = reverse("portal:import-detail", args=[batch.pk])
    following = f'href="{reverse("inventory:unassigned-list")}">待认领专利</a>'
    assert following in client_of(cast.manager).get(url).content.decode()
    assert f'btn-sm" {following}' not in client_of(cast.auditor).get(url).content.decode()


def test_others_do_not_see_it_and_others_may_not(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = upload(cast.manager, [HEAD, row(1)])
    url = reverse("portal:import-detail", args=[batch.pk])
    assert client_of(cast.outsider).get(url).status_code == 404
    assert client_of(cast.city).get(url).status_code == 404
    assert client_of(cast.auditor).get(url).status_code == 200
    assert client_of(cast.inventor).get(reverse("portal:import-new")).status_code == 403
    assert client_of(cast.department).get(reverse("portal:import-list")).status_code == 403
    discard = reverse("portal:import-discard", args=[batch.pk])
    assert client_of(cast.auditor).post(discard, {"version": 1}).status_code == 403
    assert client_of(cast.outsider).post(discard, {"version": 1}).status_code == 404


def test_unknown_columns_are_confirmed_once_and_remembered(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    rows = [[*HEAD, "内部标记"], [*row(1), "甲"]]
    batch = upload(cast.manager, rows)
    assert batch.state == ImportState.MAPPING
    client = client_of(cast.manager)
    url = reverse("portal:import-columns", args=[batch.pk])
    assert "内部标记" in client.get(url).content.decode()
    fields = {f"column-{one['index']}": one["field"] for one in batch.columns}
    data = {"version": batch.version, **fields}
    assert client.post(url, data).status_code == 422
    assert client.post(url, {**data, "confirmed": "on"}).status_code == 302
    run_jobs()
    assert fresh(batch).state == ImportState.PREVIEW
    assert "内部标记" not in str(fresh(batch).rows.get().values)
    assert upload(cast.manager, rows).state == ImportState.PREVIEW


def test_a_file_that_is_no_workbook_gets_a_reason(
    cast: Cast, client_of: ClientOf, upload: Upload, tmp_path: Path
) -> None:
    path = tmp_path / "broken.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    batch = upload(cast.manager, path)
    assert batch.state == ImportState.UNREADABLE
    assert batch.problem != ""
    page = client_of(cast.manager).get(reverse("portal:import-detail", args=[batch.pk]))
    assert page.status_code == 200


def test_the_bad_rows_come_back_with_their_errors(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = upload(cast.manager, [HEAD, row(1), row(2, 申请号="CN201719000002.9")])
    client = client_of(cast.manager)
    answer = client.post(reverse("portal:import-errors", args=[batch.pk]))
    assert answer.status_code == 302
    run_jobs()
    page = client.get(answer["Location"])
    assert "/files/" in page.content.decode()


def test_the_preview_costs_the_same_for_any_number_of_rows(
    cast: Cast,
    client_of: ClientOf,
    upload: Upload,
    django_assert_num_queries: Callable[..., object],
) -> None:
    client = client_of(cast.manager)
    for count in (1, 60):
        bad = [row(serial, 专利权人="演示外部大学") for serial in range(count)]
        batch = upload(cast.manager, [HEAD, *bad])
        with django_assert_num_queries(11):
            client.get(reverse("portal:import-detail", args=[batch.pk]))


def test_a_discarded_upload_leaves_nothing(cast: Cast, client_of: ClientOf, upload: Upload) -> None:
    batch = upload(cast.manager, [HEAD, row(1)])
    url = reverse("portal:import-discard", args=[batch.pk])
    assert client_of(cast.manager).post(url, {"version": batch.version}).status_code == 302
    assert fresh(batch).state == ImportState.DISCARDED
    assert (fresh(batch).rows.count(), Patent.objects.count()) == (0, 0)


def test_a_changed_register_means_a_new_preview(cast: Cast, upload: Upload) -> None:
    first = upload(cast.manager, [HEAD, row(1)])
    second = upload(cast.manager, [HEAD, row(1)])
    confirm(cast.manager, first)
    again = confirm(cast.manager, second)
    assert again.state == ImportState.PREVIEW
    assert (again.counts["added"], again.counts["unchanged"]) == (0, 1)


def test_the_list_costs_the_same_for_any_number_of_uploads(
    cast: Cast,
    client_of: ClientOf,
    upload: Upload,
    django_assert_num_queries: Callable[..., object],
) -> None:
    client = client_of(cast.manager)
    for _ in range(2):
        upload(cast.manager, [HEAD, row(1)])
        with django_assert_num_queries(10):
            assert client.get(reverse("portal:import-list")).status_code == 200


def test_a_list_without_rows_says_so(cast: Cast, client_of: ClientOf, upload: Upload) -> None:
    batch = upload(cast.manager, [HEAD])
    text = client_of(cast.manager).get(reverse("portal:import-detail", args=[batch.pk]))
    assert "表头下方没有数据行" in text.content.decode()
    assert "无需写入" not in text.content.decode()


def test_further_sheets_with_such_a_table_are_named(
    cast: Cast, client_of: ClientOf, upload: Upload, tmp_path: Path
) -> None:
    sheets = {
        "2019年": [HEAD, row(1)],
        "2020年": [HEAD, row(2)],
        "说明": [["如何填写"], ["请逐行填写"]],
        "旧表": [HEAD, row(3)],
    }
    path = workbooks.xlsx_sheets(tmp_path / "两年.xlsx", sheets, hidden=["旧表"])
    batch = upload(cast.manager, path)
    page = client_of(cast.manager).get(reverse("portal:import-detail", args=[batch.pk]))
    assert page.context["further_tables"] == ["2020年"]
    assert "未读取的同类工作表：2020年" in page.content.decode()
    unknown = [[*HEAD, "内部标记"], [*row(1), "甲"]]
    path = workbooks.xlsx_sheets(tmp_path / "待确认.xlsx", {**sheets, "2019年": [*unknown, row(4)]})
    batch = upload(cast.manager, path)
    assert batch.state == ImportState.MAPPING
    page = client_of(cast.manager).get(reverse("portal:import-columns", args=[batch.pk]))
    assert page.context["further_tables"] == ["2020年", "旧表"]


def test_columns_that_need_a_person_are_marked(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    heads = ["申请号", "专利名称", "发明人（排名）", "内部标记"]
    batch = upload(cast.manager, [heads, [row(1)[0], "一种装置", "甲", "乙"]])
    page = client_of(cast.manager).get(reverse("portal:import-columns", args=[batch.pk]))
    lines = page.context["form"].lines()
    assert [line["is_doubtful"] for line in lines] == [False, False, True, True]
    text = page.content.decode()
    assert ("请核对标出的列" in text, 'name="confirmed"' in text) == (True, True)
    # nobody is asked to leave out what everybody knows
    batch = upload(cast.manager, [heads[:3], [row(1)[0], "一种装置", "甲"]])
    text = client_of(cast.manager).get(reverse("portal:import-columns", args=[batch.pk]))
    assert 'name="confirmed"' not in text.content.decode()


def test_a_file_that_others_import_is_called_by_its_name(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    def said(actor: Membership, **more: str) -> str:
        batch = upload(actor, [HEAD, row(1)], **more)
        assert batch.state == ImportState.UNREADABLE
        url = reverse("portal:import-detail", args=[batch.pk])
        return client_of(actor).get(url).content.decode()

    text = said(cast.city)
    assert "看起来像：底账清单或专利数据库导出文件" in text
    assert "您的角色不能导入这类文件" in text
    text = said(cast.manager, kind="personnel")
    assert "看起来像：底账清单或专利数据库导出文件" in text
    assert "按列自动识别" in text


def test_a_file_of_nothing_known_looks_like_nothing(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = upload(cast.manager, [["会议纪要"], ["时间", "2024年1月"], ["参会", "甲、乙、丙"]])
    page = client_of(cast.manager).get(reverse("portal:import-detail", args=[batch.pk]))
    assert (batch.state, page.context["looks_like"]) == (ImportState.UNREADABLE, {})


def test_rows_of_another_upload_under_the_same_number_are_not_its_rows(
    cast: Cast, client_of: ClientOf, upload: Upload, tmp_path: Path
) -> None:
    """A restored database gives old numbers to new imports; the files of rows are those of before."""
    good = upload(cast.manager, [HEAD, row(1)])
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    batch = upload(cast.manager, broken)
    shutil.copy(RowFile(good).path, RowFile(batch).path)
    page = client_of(cast.manager).get(reverse("portal:import-detail", args=[batch.pk]))
    assert (batch.state, page.context["looks_like"]) == (ImportState.UNREADABLE, {})
