"""The work list, assignment, review queue, campaigns, exclusions and pool as pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inventory.choices import CampaignState, DossierState, ExclusionState
from inventory.models import Campaign, Dossier, Exclusion, PoolEntry
from inventory.services import pool
from portal.models import Membership
from tests import factories
from tests.bulk_acts import applied
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]
S = DossierState


def titles(response: Any) -> list[str]:
    return [entry.patent.title for entry in response.context["page"].items]


def test_list_shows_own_and_hides_others(cast: Cast, client_of: ClientOf) -> None:
    factories.entry(cast.participation, factories.patent(cast.university, title="本校装置"))
    factories.entry(cast.other_participation, factories.patent(cast.other, title="外校装置"))

    response = client_of(cast.manager).get(reverse("inventory:entry-list"))

    assert titles(response) == ["本校装置"]
    assert "外校装置" not in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_list_query_count_is_constant(
    cast: Cast, client_of: ClientOf, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        factories.entry(cast.participation, unit=cast.school, responsible=cast.inventor.user)
    client = client_of(cast.manager)
    client.get(reverse("inventory:entry-list"))

    # session, user, memberships, session save (savepoint, update, release), choices of campaign and unit,
    # count, page, own and shared views, whether a campaign opened with answers of before
    with django_assert_num_queries(13):
        client.get(reverse("inventory:entry-list"))


def test_htmx_gets_only_the_results(cast: Cast, client_of: ClientOf) -> None:
    response = client_of(cast.manager).get(
        reverse("inventory:entry-list"), headers={"HX-Request": "true"}
    )

    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize(
    ("word", "count"), [("甲乙", 1), ("乙丙", 1), ("甲乙与", 1), ("甲乙丙", 0), ("乙甲", 0)]
)
def test_a_word_is_more_than_its_pieces(
    cast: Cast, client_of: ClientOf, word: str, count: int
) -> None:
    """甲乙 and 乙丙 stand in the title, 甲乙丙 does not."""
    factories.entry(cast.participation, factories.patent(cast.university, title="甲乙与乙丙"))

    page = client_of(cast.manager).get(reverse("inventory:entry-list"), {"q": word}).context["page"]

    assert len(page.items) == count


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=石墨烯", ["石墨烯散热片"]),
        ("q=石墨+演示甲", ["石墨烯散热片"]),
        ("q=不存在的词", []),
        ("state=draft", ["石墨烯散热片"]),
        ("stars=3", ["石墨烯散热片"]),
        ("kind=utility", ["支架"]),
        ("late=yes", ["石墨烯散热片", "支架"]),
        ("assigned=no", ["支架"]),
        ("included=no", []),
        ("nonsense=1", ["石墨烯散热片", "支架"]),
        ("order=password", ["石墨烯散热片", "支架"]),
        ("cursor=forged", ["石墨烯散热片", "支架"]),
    ],
)
def test_filters(cast: Cast, client_of: ClientOf, query: str, expected: list[str]) -> None:
    first = factories.patent(cast.university, title="支架", kind="utility")
    second = factories.patent(cast.university, title="石墨烯散热片")
    factories.entry(cast.participation, first)
    factories.entry(
        cast.participation, second, state=S.DRAFT, is_filled=True, responsible=cast.inventor.user
    )

    response = client_of(cast.manager).get(f"{reverse('inventory:entry-list')}?{query}")

    assert titles(response) == expected


def test_filter_choices_do_not_leak(cast: Cast, client_of: ClientOf) -> None:
    response = client_of(cast.manager).get(reverse("inventory:entry-list"))

    assert cast.other.name not in response.content.decode()


def test_empty_list_says_the_next_act(cast: Cast, client_of: ClientOf) -> None:
    response = client_of(cast.manager).get(reverse("inventory:entry-list"))

    assert reverse("portal:import-new") in response.content.decode()


def test_assign_is_refused_to_an_inventor(cast: Cast, client_of: ClientOf) -> None:
    response = client_of(cast.inventor).post(reverse("inventory:assign"), {"pick": "1-1"})

    assert response.status_code == 403


def waiting(cast: Cast, **fields: Any) -> Dossier:
    fields = {"unit": cast.school, **fields}
    return factories.entry(cast.participation, state=S.UNIT_REVIEW, **fields).dossier


def test_queue_approves_many_and_returns_one(cast: Cast, client_of: ClientOf) -> None:
    first, second, third = (waiting(cast) for _ in range(3))
    client = client_of(cast.unit_manager)

    back, on = reverse("inventory:review-return"), reverse("inventory:review-approve")
    applied(client, back, [f"{first.pk}-1"], to_state="draft", reason="缺金额")
    applied(client, on, [f"{second.pk}-1", f"{third.pk}-1"])

    states = dict(Dossier.objects.values_list("pk", "state"))
    assert states == {
        first.pk: S.DRAFT,
        second.pk: S.INSTITUTION_REVIEW,
        third.pk: S.INSTITUTION_REVIEW,
    }


@pytest.mark.parametrize(
    ("who", "expected"), [("outsider", 404), ("inventor", 403), ("manager", 403)]
)
def test_approve_one_refused(cast: Cast, client_of: ClientOf, who: str, expected: int) -> None:
    dossier = waiting(cast, responsible=cast.inventor.user)

    response = client_of(getattr(cast, who)).post(
        reverse("inventory:dossier-approve", args=[dossier.pk]), {"version": 1}
    )

    assert response.status_code == expected


def test_approve_one_with_stale_version_is_a_conflict(cast: Cast, client_of: ClientOf) -> None:
    dossier = waiting(cast)
    url = reverse("inventory:dossier-approve", args=[dossier.pk])
    client = client_of(cast.unit_manager)

    assert client.post(url, {"version": 9}).status_code == 409
    assert client.post(url, {}).status_code == 428
    assert client.post(url, {"version": 1}).status_code == 302
    assert client.get(url).status_code == 405


def test_city_makes_and_opens_a_campaign(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.city)
    data = {
        "kind": "fixed",
        "name": "2025年盘点",
        "scope": "all",
        "cutoff_on": "2025-12-31",
        "base_day": "2025-12-31",
        "opens_on": "2026-01-05",
        "due_on": "2026-06-30",
        "institutions": [cast.university.pk],
    }

    client.post(reverse("inventory:campaign-new"), data)
    made = Campaign.objects.get(name="2025年盘点")
    client.post(reverse("inventory:campaign-open", args=[made.pk]), {"version": 1})

    made.refresh_from_db()
    assert (made.state, made.participations.get().institution) == (
        CampaignState.OPEN,
        cast.university,
    )


def test_due_before_opening_is_said_beside_the_field(cast: Cast, client_of: ClientOf) -> None:
    data = {
        "name": "错误",
        "scope": "all",
        "cutoff_on": "2025-12-31",
        "base_day": "2025-12-31",
        "opens_on": "2026-01-05",
        "due_on": "2025-01-01",
    }

    response = client_of(cast.city).post(reverse("inventory:campaign-new"), data)

    assert (response.status_code, Campaign.objects.filter(name="错误").count()) == (200, 0)


def test_exclusion_with_evidence_and_decision(cast: Cast, client_of: ClientOf) -> None:
    entry = factories.entry(cast.participation)
    data = {"reason": "lapsed", "effective_on": "2023-12-31", "explanation": "未缴年费终止"}
    paper = SimpleUploadedFile("公告.pdf", b"%PDF-1.7 demo", content_type="application/pdf")

    client_of(cast.manager).post(
        reverse("inventory:exclusion-new", args=[entry.pk]), {**data, "evidence_file": paper}
    )
    made = Exclusion.objects.get()
    city = client_of(cast.city)
    evidence = city.get(reverse("inventory:exclusion-evidence", args=[made.pk]))
    city.post(
        reverse("inventory:exclusion-decide", args=[made.pk]),
        {"decision": "approve", "version": 1},
    )

    assert b"".join(evidence.streaming_content) == b"%PDF-1.7 demo"
    made.refresh_from_db()
    assert made.state == ExclusionState.APPROVED
    outsider = client_of(cast.outsider)
    assert outsider.get(reverse("inventory:exclusion-detail", args=[made.pk])).status_code == 404
    assert outsider.get(reverse("inventory:exclusion-evidence", args=[made.pk])).status_code == 404


def test_exclusion_refuses_other_files(cast: Cast, client_of: ClientOf) -> None:
    entry = factories.entry(cast.participation)
    data = {"reason": "lapsed", "effective_on": "2023-12-31", "explanation": "见附件"}
    program = SimpleUploadedFile("x.pdf", b"MZ\x90\x00")

    response = client_of(cast.manager).post(
        reverse("inventory:exclusion-new", args=[entry.pk]), {**data, "evidence_file": program}
    )

    assert (response.status_code, Exclusion.objects.count()) == (200, 0)


def test_nominate_by_the_rule(cast: Cast, client_of: ClientOf) -> None:
    pool.set_rule(
        values={"min_stars": 3, "kinds": [], "needs_key_industry": False, "min_months_left": 0},
        actor=cast.city,
    )
    factories.entry(cast.participation, state=S.COMPLETED)
    factories.entry(cast.participation, state=S.COMPLETED, stars=1)
    client = client_of(cast.manager)

    preview = client.get(reverse("inventory:pool-preview"))
    counted = client.get(reverse("inventory:pool-screening"))
    applied(client, reverse("inventory:pool-nominate"))

    assert reverse("inventory:pool-screening") in preview.content.decode()
    assert counted.context["screening"].qualifying == 1
    assert counted.context["screening"].too_few_stars == 1
    assert PoolEntry.objects.count() == 1
    assert client.get(reverse("inventory:pool-list")).status_code == 200
    assert client_of(cast.unit_manager).get(reverse("inventory:pool-preview")).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_pool_list_query_count_is_constant(
    cast: Cast, client_of: ClientOf, django_assert_num_queries: Any, count: int
) -> None:
    rule = pool.set_rule(
        values={"min_stars": 1, "kinds": [], "needs_key_industry": False, "min_months_left": 0},
        actor=cast.city,
    )
    entries = [factories.entry(cast.participation, state=S.COMPLETED) for _ in range(count)]
    pool.nominate(rule=rule, ids=[e.dossier_id for e in entries], actor=cast.manager)
    client = client_of(cast.city)
    client.get(reverse("inventory:pool-list"))

    # as above without the unit and the campaigns' answers, with the institution and the rule
    with django_assert_num_queries(12):
        client.get(reverse("inventory:pool-list"))


def test_nominating_nothing_says_so(cast: Cast, client_of: ClientOf) -> None:
    pool.set_rule(
        values={"min_stars": 3, "kinds": [], "needs_key_industry": False, "min_months_left": 0},
        actor=cast.city,
    )
    factories.entry(cast.participation, state=S.COMPLETED)

    response = client_of(cast.manager).post(
        reverse("inventory:pool-nominate"), {"pick": ["x", "9" * 30, "-1"]}
    )

    assert response["Location"] == reverse("inventory:pool-preview") + "?"
    assert PoolEntry.objects.count() == 0
