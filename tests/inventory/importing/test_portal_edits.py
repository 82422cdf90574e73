"""A template without keys says which rows would replace what was written in the portal after the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inventory.models import Dossier
from inventory.services import exports
from inventory.services.dossiers import save_dossier
from portal.models import ImportBatch
from portal.services import import_undo
from tests.conftest import Cast
from tests.inventory.importing.conftest import confirm, run_jobs
from tests.inventory.importing.national import RIGHT, template
from tests.inventory.workbooks.test_round_trip import filled

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]


def in_portal(cast: Cast, dossier: Dossier, **values: Any) -> None:
    seen = Dossier.objects.get(pk=dossier.pk).version
    save_dossier(dossier_id=dossier.pk, seen_version=seen, values=values, actor=cast.unit_manager)


def export(cast: Cast) -> None:
    exports.ask_for_export(actor=cast.manager, query="")
    run_jobs()


def file_with(dossier: Dossier, **cells: Any) -> list[list[Any]]:
    own = {"application_number": dossier.patent.number, "org_unit": "演示第一大学"}
    return template({**RIGHT, **own, **cells})


def told(batch: ImportBatch) -> list[dict[str, Any]]:
    return list(batch.issues.filter(rule="portal_newer").values_list("params", flat=True))


def test_an_edit_after_the_last_export_is_named(cast: Cast, upload: Upload) -> None:
    (dossier,) = filled(cast)
    export(cast)
    in_portal(cast, dossier, stars=5)
    batch = upload(cast.manager, file_with(dossier, stars="四星"))
    (params,) = told(batch)
    assert (params["name"], params["fields"]) == (cast.unit_manager.user.name, ["stars"])
    assert batch.counts["portal_newer"] == 1
    assert batch.rows.get().outcome == "changed", "it is said, not refused"
    confirm(cast.manager, batch)
    dossier.refresh_from_db()
    assert dossier.stars == 4


def test_what_the_file_may_know_is_not_named(cast: Cast, upload: Upload) -> None:
    """Edited before the export; another field; the same value; and what an earlier file brought."""
    (dossier,) = filled(cast)
    in_portal(cast, dossier, stars=5)
    export(cast)
    assert told(upload(cast.manager, file_with(dossier, stars="四星"))) == []
    in_portal(cast, dossier, prospects="门户里写的")
    other = upload(cast.manager, file_with(dossier, stars="四星", outlook="门户里写的"))
    assert (told(other), other.counts["changed"]) == ([], 1)
    confirm(cast.manager, upload(cast.manager, file_with(dossier, stars="二星")))
    assert told(upload(cast.manager, file_with(dossier, stars="四星"))) == []


def test_without_any_export_every_edit_is_younger(cast: Cast, upload: Upload) -> None:
    (dossier,) = filled(cast)
    in_portal(cast, dossier, advantages="门户里写的")
    (params,) = told(upload(cast.manager, file_with(dossier)))
    assert params["fields"] == ["advantages"]


def test_an_import_that_replaced_the_edit_settles_it(cast: Cast, upload: Upload) -> None:
    (dossier,) = filled(cast)
    in_portal(cast, dossier, stars=5)
    confirm(cast.manager, upload(cast.manager, file_with(dossier, stars="二星")))
    assert told(upload(cast.manager, file_with(dossier, stars="四星"))) == []


def test_an_import_taken_back_is_no_edit_of_a_person(cast: Cast, upload: Upload) -> None:
    (dossier,) = filled(cast)
    wrong = confirm(cast.manager, upload(cast.manager, file_with(dossier, stars="二星")))
    import_undo.take_back(
        actor=cast.manager, batch=wrong, seen_version=wrong.version, reason="演示误导入"
    )
    run_jobs()
    dossier.refresh_from_db()
    assert dossier.stars == 3
    assert told(upload(cast.manager, file_with(dossier, stars="四星"))) == []
