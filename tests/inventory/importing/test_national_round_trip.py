"""The national layout out and in again: whatever a dossier says, its export changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import numbers, vocabulary
from inventory.choices import DossierState
from inventory.classification.industries import INDUSTRIES
from inventory.classification.strategic import STRATEGIC
from inventory.dossier_content import Content, Intent, Status
from inventory.exports import national
from inventory.exports.layout import write_workbook
from inventory.importing.national_cells import content_rows
from inventory.importing.national_plan import normal_values
from inventory.importing.national_rows import LAYOUT, NationalReader
from inventory.models import BaseListEntry, Dossier, IntentMark, StatusMark
from inventory.services import exports
from portal.choices import JobState
from portal.models import ImportBatch, StoredFile
from portal.spreadsheets.reading import iter_rows, read_file
from portal.text import clean
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import run_jobs

# --- out and in again ---------------------------------------------------------------------------------

WORDS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=40).map(clean),
    st.sampled_from(
        ["=1+1", "_x000D_", "无", "-", "已许可", "自定义", "甲，乙;丙", "a\nb", "'x", "12万"]
    ),
)
MONEY = st.none() | st.decimals(0, 99_999_999, places=6) | st.just(Decimal(0))


@st.composite
def statuses(draw: st.DrawFn) -> Status:
    level1 = draw(st.sampled_from([code for code, _word in vocabulary.STATUS_LEVEL1]))
    options = [code for code, _word in vocabulary.STATUS_LEVEL2_OF[level1]]
    level2 = draw(st.sampled_from(["", *options]))
    wording = draw(WORDS) if "custom" in (level1, level2) else ""
    texts = [draw(WORDS) for _ in range(3)]
    return Status(level1, level2, wording, draw(MONEY), *texts)


@st.composite
def intents(draw: st.DrawFn) -> Intent:
    level1 = draw(st.sampled_from([code for code, _word in vocabulary.INTENT_LEVEL1]))
    level2 = draw(st.sampled_from([code for code, _w in vocabulary.INTENT_LEVEL2_OF[level1]]))
    return Intent(level1, level2, draw(WORDS) if level2 == "custom" else "", draw(MONEY))


@st.composite
def contents(draw: st.DrawFn) -> Content:
    industry = draw(st.sampled_from(["", *INDUSTRIES]))
    serials = draw(st.lists(st.integers(9_000_000, 9_999_999), max_size=9))
    return Content(
        statuses=tuple(draw(st.lists(statuses(), max_size=4))),
        intents=tuple(draw(st.lists(intents(), max_size=4))),
        combination_name=draw(WORDS),
        combination_numbers=tuple(numbers.make_number(2017, 1, one) for one in serials),
        combination_note=draw(WORDS),
        is_publicly_funded=draw(st.sampled_from([None, True, False])),
        partner_cities=tuple(draw(st.lists(st.sampled_from(["广东省-深圳市", "北京市-海淀区"])))),
        partner_firms=tuple(draw(st.lists(WORDS, max_size=3))),
        price_band=draw(st.sampled_from(["", *(code for code, _word in vocabulary.PRICE_BANDS)])),
        maturity=draw(st.sampled_from(["", *(code for code, _word in vocabulary.MATURITY)])),
        stars=draw(st.none() | st.integers(1, 5)),
        advantages=draw(WORDS),
        industry=industry[:1],
        industry_division=industry[1:],
        prospects=draw(WORDS),
        strategic_codes=tuple(draw(st.lists(st.sampled_from(list(STRATEGIC)), max_size=3))),
    )


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture,
                                                           HealthCheck.too_slow]
)  # fmt: skip
@given(st.lists(st.tuples(contents(), WORDS, WORDS), min_size=1, max_size=12))
def test_any_content_written_and_read_again_is_what_it_was(
    tmp_path: Path, drawn: list[tuple[Content, str, str]]
) -> None:
    lines: list[national.Row] = []
    for content, name, phone in drawn:
        first, *more = content_rows(content, (name, phone))
        lines += [{"application_number": "-", **first}, *(dict(one) for one in more)]
    path, out = tmp_path / "round.xlsx", tmp_path / "round.jsonl"
    write_workbook(path, [national.values_of(one) for one in lines])
    summary = read_file(path, path.name, out)
    rows = [row for row in iter_rows(out) if row.row >= 4][: summary.sheets[0].rows]
    reader = NationalReader(LAYOUT, None)
    rows = [row for row in rows if row.sheet == 0]
    begins = [at for at, row in enumerate(rows) if reader.begins(row)] + [len(rows)]
    found = [reader.read(rows[a:b]) for a, b in pairwise(begins)]
    said = [without_lines(one.values) if one else {} for one in found]
    assert said == [without_lines(normal_values(c, (name, phone))) for c, name, phone in drawn]


def without_lines(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if k not in {"status_lines", "intent_lines"}}


# --- from the work list to a file and back --------------------------------------------------------


def varied(cast: Cast) -> list[BaseListEntry]:
    """Dossiers in every state, with several marks, an inventor's quirks, and one not begun."""
    made = [
        factories.entry(cast.participation, state=state, unit=cast.school) for state in DossierState
    ]
    rich = factories.entry(
        cast.participation,
        state=DossierState.DRAFT,
        is_filled=True,
        combination_name="=组合",
        combination_numbers=[numbers.make_number(2017, 1, 9_876_543)],
        partner_cities=["广东省-深圳市", "北京市-海淀区"],
        partner_firms=["演示甲公司", "演示乙公司"],
        industry_division="35",
        strategic_codes=["3.1", "1.5"],
        maturity="trial",
        maturity_raw="通过小试",
        funding_name="演示项目",
    )  # fmt: skip
    marks = [
        ("licensed", "open_contract", "", Decimal("0.5"), "", ""),
        ("licensed", "industrialised_by_partner", "", None, "演示产品", ""),
        ("licensed", "custom", "已签订许可合同或已列入许可计划", None, "", "旧表"),
        ("self_industrialised", "custom", "自建产线", Decimal(0), "", ""),
        ("custom", "", "质押给银行", None, "", ""),
    ]
    for position, (level1, level2, wording, amount, product, remark) in enumerate(marks, 2):
        StatusMark.objects.create(
            dossier=rich.dossier,
            position=position,
            level1=level1,
            level2=level2,
            wording=wording,
            amount=amount,
            product_name=product,
            remark=remark,
        )
    IntentMark.objects.create(
        dossier=rich.dossier, position=2, level1="self_use", level2="custom", wording="自用"
    )
    return [*made, rich]


@pytest.mark.django_db(transaction=True)
def test_export_and_import_change_nothing(cast: Cast, upload: Callable[..., ImportBatch]) -> None:
    cast.participation.contact_name, cast.participation.contact_phone = "演示科技处", "010-00000000"
    cast.participation.save()
    count = len(varied(cast))
    job = exports.ask_for_export(actor=cast.manager, query="")
    run_jobs()
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    file = StoredFile.objects.get(pk=job.result["file"])
    path = Path(file.content.path)
    copy = path.with_name("export.xlsx")
    copy.write_bytes(path.read_bytes())
    before = list(Dossier.objects.order_by("pk").values())
    batch = upload(cast.manager, copy)
    assert (batch.kind, batch.sheet, batch.problem) == ("national", "批量导入", "")
    assert list(batch.rows.values_list("outcome", flat=True)) == ["unchanged"] * count
    assert not batch.issues.filter(level="error").exists()
    assert list(Dossier.objects.order_by("pk").values()) == before
