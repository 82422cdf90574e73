"""What the pages of exclusions show, shaped for the templates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from inventory import exclusion_rules, exclusion_words, permissions
from inventory.choices import ExclusionReason, ExclusionState
from inventory.exclusion_words import told
from inventory.forms.exclusions import AppealForm, DecisionForm, RevocationForm, WithdrawalForm
from inventory.models import BaseListEntry, Exclusion, ExclusionStep
from inventory.queries.exclusions import facts_of
from inventory.services.exclusion_decisions import why_not_decide
from portal import clock
from portal.models import Membership

WAITING = (ExclusionState.REQUESTED, ExclusionState.APPEALED)


def proposal_of(entry: BaseListEntry) -> dict[str, Any]:
    """What the register says of one entry: the reason it gives with words to begin with, or its findings."""
    facts = facts_of([entry])[entry.pk]
    reason = exclusion_rules.proposed_reason(facts)
    judged = exclusion_rules.judge(reason or ExclusionReason.LAPSED, facts)
    kept = exclusion_words.kept(judged)
    initial: dict[str, Any] = {"effective_on": entry.campaign.base_day}
    if reason is not None:
        initial |= {"reason": reason, "explanation": exclusion_words.explanation(judged)}
    return {
        "initial": initial,
        "proposed": reason.label if reason is not None else "",
        "reasons": told(kept, "reasons"),
        "evidence": told(kept, "evidence"),
    }


def detail(exclusion: Exclusion, membership: Membership) -> dict[str, Any]:
    """The page of one request with what this person may do about it."""
    state = exclusion.state
    decides = permissions.can_decide_exclusion(membership)
    follows = permissions.can_follow_exclusion(membership, exclusion)
    until = exclusion.appeal_until
    can_appeal = follows and until is not None and clock.today() <= until
    return {
        "exclusion": exclusion,
        "reasons": told(exclusion.findings, "reasons"),
        "evidence": told(exclusion.findings, "evidence"),
        **_way(exclusion, membership),
        "appeal_until": until,
        "can_decide": decides and state in WAITING,
        "why_not": why_not_decide(exclusion, membership) if decides else "",
        "form": DecisionForm(),
        "appeal_form": AppealForm() if can_appeal else None,
        "withdrawal_form": WithdrawalForm()
        if follows and state == ExclusionState.REQUESTED
        else None,
        "revocation_form": RevocationForm(initial={"counts_from": clock.today()})
        if decides
        and state == ExclusionState.APPROVED
        and exclusion.reason != ExclusionReason.TRANSFERRED_WITHIN
        else None,
    }


def _way(exclusion: Exclusion, membership: Membership) -> dict[str, Any]:
    """The steps of the request as a line of time, newest first, and whether its appeal brought a file."""
    steps = list(ExclusionStep.objects.visible_to(membership).of(exclusion))
    return {
        "steps": [
            {
                "at": step.at,
                "actor": f"{step.actor.user} · {step.actor.organisation}",
                "title": step.get_to_state_display(),
                "reason": step.note,
                "changes": [],
            }
            for step in steps
        ],
        "has_appeal_evidence": any(step.evidence_id for step in steps),
    }


@contextmanager
def errors_of(form: forms.BaseForm) -> Iterator[None]:
    """What a service finds wrong with the input stands beside the field."""
    try:
        yield
    except ValidationError as problem:
        form.add_error(None, problem)
