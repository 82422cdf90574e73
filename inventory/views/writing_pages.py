"""What the form shows of the help with the writing: open drafts with their sources, phrases, the service."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from inventory.choices import PhraseField
from inventory.models import Dossier, Phrase, TextDraft
from portal.models import Membership

PHRASES_OFFERED: Final = 50
SOURCES: Final = {
    "abstract": _("Abstract"),
    "claim": _("First claim"),
    "similar": _("Approved dossier"),
    "service": _("Language model"),
}


def help_for(dossier: Dossier, membership: Membership) -> dict[str, Any]:
    """{field: {drafts, phrases}} of the two texts, phrases for remarks, and what can be asked for; two queries."""
    drafts = list(
        TextDraft.objects.visible_to(membership)
        .filter(dossier=dossier, state="proposed")
        .select_related("made_by__user")
    )
    phrases = list(Phrase.objects.visible_to(membership)[: PHRASES_OFFERED * 3])
    return {
        name: {
            "name": name,
            "drafts": [_shown(draft) for draft in drafts if draft.field == name],
            "phrases": [each for each in phrases if each.field == name][:PHRASES_OFFERED],
            "has_service": settings.WRITING_SERVICE is not None,
        }
        for name in PhraseField.values
    } | {"all_drafts": drafts}


def _shown(draft: TextDraft) -> dict[str, Any]:
    return {
        "it": draft,
        "sentences": [
            {
                "text": each["text"],
                "source": SOURCES.get(each["source"], each["source"]),
                "reference": each["reference"],
            }
            for each in draft.sentences
        ],
    }
