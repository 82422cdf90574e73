"""Findings of dossiers under review: worked out in sets when they are submitted, and every night for all that wait.

A constant number of queries, however many dossiers.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from inventory.choices import DossierState, FindingKind
from inventory.models import Dossier, DossierFinding, DossierRevision
from inventory.models.dossiers import TextDigest
from inventory.review_findings import findings_of
from inventory.services.dossiers import content_of

TEXTS: Final = ("advantages", "prospects")
WAITING: Final = (DossierState.UNIT_REVIEW, DossierState.INSTITUTION_REVIEW)


@transaction.atomic
def refresh_findings(ids: Collection[int]) -> None:
    """Work out the findings of these dossiers, and of waiting ones whose text turns out to be theirs, or no more.

    A text that is written anew and not handed in yet is not looked at: its double keeps the mark until then, or until
    the night (refresh_waiting).
    """
    if not ids:
        return
    marked = _marked(ids)
    _write(ids)
    lonely = _without_a_double(ids) if marked - _marked(ids) else []
    if others := sorted({*_partners(ids), *lonely}):
        _write(others)


def refresh_waiting(*, after: int, limit: int) -> int | None:
    """Work out the next `limit` waiting dossiers behind a key; the last key done, None when none was left."""
    waiting = Dossier.objects.filter(state__in=WAITING, pk__gt=after).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    if not ids:
        return None
    with transaction.atomic():
        _write(ids)
    return ids[-1]


def same_text(dossier: Dossier, name: str) -> QuerySet[Dossier]:
    """The other dossiers of the institution whose text `name` is this one's, but for blanks and punctuation."""
    return (
        Dossier.objects.filter(
            participation__institution=dossier.participation.institution_id,
        )
        .exclude(pk=dossier.pk)
        .exclude(**{name: ""})
        .alias(digest=TextDigest(F(name)))
        .filter(digest=Subquery(Dossier.objects.filter(pk=dossier.pk).values(d=TextDigest(name))))
    )


def count_findings(dossiers: QuerySet[Dossier]) -> dict[str, int]:
    """{kind: number of these dossiers with it}."""
    found = DossierFinding.objects.filter(dossier__in=dossiers.order_by().values("pk"))
    return dict(found.order_by().values_list("kind").annotate(count=Count("pk")))


def _write(ids: Collection[int]) -> None:
    """Replace the findings of these dossiers."""
    dossiers = (
        Dossier.objects.filter(pk__in=ids)
        .select_related("participation")
        .prefetch_related("status_marks", "intent_marks")
        .order_by("pk")
    )
    approved = dict(
        DossierRevision.objects.filter(dossier__in=ids)
        .order_by("dossier_id", "-version")
        .distinct("dossier_id")
        .values_list("dossier", "content")
    )
    same = {name: _having_a_double(ids, name) for name in TEXTS}
    rows = [
        DossierFinding(
            dossier=dossier, kind=found.kind, fields=list(found.fields), weight=found.weight
        )
        for dossier in dossiers
        for found in findings_of(
            content_of(dossier),
            approved.get(dossier.pk),
            [name for name in TEXTS if dossier.pk in same[name]],
        )
    ]
    DossierFinding.objects.filter(dossier__in=ids).delete()
    DossierFinding.objects.bulk_create(rows, batch_size=1000)
    total = (
        DossierFinding.objects.filter(dossier=OuterRef("pk"))
        .order_by()
        .values("dossier")
        .annotate(total=Sum("weight"))
        .values("total")
    )
    Dossier.objects.filter(pk__in=ids).update(finding_weight=Coalesce(Subquery(total), 0))


def _doubles(name: str) -> Exists:
    """Whether another dossier of the same institution has the outer one's text (annotated as `digest`)."""
    return Exists(
        Dossier.objects.filter(
            participation__institution=OuterRef("participation__institution"),
        )
        .exclude(pk=OuterRef("pk"))
        .exclude(**{name: ""})
        .alias(other=TextDigest(F(name)))
        .filter(other=OuterRef("digest"))
    )


def _having_a_double(ids: Collection[int], name: str) -> set[int]:
    found = (
        Dossier.objects.filter(pk__in=ids)
        .exclude(**{name: ""})
        .annotate(digest=TextDigest(F(name)))
        .filter(_doubles(name))
    )
    return set(found.values_list("pk", flat=True))


def _partners(ids: Collection[int]) -> list[int]:
    """Waiting dossiers with one of these dossiers' texts whose mark is missing; locked ones are left to others."""
    found: set[int] = set()
    for name in TEXTS:
        texts = Dossier.objects.filter(pk__in=ids).exclude(**{name: ""})
        shared = texts.annotate(digest=TextDigest(F(name))).filter(_doubles(name))
        if digests := set(shared.values_list("digest", flat=True)):
            found |= set(_unmarked(name, digests, ids))
    return sorted(found)


def _marked(ids: Collection[int]) -> set[tuple[int, str]]:
    """(dossier, text) of these dossiers of which a double was found."""
    found = DossierFinding.objects.filter(dossier__in=ids, kind=FindingKind.SAME_TEXT)
    return {(key, name) for key, names in found.values_list("dossier", "fields") for name in names}


def _without_a_double(ids: Collection[int]) -> list[int]:
    """Waiting dossiers of these institutions whose mark says of a text what is true no more."""
    institutions = Dossier.objects.filter(pk__in=ids).values("participation__institution")
    found: set[int] = set()
    for name in TEXTS:
        marked = DossierFinding.objects.filter(
            dossier=OuterRef("pk"), kind=FindingKind.SAME_TEXT, fields__contains=[name]
        )
        found |= set(
            Dossier.objects.filter(state__in=WAITING, participation__institution__in=institutions)
            .exclude(pk__in=ids)
            .annotate(digest=TextDigest(F(name)))
            .filter(Exists(marked), ~_doubles(name))
            .select_for_update(of=("self",), skip_locked=True)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
    return list(found)


def _unmarked(name: str, digests: Collection[str], ids: Collection[int]) -> list[Any]:
    marked = DossierFinding.objects.filter(
        dossier=OuterRef("pk"), kind=FindingKind.SAME_TEXT, fields__contains=[name]
    )
    institutions = Dossier.objects.filter(pk__in=ids).values("participation__institution")
    return list(
        Dossier.objects.filter(state__in=WAITING, participation__institution__in=institutions)
        .exclude(**{name: ""})
        .exclude(pk__in=ids)
        .alias(digest=TextDigest(F(name)))
        .filter(~Exists(marked), digest__in=digests)
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
