"""Phrases people keep for the texts: one's own, shared in the unit or the institution on wish."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.models import Phrase
from portal import audit
from portal.access import check_version
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.models import Membership

MOST = 200


@transaction.atomic
def keep_phrase(*, field: str, text: str, is_shared: bool, actor: Membership) -> Phrase:
    """Keep a phrase, at most MOST of one's own; the same one again only changes whether it is shared."""
    own = Phrase.objects.select_for_update().filter(
        organisation=actor.organisation_id, owner=actor.user_id
    )
    same = own.filter(field=field, text=text).first()
    if same is not None:
        return _share(same, is_shared, actor)
    if own.count() >= MOST:
        raise DomainError(_("You keep %(count)s phrases; remove one first.") % {"count": MOST})
    made = Phrase.objects.create(
        organisation=actor.organisation,
        unit=actor.unit,
        owner=actor.user,
        field=field,
        text=text,
        is_shared=is_shared,
    )
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=made,
        changes={"text": [None, text], "is_shared": [None, is_shared]},
    )
    return made


@transaction.atomic
def remove_phrase(*, phrase: Phrase, seen_version: int, actor: Membership) -> None:
    """Remove a phrase for everybody."""
    stored = Phrase.objects.select_for_update(of=("self",)).filter(pk=phrase.pk).first()
    if stored is None:
        raise DomainError(_("This phrase is gone."))
    check_version(seen_version, stored.version)
    audit.record(
        actor=actor,
        action=AuditAction.DEACTIVATE,
        target=stored,
        changes={"text": [stored.text, None]},
    )
    stored.delete()


def _share(phrase: Phrase, is_shared: bool, actor: Membership) -> Phrase:
    if phrase.is_shared == is_shared:
        return phrase
    phrase.is_shared = is_shared
    phrase.version += 1
    phrase.save(update_fields=["is_shared", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=phrase,
        changes={"is_shared": [not is_shared, is_shared]},
    )
    return phrase
