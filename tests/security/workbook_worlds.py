"""A round-trip workbook that came back with a conflict, for the questions of the matrix."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import openpyxl
from django.core.files.base import File

from inventory.choices import DossierState
from inventory.importing.columns import FIRST_DATA_ROW, PLACES, SHEET
from inventory.models import CampaignInstitution, Dossier
from inventory.queries.workbooks import Target
from inventory.services import workbooks
from inventory.services.dossiers import save_dossier
from portal.jobs import runner
from portal.models import Job, Membership, StoredFile
from portal.services import imports
from tests import factories


def conflict(participation: CampaignInstitution, manager: Membership) -> int:
    """The upload of a workbook in which a rating is another than the portal's by now."""
    dossier = factories.entry(participation, state=DossierState.DRAFT, is_filled=True).dossier
    dossier.responsible = manager.user
    dossier.save()
    job = workbooks.ask_for_workbook(target=Target(person=manager.user_id), actor=manager)
    runner.run_due("test-worker")
    made = StoredFile.objects.get(pk=Job.objects.get(pk=job.pk).result["file"])
    seen = Dossier.objects.get(pk=dossier.pk).version
    save_dossier(dossier_id=dossier.pk, seen_version=seen, values={"stars": 5}, actor=manager)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "back.xlsx")
        book = openpyxl.load_workbook(io.BytesIO(Path(made.content.path).read_bytes()))
        for line in range(FIRST_DATA_ROW, book[SHEET].max_row + 1):
            if book[SHEET].cell(line, PLACES["B"] + 1).value == dossier.patent.number:
                book[SHEET].cell(line, PLACES["Y"] + 1).value = "四星"
        book.save(path)
        with path.open("rb") as content:
            batch = imports.upload(actor=manager, content=File(content), name=path.name)
    runner.run_due("test-worker")
    return batch.pk
