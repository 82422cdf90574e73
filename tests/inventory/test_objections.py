"""A co-holder's objection: within the days, one at a time, a flag and no block."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from inventory.choices import DossierState
from inventory.holder_choices import ObjectionState
from inventory.models import BaseListEntry, Dossier, DossierFact, Objection
from inventory.queries.co_owned import objection_period
from inventory.services import objections, reviews
from portal import clock
from portal.calendar import earliest_start, period_end
from portal.errors import InvalidTransition, StaleVersion
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
APPROVED = date(2024, 6, 3)


def approved(cast: Cast) -> BaseListEntry:
    """The other university's entry of a patent that the first one filed and approved."""
    patent = factories.patent(cast.university, cast.other)
    dossier = factories.entry(
        cast.participation, patent, state=DossierState.INSTITUTION_REVIEW
    ).dossier
    entry = factories.entry(cast.other_participation, patent)
    with clock.frozen(APPROVED):
        reviews.approve_dossiers(versions={dossier.pk: dossier.version}, actor=cast.manager)
    return BaseListEntry.objects.select_related("campaign", "dossier").get(pk=entry.pk)


def raised(cast: Cast, entry: BaseListEntry | None = None) -> Objection:
    with clock.frozen(APPROVED + timedelta(days=3)):
        return objections.raise_objection(
            entry=entry or approved(cast),
            text="实施状态应为已许可",
            fields=["statuses"],
            actor=cast.outsider,
        )


def test_an_objection_flags_and_blocks_nothing(cast: Cast) -> None:
    entry = approved(cast)
    version = entry.confirmed_version

    made = raised(cast, entry)

    assert (made.state, made.approved_version) == (ObjectionState.OPEN, version)
    assert Dossier.objects.get(pk=entry.dossier_id).state == DossierState.COMPLETED
    assert DossierFact.objects.current().get(dossier=entry.dossier_id).is_covered
    trail = AuditEntry.objects.filter(object_type="inventory.objection", object_id=made.pk)
    assert set(trail.values_list("owner", flat=True)) == {cast.university.pk, cast.other.pk}


def test_the_period_in_calendar_days(cast: Cast) -> None:
    """15 days after 3 June 2024: 18 June. A last day that is free moves on."""
    entry = approved(cast)

    assert objection_period(entry).until == date(2024, 6, 18)
    assert period_end(date(2024, 6, 1), 7) == date(2024, 6, 11)  # the 8th to 10th are free
    with clock.frozen(date(2024, 6, 18)):
        assert objection_period(entry).days_left == 1
        assert objections.why_no_objection(entry) == ""
    with clock.frozen(date(2024, 6, 19)):
        assert objection_period(entry).days_left == 0
        assert "2024-06-18" in objections.why_no_objection(entry)
        with pytest.raises(InvalidTransition, match="2024-06-18"):
            objections.raise_objection(entry=entry, text="x", fields=[], actor=cast.outsider)


@pytest.mark.parametrize("days", [1, 7, 15])
@pytest.mark.parametrize("today", [date(2024, 6, 11), date(2024, 10, 8), date(2024, 6, 19)])
def test_the_earliest_start_is_the_first_whose_period_is_open(days: int, today: date) -> None:
    start = earliest_start(today, days)

    assert period_end(start, days) >= today
    assert period_end(start - timedelta(days=1), days) < today


def test_nothing_to_object_to_before_the_approval(cast: Cast) -> None:
    patent = factories.patent(cast.university, cast.other)
    factories.entry(cast.participation, patent, state=DossierState.DRAFT)
    entry = factories.entry(cast.other_participation, patent)

    with pytest.raises(InvalidTransition):
        objections.raise_objection(entry=entry, text="x", fields=[], actor=cast.outsider)


def test_one_live_objection_per_holder(cast: Cast) -> None:
    entry = approved(cast)
    raised(cast, entry)

    with pytest.raises(InvalidTransition):
        raised(cast, entry)


def test_explained_and_settled(cast: Cast) -> None:
    made = raised(cast)

    answered = objections.answer_objection(
        objection=made,
        answer="合同尚未签订",
        opens_revision=False,
        seen_version=1,
        actor=cast.manager,
    )
    settled = objections.end_objection(
        objection=answered,
        to_state=ObjectionState.SETTLED,
        note="已核实",
        seen_version=2,
        actor=cast.outsider,
    )

    assert (settled.state, settled.answer, settled.ending_note, settled.version) == (
        ObjectionState.SETTLED,
        "合同尚未签订",
        "已核实",
        3,
    )
    states = [
        entry.changes["state"]
        for entry in AuditEntry.objects.filter(
            object_type="inventory.objection", action="state", owner=cast.other
        ).order_by("pk")
    ]
    assert states == [["open", "answered"], ["answered", "settled"]]
    with pytest.raises(InvalidTransition):
        objections.end_objection(
            objection=settled,
            to_state=ObjectionState.WITHDRAWN,
            note="",
            seen_version=3,
            actor=cast.outsider,
        )


def test_answered_by_a_revision_which_settles_it(cast: Cast) -> None:
    entry = approved(cast)
    made = raised(cast, entry)

    objections.answer_objection(
        objection=made, answer="将更正", opens_revision=True, seen_version=1, actor=cast.manager
    )

    dossier = Dossier.objects.get(pk=entry.dossier_id)
    assert dossier.state == DossierState.DRAFT
    assert DossierFact.objects.current().get(dossier=dossier).is_covered
    reviews.submit_dossiers(versions={dossier.pk: dossier.version}, actor=cast.manager)
    dossier.refresh_from_db()
    dossier.unit = cast.school
    dossier.save(update_fields=["unit"])
    reviews.approve_dossiers(versions={dossier.pk: dossier.version}, actor=cast.unit_manager)
    dossier.refresh_from_db()
    with clock.frozen(APPROVED + timedelta(days=30)):
        reviews.approve_dossiers(versions={dossier.pk: dossier.version}, actor=cast.manager)
    made.refresh_from_db()
    assert made.state == ObjectionState.SETTLED
    with clock.frozen(APPROVED + timedelta(days=31)):
        again = objections.raise_objection(
            entry=entry, text="仍有异议", fields=[], actor=cast.outsider
        )
    assert again.approved_version > made.approved_version


def test_a_second_revision_cannot_be_opened(cast: Cast) -> None:
    entry = approved(cast)
    made = raised(cast, entry)
    reviews.revise_dossiers(
        versions={entry.dossier_id: Dossier.objects.get(pk=entry.dossier_id).version},
        reason="x",
        actor=cast.manager,
    )

    with pytest.raises(InvalidTransition):
        objections.answer_objection(
            objection=made, answer="x", opens_revision=True, seen_version=1, actor=cast.manager
        )


def test_every_write_says_what_it_saw(cast: Cast) -> None:
    made = raised(cast)

    with pytest.raises(StaleVersion):
        objections.answer_objection(
            objection=made, answer="x", opens_revision=False, seen_version=9, actor=cast.manager
        )
    with pytest.raises(StaleVersion):
        objections.end_objection(
            objection=made,
            to_state=ObjectionState.WITHDRAWN,
            note="",
            seen_version=9,
            actor=cast.outsider,
        )


def test_the_database_knows_the_steps(cast: Cast) -> None:
    made = raised(cast)
    objections.end_objection(
        objection=made,
        to_state=ObjectionState.WITHDRAWN,
        note="",
        seen_version=1,
        actor=cast.outsider,
    )

    with pytest.raises(IntegrityError, match="no step"), transaction.atomic():
        Objection.objects.filter(pk=made.pk).update(state=ObjectionState.OPEN)
    assert objections.settle_by_approval(dossiers=[made.entry.dossier], actor=cast.manager) == 0
