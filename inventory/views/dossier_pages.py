"""What the pages of a dossier show, shaped for the templates; secrets are left out here and nowhere later."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from inventory import history, permissions, terms
from inventory.choices import TRANSITIONS, DossierState
from inventory.dossier_fields import (
    FIELDS,
    label_of,
)
from inventory.exports.sheet import groups
from inventory.forms.comments import CommentForm
from inventory.forms.dossier_sheet import DossierSheet
from inventory.forms.dossiers import CRITERIA
from inventory.forms.reviews import EARLIER, ReturnForm
from inventory.models import Dossier, FieldComment, Patent
from inventory.queries import dossiers as queries
from inventory.queries.co_owned import own_entry
from inventory.queries.uploads import uploads_of
from inventory.services.dossiers import last_filed
from inventory.views import co_owned_panel, review_pages, revision_pages, writing_pages
from inventory.views.belonging_panel import belonging
from portal import clock
from portal.history import Event, time_line
from portal.models import Membership

RECENT = 8


# --- filling in -----------------------------------------------------------------------------------


def edit(
    dossier: Dossier,
    sheet: DossierSheet,
    membership: Membership,
    *,
    copied: Collection[str] = (),
) -> dict[str, Any]:
    """Context of the page on which a dossier is filled in; `copied` names fields that were just copied."""
    return {
        "dossier": dossier,
        "patent": patent_facts(dossier.patent),
        "sheet": sheet,
        "questions": _questions(dossier, sheet, copied),
        "stars": [(radio, CRITERIA[radio.data["value"]]) for radio in sheet.form["stars"]],
        "missing": sheet.missing,
        "comments": _comments_for(dossier, membership),
        "place": queries.place_of(dossier, membership),
        "returned": queries.last_return(dossier),
        "saved_at": None if dossier.state == DossierState.UNFILED else dossier.updated_at,
        "can_copy": last_filed(exclude=dossier.pk, actor=membership) is not None,
        "is_copied": bool(copied),
        "writing": writing_pages.help_for(dossier, membership),
    }


def _questions(
    dossier: Dossier, sheet: DossierSheet, copied: Collection[str]
) -> dict[str, dict[str, Any]]:
    """{field: control, open comments, whether it was just copied}."""
    comments: dict[str, list[FieldComment]] = {}
    for comment in _open_comments(dossier):
        comments.setdefault(comment.field, []).append(comment)
    return {
        entry.name: {
            "field": sheet.form[entry.name] if entry.name in sheet.form.fields else None,
            "comments": comments.get(entry.name, []),
            "is_copied": entry.name in copied and bool(getattr(sheet.stored, entry.name)),
        }
        for entry in FIELDS
    }


# --- reading --------------------------------------------------------------------------------------


def preview(dossier: Dossier, membership: Membership) -> dict[str, Any]:
    """What the side drawer shows: facts, answers, and for its reviewer what to look at first."""
    revision = revision_pages.panel(dossier, membership)
    may_review = permissions.can_review_dossier(membership, dossier, dossier.state)
    return {
        "revision": revision,
        "dossier": dossier,
        "patent": patent_facts(dossier.patent),
        "groups": _commented(
            groups(dossier, membership, revision.get("content")), _comments_for(dossier, membership)
        ),
        "findings": review_pages.findings(dossier, membership) if may_review else [],
    }


def detail(dossier: Dossier, membership: Membership) -> dict[str, Any]:
    """Context of the page on which a dossier is read, reviewed and commented on."""
    may_review = permissions.can_review_dossier(membership, dossier, dossier.state)
    is_complete = dossier.state == DossierState.COMPLETED
    return {
        **preview(dossier, membership),
        "co_owned": co_owned_panel.panel(dossier, membership),
        "own_entry": own_entry(dossier, membership)
        if permissions.can_request_exclusions(membership)
        else None,
        "steps": way(dossier),
        "pool": queries.nominations_of(dossier),
        "uploads": uploads_of(dossier),
        "comments": _comments_for(dossier, membership),
        "entries": recent(dossier, membership),
        "can_edit": dossier.is_editable and permissions.can_edit_dossier(membership, dossier),
        "can_approve": may_review and not is_complete,
        "can_return": may_review,
        "can_revise": is_complete and permissions.can_revise_dossier(membership, dossier),
        "belonging": belonging(dossier, membership),
        "return_form": _return_form(dossier),
        "comment_form": CommentForm()
        if permissions.can_comment_on_dossier(membership, dossier)
        else None,
    }


def _commented(shown: list[dict[str, Any]], comments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the open remarks on their fields."""
    for group in shown:
        for row in group["rows"]:
            row["comments"] = [each["it"] for each in comments if each["it"].field == row["name"]]
    return shown


def way(dossier: Dossier) -> list[dict[str, Any]]:
    """The states of this institution's review, and where the dossier stands."""
    states = [DossierState.UNFILED, DossierState.DRAFT]
    if dossier.participation.review_steps == 2 or dossier.state == DossierState.UNIT_REVIEW:
        states.append(DossierState.UNIT_REVIEW)
    states += [DossierState.INSTITUTION_REVIEW, DossierState.COMPLETED]
    here = states.index(DossierState(dossier.state))
    return [
        {
            "label": state.label,
            "is_done": place < here or dossier.state == DossierState.COMPLETED,
            "is_current": place == here and dossier.state != DossierState.COMPLETED,
        }
        for place, state in enumerate(states)
    ]


def patent_facts(patent: Patent) -> dict[str, Any]:
    """The patent with what is worked out from its days."""
    today = clock.today()
    return {
        "it": patent,
        "holders": [holder.name for holder in patent.holders.all()],
        "inventors": [inventor.name for inventor in patent.inventors.all()],
        "years": terms.full_years(patent.filed_on, today) if patent.filed_on else None,
    }


def recent(dossier: Dossier, membership: Membership) -> list[Event]:
    """What happened last, without what this reader may not know."""
    patent = dossier.patent
    patent.dossier_for_history = dossier  # type: ignore[attr-defined]
    kinds = ("change", "step", "comment")
    return time_line(history.PATENT, membership, patent, kinds=kinds, limit=RECENT).events[:RECENT]


def _comments_for(dossier: Dossier, membership: Membership) -> list[dict[str, Any]]:
    """Open remarks with the names of their fields."""
    hidden = permissions.hidden_fields(membership, dossier)
    if not history.is_insider(dossier, membership):
        return []
    return [
        {"label": label_of(comment.field), "it": comment}
        for comment in _open_comments(dossier)
        if comment.field not in hidden
    ]


def _open_comments(dossier: Dossier) -> list[FieldComment]:
    found: list[FieldComment] = getattr(dossier, "open_comments", [])
    return found


def _return_form(dossier: Dossier) -> ReturnForm:
    """Only the steps to which this dossier may go back."""
    form = ReturnForm()
    allowed = TRANSITIONS[dossier.participation.review_steps][dossier.state]
    order = list(DossierState)
    offered: list[tuple[str, Promise | str]] = [
        (state, label)
        for state, label in EARLIER
        if state in allowed and order.index(state) < order.index(DossierState(dossier.state))
    ]
    form.fields["to_state"].choices = offered  # type: ignore[attr-defined]
    if _open_comments(dossier):
        form.initial["reason"] = _("Please see the comments on the fields.")
    return form
