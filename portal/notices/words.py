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
    """Title and detail of a notice; of a kind this version does not know, its name.

    Of several acts in one notice, what each has to say stands in a line of its own, the last act first.
    """
    kind = notice_kind(notice.kind)
    if kind is None:
        return NoticeLine(notice, notice.kind, notice.kind, "", "bell")
    params: dict[str, Any] = {**notice.params, "count": notice.count}
    details = dict.fromkeys(kind.detail(act) for act in _acts(params))
    detail = "\n".join(each for each in details if each)
    return NoticeLine(notice, str(kind.label), kind.title(params), detail, kind.icon)


def _acts(params: dict[str, Any]) -> list[dict[str, Any]]:
    """The acts folded into one notice, each with its own count."""
    earlier = params.get("earlier", [])
    last = params["count"] - sum(act["count"] for act in earlier)
    return [{**params, "count": last}, *earlier]
