"""Three small middlewares: who the request is in the audit, in which capacity, and domain errors as answers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from portal import audit
from portal.access import SESSION_KEY
from portal.errors import DomainError
from portal.models import Membership

if TYPE_CHECKING:
    from portal.access import MemberRequest

Handler = Callable[[HttpRequest], HttpResponse]


def request_identity(get_response: Handler) -> Handler:
    """Give each request an id and remember its address for the audit."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4()
        address = request.META.get("REMOTE_ADDR") or None
        if settings.BEHIND_PROXY and (forwarded := request.headers.get("X-Real-IP")):
            address = forwarded
        with audit.origin(request_id=request_id, address=address):
            response = get_response(request)
        response["X-Request-ID"] = str(request_id)
        return response

    return middleware


def current_membership(get_response: Handler) -> Handler:
    """Set request.membership: the one chosen in the session, else the first active one."""

    def middleware(request: MemberRequest) -> HttpResponse:
        request.membership = None
        request.memberships = []
        if request.user.is_authenticated:
            request.memberships = list(
                Membership.objects.active()
                .filter(user=request.user)
                .select_related("organisation", "unit", "user")
            )
            chosen = request.session.get(SESSION_KEY)
            request.membership = next(
                (m for m in request.memberships if m.pk == chosen),
                request.memberships[0] if request.memberships else None,
            )
        return get_response(request)

    return middleware  # type: ignore[return-value]


class domain_errors:  # noqa: N801 - stands in MIDDLEWARE beside the functions above
    """DomainError → 409 (428 without a version): JSON for the API, a fragment for htmx, else the page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, DomainError):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": str(problem.message)}, status=problem.status_code)
        is_partial = getattr(request, "htmx", False)
        template = "components/problem.html" if is_partial else "409.html"
        return render(request, template, {"problem": problem}, status=problem.status_code)
