"""Who is asking: the membership on the request, and the only way views get at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from portal.errors import StaleVersion, VersionRequired
from portal.models import Membership, User

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

SESSION_KEY = "membership"
T = TypeVar("T", bound=Model)


class MemberRequest(HttpRequest):
    """A request after portal.middleware.current_membership."""

    user: User
    membership: Membership | None
    memberships: list[Membership]
    htmx: HtmxDetails


def membership_of(request: Any) -> Membership:
    """The capacity in which the person acts; 403 for an account without any."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        raise PermissionDenied(_("This account has no active role in any organisation."))
    return membership


def visible_or_404(queryset: QuerySet[T], **lookup: Any) -> T:
    """One row of an already scoped queryset; what is invisible does not exist (404)."""
    found = queryset.filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def require(allowed: bool) -> None:
    """403 unless allowed: for permissions.can_* answers."""
    if not allowed:
        raise PermissionDenied(_("Your role does not allow this."))


def seen_version(request: HttpRequest) -> int:
    """The version a write says it saw: form field `version` or header If-Match; VersionRequired without."""
    text = request.POST.get("version") or request.headers.get("If-Match", "")
    digits = text.strip().strip('"')
    if not digits.isdecimal():
        raise VersionRequired
    return int(digits)


def check_version(seen: int, current: int) -> None:
    """StaleVersion unless the writer saw the current version."""
    if seen != current:
        raise StaleVersion(seen, current)
