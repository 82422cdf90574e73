"""What stock-taking hands over, each kind by itself."""

from __future__ import annotations

import pytest

from inventory.models import Dossier, NotMine, PatentInventor
from inventory.services.handing import (
    count_dossiers,
    count_reviews,
    follow_dossiers,
    hand_over_dossiers,
    hand_over_reviews,
    link_inventions,
)
from portal.choices import Role
from portal.handing_over import TO_QUEUE, TO_SUCCESSOR, HandOver
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def test_an_account_kept_ready_gives_way_with_everything(cast: Cast) -> None:
    old, new = factories.user(name="李明"), factories.user(name="李明")
    patent = factories.patent(cast.university, inventors=[old])
    dossier = factories.entry(cast.participation, patent, responsible=old).dossier
    foreign = factories.entry(cast.other_participation, responsible=old).dossier
    NotMine.objects.create(patent=patent, user=old, reason="x")
    follow_dossiers(old, new, cast.manager)
    dossier.refresh_from_db()
    assert (dossier.responsible, dossier.version) == (new, 2)
    assert Dossier.objects.get(pk=foreign.pk).responsible == old
    assert PatentInventor.objects.get(patent=patent).user == new
    assert NotMine.objects.get().user == new
    assert AuditEntry.objects.about(dossier).count() == 1


def test_names_are_linked_once_and_told(cast: Cast) -> None:
    person = factories.membership(
        Role.INVENTOR, cast.university, user=factories.user(name="李明")
    ).user
    mine = factories.patent(cast.university, inventors=["李明"])
    denied = factories.patent(cast.university, inventors=["李明"])
    foreign = factories.patent(cast.other, inventors=["李明"])
    NotMine.objects.create(patent=denied, user=person, reason="x")
    link_inventions(person, cast.university.pk)
    linked = PatentInventor.objects.filter(user=person).values_list("patent", flat=True)
    assert list(linked) == [mine.pk]
    assert foreign.pk not in linked
    assert AuditEntry.objects.about(person).count() == 1


def test_the_queue_takes_what_nobody_is_proposed_for(cast: Cast) -> None:
    person = cast.inventor.user
    dossier = factories.entry(cast.participation, responsible=person).dossier
    assert count_dossiers([person.pk], cast.university.pk) == 1
    step = HandOver(person=person, actor=cast.manager, reason="调离", how=TO_QUEUE)
    assert hand_over_dossiers(step) == 1
    dossier.refresh_from_db()
    assert dossier.responsible is None
    assert AuditEntry.objects.about(dossier).count() == 1


def test_reviews_of_a_unit_with_another_manager_need_nobody(cast: Cast) -> None:
    factories.entry(cast.participation, unit=cast.school, state="unit_review")
    person, heir = cast.unit_manager.user, factories.membership(Role.INVENTOR, cast.university).user
    assert count_reviews([person.pk], cast.university.pk) == 1
    second = factories.membership(Role.UNIT_MANAGER, cast.university, unit=cast.school)
    assert count_reviews([person.pk], cast.university.pk) == 0
    second.delete()
    step = HandOver(person=person, actor=cast.manager, reason="x", how=TO_SUCCESSOR, successor=heir)
    assert hand_over_reviews(step) == 1
    assert AuditEntry.objects.filter(object_type="portal.membership").exists()
