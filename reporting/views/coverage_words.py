"""The board's figures in words: headline, deadline, trend, tabs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.choices import OrganisationKind
from portal.models import Membership
from portal.templatetags.portal_tags import percent, whole
from reporting.choices import Dimension
from reporting.models import CoverageSnapshot
from reporting.queries.board import BoardRow, TrendPoint, is_untransformed_headline

NEAR = 30


def headline(total: BoardRow, snapshot: CoverageSnapshot) -> list[dict[str, Any]]:
    """The figures on top: the clock, the campaign's own rate before the other, what is missing."""
    counts, urls = total.counts, total.urls
    rates = [
        _figure(
            _("Coverage"),
            percent(counts.rate),
            urls["covered"],
            f"{whole(counts.covered)} / {whole(counts.due)}",
        ),
        _figure(
            _("Coverage of the untransformed"),
            percent(counts.untransformed_rate),
            urls["untransformed_covered"],
            f"{whole(counts.untransformed_covered)} / {whole(counts.untransformed)}",
        ),
    ]
    if is_untransformed_headline(snapshot):
        rates.reverse()
    return [deadline(total, snapshot), *rates, _uploaded(total), _open(total)]


def _uploaded(total: BoardRow) -> dict[str, Any]:
    counts = total.counts
    hint = f"{whole(counts.uploaded)} / {whole(counts.due)}"
    return _figure(_("Upload rate"), percent(counts.uploaded_rate), total.urls["uploaded"], hint)


def _open(total: BoardRow) -> dict[str, Any]:
    counts = total.counts
    return _figure(
        _("Overdue and not complete") if total.is_late else _("Not complete"),
        whole(counts.open),
        total.urls["open"],
        _("%(count)s of them not filed") % {"count": whole(counts.unfiled)},
        "danger" if total.is_late else "",
    )


def pieces(total: BoardRow) -> list[dict[str, Any]]:
    """The counts below the rates."""
    counts, urls = total.counts, total.urls
    revising = _("%(count)s being revised") % {"count": whole(counts.revising)}
    of_complete = _("%(share)s of the complete")
    return [
        _figure(_("To be inventoried"), whole(counts.due), urls["due"]),
        _figure(
            _("Stock-taking complete"),
            whole(counts.covered),
            urls["covered"],
            revising if counts.revising else "",
        ),
        _figure(
            _("Waiting for review"),
            whole(counts.waiting),
            urls["waiting"],
            _("unit %(unit)s, institution %(institution)s")
            % {"unit": whole(counts.unit_review), "institution": whole(counts.institution_review)},
        ),
        _figure(
            _("Three stars and up"),
            whole(counts.three_stars_up),
            urls["three_stars_up"],
            of_complete % {"share": percent(counts.three_stars_rate)},
        ),
        _figure(
            _("Transformed"),
            whole(counts.transformed),
            urls["transformed"],
            of_complete % {"share": percent(counts.transformed_rate)},
        ),
        *_afterwards(total),
        _figure(_("Excluded"), whole(counts.excluded), urls["excluded"]),
    ]


def _afterwards(total: BoardRow) -> list[dict[str, Any]]:
    """What became of complete dossiers: the pool, the national platform."""
    counts, urls = total.counts, total.urls
    return [
        _figure(
            _("In the city pool"),
            whole(counts.admitted),
            urls["admitted"],
            _("%(count)s nominated or in it") % {"count": whole(counts.in_pool)},
        ),
        _figure(
            _("Changed since the upload"), whole(counts.upload_changed), urls["upload_changed"]
        ),
        _figure(
            _("Returned by the platform"),
            whole(counts.upload_returned),
            urls["upload_returned"],
            tone="danger" if counts.upload_returned else "",
        ),
    ]


def deadline(total: BoardRow, snapshot: CoverageSnapshot) -> dict[str, Any]:
    """Days left, or days overdue, on the day of the figures."""
    days = (snapshot.due_on - snapshot.valid_on).days
    hint = _("due on %(day)s") % {"day": snapshot.due_on.isoformat()}
    if days >= 0:
        text = ngettext("%(count)s day", "%(count)s days", days) % {"count": whole(days)}
        is_near = days <= NEAR and total.counts.open > 0
        return _figure(_("Time left"), text, "", hint, "warning" if is_near else "")
    text = ngettext("%(count)s day", "%(count)s days", -days) % {"count": whole(-days)}
    if not total.counts.open:
        return _figure(_("Since the deadline"), text, "", hint, "success")
    return _figure(_("Overdue for"), text, "", hint, "danger")


def _figure(label: str, value: str, url: str, hint: str = "", tone: str = "") -> dict[str, Any]:
    return {"label": label, "value": value, "url": url, "hint": hint, "tone": tone}


def trend_lines(
    points: list[TrendPoint], total: BoardRow, snapshot: CoverageSnapshot
) -> list[dict[str, Any]]:
    """Past days and the day shown, as table and chart read them."""
    now = TrendPoint(snapshot.valid_on, total.counts)
    past = [point for point in points if point.day < snapshot.valid_on]
    return [
        {
            "day": point.day,
            "counts": point.counts,
            "rate": _hundred(point.counts.rate),
            "untransformed_rate": _hundred(point.counts.untransformed_rate),
        }
        for point in (*past, now)
    ]


def _hundred(share: Any) -> str:
    """A share as the chart reads it; nothing where there is no denominator."""
    return "" if share is None else f"{share * 100:.1f}"


def tabs(request: HttpRequest, membership: Membership) -> list[dict[str, Any]]:
    """Ways to cut the figures; bureaus below the city see their institutions only."""
    names = [Dimension.INSTITUTION]
    if membership.organisation.kind == OrganisationKind.LEAD_BUREAU:
        names += [Dimension.AFFILIATION, Dimension.BUREAU, Dimension.DISTRICT]
    current = request.GET.get("by", "")
    current = current if current in names else Dimension.INSTITUTION
    kept = {name: request.GET[name] for name in ("campaign", "day") if request.GET.get(name)}
    return [
        {
            "name": name.value,
            "label": _("By %(dimension)s") % {"dimension": name.label},
            "url": f"?{urlencode({**kept, 'by': name.value})}#table",
            "is_current": name == current,
        }
        for name in names
    ]
