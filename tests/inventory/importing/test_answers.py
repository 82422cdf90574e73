"""The platform's answer comes back in: what was sent, what it returned and why, what is not in the batch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File
from django.urls import reverse

from inventory.choices import ItemOutcome, UploadStanding, UploadState
from inventory.importing.answers_rows import outcome_of
from inventory.models import BaseListEntry, Dossier, UploadBatch, UploadFact, UploadItem
from inventory.services import upload_answers, upload_standing
from portal import clock
from portal.choices import ImportState
from portal.jobs import runner
from portal.models import AuditEntry, ImportBatch, Membership
from portal.services import imports
from tests import workbooks
from tests.conftest import Cast, PageClient, signed_in
from tests.inventory.uploading import approved, prepared, uploaded

pytestmark = pytest.mark.django_db
HEAD = ["序号", "申请号", "专利名称", "状态", "错误信息"]


@pytest.fixture
def sent(cast: Cast) -> tuple[UploadBatch, list[BaseListEntry]]:
    """A batch of three patents that was uploaded."""
    entries = [approved(cast) for _ in range(3)]
    return uploaded(prepared(cast), cast.manager), entries


def answer(
    actor: Membership,
    tmp_path: Path,
    rows: list[list[Any]],
    *,
    applied: bool = True,
    **options: str,
) -> ImportBatch:
    path = workbooks.xlsx(tmp_path / "answer.xlsx", rows)
    with path.open("rb") as content:
        batch = imports.upload(
            actor=actor, content=File(content), name="answer.xlsx", options=options
        )
    runner.run_due("test-worker")
    batch.refresh_from_db()
    if applied and batch.state == ImportState.PREVIEW:
        imports.confirm(
            batch=batch, digest=batch.preview_digest, seen_version=batch.version, actor=actor
        )
        runner.run_due("test-worker")
        batch.refresh_from_db()
    return batch


def outcomes(batch: ImportBatch) -> list[str]:
    return list(batch.rows.order_by("line").values_list("outcome", flat=True))


def rows_about(entries: list[BaseListEntry]) -> list[list[Any]]:
    first, second, _third = entries
    return [
        HEAD,
        [1, first.patent.number, first.patent.title, "导入失败", "意向价格不能为空"],
        [2, second.patent.number, second.patent.title, "导入成功", ""],
    ]


def test_returned_and_accepted_patents(
    cast: Cast, sent: tuple[UploadBatch, list[BaseListEntry]], tmp_path: Path
) -> None:
    upload, entries = sent
    found = answer(cast.manager, tmp_path, rows_about(entries), upload=str(upload.pk))

    assert (found.kind, found.state) == ("platform", ImportState.APPLIED)
    assert outcomes(found) == ["changed", "changed"]
    items = {item.dossier_id: item for item in UploadItem.objects.all()}
    first, second, third = (items[entry.dossier_id] for entry in entries)
    assert (first.outcome, first.message) == (ItemOutcome.RETURNED, "意向价格不能为空")
    assert (first.answered_on, second.outcome) == (clock.today(), ItemOutcome.ACCEPTED)
    assert third.outcome == ItemOutcome.SENT
    upload.refresh_from_db()
    assert upload.state == UploadState.ANSWERED
    standings = upload_standing.derived_standing([entry.dossier_id for entry in entries])
    assert standings == dict(Dossier.objects.values_list("pk", "upload_standing"))
    assert standings[first.dossier_id] == UploadStanding.RETURNED
    fact = UploadFact.objects.current().get(dossier=first.dossier_id)
    assert fact.standing == UploadStanding.RETURNED
    trail = AuditEntry.objects.about(entries[0].dossier).first()
    assert trail is not None
    assert trail.reason == "意向价格不能为空"
    assert upload_answers.record_answers(batch_id=upload.pk, answers={}, actor=cast.manager) == 0


def test_a_list_of_numbers_alone_is_read_with_titles(
    cast: Cast, sent: tuple[UploadBatch, list[BaseListEntry]], tmp_path: Path
) -> None:
    upload, entries = sent
    rows = [
        ["申请号", "状态", "错误信息"],
        [entries[0].patent.number, "导入失败", "意向价格不能为空"],
    ]

    found = answer(cast.manager, tmp_path, rows, applied=False, upload=str(upload.pk))

    assert found.state == ImportState.PREVIEW
    page = (
        signed_in(cast.manager)
        .get(reverse("portal:import-rows"), {"batch": found.pk})
        .content.decode()
    )
    assert entries[0].patent.title in page


def test_the_same_list_again_changes_nothing(
    cast: Cast, sent: tuple[UploadBatch, list[BaseListEntry]], tmp_path: Path
) -> None:
    upload, entries = sent
    answer(cast.manager, tmp_path, rows_about(entries), upload=str(upload.pk))
    before = list(UploadItem.objects.order_by("pk").values())

    again = answer(cast.manager, tmp_path, rows_about(entries), upload=str(upload.pk))

    assert outcomes(again) == ["unchanged", "unchanged"]
    assert list(UploadItem.objects.order_by("pk").values()) == before


def test_unknown_numbers_and_rows_that_say_nothing_are_refused(
    cast: Cast, sent: tuple[UploadBatch, list[BaseListEntry]], tmp_path: Path
) -> None:
    upload, entries = sent
    stranger = approved(cast)
    rows = [
        HEAD,
        [1, stranger.patent.number, "", "导入失败", "x"],
        [2, entries[0].patent.number, "", "待定", "-"],
        [3, "CN201799999999.9", "", "导入失败", "x"],
        [4, entries[1].patent.number, "", "", "缺少联系人"],
    ]
    found = answer(cast.manager, tmp_path, rows, upload=str(upload.pk))

    assert outcomes(found) == ["refused", "refused", "refused", "changed"]
    rules = set(found.issues.filter(level="error").values_list("rule", flat=True))
    assert {"not_in_batch", "no_answer", "check_digit"} <= rules


def test_without_a_batch_everything_is_refused(
    cast: Cast, sent: tuple[UploadBatch, list[BaseListEntry]], tmp_path: Path
) -> None:
    _upload, entries = sent
    found = answer(cast.manager, tmp_path, rows_about(entries), upload="", applied=False)

    assert outcomes(found) == ["refused", "refused"]
    assert set(found.issues.values_list("rule", flat=True)) == {"no_batch"}


def test_another_institutions_batch_is_none(
    cast: Cast, sent: tuple[UploadBatch, list[BaseListEntry]], tmp_path: Path
) -> None:
    upload, entries = sent
    found = answer(
        cast.outsider, tmp_path, rows_about(entries), upload=str(upload.pk), applied=False
    )

    assert outcomes(found) == ["refused", "refused"]
    assert set(UploadItem.objects.values_list("outcome", flat=True)) == {ItemOutcome.SENT}


def test_several_messages_about_one_patent_are_one_answer(
    cast: Cast, sent: tuple[UploadBatch, list[BaseListEntry]], tmp_path: Path
) -> None:
    upload, entries = sent
    number = entries[0].patent.number
    rows = [
        ["专利号", "申请号", "失败原因"],
        ["", number, "意向价格不能为空"],
        ["", "", "联系人不能为空"],
        ["", number, "技术成熟度不在选项中"],
    ]
    answer(cast.manager, tmp_path, rows, upload=str(upload.pk))

    item = UploadItem.objects.get(dossier=entries[0].dossier_id)
    assert item.message == "意向价格不能为空；联系人不能为空；技术成熟度不在选项中"


def test_a_list_of_failures_accepts_the_rest(
    cast: Cast, sent: tuple[UploadBatch, list[BaseListEntry]], tmp_path: Path
) -> None:
    upload, entries = sent
    rows = rows_about(entries)[:2]
    answer(cast.manager, tmp_path, rows, upload=str(upload.pk), rest="accepted")

    found = dict(UploadItem.objects.values_list("dossier_id", "outcome"))
    assert [found[entry.dossier_id] for entry in entries] == ["returned", "accepted", "accepted"]
    assert upload_answers.accept_rest(batch_id=upload.pk, actor=cast.manager) is False


@pytest.mark.parametrize(
    ("status", "message", "outcome"),
    [
        ("导入成功", "", "accepted"),
        ("未通过", "", "returned"),
        ("审核通过", "", "accepted"),
        ("", "缺少金额", "returned"),
        ("处理中", "", ""),
    ],
)
def test_words_of_a_status(status: str, message: str, outcome: str) -> None:
    assert outcome_of(status, message) == outcome


def test_the_returned_patent_says_so_where_people_look(
    cast: Cast,
    client_of: Callable[[Membership], PageClient],
    sent: tuple[UploadBatch, list[BaseListEntry]],
    tmp_path: Path,
) -> None:
    upload, entries = sent
    answer(cast.manager, tmp_path, rows_about(entries), upload=str(upload.pk))
    client = client_of(cast.manager)

    dossier = client.get(entries[0].dossier.get_absolute_url()).content.decode()
    listed = client.get(reverse("inventory:entry-list"), {"upload": "returned"})
    asked = {"batch": upload.pk, "outcome": "returned"}
    batch = client.get(reverse("inventory:upload-items"), asked)

    assert "意向价格不能为空" in dossier
    assert [row.dossier_id for row in listed.context["page"].items] == [entries[0].dossier_id]
    assert [item.dossier_id for item in batch.context["page"].items] == [entries[0].dossier_id]
