"""Menu entries and start page panels of the kernel's own pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import permissions
from portal.choices import BatchState, Role
from portal.models import Erasure, Membership, OutboxBatch
from portal.navigation import (
    HomePanel,
    MenuEntry,
    MenuGroup,
    add_home_panel,
    add_menu_entry,
    add_menu_group,
)
from portal.todo import Todo, TodoSource, add_todo_source, one_by_one, todos_for

TODOS_AT_HOME = 8


def _everybody(membership: Membership) -> bool:
    return True


def _manages_units(membership: Membership) -> bool:
    return membership.role in {Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER}


def _people_panel(membership: Membership) -> dict[str, Any]:
    """Counts that an administrator opens."""
    return {"url": reverse("portal:people-figures")}


def todo_panel(membership: Membership) -> dict[str, Any]:
    """The first lines of the to-do list."""
    todos = todos_for(membership)
    return {"todos": todos[:TODOS_AT_HOME], "more": len(todos) - TODOS_AT_HOME}


def to_forget(membership: Membership) -> list[Todo]:
    """People who asked to be forgotten, each with its day."""
    return [
        Todo(
            _("Pseudonymise a person who left"),
            1,
            reverse("portal:people-forget", kwargs={"pk": each.person_id}),
            "user-x",
            each.due_on,
        )
        for each in Erasure.objects.visible_to(membership).waiting().order_by("due_on", "pk")
    ]


def held_mail(memberships: Sequence[Membership]) -> dict[int, list[Todo]]:
    """Mail to many that waits for its sender's look."""
    rows = (
        OutboxBatch.objects.held()
        .order_by()
        .values_list("author__organisation", "author__role", "author__unit")
        .annotate(count=Count("pk"))
    )
    counts = {(organisation, role, unit): count for organisation, role, unit, count in rows}
    label = _("Mails to many, to be looked at and released")
    url = f"{reverse('portal:outbox-list')}?state={BatchState.HELD}"
    return {
        each.pk: [
            Todo(
                label,
                counts.get((each.organisation_id, each.role, each.unit_id), 0),
                url,
                "mail-forward",
            )
        ]
        for each in memberships
    }


ENTRIES = (
    MenuEntry(gettext_lazy("Start page"), "portal:home", "home", 0, _everybody),
    MenuEntry(gettext_lazy("My to-do list"), "portal:todo", "list-check", 1, _everybody),
)
# what is needed now and then folds under one word
SETTINGS = (
    MenuEntry(
        gettext_lazy("People"), "portal:people-list", "users", 800, permissions.can_list_people
    ),
    MenuEntry(
        gettext_lazy("Personnel list"),
        "portal:staff-list",
        "users-group",
        801,
        permissions.can_keep_staff,
    ),
    MenuEntry(
        gettext_lazy("Invitations"),
        "portal:invitation-list",
        "mail-forward",
        802,
        permissions.can_keep_staff,
    ),
    MenuEntry(
        gettext_lazy("Organisations"),
        "portal:organisation-list",
        "building-community",
        810,
        permissions.can_list_organisations,
    ),
    MenuEntry(
        gettext_lazy("My organisation"),
        "portal:organisation-own",
        "sitemap",
        811,
        _manages_units,
    ),
    MenuEntry(
        gettext_lazy("Audit"), "portal:audit-list", "history", 820, permissions.can_read_audit
    ),
)
# what one asked for and looks after: acts on many rows, mail, files
RECORDS = (
    MenuEntry(
        gettext_lazy("Acts on many rows"),
        "portal:bulk-list",
        "checklist",
        825,
        _manages_units,
    ),
    MenuEntry(
        gettext_lazy("Mail to many"),
        "portal:outbox-list",
        "mail-forward",
        826,
        permissions.can_send_to_many,
    ),
    MenuEntry(gettext_lazy("Jobs"), "portal:job-list", "progress", 830, _everybody),
)


def register_all() -> None:
    """Called once by PortalConfig.ready."""
    add_menu_group(MenuGroup("system", gettext_lazy("Settings"), "settings", 900))
    add_menu_group(MenuGroup("records", gettext_lazy("Work records"), "checklist", 850))
    folded = [
        *(replace(each, group="system") for each in SETTINGS),
        *(replace(each, group="records") for each in RECORDS),
    ]
    for entry in (*ENTRIES, *folded):
        add_menu_entry(entry)
    _register_waiting()


def _register_waiting() -> None:
    """The to-do list and what stands on the start page."""
    add_todo_source(
        TodoSource("portal.erasure", permissions.can_forget_person, one_by_one(to_forget), 6)
    )
    add_todo_source(TodoSource("portal.outbox", permissions.can_send_to_many, held_mail, 5))
    add_home_panel(HomePanel("portal/panels/todo.html", 0, _everybody, todo_panel))
    add_home_panel(
        HomePanel("components/later.html", 100, permissions.can_count_people, _people_panel)
    )
