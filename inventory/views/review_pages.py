"""What a reviewer sees before deciding: findings with what they mean, and how stars are spread."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.choices import FindingKind
from inventory.dossier_fields import BY_NAME, in_words, label_of
from inventory.models import Dossier, DossierFinding
from inventory.queries import dossiers as queries
from inventory.queries import stars
from inventory.review_findings import Difference, differences
from inventory.services.dossiers import content_of
from inventory.services.findings import count_findings, same_text
from portal.models import Membership

#: So many of the dossiers with the same text are named.
DOUBLES_SHOWN: Final = 10
MEANING: Final = {
    FindingKind.FEWER_STARS: _(
        "The rating is lower than in the answers approved last. One or two stars spare the two texts: ask why."
    ),
    FindingKind.SAME_TEXT: _(
        "Another dossier of the institution says the same, word for word. Each patent needs its own text."
    ),
    FindingKind.NO_AMOUNT: _(
        "A licence, a transfer or a plan stands without its amount. For plans and patent pools it may stay blank."
    ),
    FindingKind.UNSUITABLE: _(
        "The status frees the patent from rating and texts and keeps it out of the city pool (rule R1)."
    ),
    FindingKind.CHANGED: _(
        "The answers differ from those approved last; what changed stands below."
    ),
}


def figures(waiting: QuerySet[Dossier]) -> list[dict[str, Any]]:
    """How many waiting dossiers have each finding, each a link to its rows; none for kinds nobody has."""
    counts = count_findings(waiting)
    queue = reverse("inventory:review-queue")
    return [
        {
            "label": kind.label,
            "value": counts[kind],
            "url": f"{queue}?finding={kind}",
            "tone": "warning",
        }
        for kind in FindingKind
        if counts.get(kind)
    ]


def comparison(dossiers: QuerySet[Dossier], membership: Membership) -> stars.Comparison:
    """The stars of these dossiers beside the unit's, the institution's and the city's."""
    return stars.compare(dossiers, membership)


def findings(dossier: Dossier, membership: Membership) -> list[dict[str, Any]]:
    """The findings of one dossier, each with what it means and what it rests on; none for whoever may not see them."""
    found = DossierFinding.objects.visible_to(membership).filter(dossier=dossier)
    return [
        {
            "label": each.get_kind_display(),
            "meaning": MEANING[FindingKind(each.kind)],
            "fields": [(name, label_of(name)) for name in each.fields],
            "changes": _changes(dossier, each),
            "doubles": _doubles(dossier, each, membership),
        }
        for each in found
    ]


def _changes(dossier: Dossier, finding: DossierFinding) -> list[dict[str, str]]:
    if finding.kind not in (FindingKind.CHANGED, FindingKind.FEWER_STARS):
        return []
    approved = queries.last_approved(dossier)
    if approved is None:
        return []
    found = differences(approved.content, content_of(dossier))
    return [_change(each) for each in found if each.field in finding.fields]


def _change(each: Difference) -> dict[str, str]:
    return {
        "field": str(BY_NAME[each.field].label),
        "before": in_words(each.field, each.before) or "—",
        "after": in_words(each.field, each.after) or "—",
    }


def _doubles(
    dossier: Dossier, finding: DossierFinding, membership: Membership
) -> list[dict[str, Any]]:
    """Per text the other dossiers that say it: those one may see by name, the rest as a number."""
    if finding.kind != FindingKind.SAME_TEXT:
        return []
    found = []
    for name in finding.fields:
        others = same_text(dossier, name)
        shown = others.filter(pk__in=Dossier.objects.visible_to(membership).values("pk"))
        named = list(shown.select_related("patent", "unit").order_by("pk")[:DOUBLES_SHOWN])
        found.append(
            {
                "label": label_of(name),
                "named": named,
                "more": others.count() - len(named),
            }
        )
    return found
