"""A notice as pages and mails show it, in the language that is active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from portal.models import Notice
from portal.notices.registry import notice_kind


@dataclass(frozen=True)
class NoticeLine:
    """A notice in words."""

    notice: Notice
    label: str
    title: str
    detail: str
    icon: str


def in_words(notice: Notice) -> NoticeLine:
    """Title and detail of a notice; of a kind this version does not know, its name."""
    kind = notice_kind(notice.kind)
    if kind is None:
        return NoticeLine(notice, notice.kind, notice.kind, "", "bell")
    params: dict[str, Any] = {**notice.params, "count": notice.count}
    return NoticeLine(notice, str(kind.label), kind.title(params), kind.detail(params), kind.icon)
