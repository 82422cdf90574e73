"""The compose file: valid by the specification's own schema, hardened, and without a secret in it."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]


def test_compose_is_valid_by_the_specification() -> None:
    source = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(source.read_text(encoding="utf-8"))
    kind = Draft7Validator if "draft-07" in schema["$schema"] else Draft202012Validator

    problems = [
        f"{list(error.path)}: {error.message}" for error in kind(schema).iter_errors(COMPOSE)
    ]

    assert problems == []


def test_compose_has_the_described_services() -> None:
    assert set(SERVICES) == {
        "migrate",
        "web",
        "worker",
        "scheduler",
        "database",
        "redis",
        "proxy",
    }


def test_only_the_proxy_is_reachable_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("name", SERVICES)
def test_service_gains_no_privileges(name: str) -> None:
    service = SERVICES[name]

    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged", False)
    assert not set(service) & {"pid", "ipc", "network_mode"}


@pytest.mark.parametrize("name", SERVICES)
def test_service_image_has_a_version(name: str) -> None:
    tag = SERVICES[name]["image"].partition(":")[2]

    assert tag not in {"", "latest"}


def test_no_secret_is_written_down() -> None:
    pattern = (
        r"(?i)(password|secret|key|token)\w*\s*[:=]\s*[\"']?[A-Za-z0-9+_-][A-Za-z0-9+/_-]{15,}"
    )
    for name in ("docker-compose.yml", "Dockerfile", "docker/nginx.conf"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert re.findall(pattern, text) == [], name
    for secret in COMPOSE["secrets"].values():
        assert set(secret) == {"file"}
        assert secret["file"].startswith("./var/secrets/compose/")


def test_every_secret_is_declared_and_used() -> None:
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}

    assert used == set(COMPOSE["secrets"])
