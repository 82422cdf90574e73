"""An answer of the national platform taken back: patents stand as before, what was answered or sent since stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from inventory.choices import ItemOutcome, UploadStanding
from inventory.models import BaseListEntry, Dossier, UploadBatch, UploadItem
from inventory.services import upload_answers, upload_standing
from portal.choices import ImportState, UndoOutcome
from portal.intake import recognition
from portal.jobs import runner
from portal.models import AuditEntry, ImportBatch
from portal.services import import_undo
from tests.conftest import Cast
from tests.inventory.importing.test_answers import HEAD, answer, rows_about, sent

pytestmark = pytest.mark.django_db
__all__ = ["sent"]
Sent = tuple[UploadBatch, list[BaseListEntry]]
REST = "accepted"


def take_back(cast: Cast, batch: ImportBatch) -> ImportBatch:
    batch.refresh_from_db()
    import_undo.take_back(
        actor=cast.manager, batch=batch, seen_version=batch.version, reason="批次选错了"
    )
    runner.run_due("test-worker")
    batch.refresh_from_db()
    assert batch.state == ImportState.TAKEN_BACK, batch.problem
    return batch


def outcomes(batch: ImportBatch) -> dict[int, str]:
    return dict(batch.rows.exclude(undo_outcome="").values_list("line", "undo_outcome"))


def items() -> list[tuple[str, str, object]]:
    return list(UploadItem.objects.order_by("pk").values_list("outcome", "message", "answered_on"))


def standings() -> dict[int, str]:
    kept = dict(Dossier.objects.values_list("pk", "upload_standing"))
    assert kept == upload_standing.derived_standing(list(kept))
    return kept


@pytest.mark.parametrize("rest", ["open", REST])
def test_patents_stand_as_before_the_answer(
    cast: Cast, sent: Sent, tmp_path: Path, rest: str
) -> None:
    upload, entries = sent
    before = items(), standings()
    found = answer(cast.manager, tmp_path, rows_about(entries), upload=str(upload.pk), rest=rest)
    assert UploadStanding.RETURNED in standings().values()
    assert (items()[2][0] == ItemOutcome.ACCEPTED) == (rest == REST)

    found = take_back(cast, found)

    assert outcomes(found) == dict.fromkeys((2, 3), UndoOutcome.TAKEN_BACK)
    assert (items(), standings()) == before
    told = AuditEntry.objects.filter(reason="批次选错了", object_type="inventory.dossier").get()
    assert (told.object_id, told.changes["outcome"]) == (
        entries[0].dossier_id,
        [ItemOutcome.RETURNED, ItemOutcome.SENT],
    )


def test_an_answer_over_an_answer_goes_back_to_the_first(
    cast: Cast, sent: Sent, tmp_path: Path
) -> None:
    upload, entries = sent
    answer(cast.manager, tmp_path, rows_about(entries), upload=str(upload.pk))
    first = items(), standings()
    other = [HEAD, [1, entries[0].patent.number, entries[0].patent.title, "导入成功", ""]]
    second = answer(cast.manager, tmp_path, other, upload=str(upload.pk))
    assert items() != first[0]

    take_back(cast, second)

    assert (items(), standings()) == first


def answered_again(cast: Cast, upload: UploadBatch, item: UploadItem) -> None:
    said = {item.pk: (str(ItemOutcome.RETURNED), "另一个原因")}
    upload_answers.record_answers(batch_id=upload.pk, answers=said, actor=cast.manager)


def sent_again(cast: Cast, upload: UploadBatch, item: UploadItem) -> None:
    further = UploadBatch.objects.create(
        institution=upload.institution,
        campaign=upload.campaign,
        number=upload.number + 1,
        kind=upload.kind,
        prepared_by=cast.manager,
    )
    UploadItem.objects.create(batch=further, dossier=item.dossier, digest=item.digest)


@pytest.mark.parametrize("since", [answered_again, sent_again])
def test_what_was_answered_or_sent_since_stays_and_is_named_before(
    cast: Cast,
    sent: Sent,
    tmp_path: Path,
    since: Callable[[Cast, UploadBatch, UploadItem], None],
) -> None:
    upload, entries = sent
    found = answer(cast.manager, tmp_path, rows_about(entries), upload=str(upload.pk))
    item = UploadItem.objects.get(dossier=entries[0].dossier_id)
    since(cast, upload, item)
    standing = UploadItem.objects.get(pk=item.pk)
    named = recognition.importer_of(found).changed_since(found)
    assert list(named.values_list("line", flat=True)) == [2]

    found = take_back(cast, found)

    assert outcomes(found) == {2: UndoOutcome.KEPT, 3: UndoOutcome.TAKEN_BACK}
    assert found.rows.get(line=2).undo_note
    now = UploadItem.objects.get(pk=item.pk)
    assert (now.outcome, now.message) == (standing.outcome, standing.message)


def test_a_later_list_that_says_the_same_holds_its_answers(
    cast: Cast, sent: Sent, tmp_path: Path
) -> None:
    upload, entries = sent
    found = answer(cast.manager, tmp_path, rows_about(entries), upload=str(upload.pk))
    more = [*rows_about(entries)[:2], [3, entries[2].patent.number, "", "导入成功", ""]]
    answer(cast.manager, tmp_path, more, upload=str(upload.pk))

    found = take_back(cast, found)

    assert outcomes(found) == {2: UndoOutcome.KEPT, 3: UndoOutcome.TAKEN_BACK}
    assert [outcome for outcome, _words, _day in items()] == ["returned", "sent", "accepted"]


def test_the_rest_that_an_earlier_list_accepted_stays(
    cast: Cast, sent: Sent, tmp_path: Path
) -> None:
    upload, entries = sent
    answer(cast.manager, tmp_path, rows_about(entries)[:2], upload=str(upload.pk), rest=REST)
    other = [HEAD, [1, entries[1].patent.number, "", "导入失败", "缺少单位"]]
    second = answer(cast.manager, tmp_path, other, upload=str(upload.pk), rest=REST)

    take_back(cast, second)

    assert [outcome for outcome, _words, _day in items()] == ["returned", "accepted", "accepted"]


def test_the_batch_tells_how_many_answers_were_taken_back(cast: Cast, sent: Sent) -> None:
    upload, _entries = sent
    (item, *_rest) = upload.items.order_by("pk")
    UploadItem.objects.filter(pk=item.pk).update(outcome=ItemOutcome.RETURNED, message="缺联系人")
    upload_standing.refresh_standing([item.dossier_id])

    upload_answers.take_back_answers(
        batch_id=upload.pk,
        answers={item.pk: (ItemOutcome.SENT, "", None)},
        actor=cast.manager,
        reason="批次选错了",
    )

    item.refresh_from_db()
    assert (item.outcome, item.message, item.answered_on) == (ItemOutcome.SENT, "", None)
    told = AuditEntry.objects.about(upload).filter(reason="批次选错了").get()
    assert told.changes == {"answers": [1, None]}
