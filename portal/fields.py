"""Model fields of the kernel: what is encrypted at rest, and what is searched in and never read."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from portal import crypto


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # not subscriptable when run
    """Text stored as a Fernet token; blank stays blank. Never filter on it: use its look-up column."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return crypto.encrypt(text) if text else text

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return crypto.decrypt(value) if value else value


class SealedJSONField(models.JSONField):
    """A JSON object whose personal texts (crypto.PERSONAL_KEYS) are encrypted in the database."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return crypto.seal(prepared) if isinstance(prepared, dict) else prepared

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        found = super().from_db_value(value, expression, connection)
        return crypto.unseal(found) if isinstance(found, dict) else found


class UnreadArrayField(ArrayField):  # type: ignore[type-arg]  # likewise
    """An array that conditions look into and no statement reads: selected, it is NULL.

    Search pieces are longer than the text they are cut from, and whoever selects a row with its patent would pay for
    them. In migrations it is the plain field: the column is the same.
    """

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, tuple[()]]:
        return "NULL", ()

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.contrib.postgres.fields.ArrayField", args, kwargs


class UnreadGeneratedField(models.GeneratedField):
    """A generated column that is not read back after an insert; in migrations the plain field."""

    db_returning = False  # type: ignore[assignment]  # the stubs take it for a constant

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs
