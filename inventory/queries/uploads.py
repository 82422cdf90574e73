"""What may go to the national platform, what not and why; the items of a batch counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from inventory.choices import DossierState, ItemOutcome, UploadStanding
from inventory.models import (
    BaseListEntry,
    Campaign,
    ConfidentialWords,
    Dossier,
    DossierFact,
    UploadBatch,
    UploadItem,
)

# a complete dossier, or one under revision whose approved version still counts
_COVERED = DossierFact.objects.current().filter(dossier=OuterRef("pk"), is_covered=True)
APPROVED = Q(state=DossierState.COMPLETED) | Exists(_COVERED)
_OPEN = UploadItem.objects.filter(dossier=OuterRef("pk"), is_open=True)
LATEST = 5
#: Until an institution keeps a list of its own.
USUAL_WORDS = ("涉密", "秘密", "机密", "绝密", "国防", "军工", "军用", "武器", "内部资料")


@dataclass(frozen=True)
class Preview:
    """What a batch of a campaign would hold, and why the rest stays out."""

    ready: int
    new: int
    changed: int
    returned: int
    unchanged: int
    not_complete: int
    in_open_batch: int
    excluded: int
    filed_by_others: int

    @property
    def unsent(self) -> int:
        return self.new + self.changed + self.returned


def filed(campaign: Campaign, institution_id: int) -> QuerySet[Dossier]:
    """Dossiers of counting entries that the institution files itself."""
    entries = BaseListEntry.objects.included().filter(
        campaign=campaign, institution=institution_id, dossier=OuterRef("pk")
    )
    return Dossier.objects.filter(Exists(entries), participation__institution=institution_id)


def candidates(campaign: Campaign, institution_id: int) -> QuerySet[Dossier]:
    """Those with an approved version that stand in no other open batch."""
    return filed(campaign, institution_id).filter(APPROVED, ~Exists(_OPEN))


def unsent(dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """未上传、上传后有变更、平台退回: everything but what the platform already holds."""
    return dossiers.exclude(upload_standing=UploadStanding.SENT)


def returned(rows: QuerySet[Any], what: str, path: str = "") -> QuerySet[Any]:
    """Of dossiers (of rows with one along `path`) those that the platform returned, with `returned_on`.

    `what`: "mend", the content still is what was returned and nobody revises it; "again", a changed content was
    approved since, and it waits for the next batch. What is being revised is neither.
    """
    went = UploadItem.objects.filter(
        dossier=OuterRef(f"{path}pk"),
        outcome__in=[ItemOutcome.SENT, ItemOutcome.ACCEPTED, ItemOutcome.RETURNED],
    ).order_by("-pk")
    found = rows.filter(**{f"{path}upload_standing": UploadStanding.RETURNED}).annotate(
        returned_on=Subquery(went.values("answered_on")[:1])
    )
    as_returned = Q(**{f"{path}approved_digest": Subquery(went.values("digest")[:1])})
    chosen: QuerySet[Any] = (
        found.filter(as_returned, **{f"{path}state": DossierState.COMPLETED})
        if what == "mend"
        else found.filter(~as_returned).exclude(**{f"{path}approved_digest": ""})
    )
    return chosen


def returned_entries(entries: QuerySet[Any], what: str) -> QuerySet[Any]:
    """Entries whose dossier the platform returned, in the list of whoever files it; see `returned`."""
    own = entries.filter(
        dossier__participation__institution=F("institution"),
        dossier__participation__campaign=F("campaign"),
    )
    return returned(own, what, "dossier__")


def preview(campaign: Campaign, institution_id: int) -> Preview:
    """Counts before a batch is opened, in three queries."""
    mine = filed(campaign, institution_id)
    standing = {
        row["upload_standing"]: row["count"]
        for row in candidates(campaign, institution_id)
        .order_by()
        .values("upload_standing")
        .annotate(count=Count("pk"))
    }
    why = mine.annotate(is_approved=APPROVED, is_taken=Exists(_OPEN)).aggregate(
        not_complete=Count("pk", filter=Q(is_approved=False)),
        in_open_batch=Count("pk", filter=Q(is_approved=True, is_taken=True)),
    )
    entries = BaseListEntry.objects.filter(campaign=campaign, institution=institution_id)
    is_ours = Q(dossier__participation__institution=institution_id)
    out = entries.aggregate(
        excluded=Count("pk", filter=Q(is_included=False)),
        filed_by_others=Count("pk", filter=Q(is_included=True) & ~is_ours),
    )
    return Preview(
        ready=sum(standing.values()),
        new=standing.get(UploadStanding.NOT_SENT, 0),
        changed=standing.get(UploadStanding.CHANGED, 0),
        returned=standing.get(UploadStanding.RETURNED, 0),
        unchanged=standing.get(UploadStanding.SENT, 0),
        **why,
        **out,
    )


def counts_of(batch: UploadBatch) -> dict[str, int]:
    """{outcome: items} of a batch, how many are doubtful, and of how many another content was approved since."""
    rows = batch.items.order_by().values_list("outcome").annotate(count=Count("pk"))
    found = {outcome.value: 0 for outcome in ItemOutcome} | dict(rows)
    doubtful = batch.items.exclude(doubts=[]).exclude(outcome=ItemOutcome.LEFT_OUT).count()
    kept = batch.items.exclude(outcome=ItemOutcome.LEFT_OUT)
    differing = kept.exclude(dossier__approved_digest=F("digest")).count()
    return {**found, "doubtful": doubtful, "differing": differing}


def uploads_of(dossier: Dossier) -> list[UploadItem]:
    """The latest items of a dossier with their batches, newest first."""
    items = UploadItem.objects.filter(dossier=dossier).select_related("batch")
    return list(items.order_by("-pk")[:LATEST])


def words_with_version(institution_id: int) -> tuple[int, list[str]]:
    """(version, words) of the institution's confidential list; the usual words while it has none."""
    stored = ConfidentialWords.objects.filter(institution=institution_id).first()
    return (1, list(USUAL_WORDS)) if stored is None else (stored.version, stored.words)
