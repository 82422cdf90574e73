"""Confirmation sheets: made from what the unit approved, stamped, void by a later change; one dossier as PDF."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from inventory.choices import ConfirmationState, DossierState
from inventory.models import BaseListEntry, ConfirmationLine, Dossier, UnitConfirmation
from inventory.queries import confirmations as queries
from inventory.services import base_lists, confirmations, dossiers, reviews, revisions
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.jobs import runner
from portal.models import AuditEntry, Job, Membership, StoredFile
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
S = DossierState
Clients = Callable[..., PageClient]
PDF = b"%PDF-1.4 stamped"


def made(cast: Cast, state: str = S.INSTITUTION_REVIEW, **fields: Any) -> BaseListEntry:
    fields.setdefault("unit", cast.school)
    fields.setdefault("responsible", cast.inventor.user)
    return factories.entry(cast.participation, state=state, is_filled=True, **fields)


def sheet(cast: Cast, actor: Membership | None = None) -> UnitConfirmation:
    asked = confirmations.ask_for_confirmation(
        campaign=cast.campaign, unit=cast.school, actor=actor or cast.unit_manager
    )
    runner.run_due("test-worker")
    return UnitConfirmation.objects.with_standing().get(pk=asked.pk)


def fresh(found: UnitConfirmation) -> Any:
    return UnitConfirmation.objects.with_standing().get(pk=found.pk)


def give_back(cast: Cast, entry: BaseListEntry) -> None:
    dossier = Dossier.objects.get(pk=entry.dossier_id)
    outcome = reviews.return_dossiers(
        versions={dossier.pk: dossier.version},
        to_state=S.DRAFT,
        reason="请补充",
        actor=cast.manager,
    )
    assert outcome.done


def scan(
    found: UnitConfirmation, actor: Membership, version: int | None = None
) -> UnitConfirmation:
    return confirmations.keep_scan(
        confirmation=found,
        content=ContentFile(PDF),
        name="stamped.pdf",
        seen_version=version or found.version,
        actor=actor,
    )


def text_of(file: StoredFile) -> str:
    with file.content.open("rb") as content:
        reader = PdfReader(io.BytesIO(content.read()))
    return "\n".join(page.extract_text() for page in reader.pages)


def test_the_sheet_lists_what_the_unit_approved(cast: Cast) -> None:
    listed = [made(cast, stars=4), made(cast, S.COMPLETED, stars=5)]
    made(cast, S.DRAFT)
    made(cast, S.UNIT_REVIEW)
    made(cast, unit=factories.unit(cast.university))

    found = sheet(cast)

    lines = ConfirmationLine.objects.filter(confirmation=found).order_by("dossier_id")
    assert [line.dossier_id for line in lines] == [entry.dossier_id for entry in listed]
    assert (found.state, found.count, found.is_void) == (ConfirmationState.WAITING, 2, False)
    assert found.sheet is not None
    text = text_of(found.sheet)
    for entry in listed:
        assert entry.patent.number in text
    assert found.number in text
    assert found.digest in text.replace("\n", "")
    assert "13800000000" not in text
    # ask_for_confirmation, then keep_sheet in the job
    acts = AuditEntry.objects.about(found).order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["create", "export"]


def test_the_digest_is_that_of_the_content(cast: Cast) -> None:
    entry = made(cast)
    found = sheet(cast)
    approved = confirmations.dossiers_of(cast.campaign, cast.school)
    assert confirmations.digest_of(list(approved.all())) == found.digest

    Dossier.objects.filter(pk=entry.dossier_id).update(advantages="另一句")

    assert confirmations.digest_of(list(approved.all())) != found.digest


def test_approval_keeps_a_sheet_and_a_return_makes_it_void(cast: Cast) -> None:
    one, two = made(cast), made(cast)
    found = sheet(cast)
    dossier = Dossier.objects.get(pk=one.dossier_id)
    reviews.approve_dossiers(versions={dossier.pk: dossier.version}, actor=cast.manager)
    assert not fresh(found).is_void

    give_back(cast, two)

    assert fresh(found).is_void
    (change,) = queries.changes_since(found)
    assert change.dossier.pk == two.dossier_id
    assert change.step is not None
    assert (change.step.act, change.step.actor) == ("return", cast.manager)


def test_a_void_sheet_stays_void_when_the_dossier_is_approved_again(cast: Cast) -> None:
    entry = made(cast)
    found = sheet(cast)
    give_back(cast, entry)
    for act, actor in (("submit", cast.manager), ("approve", cast.unit_manager)):
        dossier = Dossier.objects.get(pk=entry.dossier_id)
        versions = {dossier.pk: dossier.version}
        done = getattr(reviews, f"{act}_dossiers")(versions=versions, actor=actor).done
        assert done

    assert fresh(found).is_void
    again = sheet(cast)
    assert (again.is_void, again.count, again.pk != found.pk) == (False, 1, True)


def test_a_revision_makes_the_sheet_void(cast: Cast) -> None:
    entry = made(cast, S.COMPLETED)
    found = sheet(cast)
    version = Dossier.objects.get(pk=entry.dossier_id).version
    reviews.revise_dossiers(
        versions={entry.dossier_id: version}, reason="更新", actor=cast.inventor
    )
    dossiers.save_dossier(
        dossier_id=entry.dossier_id,
        seen_version=version + 1,
        values={"advantages": "新的优势"},
        actor=cast.inventor,
    )

    assert fresh(found).is_void


def test_confirming_unchanged_in_the_next_campaign_keeps_the_sheet(cast: Cast) -> None:
    entry = made(cast, S.COMPLETED)
    Dossier.objects.update(version=2)
    found = sheet(cast)
    following = factories.campaign(opens_on=cast.campaign.due_on, due_on=cast.campaign.due_on)
    factories.participation(cast.university, following)
    base_lists.list_patents(
        actor=cast.city,
        campaign=following,
        institution=cast.university,
        patent_ids=[entry.patent_id],
    )
    version = Dossier.objects.get().version
    assert not fresh(found).is_void

    revisions.confirm_unchanged(versions={entry.dossier_id: version}, actor=cast.inventor)
    at_unit = Dossier.objects.get()
    assert (at_unit.state, fresh(found).is_void) == (S.UNIT_REVIEW, False)
    for reviewer in (cast.unit_manager, cast.manager):
        seen = {entry.dossier_id: Dossier.objects.get().version}
        assert reviews.approve_dossiers(versions=seen, actor=reviewer).done
        assert not fresh(found).is_void
    assert queries.changes_since(found) == []


def test_a_sheet_that_holds_is_not_made_twice(cast: Cast) -> None:
    made(cast)
    confirmations.ask_for_confirmation(
        campaign=cast.campaign, unit=cast.school, actor=cast.unit_manager
    )
    for _time in range(2):
        with pytest.raises(InvalidTransition):
            confirmations.ask_for_confirmation(
                campaign=cast.campaign, unit=cast.school, actor=cast.manager
            )
        runner.run_due("test-worker")
    made(cast)

    assert sheet(cast).count == 2


def test_nothing_approved_is_no_sheet(cast: Cast) -> None:
    made(cast, S.DRAFT)

    with pytest.raises(DomainError):
        sheet(cast)


def test_a_sheet_without_fonts_says_so_and_can_be_asked_for_again(
    cast: Cast, settings: Any, tmp_path: Any
) -> None:
    made(cast)
    kept, settings.FONT_DIR = settings.FONT_DIR, str(tmp_path)
    found = sheet(cast)

    assert found.state == ConfirmationState.FAILED
    assert Job.objects.get(kind=confirmations.KIND).error
    settings.FONT_DIR = kept
    assert sheet(cast).state == ConfirmationState.WAITING


def test_the_scan_is_kept_and_told(cast: Cast) -> None:
    made(cast)
    found = scan(sheet(cast), cast.unit_manager)

    assert (found.state, found.scanned_by) == (ConfirmationState.STAMPED, cast.unit_manager)
    entry = AuditEntry.objects.about(found).first()
    assert entry is not None
    assert entry.changes["state"] == ["waiting", "stamped"]
    with pytest.raises(StaleVersion):
        scan(found, cast.unit_manager, version=found.version - 1)


def test_a_void_sheet_takes_no_scan(cast: Cast) -> None:
    entry = made(cast)
    found = sheet(cast)
    give_back(cast, entry)

    with pytest.raises(InvalidTransition):
        scan(found, cast.unit_manager)
    assert not StoredFile.objects.filter(name="stamped.pdf").exists()


def test_files_are_opened_with_the_right_to_the_sheet(cast: Cast, client_of: Clients) -> None:
    made(cast)
    found = scan(sheet(cast), cast.unit_manager)
    paths = [f"/files/{found.sheet_id}/", f"/files/{found.scan_id}/"]

    for path in paths:
        seen = {
            name: client_of(getattr(cast, name)).get(path).status_code
            for name in ("manager", "unit_manager", "department", "inventor", "outsider")
        }
        assert seen == {
            "manager": 200,
            "unit_manager": 200,
            "department": 200,
            "inventor": 404,
            "outsider": 404,
        }


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("scan.jpg", b"\xff\xd8\xff\xe0picture", 302),
        ("scan.png", b"\x89PNG\r\n\x1a\npicture", 302),
        ("scan.pdf", b"MZ\x90\x00program", 422),
        ("scan.pdf", b"", 422),
    ],
)
def test_scans_are_told_by_their_first_bytes(
    cast: Cast, client_of: Clients, name: str, content: bytes, status: int
) -> None:
    made(cast)
    found = sheet(cast)

    answer = client_of(cast.unit_manager).post(
        f"/inventory/confirmations/{found.pk}/scan/",
        {"scan": SimpleUploadedFile(name, content), "version": found.version},
    )

    assert answer.status_code == status


def test_the_manager_sees_which_units_have_none(cast: Cast, client_of: Clients) -> None:
    other = factories.unit(cast.university, name="演示另一学院")
    made(cast)
    made(cast, S.DRAFT)
    made(cast, unit=other)
    entry = made(cast)
    sheet(cast)
    give_back(cast, entry)

    page = client_of(cast.manager).get("/inventory/confirmations/")

    rows = {row.unit.pk: row for row in page.context["units"]}
    school = rows[cast.school.pk]
    assert (school.approved, school.open, school.last.is_void) == (1, 2, True)
    assert (rows[other.pk].approved, rows[other.pk].last) == (1, None)
    mine = client_of(cast.unit_manager).get("/inventory/confirmations/")
    assert [row.unit for row in mine.context["units"]] == [cast.school]
    assert client_of(cast.city).get("/inventory/confirmations/").context["units"] is None


def test_the_list_takes_the_same_queries_for_any_number(
    cast: Cast, client_of: Clients, django_assert_num_queries: Callable[..., Any]
) -> None:
    client = client_of(cast.manager)
    made(cast)
    sheet(cast)
    client.get("/inventory/confirmations/")
    with django_assert_num_queries(99, exact=False) as few:
        client.get("/inventory/confirmations/")
    for _time in range(3):
        made(cast)
        sheet(cast)
        factories.unit(cast.university)
    with django_assert_num_queries(len(few)):
        client.get("/inventory/confirmations/")


# --- one dossier ------------------------------------------------------------------------------------


def pdf_of(cast: Cast, client: PageClient, entry: BaseListEntry) -> str:
    answer = client.post(f"/inventory/dossiers/{entry.dossier_id}/pdf/")
    assert answer.status_code == 302
    runner.run_due("test-worker")
    job = Job.objects.latest("pk")
    assert job.error == ""
    return text_of(StoredFile.objects.get(pk=job.result["file"]))


def test_a_dossier_as_pdf_carries_the_masked_contact_for_those_who_may_read_it_only(
    cast: Cast, client_of: Clients
) -> None:
    entry = made(cast, contact_phone="13812345678", advantages="独特优势" * 60)

    inside = pdf_of(cast, client_of(cast.manager), entry)
    outside = pdf_of(cast, client_of(cast.department), entry)

    assert "138****5678" in inside
    assert "138****5678" not in outside
    for text in (inside, outside):
        assert "13812345678" not in text
        assert entry.patent.number in text
        assert text.replace("\n", "").count("独特优势") == 60
    acts = AuditEntry.objects.about(Dossier.objects.get(pk=entry.dossier_id))
    assert sorted(act.action for act in acts) == ["export", "export"]
