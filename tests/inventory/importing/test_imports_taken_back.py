"""A finished import is taken back as one: what it wrote is gone, what somebody changed since stays and is listed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.choices import DossierState, SimpleStatus
from inventory.models import (
    BaseListEntry,
    Dossier,
    DualFiling,
    EntryFact,
    FieldComment,
    IntentMark,
    LegalEvent,
    Patent,
    PatentHolder,
    PatentInventor,
    StatusMark,
)
from inventory.services import assignments, edits, withdrawals
from inventory.services.edits import Edit
from portal import clock
from portal.choices import ImportState, Role, UndoOutcome
from portal.errors import InvalidTransition, StaleVersion
from portal.intake import undoing
from portal.jobs import queue, runner
from portal.models import AuditEntry, ImportBatch, ImportRow, Job
from portal.services import import_undo
from reporting.models import CoverageSnapshot
from reporting.queries.freshness import is_stale
from reporting.services import coverage
from tests import factories
from tests.conftest import Cast, PageClient
from tests.inventory.importing.conftest import HEAD, confirm, fresh, run_jobs
from tests.inventory.importing.national import RIGHT, template
from tests.inventory.importing.test_base_import import number, row
from tests.inventory.importing.test_national_import import own

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
Clients = Callable[..., PageClient]
# moved by every write, also by one that takes another back
_MOVING = {"version", "updated_at", "created_at"}


def take_back(actor: Any, batch: ImportBatch, *, runs: bool = True) -> ImportBatch:
    import_undo.take_back(actor=actor, batch=batch, seen_version=batch.version, reason="演示误导入")
    if runs:
        run_jobs()
    return fresh(batch)


def table(model: Any, *left_out: str) -> list[dict[str, Any]]:
    """All rows of a table, without what every write moves."""
    names = [
        f.attname
        for f in model._meta.concrete_fields
        if f.name not in _MOVING and f.name not in left_out and f.name != "search_pieces"
    ]
    order = [
        name for name in ("patent_id", "dossier_id", "position", "kind", "pk") if name in names
    ]
    return list(model.objects.order_by(*order, "pk").values(*names))


def picture() -> dict[str, Any]:
    """What the register and the lists say, table by table; keys of rows that are written anew apart."""
    whole = (Patent, Dossier, BaseListEntry, DualFiling)
    parts = (PatentHolder, PatentInventor, LegalEvent, StatusMark, IntentMark)
    current = EntryFact.objects.filter(superseded_at=None, valid_to=None)
    return {
        **{model.__name__: table(model) for model in whole},
        **{model.__name__: table(model, "id") for model in parts},
        "facts": sorted(current.values_list("entry", "is_included")),
    }


def undone(batch: ImportBatch) -> dict[int, str]:
    return dict(batch.rows.exclude(undo_outcome="").values_list("line", "undo_outcome"))


# --- base lists -------------------------------------------------------------------------------------


def test_what_a_base_list_added_leaves_list_and_register(cast: Cast, upload: Upload) -> None:
    before = picture()
    options = {"campaign": str(cast.campaign.pk)}
    known = clock.now()
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, row(1), row(2)], options=options))
    counted = clock.now()
    assert EntryFact.objects.as_of(clock.today()).count() == 2

    batch = take_back(cast.manager, batch)
    assert (batch.state, batch.undone_by) == (ImportState.TAKEN_BACK, cast.manager)
    assert batch.counts["undone"] == {"taken_back": 2, "partly": 0, "kept": 0}
    assert picture() == before
    cast.participation.refresh_from_db()
    assert cast.participation.listed == 0
    # what was believed meanwhile is still known, and nothing is believed of it now
    assert EntryFact.objects.as_of(clock.today()).count() == 0
    assert EntryFact.objects.as_of(clock.today(), counted).count() == 2
    assert EntryFact.objects.as_of(clock.today(), known).count() == 0
    told = AuditEntry.objects.filter(reason="演示误导入", job_id=batch.job_id)
    assert set(told.values_list("object_type", flat=True)) == {
        "inventory.baselistentry",
        "inventory.dossier",
        "inventory.patent",
        "portal.importbatch",
    }


def test_figures_count_again_once_it_was_taken_back(cast: Cast, upload: Upload) -> None:
    options = {"campaign": str(cast.campaign.pk)}
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, row(1), row(2)], options=options))
    coverage.take_snapshot(campaign=cast.campaign)
    counted = CoverageSnapshot.objects.latest("pk")
    assert not is_stale(cast.campaign, counted)
    take_back(cast.manager, batch)
    assert is_stale(cast.campaign, counted)
    coverage.take_snapshot(campaign=cast.campaign)
    assert not is_stale(cast.campaign, CoverageSnapshot.objects.latest("pk"))


def test_the_right_list_can_be_imported_after_the_wrong_one(cast: Cast, upload: Upload) -> None:
    options = {"campaign": str(cast.campaign.pk)}
    first = confirm(cast.manager, upload(cast.manager, [HEAD, row(1)], options=options))
    take_back(cast.manager, first)
    again = upload(cast.manager, [HEAD, row(1)], options=options)
    assert (again.counts["added"], again.counts["listed"]) == (1, 1)
    confirm(cast.manager, again)
    entry = BaseListEntry.objects.get()
    assert EntryFact.objects.as_of(clock.today()).get().entry_id == entry.pk


def test_a_changed_patent_says_again_what_it_said(cast: Cast, upload: Upload) -> None:
    confirm(cast.manager, upload(cast.manager, [[*HEAD, "法律状态"], [*row(1), "授权"]]))
    PatentInventor.objects.filter(position=2).update(user=cast.inventor.user)
    before = picture()
    changed = row(
        1, 专利名称="一种改名的演示装置", 授权公告日="2019-06-11", 专利权人="演示第一大学;演示外部大学",
        发明人="演示丙",
    )  # fmt: skip
    options = {"campaign": str(cast.campaign.pk)}
    head = [*HEAD, "专利有效性", "法律状态"]
    batch = upload(cast.manager, [head, [*changed, "失效", "专利权的终止"]], options=options)
    batch = confirm(cast.manager, batch)
    patent = Patent.objects.get()
    assert (patent.title, patent.simple_status) == ("一种改名的演示装置", SimpleStatus.ENDED)
    assert (patent.holders.count(), patent.inventors.count()) == (2, 1)
    assert (patent.events.count(), BaseListEntry.objects.count()) == (2, 1)

    batch = take_back(cast.manager, batch)
    assert undone(batch) == {2: UndoOutcome.TAKEN_BACK}
    assert picture() == before


def test_the_field_somebody_changed_since_stays(cast: Cast, upload: Upload) -> None:
    confirm(cast.manager, upload(cast.manager, [HEAD, row(1)]))
    changed = row(1, 专利名称="一种改名的演示装置", **{"公开（公告）号": "CN109000099B"})
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, changed]))
    right = row(1, 专利名称="一种改对的演示装置", **{"公开（公告）号": "CN109000099B"})
    confirm(cast.manager, upload(cast.manager, [HEAD, right]))

    batch = take_back(cast.manager, batch)
    patent = Patent.objects.get()
    assert (patent.title, patent.publication_number) == ("一种改对的演示装置", "CN109000001B")
    assert undone(batch) == {2: UndoOutcome.PARTLY}
    assert "名称" in batch.rows.get().undo_note or "title" in batch.rows.get().undo_note


def test_what_somebody_uses_since_stays_and_is_listed(
    cast: Cast, upload: Upload, client_of: Clients
) -> None:
    options = {"campaign": str(cast.campaign.pk)}
    rows = [HEAD, *(row(serial) for serial in range(1, 6))]
    batch = confirm(cast.manager, upload(cast.manager, rows, options=options))
    dossiers = {d.patent.title[-1]: d for d in Dossier.objects.select_related("patent")}
    assignments.assign_dossiers(
        ids=[dossiers["1"].pk], actor=cast.manager, responsible=cast.inventor.user
    )
    comment = FieldComment(
        dossier=dossiers["2"], field="stars", author=cast.manager, text="演示意见"
    )
    comment.save()
    later = row(3, 专利名称="一种改名的演示装置3")
    confirm(cast.manager, upload(cast.manager, [HEAD, later], options=options))
    dossiers["4"].entries.update(is_included=False)

    page = client_of(cast.manager).get(reverse("portal:import-undo", args=[batch.pk]))
    assert [line.row.line for line in page.context["page"].rows] == [2, 4]
    batch = take_back(cast.manager, batch)
    assert undone(batch) == {
        **dict.fromkeys((2, 3, 4, 5), UndoOutcome.KEPT),
        6: UndoOutcome.TAKEN_BACK,
    }
    assert batch.counts["undone"] == {"taken_back": 1, "partly": 0, "kept": 4}
    assert all(batch.rows.filter(undo_outcome="kept").values_list("undo_note", flat=True))
    assert Patent.objects.count() == 4


def test_an_overlapping_list_of_another_holder_keeps_the_patent(cast: Cast, upload: Upload) -> None:
    both = row(1, 专利权人="演示第一大学;演示外部大学")
    options = {"campaign": str(cast.campaign.pk)}
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, both, row(2)], options=options))
    confirm(cast.outsider, upload(cast.outsider, [HEAD, both], options=options))
    batch = take_back(cast.manager, batch)
    assert undone(batch) == {2: UndoOutcome.KEPT, 3: UndoOutcome.TAKEN_BACK}
    assert BaseListEntry.objects.count() == 2


def test_what_a_later_file_says_too_stays(cast: Cast, upload: Upload) -> None:
    options = {"campaign": str(cast.campaign.pk)}
    first = confirm(cast.manager, upload(cast.manager, [HEAD, row(1), row(2)], options=options))
    later = confirm(cast.manager, upload(cast.manager, [HEAD, row(2), row(3)], options=options))
    assert undoing.forecast(first) == {"taken_back": 1, "changed": 1}
    first = take_back(cast.manager, first)
    assert undone(first) == {2: UndoOutcome.TAKEN_BACK, 3: UndoOutcome.KEPT}
    # the later one wrote only what was new to it
    assert undone(take_back(cast.manager, later)) == {3: UndoOutcome.TAKEN_BACK}
    assert Patent.objects.get().title == "一种演示装置2"


def test_units_and_dual_filings_go_back_too(cast: Cast, upload: Upload) -> None:
    options = {"campaign": str(cast.campaign.pk)}
    invention, utility = row(1, 专利名称="一种同日装置"), row(2, 专利名称="一种同日装置")
    utility[0], utility[2] = number(2, kind=2), "实用新型"
    confirm(cast.manager, upload(cast.manager, [HEAD, invention], options=options))
    before = picture()
    head = [*HEAD, "所属学院"]
    rows = [[*invention, cast.school.name], [*utility, cast.school.name]]
    batch = confirm(cast.manager, upload(cast.manager, [head, *rows], options=options))
    assert DualFiling.objects.count() == 1
    assert set(Dossier.objects.values_list("unit", flat=True)) == {cast.school.pk}
    batch = take_back(cast.manager, batch)
    assert set(undone(batch).values()) == {UndoOutcome.TAKEN_BACK}
    assert picture() == before


def test_a_grant_is_never_left_before_its_filing(cast: Cast, upload: Upload) -> None:
    confirm(cast.manager, upload(cast.manager, [HEAD, row(1)]))
    later = row(1, 申请日="2019.03.28", 授权公告日="2021-06-04")
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, later]))
    confirm(
        cast.manager,
        upload(cast.manager, [HEAD, row(1, 申请日="2020.05.28", 授权公告日="2021-06-04")]),
    )
    batch = take_back(cast.manager, batch)
    patent = Patent.objects.get()
    assert (patent.filed_on, patent.granted_on) == (date(2020, 5, 28), date(2021, 6, 4))
    assert undone(batch) == {2: UndoOutcome.KEPT}


def test_what_leaves_leaves_its_entries_in_the_trail(cast: Cast) -> None:
    entry = factories.entry(cast.participation)
    dossier, patent = entry.dossier, entry.patent
    by: dict[str, Any] = {"actor": cast.manager, "reason": "演示误导入"}
    withdrawals.withdraw_entries(entries=[entry], **by)
    withdrawals.withdraw_dossiers(dossiers=[dossier], **by)
    withdrawals.withdraw_patents(
        patents=[(patent.pk, patent.application_number, patent.title)], **by
    )
    assert not Patent.objects.exists()
    told = AuditEntry.objects.filter(reason="演示误导入").order_by("pk")
    assert [one.object_id for one in told] == [entry.pk, dossier.pk, patent.pk]
    assert told[2].changes["title"] == [patent.title, None]


# --- national templates -----------------------------------------------------------------------------


def test_a_dossier_says_again_what_it_said(cast: Cast, upload: Upload) -> None:
    entry = factories.entry(cast.participation)
    first = {"maturity": "通过小试"}
    confirm(cast.manager, upload(cast.manager, template(own(entry) | RIGHT | first)))
    assert Dossier.objects.get().maturity_raw == "通过小试"
    before = picture()
    second = {
        "status_level1": "已许可", "status_level2": "已签订普通许可合同", "status_detail": 12,
        "contact_name": "演示另一人", "contact": "13900000000", "stars": "五星",
        "maturity": "样品、实验阶段", "org_unit": cast.school.name, "fee_standard": 20,
    }  # fmt: skip
    batch = upload(cast.manager, template(own(entry) | RIGHT | second))
    batch = confirm(cast.manager, batch)
    dossier = Dossier.objects.get()
    assert (dossier.stars, dossier.contact_phone) == (5, "13900000000")
    assert dossier.is_transformed

    batch = take_back(cast.manager, batch)
    assert set(undone(batch).values()) == {UndoOutcome.TAKEN_BACK}
    assert picture() == before
    dossier = Dossier.objects.get()
    assert dossier.contact_phone == "13800000000"
    entry_of = AuditEntry.objects.filter(object_type="inventory.dossier", object_id=dossier.pk)
    assert entry_of.order_by("-pk")[0].reason == "演示误导入"


def test_a_dossier_somebody_edited_stays(cast: Cast, upload: Upload) -> None:
    one, two = factories.entry(cast.participation), factories.entry(cast.participation)
    sheet = template(own(one) | RIGHT, own(two) | RIGHT)
    batch = confirm(cast.manager, upload(cast.manager, sheet))
    one.dossier.refresh_from_db()
    edits.edit_dossier(
        dossier_id=one.dossier.pk,
        seen_version=one.dossier.version,
        edit=Edit({"stars": 4}),
        actor=cast.manager,
    )
    assert undoing.forecast(batch) == {"taken_back": 1, "changed": 1}
    batch = take_back(cast.manager, batch)
    found = {d.pk: (d.stars, d.advantages, d.state) for d in Dossier.objects.all()}
    assert found[one.dossier.pk] == (4, RIGHT["advantages"], DossierState.DRAFT)
    assert found[two.dossier.pk] == (None, "", DossierState.DRAFT)
    assert undone(batch) == {4: UndoOutcome.KEPT, 5: UndoOutcome.TAKEN_BACK}
    assert cast.manager.user.name in batch.rows.get(line=4).undo_note


# --- as one, once, in time, by those who may --------------------------------------------------------


def test_asking_twice_has_one_effect(cast: Cast, upload: Upload, client_of: Clients) -> None:
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, row(1)]))
    client, url = client_of(cast.manager), reverse("portal:import-undo", args=[batch.pk])
    data = {"version": batch.version, "reason": "演示误导入"}
    answers = [client.post(url, data) for _tab in range(2)]
    assert {answer.status_code for answer in answers} == {302}
    run_jobs()
    assert client.post(url, data).status_code == 302
    run_jobs()
    assert Job.objects.filter(kind="intake.undo").count() == 1
    assert AuditEntry.objects.filter(object_type="portal.importbatch", action="state").count() == 3
    assert fresh(batch).state == ImportState.TAKEN_BACK


def test_time_version_and_reason_are_asked(
    cast: Cast, upload: Upload, client_of: Clients, settings: Any
) -> None:
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, row(1)]))
    url = reverse("portal:import-undo", args=[batch.pk])
    client = client_of(cast.manager)
    assert client.post(url, {"version": batch.version}).status_code == 422
    assert client.post(url, {"reason": "演示"}).status_code == 428
    with pytest.raises(StaleVersion):
        import_undo.take_back(
            actor=cast.manager, batch=batch, seen_version=batch.version - 1, reason="演示"
        )
    ImportBatch.objects.update(applied_at=clock.now() - timedelta(days=30, minutes=1))
    assert "30" in client.get(url).context["why_not"]
    data = {"version": batch.version, "reason": "演示"}
    assert client.post(url, data).status_code == 409
    settings.IMPORT_UNDO_DAYS = 31
    assert client.post(url, data).status_code == 302


def test_what_was_before_is_forgotten_with_the_time(cast: Cast, upload: Upload) -> None:
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, row(1)]))
    undoing.forget_images()
    assert ImportRow.objects.filter(before__isnull=False).count() == 1
    ImportBatch.objects.update(applied_at=clock.now() - timedelta(days=31))
    undoing.forget_images()
    assert ImportRow.objects.filter(before__isnull=False).count() == 0
    with pytest.raises(InvalidTransition):
        take_back(cast.manager, fresh(batch))


def test_only_who_may_import_may_take_back(cast: Cast, upload: Upload, client_of: Clients) -> None:
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, row(1)]))
    url = reverse("portal:import-undo", args=[batch.pk])
    data = {"version": batch.version, "reason": "演示"}
    assert client_of(cast.outsider).get(url).status_code == 404
    assert client_of(cast.outsider).post(url, data).status_code == 404
    assert client_of(cast.auditor).get(url).status_code == 200
    assert client_of(cast.auditor).post(url, data).status_code == 403
    with pytest.raises(InvalidTransition):
        import_undo.take_back(
            actor=cast.outsider, batch=batch, seen_version=batch.version, reason="演示"
        )


@pytest.mark.parametrize("lost", ["membership", "role"])
def test_withdrawn_rights_stop_taking_back_at_the_next_chunk(
    cast: Cast, upload: Upload, settings: Any, lost: str
) -> None:
    settings.JOB_CHUNK_ROWS = 10
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, *(row(n) for n in range(30))]))
    take_back(cast.manager, batch, runs=False)
    runner.run_next("one-chunk", is_over=lambda: True)
    assert Patent.objects.count() == 20
    if lost == "membership":
        cast.manager.is_active = False
    else:
        cast.manager.role = Role.AUDITOR
    cast.manager.save()
    run_jobs()
    batch = fresh(batch)
    assert Patent.objects.count() == 20
    assert (batch.state, batch.problem != "") == (ImportState.APPLIED, True)


def test_taking_back_asks_as_often_for_many_rows_as_for_few(cast: Cast, upload: Upload) -> None:
    options = {"campaign": str(cast.campaign.pk)}
    counts = []
    for first, many in ((100, 3), (200, 30)):
        confirm(cast.manager, upload(cast.manager, [HEAD, row(first)], options=options))
        changed = row(first, 专利名称="一种改名的演示装置", 发明人="演示丙")
        rows = [changed, *(row(first + n) for n in range(1, many))]
        batch = confirm(cast.manager, upload(cast.manager, [HEAD, *rows], options=options))
        batch = take_back(cast.manager, batch, runs=False)
        with CaptureQueriesContext(connection) as seen:
            run_jobs()
        assert fresh(batch).counts["undone"]["taken_back"] == many
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_stopped_on_the_way_the_rest_can_be_taken_back_later(
    cast: Cast, upload: Upload, settings: Any
) -> None:
    settings.JOB_CHUNK_ROWS = 10
    before = picture()
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, *(row(n) for n in range(30))]))
    batch = take_back(cast.manager, batch, runs=False)
    runner.run_next("one-chunk", is_over=lambda: True)
    assert batch.job is not None
    queue.cancel(job=batch.job)
    run_jobs()
    batch = fresh(batch)
    assert (batch.state, Patent.objects.count()) == (ImportState.APPLIED, 20)
    assert batch.counts["undone"]["taken_back"] == 10
    batch = take_back(cast.manager, batch)
    assert batch.counts["undone"] == {"taken_back": 30, "partly": 0, "kept": 0}
    assert picture() == before


def test_the_rows_that_stay_can_be_downloaded(
    cast: Cast, upload: Upload, client_of: Clients
) -> None:
    options = {"campaign": str(cast.campaign.pk)}
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, row(1), row(2)], options=options))
    dossier = Dossier.objects.get(patent__title="一种演示装置2")
    assignments.assign_dossiers(
        ids=[dossier.pk], actor=cast.manager, responsible=cast.inventor.user
    )
    batch = take_back(cast.manager, batch)
    client = client_of(cast.manager)
    page = client.get(reverse("portal:import-undo", args=[batch.pk]))
    assert page.context["stays"] == 1
    client.post(reverse("portal:import-undo-rows", args=[batch.pk]))
    run_jobs()
    job = Job.objects.filter(kind="intake.errors").get()
    made = client.get(reverse("portal:file-download", args=[job.result["file"]]))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(made)))
    assert book.active is not None
    values = [[cell.value for cell in line] for line in book.active.iter_rows()]
    assert len(values) == 2
    assert values[1][1] == "一种演示装置2"
    assert cast.manager.user.name in values[1][-1]


def test_the_same_file_again_says_when_and_by_whom(
    cast: Cast, upload: Upload, client_of: Clients
) -> None:
    sheet = [HEAD, row(1)]
    path_batch = upload(cast.manager, sheet)
    first = confirm(cast.manager, path_batch)
    again = upload(cast.manager, sheet)
    ImportBatch.objects.filter(pk=again.pk).update(file=first.file)  # the very same bytes
    page = client_of(cast.manager).get(reverse("portal:import-detail", args=[again.pk]))
    assert page.context["same_before"] == first
    assert cast.manager.user.name in page.content.decode()
    other = upload(cast.outsider, sheet)
    ImportBatch.objects.filter(pk=other.pk).update(file=first.file)
    page = client_of(cast.outsider).get(reverse("portal:import-detail", args=[other.pk]))
    assert page.context["same_before"] is None
