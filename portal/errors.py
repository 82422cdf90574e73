"""Errors that mean something to a person. ValidationError is for input that can be mended."""

from typing import Any

from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """Legal input at the wrong moment: shown to the person, answered with 409."""

    status_code = 409

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


class InvalidTransition(DomainError):
    """The thing is not in a state from which this step is possible."""


class StaleVersion(DomainError):
    """Somebody else saved meanwhile: the writer saw an older version."""

    def __init__(self, seen: int, current: int) -> None:
        super().__init__(
            _("Somebody changed this record after you opened it. Reload, compare and save again.")
        )
        self.seen = seen
        self.current = current


class VersionRequired(DomainError):
    """A write that does not say which version it saw is refused (428)."""

    status_code = 428

    def __init__(self) -> None:
        super().__init__(_("The request does not say which version of the record it changes."))
