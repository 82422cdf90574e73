"""Asking for a draft by the operator's language service: the call itself is a job (tasks.writing)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from inventory import language_service
from inventory.models import Dossier
from portal.errors import DomainError
from portal.jobs import queue
from portal.models import Job, Membership

KIND = "inventory.draft"


@transaction.atomic
def ask_for_draft(*, dossier: Dossier, name: str, actor: Membership) -> Job:
    """Ask for one text; DomainError where the operator has set up no service."""
    if language_service.writer() is None:
        raise DomainError(_("No language service is set up."))
    return queue.ask(KIND, actor=actor, params={"dossier": dossier.pk, "field": name})
