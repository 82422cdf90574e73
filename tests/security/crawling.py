"""Walking through the portal as one person: every link, every filter, every address of an interface."""

from __future__ import annotations

import io
import re
import zipfile
from collections import deque
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.db import transaction

from portal.lists.registry import all_lists
from tests.conftest import PageClient
from tests.security.routes import body

LINKS = {"href", "hx-get", "data-drawer-url", "data-url", "src"}
# the same list in another order and with one filter is a page; with three filters it is the same code again
MOST_PARAMETERS = 2
# the number of the request and the time of the answer
VARYING = {"X-Request-ID", "Expires", "Last-Modified", "Date", "Content-Length"}
_JSON_LINK = re.compile(r'"https?://testserver(/[^"]*)"')


class Page(HTMLParser):
    """Links and forms of a page that are asked by GET."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._form: dict[str, list[str]] | None = None
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in ("link", "script", "img"):
            self.links += [given[name] for name in LINKS & set(given)]
        if tag == "form":
            self._form = {} if given.get("method", "get").lower() == "get" else None
            if self._form is not None:
                self.forms.append((given.get("action", ""), self._form))
        name = given.get("name", "")
        if self._form is not None and tag in ("input", "select", "textarea") and name:
            self._form.setdefault(name, [])
            self._select = name if tag == "select" else ""
            if given.get("type") in ("checkbox", "radio", "hidden"):
                self._form[name].append(given.get("value", ""))
        if self._form is not None and tag == "option" and self._select:
            self._form[self._select].append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def addresses(self) -> list[str]:
        """Where one may go from here: links, and each filter with two of its values."""
        found = [urljoin(self.address, link) for link in self.links]
        for action, fields in self.forms:
            base = urljoin(self.address, action or self.address)
            for name, values in fields.items():
                chosen = [value for value in values if value][:2] or ["演示"]
                found += [f"{base.partition('?')[0]}?{urlencode({name: v})}" for v in chosen]
        return found


def filters_of(text: str) -> set[str]:
    """Names of the parameters that the GET forms of a page send."""
    return {name for _action, fields in Page("/", text).forms for name in fields}


def offers_keys(text: str, name: str) -> bool:
    """Whether a filter lets one choose among records: its values are numbers, or it has none to choose."""
    chosen = [fields[name] for _action, fields in Page("/", text).forms if name in fields]
    values = [value for each in chosen for value in each if value]
    return all(value.isdecimal() for value in values)


def normal(address: str) -> str | None:
    """Path and sorted query of an address of ours; None for others and for the same list filtered thrice."""
    parts = urlsplit(address)
    if parts.netloc not in ("", "testserver") or not parts.path.startswith("/"):
        return None
    if parts.path.startswith("/static/"):
        return None
    query = sorted(set(parse_qsl(parts.query)))
    named = {name for spec in all_lists() for name in spec.scope}
    if len([name for name, _value in query if name not in named]) > MOST_PARAMETERS:
        return None
    return parts.path + (f"?{urlencode(query)}" if query else "")


#: the number of a form that is sent once only
ONCE = re.compile(rb'name="nonce" value="[0-9a-f-]{36}"')


def ask(client: PageClient, address: str) -> tuple[int, str, bytes]:
    """Status, headers and body; whatever the visit wrote is taken back."""
    with transaction.atomic():
        response = client.get(address)
        found = (response.status_code, _headers(response), _steady(body(response)))
        transaction.set_rollback(True)
    return found


def _steady(text: bytes) -> bytes:
    """What stays the same from one answer to the next: a workbook's cells, a page without its numbers of one use."""
    if not text.startswith(b"PK"):
        return ONCE.sub(b"once", text)
    with zipfile.ZipFile(io.BytesIO(text)) as archive:
        names = [name for name in archive.namelist() if not name.startswith("docProps/")]
        return b"".join(archive.read(name) for name in names)


def _headers(response: Any) -> str:
    """The headers but the number of the request."""
    kept = {name: value for name, value in response.items() if name not in VARYING}
    return repr(sorted(kept.items()))


def crawl(client: PageClient, seeds: list[str], most: int) -> dict[str, tuple[int, str, bytes]]:
    """Everything that can be reached from the seeds, nearest first."""
    waiting = deque(seeds)
    seen = set(seeds)
    found: dict[str, tuple[int, str, bytes]] = {}
    while waiting and len(found) < most:
        address = waiting.popleft()
        found[address] = ask(client, address)
        _status, headers, text = found[address]
        for link in _links(address, headers, text):
            target = normal(link)
            if target and target not in seen:
                seen.add(target)
                waiting.append(target)
    return found


def _links(address: str, headers: str, text: bytes) -> list[str]:
    location = re.search(r"\('Location', '([^']*)'\)", headers)
    if location:
        return [urljoin(address, location.group(1))]
    if "application/json" in headers:
        return _JSON_LINK.findall(text.decode())
    return Page(address, text.decode()).addresses() if "text/html" in headers else []
