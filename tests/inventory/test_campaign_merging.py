"""The forms of a campaign and of a part in it on a version that is no longer the last."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from inventory.models import Campaign, CampaignInstitution
from inventory.services import campaigns
from tests import factories
from tests.conftest import Cast
from tests.portal.test_merging import rows

pytestmark = pytest.mark.django_db


def change_campaign(cast: Cast, *, institutions: Any = (), **values: Any) -> None:
    held = Campaign.objects.get(pk=cast.campaign.pk)
    for name, value in values.items():
        setattr(held, name, value)
    campaigns.save_campaign(
        campaign=held,
        changed=list(values),
        institutions=institutions,
        seen_version=held.version,
        actor=cast.city,
    )


def change_part(cast: Cast, **values: Any) -> None:
    held = CampaignInstitution.objects.get(pk=cast.participation.pk)
    for name, value in values.items():
        setattr(held, name, value)
    campaigns.save_participation(
        participation=held, changed=list(values), seen_version=held.version, actor=cast.manager
    )


def campaign_page(cast: Cast, **typed: Any) -> tuple[str, dict[str, Any]]:
    """The address, and the form as it was opened with what was typed into it."""
    one = cast.campaign
    posted = {
        "name": one.name,
        "scope": one.scope,
        "cutoff_on": one.cutoff_on,
        "base_day": one.base_day,
        "opens_on": one.opens_on,
        "due_on": one.due_on,
        "institutions": [cast.university.pk, cast.other.pk],
        "version": one.version,
    }
    return reverse("inventory:campaign-edit", args=[one.pk]), {**posted, **typed}


def part_page(cast: Cast, **typed: Any) -> tuple[str, dict[str, Any]]:
    one = cast.participation
    posted = {
        "review_steps": one.review_steps,
        "filing_mode": one.filing_mode,
        "version": one.version,
    }
    return reverse("inventory:participation-edit", args=[one.pk]), {**posted, **typed}


def test_a_campaign_keeps_what_each_changed(cast: Cast, client_of: Any) -> None:
    change_campaign(cast, due_on=date(2025, 2, 28))
    client = client_of(cast.city)
    page, mine = campaign_page(cast, name="我改的盘点")

    shown = client.post(page, mine)
    saved = client.post(page, {**mine, "over": 2})

    assert (shown.status_code, rows(shown)) == (
        409,
        {"name": (False, "mine"), "due_on": (False, "theirs")},
    )
    assert "2025-02-28" in shown.content.decode()
    assert saved.status_code == 302
    stored = Campaign.objects.get(pk=cast.campaign.pk)
    assert (stored.name, stored.due_on, stored.version) == ("我改的盘点", date(2025, 2, 28), 3)


@pytest.mark.parametrize(("kept", "name"), [("mine", "我改的"), ("theirs", "别人改的")])
def test_a_campaign_both_changed_is_chosen_and_never_overwritten(
    cast: Cast, client_of: Any, kept: str, name: str
) -> None:
    change_campaign(cast, name="有人改的")
    client = client_of(cast.city)
    page, mine = campaign_page(cast, name="我改的")
    assert client.post(page, mine).status_code == 409
    change_campaign(cast, name="别人改的")

    again = client.post(page, {**mine, "over": 2, "keep-name": "mine"})
    between = Campaign.objects.get(pk=cast.campaign.pk).name
    decided = client.post(page, {**mine, "over": 3, "keep-name": kept})

    assert (again.status_code, between) == (409, "别人改的")
    assert rows(again) == {"name": (True, "mine")}
    assert decided.status_code == 302
    assert Campaign.objects.get(pk=cast.campaign.pk).name == name


def test_institutions_that_joined_meanwhile_stay(cast: Cast, client_of: Any) -> None:
    third = factories.organisation(name="演示第三大学")
    change_campaign(cast, institutions=[third])
    client = client_of(cast.city)
    page, mine = campaign_page(cast, name="我改的")

    assert client.post(page, {**mine, "over": 2}).status_code == 302
    assert cast.campaign.participations.filter(institution=third).exists()


def test_a_campaign_saved_unchanged_makes_no_version(cast: Cast) -> None:
    change_campaign(cast)
    assert Campaign.objects.get(pk=cast.campaign.pk).version == 1


def test_saving_a_campaign_leaves_the_periods_its_page_does_not_show(
    cast: Cast, client_of: Any
) -> None:
    change_campaign(cast, objection_days=7)
    cast.campaign.refresh_from_db()
    page, mine = campaign_page(cast, name="我改的")

    assert client_of(cast.city).post(page, mine).status_code == 302
    assert Campaign.objects.get(pk=cast.campaign.pk).objection_days == 7


def test_a_part_keeps_what_each_changed(cast: Cast, client_of: Any) -> None:
    change_part(cast, responsible_unit=cast.school)
    client = client_of(cast.manager)
    page, mine = part_page(cast, contact_name="演示联系人", contact_phone="13800001111")

    shown = client.post(page, mine)
    saved = client.post(page, {**mine, "over": 2})

    assert (shown.status_code, rows(shown)) == (
        409,
        {"contact_name": (False, "mine"), "responsible_unit": (False, "theirs")},
    )
    assert cast.school.name in shown.context["conflict"]["rows"][1]["theirs"]
    assert saved.status_code == 302
    part = CampaignInstitution.objects.get(pk=cast.participation.pk)
    assert (part.responsible_unit, part.contact_phone, part.version) == (
        cast.school,
        "13800001111",
        3,
    )


@pytest.mark.parametrize("kept", ["mine", "theirs"])
def test_unit_and_office_of_a_part_are_chosen_together(
    cast: Cast, client_of: Any, kept: str
) -> None:
    change_part(cast, responsible_unit=cast.school)
    client = client_of(cast.manager)
    page, mine = part_page(cast, responsible_name="演示科研处")

    undecided = client.post(page, {**mine, "over": 2})
    again = client.post(page, mine)
    between = CampaignInstitution.objects.get(pk=cast.participation.pk)
    decided = client.post(page, {**mine, "over": 2, "keep-responsible_unit": kept})

    assert (undecided.status_code, again.status_code) == (409, 409)
    assert rows(undecided) == {"responsible_unit": (True, "")}
    assert (between.responsible_unit, between.responsible_name) == (cast.school, "")
    assert decided.status_code == 302
    part = CampaignInstitution.objects.get(pk=cast.participation.pk)
    expected = (None, "演示科研处") if kept == "mine" else (cast.school, "")
    assert (part.responsible_unit, part.responsible_name) == expected


def test_a_unit_of_elsewhere_is_not_named(cast: Cast, client_of: Any) -> None:
    """A key that is not offered stays the text that was typed."""
    foreign = factories.unit(cast.other, name="外校学院")
    change_part(cast, responsible_unit=cast.school)
    page, mine = part_page(cast, responsible_unit=foreign.pk)

    response = client_of(cast.manager).post(page, mine)

    assert response.status_code == 409
    assert foreign.name not in response.content.decode()
