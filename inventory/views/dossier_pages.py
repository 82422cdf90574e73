"""What the pages of a dossier show, shaped for the templates; secrets are left out here and nowhere later."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from inventory import permissions, terms
from inventory.choices import TRANSITIONS, DossierState, StepAct
from inventory.dossier_fields import (
    CONFIDENTIAL,
    FIELDS,
    in_words,
    label_of,
)
from inventory.exports.sheet import groups
from inventory.forms.comments import CommentForm
from inventory.forms.dossier_sheet import DossierSheet
from inventory.forms.dossiers import CRITERIA
from inventory.forms.reviews import EARLIER, ReturnForm
from inventory.models import Dossier, FieldComment, Patent
from inventory.queries import dossiers as queries
from inventory.services.dossiers import last_filed
from inventory.views import review_pages, revision_pages, writing_pages
from inventory.views.belonging_panel import belonging
from portal import clock
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


def detail(dossier: Dossier, membership: Membership) -> dict[str, Any]:
    """Context of the page on which a dossier is read, reviewed and commented on."""
    may_review = permissions.can_review_dossier(membership, dossier, dossier.state)
    is_complete = dossier.state == DossierState.COMPLETED
    revision = revision_pages.panel(dossier, membership)
    return {
        "revision": revision,
        "dossier": dossier,
        "patent": patent_facts(dossier.patent),
        "groups": _commented(
            groups(dossier, membership, revision.get("content")), _comments_for(dossier, membership)
        ),
        "steps": way(dossier),
        "pool": queries.nominations_of(dossier),
        "comments": _comments_for(dossier, membership),
        "findings": review_pages.findings(dossier, membership) if may_review else [],
        "entries": history(dossier, membership, limit=RECENT),
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


def history(
    dossier: Dossier, membership: Membership, limit: int = queries.HISTORY_LIMIT
) -> list[dict[str, Any]]:
    """Steps, changes and remarks in one line of time, newest first, without what this reader may not know."""
    is_inside = is_insider(dossier, membership)
    found: list[dict[str, Any]] = [
        {
            "at": step.at,
            "actor": f"{step.actor.user} · {step.actor}",
            "title": f"{step.get_act_display()} → {step.get_to_state_display()}",
            "reason": step.reason if is_inside else "",
            "changes": [],
        }
        for step in queries.steps_of(dossier, limit)
    ]
    found += _changes_for(dossier, membership, limit)
    found += [
        {
            "at": comment.created_at,
            "actor": comment.author.user,
            "title": f"{_('Comment')}：{label_of(comment.field)}",
            "reason": comment.text,
            "changes": [],
        }
        for comment in _all_comments(dossier, membership, limit)
    ]
    found.sort(key=lambda entry: entry["at"], reverse=True)
    return found[:limit]


def _changes_for(dossier: Dossier, membership: Membership, limit: int) -> list[dict[str, Any]]:
    """Field changes that this reader may know; what an open revision changes only inside the filing institution."""
    is_inside = is_insider(dossier, membership)
    may_read = permissions.can_read_confidential(membership, dossier)
    hidden_after = revision_pages.hidden_after(dossier, membership)
    return [
        {
            "at": entry.at,
            "actor": entry.user or _("System"),
            "title": entry.get_action_display(),
            "reason": entry.reason if is_inside else "",
            "changes": changes,
        }
        for entry in queries.changes_of(dossier, limit)
        if (hidden_after is None or entry.at <= hidden_after)
        and (changes := _shown_changes(entry.changes, may_read=may_read))
    ]


def is_insider(dossier: Dossier, membership: Membership) -> bool:
    """People of the filing institution and of the bureaus: reasons and remarks are not for co-holders."""
    return (
        membership.is_official or membership.organisation_id == dossier.participation.institution_id
    )


def _shown_changes(changes: dict[str, list[Any]], *, may_read: bool) -> list[dict[str, Any]]:
    """Changes in the order of the template; rows of amounts that stay blank say nothing."""
    shown = [
        {
            "field": label_of(name),
            "before": in_words(name, changes[name][0]),
            "after": in_words(name, changes[name][1]),
        }
        for name in sorted(changes, key=_place)
        if may_read or name not in CONFIDENTIAL
    ]
    return [row for row in shown if {row["before"], row["after"]} - {"", "—"}]


def _place(name: str) -> int:
    """Place of a field in the template; others come last."""
    return next((place for place, entry in enumerate(FIELDS) if entry.name == name), len(FIELDS))


def _comments_for(dossier: Dossier, membership: Membership) -> list[dict[str, Any]]:
    """Open remarks with the names of their fields."""
    may_read = permissions.can_read_confidential(membership, dossier)
    if not is_insider(dossier, membership):
        return []
    return [
        {"label": label_of(comment.field), "it": comment}
        for comment in _open_comments(dossier)
        if may_read or comment.field not in CONFIDENTIAL
    ]


def _all_comments(dossier: Dossier, membership: Membership, limit: int) -> list[FieldComment]:
    if not is_insider(dossier, membership):
        return []
    may_read = permissions.can_read_confidential(membership, dossier)
    return [
        comment
        for comment in queries.comments_of(dossier, limit)
        if may_read or comment.field not in CONFIDENTIAL
    ]


def _open_comments(dossier: Dossier) -> list[FieldComment]:
    found: list[FieldComment] = getattr(dossier, "open_comments", [])
    return found


def _return_form(dossier: Dossier) -> ReturnForm:
    """Only the steps to which this dossier may go back."""
    form = ReturnForm(act=StepAct.RETURN)
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
