"""Who may open a stored file: its owner, or whoever may open the record it belongs to (apps register how to ask)."""

from __future__ import annotations

from collections.abc import Callable

from portal.models import Membership, StoredFile

MayOpen = Callable[[Membership, StoredFile], bool]
_checks: list[MayOpen] = []


def register_file_check(check: MayOpen) -> None:
    """`check(membership, file)` says whether the file hangs on a record this membership may open."""
    _checks.append(check)


def openable_file(membership: Membership, pk: int) -> StoredFile | None:
    """The file if this membership may open it; None hides whether it exists."""
    own = StoredFile.objects.visible_to(membership).filter(pk=pk).first()
    if own is not None:
        return own
    file = StoredFile.objects.filter(pk=pk).first()
    if file is not None and any(check(membership, file) for check in _checks):
        return file
    return None
