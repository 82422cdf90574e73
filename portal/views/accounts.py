"""Signing in and out, passwords, the capacity in which one acts."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import audit
from portal.access import SESSION_KEY, MemberRequest
from portal.forms.sign_in import PasswordResetForm, SignInForm
from portal.models import User
from portal.services import accounts
from portal.services import sign_in as sign_in_service


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; every try is counted before the password is looked at."""
    target = _safe_target(request)
    if request.user.is_authenticated and request.method == "GET":
        return redirect(target)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = _person_signing_in(request, form.cleaned_data)
        if person is not None:
            login(request, person)
            return redirect(target)
        form.refuse()
    context = {"form": form, "next": request.GET.get("next") or request.POST.get("next", "")}
    return render(request, "registration/login.html", context)


@require_POST
def sign_out(request: MemberRequest) -> HttpResponse:
    sign_in_service.record_sign_out(person=request.user)
    logout(request)
    return redirect("portal:sign-in")


@require_POST
def switch_membership(request: MemberRequest) -> HttpResponse:
    """Act in another capacity of one's own; a foreign or ended one does not exist."""
    chosen = request.POST.get("membership", "")
    found = next((each for each in request.memberships if str(each.pk) == chosen), None)
    if found is None:
        raise Http404
    request.session[SESSION_KEY] = found.pk
    messages.success(request, _("You now act as %(membership)s.") % {"membership": found})
    return redirect("portal:home")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def change_password(request: MemberRequest) -> HttpResponse:
    """One's own password; other sessions end, this one goes on."""
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = accounts.change_password(
            person=request.user, password=form.cleaned_data["new_password1"]
        )
        update_session_auth_hash(request, person)
        messages.success(request, _("Your password has been changed."))
        return redirect("portal:home")
    return render(request, "registration/password_change_form.html", {"form": form})


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def ask_reset(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail; the answer never says whether the address exists."""
    form = PasswordResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        accounts.request_password_reset(
            email=form.cleaned_data["email"],
            site=f"{request.scheme}://{request.get_host()}",
            language=get_language() or settings.LANGUAGE_CODE,
            address=_address(),
        )
        return redirect("portal:password-reset-done")
    return render(request, "registration/password_reset_form.html", {"form": form})


@login_not_required
@require_safe
def reset_asked(request: HttpRequest) -> HttpResponse:
    return render(request, "registration/password_reset_done.html")


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def confirm_reset(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Choose a new password through a mailed link, which works once and for an hour."""
    person = accounts.person_of_link(uid, token)
    if person is None:
        return render(request, "registration/password_reset_confirm.html", {"validlink": False})
    form = SetPasswordForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        accounts.reset_password(person=person, password=form.cleaned_data["new_password1"])
        return redirect("portal:password-reset-complete")
    context = {"validlink": True, "form": form}
    return render(request, "registration/password_reset_confirm.html", context)


@login_not_required
@require_safe
def reset_done(request: HttpRequest) -> HttpResponse:
    return render(request, "registration/password_reset_complete.html")


def _person_signing_in(request: HttpRequest, typed: dict[str, str]) -> User | None:
    """Count the try, check, write to the trail; None for every reason to refuse."""
    username, address = typed["username"], _address()
    tries = sign_in_service.take_try(username, address)
    if tries is None:
        return None
    person = authenticate(request, username=username, password=typed["password"])
    if not isinstance(person, User):
        sign_in_service.record_failure(username=username, tries=tries)
        return None
    sign_in_service.record_success(person=person, address=address)
    return person


def _address() -> str:
    """The client's address as the first middleware found it."""
    return audit.current_origin().address or ""


def _safe_target(request: HttpRequest) -> str:
    """Where to go after signing in: only within this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_safe else settings.LOGIN_REDIRECT_URL
