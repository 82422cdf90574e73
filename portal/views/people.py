"""People: accounts and roles. System administrators and managers make accounts; security administrators give roles."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import permissions
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import StaleVersion
from portal.forms.people import (
    AccountForm,
    ContactForm,
    MemberAccountForm,
    MembershipForm,
    ReasonForm,
)
from portal.handing_over import label_of
from portal.listing import page_of, render_list
from portal.lists.kernel import PEOPLE
from portal.models import Departure, Membership, User
from portal.services import accounts, memberships, personal, sign_in
from portal.text import mask_mail, mask_phone
from portal.views.revealing import render_revealed


@require_safe
def list_people(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, PEOPLE)
    can_create = permissions.can_create_account(membership)
    return render_list(request, "portal/people_list.html", page, {"can_create": can_create})


@never_cache
@require_safe
def show_person(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    person = _person_or_404(membership, pk)
    return render(request, "portal/people_detail.html", _person_context(membership, person))


@never_cache
@require_http_methods(["GET", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    """A new account; a manager's comes with its first role, the administrator's without any."""
    membership = membership_of(request)
    require(permissions.can_create_account(membership))
    is_manager = membership.is_of_institution
    form: AccountForm = (
        MemberAccountForm(request.POST or None, membership=membership)
        if is_manager
        else AccountForm(request.POST or None)
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        first = (
            accounts.FirstRole(membership.organisation, typed["role"], typed["unit"])
            if is_manager
            else None
        )
        made = accounts.create_account(
            actor=membership,
            username=typed["username"],
            name=typed["name"],
            contact=form.contact(),
            first_role=first,
        )
        return render(request, "portal/people_password.html", {"account": made})
    return render(request, "portal/people_form.html", {"form": form, "person": None})


@never_cache
@require_http_methods(["GET", "POST"])
def edit_person(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    person = _person_or_404(membership, pk)
    require(permissions.can_edit_account(membership, person))
    is_own = person.pk == membership.user_id
    version = person.version
    form = ContactForm(request.POST or None, instance=person, is_own=is_own)
    if request.method == "POST" and form.agrees(seen_version(request)) and form.is_valid():
        try:
            accounts.change_account(
                person=person,
                values={"name": form.cleaned_data["name"], **form.contact()},
                seen_version=version,
                actor=membership,
            )
        except StaleVersion:
            return edit_person(request, pk)
        messages.success(request, _("Saved."))
        return redirect("portal:people-detail", pk=person.pk)
    context = {"form": form, "person": person, **form.conflict(request.path)}
    return render(request, "portal/people_form.html", context, status=409 if form.merge else 200)


@require_POST
def deactivate_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Deactivate with a reason, or take a deactivation back (active=1)."""
    membership = membership_of(request)
    person = _person_or_404(membership, pk)
    require(permissions.can_deactivate_account(membership, person))
    is_active = request.POST.get("active") == "1"
    form = ReasonForm(request.POST)
    if not is_active and not form.is_valid():
        context = {**_person_context(membership, person), "reason_form": form}
        return render(request, "portal/people_detail.html", context)
    accounts.set_account_active(
        person=person,
        is_active=is_active,
        reason="" if is_active else form.cleaned_data["reason"],
        seen_version=seen_version(request),
        actor=membership,
    )
    messages.success(request, _("Saved."))
    return redirect("portal:people-detail", pk=person.pk)


@never_cache
@require_POST
def new_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace a forgotten password by an initial one, shown once."""
    membership = membership_of(request)
    person = _person_or_404(membership, pk)
    require(permissions.can_reset_password(membership, person))
    made = accounts.issue_initial_password(
        person=person, seen_version=seen_version(request), actor=membership
    )
    return render(request, "portal/people_password.html", {"account": made})


@require_POST
def show_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Phone and mail address in full: an act that is in the trail."""
    membership = membership_of(request)
    person = _person_or_404(membership, pk)
    require(permissions.can_reveal_contact(membership, person))
    values = {"phone": person.phone, "email": person.email}
    personal.record_reveal(target=person, values=values, actor=membership)
    return render_revealed(request, str(person), values)


@require_POST
def unlock_person(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    person = _person_or_404(membership, pk)
    require(permissions.can_unlock_account(membership))
    count = sign_in.unlock_account(person=person, actor=membership)
    messages.success(
        request, _("The account is unlocked.") if count else _("The account was not locked.")
    )
    return redirect("portal:people-detail", pk=person.pk)


@never_cache
@require_http_methods(["GET", "POST"])
def add_membership(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role."""
    membership = membership_of(request)
    person = _person_or_404(membership, pk)
    require(permissions.can_assign_memberships(membership) and person.pk != membership.user_id)
    form = MembershipForm(request.POST or None, membership=membership)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        require(
            permissions.can_assign_membership(
                membership, person, chosen["organisation"], chosen["role"]
            )
        )
        memberships.assign_membership(person=person, actor=membership, **chosen)
        messages.success(request, _("The role has been given."))
        return redirect("portal:people-detail", pk=person.pk)
    return render(request, "portal/membership_form.html", {"form": form, "person": person})


@require_http_methods(["GET", "POST"])
def end_membership(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role, with a reason."""
    membership = membership_of(request)
    target = visible_or_404(Membership.objects.visible_to(membership).with_names(), pk=pk)
    require(permissions.can_end_membership(membership, target))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        memberships.end_membership(
            membership=target,
            reason=form.cleaned_data["reason"],
            seen_version=seen_version(request),
            actor=membership,
        )
        messages.success(request, _("The role has ended."))
        return redirect("portal:people-detail", pk=target.user_id)
    return render(request, "portal/membership_end.html", {"form": form, "target": target})


def _person_or_404(membership: Membership, pk: int) -> User:
    people = User.objects.visible_to(membership).with_roles(membership).with_all_roles()
    person: User = visible_or_404(people, pk=pk)
    return person


def _person_context(membership: Membership, person: User) -> dict[str, Any]:
    departure = (
        Departure.objects.visible_to(membership)
        .filter(user=person)
        .select_related("successor", "recorded_by__user")
        .first()
    )
    is_acting = any(
        role.is_active and role.organisation_id == membership.organisation_id
        for role in person.roles  # type: ignore[attr-defined]  # with_roles
    )
    return {
        "departure": departure,
        "handed_over": [
            (label_of(name), count)
            for name, count in (departure.handed_over if departure else {}).items()
        ],
        "can_leave": is_acting and permissions.can_record_departure(membership, person),
        "person": person,
        "email": mask_mail(person.email),
        "phone": mask_phone(person.phone),
        "reason_form": ReasonForm(),
        "can_reveal": permissions.can_reveal_contact(membership, person)
        and bool(person.phone or person.email),
        "can_forget": permissions.can_forget_person(membership),
        "can_edit": permissions.can_edit_account(membership, person),
        "can_deactivate": permissions.can_deactivate_account(membership, person),
        "can_reset": permissions.can_reset_password(membership, person),
        "can_unlock": permissions.can_unlock_account(membership),
        "can_assign": permissions.can_assign_memberships(membership)
        and person.pk != membership.user_id,
        "roles": [
            (role, role.is_active and permissions.can_end_membership(membership, role))
            for role in person.roles  # type: ignore[attr-defined]  # with_roles
        ],
    }
