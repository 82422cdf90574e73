"""What the pages of campaigns show, shaped for the templates."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from inventory.models import Campaign, CampaignInstitution
from inventory.queries import milestones
from inventory.queries.milestones import Progress, Standing
from inventory.queries.plans import with_plan
from inventory.services import carry_over
from portal import clock
from portal.models import Membership


def rows(
    participations: QuerySet[CampaignInstitution], membership: Membership
) -> list[dict[str, Any]]:
    """The institutions with plan, progress and milestones; the latest against a milestone first, then by name."""
    today = clock.today()
    found = milestones.standings(participations, today)
    counted = milestones.progress(participations, today)
    shown = with_plan(participations.select_related("institution", "responsible_unit"))
    made = [
        _row(each, found[each.pk], counted.get(each.pk, Progress()), membership)
        for each in shown.order_by("institution__name_key")
    ]
    return sorted(made, key=lambda row: (-row["days_late"], -row["progress"].overdue))


def _row(
    participation: CampaignInstitution,
    standings: list[Standing],
    progress: Progress,
    membership: Membership,
) -> dict[str, Any]:
    is_own = membership.is_of_institution
    query = {"campaign": participation.campaign_id}
    if not is_own:
        query["institution"] = participation.institution_id
    shown: list[dict[str, Any]] = [
        {"it": each, "url": each.url(with_institution=not is_own)} for each in standings
    ]
    base = f"{reverse('inventory:entry-list')}?{urlencode(query)}"
    return {
        "it": participation,
        "progress": progress,
        "standings": shown,
        # those of the campaign, in the order of its milestones: an own, earlier day stands in their place
        "cells": sorted(
            (one for one in shown if not one["it"].is_own or one["it"].replaces is not None),
            key=_place,
        ),
        "days_late": max((each.days_late for each in standings), default=0),
        "urls": {
            "total": f"{base}&included=yes",
            "complete": f"{base}&standing=done",
            "overdue": f"{base}&late=yes",
        },
    }


def _place(shown: dict[str, Any]) -> tuple[date, int]:
    """Where a milestone stands among those of the campaign."""
    each: Standing = shown["it"]
    return each.general_due_on, each.replaces or each.milestone


def consequences(campaign: Campaign) -> list[dict[str, Any]]:
    """What opening does to lists: counts for components/confirm.html."""
    institutions = campaign.participations.count()
    found = [_line(institutions, _("institutions can work on it"))]
    if not carry_over.sources_of(campaign):
        return found
    counted = carry_over.preview(campaign)
    found.append(
        _line(counted.carried, _("entries come along with their approved answers"), "success")
    )
    more = (
        (counted.new_holders, _("entries are made for institutions that hold a patent now")),
        (counted.holders_changed, _("stay behind: the institution holds the patent no more")),
        (counted.ended, _("stay behind: the right has ended")),
        (counted.excluded, _("stay behind: excluded before")),
        (counted.later, _("stay behind: granted after the last grant day")),
        (counted.left, _("stay behind: the institution does not take part")),
    )
    return found + [_line(count, text) for count, text in more if count]


def _line(count: int, text: str, tone: str = "neutral") -> dict[str, Any]:
    return {"count": count, "text": text, "tone": tone}
