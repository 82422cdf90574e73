"""Remarks on fields: made by reviewers, answered and settled one by one by whoever fills in."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.models import Dossier, FieldComment
from inventory.services import moves
from portal import audit, clock
from portal.choices import AuditAction
from portal.errors import InvalidTransition
from portal.models import Membership


@transaction.atomic
def comment_on_field(*, dossier: Dossier, name: str, text: str, actor: Membership) -> FieldComment:
    """Leave a remark on one field; the same one twice is one."""
    moves.lock_dossiers([dossier.pk])
    same = FieldComment.objects.filter(
        dossier=dossier, field=name, text=text, author=actor, settled_at__isnull=True
    ).first()
    if same is not None:
        return same
    comment = FieldComment.objects.create(dossier=dossier, field=name, text=text, author=actor)
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=comment,
        owner=dossier.participation.institution_id,
        changes={"field": [None, name], "text": [None, text]},
    )
    return comment


@transaction.atomic
def answer_comment(
    *, comment: FieldComment, text: str, is_settled: bool, actor: Membership
) -> FieldComment:
    """Answer a remark, settle it, or both. InvalidTransition when somebody settled or answered it meanwhile."""
    stored = (
        FieldComment.objects.select_for_update(of=("self",))
        .select_related("dossier__participation")
        .get(pk=comment.pk)
    )
    if stored.settled_at is not None:
        raise InvalidTransition(_("This comment was settled already."))
    if text and stored.answer:
        raise InvalidTransition(_("This comment was answered already."))
    before = {"answer": stored.answer, "is_settled": False}
    if text:
        stored.answer, stored.answered_by, stored.answered_at = text, actor, clock.now()
    if is_settled:
        stored.settled_by, stored.settled_at = actor, clock.now()
    stored.save(update_fields=["answer", "answered_by", "answered_at", "settled_by", "settled_at"])
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=stored,
        owner=stored.dossier.participation.institution_id,
        changes=audit.changes_of(before, {"answer": stored.answer, "is_settled": is_settled}),
    )
    return stored


def settle_all(*, dossiers: Sequence[Dossier], actor: Membership) -> None:
    """Final approval settles what is still open; the approval is in the trail."""
    FieldComment.objects.filter(dossier__in=dossiers, settled_at__isnull=True).update(
        settled_at=clock.now(), settled_by=actor
    )
