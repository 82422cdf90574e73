"""Power cuts while an import is taken back, and overlapping imports of one organisation, on real connections."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from inventory.models import BaseListEntry, Dossier, EntryFact, Patent
from inventory.services import assignments
from portal.choices import ImportState, JobState
from portal.models import ImportBatch, Job, Membership
from portal.services import import_undo, imports
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD, confirm, fresh, run_jobs
from tests.inventory.importing.test_base_import import row
from tests.inventory.importing.test_base_recovery import (
    KILLED,
    ROWS,
    deadlocks,
    finish_jobs,
    picture,
    rows_for,
    worker,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Upload = Callable[..., ImportBatch]

POINTS = [
    *(f"intake.undo.before_commit:{n}" for n in (1, 2, 4, 5)),
    *(f"job.before_commit:{n}" for n in (1, 3)),
    *(f"job.after_commit:{n}" for n in (1, 4)),
    "job.between_chunks:2",
    "intake.undo.before_end:1",
]
# a seeded sample of the points; the whole list belongs to the long runs outside the suite
SAMPLE = random.Random(20240912).sample(POINTS, 3)


def imported(
    actor: Membership, upload: Upload, holder: str, first: int, campaign: int
) -> ImportBatch:
    """A list that was applied, and one of its dossiers given to somebody since."""
    batch = upload(actor, rows_for(holder, first), options={"campaign": str(campaign)})
    batch = confirm(actor, batch)
    touched = Dossier.objects.filter(
        participation__institution=actor.organisation, patent__title="一种可靠演示装置33"
    )
    assignments.assign_dossiers(
        ids=list(touched.values_list("pk", flat=True)), actor=actor, responsible=actor.user
    )
    return batch


def ask(actor: Membership, batch: ImportBatch) -> None:
    import_undo.take_back(actor=actor, batch=batch, seen_version=batch.version, reason="演示误导入")


def left(member: Membership, batch: ImportBatch) -> dict[str, Any]:
    """What is left behind, with what became of each row."""
    outcomes = batch.rows.order_by("line").values_list("line", "undo_outcome", "undo_note")
    facts = EntryFact.objects.filter(institution=member.organisation)
    return {
        **picture(member, batch),
        "outcomes": [(line, said, bool(note)) for line, said, note in outcomes],
        "believed": facts.filter(superseded_at=None, valid_to=None).count(),
    }


@pytest.mark.parametrize(
    "point",
    [*SAMPLE, *(pytest.param(one, marks=pytest.mark.soak) for one in POINTS if one not in SAMPLE)],
)
def test_a_power_cut_while_taking_back_leaves_no_trace(
    cast: Cast, upload: Upload, point: str
) -> None:
    quiet = imported(cast.outsider, upload, "演示外部大学", 2000, cast.campaign.pk)
    ask(cast.outsider, quiet)
    run_jobs()

    batch = imported(cast.manager, upload, "演示第一大学", 1000, cast.campaign.pk)
    ask(cast.manager, batch)
    assert worker(point).wait(timeout=120) == KILLED
    finish_jobs()
    batch = fresh(batch)
    assert batch.counts["undone"] == {"taken_back": ROWS - 1, "partly": 0, "kept": 1}
    assert left(cast.manager, batch) == left(cast.outsider, fresh(quiet))
    assert Patent.objects.count() == 2


def test_overlapping_imports_of_one_organisation_end_in_their_union(
    cast: Cast, upload: Upload
) -> None:
    """Each list in another order, both applied at the same moment by two workers."""
    options = {"campaign": str(cast.campaign.pk)}
    lists = (
        [row(n) for n in range(70)],
        [row(n) for n in reversed(range(30, 100))],
        [row(n) for n in random.Random(7).sample(range(100), 60)],
    )
    batches = [upload(cast.manager, [HEAD, *rows], options=options) for rows in lists]
    for batch in batches:
        assert imports.confirm(
            actor=cast.manager,
            batch=batch,
            seen_version=batch.version,
            digest=batch.preview_digest,
        )
    before = deadlocks()
    workers = [worker() for _batch in batches]
    assert [one.wait(timeout=180) for one in workers] == [0] * len(batches)
    finish_jobs()
    assert deadlocks() == before
    assert {fresh(batch).state for batch in batches} == {ImportState.APPLIED}
    assert set(Job.objects.values_list("state", "error")) == {(JobState.DONE, "")}
    assert Patent.objects.count() == 100
    assert BaseListEntry.objects.count() == Dossier.objects.count() == 100
    assert EntryFact.objects.filter(superseded_at=None, valid_to=None).count() == 100
    cast.participation.refresh_from_db()
    assert cast.participation.listed == 100


def test_taking_back_beside_an_import_of_the_same_patents(cast: Cast, upload: Upload) -> None:
    """Whichever comes first: every patent of the later list is on the list, every other one is gone."""
    options = {"campaign": str(cast.campaign.pk)}
    first = confirm(
        cast.manager, upload(cast.manager, [HEAD, *(row(n) for n in range(70))], options=options)
    )
    renamed = [row(n, 专利名称=f"一种改对的装置{n}") for n in reversed(range(40, 100))]
    second = upload(cast.manager, [HEAD, *renamed], options=options)
    assert imports.confirm(
        actor=cast.manager, batch=second, seen_version=second.version, digest=second.preview_digest
    )
    ask(cast.manager, first)
    before = deadlocks()
    workers = [worker(), worker()]
    assert [one.wait(timeout=180) for one in workers] == [0, 0]
    finish_jobs()
    assert deadlocks() == before
    assert (fresh(first).state, fresh(second).state) == (
        ImportState.TAKEN_BACK,
        ImportState.APPLIED,
    )
    assert set(Job.objects.values_list("state", "error")) == {(JobState.DONE, "")}
    numbers = set(Patent.objects.values_list("title", flat=True))
    assert numbers == {f"一种改对的装置{n}" for n in range(40, 100)}
    assert BaseListEntry.objects.count() == 60
