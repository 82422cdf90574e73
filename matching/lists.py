"""Offers as a list."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from matching import permissions
from matching.filters.supply import SupplyFilter
from matching.models import SupplyIntent
from matching.queries.supply import OfferRow, as_rows
from portal.lists import cells
from portal.lists.columns import Column
from portal.lists.registry import register
from portal.lists.spec import Asked, Empty, ListSpec, Ordering

ORDERINGS = {
    "newest": Ordering(_("Newest first"), ("-pk",)),
    "number": Ordering(_("Application number"), ("dossier__patent__application_number",)),
}


def _rows(asked: Asked) -> QuerySet[SupplyIntent]:
    return SupplyIntent.objects.visible_to(asked.membership).select_related(
        "dossier__patent", "dossier__participation__institution"
    )


def _dressed(intents: list[SupplyIntent], asked: Asked) -> list[OfferRow]:
    return as_rows(intents, asked.membership)


def _price(row: OfferRow) -> str:
    if not row.is_open_to_reader:
        return gettext("Shown to the institution and the lead bureau")
    return str(cells.word_of(row.intent.dossier, "price_band"))


def _fee(row: OfferRow) -> Decimal | None:
    return row.intent.fee if row.is_open_to_reader else None


SUPPLY = ListSpec(
    name="matching.supply",
    label=_("Offers"),
    url_name="matching:supply",
    rows=_rows,
    filterset=SupplyFilter,
    orderings=ORDERINGS,
    columns=(
        Column(
            "number",
            _("Application number"),
            lambda r: r.intent.dossier.patent.number,
            cells.CODE,
            "number",
        ),
        Column("title", _("Title"), lambda r: r.intent.dossier.patent.title, cells.LONG),
        Column(
            "kind",
            _("Kind"),
            lambda r: cells.word_of(r.intent.dossier.patent, "kind"),
            filter="kind",
            is_default=False,
        ),
        Column(
            "institution",
            _("Institution"),
            lambda r: r.intent.dossier.participation.institution.name,
            cells.NAME,
            filter="institution",
        ),
        Column("offer", _("Offer"), lambda r: r.intent.offer, cells.SHORT, filter="level2"),
        Column(
            "maturity",
            _("Maturity"),
            lambda r: cells.word_of(r.intent.dossier, "maturity"),
            cells.SHORT,
            filter="maturity",
        ),
        Column(
            "stars",
            _("Own rating"),
            lambda r: r.intent.dossier.stars,
            cells.STARS,
            filter="stars",
        ),
        Column("price", _("Price expected"), _price, cells.NAME),
        Column("fee", _("Fee"), _fee, cells.MONEY),
    ),
    dress=_dressed,
    link=lambda row: row.intent.dossier.patent.get_absolute_url(),
    empty=Empty(
        "transfer-in",
        _("Nothing is offered yet"),
        _(
            "Offers appear when patents with an approved dossier have been nominated to the city pool."
        ),
    ),
    may_open=permissions.can_read_supply,
)


def register_lists() -> None:
    """Called once by MatchingConfig.ready."""
    register(SUPPLY)
