"""Drafts of texts: proposed by extraction or the operator's language service, taken over or discarded by a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from inventory.choices import DraftOrigin, DraftState
from inventory.drafting import Draft, Sentence, draft_advantages, draft_prospects
from inventory.models import Dossier, TextDraft
from inventory.models.dossiers import TextDigest
from inventory.queries.similar import similar_prospects
from inventory.services import dossiers, moves
from portal import audit, clock
from portal.choices import AuditAction
from portal.errors import DomainError, InvalidTransition
from portal.models import Membership


def draft_of(dossier: Dossier, name: str, membership: Membership) -> Draft:
    """The draft of one text from what this person may read."""
    patent = dossier.patent
    if name == "advantages":
        return draft_advantages(abstract=patent.abstract, claim=patent.first_claim)
    return draft_prospects(abstract=patent.abstract, similar=similar_prospects(dossier, membership))


@transaction.atomic
def propose_draft(*, dossier: Dossier, name: str, actor: Membership) -> TextDraft:
    """Propose a text for `advantages` or `prospects`; DomainError when the sources say nothing of it."""
    draft = draft_of(dossier, name, actor)
    if not draft.sentences:
        raise DomainError(
            _(
                "Abstract, claim and similar dossiers hold no sentence for this text. Please write it."
            )
        )
    return keep_draft(dossier=dossier, name=name, sentences=draft.sentences, actor=actor)


@transaction.atomic
def keep_draft(
    *,
    dossier: Dossier,
    name: str,
    sentences: Sequence[Sentence],
    actor: Membership,
    origin: DraftOrigin = DraftOrigin.EXTRACTION,
    model_name: str = "",
) -> TextDraft:
    """Keep a proposal apart from the dossier; a newer one of the same origin replaces it, the same one stays."""
    (locked,) = moves.lock_dossiers([dossier.pk])
    if not locked.is_editable:
        raise InvalidTransition(_("The dossier takes no changes now."))
    text = "".join(sentence.text for sentence in sentences)
    open_ones = TextDraft.objects.proposed().filter(dossier=dossier, field=name, origin=origin)
    last = open_ones.first()
    if last is not None and last.text == text:
        return last
    open_ones.update(state=DraftState.DISCARDED, decided_by=actor, decided_at=clock.now())
    made = TextDraft.objects.create(
        dossier=dossier,
        field=name,
        origin=origin,
        model_name=model_name,
        sentences=[asdict(sentence) for sentence in sentences],
        text=text,
        made_by=actor,
        made_at=clock.now(),
    )
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=made,
        owner=locked.participation.institution_id,
        changes={"field": [None, name], "origin": [None, str(origin)], "text": [None, text]},
    )
    return made


@transaction.atomic
def take_draft(*, draft: TextDraft, text: str, seen_version: int, actor: Membership) -> Dossier:
    """Confirm a draft, as it is or edited: from now on an ordinary edit of the dossier."""
    stored = _open(draft)
    dossier = dossiers.save_dossier(
        dossier_id=stored.dossier_id,
        seen_version=seen_version,
        values={stored.field: text},
        actor=actor,
    )
    _decide(stored, DraftState.TAKEN, actor)
    return dossier


@transaction.atomic
def discard_draft(*, draft: TextDraft, actor: Membership) -> None:
    """The draft is of no use."""
    _decide(_open(draft), DraftState.DISCARDED, actor)


def unconfirmed(ids: Collection[int]) -> set[int]:
    """Which of these dossiers hold, word for word, a draft that nobody has confirmed; one query per text."""
    found: set[int] = set()
    for name in ("advantages", "prospects"):
        drafts = (
            TextDraft.objects.proposed()
            .filter(dossier=OuterRef("pk"), field=name)
            .alias(words=TextDigest(F("text")))
            .filter(words=OuterRef("digest"))
        )
        texts = Dossier.objects.filter(pk__in=ids).exclude(**{name: ""})
        held = texts.annotate(digest=TextDigest(F(name))).filter(Exists(drafts))
        found |= set(held.values_list("pk", flat=True))
    return found


def _open(draft: TextDraft) -> TextDraft:
    # the dossier before its draft, as everywhere
    moves.lock_dossiers([draft.dossier_id])
    stored = TextDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
    if stored.state != DraftState.PROPOSED:
        raise InvalidTransition(_("This draft was decided on already."))
    return stored


def _decide(draft: TextDraft, state: DraftState, actor: Membership) -> None:
    draft.state, draft.decided_by, draft.decided_at = state, actor, clock.now()
    draft.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=draft,
        owner=actor.organisation_id,
        changes={"state": [DraftState.PROPOSED.value, state.value]},
    )
