"""Acts on many rows: freeze what was picked, keep the parameters, start, undo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal import audit, clock
from portal.access import check_version
from portal.bulk import running, staging
from portal.bulk.registry import BulkAct, known_act
from portal.bulk.staging import Selection
from portal.choices import BULK_WRITTEN, AuditAction, BulkState
from portal.errors import DomainError, InvalidTransition
from portal.jobs import queue
from portal.models import BulkRun, BulkRunRow, Membership

UNDO_KEPT = timedelta(days=30)
PREVIEW_KEPT = timedelta(days=2)


@transaction.atomic
def stage_run(*, act: BulkAct, selection: Selection, actor: Membership) -> BulkRun:
    """Freeze the picked rows with their versions; ValidationError for none.

    The same selection again is the same run, brought up to date: nothing is decided yet, so nothing is in the trail.
    """
    run, _is_new = BulkRun.objects.select_for_update(of=("self",)).get_or_create(
        membership=actor,
        selection=selection.digest(act.name),
        state=BulkState.PREVIEW,
        defaults={
            "act": act.name,
            "organisation": actor.organisation,
            "query": selection.query,
            "is_everything": selection.is_everything,
        },
    )
    count = staging.freeze(run, act, selection, actor)
    if not count:
        raise ValidationError(_("Tick at least one row."))
    if act.keeps is not None:
        count = staging.keep_only(run, act, actor)
        if not count:
            raise ValidationError(act.none_kept or _("Tick at least one row."))
    # an act that needs no parameters shows its consequences at once
    is_plain = not act.is_one_page and not run.params and act.form({}, membership=actor).is_valid()
    if run.total != count or is_plain:
        run.total = count
        run.params = "{}" if is_plain else run.params
        run.save(update_fields=["total", "params"])
    return run


def left_out(*, run: BulkRun, act: BulkAct, selection: Selection, actor: Membership) -> int:
    """How many of the picked rows a run just staged leaves out: the act is not for them, or they are not one's own."""
    if not selection.is_everything:
        return max(0, len(selection.picks) - run.total)
    if act.narrows is None and act.keeps is None:
        return 0
    return max(0, act.shown(actor, selection.query) - run.total)


@transaction.atomic
def set_parameters(
    *, run_id: int, seen_version: int, data: Mapping[str, list[str]], actor: Membership
) -> BulkRun:
    """Keep what was asked for, as posted; ValidationError where the act's form refuses it.

    Still only a preview: the trail begins when the run is started.
    """
    run = _locked(run_id, actor)
    _require_preview(run)
    params = json.dumps(dict(data), ensure_ascii=False, sort_keys=True)
    if run.params == params:
        return run
    check_version(seen_version, run.version)
    run.params = params
    form = running.bound_form(run, actor)
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    run.reason = form.cleaned_data.get("reason", "")
    run.version += 1
    run.save(update_fields=["params", "reason", "version"])
    return run


@transaction.atomic
def start_run(*, run_id: int, seen_version: int, actor: Membership) -> BulkRun:
    """Apply what the preview showed: at once for few rows, else as a job. A second call gives the same run back."""
    run = _locked(run_id, actor)
    if run.state != BulkState.PREVIEW:
        return run
    check_version(seen_version, run.version)
    if not known_act(run.act).allowed(actor):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    if not running.bound_form(run, actor).is_valid():
        raise ValidationError(_("Say first what is to be changed."))
    return _start(run)


@transaction.atomic
def undo_run(*, run_id: int, reason: str, actor: Membership) -> BulkRun:
    """Take back what a run wrote, rows that were changed since excepted; a second call gives the same undoing back."""
    of = BulkRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    done = BulkRun.objects.filter(undo_of=of).first()
    if done is not None:
        return done
    if why_not := why_not_undone(of):
        raise InvalidTransition(why_not)
    run = BulkRun.objects.create(
        act=of.act,
        membership=actor,
        organisation=actor.organisation,
        query=of.query,
        selection=f"undo {of.pk}",
        params=of.params,
        reason=reason,
        undo_of=of,
    )
    run.total = staging.freeze_undo(run, of)
    return _start(run)


def why_not_undone(run: BulkRun) -> str:
    """Why a run cannot be taken back (any more), in words; empty when it can."""
    act = known_act(run.act)
    if run.undo_of_id is not None or act.undo is None:
        return _("This act cannot be taken back as one.")
    if not run.is_ended:
        return _("This act has not ended yet.")
    if run.finished_at and run.finished_at < clock.now() - UNDO_KEPT:
        return _("The time to take it back is over.")
    if not any(run.counts.get(outcome, 0) for outcome in BULK_WRITTEN):
        return _("Nothing was changed that could be taken back.")
    return ""


@transaction.atomic
def remove_leftovers() -> None:
    """Previews nobody started, and what was before of runs whose time to undo is over."""
    now = clock.now()
    BulkRun.objects.filter(state=BulkState.PREVIEW, created_at__lt=now - PREVIEW_KEPT).delete()
    BulkRunRow.objects.filter(run__finished_at__lt=now - UNDO_KEPT).exclude(before={}).update(
        before={}
    )


def _start(run: BulkRun) -> BulkRun:
    run.state = BulkState.RUNNING
    run.version += 1
    if run.total > settings.BULK_DIRECT_ROWS:
        run.job = queue.ask(
            running.KIND,
            actor=run.membership,
            params={"run": run.pk},
            idempotency_key=f"bulk:{run.pk}",
        )
    run.save(update_fields=["state", "version", "job", "total"])
    with audit.origin(run_id=run.pk):
        audit.record(
            actor=run.membership,
            action=AuditAction.BULK,
            target=run,
            changes={"total": [None, run.total], "state": [BulkState.PREVIEW, BulkState.RUNNING]},
            reason=run.reason,
        )
    if run.job is None:
        running.do_chunk(run, 1, run.total)
        running.end(run, BulkState.DONE)
    return run


def _locked(run_id: int, actor: Membership) -> BulkRun:
    """The actor's own run under lock."""
    return (
        BulkRun.objects.select_related("membership__user", "membership__organisation")
        .select_related("membership__unit")
        .select_for_update(of=("self",))
        .get(pk=run_id, membership=actor)
    )


def _require_preview(run: BulkRun) -> None:
    if run.state != BulkState.PREVIEW:
        raise InvalidTransition(_("This act was started already."))
