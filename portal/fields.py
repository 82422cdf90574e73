"""Model fields of the kernel: text encrypted at rest."""

from typing import Any

from django.db import models

from portal import crypto


class EncryptedTextField(models.TextField):  # type: ignore[type-arg] - not subscriptable when run
    """Text stored as a Fernet token; blank stays blank. Never filter on it: use its look-up column."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return crypto.encrypt(text) if text else text

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return crypto.decrypt(value) if value else value
