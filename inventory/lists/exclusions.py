"""Requests to take entries off the base list, and what the register proposes to take off."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory import exclusion_rules, exclusion_words, permissions
from inventory.choices import ExclusionReason, ExclusionState
from inventory.filters.exclusions import ExclusionFilter, ProposalFilter
from inventory.models import BaseListEntry, Exclusion
from inventory.queries.exclusions import facts_of, proposed, with_proposal
from portal.lists import cells
from portal.lists.cells import Badge
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering

RELATED = (
    "entry__patent",
    "entry__institution",
    "entry__campaign",
    "requested_by__user",
    "decided_by__user",
)
WAITING = (ExclusionState.REQUESTED, ExclusionState.APPEALED)


def _rows(asked: Asked) -> QuerySet[Exclusion]:
    return Exclusion.objects.visible_to(asked.membership).select_related(*RELATED)


def _link(exclusion: Exclusion) -> str:
    return reverse("inventory:exclusion-detail", args=[exclusion.pk])


def _pick(exclusion: Exclusion) -> str:
    """Only what waits for a decision can be ticked."""
    return f"{exclusion.pk}-{exclusion.version}" if exclusion.state in WAITING else ""


def _verdict(exclusion: Exclusion) -> list[Badge]:
    return [("verdict", str(exclusion.verdict), cells.word_of(exclusion, "verdict"))]


def _why(exclusion: Exclusion) -> str:
    return " ".join(exclusion_words.told(exclusion.findings, "reasons"))


def _state(exclusion: Exclusion) -> list[Badge]:
    return [("exclusion", exclusion.state, cells.word_of(exclusion, "state"))]


EXCLUSIONS = ListSpec(
    name="inventory.exclusions",
    label=_("Exclusions"),
    url_name="inventory:exclusion-list",
    rows=_rows,
    filterset=ExclusionFilter,
    orderings={
        "doubtful": Ordering(_("Doubtful first"), ("verdict", "pk")),
        "newest": Ordering(_("Newest first"), ("-pk",)),
        "oldest": Ordering(_("Oldest first"), ("pk",)),
    },
    columns=(
        Column("number", _("Application number"), lambda e: e.entry.patent.number, cells.CODE),
        Column("title", _("Title"), lambda e: e.entry.patent.title, cells.LONG),
        Column(
            "institution",
            _("Institution"),
            lambda e: e.entry.institution.name,
            filter="institution",
        ),
        Column("reason", _("Reason"), lambda e: cells.word_of(e, "reason"), filter="reason"),
        Column(
            "verdict",
            pgettext_lazy("evidence", "Register"),
            _verdict,
            cells.BADGES,
            "doubtful",
            "verdict",
        ),
        Column("why", _("What the register says"), _why, cells.LONG),
        Column("state", _("State"), _state, cells.BADGES, filter="state"),
        Column("requested", _("Requested on"), lambda e: e.requested_at, cells.DAY),
        Column(
            "effective", _("Effective on"), lambda e: e.effective_on, cells.DAY, is_default=False
        ),
        Column(
            "explanation", _("Explanation"), lambda e: e.explanation, cells.LONG, is_default=False
        ),
        Column("decided", _("Decided on"), lambda e: e.decided_at, cells.DAY, is_default=False),
    ),
    link=_link,
    pick=_pick,
    empty=Empty(
        "circle-off",
        _("No exclusions here"),
        _(
            "An institution asks for one from the page of a dossier, or for all that the register proposes."
        ),
    ),
    has_drawer=True,
    is_stacked=True,
)


# --- what the register proposes ---------------------------------------------------------------------------


def proposals_of(asked: Asked) -> QuerySet[BaseListEntry]:
    """Entries of the own institution that the register gives a reason to take off."""
    own = BaseListEntry.objects.visible_to(asked.membership).filter(
        institution=asked.membership.organisation_id
    )
    return proposed(own).select_related("patent", "campaign", "institution")


def _shown() -> QuerySet[BaseListEntry]:
    entries = BaseListEntry.objects.select_related("patent", "campaign", "institution")
    return with_proposal(entries)


def _judged(entries: list[Any], asked: Asked) -> list[dict[str, Any]]:
    """The rows of a page with reason, verdict and sentences, judged by the rules in one go."""
    facts = facts_of(entries)
    rows = []
    for entry in entries:
        reason = exclusion_rules.proposed_reason(facts[entry.pk])
        shown = reason or ExclusionReason(entry.proposal)
        found = exclusion_rules.judge(shown, facts[entry.pk])
        kept = exclusion_words.kept(found)
        rows.append(
            {
                "entry": entry,
                "reason": shown.label,
                "verdict": [("verdict", str(int(found.verdict)), found.verdict.label)],
                "why": " ".join(exclusion_words.told(kept, "reasons")),
                "evidence": exclusion_words.told(kept, "evidence"),
            }
        )
    return rows


PROPOSALS = ListSpec(
    name="inventory.exclusion_proposals",
    label=_("Proposed exclusions"),
    url_name="inventory:exclusion-proposals",
    rows=proposals_of,
    filterset=ProposalFilter,
    orderings={
        "listed": Ordering(_("As listed"), ("pk",)),
        "number": Ordering(_("Application number"), ("patent__application_number",)),
    },
    columns=(
        Column(
            "number",
            _("Application number"),
            lambda row: row["entry"].patent.number,
            cells.CODE,
            "number",
        ),
        Column("title", _("Title"), lambda row: row["entry"].patent.title, cells.LONG),
        # a patent stands on the list of each campaign
        Column("campaign", _("Campaign"), lambda row: row["entry"].campaign.name, cells.NAME),
        Column("reason", _("Reason"), lambda row: row["reason"], filter="reason"),
        Column(
            "verdict",
            pgettext_lazy("evidence", "Register"),
            lambda row: row["verdict"],
            cells.BADGES,
        ),
        Column("why", _("What the register says"), lambda row: row["why"], cells.LONG),
        Column("evidence", _("Evidence found"), lambda row: row["evidence"], cells.LINES),
    ),
    may_open=permissions.can_request_exclusions,
    shown=_shown,
    dress=_judged,
    link=lambda row: reverse("inventory:exclusion-new", args=[row["entry"].pk]),
    pick=lambda row: str(row["entry"].pk),
    empty=Empty(
        "circle-check",
        _("The register proposes nothing more"),
        _(
            "Other entries can be asked for one by one, from the page of their dossier, with evidence of your own."
        ),
    ),
    is_stacked=True,
)
