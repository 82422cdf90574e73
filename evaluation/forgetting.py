"""Where evaluation keeps a person's words: the expert pool and the lists it was loaded from."""

from __future__ import annotations

from typing import Any

from evaluation.choices import ErasureGround
from evaluation.services import expert_erasure
from portal.forgetting import Forgotten, add_forgetter
from portal.models import Membership, User
from portal.navigation import SubjectPanel, add_subject_panel


def forget(forgotten: Forgotten) -> int:
    """Entries that bear the person's name and phone or mail address."""
    sure, _unsure = expert_erasure.entries_of(forgotten.name, forgotten.phone, forgotten.email)
    for expert in sure:
        expert_erasure.erase_expert(
            expert=expert,
            seen_version=expert.version,
            reason=str(ErasureGround.OWN_REQUEST.label),
            actor=forgotten.actor,
            pseudonym=forgotten.pseudonym,
        )
    return len(sure)


def panel(membership: Membership, person: User) -> dict[str, Any]:
    """How many entries go with the account, and how many bear the name alone: figures, for who carries it out."""
    sure, unsure = expert_erasure.entries_of(person.name, person.phone, person.email)
    return {"sure": len(sure), "unsure": len(unsure)}


def register() -> None:
    """Called once from AppConfig.ready."""
    add_forgetter("evaluation", forget)
    add_subject_panel(
        SubjectPanel(
            "portal.forgetting",
            "evaluation/forget_panel.html",
            10,
            lambda membership, person: True,
            panel,
        )
    )
