"""Which kinds of notice exist. Apps register theirs in AppConfig.ready; services.notices.notify sends them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Words = Callable[[Mapping[str, Any]], str]


def no_words(params: Mapping[str, Any]) -> str:
    """A kind that says everything in its title."""
    return ""


@dataclass(frozen=True)
class NoticeKind:
    """One kind of notice.

    `title` and `detail` make plain text from the params of a notice, among them `count`, when it is read or mailed: in
    the reader's language, so keep keys and figures in params, not sentences. `is_immediate` is for "assigned to me" and
    "my deadline": mailed at once unless the person chose otherwise; all others go into the daily mail.
    """

    name: str
    label: Any
    title: Words
    detail: Words = no_words
    icon: str = "bell"
    is_immediate: bool = False


_kinds: dict[str, NoticeKind] = {}


def register_notice(kind: NoticeKind) -> NoticeKind:
    """Make a kind known; returns it, so that a module can keep it as a constant."""
    _kinds[kind.name] = kind
    return kind


def notice_kind(name: str) -> NoticeKind | None:
    return _kinds.get(name)


def notice_kinds() -> list[NoticeKind]:
    """All kinds, those mailed at once first, then by name."""
    return sorted(_kinds.values(), key=lambda kind: (not kind.is_immediate, kind.name))
