"""The fields of the dossier as people see them: column of the national template, group, name, who may read."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory import choices, numbers
from inventory.classification.industries import INDUSTRIES, SECTION_NAMES
from inventory.classification.strategic import STRATEGIC
from portal.text import mask_contact, mask_name


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the model, the template's column, its group and its name on the page."""

    name: str
    column: str
    group: str
    label: Promise


COMBINATION: Final = "combination"
STATUS: Final = "status"
INTENT: Final = "intent"
VALUE: Final = "value"
SCENE: Final = "scene"

#: The groups of questions in the order of the template.
GROUPS: Final[tuple[tuple[str, Promise], ...]] = (
    (COMBINATION, _("Patent combination and public funding")),
    (STATUS, _("Implementation status, industrialisation included")),
    (INTENT, _("Transfer intent")),
    (VALUE, _("Maturity of the technology and own rating")),
    (SCENE, _("Application scene")),
)

FIELDS: Final = (
    Field("combination_name", "H", COMBINATION, _("Name of the patent combination")),
    Field("combination_numbers", "I", COMBINATION, _("Patents of the combination")),
    Field("combination_note", "J", COMBINATION, _("Description of the patent combination")),
    Field("is_publicly_funded", "K", COMBINATION, _("From a publicly funded research project")),
    Field("funding_kind", "", COMBINATION, _("Kind of funded project")),
    Field("funding_name", "", COMBINATION, _("Name of the funded project")),
    Field("funding_number", "", COMBINATION, _("Number of the funded project")),
    Field("statuses", "L–O", STATUS, _("Implementation status")),
    Field("amounts", "N", STATUS, _("Amounts of the statuses (10,000 yuan)")),
    Field("intents", "P–Q", INTENT, _("Transfer intent")),
    Field("fees", "R", INTENT, _("Fee standards (10,000 yuan)")),
    Field("partner_cities", "S", INTENT, _("Cities to co-operate with")),
    Field("partner_firms", "T", INTENT, _("Enterprises to co-operate with")),
    Field("price_band", "U", INTENT, _("Price expected")),
    Field("uses_default_contact", "V–W", INTENT, _("Use the institution's default contact")),
    Field("contact_name", "V", INTENT, _("Contact person")),
    Field("contact_phone", "W", INTENT, _("Phone or mail of the contact person")),
    Field("maturity", "X", VALUE, _("Maturity of the technology")),
    Field("stars", "Y", VALUE, _("Own rating of the patent's value")),
    Field(
        "advantages", "Z", SCENE, _("Product, technical advantages and performance of this patent")
    ),
    Field("industry", "AA", SCENE, _("Industry (GB/T 4754)")),
    Field("industry_division", "AA", SCENE, _("Division of the industry")),
    Field("prospects", "AB", SCENE, _("Prospects of industrialisation")),
    Field("strategic_codes", "AC", SCENE, _("Strategic emerging industries")),
)
BY_NAME: Final = {entry.name: entry for entry in FIELDS}

#: Price, fees and contact: not for co-holders, departments and districts (permissions.can_read_confidential).
CONFIDENTIAL: Final = frozenset(
    {
        "amounts",
        "fees",
        "price_band",
        "uses_default_contact",
        "contact_name",
        "contact_phone",
    }
)
#: The project behind a patent: internal to the institution and its bureaus (permissions.can_read_funding).
FUNDING: Final = frozenset({"is_publicly_funded", "funding_kind", "funding_name", "funding_number"})
#: Who is to be asked: masked wherever a dossier is read, in full after a click that is in the trail.
CONTACT: Final = {"contact_name": mask_name, "contact_phone": mask_contact}
#: Columns of the model that a person fills in, marks apart.
CONTENT_FIELDS: Final = tuple(
    entry.name for entry in FIELDS if entry.name not in {"statuses", "amounts", "intents", "fees"}
)
#: What "same as my last one" brings along; funding and combination belong to the one patent.
COPIED_FIELDS: Final = (
    "statuses",
    "intents",
    "partner_cities",
    "partner_firms",
    "price_band",
    "uses_default_contact",
    "contact_name",
    "contact_phone",
    "maturity",
    "stars",
    "advantages",
    "industry",
    "industry_division",
    "prospects",
    "strategic_codes",
)
#: Fields that rule R1 frees and the page then leaves out (P to AD except the contact).
FREED_BY_R1: Final = frozenset(
    {"intents", "fees", "partner_cities", "partner_firms", "price_band"}
) | frozenset(entry.name for entry in FIELDS if entry.group in {VALUE, SCENE})

_CHOICES: Final[dict[str, dict[Any, Any]]] = {
    "price_band": dict(choices.PriceBand.choices),
    "maturity": dict(choices.Maturity.choices),
    "stars": dict(choices.Stars.choices),
    "industry": dict(SECTION_NAMES),
    "state": dict(choices.DossierState.choices),
    "upload_standing": dict(choices.UploadStanding.choices),
    "transfer": dict(choices.TransferState.choices),
}
_MARK_WORDS: Final[dict[str, dict[Any, Any]]] = {
    "statuses": {
        **dict(choices.StatusLevel2.choices),
        **dict(choices.StatusLevel1.choices),
    },
    "intents": {
        **dict(choices.IntentLevel2.choices),
        **dict(choices.IntentLevel1.choices),
    },
}


def label_of(name: str) -> str:
    """The name of a field on the page; for a mark's part (statuses.0.amount) with its number."""
    base, _dot, rest = name.partition(".")
    entry = BY_NAME.get(base)
    label = str(entry.label) if entry else base
    place = rest.partition(".")[0]
    return f"{label} {int(place) + 1}" if place.isdecimal() else label


def in_words(name: str, value: Any) -> str:
    """A stored value as a person reads it; "" for nothing said."""
    if value is None or value in ("", []):
        return ""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list | tuple):
        mark = "；" if name in _MARK_WORDS else "、"
        return mark.join(_part_in_words(name, part) for part in value)
    if name == "industry_division":
        return next((i.name for i in INDUSTRIES.values() if i.code[1:] == value), str(value))
    return str(_CHOICES.get(name, {}).get(value, value))


def _part_in_words(name: str, part: Any) -> str:
    if name in _MARK_WORDS:
        return _mark_in_words(name, part)
    if name == "combination_numbers":
        return numbers.display(part)
    if name == "strategic_codes":
        return STRATEGIC[part].path if part in STRATEGIC else str(part)
    return _amount(part)


def _mark_in_words(name: str, parts: Any) -> str:
    """["licensed", "custom", "…"] → the words of the levels, then what was written."""
    level1, level2, *written = parts if isinstance(parts, list | tuple) else [parts, ""]
    words = _MARK_WORDS[name]
    shown = [
        str(words.get(level, level)) for level in (level1, level2) if level and level != "custom"
    ]
    return " · ".join([*shown, *(text for text in written if text)])


def _amount(value: Any) -> str:
    if value is None:
        return "—"
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
