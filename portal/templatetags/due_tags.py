"""How far a due day is, as to-do lists and work lists show it."""

import datetime as dt

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock
from portal.templatetags.portal_tags import DASH, badge

register = template.Library()

SOON = 7


@register.simple_tag
def days_left(due_on: dt.date | None) -> SafeString | str:
    """How far a due day is, as a badge: late, today, within a week, later; a dash without a day."""
    if due_on is None:
        return DASH
    days = (due_on - clock.today()).days
    if days < 0:
        words = ngettext("%(days)d day late", "%(days)d days late", -days) % {"days": -days}
        return badge("tone", "danger", words)
    if days == 0:
        return badge("tone", "warning", _("Today"))
    words = ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
    return badge("tone", "warning" if days <= SOON else "info", words)
