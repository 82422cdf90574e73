"""What stock-taking tells people: its kinds of notice. Who is told when: services/notices.py and tasks/deadlines.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from portal.notices.registry import NoticeKind, register_notice


def _assigned(params: Mapping[str, Any]) -> str:
    return ngettext(
        "%(count)s patent was assigned to you",
        "%(count)s patents were assigned to you",
        params["count"],
    ) % {"count": params["count"]}


def _returned(params: Mapping[str, Any]) -> str:
    return ngettext(
        "%(count)s dossier was returned to you",
        "%(count)s dossiers were returned to you",
        params["count"],
    ) % {"count": params["count"]}


def _waiting(params: Mapping[str, Any]) -> str:
    return ngettext(
        "%(count)s dossier was submitted to you for review",
        "%(count)s dossiers were submitted to you for review",
        params["count"],
    ) % {"count": params["count"]}


def _approved(params: Mapping[str, Any]) -> str:
    return ngettext(
        "%(count)s dossier of yours was approved: stock-taking complete",
        "%(count)s dossiers of yours were approved: stock-taking complete",
        params["count"],
    ) % {"count": params["count"]}


def _due(params: Mapping[str, Any]) -> str:
    count, days = params["count"], params["days"]
    named = {"count": count, "days": abs(days), "campaign": params["campaign"]}
    if days < 0:
        text = ngettext(
            "%(count)s patent of yours is late: %(campaign)s",
            "%(count)s patents of yours are late: %(campaign)s",
            count,
        )
    elif days == 0:
        text = ngettext(
            "%(count)s patent of yours is due today: %(campaign)s",
            "%(count)s patents of yours are due today: %(campaign)s",
            count,
        )
    else:
        text = ngettext(
            "%(count)s patent of yours is due in %(days)s days: %(campaign)s",
            "%(count)s patents of yours are due in %(days)s days: %(campaign)s",
            count,
        )
    return text % named


def _later_grants(params: Mapping[str, Any]) -> str:
    return ngettext(
        "%(count)s later grant came onto your list: %(campaign)s",
        "%(count)s later grants came onto your list: %(campaign)s",
        params["count"],
    ) % {"count": params["count"], "campaign": params["campaign"]}


def _workbook(params: Mapping[str, Any]) -> str:
    # notices from before this key was kept say no number
    if "patents" not in params:
        return _("The round-trip workbook of %(unit)s is ready") % {"unit": params["unit"]}
    return ngettext(
        "The round-trip workbook of %(unit)s is ready: %(count)s patent",
        "The round-trip workbook of %(unit)s is ready: %(count)s patents",
        params["patents"],
    ) % {"count": params["patents"], "unit": params["unit"]}


def _workbook_help(params: Mapping[str, Any]) -> str:
    return _(
        "Download it from the page, fill it in and upload it again. The file is kept for a day; after that it can be "
        "made anew with one click."
    )


def _about(params: Mapping[str, Any]) -> str:
    """The patent (where it is one), the reason, who did it."""
    parts = [params["title"]] if params.get("title") and params["count"] == 1 else []
    if reason := params.get("reason"):
        parts.append(_("Reason: %(reason)s") % {"reason": reason})
    if person := params.get("by"):
        parts.append(_("By %(person)s") % {"person": person})
    return " · ".join(parts)


def _urged(params: Mapping[str, Any]) -> str:
    return _("%(sender)s urges you: %(campaign)s") % {
        "sender": params["from"],
        "campaign": params["campaign"],
    }


def _urged_text(params: Mapping[str, Any]) -> str:
    return str(params["text"])


def _answered(params: Mapping[str, Any]) -> str:
    named = {"name": params["name"], "day": params["day"]}
    return _("%(name)s answered your urging: done by %(day)s") % named


def _answer(params: Mapping[str, Any]) -> str:
    return str(params["answer"])


def _offered(params: Mapping[str, Any]) -> str:
    return ngettext(
        "%(count)s patent was passed on to your unit: is it yours?",
        "%(count)s patents were passed on to your unit: are they yours?",
        params["count"],
    ) % {"count": params["count"]}


def _transfer_answered(params: Mapping[str, Any]) -> str:
    return ngettext(
        "%(count)s patent that you passed on was answered",
        "%(count)s patents that you passed on were answered",
        params["count"],
    ) % {"count": params["count"]}


def _returned_by_platform(params: Mapping[str, Any]) -> str:
    return ngettext(
        "The national platform returned %(count)s patent",
        "The national platform returned %(count)s patents",
        params["count"],
    ) % {"count": params["count"]}


def _pool_decided(params: Mapping[str, Any]) -> str:
    """One sentence for each thing the city can do with a nomination."""
    count, state = params["count"], params["state"]
    if state == "admitted":
        text = ngettext(
            "The city admitted %(count)s nomination to the pool",
            "The city admitted %(count)s nominations to the pool",
            count,
        )
    elif state == "declined":
        text = ngettext(
            "The city declined %(count)s nomination to the pool",
            "The city declined %(count)s nominations to the pool",
            count,
        )
    else:
        text = ngettext(
            "The city took %(count)s patent out of the pool",
            "The city took %(count)s patents out of the pool",
            count,
        )
    return text % {"count": count}


OFFERED = register_notice(
    NoticeKind(
        "inventory.offered",
        gettext_lazy("Passed on to my unit"),
        _offered,
        _about,
        "arrows-exchange",
    )
)
TRANSFER_ANSWERED = register_notice(
    NoticeKind(
        "inventory.answered",
        gettext_lazy("Answer to what I passed on"),
        _transfer_answered,
        _about,
        "arrows-exchange",
    )
)
ASSIGNED = register_notice(
    NoticeKind(
        "inventory.assigned",
        gettext_lazy("Assigned to me"),
        _assigned,
        _about,
        "user-check",
        is_immediate=True,
    )
)
DUE = register_notice(
    NoticeKind(
        "inventory.due",
        gettext_lazy("My deadline"),
        _due,
        icon="calendar-due",
        is_immediate=True,
    )
)
RETURNED = register_notice(
    NoticeKind(
        "inventory.returned", gettext_lazy("Returned to me"), _returned, _about, "arrow-back-up"
    )
)
WAITING = register_notice(
    NoticeKind(
        "inventory.waiting", gettext_lazy("Waiting for my review"), _waiting, _about, "checklist"
    )
)
APPROVED = register_notice(
    NoticeKind(
        "inventory.approved",
        pgettext_lazy("kind of notice", "Approved"),
        _approved,
        _about,
        "circle-check",
    )
)
# a deadline of the recipient's, brought by a person
URGED = register_notice(
    NoticeKind(
        "inventory.urged",
        gettext_lazy("I am urged"),
        _urged,
        _urged_text,
        "message-report",
        is_immediate=True,
    )
)
URGE_ANSWERED = register_notice(
    NoticeKind(
        "inventory.urge_answered",
        gettext_lazy("Answers to my urging"),
        _answered,
        _answer,
        "message-2",
    )
)
LATER_GRANTS = register_notice(
    NoticeKind(
        "inventory.later_grants",
        gettext_lazy("Later grants on my list"),
        _later_grants,
        icon="calendar-plus",
    )
)
RETURNED_BY_PLATFORM = register_notice(
    NoticeKind(
        "inventory.platform_returned",
        gettext_lazy("Returned by the national platform"),
        _returned_by_platform,
        _about,
        "file-upload",
    )
)
POOL_DECIDED = register_notice(
    NoticeKind(
        "inventory.pool_decided",
        gettext_lazy("What the city decides about our nominations"),
        _pool_decided,
        _about,
        "database",
    )
)
WORKBOOK = register_notice(
    NoticeKind(
        "inventory.workbook",
        gettext_lazy("Round-trip workbooks for my unit"),
        _workbook,
        _workbook_help,
        "file-spreadsheet",
        is_immediate=True,
    )
)
