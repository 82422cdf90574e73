"""Imports that build on each other taken back in any order: the one that goes on with what stayed out, and others.

What should happen: each import takes back what it wrote itself and nothing else. Taken back from the last to the first,
everything is as before. Where a later import changed the same record and stands, the record stays and says why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from inventory.models import BaseListEntry, Dossier, Patent
from portal.choices import ImportState, UndoOutcome
from portal.errors import InvalidTransition
from portal.jobs import queue, runner
from portal.models import ImportBatch, Membership, StaffMember
from portal.services import corrections, imports
from tests import factories
from tests.conftest import Cast, PageClient
from tests.inventory.importing.conftest import HEAD, confirm, fresh, run_jobs
from tests.inventory.importing.national import RIGHT, template
from tests.inventory.importing.test_base_import import number, row
from tests.inventory.importing.test_imports_taken_back import picture, take_back, undone
from tests.inventory.importing.test_national_import import own
from tests.inventory.importing.test_personnel_import import HEAD as STAFF_HEAD
from tests.inventory.importing.test_personnel_import import person

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
HOLDER, NUMBER = HEAD.index("专利权人"), HEAD.index("申请号")
OWN, FOREIGN = "演示第一大学", "演示无关单位"


def corrected(cast: Cast, batch: ImportBatch, cells: dict[tuple[int, int], str]) -> ImportBatch:
    batch = fresh(batch)
    corrections.correct_cells(
        actor=cast.manager, batch=batch, seen_version=batch.version, cells=cells
    )
    return fresh(batch)


def further_of(
    cast: Cast, batch: ImportBatch, cells: dict[tuple[int, int], str] | None = None
) -> ImportBatch:
    """The rows that stayed out, corrected and written."""
    further = corrections.take_up_refused(actor=cast.manager, batch=fresh(batch))
    run_jobs()
    if cells:
        corrected(cast, further, cells)
    return confirm(cast.manager, fresh(further))


def two(cast: Cast, upload: Upload) -> tuple[ImportBatch, ImportBatch]:
    """A list with two good and two refused rows, and the import in which one of those was mended."""
    rows = [HEAD, row(1), row(2), row(3, 专利权人=FOREIGN), row(4, 专利权人=FOREIGN)]
    options = {"campaign": str(cast.campaign.pk)}
    first = confirm(cast.manager, upload(cast.manager, rows, options=options))
    return first, further_of(cast, first, {(4, HOLDER): OWN})


def mended_into_the_first(cast: Cast, upload: Upload) -> tuple[ImportBatch, ImportBatch]:
    """A list with a row of a wrong number, which is mended into the patent that the list had added."""
    wrong = row(1, 专利名称="一种改名的装置")
    wrong[NUMBER] = number(1)[:-1] + ("0" if number(1)[-1] != "0" else "1")
    options = {"campaign": str(cast.campaign.pk)}
    first = confirm(cast.manager, upload(cast.manager, [HEAD, row(1), wrong], options=options))
    return first, further_of(cast, first, {(3, NUMBER): number(1)})


def titles() -> set[str]:
    return set(Patent.objects.values_list("title", flat=True))


@pytest.mark.parametrize("order", ["first, then further", "further, then first"])
def test_both_are_taken_back_whatever_the_order(cast: Cast, upload: Upload, order: str) -> None:
    before = picture()
    first, further = two(cast, upload)
    assert titles() == {f"一种演示装置{n}" for n in (1, 2, 3)}
    both = [first, further] if order.startswith("first") else [further, first]
    left = {first.pk: {"一种演示装置3"}, further.pk: {"一种演示装置1", "一种演示装置2"}}
    done = take_back(cast.manager, both[0])
    assert titles() == left[both[0].pk]
    assert done.counts["undone"]["kept"] == 0
    done = take_back(cast.manager, both[1])
    assert done.counts["undone"]["kept"] == 0
    assert picture() == before
    assert BaseListEntry.objects.count() == 0


def test_what_the_further_one_changed_of_the_first_stays_with_the_first(
    cast: Cast, upload: Upload
) -> None:
    before = picture()
    first, further = mended_into_the_first(cast, upload)
    assert (further.counts["changed"], titles()) == (1, {"一种改名的装置"})

    done = take_back(cast.manager, first)
    assert undone(done) == {2: UndoOutcome.KEPT}
    assert cast.manager.user.name in done.rows.get(line=2).undo_note
    done = take_back(cast.manager, further)
    assert (undone(done), titles()) == ({3: UndoOutcome.TAKEN_BACK}, {"一种演示装置1"})
    assert picture() != before


def test_from_the_last_to_the_first_nothing_is_left_of_a_list(cast: Cast, upload: Upload) -> None:
    before = picture()
    first, further = mended_into_the_first(cast, upload)
    options = {"campaign": str(cast.campaign.pk)}
    third = upload(cast.manager, [HEAD, row(1, 专利名称="一种再次改名的装置")], options=options)
    third = confirm(cast.manager, third)
    for batch in (third, further, first):
        done = take_back(cast.manager, batch)
        assert set(undone(done).values()) == {UndoOutcome.TAKEN_BACK}
    assert picture() == before


def test_from_the_last_to_the_first_units_go_back_too(cast: Cast, upload: Upload) -> None:
    options = {"campaign": str(cast.campaign.pk)}
    before = picture()
    first = confirm(cast.manager, upload(cast.manager, [HEAD, row(1)], options=options))
    placed = [[*HEAD, "所属学院"], [*row(1), cast.school.name]]
    second = confirm(cast.manager, upload(cast.manager, placed, options=options))
    assert Dossier.objects.get().unit == cast.school
    for batch in (second, first):
        assert set(undone(take_back(cast.manager, batch)).values()) == {UndoOutcome.TAKEN_BACK}
    assert picture() == before


def test_from_the_last_to_the_first_a_dossier_says_what_it_said(cast: Cast, upload: Upload) -> None:
    entry = factories.entry(cast.participation)
    confirm(cast.manager, upload(cast.manager, template(own(entry) | RIGHT)))
    before = picture()
    batches = [
        confirm(cast.manager, upload(cast.manager, template(own(entry) | RIGHT | {"stars": stars})))
        for stars in ("四星", "五星")
    ]
    assert Dossier.objects.get().stars == 5
    for batch, stars in zip(reversed(batches), (4, 3), strict=True):
        done = take_back(cast.manager, batch)
        assert set(undone(done).values()) == {UndoOutcome.TAKEN_BACK}
        assert Dossier.objects.get().stars == stars
    assert picture() == before


def test_an_edit_between_two_imports_still_keeps_the_first(cast: Cast, upload: Upload) -> None:
    """Taking the second back must not make the first one forget that somebody else was there."""
    entry = factories.entry(cast.participation)
    first = confirm(cast.manager, upload(cast.manager, template(own(entry) | RIGHT)))
    Dossier.objects.update(version=Dossier.objects.get().version + 1)
    second = template(own(entry) | RIGHT | {"stars": "四星"})
    second = confirm(cast.manager, upload(cast.manager, second))
    assert set(undone(take_back(cast.manager, second)).values()) == {UndoOutcome.TAKEN_BACK}
    assert set(undone(take_back(cast.manager, first)).values()) == {UndoOutcome.KEPT}


# --- the rows of a further import that was taken back are out again -------------------------------------


def test_what_a_further_import_had_taken_up_can_be_taken_up_again(
    cast: Cast, upload: Upload
) -> None:
    before = picture()
    first, further = two(cast, upload)
    take_back(cast.manager, further)
    again = corrections.take_up_refused(actor=cast.manager, batch=fresh(first))
    assert again.pk != further.pk
    assert corrections.take_up_refused(actor=cast.manager, batch=fresh(first)).pk == again.pk
    assert corrections.going_on(fresh(first)) == again
    run_jobs()
    again = fresh(again)
    # both rows, the one that was mended with what was typed over it
    found = dict(again.rows.values_list("line", "outcome"))
    assert found == {4: "added", 5: "refused"}
    again = confirm(cast.manager, corrected(cast, again, {(5, HOLDER): OWN}))
    assert titles() == {f"一种演示装置{n}" for n in (1, 2, 3, 4)}
    for batch in (again, first):
        take_back(cast.manager, batch)
    assert picture() == before


def test_a_further_import_under_way_reads_its_own_rows_whatever_becomes_of_the_first(
    cast: Cast, upload: Upload
) -> None:
    rows = [HEAD, row(1), row(2, 专利权人=FOREIGN)]
    first = confirm(cast.manager, upload(cast.manager, rows))
    further = corrections.take_up_refused(actor=cast.manager, batch=first)
    run_jobs()
    take_back(cast.manager, first)
    further = confirm(cast.manager, corrected(cast, further, {(3, HOLDER): OWN}))
    assert (further.state, titles()) == (ImportState.APPLIED, {"一种演示装置2"})


# --- an import that was stopped on the way --------------------------------------------------------------


def stop_after_a_piece(cast: Cast, batch: ImportBatch) -> ImportBatch:
    """Confirm, and cancel when the first piece was written."""
    assert imports.confirm(
        actor=cast.manager, batch=batch, seen_version=batch.version, digest=batch.preview_digest
    )
    runner.run_next("one-chunk", is_over=lambda: True)
    job = fresh(batch).job
    assert job is not None
    queue.cancel(job=job)
    run_jobs()
    return fresh(batch)


@pytest.fixture
def stopped(cast: Cast, upload: Upload, settings: Any) -> Callable[[], ImportBatch]:
    """An import of thirty rows, cancelled after ten were written."""

    def make() -> ImportBatch:
        settings.JOB_CHUNK_ROWS = 10
        batch = upload(cast.manager, [HEAD, *(row(n) for n in range(30))])
        return stop_after_a_piece(cast, batch)

    return make


def test_what_was_written_before_it_was_stopped_is_taken_back_with_the_rest(
    cast: Cast, stopped: Callable[[], ImportBatch]
) -> None:
    before = picture()
    batch = stopped()
    assert (batch.state, Patent.objects.count()) == (ImportState.PREVIEW, 10)
    # the digest is gone: the register is compared again first
    batch = confirm(cast.manager, batch)
    assert (batch.state, batch.counts["unchanged"], batch.counts["added"]) == (
        ImportState.PREVIEW,
        10,
        20,
    )
    batch = confirm(cast.manager, batch)
    assert (batch.state, Patent.objects.count()) == (ImportState.APPLIED, 30)
    batch = take_back(cast.manager, batch)
    assert batch.counts["undone"] == {"taken_back": 30, "partly": 0, "kept": 0}
    assert picture() == before


def test_what_was_written_in_part_is_not_thrown_away(
    cast: Cast, client_of: Callable[[Membership], PageClient], stopped: Callable[[], ImportBatch]
) -> None:
    batch = stopped()
    with pytest.raises(InvalidTransition):
        imports.discard(actor=cast.manager, batch=batch, seen_version=batch.version)
    assert fresh(batch).state == ImportState.PREVIEW

    page = client_of(cast.manager).get(reverse("portal:import-detail", args=[batch.pk]))
    address = reverse("portal:import-discard", args=[batch.pk])
    assert address not in page.content.decode()


def test_a_template_that_was_stopped_is_taken_back_whole(
    cast: Cast, upload: Upload, settings: Any
) -> None:
    settings.JOB_CHUNK_ROWS = 3
    entries = [factories.entry(cast.participation) for _number in range(8)]
    batch = upload(cast.manager, template(*(own(entry) | RIGHT for entry in entries)))
    batch = stop_after_a_piece(cast, batch)
    assert Dossier.objects.filter(stars=3).count() == 3
    batch = confirm(cast.manager, confirm(cast.manager, batch))
    assert (batch.state, Dossier.objects.filter(stars=3).count()) == (ImportState.APPLIED, 8)
    batch = take_back(cast.manager, batch)
    assert batch.counts["undone"]["taken_back"] == 8
    assert not Dossier.objects.filter(stars=3).exists()


def test_people_of_a_list_that_was_stopped_come_once(
    cast: Cast, upload: Upload, settings: Any
) -> None:
    settings.JOB_CHUNK_ROWS = 3
    people = [person(f"演新{letter}", str(at)) for at, letter in enumerate("甲乙丙丁戊己庚", 1000)]
    batch = upload(cast.manager, [STAFF_HEAD, *people], options={"accounts": "all"})
    batch = stop_after_a_piece(cast, batch)
    assert StaffMember.objects.count() == 3
    batch = confirm(cast.manager, confirm(cast.manager, batch))
    assert (batch.state, StaffMember.objects.count()) == (ImportState.APPLIED, 7)
    assert (batch.counts["unchanged"], batch.counts["added"]) == (3, 4)
