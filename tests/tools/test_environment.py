"""The environment's readers fail loudly, and production's settings have the values that protect."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import celery_app, environment

ROOT = Path(__file__).resolve().parents[2]
KEYS = {"SECRET_KEY": "s" * 20 + "0123456789" * 4, "FIELD_KEY": "f" * 20 + "0123456789" * 4}
SHOW = """
import json, portal.settings as s
found = {name: getattr(s, name) for name in dir(s) if name.isupper()}
print(json.dumps(found, default=lambda value: type(value).__name__))  # words to translate, folders
"""


def load(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Load production's settings in a fresh process that sees only `env`."""
    bare = {"PATH": os.environ["PATH"], "PORTAL_VAR": str(folder), **env}
    command = [sys.executable, "-c", SHOW]
    return subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True)


def production(folder: Path, **env: str) -> dict[str, object]:
    """Production's settings with both keys."""
    answer = load(folder, **KEYS, **env)
    assert answer.returncode == 0, answer.stderr
    return dict(json.loads(answer.stdout))


@pytest.mark.parametrize("missing", ["SECRET_KEY", "FIELD_KEY"])
def test_start_is_refused_without_a_key(tmp_path: Path, missing: str) -> None:
    env = {name: value for name, value in KEYS.items() if name != missing}

    answer = load(tmp_path, **env)

    assert answer.returncode == 1
    assert f"Set {missing} or {missing}_FILE." in answer.stderr


def test_start_is_refused_with_a_short_key(tmp_path: Path) -> None:
    answer = load(tmp_path, **{**KEYS, "SECRET_KEY": "short"})

    assert answer.returncode == 1
    assert "SECRET_KEY must have 50 characters or more." in answer.stderr


def test_key_comes_from_a_named_file_or_the_launchers_folder(tmp_path: Path) -> None:
    named = tmp_path / "key"
    named.write_text("n" * 60 + "\n")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "field_key").write_text("m" * 60)

    answer = load(tmp_path, SECRET_KEY_FILE=str(named))

    found = json.loads(answer.stdout)
    assert found["SECRET_KEY"] == "n" * 60
    assert found["FIELD_KEY"] == "m" * 60


@pytest.mark.parametrize(("name", "value"), [("HTTPS_ONLY", "maybe"), ("MAX_ROWS", "many")])
def test_unreadable_value_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    answer = load(tmp_path, **KEYS, **{name: value})

    assert answer.returncode == 1
    assert f"{name} must be" in answer.stderr


def test_foreign_database_scheme_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://somebody@host/name")

    with pytest.raises(ImproperlyConfigured, match="postgresql"):
        environment.env_database("DATABASE_URL", "")


def test_database_url_is_unquoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a%40b:p%2Fq@db.local:6543/portal")

    found = environment.env_database("DATABASE_URL", "")

    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "portal",
        "USER": "a@b",
        "PASSWORD": "p/q",
        "HOST": "db.local",
        "PORT": "6543",
    }


def test_mail_url_switches_to_a_server(tmp_path: Path) -> None:
    found = production(tmp_path, EMAIL_URL="smtps://me:secret@mail.local")

    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.local", 465)
    assert found["EMAIL_USE_SSL"] is True


def test_production_protects_by_default(tmp_path: Path) -> None:
    found = production(tmp_path)

    assert "*" not in found["ALLOWED_HOSTS"]
    expected = {
        "DEBUG": False,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31_536_000,
        "X_FRAME_OPTIONS": "DENY",
        "FILE_UPLOAD_PERMISSIONS": 0o640,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 2000,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_AGE": 1800,
    }
    assert {name: found[name] for name in expected} == expected
    assert "SECURE_PROXY_SSL_HEADER" not in found
    assert "django.contrib.auth.middleware.LoginRequiredMiddleware" in found["MIDDLEWARE"]
    assert "django.contrib.admin" not in found["INSTALLED_APPS"]


def test_content_security_policy_allows_nothing_inline(tmp_path: Path) -> None:
    policy = production(tmp_path)["CONTENT_SECURITY_POLICY"]

    assert policy == {
        "DIRECTIVES": {
            "default-src": ["'self'"],
            "img-src": ["'self'", "data:"],
            "object-src": ["'none'"],
            "base-uri": ["'none'"],
            "frame-ancestors": ["'none'"],
            "form-action": ["'self'"],
        }
    }


def test_interface_asks_for_sign_in_and_answers_json_only(tmp_path: Path) -> None:
    found = production(tmp_path)["REST_FRAMEWORK"]

    assert isinstance(found, dict)
    assert found["DEFAULT_PERMISSION_CLASSES"] == ["rest_framework.permissions.IsAuthenticated"]
    assert found["DEFAULT_RENDERER_CLASSES"] == ["rest_framework.renderers.JSONRenderer"]


@pytest.mark.parametrize(
    ("process", "statement", "lock", "idle"),
    [("web", 15, 5, 30), ("worker", 120, 30, 120), ("command", 0, 30, 0)],
)
def test_processes_have_their_time_limits(
    tmp_path: Path, process: str, statement: int, lock: int, idle: int
) -> None:
    found = production(tmp_path, PORTAL_PROCESS=process)

    limits = (found["STATEMENT_TIMEOUT"], found["LOCK_TIMEOUT"], found["IDLE_TIMEOUT"])
    assert limits == (statement, lock, idle)


def test_proxy_header_is_believed_only_behind_the_proxy(tmp_path: Path) -> None:
    found = production(tmp_path, BEHIND_PROXY="true")

    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_celery_never_runs_a_long_task_twice() -> None:
    options = celery_app.conf.broker_transport_options

    assert options["visibility_timeout"] > celery_app.conf.task_time_limit
    assert options["unacked_restore_interval"] == options["unacked_restore_throttle"] == 1
    assert celery_app.conf.task_acks_late is True
    assert celery_app.conf.task_reject_on_worker_lost is True
    assert celery_app.conf.task_publish_retry is False
    assert celery_app.conf.accept_content == ["json"]
