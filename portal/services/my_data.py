"""Export of my data: one archive with everything held about the person who asks, kept for 24 hours."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

from django.core.files.base import ContentFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import audit, clock
from portal.audit_words import in_words as audit_in_words
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.jobs import queue
from portal.jobs.registry import Chunk
from portal.models import (
    AuditEntry,
    Job,
    Membership,
    Notice,
    NoticeSettings,
    StoredFile,
    User,
)
from portal.my_data import DataSection, Row, add_data_section, data_sections
from portal.notices.words import in_words
from portal.services.files import keep_file

MY_DATA = "my_data"
# of the trail, which grows with every click: the newest
MOST_ENTRIES = 20_000


@transaction.atomic
def ask_for_my_data(*, actor: Membership) -> Job:
    """Ask for the archive; while one waits or runs, that one is the answer."""
    waiting = Job.objects.filter(
        kind=MY_DATA, membership__user=actor.user_id, finished_at__isnull=True
    ).first()
    return waiting or queue.ask(MY_DATA, actor=actor)


@transaction.atomic
def make_my_data(job: Job) -> Chunk:
    """Collect, pack and keep; only ever about the person who asked."""
    actor = job.membership
    if actor is None:
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    content = archive_of(actor.user)
    name = _("my-data-%(day)s.zip") % {"day": clock.today().isoformat()}
    kept = keep_file(
        content=ContentFile(content), name=name, purpose=StoredFile.Purpose.EXPORT, actor=actor
    )
    audit.record(
        actor=actor,
        action=AuditAction.EXPORT,
        target=actor.user,
        changes={"file": [None, kept.pk]},
    )
    return Chunk(1, total=1, is_done=True, stage=_("File ready"), result={"file": kept.pk})


def archive_of(person: User) -> bytes:
    """A zip archive: data.json for machines, data.html for reading."""
    plain = {each.name: list(each.rows(person)) for each in data_sections()}
    sections = [
        {
            "name": each.name,
            "label": str(each.label),
            "rows": plain[each.name],
            "columns": list(plain[each.name][0]) if plain[each.name] else [],
            "cells": [list(row.values()) for row in plain[each.name]],
        }
        for each in data_sections()
    ]
    made = {"made_at": clock.now(), "person": person.username}
    page = render_to_string("portal/my_data_file.html", {"sections": sections, **made})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "data.json",
            json.dumps({**made, **plain}, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1),
        )
        archive.writestr("data.html", page)
    return out.getvalue()


# --- the kernel's sections -----------------------------------------------------------------------


def _account(person: User) -> Iterable[Row]:
    yield {
        _("User name"): person.username,
        _("Name"): person.name,
        _("Mail address"): person.email,
        _("Phone"): person.phone,
        _("Created"): person.created_at,
        _("Last sign-in"): person.last_login,
    }


def _memberships(person: User) -> Iterable[Row]:
    for each in Membership.objects.filter(user=person).with_names().order_by("pk"):
        yield {
            _("Role"): str(each.get_role_display()),
            _("Organisation"): each.organisation.name,
            _("School or unit"): each.unit.name if each.unit else "",
            _("Active"): each.is_active,
        }


def _notices(person: User) -> Iterable[Row]:
    for each in Notice.objects.filter(recipient__user=person).order_by("-pk"):
        line = in_words(each)
        yield {
            _("Time"): each.created_at,
            _("Notice"): line.title,
            _("Detail"): line.detail,
            _("Read at"): each.read_at,
            _("Mailed"): each.mailed_at,
        }


def _settings(person: User) -> Iterable[Row]:
    for each in NoticeSettings.objects.filter(user=person):
        yield {_("Language of mails"): each.language, **each.deliveries}


def _files(person: User) -> Iterable[Row]:
    for each in StoredFile.objects.filter(owner=person).order_by("-pk"):
        yield {
            _("File name"): each.name,
            _("Purpose"): str(each.get_purpose_display()),
            _("Created"): each.created_at,
            _("Kept until"): each.expires_at,
        }


def _jobs(person: User) -> Iterable[Row]:
    for each in Job.objects.filter(membership__user=person).order_by("-pk"):
        yield {_("Kind"): each.kind, _("State"): each.state, _("Created"): each.created_at}


def _trail(person: User) -> Iterable[Row]:
    """What the person did, and what was done to the account."""
    about = Q(object_type="portal.user", object_id=person.pk)
    found = AuditEntry.objects.filter(Q(user=person) | about).with_people()
    for each in found.order_by("-at", "-pk")[:MOST_ENTRIES]:
        line = audit_in_words(each)
        is_own = each.user_id == person.pk
        yield {
            _("Time"): line.at,
            _("Act"): line.action,
            _("Record"): line.record,
            _("Done by"): line.actor if is_own else line.capacity,
            _("Reason"): line.reason if is_own else "",
            _("Network address"): line.address if is_own else "",
            _("Changes"): _changes(line.changes),
        }


def _changes(changes: list[Any]) -> str:
    return "; ".join(f"{each.field}: {each.before} → {each.after}" for each in changes)


def register_sections() -> None:
    """Called once from PortalConfig.ready."""
    for section in (
        DataSection("1_account", gettext_lazy("Account"), _account),
        DataSection("2_roles", gettext_lazy("Roles"), _memberships),
        DataSection("3_notices", gettext_lazy("Notices"), _notices),
        DataSection("4_settings", gettext_lazy("Notice settings"), _settings),
        DataSection("5_files", gettext_lazy("Files"), _files),
        DataSection("6_jobs", gettext_lazy("Jobs"), _jobs),
        DataSection("7_trail", gettext_lazy("Audit"), _trail),
    ):
        add_data_section(section)
