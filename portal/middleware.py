"""Small middlewares: how long a session lasts, who acts in which capacity, domain errors as answers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portal import audit, clock
from portal.access import SESSION_KEY
from portal.errors import DomainError
from portal.models import Membership, User

if TYPE_CHECKING:
    from portal.access import MemberRequest

# session key: when the person signed in, in seconds
STARTED_KEY = "signed_in_at"
MUST_CHANGE = _("Change your initial password first.")
OPEN_TO_NEW_ACCOUNTS = ("portal:password-change", "portal:sign-out", "set_language")

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


def chosen_language(get_response: Handler) -> Handler:
    """Chinese unless the person switched: the browser's own languages do not decide."""

    def middleware(request: HttpRequest) -> HttpResponse:
        wanted = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = wanted in dict(settings.LANGUAGES)
        with translation.override(wanted if known else settings.LANGUAGE_CODE):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "")
        return response

    return middleware


def current_membership(get_response: Handler) -> Handler:
    """Set request.membership: the one chosen in the session, else the first active one; their pages are not kept."""

    def middleware(request: MemberRequest) -> HttpResponse:
        request.membership = None
        request.memberships = []
        if request.user.is_authenticated:
            request.memberships = list(
                Membership.objects.active()
                .filter(user=request.user)
                .with_unread()
                .select_related("organisation", "unit", "user")
            )
            chosen = request.session.get(SESSION_KEY)
            request.membership = next(
                (m for m in request.memberships if m.pk == chosen),
                request.memberships[0] if request.memberships else None,
            )
        response = get_response(request)
        if request.user.is_authenticated:
            # what one person may see is kept by no cache, not even the browser's (reliability.md 3.2)
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware  # type: ignore[return-value]


def upload_redirects(get_response: Handler) -> Handler:
    """An upload by script follows its redirect unseen: the page is made when the browser opens it, with the message.

    Rendering it here would use up the message of the act ("kept as version 1") before anybody reads it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method == "GET" and "X-Upload" in request.headers:
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        return get_response(request)

    return middleware


def session_rules(get_response: Handler) -> Handler:
    """End a session after its absolute time; hold a person with an initial password at the page to change it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = clock.now().timestamp()
            started = request.session.setdefault(STARTED_KEY, now)
            if now - started > settings.SESSION_ABSOLUTE_SECONDS:
                logout(request)
        user = request.user
        if isinstance(user, User) and user.must_change_password:
            if request.path.startswith("/api/"):
                return JsonResponse({"detail": str(MUST_CHANGE)}, status=403)
            if request.path not in {reverse(name) for name in OPEN_TO_NEW_ACCOUNTS}:
                return redirect("portal:password-change")
        response = get_response(request)
        is_sent_away = response.status_code == HTTPStatus.FOUND and not user.is_authenticated
        if request.headers.get("HX-Request") and is_sent_away:
            # a fragment cannot show the sign-in page: the whole page goes there
            return HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
        return response

    return middleware


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
        is_partial = getattr(request, "htmx", False) or "X-Autosave" in request.headers
        template = "components/problem.html" if is_partial else "409.html"
        return render(request, template, {"problem": problem}, status=problem.status_code)
