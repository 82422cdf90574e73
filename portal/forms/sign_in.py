"""Signing in and asking for a password link. New passwords use Django's own forms."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class SignInForm(forms.Form):
    """User name and password; whether they fit is the view's question to the services."""

    username = forms.CharField(
        label=_("User name"),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def refuse(self) -> None:
        """One answer for a wrong name, a wrong password, a deactivated account and a locked pair."""
        self.add_error(
            None,
            _(
                "User name or password are not right. After five failures signing in from here"
                " pauses for 15 minutes."
            ),
        )


class PasswordResetForm(forms.Form):
    email = forms.EmailField(
        label=_("Mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )
