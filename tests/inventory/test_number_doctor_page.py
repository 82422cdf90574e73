"""The page of the number doctor: what is healed, proposed and refused, for whom, and at what cost."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.number_repairs import candidates
from inventory.numbers import display, make_number
from inventory.queries.healing import lines_of
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
ClientOf = Callable[..., PageClient]
URL = reverse("inventory:number-doctor")
WRONG = "CN201710192287.5"


def healed(answer: Any) -> list[str]:
    return list(answer.context["healed"].split("\n"))


def wrong(serial: int) -> str:
    right = make_number(2017, 1, serial)
    return display(right[:-1] + ("1" if right[-1] != "1" else "2"))


def test_a_paste_comes_back_healed_in_its_order(cast: Cast, client_of: ClientOf) -> None:
    own = factories.patent(cast.university, title="一种自有装置")
    text = f"ZL 2017 1 0192287.6\r\n\r\n{own.application_number}，2.0121E+12\r\n{WRONG}\r\nCN102889890b"
    answer = client_of(cast.manager).post(URL, {"numbers": text})

    assert answer.status_code == 200
    assert healed(answer) == ["CN201710192287.6", "", own.number, "", "", "CN102889890B"]
    page = answer.content.decode()
    assert ("一种自有装置" in page, reverse("inventory:patent-detail", args=[own.pk]) in page) == (
        True,
        True,
    )
    counts = {name: answer.context[name] for name in ("certain", "open", "refused", "known")}
    assert counts == {"certain": 3, "open": 1, "refused": 1, "known": 1}
    assert len(answer.context["lines"][4].proposals) == 3


def test_a_chosen_proposal_is_taken_and_none_is_taken_unasked(
    cast: Cast, client_of: ClientOf
) -> None:
    third = candidates(WRONG)[2].number
    last = candidates(WRONG)[-1].number
    posted = {"numbers": f"{WRONG}\n{WRONG}\n{WRONG}", "choice-2": third, "choice-3": last}
    answer = client_of(cast.manager).post(URL, posted)

    assert healed(answer) == ["", display(third), display(last)]


def test_a_choice_that_was_never_proposed_is_refused(cast: Cast, client_of: ClientOf) -> None:
    posted = {"numbers": f"201710192287.6\n{WRONG}", "choice-2": "2017101922876x"}
    answer = client_of(cast.manager).post(URL, posted)

    assert answer.status_code == 422
    assert healed(answer) == ["CN201710192287.6", ""]
    assert "2" in str(answer.context["form"].non_field_errors())


def test_one_s_own_patent_is_proposed_first_and_another_s_tells_nothing(
    cast: Cast, client_of: ClientOf
) -> None:
    mine, theirs = candidates(WRONG)[-1].number, candidates(WRONG)[-2].number
    before = [one.number for one in lines_of(cast.manager, [WRONG])[0].proposals]
    factories.patent(cast.other, application_number=theirs, title="一种他人的保密装置")
    same = client_of(cast.manager).post(URL, {"numbers": f"{WRONG}\n{display(theirs)}"})
    assert [one.number for one in same.context["lines"][0].proposals] == before
    assert "一种他人的保密装置" not in same.content.decode()
    assert same.context["known"] == 0

    factories.patent(cast.university, application_number=mine)
    lines = lines_of(cast.manager, [WRONG])
    assert [one.number for one in lines[0].proposals] == [mine, *before[:2]]
    # a unit's manager sees the patents of the own unit only
    assert [one.number for one in lines_of(cast.unit_manager, [WRONG])[0].proposals] == before


def test_a_publication_number_finds_the_application_under_either_letter(cast: Cast) -> None:
    own = factories.patent(cast.university, publication_number="CN102889890B")
    typed = ["CN102889890A", "CN2013102889890A", "CN102889890", "CN209078969U"]
    lines = lines_of(cast.manager, typed)

    assert [line.patent.pk if line.patent else None for line in lines] == [own.pk] * 3 + [None]
    assert [one.number for one in lines[0].proposals] == [own.application_number]
    # what was pasted is a number in its own right: it stays unless a person chooses
    assert lines[0].healed == "CN102889890A"


def test_a_repeated_number_names_its_first_line(cast: Cast) -> None:
    lines = lines_of(cast.manager, ["201710192287.6", "", "ZL201710192287.6"])
    assert [line.repeats for line in lines] == [0, 0, 1]


def test_a_thousand_are_healed_and_more_are_refused_with_nothing_lost(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.manager)
    text = "\n".join(wrong(n) for n in range(1000))
    assert client.post(URL, {"numbers": text}).status_code == 200

    answer = client.post(URL, {"numbers": text + "\nCN201710192287.6"})

    assert answer.status_code == 422
    assert "1,001" in str(answer.context["form"].errors["numbers"])
    assert "CN201710192287.6" in answer.content.decode()
    assert wrong(999) in answer.content.decode()


@pytest.mark.parametrize("text", ["", "  \n \t\n"])
def test_nothing_pasted_is_said(cast: Cast, client_of: ClientOf, text: str) -> None:
    answer = client_of(cast.manager).post(URL, {"numbers": text})
    assert (answer.status_code, "numbers" in answer.context["form"].errors) == (422, True)


@pytest.mark.parametrize("count", [1, 1000])
def test_any_number_of_lines_takes_two_queries(cast: Cast, count: int) -> None:
    typed = [wrong(n) if n % 2 else f"CN10{n:07d}B" for n in range(count)]
    typed += ["CN109000009B", wrong(2000)]
    for member in (cast.manager, cast.unit_manager):
        with CaptureQueriesContext(connection) as asked:
            lines_of(member, typed)
        assert len(asked) == 2
        assert [one["sql"].count(" = ANY (") for one in asked] == [1, 1], asked.captured_queries


def test_the_page_asks_no_more_for_many_lines(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.manager)
    own = [factories.patent(cast.university).number for _each in range(20)]
    asked = []
    for lines in ([own[0], wrong(1)], [*own, *(wrong(n) for n in range(60))]):
        with CaptureQueriesContext(connection) as queries:
            client.post(URL, {"numbers": "\n".join(lines)})
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_the_workbook_holds_text_and_no_formula(cast: Cast, client_of: ClientOf) -> None:
    posted = {"numbers": f"=1+1\n{WRONG}\nzl201710192287.6", "act": "download"}
    answer = client_of(cast.manager).post(URL, posted)

    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.active.iter_rows(min_row=2))
    assert [row[0].value for row in rows] == ["=1+1", WRONG, "zl201710192287.6"]
    assert [row[1].value or "" for row in rows] == ["", "", "CN201710192287.6"]
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    assert "attachment" in answer["Content-Disposition"]


def test_who_may_not_import_sees_neither_page_nor_link(cast: Cast, client_of: ClientOf) -> None:
    for member in (cast.auditor, cast.inventor, cast.city):
        assert client_of(member).get(URL).status_code == 403
    imports = reverse("portal:import-list")
    assert URL in client_of(cast.unit_manager).get(imports).content.decode()
    assert URL not in client_of(cast.auditor).get(imports).content.decode()
