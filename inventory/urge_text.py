"""The words of an urging: a text with figures to fill in, and one to paste into a chat group. No personal data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock

if TYPE_CHECKING:
    from inventory.models import Campaign
    from inventory.queries.late import Target

LONGEST = 1500


def standard_text(campaign: Campaign) -> str:
    """What the form begins with; marks in braces are filled in for each recipient."""
    return _(
        "{name}: in “%(campaign)s” {open} of {total} patents are not complete, due on {due} ({state})."
        " Please finish them and answer here by which day."
    ) % {"campaign": campaign.name}


def filled_in(text: str, target: Target) -> str:
    """The text as this recipient reads it; unknown marks stay as they are."""
    marks = {
        "{name}": target.name,
        "{open}": str(target.open),
        "{total}": str(target.total),
        "{due}": target.due_on.isoformat(),
        "{state}": state_in_words(target.days_late),
    }
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text


def state_in_words(days_late: int) -> str:
    if days_late > 0:
        return ngettext("%(days)d day late", "%(days)d days late", days_late) % {"days": days_late}
    if days_late == 0:
        return _("due today")
    return ngettext("%(days)d day left", "%(days)d days left", -days_late) % {"days": -days_late}


def chat_text(campaign: Campaign, targets: Sequence[Target], link: str, *, names: bool) -> str:
    """Plain lines for a chat group; without names where the targets are people."""
    head = _("“%(campaign)s”, as of %(day)s, due on %(due)s:") % {
        "campaign": campaign.name,
        "day": clock.today().isoformat(),
        "due": campaign.due_on.isoformat(),
    }
    if names:
        lines = [
            _("%(name)s: %(open)s of %(total)s not complete")
            % {"name": each.name, "open": each.open, "total": each.total}
            for each in targets
        ]
    else:
        number = sum(each.open for each in targets)
        lines = [
            ngettext(
                "%(people)s person, %(open)s patents not complete",
                "%(people)s people, %(open)s patents not complete",
                len(targets),
            )
            % {"people": len(targets), "open": number}
        ]
    return "\n".join([head, *lines, _("Please see to it: %(link)s") % {"link": link}])
