"""What the database copies for lists: it follows however the original is written (migrations 0026 and 0030)."""

from __future__ import annotations

import pytest

from inventory.choices import DossierState, StepAct
from inventory.models import (
    BaseListEntry,
    CampaignInstitution,
    Dossier,
    KeyIndustry,
    PatentHolder,
    PoolEntry,
)
from inventory.models.goals import Stage
from inventory.services import moves
from tests import factories
from tests.conftest import Cast
from tests.pools import pooled

pytestmark = pytest.mark.django_db


def copies(entry: BaseListEntry) -> tuple[int, bool]:
    found = BaseListEntry.objects.get(pk=entry.pk)
    return found.priority, found.is_complete


def stages(*entries: BaseListEntry) -> list[int]:
    found = BaseListEntry.objects.in_bulk([each.pk for each in entries])
    return [found[each.pk].stage for each in entries]


def listed(cast: Cast) -> int:
    return CampaignInstitution.objects.get(pk=cast.participation.pk).listed


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


def test_it_follows_the_way_to_an_approval_for_many_at_once(cast: Cast) -> None:
    entries = [factories.entry(cast.participation) for _n in range(3)]
    dossiers = Dossier.objects.filter(entries__in=entries)
    assert stages(*entries) == [Stage.NOBODY] * 3

    dossiers.update(responsible=cast.inventor.user)
    assert stages(*entries) == [Stage.ASSIGNED] * 3

    first = moves.lock_dossiers([entries[0].dossier_id])
    moves.move(first, DossierState.DRAFT, act=StepAct.RETURN, actor=cast.manager, reason="补充")
    assert stages(*entries) == [Stage.ASSIGNED] * 3
    moves.move(first, DossierState.UNIT_REVIEW, act=StepAct.SUBMIT, actor=cast.inventor)
    assert stages(*entries) == [Stage.WITH_UNIT, Stage.ASSIGNED, Stage.ASSIGNED]

    waiting = factories.entry(cast.participation, state=DossierState.INSTITUTION_REVIEW)
    assert stages(waiting) == [Stage.WITH_INSTITUTION]


def test_a_participation_knows_how_many_entries_count(cast: Cast) -> None:
    before = listed(cast)
    entries = [factories.entry(cast.participation) for _n in range(3)]
    assert listed(cast) == before + 3

    BaseListEntry.objects.filter(pk__in=[each.pk for each in entries[:2]]).update(is_included=False)
    assert listed(cast) == before + 1
    BaseListEntry.objects.filter(pk=entries[0].pk).update(is_included=True)
    assert listed(cast) == before + 2


def test_an_entry_that_goes_counts_no_more(cast: Cast) -> None:
    known = factories.entry(cast.participation)
    before = listed(cast)
    bare = BaseListEntry.objects.create(
        campaign=cast.campaign,
        institution=cast.university,
        patent=factories.patent(cast.university),
        dossier=known.dossier,
        listed_on=known.listed_on,
        due_on=known.due_on,
    )
    assert listed(cast) == before + 1

    bare.delete()
    assert listed(cast) == before


def test_nobody_can_write_how_many_count(cast: Cast) -> None:
    factories.entry(cast.participation)
    known = listed(cast)
    other = CampaignInstitution.objects.create(
        campaign=cast.campaign, institution=factories.organisation(), listed=7
    )

    assert listed(cast) == known
    assert CampaignInstitution.objects.get(pk=other.pk).listed == 0


def test_nobody_can_write_a_copy_of_his_own(cast: Cast) -> None:
    entry = factories.entry(cast.participation)
    BaseListEntry.objects.filter(pk=entry.pk).update(priority=1, is_complete=True, stage=3)

    assert copies(entry) == (Dossier.objects.get(pk=entry.dossier_id).priority, False)
    assert stages(entry) == [Stage.NOBODY]


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
