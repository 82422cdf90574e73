"""User names made from names: pinyin, and a number where it is taken. Pure but for the look at what is taken."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from django.db.models import F, Func, Value

from portal.models import User
from portal.text import pinyin_key

MOST = 40
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")


def base_of(name: str) -> str:
    """“王伟” gives “wangwei”; a name without any letter or Chinese character gives “user”."""
    return _NOT_PLAIN.sub("", pinyin_key(name, person=True))[:MOST].rstrip("0123456789") or "user"


def free_names(names: Sequence[str], taken: Collection[str]) -> list[str]:
    """A user name for each name, none of them taken, none twice: wangwei, wangwei2, wangwei3."""
    used = set(taken)
    found = []
    for name in names:
        base = base_of(name)
        number, candidate = 1, base
        while candidate in used:
            number += 1
            candidate = f"{base}{number}"
        used.add(candidate)
        found.append(candidate)
    return found


def taken_among(names: Sequence[str]) -> set[str]:
    """User names in use that begin like those these names would get (one query)."""
    bases = {base_of(name) for name in names}
    stem = Func(F("username"), Value(r"[0-9]+$"), Value(""), function="regexp_replace")
    found = User.objects.alias(stem=stem).filter(stem__in=bases)
    return set(found.values_list("username", flat=True))


def new_names(names: Sequence[str], also_taken: Collection[str] = ()) -> list[str]:
    """User names for new accounts of people of these names, in order."""
    return free_names(names, taken_among(names) | set(also_taken))
