"""Acts on many rows: frozen with their versions, previewed, applied once, stopped, undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.choices import DossierState
from inventory.models import Dossier
from portal import clock
from portal.bulk import running
from portal.bulk.registry import known_act
from portal.bulk.staging import Selection, read_picks
from portal.choices import AuditAction, BulkOutcome, BulkState
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.jobs import queue, runner
from portal.models import AuditEntry, BulkRun, Job, Membership
from portal.services import bulk
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]
EDIT = "inventory.dossiers.edit"
REASON = "演示理由"


def staged(actor: Membership, ids: list[int] | None = None, query: str = "") -> BulkRun:
    """The dossiers picked as they are now; all that match without."""
    now = dict(Dossier.objects.filter(pk__in=ids or ()).values_list("pk", "version"))
    selection = Selection(query=query, is_everything=ids is None, picks=tuple(sorted(now.items())))
    return bulk.stage_run(act=known_act(EDIT), selection=selection, actor=actor)


def asked(run: BulkRun, actor: Membership, **params: str) -> BulkRun:
    data = {name: [value] for name, value in {"reason": REASON, **params}.items()}
    return bulk.set_parameters(run_id=run.pk, seen_version=run.version, data=data, actor=actor)


def started(run: BulkRun, actor: Membership) -> BulkRun:
    return bulk.start_run(run_id=run.pk, seen_version=run.version, actor=actor)


def outcomes(run: BulkRun) -> dict[str, int]:
    return {name: count for name, count in run.counts.items() if count}


def test_changed_meanwhile_is_refused_and_told(cast: Cast) -> None:
    ids = factories.entries(cast.participation, 3)
    run = asked(staged(cast.manager), cast.manager, stars="5")
    other = asked(staged(cast.manager, ids[:1]), cast.manager, stars="2")
    started(other, cast.manager)
    form = running.bound_form(run, cast.manager)
    assert form.is_valid()
    foreseen = running.forecast(run, form.cleaned_data, cast.manager)

    done = started(run, cast.manager)

    assert foreseen.outcomes == outcomes(done)
    assert list(foreseen.notes) == [done.rows.get(outcome=BulkOutcome.REFUSED).note]
    assert outcomes(done) == {"changed": 2, "refused": 1}
    row = done.rows.get(outcome=BulkOutcome.REFUSED)
    assert row.target_id == ids[0]
    assert cast.manager.user.name in row.note
    assert list(
        Dossier.objects.filter(pk__in=ids).order_by("pk").values_list("stars", flat=True)
    ) == [2, 5, 5]


def test_entries_name_the_run_and_the_version(cast: Cast) -> None:
    (key,) = factories.entries(cast.participation, 1)
    run = started(asked(staged(cast.manager, [key]), cast.manager, stars="5"), cast.manager)

    entry = AuditEntry.objects.get(object_type="inventory.dossier", object_id=key)
    assert (entry.run_id, entry.version, entry.reason) == (run.pk, 2, REASON)
    assert entry.changes == {"stars": [3, 5]}
    about_run = AuditEntry.objects.filter(action=AuditAction.BULK, object_id=run.pk)
    assert about_run.count() == 2


def test_preview_counts_what_happens(cast: Cast) -> None:
    ids = factories.entries(cast.participation, 3)
    Dossier.objects.filter(pk=ids[0]).update(stars=5)
    complete = factories.entry(cast.participation, state=DossierState.COMPLETED).dossier_id
    run = asked(staged(cast.manager, [*ids, complete]), cast.manager, stars="5")

    form = running.bound_form(run, cast.manager)
    assert form.is_valid()
    found = running.forecast(run, form.cleaned_data, cast.manager)
    done = started(run, cast.manager)

    assert dict(found.outcomes) == {"unchanged": 1, "changed": 2, "refused": 1} == outcomes(done)
    assert list(found.notes.values()) == [1]


def test_undo_gives_back_but_not_over_a_later_change(cast: Cast) -> None:
    ids = factories.entries(cast.participation, 3, state=DossierState.UNFILED)
    run = started(asked(staged(cast.manager, ids), cast.manager, stars="5"), cast.manager)
    later = asked(staged(cast.manager, ids[:1]), cast.manager, stars="1")
    started(later, cast.manager)

    undone = bulk.undo_run(run_id=run.pk, reason="看错了", actor=cast.manager)

    assert outcomes(undone) == {"changed": 2, "refused": 1}
    stars = Dossier.objects.filter(pk__in=ids).order_by("pk").values_list("stars", flat=True)
    assert list(stars) == [1, 3, 3]
    assert bulk.undo_run(run_id=run.pk, reason="看错了", actor=cast.manager) == undone
    with pytest.raises(InvalidTransition):
        bulk.undo_run(run_id=undone.pk, reason="又看错了", actor=cast.manager)


def test_undo_ends_after_its_time(cast: Cast) -> None:
    ids = factories.entries(cast.participation, 1)
    run = started(asked(staged(cast.manager, ids), cast.manager, stars="5"), cast.manager)
    BulkRun.objects.update(finished_at=clock.now() - bulk.UNDO_KEPT * 2)

    with pytest.raises(InvalidTransition):
        bulk.undo_run(run_id=run.pk, reason="看错了", actor=cast.manager)
    bulk.remove_leftovers()
    assert run.rows.get().before == {}


def test_many_are_a_job_that_can_be_stopped_and_undone(cast: Cast, settings: Any) -> None:
    settings.BULK_DIRECT_ROWS, settings.JOB_CHUNK_ROWS = 10, 20
    ids = factories.entries(cast.participation, 50)
    run = started(asked(staged(cast.manager), cast.manager, stars="5"), cast.manager)
    assert run.state == BulkState.RUNNING

    runner.run_next("worker", is_over=lambda: True)
    job = Job.objects.get(pk=run.job_id)
    assert (job.next_line, job.total, job.percent) == (21, 50, 42)
    queue.cancel(job=job)
    runner.run_due("worker")

    run.refresh_from_db()
    assert (run.state, outcomes(run)) == (BulkState.CANCELLED, {"changed": 20, "waiting": 30})
    assert Dossier.objects.filter(pk__in=ids, stars=5).count() == 20
    bulk.undo_run(run_id=run.pk, reason="不做了", actor=cast.manager)
    runner.run_due("worker")
    assert Dossier.objects.filter(pk__in=ids, stars=3).count() == 50


def test_job_goes_to_its_end(cast: Cast, settings: Any) -> None:
    settings.BULK_DIRECT_ROWS, settings.JOB_CHUNK_ROWS = 10, 20
    factories.entries(cast.participation, 45)
    run = started(asked(staged(cast.manager), cast.manager, maturity="mass"), cast.manager)
    again = started(run, cast.manager)

    runner.run_due("worker")

    run.refresh_from_db()
    assert again.pk == run.pk
    assert (run.state, outcomes(run)) == (BulkState.DONE, {"changed": 45})
    assert Job.objects.count() == 1


def test_withdrawn_rights_stop_the_job(cast: Cast, settings: Any) -> None:
    settings.BULK_DIRECT_ROWS = 1
    ids = factories.entries(cast.participation, 5)
    run = started(asked(staged(cast.manager), cast.manager, stars="5"), cast.manager)
    Membership.objects.filter(pk=cast.manager.pk).update(role="auditor")

    runner.run_due("worker")

    run.refresh_from_db()
    assert run.state == BulkState.FAILED
    assert not Dossier.objects.filter(pk__in=ids, stars=5).exists()


def test_withdrawn_rights_stop_the_start(cast: Cast) -> None:
    ids = factories.entries(cast.participation, 2)
    run = asked(staged(cast.manager), cast.manager, stars="5")
    Membership.objects.filter(pk=cast.manager.pk).update(role="auditor")
    cast.manager.refresh_from_db()

    with pytest.raises(DomainError, match="权限"):
        started(run, cast.manager)

    assert not Dossier.objects.filter(pk__in=ids, stars=5).exists()


def test_who_may_not_act_any_more_takes_nothing_back(cast: Cast, client_of: Any) -> None:
    ids = factories.entries(cast.participation, 2)
    run = started(asked(staged(cast.manager), cast.manager, stars="5"), cast.manager)
    page, undo = run.get_absolute_url(), {"reason": "看错了"}
    offered = client_of(cast.manager).get(page).context["undo_form"]
    Membership.objects.filter(pk=cast.manager.pk).update(role="auditor")
    client = client_of(cast.manager)

    later = client.get(page)

    assert (offered is None, later.context["undo_form"]) == (False, None)
    assert client.post(f"{page}undo/", undo).status_code == 403
    assert Dossier.objects.filter(pk__in=ids, stars=5).count() == 2


@pytest.mark.parametrize("phase", ["preview", "apply", "undo"])
def test_queries_do_not_grow_with_the_rows(cast: Cast, phase: str) -> None:
    counts = []
    for count in (30, 300):
        ids = factories.entries(cast.participation, count, state=DossierState.UNFILED)
        run = asked(staged(cast.manager, ids), cast.manager, stars="5", status_mode="-")
        form = running.bound_form(run, cast.manager)
        assert form.is_valid()
        if phase == "undo":
            run = started(run, cast.manager)
            if run.job_id:
                runner.run_due("worker")
            of, run = (
                run,
                BulkRun.objects.create(
                    act=run.act,
                    membership=cast.manager,
                    organisation=cast.university,
                    selection=f"undo {run.pk}",
                    undo_of=run,
                ),
            )
            bulk.staging.freeze_undo(run, of)
        with CaptureQueriesContext(connection) as queries:
            if phase == "preview":
                running.forecast(run, form.cleaned_data, cast.manager)
            else:
                running.do_chunk(run, 1, count)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_only_what_the_list_shows_is_frozen(cast: Cast) -> None:
    own = factories.entries(cast.participation, 2)
    foreign = factories.entries(cast.other_participation, 1)

    run = staged(cast.manager, [*own, *foreign])

    assert sorted(run.rows.values_list("target_id", flat=True)) == own
    with pytest.raises(ValidationError):
        staged(cast.manager, foreign)


def test_same_selection_is_one_run_brought_up_to_date(cast: Cast) -> None:
    first = factories.entries(cast.participation, 2)
    run = staged(cast.manager)
    more = factories.entries(cast.participation, 1)
    Dossier.objects.filter(pk=first[0]).update(version=7)

    again = staged(cast.manager)

    assert again.pk == run.pk
    rows = again.rows.order_by("position").values_list("target_id", "version_seen", "position")
    assert list(rows) == [(first[0], 7, 1), (first[1], 1, 2), (more[0], 1, 3)]


def test_preview_of_another_version_is_not_started(cast: Cast) -> None:
    ids = factories.entries(cast.participation, 1)
    run = asked(staged(cast.manager, ids), cast.manager, stars="5")
    asked(run, cast.manager, stars="4")

    with pytest.raises(StaleVersion):
        started(run, cast.manager)


def test_picks_are_read_strictly() -> None:
    assert read_picks(["3-2", "x", "1", "3-9x", "9" * 30]) == ((1, None), (3, None))


def test_pages_from_picking_to_taking_back(cast: Cast, client_of: ClientOf) -> None:
    ids = factories.entries(cast.participation, 2)
    complete = factories.entry(cast.participation, state=DossierState.COMPLETED).dossier_id
    client = client_of(cast.manager)
    picks = [f"{key}-1" for key in [*ids, complete]]

    page = client.post(reverse("inventory:dossier-bulk"), {"pick": picks})["Location"]
    assert client.get(page).status_code == 200
    assert client.post(page, {"version": "1", "stars": "5"}).status_code == 422
    shown = client.get(
        client.post(page, {"version": "1", "stars": "5", "reason": REASON})["Location"]
    )
    assert (len(shown.context["notes"]), shown.context["writes"]) == (1, 2)
    version = shown.context["run"].version
    apply = f"{page}apply/"
    result = client.get(client.post(apply, {"version": version})["Location"])
    assert result.context["tabs"][0]["count"] == 1
    assert client.post(apply, {"version": version})["Location"] == page
    undone = client.post(f"{page}undo/", {"reason": "看错了"})["Location"]
    assert client.get(undone).context["run"].counts["changed"] == 2
    assert client.get(reverse("portal:bulk-list")).context["page"].total == 2
    assert Dossier.objects.filter(stars=3, pk__in=ids).count() == 2
