"""The pages of the expert pool: who opens them, what they show, what may be done."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from evaluation.choices import ExpertState
from evaluation.models import Expert
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def test_the_list_shows_contacts_masked(cast: Cast, client_of: Any) -> None:
    one = factories.expert(phone="13800001234", email="li@example.com", products="功率器件")
    text = client_of(cast.city).get(reverse("evaluation:expert-list")).content.decode()
    assert one.name in text
    assert "138****1234" in text
    assert "1.2 电子核心产业" in text
    assert "13800001234" not in text
    assert "li@example.com" not in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=功率", {"甲"}),
        ("strategic=1.2", {"甲"}),
        ("ipc=a61k", {"乙"}),
        ("state=removed", {"乙"}),
        ("term=over", {"乙"}),
        ("term=running", {"甲"}),
    ],
)
def test_filters(cast: Cast, client_of: Any, query: str, found: set[str]) -> None:
    factories.expert(name="甲", products="功率器件", term_from="2020-01-01")
    factories.expert(
        name="乙",
        technical_fields=["A61K"],
        state=ExpertState.REMOVED,
        term_from="2020-01-01",
        term_until="2020-12-31",
    )
    page = client_of(cast.city).get(f"{reverse('evaluation:expert-list')}?{query}").context["page"]
    assert {each.name for each in page.items} == found


def test_admitted_then_removed_with_a_reason(cast: Cast, client_of: Any) -> None:
    one, client = factories.expert(), client_of(cast.city)
    client.post(reverse("evaluation:expert-admit", args=[one.pk]), {"version": 1})
    one.refresh_from_db()
    assert (one.state, one.version) == (ExpertState.ADMITTED, 2)
    url = reverse("evaluation:expert-remove", args=[one.pk])
    assert client.post(url, {"version": 2}).status_code == 200
    client.post(url, {"version": 2, "reason": "任期届满"})
    one.refresh_from_db()
    assert (one.state, one.outcome_reason) == (ExpertState.REMOVED, "任期届满")
    told = AuditEntry.objects.about(one).order_by("pk")
    assert [each.changes["state"] for each in told] == [
        ["recommended", "admitted"],
        ["admitted", "removed"],
    ]


def test_a_step_that_is_not_possible_and_one_on_an_old_version(cast: Cast, client_of: Any) -> None:
    one, client = factories.expert(state=ExpertState.ADMITTED), client_of(cast.city)
    url = reverse("evaluation:expert-admit", args=[one.pk])
    assert client.post(url, {"version": 1}).status_code == 409
    assert client.post(url, {"version": 7}).status_code == 409
    assert Expert.objects.get().version == 1


def test_the_whole_contact_takes_a_click_that_is_in_the_trail(cast: Cast, client_of: Any) -> None:
    one = factories.expert(phone="13800001234")
    client = client_of(cast.city)
    page = client.get(reverse("evaluation:expert-detail", args=[one.pk])).content.decode()
    assert "13800001234" not in page
    shown = client.post(reverse("evaluation:expert-contact", args=[one.pk])).content.decode()
    assert "13800001234" in shown
    entry = AuditEntry.objects.about(one).get()
    assert (entry.action, entry.changes) == ("view", {"phone": [None, "138****1234"]})


def test_the_drawer_is_a_fragment_with_its_place(cast: Cast, client_of: Any) -> None:
    one = factories.expert()
    url = reverse("evaluation:expert-detail", args=[one.pk])
    headers = {"HX-Request": "true", "HX-Target": "drawer-body"}
    text = client_of(cast.city).get(url, headers=headers).content.decode()
    assert "<html" not in text
    assert one.employer in text


def test_the_database_keeps_a_person_once_and_three_fields(cast: Cast) -> None:
    one = factories.expert()
    with pytest.raises(IntegrityError, match="identity"), transaction.atomic():
        factories.expert(name=one.name, employer=one.employer, phone=one.phone)
    with pytest.raises(IntegrityError, match="expert_three_fields"), transaction.atomic():
        factories.expert(technical_fields=["A61K", "A61P", "H01L", "G06N"])
    with pytest.raises(IntegrityError, match="expert_term_order"), transaction.atomic():
        factories.expert(term_from="2024-01-02", term_until="2024-01-01")
