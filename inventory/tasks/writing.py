"""The job `inventory.draft`: ask the operator's language service for a draft, outside any transaction."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import language_service, permissions
from inventory.choices import DraftOrigin
from inventory.drafting import LIMIT, Sentence, sentences_of
from inventory.language_service import PUBLISHED, ServiceError
from inventory.models import Dossier
from inventory.services import drafts
from inventory.services.language_drafts import KIND
from portal.errors import DomainError
from portal.jobs.registry import Chunk, JobKind, Tick, register
from portal.models import Job

_REASONS: Final = {
    "address": gettext_lazy("The address of the language service is not allowed."),
    "connection": gettext_lazy("The language service cannot be reached."),
    "time": gettext_lazy("The language service took too long."),
    "status": gettext_lazy("The language service refused the request."),
    "size": gettext_lazy("The answer of the language service is too large."),
    "answer": gettext_lazy("The answer of the language service was not understood."),
}


def ask_service(job: Job, tick: Tick) -> None:
    """Ask and keep the proposal; asked again after a crash, the newer proposal replaces the older."""
    dossier = _dossier(job)
    writer = language_service.writer()
    if writer is None:
        raise DomainError(_("No language service is set up."))
    published = {name: getattr(dossier.patent, name) for name in PUBLISHED}
    tick()
    try:
        text = writer.write(job.params["field"], published)
    except ServiceError as problem:
        raise DomainError(f"{_REASONS[problem.code]} ({problem.code})") from problem
    tick()
    assert job.membership is not None  # noqa: S101 - _dossier has looked
    drafts.keep_draft(
        dossier=dossier,
        name=job.params["field"],
        sentences=_fitting(text),
        actor=job.membership,
        origin=DraftOrigin.SERVICE,
        model_name=writer.name[:80],
    )


def finish(job: Job) -> Chunk:
    page = f"{_dossier(job).get_absolute_url()}edit/"
    return Chunk(1, total=1, is_done=True, stage=_("Draft ready"), result={"url": page})


def _dossier(job: Job) -> Dossier:
    member = job.membership
    visible = Dossier.objects.visible_to(member) if member else Dossier.objects.none()
    found = visible.select_related("patent", "participation", "unit")
    dossier = found.filter(pk=job.params["dossier"]).first()
    if member is None or dossier is None or not permissions.can_edit_dossier(member, dossier):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    return dossier


def _fitting(text: str) -> list[Sentence]:
    """Whole sentences up to the limit of the template."""
    found: list[Sentence] = []
    length = 0
    for each in sentences_of(text):
        if length + len(each) > LIMIT:
            break
        found.append(Sentence(each, "service"))
        length += len(each)
    if not found:
        raise DomainError(f"{_REASONS['answer']} (answer)")
    return found


def register_tasks() -> None:
    """Called once from AppConfig.ready."""
    register(
        JobKind(
            name=KIND,
            label=gettext_lazy("Draft by the language service"),
            chunk=finish,
            prepare=ask_service,
        )
    )
