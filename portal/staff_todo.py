"""What the personnel list puts on a manager's to-do list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.lists.staff import still_acting
from portal.models import Membership, StaffMember
from portal.permissions import can_record_departure
from portal.todo import Todo, TodoSource, add_todo_source


def about_people(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """Namesakes to be told apart, and people who seem to have left; two queries."""
    staff = StaffMember.objects.filter(organisation__in=[m.organisation_id for m in memberships])
    namesakes = _by_institution(staff.filter(is_doubtful=True))
    leavers = _by_institution(still_acting(staff))
    doubtful_url = f"{reverse('portal:staff-list')}?doubtful=yes"
    leaver_url = reverse("portal:leaver-list")
    return {
        each.pk: [
            Todo(
                _("Namesakes to be told apart"),
                namesakes.get(each.organisation_id, 0),
                doubtful_url,
                "users",
            ),
            Todo(_("Proposed leavers"), leavers.get(each.organisation_id, 0), leaver_url, "user-x"),
        ]
        for each in memberships
    }


def _by_institution(staff: QuerySet[StaffMember]) -> dict[int, int]:
    rows = staff.order_by().values_list("organisation").annotate(count=Count("pk"))
    return dict(rows)


def register_todo() -> None:
    """Called once by PortalConfig.ready."""
    add_todo_source(TodoSource("portal.staff", can_record_departure, about_people, 45))
