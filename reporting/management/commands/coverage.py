"""`manage.py coverage`: the figures of the board, counted at once, for scripts."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.choices import CampaignState
from inventory.models import Campaign
from portal import clock
from portal.models import Organisation
from reporting.choices import Dimension
from reporting.queries import counting
from reporting.queries.figures import as_numbers
from reporting.queries.rows import group_label


class Command(BaseCommand):
    help = "Count the coverage of a campaign: by city, affiliation, bureau, district, institution."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--campaign", help="Name or number; default: the newest open one.")
        parser.add_argument(
            "--as-of", type=date.fromisoformat, help="Day, e.g. 2024-06-30; default: today."
        )
        parser.add_argument("--json", action="store_true", help="Print JSON.")

    def handle(self, **options: Any) -> None:
        campaign = self._campaign(options["campaign"])
        day = options["as_of"] or clock.today()
        coverage = counting.count_coverage(campaign, day, counting.settled_moment())
        report = self._report(campaign, coverage)
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{campaign.name}  {report['as_of']}  ({report['known_at']})")
        for figure in report["figures"]:
            rate = figure["rate"] if figure["rate"] is not None else "—"
            self.stdout.write(
                f"{figure['dimension']:<12} {figure['name']}: {figure['covered']} / {figure['due']} = {rate}"
            )

    def _campaign(self, wanted: str | None) -> Campaign:
        campaigns = Campaign.objects.all()
        if wanted is None:
            found = campaigns.filter(state=CampaignState.OPEN).first() or campaigns.first()
        else:
            found = campaigns.filter(name=wanted).first()
            if found is None and wanted.isdecimal():
                found = campaigns.filter(pk=int(wanted)).first()
        if found is None:
            raise CommandError("There is no such campaign.")
        return found

    def _report(self, campaign: Campaign, coverage: counting.Coverage) -> dict[str, Any]:
        names = {str(pk): name for pk, name in Organisation.objects.values_list("pk", "name")}
        return {
            "campaign": campaign.name,
            "campaign_id": campaign.pk,
            "scope": campaign.scope,
            "due_on": campaign.due_on.isoformat(),
            "as_of": coverage.valid_on.isoformat(),
            "known_at": coverage.known_at.isoformat(),
            "figures": [
                {
                    "dimension": group.dimension,
                    "key": group.key,
                    "name": _name(group.dimension, group.key, names),
                    **as_numbers(coverage.counts[group.dimension, group.key]),
                }
                for group in coverage.groups
            ],
        }


def _name(dimension: str, key: str, names: dict[str, str]) -> str:
    if dimension == Dimension.CITY:
        return str(Dimension.CITY.label)
    if dimension in (Dimension.INSTITUTION, Dimension.BUREAU):
        return names.get(key, key)
    return group_label(dimension, key)
