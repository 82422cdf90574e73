"""Forgetting a person of the expert pool: by account, by hand, and in the lists that named the person."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from evaluation.choices import ErasureGround, ExpertState
from evaluation.models import Expert
from evaluation.services import expert_erasure, experts
from portal.choices import ImportState, UndoOutcome
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.intake import undoing
from portal.models import AuditEntry, ImportBatch, ImportRow, StoredFile
from portal.services import (
    accounts,
    corrections,
    erasure,
    files,
    import_forgetting,
    import_undo,
    imports,
    my_data,
)
from tests import factories
from tests.conftest import Cast
from tests.evaluation.importing import EXPERT_HEAD as HEAD
from tests.evaluation.importing import expert
from tests.inventory.importing.conftest import confirm, fresh, run_jobs, upload

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]
NAME, PHONE, MAIL = "欧阳待忘", "13987650000", "forget.me@example.com"
GROUND = str(ErasureGround.OWN_REQUEST.label)


def take(upload: Upload, cast: Cast, *rows: list[Any]) -> ImportBatch:
    return confirm(cast.city, upload(cast.city, [HEAD, *rows]))


def person(**more: Any) -> list[Any]:
    return expert(NAME, f"{PHONE} {MAIL}", **more)


def erase(cast: Cast, one: Expert) -> Expert:
    return expert_erasure.erase_expert(
        expert=one, seen_version=one.version, reason=GROUND, actor=cast.city
    )


def everything() -> str:
    """Entries, rows, issues, typed cells, samples as the database holds them, contacts opened."""
    models = (Expert, ImportBatch)
    found = [str(list(model.objects.values())) for model in models]
    for batch in ImportBatch.objects.all():
        staged = (batch.rows, batch.issues, batch.corrections)
        found += [str(list(each.values())) for each in staged]
    return " ".join(found)


def words() -> tuple[str, ...]:
    return (NAME, PHONE, MAIL, "总工程师", "硕士、材料学", "功率器件", "发明专利3件")


# --- by hand --------------------------------------------------------------------------------------------


def test_an_entry_is_emptied_with_the_rows_that_made_it(cast: Cast, upload: Upload) -> None:
    batch = take(upload, cast, person(), expert("演示甲"))
    wrong = take(upload, cast, person(从业年限="很久"), expert("演示乙", "13800002222"))
    one = Expert.objects.get(name=NAME)
    assert all(word in everything() for word in words())

    held = erase(cast, one)

    Expert.objects.exclude(pk=one.pk).delete()
    for each in (batch, wrong):
        each.rows.exclude(values={}).delete()
    assert [word for word in words() if word in everything()] == []
    assert (held.state, held.name) == (ExpertState.ERASED, expert_erasure.pseudonym_of(one))
    assert (held.employer, held.technical_fields, held.avoided) == ("", [], [])
    assert (held.organisation, held.recommended_by, held.term_from) == (None, None, None)
    # what became of the rows is still told
    assert batch.rows.get().is_applied
    assert (wrong.rows.get().outcome, wrong.issues.get(level="error").value) == ("refused", "")


def test_the_trail_says_it_without_what_was_erased(cast: Cast, upload: Upload) -> None:
    batch = take(upload, cast, person())
    one = Expert.objects.get()
    held = erase(cast, one)
    entry = AuditEntry.objects.about(one).latest("pk")
    assert entry.changes == {"name": [None, held.name], "state": ["recommended", "erased"]}
    assert (entry.reason, entry.version, entry.owner) == (GROUND, 2, cast.bureau)
    trail = json.dumps(list(AuditEntry.objects.values_list("changes", "reason")), default=str)
    kept = [
        word
        for word in (NAME, PHONE, MAIL, "总工程师", "硕士、材料学", "发明专利3件")
        if word in trail
    ]
    assert kept == []
    told = AuditEntry.objects.about(batch).latest("pk")
    assert (told.changes, told.reason) == ({"emptied_rows": [None, 1]}, GROUND)
    let_go = AuditEntry.objects.about(batch.file).latest("pk")
    assert list(let_go.changes) == ["expires_at"]


def test_the_list_itself_goes_with_the_expired_files(cast: Cast, upload: Upload) -> None:
    batch = take(upload, cast, person(), expert("演示1"))
    again = upload(cast.city, Path(batch.file.content.path), kind="experts")
    imports.discard(actor=cast.city, batch=again, seen_version=again.version)
    rows = Path(settings.MEDIA_ROOT, "intake", f"{batch.pk}.jsonl")
    contents = [Path(each.file.content.path) for each in (batch, fresh(again))]
    assert rows.exists()

    erase(cast, Expert.objects.get())
    files.remove_expired_files()

    # another upload of the same file is the same list
    assert [path.exists() for path in (rows, *contents)] == [False, False, False]
    batch = fresh(batch)
    assert (batch.file.is_over, batch.file.name) == (True, "patents.xlsx")
    for act in (corrections.take_up_refused, imports.ask_for_errors):
        with pytest.raises(DomainError):
            act(actor=cast.city, batch=batch)
    with pytest.raises(DomainError):
        files.record_opening(file=batch.file, actor=cast.city)


def test_nothing_brings_it_back_by_undoing(cast: Cast, upload: Upload) -> None:
    take(upload, cast, person())
    batch = take(upload, cast, person(从业年限="16"))
    one = Expert.objects.get()
    assert batch.rows.get().before["name"] == NAME
    erase(cast, one)
    batch = fresh(batch)
    import_undo.take_back(
        actor=cast.city, batch=batch, seen_version=batch.version, reason="传错了文件"
    )
    run_jobs()
    assert fresh(batch).rows.get().undo_outcome == UndoOutcome.KEPT
    assert Expert.objects.get().state == ExpertState.ERASED
    with pytest.raises(DomainError):
        import_undo.ask_for_kept(actor=cast.city, batch=fresh(batch))


def test_an_unfinished_list_comes_first(cast: Cast, upload: Upload) -> None:
    take(upload, cast, person())
    waiting = upload(cast.city, [HEAD, person(从业年限="16")])
    one = Expert.objects.get()
    with pytest.raises(InvalidTransition, match=r"patents\.xlsx"):
        erase(cast, one)
    assert Expert.objects.get().name == NAME
    assert not StoredFile.objects.filter(expires_at__isnull=False).exists()
    imports.discard(actor=cast.city, batch=waiting, seen_version=waiting.version)
    erase(cast, one)
    # a list that names the person anew is a new recommendation
    assert take(upload, cast, person()).counts["added"] == 1


def test_twice_stale_and_afterwards(cast: Cast) -> None:
    one = factories.expert()
    with pytest.raises(StaleVersion):
        expert_erasure.erase_expert(expert=one, seen_version=7, reason=GROUND, actor=cast.city)
    held = erase(cast, one)
    with pytest.raises(InvalidTransition):
        erase(cast, held)
    for act in (experts.admit_expert, experts.change_expert):
        more = {"values": {"name": NAME}} if act is experts.change_expert else {}
        with pytest.raises(InvalidTransition):
            act(expert=held, seen_version=2, actor=cast.city, **more)
    with pytest.raises(IntegrityError, match="expert_erased"), transaction.atomic():
        Expert.objects.filter(pk=one.pk).update(phone=PHONE)
    import_forgetting.forget_rows(rows=ImportRow.objects.none(), actor=cast.city, reason=GROUND)


def test_the_page_tells_what_it_does_and_asks(cast: Cast, upload: Upload, client_of: Any) -> None:
    take(upload, cast, person())
    one, client = Expert.objects.get(), client_of(cast.city)
    url = reverse("evaluation:expert-erase", args=[one.pk])
    detail = reverse("evaluation:expert-detail", args=[one.pk])
    assert url in client.get(detail).content.decode()
    assert client.get(url).context["lists"] == 1
    waiting = upload(cast.city, [HEAD, person(从业年限="16")])
    shown = client.get(url)
    assert [each.pk for each in shown.context["unfinished"]] == [waiting.pk]
    assert reverse("portal:import-detail", args=[waiting.pk]) in shown.content.decode()
    imports.discard(actor=cast.city, batch=waiting, seen_version=waiting.version)
    assert not client.get(url).context["unfinished"]
    for said in ({}, {"ground": "own_request"}, {"ground": "whim", "is_read": "on"}):
        assert client.post(url, {"version": 1, **said}).status_code == 200
    said = {"ground": "own_request", "is_read": "on"}
    assert client.post(url, said).status_code == 428
    assert client.post(url, {**said, "version": 7}).status_code == 409
    assert client.post(url, {**said, "version": 1}).status_code == 302
    page = client.get(detail).content.decode()
    assert url not in page
    assert NAME not in page
    assert client.post(url, {**said, "version": 2}).status_code == 409
    assert client_of(cast.manager).get(url).status_code == 403


# --- by account -----------------------------------------------------------------------------------------


def account(cast: Cast, **contact: str) -> Any:
    made = accounts.create_account(
        actor=cast.system_admin, username="ouyang.dai", name=NAME, contact=contact
    ).person
    accounts.set_account_active(
        person=made,
        is_active=False,
        reason="离职",
        seen_version=made.version,
        actor=cast.system_admin,
    )
    made.refresh_from_db()
    return made


def forget(cast: Cast, someone: Any) -> None:
    request = erasure.request_erasure(person=someone, reason="本人申请", actor=cast.system_admin)
    erasure.pseudonymise(request=request, seen_version=1, actor=cast.system_admin)


@pytest.mark.parametrize(
    "contact",
    [
        {"phone": "+86 139 8765 0000", "email": ""},
        {"phone": "", "email": "Forget.Me@example.com"},
    ],
)
def test_the_entry_goes_with_the_account(cast: Cast, contact: dict[str, str]) -> None:
    one = factories.expert(name=NAME, phone=PHONE, email=MAIL)
    namesake = factories.expert(name=NAME, employer="演示研究院")
    someone = account(cast, **contact)
    forget(cast, someone)
    one.refresh_from_db()
    namesake.refresh_from_db()
    assert (one.state, one.phone, one.email) == (ExpertState.ERASED, "", "")
    assert one.name == erasure.pseudonym_of(someone)
    assert namesake.name == NAME
    entry = AuditEntry.objects.about(one).latest("pk")
    # the office that keeps the pool reads it, whoever carried it out
    assert (entry.user, entry.owner) == (cast.system_admin.user, cast.bureau)
    assert (entry.changes["name"], entry.reason) == ([None, one.name], GROUND)


def test_who_carries_it_out_is_told_of_the_pool(cast: Cast, client_of: Any) -> None:
    factories.expert(name=NAME, phone=PHONE)
    someone = account(cast, phone=PHONE, email="")
    url = reverse("portal:people-forget", args=[someone.pk])
    client = client_of(cast.system_admin)
    ((_template, panel),) = client.get(url).context["panels"]
    assert panel == {"sure": 1, "unsure": 0}
    factories.expert(name=NAME, employer="演示研究院")
    ((_template, panel),) = client.get(url).context["panels"]
    assert panel == {"sure": 1, "unsure": 1}


def test_my_data_tell_of_the_entry(cast: Cast) -> None:
    factories.expert(name=NAME, phone=PHONE, education="博士、化学")
    factories.expert(name=NAME, education="硕士、物理")
    someone = factories.user(name=NAME, phone=PHONE)
    archive = my_data.archive_of(someone)
    assert "博士、化学" in unpacked(archive)
    assert "硕士、物理" not in unpacked(archive)


def unpacked(archive: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        return found.read("data.json").decode()


# --- without anybody asking -----------------------------------------------------------------------------


def test_lists_of_people_are_emptied_when_they_cannot_be_taken_back(
    cast: Cast, upload: Upload
) -> None:
    batch = take(upload, cast, person(), person(姓名="演示1"))
    young = take(upload, cast, expert("演示丙", "13800003333"))
    long_ago = timezone.now() - timedelta(days=settings.IMPORT_UNDO_DAYS + 1)
    ImportBatch.objects.filter(pk=batch.pk).update(applied_at=long_ago)
    undoing.forget_images()
    assert {str(row.values) + str(row.changes) for row in batch.rows.all()} == {"{}{}"}
    assert young.rows.get().values["name"] == "演示丙"
    Expert.objects.all().delete()
    assert NAME not in everything()
    with connection.cursor() as cursor:
        cursor.execute("SELECT columns::text FROM portal_importbatch WHERE id = %s", [batch.pk])
        assert PHONE not in cursor.fetchone()[0]
    # what stayed out can still be taken up: the file is there
    assert fresh(batch).state == ImportState.APPLIED
    assert not fresh(batch).file.is_over
