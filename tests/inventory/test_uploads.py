"""Batches for the national platform: what goes, the confidentiality review, the states of patents, the file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from inventory.choices import (
    UPLOAD_TRANSITIONS,
    DossierState,
    Doubt,
    ItemOutcome,
    UploadKind,
    UploadStanding,
    UploadState,
)
from inventory.importing.columns import COLUMNS
from inventory.models import (
    BaseListEntry,
    ConfidentialWords,
    Dossier,
    UploadBatch,
    UploadFact,
    UploadItem,
    UploadStep,
)
from inventory.queries import uploads as queries
from inventory.services import reviews, upload_standing, uploads
from inventory.services.dossiers import save_dossier
from inventory.services.upload_content import approved_of, digest_of
from portal import clock
from portal.choices import AuditAction, JobState, Role
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.models import AuditEntry, Membership, StoredFile
from tests import factories
from tests.conftest import Cast, PageClient
from tests.inventory.uploading import approved, asked, fresh, handed_out, prepared, signed, uploaded

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]


def rows_in(file: StoredFile | None) -> list[dict[str, Any]]:
    assert file is not None
    return rows_of_workbook(file.content.read())


def rows_of_workbook(content: bytes) -> list[dict[str, Any]]:
    page = openpyxl.load_workbook(io.BytesIO(content))["批量导入"]
    return [
        {c.field: cell for c, cell in zip(COLUMNS, row, strict=True) if cell is not None}
        for row in page.iter_rows(min_row=4, values_only=True)
    ]


def revise(entry: BaseListEntry, actor: Membership, **values: Any) -> Dossier:
    """Reopen an approved dossier and write something else into it."""
    dossier = Dossier.objects.get(pk=entry.dossier_id)
    reviews.revise_dossiers(versions={dossier.pk: dossier.version}, reason="更新", actor=actor)
    dossier.refresh_from_db()
    save_dossier(dossier_id=dossier.pk, seen_version=dossier.version, values=values, actor=actor)
    dossier.refresh_from_db()
    return dossier


def approve_again(dossier: Dossier, cast: Cast) -> None:
    for act, actor in (
        (reviews.submit_dossiers, cast.manager),
        (reviews.approve_dossiers, cast.unit_manager),
        (reviews.approve_dossiers, cast.manager),
    ):
        dossier.refresh_from_db()
        done = act(versions={dossier.pk: dossier.version}, actor=actor)
        assert done.refused == []
    dossier.refresh_from_db()


def standing(entry: BaseListEntry) -> str:
    found = Dossier.objects.get(pk=entry.dossier_id)
    assert upload_standing.derived_standing([found.pk])[found.pk] == found.upload_standing
    return found.upload_standing


# --- what goes ----------------------------------------------------------------------------------------


def test_only_approved_dossiers_that_the_institution_files_go(cast: Cast) -> None:
    good = approved(cast)
    factories.entry(cast.participation, state=DossierState.DRAFT, is_filled=True)
    excluded = approved(cast)
    BaseListEntry.objects.filter(pk=excluded.pk).update(is_included=False)
    joint = factories.patent(cast.other, cast.university)
    theirs = factories.entry(cast.other_participation, joint, state=DossierState.COMPLETED)
    BaseListEntry.objects.create(
        campaign=cast.campaign,
        institution=cast.university,
        patent=joint,
        dossier=theirs.dossier,
        listed_on=theirs.listed_on,
        due_on=theirs.due_on,
    )
    found = queries.preview(cast.campaign, cast.university.pk)

    batch = prepared(cast)

    assert (found.ready, found.not_complete, found.excluded, found.filed_by_others) == (1, 1, 1, 1)
    assert (batch.count, batch.workbooks, batch.state) == (1, 1, UploadState.PREPARING)
    [row] = rows_in(batch.file)
    assert (row["application_number"], row["contact"]) == (good.patent.number, "13800000000")
    assert batch.items.get().digest == good.dossier.approved_digest or batch.items.get().digest
    assert queries.preview(cast.campaign, cast.university.pk).in_open_batch == 1


def test_a_dossier_under_revision_goes_as_it_was_approved(cast: Cast) -> None:
    entry = approved(cast, unit=cast.school, advantages="第一版优势")
    approve_again(revise(entry, cast.manager, advantages="第二版优势"), cast)
    revise(entry, cast.manager, advantages="第三版草稿", contact_phone="13911112222")

    batch = prepared(cast)

    [row] = rows_in(batch.file)
    assert (row["advantages"], row["contact"]) == ("第二版优势", "13800000000")


def test_a_withdrawn_approval_keeps_a_dossier_out(cast: Cast) -> None:
    entry = approved(cast)
    reviews.return_dossiers(
        versions={entry.dossier_id: entry.dossier.version},
        to_state=DossierState.DRAFT,
        reason="有误",
        actor=cast.manager,
    )

    assert prepared(cast).count == 0


def test_equal_contents_have_equal_digests(cast: Cast) -> None:
    first, second = approved(cast), approved(cast)
    found = approved_of(list(Dossier.objects.order_by("pk")))

    assert found[0].digest == found[1].digest == digest_of(found[0].content)
    Dossier.objects.filter(pk=second.dossier_id).update(stars=5)
    changed = approved_of(list(Dossier.objects.order_by("pk")))
    assert (changed[0].digest, changed[1].digest == found[1].digest) == (found[0].digest, False)
    assert first.dossier_id != second.dossier_id


def test_many_patents_are_split_into_workbooks(cast: Cast, settings: Any) -> None:
    settings.UPLOAD_PATENTS_PER_FILE, settings.JOB_CHUNK_ROWS = 2, 2
    entries = [approved(cast) for _ in range(5)]

    batch = prepared(cast)

    assert (batch.count, batch.workbooks) == (5, 3)
    assert batch.file is not None
    with zipfile.ZipFile(io.BytesIO(batch.file.content.read())) as archive:
        books = [rows_of_workbook(archive.read(name)) for name in sorted(archive.namelist())]
    assert [[row["sequence"] for row in book] for book in books] == [[1, 2], [1, 2], [1]]
    numbers = [row["application_number"] for book in books for row in book]
    assert numbers == [entry.patent.number for entry in entries]


def test_starting_twice_is_one_batch_and_no_patent_is_in_two(cast: Cast) -> None:
    entry = approved(cast)
    first = prepared(cast)
    again = uploads.start_batch(campaign=cast.campaign, kind=UploadKind.FULL, actor=cast.manager)
    other = prepared(cast, UploadKind.CHANGED)

    assert (again.pk, other.number, other.count) == (first.pk, 2, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        UploadItem.objects.create(batch=other, dossier=entry.dossier, digest="x")
    assert AuditEntry.objects.filter(object_type="inventory.uploadbatch").exists()


def test_a_filter_of_the_work_list_selects(cast: Cast) -> None:
    approved(cast)
    good = approved(cast, stars=5)

    batch = prepared(cast, UploadKind.SELECTED, "stars=5")

    assert [item.dossier for item in batch.items.all()] == [good.dossier]


def test_doubtful_patents_are_marked(cast: Cast) -> None:
    approved(cast)
    defence = approved(cast, is_publicly_funded=True, funding_kind="国防预研项目")
    personal = approved(cast, advantages="联系 13800001111")
    word = approved(cast, prospects="用于秘密工程")
    ended = approved(cast)
    ended.patent.simple_status = "ended"
    ended.patent.save(update_fields=["simple_status"])

    batch = prepared(cast)

    found = {item.dossier_id: item.doubts for item in batch.items.all() if item.doubts}
    assert found == {
        defence.dossier_id: [Doubt.DEFENCE],
        personal.dossier_id: [Doubt.PERSONAL],
        word.dossier_id: [Doubt.WORD],
        ended.dossier_id: [Doubt.NOT_IN_FORCE],
    }


def test_an_institution_keeps_its_own_words(cast: Cast) -> None:
    uploads.set_words(words=["甲工程"], seen_version=1, actor=cast.manager)
    approved(cast, prospects="用于甲 工程")
    approved(cast, prospects="用于秘密工程")

    assert prepared(cast).items.filter(doubts=[Doubt.WORD]).count() == 1
    with pytest.raises(StaleVersion):
        uploads.set_words(words=["乙"], seen_version=1, actor=cast.manager)
    assert uploads.set_words(words=["甲工程"], seen_version=1, actor=cast.manager).version == 2
    assert ConfidentialWords.objects.count() == 1
    entry = AuditEntry.objects.get(object_type="inventory.confidentialwords")
    assert entry.changes["words"][1] == ["甲工程"]


# --- the confidentiality review ------------------------------------------------------------------------


def test_the_file_leaves_only_after_the_sign_off(cast: Cast, client_of: ClientOf) -> None:
    approved(cast)
    client = client_of(cast.manager)
    batch = prepared(cast)
    page = reverse("inventory:upload-file", args=[batch.pk])
    assert client.get(page).status_code == 409
    assert batch.file_id is not None
    own = client.get(reverse("portal:file-download", args=[batch.file_id]))
    assert own.status_code == 404  # also for whoever prepared it
    batch = signed(batch, cast.manager)
    assert client.get(page).status_code == 409
    uploads.hand_out(batch=batch, seen_version=batch.version, actor=cast.manager)

    answer = client.get(page)

    assert b"".join(answer.streaming_content)[:2] == b"PK"
    taken = AuditEntry.objects.filter(object_type="portal.storedfile", object_id=batch.file_id)
    assert taken.get(action=AuditAction.VIEW).changes["sha256"][1] == batch.signed_sha256
    assert client_of(cast.outsider).get(page).status_code == 404
    assert client_of(cast.city).get(page).status_code == 403


def test_another_manager_signs_where_there_is_one(cast: Cast, client_of: ClientOf) -> None:
    approved(cast)
    second = factories.membership(Role.INSTITUTION_MANAGER, cast.university)
    batch = prepared(cast)
    with pytest.raises(DomainError):
        signed(batch, cast.manager)
    page = reverse("inventory:upload-sign-off", args=[batch.pk])
    assert client_of(cast.manager).get(page).status_code == 403
    assert client_of(second).get(page).status_code == 200
    batch = fresh(batch)
    uploads.sign_off(
        batch=batch,
        checks=[check for check, _label in sign_off_checks()],
        statement="演示",
        seen_version=batch.version,
        actor=second,
    )

    batch = fresh(batch)
    assert (batch.state, batch.signed_by) == (UploadState.SIGNED, second)
    assert batch.file is not None
    assert batch.signed_sha256 == batch.file.sha256
    assert [step.to_state for step in batch.steps.all()] == ["preparing", "sign_off", "signed"]


def sign_off_checks() -> list[tuple[str, Any]]:
    from inventory.choices import SignOffCheck  # noqa: PLC0415

    return list(SignOffCheck.choices)


def test_every_point_must_be_confirmed(cast: Cast, client_of: ClientOf) -> None:
    approved(cast)
    batch = asked(prepared(cast), cast.manager)
    with pytest.raises(ValidationError):
        uploads.sign_off(
            batch=batch,
            checks=["listed"],
            statement="演示",
            seen_version=batch.version,
            actor=cast.manager,
        )
    page = reverse("inventory:upload-sign-off", args=[batch.pk])
    client = client_of(cast.manager)
    words = {"decision": "sign", "checks": ["listed"], "statement": "x", "version": batch.version}
    assert client.post(page, words).status_code == 422
    assert client.post(page, {"decision": "refuse", "version": batch.version}).status_code == 422
    assert fresh(batch).state == UploadState.SIGN_OFF


def test_a_refusal_sends_it_back_and_some_are_left_out(cast: Cast) -> None:
    keep, leave = approved(cast), approved(cast)
    batch = asked(prepared(cast), cast.manager)
    uploads.refuse_sign_off(
        batch=batch, reason="一件待脱密", seen_version=batch.version, actor=cast.manager
    )
    batch = fresh(batch)
    item = batch.items.get(dossier=leave.dossier)
    count = uploads.leave_out(
        batch=batch,
        items=[item.pk],
        reason="待脱密",
        seen_version=batch.version,
        actor=cast.manager,
    )
    batch = fresh(batch)
    with pytest.raises(InvalidTransition):
        asked(batch, cast.manager)
    uploads.prepare_again(batch=batch, seen_version=batch.version, actor=cast.manager)
    from portal.jobs import runner  # noqa: PLC0415

    runner.run_due("test-worker")
    batch = fresh(batch)

    assert (count, batch.count) == (1, 1)
    assert [row["application_number"] for row in rows_in(batch.file)] == [keep.patent.number]
    reasons = set(UploadStep.objects.values_list("reason", flat=True))
    assert "一件待脱密" in reasons
    assert AuditEntry.objects.filter(object_type="inventory.uploadbatch", reason="待脱密").exists()


@pytest.mark.parametrize("at", ["sign_off", "hand_out"])
def test_changed_content_voids_the_batch(cast: Cast, at: str) -> None:
    entry = approved(cast, unit=cast.school)
    batch = prepared(cast)
    batch = signed(batch, cast.manager) if at == "hand_out" else asked(batch, cast.manager)
    approve_again(revise(entry, cast.manager, advantages="改动后的优势"), cast)
    assert uploads.changed_items(batch).count() == 1

    if at == "hand_out":
        moved = uploads.hand_out(batch=batch, seen_version=batch.version, actor=cast.manager)
    else:
        moved = uploads.sign_off(
            batch=batch,
            checks=[check for check, _label in sign_off_checks()],
            statement="演示",
            seen_version=batch.version,
            actor=cast.manager,
        )

    assert (moved.state, moved.signed_sha256) == (UploadState.PREPARING, "")
    assert "1" in moved.steps.latest("pk").reason


def test_a_stale_step_is_a_conflict(cast: Cast) -> None:
    approved(cast)
    batch = prepared(cast)
    asked(batch, cast.manager)
    with pytest.raises(StaleVersion):
        uploads.withdraw_batch(
            batch=batch, reason="x", seen_version=batch.version, actor=cast.manager
        )


@pytest.mark.parametrize("after", UploadState.values)
@pytest.mark.parametrize("before", ["preparing", "uploaded", "withdrawn"])
def test_the_database_has_the_same_table(cast: Cast, before: str, after: str) -> None:
    approved(cast)
    batch = prepared(cast)
    if before == "uploaded":
        batch = uploaded(batch, cast.manager)
    if before == "withdrawn":
        UploadBatch.objects.filter(pk=batch.pk).update(state="withdrawn")
    values = {"state": after, "signed_by": cast.manager, "signed_sha256": "x"}

    if before == after or after in UPLOAD_TRANSITIONS[before]:
        UploadBatch.objects.filter(pk=batch.pk).update(**values)
    else:
        with pytest.raises(IntegrityError, match="no step"), transaction.atomic():
            UploadBatch.objects.filter(pk=batch.pk).update(**values)


# --- the state of a patent ------------------------------------------------------------------------------


def test_the_states_of_a_patent_from_batch_to_batch(cast: Cast) -> None:
    entry = approved(cast, unit=cast.school)
    assert standing(entry) == UploadStanding.NOT_SENT
    batch = handed_out(prepared(cast), cast.manager)
    assert standing(entry) == UploadStanding.NOT_SENT  # nobody said yet that it was uploaded
    uploads.mark_uploaded(
        batch=batch, on=clock.today(), seen_version=batch.version, actor=cast.manager
    )
    assert standing(entry) == UploadStanding.SENT
    assert prepared(cast, UploadKind.CHANGED).count == 0

    draft = revise(entry, cast.manager, advantages="改动后的优势")
    assert standing(entry) == UploadStanding.SENT  # what was approved still stands
    approve_again(draft, cast)
    assert standing(entry) == UploadStanding.CHANGED
    found = queries.preview(cast.campaign, cast.university.pk)
    assert (found.changed, found.unchanged, found.unsent) == (1, 0, 1)
    second = prepared(cast, UploadKind.FULL)
    assert second.count == 1
    uploaded(second, cast.manager)
    assert standing(entry) == UploadStanding.SENT
    facts = UploadFact.objects.current().filter(dossier=entry.dossier_id)
    assert facts.get().standing == UploadStanding.SENT


def test_an_approval_of_the_same_words_is_no_change(cast: Cast) -> None:
    entry = approved(cast, unit=cast.school)
    uploaded(prepared(cast), cast.manager)
    dossier = revise(entry, cast.manager, advantages="别的")
    save_dossier(
        dossier_id=dossier.pk,
        seen_version=dossier.version,
        values={"advantages": factories.FILLED["advantages"]},
        actor=cast.manager,
    )
    approve_again(dossier, cast)

    assert standing(entry) == UploadStanding.SENT


def test_a_withdrawn_approval_is_a_change(cast: Cast) -> None:
    entry = approved(cast)
    uploaded(prepared(cast), cast.manager)
    dossier = Dossier.objects.get(pk=entry.dossier_id)
    reviews.return_dossiers(
        versions={dossier.pk: dossier.version},
        to_state=DossierState.DRAFT,
        reason="有误",
        actor=cast.manager,
    )

    assert standing(entry) == UploadStanding.CHANGED


def test_the_day_of_the_upload_is_the_day_that_was_said(cast: Cast) -> None:
    approved(cast)
    start = date(2024, 6, 3)
    with clock.frozen(start):
        batch = handed_out(prepared(cast), cast.manager)
    with clock.frozen(start + timedelta(days=9)):
        for day in (start - timedelta(days=1), start + timedelta(days=10)):
            with pytest.raises(ValidationError):
                uploads.mark_uploaded(
                    batch=batch, on=day, seen_version=batch.version, actor=cast.manager
                )
        uploads.mark_uploaded(
            batch=batch,
            on=start + timedelta(days=2),
            seen_version=batch.version,
            actor=cast.manager,
        )

    assert UploadFact.objects.as_of(start + timedelta(days=1)).count() == 0
    assert UploadFact.objects.as_of(start + timedelta(days=2)).count() == 1


def test_a_withdrawn_batch_gives_its_patents_back(cast: Cast) -> None:
    entry = approved(cast)
    batch = handed_out(prepared(cast), cast.manager)
    uploads.withdraw_batch(
        batch=batch, reason="文件未使用", seen_version=batch.version, actor=cast.manager
    )

    assert standing(entry) == UploadStanding.NOT_SENT
    assert prepared(cast).count == 1
    with pytest.raises(DomainError):
        uploads.open_file(batch=fresh(batch), actor=cast.manager)


def test_standing_changes_in_a_constant_number_of_queries(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    entries = [approved(cast) for _ in range(4)]
    batch = handed_out(prepared(cast), cast.manager)
    UploadBatch.objects.filter(pk=batch.pk).update(state=UploadState.UPLOADED)
    batch.items.update(outcome=ItemOutcome.SENT)
    ids = [entry.dossier_id for entry in entries]
    for some in (ids[:1], ids[1:]):
        with django_assert_num_queries(7):
            assert upload_standing.refresh_standing(some) == len(some)


def test_the_rights_are_asked_again_by_the_job(cast: Cast) -> None:
    approved(cast)
    batch = uploads.start_batch(campaign=cast.campaign, kind=UploadKind.FULL, actor=cast.manager)
    Membership.objects.filter(pk=cast.manager.pk).update(role=Role.AUDITOR)
    from portal.jobs import runner  # noqa: PLC0415

    runner.run_due("test-worker")

    batch = fresh(batch)
    assert batch.job is not None
    assert (batch.job.state, batch.file_id) == (JobState.FAILED, None)


# --- pages -----------------------------------------------------------------------------------------------


def test_from_the_preview_to_the_upload_by_pages(cast: Cast, client_of: ClientOf) -> None:
    entry = approved(cast)
    client = client_of(cast.manager)
    new = client.get(reverse("inventory:upload-new"))
    assert new.context["preview"].ready == 1
    client.post(
        reverse("inventory:upload-new"), {"campaign": cast.campaign.pk, "kind": UploadKind.CHANGED}
    )
    from portal.jobs import runner  # noqa: PLC0415

    runner.run_due("test-worker")
    batch = UploadBatch.objects.get()

    def post(name: str, **words: Any) -> None:
        batch.refresh_from_db()
        page = reverse(f"inventory:upload-{name}", args=[batch.pk])
        assert client.get(batch.get_absolute_url()).status_code == 200
        assert client.post(page, {"version": batch.version, **words}).status_code == 302, name

    checks = [check for check, _label in sign_off_checks()]
    post("request")
    post("sign-off", decision="sign", checks=checks, statement="演示审查意见")
    post("hand-out")
    post("uploaded", on=clock.today().isoformat())
    batch.refresh_from_db()
    assert batch.state == UploadState.UPLOADED
    listed = client.get(reverse("inventory:entry-list"), {"upload": "sent"})
    assert [row.pk for row in listed.context["page"].items] == [entry.pk]
    dossier = client.get(entry.dossier.get_absolute_url())
    assert [item.batch for item in dossier.context["uploads"]] == [batch]
    assert client.get(reverse("inventory:upload-list")).context["page"].total == 1
    assert client_of(cast.outsider).get(batch.get_absolute_url()).status_code == 404
    assert client_of(cast.unit_manager).get(reverse("inventory:upload-new")).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_is_shown_in_a_constant_number_of_queries(
    cast: Cast, client_of: ClientOf, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        approved(cast)
    batch = prepared(cast)
    client = client_of(cast.manager)
    client.get(batch.get_absolute_url())
    with django_assert_num_queries(13):
        client.get(batch.get_absolute_url())


def test_an_approval_is_noted_with_its_digest_and_forgotten_with_it(cast: Cast) -> None:
    entry = approved(cast)
    found = approved_of([entry.dossier])
    upload_standing.note_approval([entry.dossier], [found[0].content])
    entry.dossier.refresh_from_db()
    assert entry.dossier.approved_digest == found[0].digest

    upload_standing.note_withdrawal([entry.dossier_id])
    entry.dossier.refresh_from_db()
    assert entry.dossier.approved_digest == ""
