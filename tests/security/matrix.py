"""Reading matrix.yaml: groups spelt out, one outcome for every role, method and route."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROLES = (
    "anonymous",
    "nobody",
    "deactivated",
    "city",
    "bureau_auditor",
    "department",
    "other_department",
    "district_official",
    "manager",
    "unit_manager",
    "inventor",
    "expert",
    "auditor",
    "outsider",
    "enterprise",
    "service",
    "system_admin",
    "security_admin",
    "audit_admin",
)
# the other institution's records are theirs as well
SEE_ALL = frozenset({"city", "bureau_auditor", "system_admin", "security_admin"})
# where a row says nothing else
USUAL = {"anonymous": "login", "deactivated": "login", "nobody": "403"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OUTCOMES = {"ok", "none", "login", "403", "404"}


@dataclass(frozen=True)
class Row:
    """What matrix.yaml says of one route."""

    name: str
    # name of the record in worlds.World.own; "" for routes about none
    record: str
    is_query: bool
    # method → role → outcome
    outcomes: dict[str, dict[str, str]]
    sees_all: frozenset[str] = SEE_ALL
    quiet: str = ""
    untold: str = ""
    keys: frozenset[str] = field(default_factory=frozenset)

    def allowed(self, method: str) -> list[str]:
        return [role for role, outcome in self.outcomes[method].items() if outcome == "ok"]


@cache
def rows() -> dict[str, Row]:
    """Every row by the name of its route."""
    text = Path(__file__).with_name("matrix.yaml").read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    groups = found["groups"]
    return {name: _row(name, said, groups) for name, said in found["routes"].items()}


@cache
def scoped() -> frozenset[str]:
    text = Path(__file__).with_name("matrix.yaml").read_text(encoding="utf-8")
    groups = yaml.safe_load(text)["groups"]
    return frozenset(_spelt_out(["scoped"], groups))


def _row(name: str, said: dict[str, Any], groups: dict[str, list[str]]) -> Row:
    outcomes = {
        method: _outcomes(name, said[method], groups) for method in METHODS if method in said
    }
    return Row(
        name=name,
        record=said.get("object") or said.get("query") or "",
        is_query="query" in said,
        outcomes=outcomes,
        sees_all=SEE_ALL | set(_spelt_out(said.get("sees_all", []), groups)),
        quiet=said.get("quiet", ""),
        untold=said.get("untold", ""),
        keys=frozenset(said),
    )


def _outcomes(name: str, said: dict[Any, Any], groups: dict[str, list[str]]) -> dict[str, str]:
    """role → outcome: named ones, then what is usual, then the rest."""
    found: dict[str, str] = {}
    for outcome, roles in said.items():
        if outcome == "rest":
            continue
        assert str(outcome) in OUTCOMES, f"{name}: {outcome}"
        for role in _spelt_out(roles, groups):
            assert role not in found, f"{name}: {role} stands twice"
            found[role] = str(outcome)
    rest = {role: str(said["rest"]) for role in ROLES if "rest" in said}
    return {**rest, **USUAL, **found}


def _spelt_out(names: list[str], groups: dict[str, list[str]]) -> list[str]:
    found: list[str] = []
    for name in names:
        found += _spelt_out(groups[name], groups) if name in groups else [name]
    return list(dict.fromkeys(found))
