"""Saving, sharing and forgetting views of lists."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal import audit
from portal.access import check_version
from portal.choices import AuditAction
from portal.models import Membership, SavedView, UsualView
from portal.models.saved_views import Shared

# more than this nobody finds again
MOST = 50


@transaction.atomic
def save_view(
    *, list_name: str, name: str, query: str, shared: str, actor: Membership
) -> SavedView:
    """A new view of the actor's; `query` holds allow-listed keys only (portal.lists.saved.storable)."""
    # two clicks at once: the second waits, and finds the name taken
    Membership.objects.select_for_update(of=("self",)).get(pk=actor.pk)
    count = SavedView.objects.filter(owner=actor, list_name=list_name).count()
    if count >= MOST:
        raise ValidationError(
            _("You have %(count)s views of this list. Delete one first.") % {"count": count}
        )
    view = SavedView(
        list_name=list_name,
        name=name,
        query=query,
        owner=actor,
        organisation_id=actor.organisation_id,
        unit=actor.unit,
        shared=shared,
    )
    _check(view)
    view.save()
    changes = {"name": ["", name], "query": ["", query], "shared": ["", shared]}
    audit.record(actor=actor, action=AuditAction.CREATE, target=view, changes=changes)
    return view


@transaction.atomic
def change_view(
    *, view: SavedView, values: dict[str, str], seen_version: int, actor: Membership
) -> SavedView:
    """Rename, share or overwrite (`name`, `shared`, `query`); StaleVersion when another tab was faster."""
    view = SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk)
    check_version(seen_version, view.version)
    before = {field: getattr(view, field) for field in values}
    changes = audit.changes_of(before, values)
    if not changes:
        return view
    for field, value in values.items():
        setattr(view, field, value)
    # shared with the unit in which one acts now
    view.organisation_id, view.unit = actor.organisation_id, actor.unit
    _check(view)
    view.version += 1
    view.save()
    audit.record(actor=actor, action=AuditAction.CHANGE, target=view, changes=changes)
    return view


@transaction.atomic
def delete_view(*, view: SavedView, seen_version: int, actor: Membership) -> None:
    """Forget a view, also for those it was shared with."""
    view = SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk)
    check_version(seen_version, view.version)
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=view,
        changes={"name": [view.name, ""], "query": [view.query, ""]},
        reason=_("Deleted"),
    )
    view.delete()


@transaction.atomic
def choose_usual_view(*, list_name: str, view: SavedView | None, actor: Membership) -> None:
    """The list opens with this view from now on; with none of them for None."""
    usual = UsualView.objects.filter(membership=actor, list_name=list_name).first()
    before = usual.view_id if usual else None
    after = view.pk if view else None
    if before == after:
        return
    if view is None:
        UsualView.objects.filter(membership=actor, list_name=list_name).delete()
    else:
        UsualView.objects.update_or_create(
            membership=actor, list_name=list_name, defaults={"view": view}
        )
    changes: dict[str, list[Any]] = {"usual": [before, after], "list_name": [None, list_name]}
    audit.record(actor=actor, action=AuditAction.CHANGE, target=view, changes=changes)


def _check(view: SavedView) -> None:
    if view.shared == Shared.UNIT and view.unit is None:
        raise ValidationError(
            {"shared": _("You act for no unit. Share it with your organisation.")}
        )
    view.full_clean(exclude=["organisation", "unit"])
