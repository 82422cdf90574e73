"""The dossier page: filling in, autosave, conflict, submitting, comments, and who may read what."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from inventory.choices import DossierState, FindingKind
from inventory.models import Dossier, DossierFinding, FieldComment
from inventory.rules import Intent, Status
from inventory.services import dossiers as services
from portal.models import Membership
from tests import factories
from tests.conftest import Cast


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    return factories.entry(
        cast.participation, responsible=cast.inventor.user, unit=cast.school
    ).dossier


def page(name: str, dossier: Dossier) -> str:
    return reverse(f"inventory:{name}", args=[dossier.pk])


def posted(dossier: Dossier, **more: Any) -> dict[str, Any]:
    """What the page posts: a complete dossier unless changed by `more` (None leaves a field out)."""
    dossier.refresh_from_db()
    data = {
        "version": dossier.version,
        "statuses-TOTAL_FORMS": 1,
        "statuses-INITIAL_FORMS": 0,
        "statuses-0-level1": "not_implemented",
        "intents-TOTAL_FORMS": 1,
        "intents-INITIAL_FORMS": 0,
        "intents-0-level1": "license",
        "intents-0-level2": "common",
        "is_publicly_funded": "false",
        "price_band": "negotiable",
        "contact_name": "演示联系人",
        "contact_phone": "13800000000",
        "maturity": "sample",
        "stars": "3",
        "advantages": "结构简单",
        "industry": "C",
        "prospects": "前景",
        **more,
    }
    return {name: value for name, value in data.items() if value is not None}


def test_page_shows_questions_and_what_is_missing(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    with translation.override("en"):
        response = client_of(cast.inventor).get(page("dossier-edit", dossier))

    assert response.status_code == 200
    assert [problem.field for problem in response.context["sheet"].errors] == [
        "is_publicly_funded",
        "statuses",
        "intents",
        "uses_default_contact",
        "maturity",
        "stars",
        "industry",
    ]
    assert (response.context["place"].position, response.context["place"].total) == (1, 1)


@pytest.mark.parametrize("count", [1, 4])
def test_page_costs_a_constant_number_of_queries(
    cast: Cast,
    client_of: Any,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for _number in range(count):
        dossier = factories.entry(
            cast.participation, responsible=cast.inventor.user, is_filled=True
        ).dossier
    client = client_of(cast.inventor)
    client.get(page("dossier-edit", dossier))

    with django_assert_num_queries(EDIT_QUERIES):
        client.get(page("dossier-edit", dossier))


EDIT_QUERIES = 17
# among them one each for open revision, own entry, pool entries, upload batches and transfers between units
DETAIL_QUERIES = 20


@pytest.mark.parametrize("count", [1, 3])
def test_reading_costs_a_constant_number_of_queries(
    cast: Cast,
    client_of: Any,
    dossier: Dossier,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        FieldComment.objects.create(
            dossier=dossier, field="stars", text=f"{number}", author=cast.manager
        )
    client = client_of(cast.manager)
    client.get(page("dossier-detail", dossier))

    with django_assert_num_queries(DETAIL_QUERIES):
        client.get(page("dossier-detail", dossier))


def test_autosave_keeps_a_change_and_answers_the_new_version(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    response = client_of(cast.inventor).post(page("dossier-save", dossier), posted(dossier))

    dossier.refresh_from_db()
    assert response.status_code == 200
    assert response["X-Version"] == str(dossier.version)
    assert (dossier.state, dossier.stars) == (DossierState.DRAFT, 3)
    assert response.context["missing"] == []


def test_autosave_of_an_incomplete_page_lists_what_is_missing(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    data = posted(dossier, stars="4", advantages="", prospects="", industry="")
    response = client_of(cast.inventor).post(page("dossier-save", dossier), data)

    assert [item["anchor"] for item in response.context["missing"]] == [
        "id_advantages",
        "id_prospects",
        "id_industry",
    ]


def test_autosave_saves_the_rest_and_names_what_it_cannot_read(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    data = posted(
        dossier,
        **{"statuses-0-level1": "licensed", "statuses-0-amount": "12万", "stars": "5"},
        advantages="长" * 501,
        combination_numbers="CN201710192287.0",
    )
    response = client_of(cast.inventor).post(page("dossier-save", dossier), data)

    dossier.refresh_from_db()
    answer = response.json()
    assert response.status_code == 422
    assert (sorted(answer["errors"]), answer["saved"]) == (
        ["advantages", "combination_numbers", "statuses-0-amount"],
        True,
    )
    assert response["X-Version"] == str(dossier.version)
    assert (dossier.stars, dossier.advantages, dossier.status_marks.count()) == (5, "", 0)


def test_autosaved_row_stays_when_saved_again(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    client = client_of(cast.inventor)
    for _time in range(2):
        client.post(page("dossier-save", dossier), posted(dossier))

    assert dossier.status_marks.count() == 1


def test_row_marked_for_removal_goes(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    client = client_of(cast.inventor)
    client.post(page("dossier-save", dossier), posted(dossier))
    client.post(page("dossier-save", dossier), posted(dossier, **{"statuses-0-DELETE": "on"}))

    assert dossier.status_marks.count() == 0


def test_supplements_of_other_levels_are_left_out(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    data = posted(
        dossier,
        **{
            "statuses-0-level1": "self_industrialised",
            "statuses-0-wording": "自有产线",
            "statuses-0-amount": "0",
            "statuses-0-product_name": "旧值",
            "statuses-0-report_result": "旧值",
        },
    )
    client_of(cast.inventor).post(page("dossier-save", dossier), data)

    mark = dossier.status_marks.get()
    assert (mark.level2, mark.wording, mark.amount) == ("custom", "自有产线", 0)
    assert (mark.product_name, mark.report_result) == ("", "")


def test_conflict_shows_who_changed_what_and_keeps_the_typed(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    data = posted(dossier, advantages="我写的内容")
    services.save_dossier(
        dossier_id=dossier.pk,
        seen_version=dossier.version,
        values={"advantages": "别人写的内容"},
        actor=cast.manager,
    )

    response = client_of(cast.inventor).post(page("dossier-save", dossier), data)

    text = response.content.decode()
    assert response.status_code == 409
    assert "我写的内容" in text
    assert "别人写的内容" in text
    assert cast.manager.user.name in text
    dossier.refresh_from_db()
    assert dossier.advantages == "别人写的内容"


def test_write_without_version_is_428(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    data = posted(dossier)
    del data["version"]

    assert client_of(cast.inventor).post(page("dossier-save", dossier), data).status_code == 428


def test_submit_hands_in_and_goes_to_the_next(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    following = factories.entry(cast.participation, responsible=cast.inventor.user).dossier

    response = client_of(cast.inventor).post(
        page("dossier-submit", dossier), posted(dossier, then="next")
    )

    dossier.refresh_from_db()
    assert dossier.state == DossierState.UNIT_REVIEW
    assert response["Location"] == page("dossier-edit", following)


def test_submit_of_the_last_one_leads_to_the_list(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    response = client_of(cast.inventor).post(
        page("dossier-submit", dossier), posted(dossier, then="next")
    )

    assert response["Location"] == reverse("inventory:my-patents")


def test_incomplete_submit_comes_back_with_errors_beside_the_fields(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    data = posted(
        dossier,
        **{"statuses-0-level1": "licensed", "statuses-0-level2": "common_contract"},
        prospects="",
    )
    response = client_of(cast.inventor).post(page("dossier-submit", dossier), data)

    dossier.refresh_from_db()
    sheet = response.context["sheet"]
    assert response.status_code == 422
    assert dossier.state == DossierState.DRAFT
    assert list(sheet.form.errors) == ["prospects"]
    assert list(sheet.statuses.forms[0].errors) == ["amount"]
    assert response.context["version"] == dossier.version


def test_r1_dossier_is_submitted_with_next_to_nothing(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    data = posted(
        dossier,
        **{"statuses-0-level1": "ownership_dispute", "intents-0-level1": ""},
        **{"intents-0-level2": "", "price_band": "", "maturity": None, "stars": None},
        advantages="",
        prospects="",
        industry="",
    )
    client_of(cast.inventor).post(page("dossier-submit", dossier), data)

    dossier.refresh_from_db()
    assert (dossier.state, dossier.is_unsuitable) == (DossierState.UNIT_REVIEW, True)


def test_copy_last_leads_back_with_what_was_copied_marked(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    client = client_of(cast.inventor)
    source = factories.entry(cast.participation, responsible=cast.inventor.user).dossier
    client.post(page("dossier-save", source), posted(source))

    response = client.post(page("dossier-copy-last", dossier), {"version": dossier.version})

    assert response["Location"] == f"{page('dossier-edit', dossier)}?copied={source.pk}"
    questions = client.get(response["Location"]).context["questions"]
    assert questions["advantages"]["is_copied"]
    assert not questions["is_publicly_funded"]["is_copied"]


WRITES = ["dossier-save", "dossier-submit", "dossier-copy-last", "dossier-edit"]


@pytest.mark.parametrize("name", [*WRITES, "dossier-comment"])
@pytest.mark.parametrize("who", ["outsider", "other_department", "enterprise", "system_admin"])
def test_invisible_dossiers_do_not_exist(
    cast: Cast, client_of: Any, dossier: Dossier, name: str, who: str
) -> None:
    client = client_of(getattr(cast, who))

    assert client.post(page(name, dossier), posted(dossier)).status_code == 404


@pytest.mark.parametrize("name", [*WRITES, "dossier-comment"])
@pytest.mark.parametrize("who", ["city", "department", "auditor"])
def test_readers_may_not_write(
    cast: Cast, client_of: Any, dossier: Dossier, name: str, who: str
) -> None:
    client = client_of(getattr(cast, who))

    assert client.post(page(name, dossier), posted(dossier)).status_code == 403


@pytest.mark.parametrize("name", WRITES)
def test_dossiers_under_review_take_no_changes(cast: Cast, client_of: Any, name: str) -> None:
    dossier = factories.entry(cast.participation, state=DossierState.UNIT_REVIEW).dossier

    assert client_of(cast.manager).post(page(name, dossier), posted(dossier)).status_code == 409


def test_page_of_a_dossier_under_review_leads_to_reading(cast: Cast, client_of: Any) -> None:
    dossier = factories.entry(cast.participation, state=DossierState.UNIT_REVIEW).dossier

    response = client_of(cast.manager).get(page("dossier-edit", dossier))

    assert response["Location"] == dossier.get_absolute_url()


@pytest.fixture
def shared(cast: Cast) -> Dossier:
    """A dossier of a patent that two universities hold, with marks in every secret."""
    patent = factories.patent(cast.university, cast.other)
    dossier = factories.entry(cast.participation, patent, state=DossierState.DRAFT).dossier
    services.save_dossier(
        dossier_id=dossier.pk,
        seen_version=dossier.version,
        values={
            **factories.FILLED,
            "price_band": "over_100",
            "contact_name": "机密联系人",
            "contact_phone": "13911112222",
            "advantages": "公开的优势",
        },
        statuses=[Status("transferred", "equity", amount=Decimal(7770777))],
        intents=[Intent("license", "open", fee=Decimal(8880888))],
        actor=cast.manager,
    )
    return dossier


SECRETS = [
    "机密联系人",
    "13911112222",
    "139****2222",
    "7770777",
    "8880888",
    "100万以上",
    "Over 1,000,000",
]


@pytest.mark.parametrize("who", ["outsider", "department", "district_official", "auditor"])
@pytest.mark.parametrize("name", ["dossier-detail", "dossier-history"])
def test_price_fees_and_contact_stay_with_the_filing_institution(
    cast: Cast, client_of: Any, shared: Dossier, who: str, name: str
) -> None:
    text = client_of(getattr(cast, who)).get(page(name, shared)).content.decode()

    assert "公开的优势" in text
    assert [secret for secret in SECRETS if secret in text] == []


def test_filing_institution_and_city_read_everything_the_contact_masked(
    cast: Cast, client_of: Any, shared: Dossier
) -> None:
    for who in (cast.manager, cast.city):
        text = client_of(who).get(page("dossier-detail", shared)).content.decode()
        assert "139****2222" in text
        assert "13911112222" not in text
        assert "7770777" in text


def test_comment_reaches_the_field_and_not_the_co_holder(
    cast: Cast, client_of: Any, shared: Dossier
) -> None:
    client = client_of(cast.manager)

    response = client.post(
        page("dossier-comment", shared), {"field": "advantages", "text": "请补充数据"}
    )

    assert response.status_code == 302
    assert "请补充数据" in client.get(page("dossier-edit", shared)).content.decode()
    other = client_of(cast.outsider)
    for name in ("dossier-detail", "dossier-history"):
        assert "请补充数据" not in other.get(page(name, shared)).content.decode()


def test_comment_needs_a_text(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    response = client_of(cast.manager).post(
        page("dossier-comment", dossier), {"field": "advantages", "text": ""}
    )

    assert response.status_code == 422
    assert not FieldComment.objects.exists()


@pytest.mark.parametrize(
    ("who", "state", "expected"),
    [
        ("unit_manager", DossierState.UNIT_REVIEW, (True, True, False)),
        ("manager", DossierState.UNIT_REVIEW, (False, False, False)),
        ("manager", DossierState.INSTITUTION_REVIEW, (True, True, False)),
        ("manager", DossierState.COMPLETED, (False, True, True)),
        ("city", DossierState.INSTITUTION_REVIEW, (False, False, False)),
    ],
)
def test_decisions_offered_fit_role_and_state(
    cast: Cast, client_of: Any, who: str, state: str, expected: tuple[bool, bool, bool]
) -> None:
    dossier = factories.entry(cast.participation, state=state, unit=cast.school).dossier

    context = client_of(getattr(cast, who)).get(page("dossier-detail", dossier)).context

    assert (context["can_approve"], context["can_return"], context["can_revise"]) == expected


def test_drawer_is_a_fragment(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    response = client_of(cast.manager).get(
        page("dossier-detail", dossier), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="drawer-body"
    )

    assert "<html" not in response.content.decode()


def test_drawer_tells_the_reviewer_alone_what_to_look_at_first(cast: Cast, client_of: Any) -> None:
    entry = factories.entry(
        cast.participation,
        state=DossierState.INSTITUTION_REVIEW,
        unit=cast.school,
        responsible=cast.inventor.user,
    )
    DossierFinding.objects.create(dossier=entry.dossier, kind=FindingKind.NO_AMOUNT, weight=1)

    def shown_to(reader: Membership) -> str:
        response = client_of(reader).get(
            page("dossier-detail", entry.dossier),
            HTTP_HX_REQUEST="true",
            HTTP_HX_TARGET="drawer-body",
        )
        return str(response.content.decode())

    label = str(FindingKind.NO_AMOUNT.label)
    assert label in shown_to(cast.manager)
    assert label not in shown_to(cast.inventor)
    assert label not in shown_to(cast.city)


def test_my_patents_lists_ones_own_with_progress(cast: Cast, client_of: Any) -> None:
    mine: Membership = cast.inventor
    for state in (DossierState.UNFILED, DossierState.DRAFT, DossierState.UNIT_REVIEW):
        factories.entry(cast.participation, state=state, responsible=mine.user)
    factories.entry(cast.participation)

    context = client_of(mine).get(reverse("inventory:my-patents")).context

    assert (len(context["page"].items), context["done"], context["total"]) == (3, 1, 3)


def test_what_a_co_inventor_fills_in_is_shown_and_not_asked_for(cast: Cast, client_of: Any) -> None:
    me = cast.inventor
    colleague = factories.membership(me.role, cast.university, unit=cast.school)
    shared = factories.patent(cast.university, inventors=[colleague.user, me.user])
    others = factories.entry(cast.participation, shared, responsible=colleague.user)
    mine = factories.entry(cast.participation, responsible=me.user)
    client = client_of(me)

    context = client.get(reverse("inventory:my-patents")).context
    edit = client.get(page("dossier-edit", mine.dossier)).context["place"]

    assert len(context["page"].items) == 2
    assert (context["total"], context["first_open"]) == (1, mine.dossier)
    assert (edit.position, edit.total, edit.previous, edit.next) == (1, 1, None, None)
    assert client.get(page("dossier-edit", others.dossier)).status_code == 403
    text = client.get(reverse("inventory:my-patents")).content.decode()
    assert f"由{colleague.user.name}填报" in text


@pytest.mark.parametrize("count", [1, 5])
def test_my_patents_costs_a_constant_number_of_queries(
    cast: Cast,
    client_of: Any,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for _number in range(count):
        factories.entry(cast.participation, responsible=cast.inventor.user)
    client = client_of(cast.inventor)
    client.get(reverse("inventory:my-patents"))

    with django_assert_num_queries(MINE_QUERIES):
        client.get(reverse("inventory:my-patents"))


MINE_QUERIES = 14
