"""Forms of campaigns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.choices import CampaignKind, CampaignState
from inventory.models import Campaign
from portal.forms.merging import MergingForm
from portal.models import Organisation

PERIODS = ("objection_days", "appeal_days")


class CampaignForm(MergingForm):
    """A campaign with the institutions that take part."""

    together = {"follows": "kind", "days_to_file": "kind"}

    institutions = forms.ModelMultipleChoiceField(
        queryset=Organisation.objects.institutions().active(),
        required=False,
        label=_("Institutions that take part"),
        help_text=_(
            "Institutions that take part already stay, whatever is chosen here. Left blank in a new campaign that "
            "follows another, those of the other take part again."
        ),
        widget=forms.SelectMultiple(attrs={"data-select": ""}),
    )

    class Meta:
        model = Campaign
        fields = (
            "name",
            "kind",
            "follows",
            "scope",
            "cutoff_on",
            "base_day",
            "opens_on",
            "due_on",
            "days_to_file",
            "objection_days",
            "appeal_days",
        )
        widgets = {"kind": forms.RadioSelect}
        help_texts = {
            "follows": _(
                "A fixed campaign opens with the approved answers of this one; a rolling one takes the grants after "
                "its last grant day."
            ),
            "cutoff_on": _("The last grant announcement day that belongs to the campaign."),
            "base_day": _("Validity and holders are judged as of this day."),
            "days_to_file": _("Each grant is due so many days after its announcement."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PERIODS:
            self.fields[name].required = False
        follows = self.fields["follows"]
        before = Campaign.objects.filter(kind=CampaignKind.FIXED).exclude(pk=self.instance.pk)
        follows.queryset = before  # type: ignore[attr-defined]
        follows.empty_label = _("None: it stands by itself")  # type: ignore[attr-defined]
        # the due day of a rolling campaign follows from its last grant day
        self.fields["due_on"].required = False
        if self.instance.pk:
            self.fields["institutions"].initial = Organisation.objects.filter(
                participations__campaign=self.instance
            )
        if self.instance.pk and self.instance.state != CampaignState.DRAFT:
            self.fields["kind"].disabled = True
            follows.disabled = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk is None and data.get("follows") and not data.get("institutions"):
            data["institutions"] = (
                Organisation.objects.institutions()
                .active()
                .filter(participations__campaign=data["follows"])
            )
        for name in PERIODS:
            # a period left blank is the usual one, in a campaign that is there the one it has
            if data.get(name) is None and name not in self.errors:
                data[name] = getattr(self.instance, name)
        if data.get("kind") == CampaignKind.ROLLING:
            self._clean_rolling(data)
        else:
            data["days_to_file"] = None
            self.instance.granted_after = None
            if not data.get("due_on"):
                self.add_error("due_on", _("Say by when the stock-taking is due."))
            self._clean_following(data)
        return data

    def _clean_rolling(self, data: dict[str, Any]) -> None:
        before, last, days = (data.get(k) for k in ("follows", "cutoff_on", "days_to_file"))
        if before is None:
            self.add_error("follows", _("Choose the campaign whose later grants are taken."))
        if not days:
            self.add_error("days_to_file", _("Say how many days after the grant it is due."))
        if not (before and last and days):
            return
        if last <= before.cutoff_on:
            self.add_error(
                "cutoff_on", _("The last grant day must lie after that of the campaign followed.")
            )
            return
        self.instance.granted_after = before.cutoff_on
        data["due_on"] = last + timedelta(days=days)

    def _clean_following(self, data: dict[str, Any]) -> None:
        before, opens = data.get("follows"), data.get("opens_on")
        if before is None or opens is None:
            return
        if opens <= before.opens_on:
            self.add_error("opens_on", _("A campaign opens after the one it follows."))
        if data.get("cutoff_on") and data["cutoff_on"] < before.cutoff_on:
            self.add_error(
                "cutoff_on", _("The last grant day lies before that of the campaign followed.")
            )

    @property
    def changed_fields(self) -> list[str]:
        """The fields that were changed, with those that follow from them."""
        return [*self.changed_data, "due_on", "granted_after", "days_to_file"]
