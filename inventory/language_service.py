"""The port for a language-model service of the operator's choice: off unless settings.WRITING_SERVICE names one.

What leaves the portal is what the register publishes of the patent: title, abstract, first claim. The target is a
setting of the deployment, never input: HTTPS (plain HTTP to this machine only), its name resolved once and every
address checked, no redirects, bounded time and size. What goes wrong is a code, never the service's own words.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from django.conf import settings

MOST_BYTES: Final = 256 * 1024
#: The only fields of a patent that leave the portal.
PUBLISHED: Final = ("title", "abstract", "first_claim")
_TASKS: Final = {
    "advantages": "根据下列专利的公开文本，用中文写出对应产品、技术优势和性能指标，不超过500字，不得编造数据。",
    "prospects": "根据下列专利的公开文本，用中文写出产业化前景，不超过500字，不得编造数据和企业名称。",
}


class ServiceError(Exception):
    """The service gave no usable answer; `code` is one of CODES."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


#: address refused, no connection, time over, answered with an error, answer too large, answer not understood.
CODES: Final = ("address", "connection", "time", "status", "size", "answer")


class Writer(Protocol):
    """Whoever writes a text from what is published of a patent."""

    name: str

    def write(self, field: str, published: dict[str, str]) -> str:
        """A proposal for `advantages` or `prospects`; ServiceError without one."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the service is and how long it may take; times in seconds."""

    url: str
    model: str
    key: str = ""
    connect_timeout: float = 10
    total_timeout: float = 30
    allow_private: bool = False


def writer() -> Writer | None:
    """The writer of this deployment; None where none is set up (the default)."""
    configured: dict[str, Any] | None = settings.WRITING_SERVICE
    return HttpWriter(Target(**configured)) if configured else None


class HttpWriter:
    """Asks a service that speaks the widespread chat-completions JSON."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.name = target.model

    def write(self, field: str, published: dict[str, str]) -> str:
        words = "\n".join(f"{name}: {published[name]}" for name in PUBLISHED if published.get(name))
        asked = {
            "model": self.target.model,
            "messages": [
                {"role": "system", "content": _TASKS[field]},
                {"role": "user", "content": words},
            ],
        }
        return _text_of(_post(self.target, json.dumps(asked, ensure_ascii=False).encode()))


def _post(target: Target, body: bytes) -> bytes:
    """One request on one connection; redirects are answers with the wrong status."""
    until = time.monotonic() + target.total_timeout
    parts = urlsplit(target.url)
    connection = _connect(target)
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    if target.key:
        headers["Authorization"] = f"Bearer {target.key}"
    try:
        connection.request("POST", parts.path or "/", body, headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise ServiceError("status")
        return _read(answer, connection, until)
    except TimeoutError as problem:
        raise ServiceError("time") from problem
    except (OSError, http.client.HTTPException) as problem:
        raise ServiceError("connection") from problem
    finally:
        connection.close()


def _read(
    answer: http.client.HTTPResponse, connection: http.client.HTTPConnection, until: float
) -> bytes:
    """The body, in pieces, so that neither a slow drip nor a flood holds the worker."""
    pieces = bytearray()
    while True:
        left = until - time.monotonic()
        if left <= 0:
            raise ServiceError("time")
        if connection.sock is not None:
            connection.sock.settimeout(left)
        piece = answer.read1(64 * 1024)
        if not piece:
            return bytes(pieces)
        pieces += piece
        if len(pieces) > MOST_BYTES:
            raise ServiceError("size")


def _connect(target: Target) -> http.client.HTTPConnection:
    """A connection to the one address that was checked, under the service's own name."""
    parts = urlsplit(target.url)
    host = parts.hostname or ""
    is_tls = parts.scheme == "https"
    address = _checked_address(target, host, parts.port or (443 if is_tls else 80))
    if not is_tls and not ipaddress.ip_address(address[0]).is_loopback:
        raise ServiceError("address")
    try:
        raw = socket.create_connection(address, timeout=target.connect_timeout)
    except TimeoutError as problem:
        raise ServiceError("time") from problem
    except OSError as problem:
        raise ServiceError("connection") from problem
    raw.settimeout(target.total_timeout)
    connection = http.client.HTTPConnection(host, parts.port, timeout=target.total_timeout)
    try:
        connection.sock = (
            ssl.create_default_context().wrap_socket(raw, server_hostname=host) if is_tls else raw
        )
    except OSError as problem:
        raw.close()
        raise ServiceError("connection") from problem
    return connection


def _checked_address(target: Target, host: str, port: int) -> tuple[str, int]:
    """The first address, if every one the name has may be reached; resolved once, so it cannot flip."""
    if urlsplit(target.url).scheme not in ("https", "http") or not host:
        raise ServiceError("address")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise ServiceError("connection") from problem
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not addresses or not all(_may_reach(address, target) for address in addresses):
        raise ServiceError("address")
    return addresses[0], port


def _may_reach(text: str, target: Target) -> bool:
    """Public addresses; private ones and this machine where the operator says so; never link-local or metadata."""
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_global or target.allow_private


def _text_of(content: bytes) -> str:
    try:
        answer = json.loads(content)
        text = answer["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError) as problem:
        raise ServiceError("answer") from problem
    if not isinstance(text, str) or not text.strip():
        raise ServiceError("answer")
    return text
