"""Readers of the environment for settings.py. A bad or missing value stops the start.

``NAME_FILE`` may name a file that holds the value of ``NAME`` (container secrets).
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
# Everything made at run time; one folder, never in the repository.
VAR_DIR = Path(os.environ.get("PORTAL_VAR", BASE_DIR / "var"))
SECRET_LENGTH = 50


def env_text(name: str, default: str | None = None) -> str:
    """Read NAME, the file named by NAME_FILE, or the launcher's file in var/secrets, in this order."""
    if name in os.environ:
        return os.environ[name]
    file = Path(os.environ.get(f"{name}_FILE", VAR_DIR / "secrets" / name.lower()))
    if file.is_file() or f"{name}_FILE" in os.environ:
        return file.read_text(encoding="utf-8").strip()
    if default is None:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE.")
    return default


def env_bool(name: str, default: bool) -> bool:
    """Read a yes/no value."""
    value = env_text(name, "true" if default else "false").lower()
    if value not in {"true", "false", "1", "0", "yes", "no"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value in {"true", "1", "yes"}


def env_int(name: str, default: int) -> int:
    """Read a whole number."""
    value = env_text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error


def env_list(name: str, default: str) -> list[str]:
    """Read words parted by commas."""
    return [word.strip() for word in env_text(name, default).split(",") if word.strip()]


def env_secret(name: str) -> str:
    """Read a secret, which must be long."""
    value = env_text(name)
    if len(value) < SECRET_LENGTH:
        raise ImproperlyConfigured(f"{name} must have {SECRET_LENGTH} characters or more.")
    return value


def env_database(name: str, default: str) -> dict[str, str]:
    """Read postgresql://user:password@host:port/name into Django's keys."""
    parts = urlsplit(env_text(name, default))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must begin with postgresql://")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }


def env_mail(name: str) -> dict[str, object]:
    """Read smtp(s)://user:password@host:port into Django's EMAIL_ settings; empty when unset."""
    url = env_text(name, "")
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must look like smtps://user:password@host:465")
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if secure else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
    }


def env_writing_service(name: str) -> dict[str, object] | None:
    """Read NAME_URL, NAME_MODEL, NAME_KEY, NAME_SECONDS and NAME_PRIVATE; None (off) without an address."""
    url = env_text(f"{name}_URL", "")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name}_URL must look like https://service.example/path")
    return {
        "url": url,
        "model": env_text(f"{name}_MODEL"),
        "key": env_text(f"{name}_KEY", ""),
        "total_timeout": env_int(f"{name}_SECONDS", 30),
        "allow_private": env_bool(f"{name}_PRIVATE", False),
    }
