"""Rules R1 to R9 of the national template: each one pass and one fail, and what follows from statuses."""

from dataclasses import replace
from decimal import Decimal

import pytest

from inventory import numbers
from inventory.rules import (
    Content,
    Intent,
    Status,
    errors,
    is_city,
    is_transformed,
    is_unsuitable,
    needed_fields,
    problems,
)

GOOD_NUMBER = numbers.make_number(2017, 1, 9_000_001)

#: A dossier without a problem; every case below changes one thing.
FULL = Content(
    statuses=(Status("not_implemented"),),
    intents=(Intent("license", "common"),),
    is_publicly_funded=False,
    price_band="negotiable",
    maturity="sample",
    stars=3,
    advantages="优势",
    industry="C",
    prospects="前景",
)
R1 = Content(statuses=(Status("abandoning"),), is_publicly_funded=False)


def found(content: Content, kind: str = "invention") -> list[tuple[str, str, str]]:
    return [(p.field, p.rule, p.level) for p in problems(content, kind)]


def test_full_dossier_has_no_problem() -> None:
    assert found(FULL) == []


def test_empty_dossier_lacks_exactly_these() -> None:
    assert found(Content()) == [
        ("is_publicly_funded", "K", "error"),
        ("statuses", "L", "error"),
        ("intents", "P", "error"),
        ("maturity", "X", "error"),
        ("stars", "Y", "error"),
        ("industry", "R3", "error"),
    ]


@pytest.mark.parametrize("level1", ["abandoning", "ownership_dispute", "unsuitable_other"])
def test_r1_frees_everything_but_the_contact(level1: str) -> None:
    content = replace(R1, statuses=(Status(level1),))

    assert found(content) == []
    assert found(replace(content, uses_default_contact=False)) == [
        ("contact_name", "V", "error"),
        ("contact_phone", "W", "error"),
    ]


def test_r1_does_not_apply_to_other_statuses() -> None:
    assert ("intents", "P", "error") in found(replace(R1, statuses=(Status("not_implemented"),)))


@pytest.mark.parametrize("stars", [1, 2])
def test_r2_two_stars_and_below_need_no_texts(stars: int) -> None:
    assert found(replace(FULL, stars=stars, advantages="", prospects="")) == []


def test_r2_still_needs_the_industry() -> None:
    content = replace(FULL, stars=1, advantages="", prospects="", industry="")

    assert found(content) == [("industry", "R3", "error")]


@pytest.mark.parametrize("stars", [3, 4, 5])
def test_r3_three_stars_and_up_need_texts_and_industry(stars: int) -> None:
    content = replace(FULL, stars=stars, advantages="", prospects="", industry="")

    assert found(content) == [
        ("advantages", "R3", "error"),
        ("prospects", "R3", "error"),
        ("industry", "R3", "error"),
    ]


@pytest.mark.parametrize(
    ("length", "expected"), [(500, []), (501, [("advantages", "R3", "error")])]
)
def test_r3_texts_have_at_most_500_characters(
    length: int, expected: list[tuple[str, str, str]]
) -> None:
    assert found(replace(FULL, advantages="好" * length)) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status("licensed", "common_contract", amount=Decimal(0)), []),
        (Status("licensed", "common_contract", amount=Decimal("12.5")), []),
        (
            Status("licensed", "common_contract"),
            [("statuses.0.amount", "R4", "error")],
        ),
        (Status("transferred", "equity"), [("statuses.0.amount", "R4", "error")]),
        (Status("self_industrialised"), [("statuses.0.amount", "R4", "error")]),
        (Status("self_industrialised", amount=Decimal(3)), []),
        (
            Status("licensed", "common_contract", amount=Decimal(-1)),
            [("statuses.0.amount", "R4", "error")],
        ),
        (Status("licensed", "open_plan"), [("statuses.0.amount", "R4", "notice")]),
        (Status("licensed", "in_patent_pool"), [("statuses.0.amount", "R4", "notice")]),
        (Status("transferred", "assignment_plan"), [("statuses.0.amount", "R4", "notice")]),
        (
            Status("licensed", "custom", wording="已签订许可合同或已列入许可计划"),
            [("statuses.0.amount", "R4", "notice")],
        ),
    ],
)
def test_r4_amounts(status: Status, expected: list[tuple[str, str, str]]) -> None:
    assert found(replace(FULL, statuses=(status,))) == expected


@pytest.mark.parametrize(
    ("kind", "result", "expected"),
    [
        ("utility", "具备新颖性", []),
        ("design", "具备新颖性", []),
        ("utility", "", [("statuses.0.report_result", "R5", "error")]),
        ("invention", "具备新颖性", [("statuses.0.level1", "R5", "error")]),
    ],
)
def test_r5_evaluation_reports(
    kind: str, result: str, expected: list[tuple[str, str, str]]
) -> None:
    content = replace(FULL, statuses=(Status("has_report", report_result=result),))

    assert found(content, kind) == expected


@pytest.mark.parametrize("level2", ["industrialised_by_licensee", "industrialised_by_partner"])
@pytest.mark.parametrize(
    ("product", "expected"), [("装置", []), ("", [("statuses.0.product_name", "R6", "error")])]
)
def test_r6_products(level2: str, product: str, expected: list[tuple[str, str, str]]) -> None:
    content = replace(FULL, statuses=(Status("licensed", level2, product_name=product),))

    assert found(content) == expected


def _many_numbers(count: int) -> tuple[str, ...]:
    return tuple(numbers.make_number(2017, 1, 9_000_100 + n) for n in range(count))


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ((GOOD_NUMBER,), 0),
        (("CN201710192287.0",), 1),
        (_many_numbers(9), 0),
        (_many_numbers(10), 1),
    ],
)
def test_r7_combination_numbers(given: tuple[str, ...], count: int) -> None:
    expected = [("combination_numbers", "R7", "error")] * count

    assert found(replace(FULL, combination_numbers=given)) == expected


@pytest.mark.parametrize(("name", "limit"), [("combination_name", 50), ("combination_note", 500)])
def test_r7_lengths(name: str, limit: int) -> None:
    assert found(replace(FULL, **{name: "长" * limit})) == []
    assert found(replace(FULL, **{name: "长" * (limit + 1)})) == [(name, "R7", "error")]


@pytest.mark.parametrize(
    ("city", "is_right"),
    [
        ("广东省-深圳市", True),
        ("北京市-海淀区", True),
        ("内蒙古自治区-呼和浩特市", True),
        ("云南省-大理白族自治州", True),
        ("深圳市", False),
        ("广东省深圳市", False),
        ("乌有省-某市", False),
        ("北京市-深圳市", False),
        ("广东省-", False),
    ],
)
def test_r8_cities(city: str, is_right: bool) -> None:
    assert is_city(city) is is_right
    expected = [] if is_right else [("partner_cities", "R8", "error")]
    assert found(replace(FULL, partner_cities=(city,))) == expected


def test_r9_at_most_ten_enterprises() -> None:
    firms = tuple(f"演示企业{n}有限公司" for n in range(11))

    assert found(replace(FULL, partner_firms=firms[:10])) == []
    assert found(replace(FULL, partner_firms=firms)) == [("partner_firms", "R9", "error")]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status("licensed"), ("statuses.0.level2", "L-M", "error")),
        (Status("licensed", "equity", amount=Decimal(1)), ("statuses.0.level2", "L-M", "error")),
        (Status("not_implemented", "custom"), ("statuses.0.level2", "L-M", "error")),
        (Status("nonsense"), ("statuses.0.level1", "L-M", "error")),
        (Status("custom"), ("statuses.0.wording", "L-M", "error")),
    ],
)
def test_cascade_of_statuses(status: Status, expected: tuple[str, str, str]) -> None:
    assert expected in found(replace(FULL, statuses=(status,)))


@pytest.mark.parametrize(
    ("intent", "expected"),
    [
        (Intent("license", "open"), []),
        (Intent("self_use"), []),
        (Intent("license"), [("intents.0.level2", "P-Q", "error")]),
        (Intent("transfer", "open"), [("intents.0.level2", "P-Q", "error")]),
        (Intent("transfer", "custom"), [("intents.0.wording", "P-Q", "error")]),
        (Intent("transfer", "assign", fee=Decimal(-1)), [("intents.0.fee", "R", "error")]),
        (Intent("transfer", "assign", fee=Decimal(0)), []),
    ],
)
def test_cascade_of_intents(intent: Intent, expected: list[tuple[str, str, str]]) -> None:
    assert found(replace(FULL, intents=(intent,))) == expected


def test_price_band_is_required_once_an_intent_is_named() -> None:
    assert found(replace(FULL, price_band="")) == [("price_band", "U", "error")]
    assert found(replace(R1, intents=(Intent("license", "open"),))) == []
    assert found(replace(FULL, price_band="cheap")) == [("price_band", "U", "error")]


def test_contact_default_counts_only_where_there_is_one() -> None:
    assert found(replace(FULL, has_default_contact=False)) == [
        ("uses_default_contact", "V", "error")
    ]
    own = replace(
        FULL,
        has_default_contact=False,
        uses_default_contact=False,
        contact_name="演示人",
        contact_phone="13800000000",
    )
    assert found(own) == []


def test_funding_is_compulsory_and_its_project_a_notice() -> None:
    assert found(replace(FULL, is_publicly_funded=None)) == [("is_publicly_funded", "K", "error")]
    funded = replace(FULL, is_publicly_funded=True)
    assert found(funded) == [("funding_name", "K", "notice")]
    assert errors(funded, "invention") == []
    assert found(replace(funded, funding_number="Z1")) == []


def test_industry_division_belongs_to_its_section() -> None:
    assert found(replace(FULL, industry="C", industry_division="35")) == []
    assert found(replace(FULL, industry="A", industry_division="35")) == [
        ("industry_division", "R3", "error")
    ]
    assert found(replace(FULL, industry="Z")) == [("industry", "R3", "error")]


def test_strategic_codes_come_from_the_list() -> None:
    assert found(replace(FULL, strategic_codes=("1.1", "3"))) == []
    assert found(replace(FULL, strategic_codes=("99",))) == [("strategic_codes", "AC", "error")]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status("licensed", "common_contract"), True),
        (Status("licensed", "in_patent_pool"), True),
        (Status("licensed", "industrialised_by_partner"), True),
        (Status("licensed", "custom", wording="与企业签约"), True),
        (Status("licensed", "open_plan"), False),
        (Status("licensed", "custom", wording="已签订许可合同或已列入许可计划"), False),
        (Status("licensed"), False),
        (Status("transferred", "equity"), True),
        (Status("transferred", "assignment_plan"), False),
        (Status("transferred", "custom", wording="已签订转让合同或已列入转让计划"), False),
        (Status("self_industrialised"), True),
        (Status("not_implemented"), False),
        (Status("custom", wording="已许可"), False),
        (Status("has_report", report_result="好"), False),
    ],
)
def test_transformed_means_done_never_planned(status: Status, expected: bool) -> None:
    assert is_transformed([status]) is expected


def test_one_of_several_statuses_is_enough() -> None:
    assert is_transformed([Status("licensed", "open_plan"), Status("transferred", "equity")])
    assert is_unsuitable([Status("licensed", "open_plan"), Status("abandoning")])
    assert not is_unsuitable([])


def test_needed_fields_follow_the_status() -> None:
    full = {"statuses", "is_publicly_funded", "intents", "price_band", "maturity", "stars"}
    texts = {"advantages", "prospects"}

    assert needed_fields(Content(), "invention") == full | {"industry"}
    assert needed_fields(R1, "invention") == {
        "statuses",
        "is_publicly_funded",
        "statuses.0.level1",
    }
    licensed = replace(FULL, statuses=(Status("licensed", "industrialised_by_licensee"),))
    assert needed_fields(licensed, "invention") == full | texts | {
        "industry",
        "statuses.0.level1",
        "statuses.0.level2",
        "statuses.0.product_name",
        "intents.0.level1",
        "intents.0.level2",
    }


def test_problem_says_its_values_in_words() -> None:
    problem = problems(replace(FULL, partner_cities=("深圳",)), "invention")[0]

    assert "深圳" in problem.text
    assert problem.base == "partner_cities"
