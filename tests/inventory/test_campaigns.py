"""Campaigns and participations."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from inventory.choices import CampaignState, DossierState
from inventory.forms.campaigns import CampaignForm
from inventory.models import Campaign
from inventory.services import assignments, campaigns
from portal.errors import InvalidTransition, StaleVersion
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def test_create_with_institutions(cast: Cast) -> None:
    draft = Campaign(
        name="2025年新授权专利盘点",
        cutoff_on=date(2025, 12, 31),
        base_day=date(2025, 12, 31),
        opens_on=date(2026, 1, 5),
        due_on=date(2026, 6, 30),
    )

    made = campaigns.create_campaign(
        campaign=draft, institutions=[cast.university, cast.other], actor=cast.city
    )

    assert (made.state, made.participations.count()) == (CampaignState.DRAFT, 2)
    assert AuditEntry.objects.get().changes["cutoff_on"] == [None, "2025-12-31"]


@pytest.mark.parametrize(
    ("state", "to_state", "is_possible"),
    [
        (CampaignState.DRAFT, CampaignState.OPEN, True),
        (CampaignState.OPEN, CampaignState.CLOSED, True),
        (CampaignState.CLOSED, CampaignState.OPEN, True),
        (CampaignState.OPEN, CampaignState.OPEN, False),
        (CampaignState.DRAFT, CampaignState.CLOSED, False),
    ],
)
def test_moves(
    cast: Cast, state: CampaignState, to_state: CampaignState, is_possible: bool
) -> None:
    campaign = factories.campaign(state=state)

    def move() -> Campaign:
        return campaigns.move_campaign(
            campaign=campaign, to_state=to_state, seen_version=1, actor=cast.city
        )

    if is_possible:
        assert (move().state, AuditEntry.objects.count()) == (to_state, 1)
    else:
        with pytest.raises(InvalidTransition):
            move()


def test_stale_edit_is_refused(cast: Cast) -> None:
    cast.campaign.name = "改名"

    with pytest.raises(StaleVersion):
        campaigns.save_campaign(
            campaign=cast.campaign,
            changed=["name"],
            institutions=[],
            seen_version=3,
            actor=cast.city,
        )


def test_one_step_is_refused_while_units_review(cast: Cast) -> None:
    factories.entry(cast.participation, state=DossierState.UNIT_REVIEW)
    cast.participation.review_steps = 1

    with pytest.raises(InvalidTransition):
        campaigns.save_participation(
            participation=cast.participation,
            changed=["review_steps"],
            seen_version=1,
            actor=cast.manager,
        )


def test_contact_is_masked_in_the_trail(cast: Cast) -> None:
    cast.participation.contact_phone = "13812345678"

    campaigns.save_participation(
        participation=cast.participation,
        changed=["contact_phone"],
        seen_version=1,
        actor=cast.manager,
    )

    trail = AuditEntry.objects.get()
    assert "13812345678" not in str(trail.changes)
    assert trail.changes["contact_phone"][1].endswith("5678") or "*" in str(trail.changes)


def test_assign_changes_only_own_dossiers(cast: Cast) -> None:
    own = factories.entry(cast.participation)
    foreign = factories.entry(cast.other_participation)

    count = assignments.assign_dossiers(
        ids=[own.dossier_id, foreign.dossier_id],
        actor=cast.manager,
        unit=cast.school,
        responsible=cast.inventor.user,
    )

    own.dossier.refresh_from_db()
    foreign.dossier.refresh_from_db()
    assert (count, own.dossier.unit, own.dossier.responsible) == (
        1,
        cast.school,
        cast.inventor.user,
    )
    assert foreign.dossier.responsible is None


def test_assign_refuses_a_stranger(cast: Cast) -> None:
    own = factories.entry(cast.participation)

    with pytest.raises(ValidationError):
        assignments.assign_dossiers(
            ids=[own.dossier_id], actor=cast.manager, responsible=cast.outsider.user
        )


def test_assigning_again_changes_nothing(cast: Cast) -> None:
    own = factories.entry(cast.participation)
    values = {"ids": [own.dossier_id], "actor": cast.manager, "unit": cast.school}
    assignments.assign_dossiers(**values)

    assert assignments.assign_dossiers(**values) == 0
    assert AuditEntry.objects.count() == 1


def test_the_institutions_of_the_campaign_followed_take_part_again(cast: Cast) -> None:
    data = {
        "name": "下一年度盘点",
        "kind": "fixed",
        "scope": "all",
        "follows": cast.campaign.pk,
        "cutoff_on": "2024-12-31",
        "base_day": "2024-12-31",
        "opens_on": "2025-03-01",
        "due_on": "2025-12-31",
    }

    left_blank = CampaignForm(data)
    chosen = CampaignForm({**data, "institutions": [cast.university.pk]})

    assert left_blank.is_valid()
    assert chosen.is_valid()
    assert set(left_blank.cleaned_data["institutions"]) == {cast.university, cast.other}
    assert set(chosen.cleaned_data["institutions"]) == {cast.university}
