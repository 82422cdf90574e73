"""One's notices and to-dos: read, open, mark as read, choose what comes by mail."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.access import SESSION_KEY, membership_of, seen_version, visible_or_404
from portal.errors import StaleVersion
from portal.forms.notices import NoticeSettingsForm
from portal.listing import page_of, render_list
from portal.lists.told import NOTICES
from portal.models import Notice, NoticeSettings
from portal.services import notices
from portal.todo import todos_for


@require_safe
def show_todo(request: HttpRequest) -> HttpResponse:
    """What waits for this person in this capacity, most urgent first."""
    todos = todos_for(membership_of(request))
    return render(request, "portal/todo.html", {"todos": todos})


@require_safe
def list_notices(request: HttpRequest) -> HttpResponse:
    return render_list(request, "portal/notice_list.html", page_of(request, NOTICES))


@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark it as read and go to its page, in the capacity it is meant for."""
    membership = membership_of(request)
    notice = visible_or_404(Notice.objects.visible_to(membership).with_capacity(), pk=pk)
    notices.mark_read(notices=[notice.pk], actor=membership)
    if notice.recipient.is_active and notice.recipient_id != membership.pk:
        request.session[SESSION_KEY] = notice.recipient_id
    is_ours = notice.url.startswith("/") and not notice.url.startswith("//")
    return redirect(notice.url if is_ours else "portal:notice-list")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    notices.mark_all_read(actor=membership_of(request))
    return redirect("portal:notice-list")


@require_http_methods(["GET", "POST"])
def edit_settings(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    stored = NoticeSettings.objects.visible_to(membership).first()
    form = NoticeSettingsForm(request.POST or None, stored=stored)
    if request.method == "POST" and form.agrees(seen_version(request)) and form.is_valid():
        try:
            notices.change_settings(
                deliveries=form.deliveries(),
                language=form.cleaned_data["language"],
                seen_version=form.record.version,
                actor=membership,
            )
        except StaleVersion:
            return edit_settings(request)
        messages.success(request, _("Saved."))
        return redirect("portal:notice-settings")
    context = {"form": form, **form.conflict(request.path)}
    status = 409 if form.merge else 200
    return render(request, "portal/notice_settings.html", context, status=status)
