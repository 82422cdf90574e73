"""The routes of the resolver, and one question to each."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.conftest import PageClient

# tables whose rows are traces of a visit, not business
TRACES = {
    "portal_auditentry",
    "django_session",
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
    "portal_signinthrottle",
}
_TOKENS = (
    re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+'),
    re.compile(rb'(name="csrf-token" content=")[^"]+'),
    re.compile(rb'(name="nonce" value=")[^"]+'),
)


@dataclass(frozen=True)
class Question:
    """A request as it will be sent: the same for every role."""

    method: str
    path: str
    data: Any = None
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def ask(self, client: Client) -> Any:
        more: dict[str, Any] = {"headers": dict(self.headers)}
        if self.content_type:
            more["content_type"] = self.content_type
        cookies = copy.deepcopy(client.cookies)  # signing out must not sign out the next question
        try:
            return getattr(client, self.method.lower())(self.path, self.data, **more)
        finally:
            client.cookies = cookies


@cache
def all_routes() -> dict[str, str]:
    """name with namespace → pattern, of everything the resolver knows."""
    return dict(_walk(get_resolver().url_patterns))


def _walk(patterns: Any, before: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, path, inner)
        else:
            assert isinstance(pattern, URLPattern)
            yield f"{space}{pattern.name or path}", path


def path_of(name: str, key: Any = None) -> str:
    """The address of a route for a record, or for what a query string names."""
    if name == "portal:password-reset-confirm":
        return reverse(name, args=["MQ", "no-such-link"])
    if "<" in all_routes()[name]:
        return reverse(name, args=[key])
    return reverse(name) + (f"?{key}" if key else "")


def business_tables() -> list[str]:
    names = set(connection.introspection.table_names())
    # partitions are read through their parent
    return sorted(name for name in names - TRACES if not name.startswith("portal_auditentry_"))


def digest() -> str:
    """A fingerprint of all business rows."""
    parts = [
        f"SELECT '{name}' AS part, md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
        f' AS sum FROM "{name}" t'
        for name in business_tables()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT md5(string_agg(part || sum, '|' ORDER BY part)) FROM ({' UNION ALL '.join(parts)}) x"
        )
        return str(cursor.fetchone()[0])


def audit_count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM portal_auditentry")
        return int(cursor.fetchone()[0])


def body(response: Any) -> bytes:
    """The whole body, without what differs each time."""
    raw = b"".join(response.streaming_content) if response.streaming else response.content
    for token in _TOKENS:
        raw = token.sub(rb"\1x", raw)
    return bytes(raw)


def without_key(text: bytes, key: Any) -> bytes:
    """The body without the key it was asked for: in addresses, or the whole query string."""
    if isinstance(key, str):
        for form in (key, key.replace("&", "&amp;")):
            text = text.replace(form.encode(), b"key")
    return text.replace(f"/{key}/".encode(), b"/key/")


def outcome(response: Any) -> str:
    """ok, login, or the status as text."""
    if response.status_code in (301, 302, 303):
        return "login" if response["Location"].startswith(reverse("portal:sign-in") + "?") else "ok"
    return "ok" if response.status_code in (200, 201, 204) else str(response.status_code)


def csrf_client(session_of: PageClient) -> Client:
    """The same person in a browser that sends no CSRF token."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = session_of.cookies
    return client
