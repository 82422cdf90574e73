"""A workbook goes out and comes back: nothing, exactly what was edited, and what the portal changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inventory.choices import DossierState
from inventory.importing.columns import PLACES
from inventory.models import Dossier, WorkbookBase
from inventory.services.dossiers import save_dossier
from portal.choices import ImportState
from portal.models import ImportBatch, ImportIssue
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import confirm
from tests.inventory.importing.test_national_round_trip import varied
from tests.inventory.workbooks.conftest import Sheet

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
Made = Callable[..., Sheet]


def outcomes(batch: ImportBatch) -> list[str]:
    return list(batch.rows.order_by("line").values_list("outcome", flat=True))


def rules(batch: ImportBatch, level: str = "error") -> list[str]:
    found = ImportIssue.objects.filter(batch=batch, level=level).order_by("line", "pk")
    return list(found.values_list("rule", flat=True))


def filled(cast: Cast, count: int = 1, **more: Any) -> list[Dossier]:
    """Drafts of the school that keep every rule."""
    entries = [
        factories.entry(
            cast.participation, state=DossierState.DRAFT, is_filled=True, unit=cast.school, **more
        )
        for _ in range(count)
    ]
    return [entry.dossier for entry in entries]


def test_what_went_out_comes_back_as_no_change(cast: Cast, made: Made, upload: Upload) -> None:
    count = len(varied(cast))
    Dossier.objects.update(unit=cast.school)
    sheet = made(cast.manager, unit=cast.school.pk)
    before = list(Dossier.objects.order_by("pk").values())
    batch = upload(cast.manager, sheet.path)
    assert (batch.kind, batch.state, batch.problem) == ("national", ImportState.PREVIEW, "")
    assert outcomes(batch) == ["unchanged"] * count
    assert rules(batch) == []
    assert list(Dossier.objects.order_by("pk").values()) == before
    assert WorkbookBase.objects.count() == count


def test_the_same_answers_are_kept_once(cast: Cast, made: Made) -> None:
    filled(cast)
    made(cast.manager, unit=cast.school.pk)
    made(cast.manager, "again.xlsx", unit=cast.school.pk)
    assert WorkbookBase.objects.count() == 1


def test_an_edited_cell_changes_that_field_alone(cast: Cast, made: Made, upload: Upload) -> None:
    first, _second = filled(cast, 2)
    sheet = made(cast.unit_manager, unit=cast.school.pk)
    sheet.put(first, "Y", "四星")
    batch = upload(cast.unit_manager, sheet.save())
    assert sorted(outcomes(batch)) == ["changed", "unchanged"]
    assert batch.rows.get(outcome="changed").changes == {"stars": ["三星", "四星"]}
    confirm(cast.unit_manager, batch)
    first.refresh_from_db()
    assert first.stars == 4
    assert upload(cast.unit_manager, sheet.save("twice.xlsx")).counts["unchanged"] == 2


def test_a_cleared_cell_clears_and_a_deleted_column_does_not(
    cast: Cast, made: Made, upload: Upload
) -> None:
    (dossier,) = filled(cast, combination_name="演示组合", combination_note="演示描述")
    sheet = made(cast.manager, unit=cast.school.pk)
    sheet.put(dossier, "H", None)
    sheet.page.delete_cols(PLACES["J"] + 1)
    batch = upload(cast.manager, sheet.save())
    assert batch.rows.get().changes == {"bundle_title": ["演示组合", ""]}
    confirm(cast.manager, batch)
    dossier.refresh_from_db()
    assert (dossier.combination_name, dossier.combination_note) == ("", "演示描述")


def test_another_field_changed_in_the_portal_meanwhile_is_kept(
    cast: Cast, made: Made, upload: Upload
) -> None:
    (dossier,) = filled(cast)
    sheet = made(cast.manager, unit=cast.school.pk)
    save_dossier(dossier_id=dossier.pk, seen_version=dossier.version,
                 values={"prospects": "门户里写的"}, actor=cast.unit_manager)  # fmt: skip
    sheet.put(dossier, "Z", "文件里写的")
    batch = upload(cast.manager, sheet.save())
    assert (outcomes(batch), rules(batch, "notice")) == (["changed"], ["portal_changed"])
    assert batch.counts["portal_changed"] == 1
    confirm(cast.manager, batch)
    dossier.refresh_from_db()
    assert (dossier.advantages, dossier.prospects) == ("文件里写的", "门户里写的")


def test_the_same_field_changed_on_both_sides_waits(cast: Cast, made: Made, upload: Upload) -> None:
    (dossier,) = filled(cast)
    sheet = made(cast.manager, unit=cast.school.pk)
    save_dossier(dossier_id=dossier.pk, seen_version=dossier.version,
                 values={"stars": 5}, actor=cast.unit_manager)  # fmt: skip
    sheet.put(dossier, "Y", "四星")
    sheet.put(dossier, "Z", "文件里写的")
    batch = upload(cast.manager, sheet.save())
    assert (outcomes(batch), rules(batch)) == (["refused"], ["conflict"])
    assert batch.counts["conflicts"] == 1
    dossier.refresh_from_db()
    assert (dossier.stars, dossier.advantages) == (5, "结构简单，成本低。")
