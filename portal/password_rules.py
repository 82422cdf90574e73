"""Composition of passwords, as GB/T 22239-2019 8.1.4.1 a) asks; ASVS 6.2.5 advises against: one line of settings."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.models import User

CLASSES_WANTED = 3


class ThreeClassesValidator:
    """At least three of: capital letters, small letters, digits, other characters."""

    def validate(self, password: str, user: User | None = None) -> None:
        classes = {self._class_of(letter) for letter in password}
        if len(classes) < CLASSES_WANTED:
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        return _("Use at least three of: capital letters, small letters, digits, other characters.")

    @staticmethod
    def _class_of(letter: str) -> str:
        if letter.isdigit():
            return "digit"
        if letter.isupper():
            return "capital"
        if letter.islower():
            return "small"
        return "without case" if letter.isalpha() else "other"
