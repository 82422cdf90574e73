"""Transfers inside the scope as achievements: whose patents went on to another institution of the campaign."""

from __future__ import annotations

from django.db.models import Count, F

from inventory.models import BaseListEntry, Campaign, HolderChange


def achievements(campaign: Campaign) -> dict[int, int]:
    """{institution: patents it transferred to another institution of the campaign}, by the former holder."""
    came = BaseListEntry.objects.filter(
        campaign=campaign, came_by__from_organisation__isnull=False, is_included=True
    )
    found = came.values(former=F("came_by__from_organisation")).annotate(
        patents=Count("patent", distinct=True)
    )
    return dict(found.order_by().values_list("former", "patents"))


def since_base_day(campaign: Campaign) -> dict[int, int]:
    """{institution: patents whose change of holder was registered on the base day or later}: they stay on its list."""
    listed = BaseListEntry.objects.filter(campaign=campaign, is_included=True)
    changes = HolderChange.objects.filter(
        registered_on__gte=campaign.base_day,
        from_organisation__isnull=False,
        patent__base_entries__in=listed,
        patent__base_entries__institution=F("from_organisation"),
    )
    found = changes.values("from_organisation").annotate(patents=Count("patent", distinct=True))
    return dict(found.order_by().values_list("from_organisation", "patents"))
