"""The port for a language-model service: off by default, only what is published leaves, what goes wrong is a code."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from inventory.choices import DossierState, DraftOrigin
from inventory.language_service import MOST_BYTES, HttpWriter, ServiceError, Target, writer
from inventory.models import BaseListEntry, Dossier, TextDraft
from inventory.services import language_drafts
from portal.environment import env_writing_service
from portal.errors import DomainError
from portal.jobs import runner
from portal.models import Job
from tests import factories
from tests.conftest import Cast, PageClient

Answer = Callable[[BaseHTTPRequestHandler], None]


def says(text: Any) -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}}]}).encode()


class Service:
    """A service on this machine that remembers what it was asked and answers as told."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.status, self.body, self.more = 200, says("提高了效率。"), {}
        self.pause = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                outer.asked.append(json.loads(self.rfile.read(size)))
                outer.headers.append(dict(self.headers))
                self.send_response(outer.status)
                for name, value in outer.more.items():
                    self.send_header(name, value)
                self.end_headers()
                for place in range(0, len(outer.body), 65_536):
                    time.sleep(outer.pause)
                    try:
                        self.wfile.write(outer.body[place : place + 65_536])
                    except OSError:
                        return

            def log_message(self, *args: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/chat/completions"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


def target(url: str, **more: Any) -> Target:
    return Target(url=url, model="demo-model", allow_private=True, **more)


def ask(url: str, **more: Any) -> str:
    return HttpWriter(target(url, **more)).write("advantages", {"title": "一种装置"})


def code_of(url: str, **more: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        ask(url, **more)
    return caught.value.code


def test_the_answer_is_the_text_of_the_first_choice(service: Service) -> None:
    assert ask(service.url, key="secret-key") == "提高了效率。"
    assert service.headers[0]["Authorization"] == "Bearer secret-key"
    assert service.asked[0]["model"] == "demo-model"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, b"stack trace with secrets", "status"),
        (302, b"", "status"),
        (200, b"not json", "answer"),
        (200, b"{}", "answer"),
        (200, b'{"choices": []}', "answer"),
        (200, says(None), "answer"),
        (200, says("  "), "answer"),
        (200, b"[1]", "answer"),
        (200, b"x" * (MOST_BYTES + 1), "size"),
    ],
)
def test_what_goes_wrong_is_a_code(service: Service, status: int, body: bytes, code: str) -> None:
    service.status, service.body = status, body
    service.more = {"Location": "http://127.0.0.1:1/"} if status == 302 else {}

    assert code_of(service.url) == code
    assert len(service.asked) == 1


def test_a_slow_drip_ends_with_the_time(service: Service) -> None:
    service.body, service.pause = b"x" * 65_536 * 3, 0.4

    assert code_of(service.url, total_timeout=0.5) == "time"


def test_nobody_there_is_a_code() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    assert code_of(f"http://127.0.0.1:{port}/") == "connection"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[fe80::1]",
        "[fd00::1]",
        "224.0.0.1",
    ],
)
def test_private_addresses_are_refused_in_every_spelling(host: str) -> None:
    writer = HttpWriter(Target(url=f"https://{host}/v1", model="m"))

    with pytest.raises(ServiceError) as caught:
        writer.write("advantages", {"title": "x"})

    assert caught.value.code == "address"


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1"])
def test_link_local_addresses_are_refused_even_where_private_ones_are_allowed(host: str) -> None:
    assert code_of(f"https://{host}/v1") == "address"


def test_plain_http_goes_to_this_machine_only() -> None:
    assert code_of("http://10.1.2.3/v1") == "address"


def test_a_name_is_resolved_once(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that flips to another address after the check changes nothing: the checked address is used."""
    real, calls = socket.getaddrinfo, []

    def flipping(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        calls.append(host)
        return real("127.0.0.1" if host == "service.test" else host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", flipping)

    ask(service.url.replace("127.0.0.1", "service.test"))

    assert calls.count("service.test") == 1


# --- settings ---------------------------------------------------------------------------------------


def test_it_is_off_by_default(settings: Any) -> None:
    assert settings.WRITING_SERVICE is None
    assert writer() is None
    assert env_writing_service("NO_SUCH_SERVICE") is None


def test_the_key_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    key = tmp_path / "key"
    key.write_text("from-a-file\n", encoding="utf-8")
    monkeypatch.setenv("SERVICE_URL", "https://service.example/v1")
    monkeypatch.setenv("SERVICE_MODEL", "m")
    monkeypatch.setenv("SERVICE_KEY_FILE", str(key))

    found = env_writing_service("SERVICE")

    assert found is not None
    assert (found["key"], found["allow_private"]) == ("from-a-file", False)
    Target(**found)  # type: ignore[arg-type]


# --- the job ----------------------------------------------------------------------------------------


@pytest.fixture
def entry(cast: Cast) -> BaseListEntry:
    patent = factories.patent(
        cast.university,
        title="一种石墨烯散热膜",
        abstract="本发明提高了导热效率。",
        inventors=[cast.inventor.user],
    )
    return factories.entry(
        cast.participation,
        patent,
        state=DossierState.DRAFT,
        is_filled=True,
        unit=cast.school,
        responsible=cast.inventor.user,
        prospects="内部未公开的前景",
        contact_name="内部联系人",
    )


@pytest.fixture
def configured(settings: Any, service: Service) -> Service:
    settings.WRITING_SERVICE = {"url": service.url, "model": "demo-model", "allow_private": True}
    return service


@pytest.mark.django_db
def test_a_draft_is_kept_with_its_origin_and_only_published_words_left(
    cast: Cast, entry: BaseListEntry, configured: Service
) -> None:
    configured.body = says("第一句。" + "很长" * 300 + "。第三句。")
    language_drafts.ask_for_draft(dossier=entry.dossier, name="advantages", actor=cast.inventor)

    runner.run_due("test-worker")

    made = TextDraft.objects.get()
    assert (made.origin, made.model_name, made.text) == (
        DraftOrigin.SERVICE,
        "demo-model",
        "第一句。",
    )
    sent = json.dumps(configured.asked, ensure_ascii=False)
    assert "石墨烯散热膜" in sent
    for secret in ("内部未公开的前景", "内部联系人", cast.inventor.user.name, entry.patent.number):
        assert secret not in sent
    assert Dossier.objects.get(pk=entry.dossier_id).version == 1


@pytest.mark.django_db
def test_a_fault_of_the_service_is_a_sentence_with_its_code(
    cast: Cast, entry: BaseListEntry, configured: Service
) -> None:
    configured.status, configured.body = 500, b"internal words of the service"
    language_drafts.ask_for_draft(dossier=entry.dossier, name="prospects", actor=cast.inventor)

    runner.run_due("test-worker")

    job = Job.objects.get()
    assert "(status)" in job.error
    assert "internal words" not in job.error
    assert not TextDraft.objects.exists()


@pytest.mark.django_db
def test_without_a_service_nothing_is_asked_and_no_button_shown(
    cast: Cast, entry: BaseListEntry, client_of: Callable[..., PageClient]
) -> None:
    with pytest.raises(DomainError):
        language_drafts.ask_for_draft(dossier=entry.dossier, name="advantages", actor=cast.inventor)
    page = client_of(cast.inventor).get(f"/inventory/dossiers/{entry.dossier_id}/edit/")

    assert 'form="service-form"' not in page.content.decode()
    assert not Job.objects.exists()
