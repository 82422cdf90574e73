"""What uploaded lists said about a person who is forgotten: the rows are emptied, the lists themselves go."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal import audit
from portal.choices import AuditAction, ImportState
from portal.errors import InvalidTransition
from portal.intake.emptying import empty_rows
from portal.intake.files import RowFile
from portal.models import ImportBatch, ImportRow, Membership
from portal.services import files

UNFINISHED = (
    ImportState.READING,
    ImportState.MAPPING,
    ImportState.PREVIEW,
    ImportState.APPLYING,
    ImportState.UNDOING,
)


def lists_of(rows: QuerySet[ImportRow]) -> QuerySet[ImportBatch]:
    """The imports of the files in which these rows stand, however often each was uploaded."""
    digests = rows.values_list("batch__file__sha256", flat=True)
    return ImportBatch.objects.filter(file__sha256__in=list(digests))


@transaction.atomic
def forget_rows(*, rows: QuerySet[ImportRow], actor: Membership, reason: str) -> int:
    """Empty the rows that name a person and let the files go in which they stand; returns how many imports those are.

    InvalidTransition while one of them is not finished: it would bring the person in again.
    """
    found = lists_of(rows).select_related("file").select_for_update(of=("self",)).order_by("pk")
    batches = list(found)
    for batch in batches:
        if batch.state in UNFINISHED:
            raise InvalidTransition(
                _(
                    "The import of %(file)s names this person and is not finished. Let the office that uploaded it "
                    "finish or discard it first."
                )
                % {"file": batch.file.name}
            )
    count = empty_rows(rows)
    for batch in batches:
        files.let_go(file=batch.file, actor=actor, reason=reason)
        audit.record(
            actor=actor,
            action=AuditAction.CHANGE,
            target=batch,
            owner=batch.organisation_id,
            changes={"emptied_rows": [None, count]},
            reason=reason,
        )
        transaction.on_commit(RowFile(batch).remove)
    return len(batches)
