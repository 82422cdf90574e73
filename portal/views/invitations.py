"""Invitations: written, handed out as links, mailed, revoked; and the page behind the link."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import audit, permissions
from portal.access import SESSION_KEY, MemberRequest, membership_of, require
from portal.bulk.pages import bar_of
from portal.bulk.people import REVOKE
from portal.forms.invitations import InvitationForm
from portal.listing import page_of, picked_in, render_list
from portal.lists.registry import narrowed
from portal.lists.staff import INVITATIONS
from portal.models import Invitation, Membership, User
from portal.services import arrivals, invitations
from portal.services import sign_in as sign_in_service


@require_safe
def list_invitations(request: HttpRequest) -> HttpResponse:
    page = page_of(request, INVITATIONS)
    actions = [
        _action(_("Write out the links"), "portal:invitation-links", "link"),
        _action(_("Send by mail"), "portal:invitation-mail", "mail"),
        *bar_of(membership_of(request), REVOKE),
    ]
    new = {"url": reverse("portal:invitation-new"), "label": _("Invite a person")}
    context = {"bulk_actions": actions, "empty_action": new}
    return render_list(request, "portal/invitation_list.html", page, context)


def _action(label: str, url_name: str, icon: str) -> dict[str, str]:
    return {"label": label, "url": reverse(url_name), "icon": icon, "tone": ""}


@require_http_methods(["GET", "HEAD", "POST"])
def new_invitation(request: HttpRequest) -> HttpResponse:
    """Invite one person; the link is made from the list."""
    membership = membership_of(request)
    require(permissions.can_keep_staff(membership))
    form = InvitationForm(request.POST or None, membership=membership)
    if request.method == "POST" and form.is_valid():
        try:
            made = invitations.invite_person(
                actor=membership,
                values=form.person(),
                role=form.cleaned_data["role"],
                unit=form.cleaned_data["unit"],
            )
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            text = _("%(name)s is invited; the user name will be %(username)s.")
            messages.success(request, text % {"name": made.user, "username": made.user.username})
            return redirect("portal:invitation-list")
    return render(request, "portal/invitation_form.html", {"form": form})


@never_cache
@require_POST
def write_links(request: HttpRequest) -> HttpResponse:
    """The links of the ticked invitations on one page, to be copied and handed out; shown once."""
    membership = membership_of(request)
    picked = _picked(request, membership)
    if len(picked) > invitations.MOST_AT_ONCE:
        text = _("One page holds %(count)s links; narrow the filter, or send them by mail.")
        messages.error(request, text % {"count": invitations.MOST_AT_ONCE})
    if not 0 < len(picked) <= invitations.MOST_AT_ONCE:
        return redirect("portal:invitation-list")
    made = invitations.make_links(versions=picked, actor=membership)
    rows: list[dict[str, Any]] = [
        {"invitation": one, "link": _site(request) + invitations.path_of(token)}
        for one, token in made
    ]
    text = "\n".join(
        f"{row['invitation'].user.name}\t{row['invitation'].user.username}\t{row['link']}"
        for row in rows
    )
    context = {"rows": rows, "text": text, "days": invitations.VALID_FOR.days}
    return render(request, "portal/invitation_links.html", context)


@require_POST
def mail_links(request: HttpRequest) -> HttpResponse:
    """A fresh link by mail to each ticked one, in the background."""
    membership = membership_of(request)
    picked = _picked(request, membership)
    if not picked:
        return redirect("portal:invitation-list")
    job = invitations.ask_for_mails(
        versions=picked,
        actor=membership,
        site=_site(request),
        language=get_language() or settings.LANGUAGE_CODE,
    )
    return redirect("portal:job-detail", pk=job.pk)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def accept_invitation(request: MemberRequest, token: str) -> HttpResponse:
    """Behind the link: set a password, or join with the account one is signed in with."""
    invitation = arrivals.invitation_of(token)
    if invitation is None:
        sign_in_service.take_try("invitation", audit.current_origin().address or "")
        return render(request, "portal/invitation_accept.html", {"invitation": None})
    if request.user.is_authenticated:
        return _join(request, invitation)
    form = SetPasswordForm(invitation.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = arrivals.take_account(
            invitation=invitation, password=form.cleaned_data["new_password1"]
        )
        login(request, person)
        messages.success(request, _("Welcome. What waits for you stands below."))
        return redirect("portal:home")
    context = {"invitation": invitation, "form": form, "path": request.path}
    return render(request, "portal/invitation_accept.html", context)


def _join(request: MemberRequest, invitation: Invitation) -> HttpResponse:
    """Signed in already: one press joins."""
    person: User = request.user
    require(permissions.can_accept(person, request.memberships, invitation))
    if request.method == "POST":
        role = arrivals.join_with_account(invitation=invitation, person=person)
        request.session[SESSION_KEY] = role.pk
        messages.success(request, _("You now act as %(membership)s.") % {"membership": role})
        return redirect("portal:home")
    context = {"invitation": invitation, "joining": person}
    return render(request, "portal/invitation_accept.html", context)


def _picked(request: HttpRequest, membership: Membership) -> dict[int, int]:
    """{key: version seen} of the pending ones that are ticked or match; empty (and told so) for none."""
    require(permissions.can_keep_staff(membership))
    selection = picked_in(request)
    query = selection.query if selection.is_everything else ""
    pending: Any = narrowed(INVITATIONS.name, query, membership)
    now = dict(pending.pending().order_by("pk").values_list("pk", "version"))
    found = now
    if not selection.is_everything:
        found = {key: seen or 0 for key, seen in selection.picks if key in now}
    if not found:
        messages.error(request, _("Tick at least one row."))
    return found


def _site(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"
