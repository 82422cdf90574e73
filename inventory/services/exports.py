"""Asking for a file of dossiers: the work itself is a job."""

from __future__ import annotations

from django.db import transaction

from inventory.models import Dossier
from portal.jobs import queue
from portal.models import Job, Membership

KIND = "inventory.export"
DOSSIER_PDF = "inventory.dossier-pdf"


@transaction.atomic
def ask_for_export(*, actor: Membership, query: str) -> Job:
    """Ask for the dossiers that the work list shows under a query string, in the national layout."""
    return queue.ask(KIND, actor=actor, params={"query": query})


@transaction.atomic
def ask_for_dossier_pdf(*, dossier: Dossier, actor: Membership) -> Job:
    """Ask for one dossier as a PDF file."""
    return queue.ask(DOSSIER_PDF, actor=actor, params={"dossier": dossier.pk})
