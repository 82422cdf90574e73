"""Why a dossier goes back, and how far; why it is reopened."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.choices import DossierState
from portal.models import Membership

EARLIER = (
    (DossierState.DRAFT, _("The person who files it")),
    (DossierState.UNIT_REVIEW, _("The unit")),
    (DossierState.INSTITUTION_REVIEW, _("The institution's review")),
)


class ReturnForm(forms.Form):
    """A return needs a step and a reason."""

    to_state = forms.ChoiceField(choices=EARLIER, label=_("Back to"), initial=DossierState.DRAFT)
    reason = forms.CharField(
        max_length=500, label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3})
    )


class ReturnManyForm(ReturnForm):
    """The same for many at once."""

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class ReviseForm(forms.Form):
    reason = forms.CharField(max_length=500, label=_("Reason"))


class BulkReviseForm(ReviseForm):
    """The same for many at once."""

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class ConfirmForm(forms.Form):
    """Confirming unchanged, approving and handing in many may carry a note."""

    reason = forms.CharField(
        required=False,
        max_length=500,
        label=_("Note"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
