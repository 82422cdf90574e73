"""What an import offers in place of a number that could not be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from inventory.importing import base_words, national_words
from inventory.importing.number_offers import offer_numbers
from inventory.number_repairs import candidates
from inventory.numbers import display
from portal.choices import RowOutcome
from portal.models import ImportBatch
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD
from tests.inventory.importing.national import RIGHT, template
from tests.inventory.importing.test_base_import import number, row
from tests.inventory.importing.test_base_rules import refused
from tests.inventory.importing.test_national_import import own

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]

WRONG = "CN201710192287.5"


def test_a_wrong_number_brings_up_to_three_that_may_be_meant(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, [HEAD, *(row(n) for n in range(1, 7)), row(7, 申请号=WRONG)])
    issue = batch.issues.get(rule="check_digit")
    assert (issue.column, issue.line, issue.value) == ("A", 8, WRONG)
    expected = [[one.number, False] for one in candidates(WRONG)[:3]]
    assert issue.params == {"proposals": expected}
    text = base_words.words("check_digit", issue.params).text
    assert all(display(one) in text for one, _is_known in expected)
    assert refused(batch) == [8]


def test_one_s_own_patents_are_proposed_first_and_others_tell_nothing(
    cast: Cast, upload: Upload
) -> None:
    rows = [HEAD, *(row(n) for n in range(1, 7)), row(7, 申请号=WRONG)]
    before = upload(cast.manager, rows).issues.get(rule="check_digit").params
    last = candidates(WRONG)[-1].number
    factories.patent(cast.other, application_number=last)
    assert upload(cast.manager, rows).issues.get(rule="check_digit").params == before

    factories.patent(cast.university, application_number=candidates(WRONG)[-2].number)
    params = upload(cast.manager, rows).issues.get(rule="check_digit").params

    assert params["proposals"][0] == [candidates(WRONG)[-2].number, True]
    assert params["proposals"][1:] == before["proposals"][:2]
    with translation.override("en"):
        assert "(in the register)" in base_words.words("check_digit", params).text
    others = upload(cast.outsider, rows).issues.get(rule="check_digit").params
    assert others["proposals"][0] == [last, True]


def test_proposals_of_many_wrong_numbers_take_few_statements(
    cast: Cast, upload: Upload, django_assert_max_num_queries: Any
) -> None:
    rows = [row(n) for n in range(1, 91)]
    rows += [row(n, 申请号=wrong(2000 + n)) for n in range(1, 31)]
    batch = upload(cast.manager, [HEAD, *rows])
    with django_assert_max_num_queries(7):
        assert offer_numbers(batch, 0, 100) is not None
    assert batch.issues.filter(params__has_key="proposals").count() == 30
    with django_assert_max_num_queries(1):
        assert offer_numbers(batch, 1000, 100) is None


def test_proposals_go_on_from_chunk_to_chunk_and_repeat_themselves(
    cast: Cast, upload: Upload
) -> None:
    rows = [row(n) for n in range(1, 31)] + [row(n, 申请号=wrong(n)) for n in range(2001, 2012)]
    batch = upload(cast.manager, [HEAD, *rows])
    before = dict(batch.issues.values_list("line", "params"))
    batch.issues.update(params={})

    chunks, line = 0, 0
    while (further := offer_numbers(batch, line, 4)) is not None:
        chunks, line = chunks + 1, further

    assert chunks == 3
    assert dict(batch.issues.values_list("line", "params")) == before
    assert all(params["proposals"] for params in before.values())


def wrong(n: int) -> str:
    right = number(n)
    return right[:-1] + ("1" if right[-1] != "1" else "2")


def test_a_destroyed_number_is_repaired_by_the_publication_number(
    cast: Cast, upload: Upload
) -> None:
    known = factories.patent(cast.university, publication_number="CN109000009B")
    bad = row(9, 申请号="2.0171E+12")
    batch = upload(cast.manager, [HEAD, *(row(n) for n in range(1, 7)), bad])
    params = batch.issues.get(rule="destroyed").params
    assert params == {"proposals": [[known.application_number, True]], "by": "publication"}
    assert display(known.application_number) in base_words.words("destroyed", params).text


def test_a_destroyed_number_is_not_repaired_by_what_only_others_hold(
    cast: Cast, upload: Upload
) -> None:
    factories.patent(cast.other, publication_number="CN109000009B")
    bad = row(9, 申请号="2.0171E+12")
    batch = upload(cast.manager, [HEAD, *(row(n) for n in range(1, 7)), bad])
    assert batch.issues.get(rule="destroyed").params == {}


def test_a_template_offers_the_institution_s_own_number_first(cast: Cast, upload: Upload) -> None:
    # far from the serials of the others, of which one may be meant as well
    right = candidates(WRONG)[-1].number
    patent = factories.patent(cast.university, application_number=right)
    entry = factories.entry(cast.participation, patent)
    more = [factories.entry(cast.participation) for _each in range(6)]
    batch = upload(
        cast.manager,
        template(
            own(entry) | RIGHT | {"application_number": WRONG},
            *(own(one) | RIGHT for one in more),
        ),
    )

    issue = batch.issues.get(rule="check_digit")

    assert (issue.column, issue.params["proposals"][0]) == ("B", [right, True])
    assert display(right) in national_words.words("check_digit", issue.params).text
    assert batch.rows.get(line=issue.line).outcome == RowOutcome.REFUSED
