"""What the board is asked for: a campaign and a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from inventory.choices import CampaignState
from inventory.models import Campaign
from portal import clock
from portal.models import Membership


class BoardForm(forms.Form):
    """Campaign and day of the board; both may be left out."""

    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(), required=False, label=_("Campaign"), empty_label=None
    )
    day = forms.DateField(required=False, label=_("As of day"))

    def __init__(self, data: Any, *, membership: Membership) -> None:
        super().__init__(data, auto_id="board_%s")
        campaigns = Campaign.objects.visible_to(membership)
        field = self.fields["campaign"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = campaigns
        self.offered = campaigns
        self.fields["day"].widget.attrs["max"] = clock.today().isoformat()

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        campaign, day = cleaned.get("campaign"), cleaned.get("day")
        if day and day > clock.today():
            raise ValidationError({"day": _("This day is still to come.")})
        if day and campaign and day < campaign.opens_on:
            raise ValidationError({"day": _("The campaign had not opened on this day.")})
        return cleaned

    def choice(self) -> tuple[Campaign | None, date | None]:
        """The campaign asked for, else the newest open one; and the day, if it is a past one."""
        is_valid = self.is_valid()
        offered = list(self.offered)
        running = [campaign for campaign in offered if campaign.state == CampaignState.OPEN]
        usual = next(iter(running or offered), None)
        campaign = self.cleaned_data.get("campaign") or usual
        day = self.cleaned_data.get("day") if is_valid else None
        return campaign, day if day and day < clock.today() else None
