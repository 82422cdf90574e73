"""How a person wants to be told: one choice per kind of notice, and the language of mails."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portal.choices import NoticeDelivery
from portal.forms.merging import Merging
from portal.models import NoticeSettings
from portal.notices.registry import notice_kinds
from portal.services.notices import wishes_of


class NoticeSettingsForm(Merging, forms.Form):
    """A field per registered kind, named after it."""

    language = forms.ChoiceField(label=_("Language of mails"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, stored: NoticeSettings | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = stored or NoticeSettings(version=0)
        self.stored = wishes_of(stored)
        self.initial = {**self.stored, **self.initial}
        for kind in notice_kinds():
            self.fields[kind.name] = forms.ChoiceField(
                label=kind.label, choices=NoticeDelivery.choices
            )

    def deliveries(self) -> dict[str, str]:
        return {kind.name: self.cleaned_data[kind.name] for kind in notice_kinds()}

    def kinds(self) -> list[forms.BoundField]:
        """The choices per kind, in order."""
        return [self[kind.name] for kind in notice_kinds()]
