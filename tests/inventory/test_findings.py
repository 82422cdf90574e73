"""What a reviewer sees first: findings worked out in sets, the queue and the approve page with the stars compared."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test.utils import CaptureQueriesContext

from inventory.choices import DossierState, FindingKind
from inventory.dossier_content import Content, Status
from inventory.models import BaseListEntry, Dossier, DossierFinding, StarCount, StatusMark
from inventory.queries import stars
from inventory.review_findings import WEIGHTS, differences, findings_of
from inventory.services import findings, reviews, star_counts
from inventory.tasks import review as tasks
from portal.jobs import runner
from portal.models import Job
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
S = DossierState
Clients = Callable[..., PageClient]


def made(cast: Cast, state: str = S.DRAFT, **fields: object) -> BaseListEntry:
    fields.setdefault("unit", cast.school)
    fields.setdefault("responsible", cast.inventor.user)
    fields.setdefault("advantages", f"独有优势{factories.patent('演示').pk}")
    fields.setdefault("prospects", f"独有前景{factories.patent('演示').pk}")
    return factories.entry(cast.participation, state=state, is_filled=True, **fields)


def submit(cast: Cast, *entries: BaseListEntry) -> None:
    versions = {e.dossier_id: Dossier.objects.get(pk=e.dossier_id).version for e in entries}
    outcome = reviews.submit_dossiers(versions=versions, actor=cast.manager)
    assert outcome.refused == []


def kinds(entry: BaseListEntry) -> dict[str, list[str]]:
    found = DossierFinding.objects.filter(dossier=entry.dossier_id)
    return {finding.kind: finding.fields for finding in found}


def approve_fully(cast: Cast, entry: BaseListEntry) -> None:
    submit(cast, entry)
    for actor in (cast.unit_manager, cast.manager):
        dossier = Dossier.objects.get(pk=entry.dossier_id)
        assert reviews.approve_dossiers(versions={dossier.pk: dossier.version}, actor=actor).done


# --- the pure part ----------------------------------------------------------------------------------


def test_amounts_are_compared_as_numbers() -> None:
    content = Content(statuses=(Status("licensed", "common_contract", amount=Decimal("12.50")),))
    archived = {"statuses": [{"level1": "licensed", "level2": "common_contract", "amount": "12.5"}]}

    assert differences(archived, content) == []
    archived["statuses"][0]["amount"] = "13"
    assert [each.field for each in differences(archived, content)] == ["amounts"]


@pytest.mark.parametrize("level2", ["common_plan", "in_patent_pool"])
def test_plans_without_amount_are_a_finding(level2: str) -> None:
    content = Content(statuses=(Status("licensed", level2),), stars=4)

    assert [f.kind for f in findings_of(content, None, ())] == [FindingKind.NO_AMOUNT]


def test_products_take_no_amount() -> None:
    content = Content(
        statuses=(Status("licensed", "industrialised_by_licensee", product_name="X"),)
    )

    assert findings_of(content, None, ()) == []


def test_grave_findings_outweigh_all_lighter_ones() -> None:
    weights = list(WEIGHTS.values())
    assert all(weight > sum(weights[place + 1 :]) for place, weight in enumerate(weights))
    assert set(WEIGHTS) == set(FindingKind)


# --- at submission ----------------------------------------------------------------------------------


def test_identical_texts_are_found_whatever_the_punctuation(cast: Cast) -> None:
    one = made(cast, advantages="结构简单，成本低。", prospects="甲")
    two = made(cast, advantages="结构 简单,成本低", prospects="乙")
    alone = made(cast, advantages="结构简单，成本高。", prospects="丙")

    submit(cast, one)
    assert kinds(one) == {"same_text": ["advantages"]}
    submit(cast, two, alone)

    assert (kinds(two), kinds(alone)) == ({"same_text": ["advantages"]}, {})
    assert Dossier.objects.get(pk=two.dossier_id).finding_weight == 8


def test_a_waiting_dossier_is_marked_when_its_double_comes(cast: Cast) -> None:
    first = made(cast, prospects="前景相同")
    submit(cast, first)
    assert kinds(first) == {}
    later = made(cast, prospects="前景相同！")

    submit(cast, later)

    assert kinds(first) == {"same_text": ["prospects"]}


def test_a_double_that_is_rewritten_and_handed_in_again_frees_the_other(cast: Cast) -> None:
    one, two, third = (made(cast, prospects="前景相同") for _number in range(3))
    submit(cast, one, two, third)
    for again, left in ((two, {"same_text": ["prospects"]}), (third, {})):
        dossier = Dossier.objects.get(pk=again.dossier_id)
        reviews.return_dossiers(
            versions={dossier.pk: dossier.version},
            to_state=S.DRAFT,
            reason="改写",
            actor=cast.unit_manager,
        )
        Dossier.objects.filter(pk=dossier.pk).update(prospects=f"改写后的前景{dossier.pk}")
        submit(cast, again)
        assert (kinds(one), kinds(again)) == (left, {})
    assert Dossier.objects.get(pk=one.dossier_id).finding_weight == 0


def test_the_same_text_of_another_institution_is_nobodys_finding(cast: Cast) -> None:
    factories.entry(cast.other_participation, state=S.COMPLETED, advantages="别校的优势")
    mine = made(cast, advantages="别校的优势")

    submit(cast, mine)

    assert kinds(mine) == {}


def test_what_differs_from_the_approved_answers_is_named(cast: Cast) -> None:
    entry = made(cast, stars=4, maturity="sample")
    approve_fully(cast, entry)
    dossier = Dossier.objects.get(pk=entry.dossier_id)
    reviews.revise_dossiers(
        versions={dossier.pk: dossier.version}, reason="更新", actor=cast.manager
    )
    Dossier.objects.filter(pk=dossier.pk).update(stars=3, maturity="mass")

    submit(cast, entry)

    assert kinds(entry) == {"fewer_stars": ["stars"], "changed": ["maturity", "stars"]}


def test_nothing_differs_when_the_approved_answers_come_again(cast: Cast) -> None:
    entry = made(cast)
    approve_fully(cast, entry)
    dossier = Dossier.objects.get(pk=entry.dossier_id)
    reviews.revise_dossiers(
        versions={dossier.pk: dossier.version}, reason="更新", actor=cast.manager
    )

    submit(cast, entry)

    assert kinds(entry) == {}


def test_findings_take_the_same_queries_for_any_number(
    cast: Cast, django_assert_max_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    few = [made(cast, S.UNIT_REVIEW, advantages="同").dossier_id for _n in range(2)]
    many = [made(cast, S.UNIT_REVIEW, advantages="同").dossier_id for _n in range(12)]
    with django_assert_max_num_queries(99) as small:
        findings.refresh_findings(few)
    with django_assert_max_num_queries(99) as large:
        findings.refresh_findings(many)

    assert len(large) <= len(small)


def test_the_nightly_job_mends_marks_that_went_stale(cast: Cast) -> None:
    one, two = made(cast, advantages="同文"), made(cast, advantages="同文")
    submit(cast, one, two)
    Dossier.objects.filter(pk=two.dossier_id).update(advantages="已改写")
    tasks.ask_for_findings()
    tasks.ask_for_findings()

    runner.run_due("test-worker")

    assert (kinds(one), kinds(two)) == ({}, {})
    assert Dossier.objects.get(pk=one.dossier_id).finding_weight == 0
    assert Job.objects.filter(kind=tasks.FINDINGS).count() == 1


# --- the queue --------------------------------------------------------------------------------------


def test_the_queue_shows_findings_first(cast: Cast, client_of: Clients) -> None:
    plain, same, plan = made(cast), made(cast, advantages="同"), made(cast)
    made(cast, advantages="同")
    StatusMark.objects.filter(dossier=plan.dossier_id).update(
        level1="licensed", level2="common_plan"
    )
    submit(cast, plain, same, plan)

    page = client_of(cast.unit_manager).get("/inventory/review/")

    shown = [dossier.pk for dossier in page.context["page"].items]
    assert shown == [same.dossier_id, plan.dossier_id, plain.dossier_id]
    assert [(f["value"], f["url"]) for f in page.context["figures"]] == [
        (1, "/inventory/review/?finding=same_text"),
        (1, "/inventory/review/?finding=no_amount"),
    ]


@pytest.mark.parametrize(("value", "expected"), [("any", 1), ("none", 1), ("unsuitable", 0)])
def test_the_queue_is_narrowed_to_a_finding(
    cast: Cast, client_of: Clients, value: str, expected: int
) -> None:
    made(cast, advantages="同")
    submit(cast, made(cast), made(cast, advantages="同"))

    page = client_of(cast.unit_manager).get(f"/inventory/review/?finding={value}")

    assert page.context["page"].total == expected


def test_the_queue_takes_the_same_queries_for_any_number(
    cast: Cast, client_of: Clients, django_assert_num_queries: Callable[..., CaptureQueriesContext]
) -> None:
    client = client_of(cast.unit_manager)
    submit(cast, *[made(cast, advantages="同") for _n in range(2)])
    client.get("/inventory/review/")
    with django_assert_num_queries(99, exact=False) as few:  # type: ignore[call-arg]
        client.get("/inventory/review/")
    submit(cast, *[made(cast, advantages="同") for _n in range(10)])
    with django_assert_num_queries(len(few)):
        client.get("/inventory/review/")


def test_the_next_in_the_queue_follows_its_order(cast: Cast, client_of: Clients) -> None:
    made(cast, advantages="同")
    same, plain = made(cast, advantages="同"), made(cast)
    submit(cast, plain, same)
    client = client_of(cast.unit_manager)
    version = Dossier.objects.get(pk=same.dossier_id).version

    answer = client.post(f"/inventory/dossiers/{same.dossier_id}/approve/", {"version": version})

    assert answer.url == f"/inventory/dossiers/{plain.dossier_id}/"


def test_a_dossier_opens_its_findings_to_its_reviewer_only(cast: Cast, client_of: Clients) -> None:
    other = made(cast, advantages="完全相同的文字")
    mine = made(cast, advantages="完全相同的文字")
    submit(cast, mine)
    path = f"/inventory/dossiers/{mine.dossier_id}/"

    page = client_of(cast.unit_manager).get(path)
    (finding,) = page.context["findings"]
    (double,) = finding["doubles"]
    assert ([d.pk for d in double["named"]], double["more"]) == ([other.dossier_id], 0)

    for reader in (cast.inventor, cast.department, cast.city):
        assert client_of(reader).get(path).context["findings"] == []


def test_doubles_of_other_units_are_a_number_only(cast: Cast, client_of: Clients) -> None:
    elsewhere = factories.unit(cast.university)
    made(cast, advantages="完全相同的文字", unit=elsewhere)
    mine = made(cast, advantages="完全相同的文字")
    submit(cast, mine)

    page = client_of(cast.unit_manager).get(f"/inventory/dossiers/{mine.dossier_id}/")

    (double,) = page.context["findings"][0]["doubles"]
    assert (double["named"], double["more"]) == ([], 1)


# --- stars ------------------------------------------------------------------------------------------


def complete(cast: Cast, *each: int) -> None:
    for number in each:
        made(cast, S.COMPLETED, stars=number)


def test_stars_are_counted_per_unit_and_counted_anew(cast: Cast) -> None:
    complete(cast, 3, 3, 5)
    star_counts.refresh_star_counts()
    star_counts.refresh_star_counts()

    rows = StarCount.objects.order_by("stars").values_list("institution", "unit", "stars", "count")
    school, university = cast.school.pk, cast.university.pk
    assert list(rows) == [(university, school, 3, 2), (university, school, 5, 1)]


def test_the_city_is_shown_from_three_institutions_on_and_small_counts_are_hidden(
    cast: Cast,
) -> None:
    complete(cast, *[4] * 6, 5)
    factories.entry(cast.other_participation, state=S.COMPLETED, stars=4)
    star_counts.refresh_star_counts()
    assert stars.compare(Dossier.objects.none(), cast.unit_manager).city is None
    third = factories.participation(factories.organisation(), cast.campaign)
    factories.entry(third, state=S.COMPLETED, stars=4)
    star_counts.refresh_star_counts()

    found = stars.compare(Dossier.objects.none(), cast.unit_manager)

    assert found.city is not None
    assert (found.city.share(4), found.city.count(4)) == (pytest.approx(8 / 9), None)
    assert (found.city.share(5), found.city.hides(5), found.city.share(1)) == (None, True, 0)
    assert (found.institution.count(4), found.institution.count(5)) == (6, 1)
    assert found.unit is not None
    assert found.unit.counts == {4: 6, 5: 1}


def test_spread_counts_what_the_filter_leaves(cast: Cast, client_of: Clients) -> None:
    complete(cast, *[4] * 3)
    star_counts.refresh_star_counts()
    submit(cast, *[made(cast, stars=stars) for stars in (2, 2, 5)])
    reviewer = client_of(cast.unit_manager)

    spreads = [
        reviewer.get(f"/inventory/review/spread/?{query}").context["comparison"].here.counts
        for query in ("", "stars=5", "finding=fewer_stars")
    ]

    assert spreads == [{2: 2, 5: 1}, {5: 1}, {}]


def test_many_low_stars_are_named_before_approving(cast: Cast, client_of: Clients) -> None:
    complete(cast, *[4] * 8, 1, 1)
    star_counts.refresh_star_counts()
    waiting = [made(cast, stars=2) for _n in range(10)]
    submit(cast, *waiting)
    picks = [f"{e.dossier_id}-{Dossier.objects.get(pk=e.dossier_id).version}" for e in waiting]

    page = client_of(cast.unit_manager).post(
        "/inventory/review/approve/", {"pick": picks}, follow=True
    )

    assert page.context["comparison"].is_low
    assert "100.0%" in page.content.decode()
    assert page.context["comparison"].here.counts == {2: 10}
