"""What the database copies for lists: it follows however the original is written (migration 0026)."""

from __future__ import annotations

import pytest

from inventory.choices import DossierState, StepAct
from inventory.models import BaseListEntry, Dossier, KeyIndustry, PatentHolder, PoolEntry
from inventory.services import moves
from tests import factories
from tests.conftest import Cast
from tests.pools import pooled

pytestmark = pytest.mark.django_db


def copies(entry: BaseListEntry) -> tuple[int, bool]:
    found = BaseListEntry.objects.get(pk=entry.pk)
    return found.priority, found.is_complete


def test_an_entry_says_what_its_dossier_says(cast: Cast) -> None:
    KeyIndustry.objects.create(name="集成电路", patterns=["H01L"])
    patent = factories.patent(cast.university, classes=["H01L21/02"], kind="invention")
    entry = factories.entry(cast.participation, patent)

    assert copies(entry) == (2, False)


def test_it_follows_the_rank_of_every_holder_s_entry(cast: Cast) -> None:
    shared = factories.patent(cast.university, cast.other, classes=["A01B1/00"], kind="invention")
    entry = factories.entry(cast.participation, shared)
    theirs = BaseListEntry.objects.create(
        campaign=cast.campaign,
        institution=cast.other,
        patent=shared,
        dossier=entry.dossier,
        listed_on=entry.listed_on,
        due_on=entry.due_on,
    )
    assert copies(entry) == copies(theirs) == (3, False)

    KeyIndustry.objects.create(name="农业机械", patterns=["A01B"])
    Dossier.objects.filter(pk=entry.dossier_id).update(patent=shared)  # ranked anew

    assert copies(entry) == copies(theirs) == (2, False)


def test_it_follows_completion_and_its_end(cast: Cast) -> None:
    entry = factories.entry(cast.participation, state=DossierState.COMPLETED)
    assert copies(entry)[1]

    (dossier,) = moves.lock_dossiers([entry.dossier_id])
    moves.move([dossier], DossierState.DRAFT, act=StepAct.RETURN, actor=cast.manager, reason="补充")

    assert not copies(entry)[1]


def test_nobody_can_write_a_copy_of_his_own(cast: Cast) -> None:
    entry = factories.entry(cast.participation)
    BaseListEntry.objects.filter(pk=entry.pk).update(priority=1, is_complete=True)

    assert copies(entry) == (Dossier.objects.get(pk=entry.dossier_id).priority, False)


def test_a_nomination_knows_who_is_concerned(cast: Cast) -> None:
    shared = factories.patent(cast.university, cast.other, "某某科技有限公司")
    made = pooled(cast, patent=shared)

    def concerned() -> set[int]:
        return set(PoolEntry.objects.get(pk=made.pk).institutions)

    assert concerned() == {cast.university.pk, cast.other.pk}
    PatentHolder.objects.filter(patent=shared, organisation=cast.other).delete()
    assert concerned() == {cast.university.pk}
    PatentHolder.objects.filter(patent=shared, organisation__isnull=True).update(
        organisation=cast.other
    )
    assert concerned() == {cast.university.pk, cast.other.pk}
    PatentHolder.objects.filter(patent=shared, organisation=cast.university).delete()
    assert concerned() == {cast.university.pk, cast.other.pk}  # who nominated it stays
    third = factories.organisation()
    PatentHolder.objects.create(patent=shared, position=7, name=third.name, organisation=third)
    assert third.pk in concerned()
