"""File and portal changed the same field: the row waits, its owner decides, and nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils.translation import gettext as _

from inventory.dossier_content import Status
from inventory.importing import workbook_decisions
from inventory.importing.workbook_decisions import Choice
from inventory.models import Dossier, WorkbookDecision
from inventory.services.dossiers import save_dossier
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.models import AuditEntry, ImportBatch
from portal.services import imports
from tests.conftest import Cast, signed_in
from tests.inventory.importing.conftest import confirm, fresh, run_jobs
from tests.inventory.workbooks.conftest import Sheet
from tests.inventory.workbooks.test_round_trip import Made, Upload, filled, outcomes, rules

pytestmark = pytest.mark.django_db(transaction=True)


def in_portal(cast: Cast, dossier: Dossier, **values: Any) -> None:
    seen = Dossier.objects.get(pk=dossier.pk).version
    save_dossier(dossier_id=dossier.pk, seen_version=seen, values=values, actor=cast.unit_manager)


@pytest.fixture
def conflict(
    cast: Cast, made: Made, upload: Upload
) -> Callable[[], tuple[Dossier, ImportBatch, Sheet]]:
    """A row with stars and advantages changed on both sides and the prospects changed in the file alone."""

    def make() -> tuple[Dossier, ImportBatch, Sheet]:
        (dossier,) = filled(cast)
        sheet = made(cast.manager, unit=cast.school.pk)
        in_portal(cast, dossier, stars=5, advantages="门户里写的")
        for letter, value in {"Y": "四星", "Z": "文件里写的", "AB": "文件的前景"}.items():
            sheet.put(dossier, letter, value)
        return dossier, upload(cast.manager, sheet.save()), sheet

    return make


def sides(batch: ImportBatch) -> dict[str, tuple[int, str]]:
    """{unit: (row, digest of the three values)} of what is open."""
    rows = list(workbook_decisions.waiting(batch))
    found = workbook_decisions.conflicts_in(batch, rows)
    return {c.unit.name: (one.row.line, c.sides) for one in found for c in one.clashes}


def decide(cast: Cast, batch: ImportBatch, **kept: str) -> ImportBatch:
    open_ones = sides(batch)
    choices = {
        (open_ones[unit][0], unit): Choice(keep, open_ones[unit][1]) for unit, keep in kept.items()
    }
    workbook_decisions.decide(
        batch=batch, seen_version=batch.version, choices=choices, actor=cast.manager
    )
    run_jobs()
    return fresh(batch)


def test_each_field_is_decided_apart(cast: Cast, conflict: Any, upload: Upload) -> None:
    dossier, batch, sheet = conflict()
    assert rules(batch) == ["conflict", "conflict"]
    batch = decide(cast, batch, stars="mine")
    assert (outcomes(batch), rules(batch)) == (["refused"], ["conflict"])
    batch = decide(cast, batch, advantages="theirs")
    assert (outcomes(batch), rules(batch)) == (["changed"], [])
    confirm(cast.manager, batch)
    dossier.refresh_from_db()
    assert (dossier.stars, dossier.advantages, dossier.prospects) == (4, "门户里写的", "文件的前景")
    again = upload(cast.manager, sheet.save("twice.xlsx"))
    assert (outcomes(again), rules(again)) == (["unchanged"], [])


def test_until_decided_nothing_of_the_row_is_written(cast: Cast, conflict: Any) -> None:
    dossier, batch, _sheet = conflict()
    before = Dossier.objects.filter(pk=dossier.pk).values().get()
    confirm(cast.manager, batch)
    assert Dossier.objects.filter(pk=dossier.pk).values().get() == before


def test_a_decision_holds_for_the_values_that_were_seen(cast: Cast, conflict: Any) -> None:
    dossier, batch, _sheet = conflict()
    seen = sides(batch)
    in_portal(cast, dossier, stars=2)
    choice = {(seen["stars"][0], "stars"): Choice("mine", seen["stars"][1])}
    with pytest.raises(DomainError):
        workbook_decisions.decide(
            batch=batch, seen_version=batch.version, choices=choice, actor=cast.manager
        )
    assert not WorkbookDecision.objects.exists()
    batch = decide(cast, batch, stars="mine", advantages="mine")
    in_portal(cast, dossier, stars=1)
    confirm(cast.manager, batch)
    dossier.refresh_from_db()
    assert (dossier.stars, dossier.advantages) == (1, "门户里写的")
    assert sides(fresh(batch)).keys() == {"stars"}


def test_all_at_once_and_only_in_a_preview(cast: Cast, conflict: Any) -> None:
    dossier, batch, _sheet = conflict()
    version = batch.version
    with pytest.raises(StaleVersion):
        workbook_decisions.decide_all(
            batch=batch, seen_version=version - 1, keep="mine", actor=cast.manager
        )
    workbook_decisions.decide_all(
        batch=batch, seen_version=version, keep="mine", actor=cast.manager
    )
    with pytest.raises(InvalidTransition):
        workbook_decisions.decide_all(
            batch=batch, seen_version=version, keep="theirs", actor=cast.manager
        )
    run_jobs()
    batch = fresh(batch)
    assert rules(batch) == []
    told = AuditEntry.objects.about(batch).get(changes__has_key="conflicts")
    assert told.changes["kept"] == [None, {"mine": 2}]
    confirm(cast.manager, batch)
    dossier.refresh_from_db()
    assert (dossier.stars, dossier.advantages) == (4, "文件里写的")


def test_a_preview_is_compared_again_with_an_entry(cast: Cast, conflict: Any) -> None:
    _dossier, batch, _sheet = conflict()
    imports.check_again(actor=cast.manager, batch=batch, seen_version=batch.version)
    told = AuditEntry.objects.about(batch).first()
    assert told is not None
    assert told.changes == {"state": ["preview", "reading"]}
    with pytest.raises(StaleVersion):
        imports.check_again(actor=cast.manager, batch=batch, seen_version=batch.version)
    run_jobs()
    assert rules(fresh(batch)) == ["conflict", "conflict"]


def test_statuses_conflict_as_a_list(cast: Cast, made: Made, upload: Upload) -> None:
    (dossier,) = filled(cast)
    sheet = made(cast.manager, unit=cast.school.pk)
    save_dossier(dossier_id=dossier.pk, seen_version=dossier.version, values={},
                 statuses=[Status("ownership_dispute", "custom", "诉讼中")],
                 actor=cast.unit_manager)  # fmt: skip
    sheet.put(dossier, "L", "即将放弃专利权")
    sheet.put(dossier, "M", "年费过高")
    batch = upload(cast.manager, sheet.save())
    assert (outcomes(batch), sides(batch).keys()) == (["refused"], {"statuses"})
    confirm(cast.manager, decide(cast, batch, statuses="mine"))
    assert list(dossier.status_marks.values_list("level1", "wording")) == [
        ("abandoning", "年费过高")
    ]


def test_the_page_shows_the_three_values_and_takes_a_choice(cast: Cast, conflict: Any) -> None:
    dossier, batch, _sheet = conflict()
    client = signed_in(cast.manager)
    url = reverse("inventory:workbook-conflicts", args=[batch.pk])
    assert url in client.get(reverse("portal:import-detail", args=[batch.pk])).content.decode()
    page = client.get(url).content.decode()
    for words in ("三星", "五星", "四星", "门户里写的", "文件里写的", dossier.patent.number):
        assert words in page
    assert cast.unit_manager.user.name in page
    line, digest = sides(batch)["stars"]
    posted = {
        "version": batch.version,
        f"keep-{line}-stars": "theirs",
        f"sides-{line}-stars": digest,
    }
    assert client.post(url, posted).status_code == 302
    assert client.post(url, posted).status_code == 409
    run_jobs()
    assert WorkbookDecision.objects.get().keep == "theirs"
    assert sides(fresh(batch)).keys() == {"advantages"}


def test_without_a_choice_the_page_comes_back_with_a_word(cast: Cast, conflict: Any) -> None:
    _dossier, batch, _sheet = conflict()
    client = signed_in(cast.manager)
    url = reverse("inventory:workbook-conflicts", args=[batch.pk])
    answer = client.post(url, {"version": batch.version}, follow=True)
    assert answer.redirect_chain == [(url, 302)]
    assert "尚未作出选择" in answer.content.decode()
    assert not WorkbookDecision.objects.exists()
    # while rows wait for a choice, nobody is told that there is nothing to write, nor led to the grid
    preview = client.get(reverse("portal:import-detail", args=[batch.pk])).content.decode()
    assert "无需写入" not in preview
    assert reverse("portal:import-correct", args=[batch.pk]) not in preview


def test_a_conflict_that_is_gone_is_compared_again(cast: Cast, conflict: Any) -> None:
    dossier, batch, _sheet = conflict()
    in_portal(cast, dossier, stars=4, advantages="文件里写的")
    client = signed_in(cast.manager)
    url = reverse("inventory:workbook-conflicts", args=[batch.pk])
    assert 'name="again"' in client.get(url).content.decode()
    assert client.post(url, {"version": batch.version, "again": "1"}).status_code == 302
    run_jobs()
    assert (outcomes(fresh(batch)), rules(fresh(batch))) == (["changed"], [])


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_asks_a_constant_number_of_questions(
    cast: Cast, made: Made, upload: Upload, count: int, django_assert_max_num_queries: Any
) -> None:
    dossiers = filled(cast, count)
    sheet = made(cast.manager, unit=cast.school.pk)
    for dossier in dossiers:
        in_portal(cast, dossier, stars=5)
        sheet.put(dossier, "Y", "四星")
    batch = upload(cast.manager, sheet.save())
    client = signed_in(cast.manager)
    url = reverse("inventory:workbook-conflicts", args=[batch.pk])
    with django_assert_max_num_queries(24):
        page = client.get(url).content.decode()
    assert page.count("sides-") == count


def test_contacts_are_masked(cast: Cast, made: Made, upload: Upload) -> None:
    (dossier,) = filled(cast, contact_name="甲", contact_phone="13800000000",
                        uses_default_contact=False)  # fmt: skip
    sheet = made(cast.manager, unit=cast.school.pk)
    in_portal(cast, dossier, contact_phone="13911111111")
    sheet.put(dossier, "W", "13722222222")
    batch = upload(cast.manager, sheet.save())
    page = signed_in(cast.manager).get(reverse("inventory:workbook-conflicts", args=[batch.pk]))
    text = page.content.decode()
    assert "138****0000" in text
    assert not [phone for phone in ("13800000000", "13911111111", "13722222222") if phone in text]


def test_of_lists_the_page_says_which_entries_differ(
    cast: Cast, made: Made, upload: Upload
) -> None:
    (dossier,) = filled(cast, partner_cities=["广东省-深圳市"])
    sheet = made(cast.manager, unit=cast.school.pk)
    in_portal(cast, dossier, partner_cities=["广东省-深圳市", "北京市-海淀区"])
    sheet.put(dossier, "S", "江苏省-苏州市,广东省-深圳市")
    batch = upload(cast.manager, sheet.save())
    (conflict,) = workbook_decisions.conflicts_in(batch, list(workbook_decisions.waiting(batch)))
    (row,) = workbook_decisions.shown([conflict])[0]["rows"]
    told = {side: [(one["text"], one["mark"]) for one in row[f"{side}_lines"]]
            for side in ("base", "theirs", "mine")}  # fmt: skip
    assert told == {
        "base": [("广东省-深圳市", "")],
        "theirs": [("广东省-深圳市", ""), ("北京市-海淀区", _("only in the portal"))],
        "mine": [("江苏省-苏州市", _("only in the file")), ("广东省-深圳市", "")],
    }
    assert not row["is_other_order"]
    page = signed_in(cast.manager).get(reverse("inventory:workbook-conflicts", args=[batch.pk]))
    assert page.content.decode().count("<strong>") == 2


def test_another_order_of_a_list_is_said(cast: Cast, made: Made, upload: Upload) -> None:
    (dossier,) = filled(cast, partner_cities=[])
    sheet = made(cast.manager, unit=cast.school.pk)
    in_portal(cast, dossier, partner_cities=["广东省-深圳市", "北京市-海淀区"])
    sheet.put(dossier, "S", "北京市-海淀区,广东省-深圳市")
    batch = upload(cast.manager, sheet.save())
    found = workbook_decisions.conflicts_in(batch, list(workbook_decisions.waiting(batch)))
    (row,) = workbook_decisions.shown(found)[0]["rows"]
    assert row["is_other_order"]
    assert not any(one["mark"] for one in [*row["theirs_lines"], *row["mine_lines"]])
