"""Secrets of links never reach a log: the paths of invitations and of password resets are cut there."""

from __future__ import annotations

import logging
import re
from typing import Any

_SECRET = re.compile(
    r"((?:/|%2F)(?:join|password(?:/|%2F)reset(?:/|%2F)[^/%\s]+)(?:/|%2F))[\w\-=]{8,}", re.I
)
LOGGERS = ("gunicorn.access", "django.request", "django.security", "django.server")


def redacted(value: Any) -> Any:
    """A text without the secrets of links; other values as they are."""
    return _SECRET.sub(r"\1…", value) if isinstance(value, str) else value


class LinkSecrets(logging.Filter):
    """Cuts secrets out of a record's message and arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redacted(record.msg)
        if isinstance(record.args, dict):
            record.args = {name: redacted(value) for name, value in record.args.items()}
        elif isinstance(record.args, tuple):
            record.args = tuple(redacted(value) for value in record.args)
        return True


def keep_secrets() -> None:
    """Put the filter before every logger that writes addresses; called once when the portal starts."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, LinkSecrets) for each in logger.filters):
            logger.addFilter(LinkSecrets())
