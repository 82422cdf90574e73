"""“Not ours”: offered, taken, refused, refused twice, decided by the manager; no ping-pong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from inventory.choices import TransferState
from inventory.models import Dossier, UnitTransfer
from inventory.services.transfers import (
    answer_transfer,
    decide_transfer,
    pass_on,
    withdraw_transfer,
)
from portal.choices import Role
from portal.errors import InvalidTransition, StaleVersion
from portal.models import AuditEntry, Membership, Unit
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]


@dataclass
class Two:
    dossier: Dossier
    physics: Unit
    physicist: Membership


@pytest.fixture
def two(cast: Cast) -> Two:
    physics = factories.unit(cast.university, name="演示物理学院")
    entry = factories.entry(cast.participation, unit=cast.school, responsible=cast.inventor.user)
    return Two(
        entry.dossier,
        physics,
        factories.membership(Role.UNIT_MANAGER, cast.university, unit=physics),
    )


def offer(two: Two, actor: Membership, to: Unit | None) -> UnitTransfer:
    version = Dossier.objects.get(pk=two.dossier.pk).version
    return pass_on(
        dossier_id=two.dossier.pk, seen_version=version, to_unit=to, reason="非我院", actor=actor
    )


def test_taken_over(cast: Cast, two: Two) -> None:
    made = offer(two, cast.unit_manager, two.physics)
    two.dossier.refresh_from_db()
    assert (made.state, two.dossier.unit) == (TransferState.AT_UNIT, cast.school)
    done = answer_transfer(
        transfer=made, accepts=True, answer="", seen_version=1, actor=two.physicist
    )
    two.dossier.refresh_from_db()
    assert done.state == TransferState.ACCEPTED
    assert (two.dossier.unit, two.dossier.responsible, two.dossier.version) == (
        two.physics,
        None,
        2,
    )
    told = [entry.changes["transfer"] for entry in AuditEntry.objects.about(two.dossier)]
    assert told == [["at_unit", "accepted"], [None, "at_unit"]]
    with pytest.raises(InvalidTransition):
        answer_transfer(
            transfer=done, accepts=True, answer="", seen_version=done.version, actor=two.physicist
        )


def test_the_responsible_person_stays_where_he_belongs_to_the_new_unit(
    cast: Cast, two: Two
) -> None:
    factories.membership(Role.INVENTOR, cast.university, unit=two.physics, user=cast.inventor.user)
    made = offer(two, cast.unit_manager, two.physics)
    answer_transfer(transfer=made, accepts=True, answer="", seen_version=1, actor=two.physicist)
    two.dossier.refresh_from_db()
    assert two.dossier.responsible == cast.inventor.user


def test_the_second_refusal_goes_to_the_manager_who_decides(cast: Cast, two: Two) -> None:
    first = offer(two, cast.unit_manager, two.physics)
    back = answer_transfer(
        transfer=first, accepts=False, answer="也非我院", seen_version=1, actor=two.physicist
    )
    assert (back.state, back.answer) == (TransferState.REFUSED, "也非我院")
    chemistry = factories.unit(cast.university)
    chemist = factories.membership(Role.UNIT_MANAGER, cast.university, unit=chemistry)
    second = offer(two, cast.unit_manager, chemistry)
    up = answer_transfer(
        transfer=second, accepts=False, answer="不是", seen_version=1, actor=chemist
    )
    assert up.state == TransferState.AT_MANAGER
    assert list(UnitTransfer.objects.visible_to(cast.manager).waiting_for(cast.manager)) == [up]
    stays = decide_transfer(
        transfer=up, unit=None, answer="留在材料学院", seen_version=up.version, actor=cast.manager
    )
    assert stays.state == TransferState.REFUSED
    third = offer(two, cast.unit_manager, two.physics)
    assert third.state == TransferState.AT_MANAGER
    decide_transfer(
        transfer=third, unit=two.physics, answer="归物理", seen_version=1, actor=cast.manager
    )
    two.dossier.refresh_from_db()
    assert two.dossier.unit == two.physics


def test_where_nobody_is_named_the_manager_decides(cast: Cast, two: Two) -> None:
    made = offer(two, cast.inventor, None)
    assert made.state == TransferState.AT_MANAGER
    with pytest.raises(ValidationError):
        decide_transfer(
            transfer=made,
            unit=factories.unit(cast.other),
            answer="x",
            seen_version=1,
            actor=cast.manager,
        )


def test_one_at_a_time_and_only_while_it_can_move(cast: Cast, two: Two) -> None:
    made = offer(two, cast.unit_manager, two.physics)
    with pytest.raises(InvalidTransition):
        offer(two, cast.unit_manager, None)
    taken = withdraw_transfer(transfer=made, seen_version=1, actor=cast.unit_manager)
    assert taken.state == TransferState.WITHDRAWN
    assert AuditEntry.objects.about(two.dossier).count() == 2
    with pytest.raises(ValidationError):
        offer(two, cast.unit_manager, cast.school)
    with pytest.raises(StaleVersion):
        pass_on(
            dossier_id=two.dossier.pk,
            seen_version=9,
            to_unit=None,
            reason="x",
            actor=cast.unit_manager,
        )
    two.dossier.state = "completed"
    Dossier.objects.filter(pk=two.dossier.pk).update(participation=cast.participation)
    complete = factories.entry(cast.participation, unit=cast.school, state="completed").dossier
    with pytest.raises(InvalidTransition):
        pass_on(
            dossier_id=complete.pk,
            seen_version=1,
            to_unit=two.physics,
            reason="x",
            actor=cast.unit_manager,
        )


def test_a_transfer_whose_dossier_went_on_is_not_accepted(cast: Cast) -> None:
    physics = factories.unit(cast.university)
    physicist = factories.membership(Role.UNIT_MANAGER, cast.university, unit=physics)
    dossier = factories.entry(cast.participation, unit=cast.school, state="unit_review").dossier
    made = pass_on(
        dossier_id=dossier.pk, seen_version=1, to_unit=physics, reason="x", actor=cast.unit_manager
    )
    Dossier.objects.filter(pk=dossier.pk).update(state="institution_review")
    with pytest.raises(InvalidTransition):
        answer_transfer(transfer=made, accepts=True, answer="", seen_version=1, actor=physicist)


def test_the_pages(cast: Cast, two: Two, client_of: ClientOf) -> None:
    giving, taking = client_of(cast.unit_manager), client_of(two.physicist)
    page = giving.get(two.dossier.get_absolute_url()).content.decode()
    url = reverse("inventory:dossier-pass-on", args=[two.dossier.pk])
    assert url in page
    assert giving.get(url).status_code == 200
    sent = {"version": 1, "to_unit": two.physics.pk, "reason": "非我院"}
    assert giving.post(url, sent).status_code == 302
    made = UnitTransfer.objects.get()
    assert "待接收单位确认" in giving.get(two.dossier.get_absolute_url()).content.decode()
    assert taking.get(two.dossier.get_absolute_url()).status_code == 404
    assert (
        two.dossier.patent.title in taking.get(reverse("inventory:transfer-list")).content.decode()
    )
    detail = reverse("inventory:transfer-detail", args=[made.pk])
    assert taking.get(detail).status_code == 200
    answer = reverse("inventory:transfer-answer", args=[made.pk])
    assert taking.post(answer, {"version": 1, "accepts": "no", "reason": ""}).status_code == 422
    assert giving.post(answer, {"version": 1, "accepts": "yes"}).status_code == 403
    assert taking.post(answer, {"version": 1, "accepts": "yes"}).status_code == 302
    assert taking.get(two.dossier.get_absolute_url()).status_code == 200
    assert giving.get(two.dossier.get_absolute_url()).status_code == 404
