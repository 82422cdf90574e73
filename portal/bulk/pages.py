"""What the pages of a run show: its consequences, its progress, its rows by outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import permissions
from portal.bulk import running
from portal.bulk.registry import known_act
from portal.choices import BULK_WRITTEN, BulkOutcome
from portal.forms.bulk import UndoForm
from portal.job_words import last_lines
from portal.models import BulkRun, Membership
from portal.services.bulk import why_not_undone

ROWS_SHOWN = 100
NOTES_SHOWN = 20
# what needs a look comes first
IN_ORDER = (
    BulkOutcome.REFUSED,
    BulkOutcome.CHANGED,
    BulkOutcome.ADDED,
    BulkOutcome.UNCHANGED,
    BulkOutcome.WAITING,
)
TONES = {
    BulkOutcome.ADDED: "success",
    BulkOutcome.CHANGED: "success",
    BulkOutcome.UNCHANGED: "neutral",
    BulkOutcome.REFUSED: "warning",
}


def bar_of(membership: Membership, *names: str) -> list[dict[str, Any]]:
    """The buttons of these acts for the bulk bar of a list, as far as this person may."""
    acts = [act for name in names if (act := known_act(name)).allowed(membership)]
    return [
        {
            "label": act.bar_label,
            "url": reverse(act.url_name),
            "icon": act.icon,
            "tone": act.tone,
            "act": act.name,
        }
        for act in acts
    ]


def preview(run: BulkRun, form: forms.Form, membership: Membership) -> dict[str, Any]:
    """The form, and the consequences once it says what is wanted."""
    act = known_act(run.act)
    found = None
    if form.is_bound and form.is_valid():
        found = running.forecast(run, form.cleaned_data, membership)
    elif act.is_one_page:
        found = running.forecast(run, running.standing_params(form), membership)
    picked = act.model._base_manager.filter(pk__in=run.rows.values("target_id"))
    return {
        **(act.more(membership, picked) if act.more is not None else {}),
        "run": run,
        "act": act,
        "title": running.title_of(run),
        "form": form,
        "has_fields": bool(form.fields),
        "back": back_to_list(run),
        "consequences": _consequences(found.outcomes, act.will) if found else None,
        "writes": sum(found.outcomes[o] for o in (BulkOutcome.ADDED, BulkOutcome.CHANGED))
        if found
        else 0,
        "warnings": found.warnings.most_common(NOTES_SHOWN) if found else [],
        "notes": found.notes.most_common(NOTES_SHOWN) if found else [],
        "more_notes": max(len(found.notes) - NOTES_SHOWN, 0) if found else 0,
    }


def back_to_list(run: BulkRun) -> str:
    """The list as it was when the rows were picked."""
    url = known_act(run.act).list_url
    return f"{url}?{run.query}" if run.query else url


def done_words(run: BulkRun) -> str:
    """What is said when a run was applied at once."""
    act = known_act(run.act)
    written = sum(run.counts.get(outcome, 0) for outcome in BULK_WRITTEN)
    if act.said is not None and run.undo_of_id is None and written:
        return act.said(written)
    return running.in_words(run.counts)


def is_worth_a_look(run: BulkRun) -> bool:
    """Whether the page of the run says more than that it is done: rows were refused, or it can be taken back."""
    return bool(run.counts.get(BulkOutcome.REFUSED, 0)) or not why_not_undone(run)


def _consequences(outcomes: Counter[str], will: Any = "") -> list[dict[str, Any]]:
    words = {
        BulkOutcome.ADDED: _("will be added"),
        BulkOutcome.CHANGED: will or _("will be changed"),
        BulkOutcome.UNCHANGED: _("stay as they are"),
        BulkOutcome.REFUSED: _("will be refused"),
    }
    return [
        {"count": outcomes[outcome], "text": text, "tone": TONES[outcome]}
        for outcome, text in words.items()
        if outcomes[outcome] or outcome == BulkOutcome.CHANGED
    ]


def result(run: BulkRun, membership: Membership, query: Mapping[str, Any]) -> dict[str, Any]:
    """Progress while it runs; then the rows of one outcome, the refused ones first."""
    act = known_act(run.act)
    undone_by = BulkRun.objects.filter(undo_of=run).first()
    may_undo = permissions.can_undo_run(membership, run) and act.allowed(membership)
    context: dict[str, Any] = {
        "run": run,
        "act": act,
        "title": running.title_of(run),
        "back": back_to_list(run),
        "job": run.job,
        "log": last_lines(run.job) if run.job else [],
        "poll_url": run.get_absolute_url(),
        "undone_by": undone_by,
        "undo_form": UndoForm()
        if may_undo and undone_by is None and not why_not_undone(run)
        else None,
    }
    return {**context, **_rows(run, membership, query)} if run.is_ended else context


def _rows(run: BulkRun, membership: Membership, query: Mapping[str, Any]) -> dict[str, Any]:
    counts = {BulkOutcome(name): count for name, count in run.counts.items() if count}
    first = next((outcome for outcome in IN_ORDER if outcome in counts), BulkOutcome.WAITING)
    asked = query.get("outcome", "")
    outcome = BulkOutcome(asked) if asked in counts else first
    rows = run.rows.filter(outcome=outcome).order_by("position")
    page = Paginator(rows, ROWS_SHOWN).get_page(query.get("page"))
    labels = known_act(run.act).labels(membership, [row.target_id for row in page])
    return {
        "tabs": [
            {
                "label": each.label,
                "url": f"?outcome={each}",
                "is_current": each == outcome,
                "count": counts[each],
            }
            for each in IN_ORDER
            if each in counts
        ],
        "outcome": outcome,
        "page": page,
        "rows": [
            {"label": labels.get(row.target_id, ("", "")), "row": row, "key": row.target_id}
            for row in page
        ],
    }
