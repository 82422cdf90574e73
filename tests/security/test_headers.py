"""What every answer carries, what production is set to, and lists that give nothing away by their parameters."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from tests import factories
from tests.conftest import Cast, PageClient, signed_in
from tests.security import routes
from tests.security.crawling import filters_of
from tests.security.matrix import rows

pytestmark = pytest.mark.django_db
ROOT = Path(settings.BASE_DIR)
POLICY = {
    "default-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "object-src": {"'none'"},
    "base-uri": {"'none'"},
    "frame-ancestors": {"'none'"},
    "form-action": {"'self'"},
}
PUBLIC = ("portal:sign-in", "portal:password-reset", "portal:password-reset-done")


def listing_routes() -> list[str]:
    """Every page without a record in its address."""
    return [
        row.name
        for row in rows().values()
        if "GET" in row.outcomes and not row.record and row.name != "set_language"
    ]


def best_client(cast: Cast, name: str) -> PageClient:
    """Somebody who may open the page."""
    allowed = rows()[name].outcomes["GET"]
    for role in ("manager", "city", "enterprise", "system_admin", "audit_admin"):
        if allowed[role] == "ok":
            return signed_in(getattr(cast, role))
    raise AssertionError(name)


def policy_of(response: Any) -> dict[str, set[str]]:
    parts = [
        part.split() for part in response["Content-Security-Policy"].split(";") if part.strip()
    ]
    return {name: set(values) for name, *values in parts}


@pytest.mark.parametrize("name", listing_routes())
def test_every_page_is_guarded(cast: Cast, name: str) -> None:
    response = best_client(cast, name).get(routes.path_of(name), follow=True)

    assert response.status_code == 200
    assert policy_of(response) == POLICY
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert uuid.UUID(response["X-Request-ID"]).version == 4


@pytest.mark.parametrize("name", listing_routes())
def test_pages_load_nothing_from_elsewhere(cast: Cast, name: str) -> None:
    response = best_client(cast, name).get(routes.path_of(name), follow=True)
    text = routes.body(response).decode(errors="replace")

    loaded = re.findall(
        r'<(?:script|link|img|iframe|form)[^>]*?(?:src|href|action)="([^"]*)"', text
    )
    assert [each for each in loaded if each.startswith(("http:", "https:", "//", "data:"))] == []
    assert re.findall(r"\son[a-z]+=|\sstyle=|<style|hx-on|js:|javascript:", text) == []
    assert [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag] == []


@pytest.mark.parametrize(
    "name", [n for n in listing_routes() if n not in PUBLIC and "reset" not in n]
)
def test_pages_behind_the_sign_in_are_never_kept(cast: Cast, name: str) -> None:
    response = best_client(cast, name).get(routes.path_of(name))

    said = response.get("Cache-Control", "")
    assert "no-store" in said, said


@pytest.mark.parametrize(
    "path", ["/no-such-page/", "/inventory/dossiers/999999999/", "/api/patents/999999999/"]
)
def test_error_pages_are_guarded(cast: Cast, path: str) -> None:
    response = signed_in(cast.manager).get(path)

    assert response.status_code == 404
    assert policy_of(response) == POLICY
    assert "no-store" in response.get("Cache-Control", "")
    assert uuid.UUID(response["X-Request-ID"])


def test_each_answer_has_its_own_number(cast: Cast) -> None:
    client = signed_in(cast.manager)
    numbers = {client.get("/")["X-Request-ID"] for _time in range(3)}
    assert len(numbers) == 3


def test_htmx_is_kept_from_evaluating(cast: Cast) -> None:
    text = signed_in(cast.manager).get("/").content.decode()
    found = re.search(r"<meta name=\"htmx-config\" content='([^']*)'", text)
    assert found
    config = json.loads(found.group(1))
    assert {
        name: config[name] for name in ("allowEval", "allowScriptTags", "includeIndicatorStyles")
    } == {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
    }
    assert (config["selfRequestsOnly"], config["historyCacheSize"]) == (True, 0)
    assert "inlineScriptNonce" not in config


# --- settings of production -------------------------------------------------------------------------

SECRETS = {"SECRET_KEY": "s3cret-" * 10, "FIELD_KEY": "f1eld-k3y-" * 8}


def production(*command: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run something under the settings of production."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    host = settings.DATABASES["default"]
    env = {
        **kept,
        **SECRETS,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "HTTPS_ONLY": "true",
        "ALLOWED_HOSTS": "portal.example.org",
        "DATABASE_URL": f"postgres://{host['USER']}:{host['PASSWORD']}@{host['HOST']}:{host['PORT']}"
        f"/{host['NAME']}",
        **changed,
    }
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def values(**changed: str) -> dict[str, Any]:
    """All plain settings of production."""
    code = (
        "import json, django; django.setup(); from portal import settings as s;"
        "print(json.dumps({n: getattr(s, n) for n in dir(s) if n.isupper()}, default=str))"
    )
    done = production("-c", code, **changed)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_production_is_set_as_designed() -> None:
    found = values()

    assert found["DEBUG"] is False
    assert found["ALLOWED_HOSTS"] == ["portal.example.org"]
    for name in (
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "CSRF_COOKIE_HTTPONLY",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    ):
        assert found[name] is True, name
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert "SECURE_PROXY_SSL_HEADER" not in found
    assert found["X_FRAME_OPTIONS"] == "DENY"
    assert (found["SESSION_COOKIE_AGE"], found["SESSION_ABSOLUTE_SECONDS"]) == (1800, 43_200)
    assert found["FILE_UPLOAD_PERMISSIONS"] == 0o640
    assert found["DATA_UPLOAD_MAX_NUMBER_FIELDS"] <= 2000
    assert found["DATA_UPLOAD_MAX_MEMORY_SIZE"] <= 2 * 1024 * 1024
    assert found["SILENCED_SYSTEM_CHECKS"] == ["security.W021"]
    framework = found["REST_FRAMEWORK"]
    assert framework["DEFAULT_PERMISSION_CLASSES"] == ["rest_framework.permissions.IsAuthenticated"]
    assert framework["DEFAULT_RENDERER_CLASSES"] == ["rest_framework.renderers.JSONRenderer"]
    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in found["MIDDLEWARE"]
    assert "django.contrib.admin" not in found["INSTALLED_APPS"]


def test_proxy_is_believed_only_when_named() -> None:
    assert values(BEHIND_PROXY="true")["SECURE_PROXY_SSL_HEADER"] == [
        "HTTP_X_FORWARDED_PROTO",
        "https",
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("SECRET_KEY", "short"), ("FIELD_KEY", "short"), ("HTTPS_ONLY", "perhaps")]
)
def test_start_is_refused_with_bad_settings(name: str, value: str) -> None:
    done = production("-c", "import portal.settings", **{name: value})
    assert done.returncode != 0
    assert name in done.stderr


def test_deployment_check_is_clean() -> None:
    done = production("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "(1 silenced)" in done.stdout + done.stderr


def test_the_one_silenced_check_says_why() -> None:
    lines = (ROOT / "portal/settings.py").read_text(encoding="utf-8").splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("SILENCED_SYSTEM_CHECKS"))
    assert "operator's decision" in lines[place - 1]


def test_cookies_are_closed(cast: Cast, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = PageClient()
    page = client.get(reverse("portal:sign-in"), secure=True)
    client.post(
        reverse("portal:sign-in"),
        {"username": cast.manager.user.username, "password": factories.PASSWORD},
        secure=True,
    )
    session, csrf = client.cookies["sessionid"], page.cookies["csrftoken"]
    for cookie in (session, csrf):
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


# --- description of the interface -------------------------------------------------------------------


def test_description_of_the_interface_is_whole(cast: Cast) -> None:
    response = signed_in(cast.manager).get(reverse("api:schema"))

    described = set(response.json()["paths"])
    expected = {
        "/" + re.sub(r"<int:(\w+)>", r"{\1}", path)
        for name, path in routes.all_routes().items()
        if name.startswith("api:") and name != "api:schema"
    }
    assert {re.sub(r"\{\w+\}", "{pk}", path) for path in described} == {
        re.sub(r"\{\w+\}", "{pk}", path) for path in expected
    }


def test_description_of_the_interface_has_no_warnings(tmp_path: Path) -> None:
    done = production(
        "manage.py",
        "spectacular",
        "--validate",
        "--fail-on-warn",
        "--file",
        str(tmp_path / "schema.yml"),
    )
    assert done.returncode == 0, done.stderr


# --- parameters of lists (the ORM leak) -------------------------------------------------------------

SECRETS_OF_ROWS = (
    "password",
    "user__password",
    "responsible__password",
    "dossier__responsible__password",
    "dossier__contact_phone",
    "contact_phone",
    "institution__memberships__user__password",
    "requested_by__user__password",
)
LOOKUPS = (
    ("startswith", "md5", "zzz"),
    ("regex", "^md5", "^zzz"),
    ("gt", "a", "~"),
    ("isnull", "0", "1"),
)


def lists() -> list[str]:
    """Pages that take parameters."""
    return [name for name in listing_routes() if name.endswith("-list") or name in TAKING]


TAKING = ("inventory:review-queue", "inventory:my-patents", "reporting:coverage")


def answer(client: PageClient, path: str, name: str, value: str) -> tuple[int, str]:
    response = client.get(path, {name: value})
    text = routes.body(response).decode()
    # what was asked for comes back in the links and in the kept fields of the page
    kept = f'name="{name}" value="{value}"'
    for each in (kept, f"{name}={value}", f"{name}=%5E{value[1:]}", f"{name}=%7E"):
        text = text.replace(each, "asked")
    return response.status_code, text


@pytest.mark.parametrize("name", lists())
def test_unknown_parameters_tell_nothing(cast: Cast, name: str) -> None:
    """Two requests whose condition would differ in truth get the same answer."""
    factories.entry(cast.participation, is_filled=True, responsible=cast.inventor.user)
    client, path = best_client(cast, name), routes.path_of(name)
    different = []
    for secret in SECRETS_OF_ROWS:
        for lookup, right, wrong in LOOKUPS:
            key = f"{secret}__{lookup}"
            if answer(client, path, key, right) != answer(client, path, key, wrong):
                different.append(key)
    assert different == []


@pytest.mark.parametrize("name", lists())
def test_unknown_orders_are_the_usual_one(cast: Cast, name: str) -> None:
    for serial in range(3):
        factories.entry(
            cast.participation, contact_phone=f"139{3 - serial}", responsible=cast.inventor.user
        )
    client, path = best_client(cast, name), routes.path_of(name)
    usual = answer(client, path, "order", "no-such-order")
    for hostile in (
        "password",
        "-dossier__contact_phone",
        "?",
        "pk; DROP TABLE",
        "patent__holders",
    ):
        found = answer(client, path, "order", hostile)
        assert found[0] == 200
        different = set(without_order(found[1]).splitlines()) ^ set(
            without_order(usual[1]).splitlines()
        )
        assert different == set(), hostile


def without_order(text: str) -> str:
    text = re.sub(r"order=[^\"&;]*", "order", text.replace("asked", "order"))
    return re.sub(r'(name="order" value=")[^"]*', r"\1", text)


@pytest.mark.parametrize("name", lists())
def test_hostile_values_break_no_list(cast: Cast, name: str) -> None:
    client, path = best_client(cast, name), routes.path_of(name)
    names = filters_of(client.get(path).content.decode()) if "api" not in name else {"q", "kind"}
    hostile = (
        "\x00",
        "'\"><script>",
        "%%%",
        "9" * 40,
        "-1",
        "\ud7ff" * 300,
        "../..",
        "1 OR 1=1",
    )
    for parameter in {*names, "cursor", "order", "page"}:
        for value in hostile:
            status = client.get(path, {parameter: value}).status_code
            assert status in (200, 400, 404), f"{parameter}={value!r}: {status}"
