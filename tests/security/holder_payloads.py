"""What a person posts about exclusions and co-owned patents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from inventory.models import Dossier, Exclusion, HandoverOffer, Objection
from tests.security.worlds import World

Keys = Mapping[str, Any]


def _version(model: Any, key: int) -> int:
    """The version of a record; 1 for one that does not exist."""
    return model.objects.filter(pk=key).values_list("version", flat=True).first() or 1


def _picks(keys: Keys, *names: str) -> list[str]:
    return [f"{keys[name]}-{_version(Dossier, keys[name])}" for name in names]


def _decisions(keys: Keys) -> dict[str, Any]:
    version = _version(Exclusion, keys["clear_exclusion"])
    return {"pick": [f"{keys['clear_exclusion']}-{version}"]}


def _answer(keys: Keys, name: str) -> dict[str, Any]:
    return {"pick": [f"{keys[name]}-{_version(HandoverOffer, keys[name])}"]}


POSTED: dict[str, Callable[[World, Keys], dict[str, Any]]] = {
    "inventory:exclusions-request": lambda world, keys: {"pick": [keys["lapsed_entry"]]},
    "inventory:exclusions-approve": lambda world, keys: _decisions(keys),
    "inventory:exclusions-refuse": lambda world, keys: _decisions(keys),
    "inventory:exclusion-withdraw": lambda world, keys: {
        "note": "演示撤回",
        "version": _version(Exclusion, keys["exclusion"]),
    },
    "inventory:exclusion-appeal": lambda world, keys: {
        "text": "演示申诉",
        "version": _version(Exclusion, keys["refused_exclusion"]),
    },
    "inventory:exclusion-revoke": lambda world, keys: {
        "reason": "权利恢复",
        "counts_from": "2024-06-03",
        "version": _version(Exclusion, keys["approved_exclusion"]),
    },
    "inventory:handover-offer": lambda world, keys: {"pick": _picks(keys, "objected")},
    "inventory:handover-accept": lambda world, keys: _answer(keys, "handover_in"),
    "inventory:handover-decline": lambda world, keys: _answer(keys, "handover_in"),
    "inventory:handover-withdraw": lambda world, keys: _answer(keys, "handover_out"),
    "inventory:dossier-object": lambda world, keys: {
        "text": "演示异议",
        "fields_concerned": ["stars"],
    },
    "inventory:objection-answer": lambda world, keys: {
        "answer": "演示答复",
        "version": _version(Objection, keys["objected_objection"]),
    },
    "inventory:objection-withdraw": lambda world, keys: {
        "note": "演示撤回",
        "version": _version(Objection, keys["objecting_objection"]),
    },
    "inventory:objection-settle": lambda world, keys: {
        "note": "演示解决",
        "version": _version(Objection, keys["objecting_objection"]),
    },
}
