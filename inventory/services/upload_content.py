"""The approved content of dossiers, its digest, and what in it deserves a look before it leaves the institution."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder

from inventory.choices import DossierState, Doubt, SimpleStatus
from inventory.dossier_content import Content
from inventory.models import Dossier
from inventory.services.approvals import approved_versions, content_from
from inventory.services.dossiers import content_of
from portal.text import compact

_DEFENCE: Final = ("国防", "军工", "军口", "军用", "装备预研", "涉密", "武器")
_PERSONAL: Final = re.compile(
    r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)|[\w.+-]+@[\w-]+\.\w+"
)


@dataclass(frozen=True)
class Approved:
    """A dossier with the content that was approved last, which may be older than what is being written now."""

    dossier: Dossier
    content: Content
    digest: str


def approved_of(dossiers: Sequence[Dossier]) -> list[Approved]:
    """The approved contents of dossiers (with marks and participation loaded), in their order; one query.

    A complete dossier is as approved, one under revision as its last approved version says; others are left out.
    """
    kept = approved_versions(dossiers)
    found = []
    for dossier in dossiers:
        if dossier.state == DossierState.COMPLETED:
            content = content_of(dossier)
        elif dossier.pk in kept:
            content = content_from(kept[dossier.pk], dossier.contact_phone)
        else:
            continue
        found.append(Approved(dossier, content, digest_of(content)))
    return found


def digest_of(content: Content) -> str:
    """SHA-256 of what the institution says, phone included; equal contents have equal digests however they came."""
    values = {name: _plain(value) for name, value in asdict(content).items()}
    # a switch of the institution, no content of the dossier
    del values["has_default_contact"]
    text = json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def doubts_of(approved: Approved, words: Iterable[str]) -> list[str]:
    """Codes of `Doubt` for one dossier; `words` is the institution's confidential list."""
    patent, content = approved.dossier.patent, approved.content
    texts = [patent.title, *_texts(content)]
    joined = compact(" ".join(texts))
    project = compact(f"{content.funding_kind} {content.funding_name} {content.funding_number}")
    found: Mapping[str, bool] = {
        Doubt.NOT_IN_FORCE: patent.simple_status != SimpleStatus.VALID,
        Doubt.UNPUBLISHED: patent.granted_on is None and not patent.publication_number,
        Doubt.DEFENCE: any(word in project for word in _DEFENCE),
        Doubt.WORD: any(word and compact(word) in joined for word in words),
        Doubt.PERSONAL: any(_PERSONAL.search(text) for text in texts),
    }
    return [str(doubt) for doubt, is_so in found.items() if is_so]


def _texts(content: Content) -> list[str]:
    """Everything written freely."""
    marks = [
        text
        for status in content.statuses
        for text in (status.wording, status.product_name, status.report_result, status.remark)
    ]
    return [
        content.combination_name,
        content.combination_note,
        content.advantages,
        content.prospects,
        *marks,
        *(intent.wording for intent in content.intents),
        *content.partner_firms,
    ]


def _plain(value: Any) -> Any:
    """Amounts without trailing zeros, so that 5 and 5.000000 are one."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
