"""Approved dossiers of similar patents, as far as one may read them: never another institution's.

Alike are patents that share two-character pieces of title and inventors (the index of the search) and classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, QuerySet, Value
from django.db.models.fields import TextField

from inventory.choices import DossierState
from inventory.drafting import Similar
from inventory.models import Dossier
from portal.models import Membership
from portal.text import pieces

SHOWN: Final = 10
#: Pieces that nearly every title has: they make nothing alike.
_COMMON: Final = frozenset(
    pieces(
        "一种 种基 基于 于的 用于 及其 其制 制备 备方 方法 的方 的制 装置 及装 系统 及系 设备 结构 应用 和应 介质 存储"
    )
)
_ENOUGH: Final = 2
_SAME_CLASS: Final = 2
_LOOKED_AT: Final = 60


class CommonPieces(Func):
    """How many of the wanted pieces a folded text has: the SQL function of migration 0011."""

    function = "inventory_common_pieces"
    output_field = IntegerField()


@dataclass(frozen=True)
class Match:
    """An approved dossier and how much its patent resembles the one at hand."""

    dossier: Dossier
    likeness: int


def similar_dossiers(dossier: Dossier, membership: Membership) -> list[Match]:
    """The most alike first, at most SHOWN; two queries."""
    wanted = _wanted(dossier)
    if not wanted:
        return []
    array = Value(wanted, output_field=ArrayField(TextField()))
    found = (
        _readable(membership)
        .exclude(pk=dossier.pk)
        .filter(patent__search_pieces__overlap=wanted)
        .annotate(common=CommonPieces(F("patent__search_key"), array))
        .filter(common__gte=_ENOUGH)
        .select_related("patent", "unit", "participation")
        .prefetch_related("status_marks", "intent_marks")
        .order_by("-common", "-pk")[:_LOOKED_AT]
    )
    mine = {symbol[:4] for symbol in dossier.patent.classes}
    matches = [Match(each, each.common + _class_bonus(each, mine)) for each in found]
    return sorted(matches, key=lambda match: (-match.likeness, -match.dossier.pk))[:SHOWN]


def similar_prospects(dossier: Dossier, membership: Membership) -> list[Similar]:
    """The prospects that approved dossiers of similar patents name."""
    return [
        Similar(match.dossier.patent.number, match.dossier.prospects, match.likeness)
        for match in similar_dossiers(dossier, membership)
        if match.dossier.prospects
    ]


def readable_source(pk: int, membership: Membership) -> Dossier | None:
    """An approved dossier one may copy from."""
    return _readable(membership).filter(pk=pk).select_related("patent", "participation").first()


def _readable(membership: Membership) -> QuerySet[Dossier]:
    return Dossier.objects.visible_to(membership).filter(
        state=DossierState.COMPLETED, participation__institution=membership.organisation_id
    )


def _wanted(dossier: Dossier) -> list[str]:
    names = " ".join(inventor.name for inventor in dossier.patent.inventors.all())
    return [piece for piece in pieces(f"{dossier.patent.title} {names}") if piece not in _COMMON]


def _class_bonus(other: Dossier, mine: set[str]) -> int:
    return _SAME_CLASS if mine & {symbol[:4] for symbol in other.patent.classes} else 0
