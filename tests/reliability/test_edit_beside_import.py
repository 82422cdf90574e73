"""An edit and an import of the same dossier in two transactions at once: whoever is second is told, nobody is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from inventory.choices import DossierState
from inventory.importing.national_apply import write_dossiers
from inventory.models import Dossier
from inventory.services.dossiers import save_dossier
from portal.choices import ImportState, RowOutcome
from portal.errors import StaleVersion
from portal.jobs import runner
from portal.models import ImportBatch, Membership
from portal.services import imports
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import fresh, issues, upload
from tests.inventory.importing.national import RIGHT, template
from tests.inventory.importing.test_national_import import own

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]


class Other(threading.Thread):
    """Somebody else's transaction on a connection of its own; what it raised is kept."""

    def __init__(self, deed: Callable[[], Any]) -> None:
        super().__init__()
        self.deed = deed
        self.raised: Exception | None = None

    def run(self) -> None:
        try:
            self.deed()
        except Exception as raised:  # noqa: BLE001 - the test looks at it
            self.raised = raised
        finally:
            connection.close()

    def wait_until_it_waits(self) -> None:
        """Until it stands before a lock that we hold."""
        for _look in range(1000):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT EXISTS (SELECT 1 FROM pg_locks "
                    "WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
                )
                if cursor.fetchone()[0]:
                    return
            assert self.is_alive(), f"it did not wait: {self.raised!r}"
            time.sleep(0.02)
        raise AssertionError("it never came to the lock")


def previewed(cast: Cast, upload: Upload) -> tuple[Dossier, ImportBatch]:
    """A filled dossier, and a confirmed file that gives it four stars."""
    entry = factories.entry(
        cast.participation, state=DossierState.DRAFT, is_filled=True, unit=cast.school
    )
    batch = upload(cast.manager, template(own(entry) | RIGHT | {"stars": "四星"}))
    assert imports.confirm(
        actor=cast.manager, batch=batch, seen_version=batch.version, digest=batch.preview_digest
    )
    return Dossier.objects.get(), fresh(batch)


def edit(dossier: Dossier, actor: Membership) -> None:
    save_dossier(
        dossier_id=dossier.pk,
        seen_version=dossier.version,
        values={"prospects": "门户里写的"},
        actor=actor,
    )


def test_an_edit_under_way_is_waited_for_and_kept(cast: Cast, upload: Upload) -> None:
    dossier, batch = previewed(cast, upload)
    other = Other(lambda: runner.run_due("other"))
    with transaction.atomic():
        edit(dossier, cast.unit_manager)
        other.start()
        other.wait_until_it_waits()
    other.join()
    assert other.raised is None
    dossier.refresh_from_db()
    assert (dossier.prospects, dossier.stars) == ("门户里写的", 3)
    row = batch.rows.get()
    assert (fresh(batch).state, row.outcome, row.is_applied) == (
        ImportState.APPLIED,
        RowOutcome.REFUSED,
        False,
    )
    assert issues(batch, level="error") == [(4, "dossier_changed")]


def test_an_import_under_way_is_waited_for_and_the_editor_is_told(
    cast: Cast, upload: Upload
) -> None:
    dossier, batch = previewed(cast, upload)
    other = Other(lambda: edit(dossier, cast.unit_manager))
    with transaction.atomic():
        write_dossiers(batch, 0, 10)
        other.start()
        other.wait_until_it_waits()
    other.join()
    assert isinstance(other.raised, StaleVersion)
    assert (Dossier.objects.get().stars, Dossier.objects.get().prospects) == (4, RIGHT["outlook"])
