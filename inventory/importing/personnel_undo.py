"""Taking a personnel list back: people it added leave the list unless somebody uses them, changed ones are as before.

A person goes back only in the version in which the import left the line. An account that the import kept ready leaves
with the line while nobody was invited into it and nothing names it; otherwise the line and the account stay.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.importing.changed_by import changed_by
from inventory.services import withdrawals
from portal.choices import UndoOutcome
from portal.intake import undoing
from portal.intake.registry import Step
from portal.intake.staging import Written
from portal.intake.undoing import Undone
from portal.models import (
    ImportBatch,
    ImportRow,
    Invitation,
    Membership,
    Organisation,
    StaffMember,
    User,
)
from portal.services import staff, unused_accounts

#: what names an account and goes with it
OF_ACCOUNT: Final = frozenset({(Membership, "user"), (Invitation, "user"), (StaffMember, "user")})
#: somebody was given the link, or came
INVITED: Final = Q(accepted_at__isnull=False) | Q(sent_at__isnull=False, revoked_at__isnull=True)


def image(
    row: ImportRow,
    member: StaffMember,
    before: Mapping[int, Mapping[str, Any]],
    accounts: Collection[int],
) -> Written:
    """What it takes to take a row back: {"made"} or the values before by name (contact sealed), and the account.

    `before` are, by line, the values of those who were on the list already; `accounts` those just kept ready.
    """
    kept: dict[str, Any] = dict(before.get(row.line, {"made": True}))
    if member.user_id in accounts:
        kept["account"] = member.user_id
    return Written(row.line, member.pk, kept, member.version)


def changed_since(batch: ImportBatch) -> QuerySet[ImportRow]:
    """Applied rows whose person has another version by now, whose account is somebody's, or whom a later file names."""
    other = StaffMember.objects.filter(pk=OuterRef("target_id")).exclude(
        version=OuterRef("version_after")
    )
    invited = Invitation.objects.filter(INVITED, user=OuterRef("account"))
    again = undoing.unchanged_later(batch).filter(target_id=OuterRef("target_id"))
    waiting = batch.rows.filter(is_applied=True, undo_outcome="")
    waiting = waiting.annotate(account=Cast(KT("before__account"), IntegerField()))
    return waiting.filter(Exists(other) | Exists(invited) | Exists(again))


def take_back(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Take the next rows back."""
    Organisation.objects.select_for_update(of=("self",)).get(pk=batch.organisation_id)
    rows = undoing.rows_left(batch, first_line, limit)
    if not rows:
        return None
    piece = _Piece(batch, rows)
    for row in rows:
        piece.judge(row)
    piece.write()
    undoing.settle(batch, piece.undone)
    return rows[-1].line + 1


def _is_invited(one: Invitation) -> bool:
    """INVITED, of a row in memory."""
    is_sent = one.sent_at is not None and one.revoked_at is None
    return one.accepted_at is not None or is_sent


class _Piece:
    """One chunk: its people loaded and locked; what is decided of each row; then written."""

    def __init__(self, batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
        self.batch = batch
        keys = [row.target_id for row in rows if row.target_id]
        held = StaffMember.objects.select_for_update(of=("self",)).filter(
            pk__in=keys, organisation=batch.organisation_id
        )
        self.members = {one.pk: one for one in held.order_by("pk")}
        again = undoing.unchanged_later(batch).filter(target_id__in=keys)
        self.again = set(again.values_list("target_id", flat=True))
        self.used = withdrawals.uses(StaffMember, keys, frozenset())
        self._load_accounts(
            [row.before["account"] for row in rows if "account" in (row.before or {})]
        )
        versions = {row.target_id: row.version_after for row in rows}
        self.told = changed_by(
            StaffMember,
            [pk for pk, one in self.members.items() if one.version != versions[pk]],
        )
        self.undone: list[Undone] = []
        self.gone: list[StaffMember] = []
        self.restored: list[tuple[StaffMember, dict[str, Any]]] = []
        self.closed: list[int] = []

    def _load_accounts(self, accounts: Sequence[int]) -> None:
        """Which accounts stay: somebody was invited into them, or something else than the import names them."""
        # whoever makes a link or takes an account waits here, or has been
        locked = Invitation.objects.select_for_update(of=("self",)).filter(user__in=accounts)
        self.invited = {one.user_id for one in locked.order_by("pk") if _is_invited(one)}
        roles = dict(Membership.objects.filter(user__in=accounts).values_list("pk", "user"))
        self.account_used = withdrawals.uses(User, accounts, OF_ACCOUNT)
        for role, what in withdrawals.uses(Membership, list(roles), frozenset()).items():
            self.account_used.setdefault(roles[role], what)

    # --- judging, writing nothing -------------------------------------------------------------------------

    def judge(self, row: ImportRow) -> None:
        member, before = self.members.get(row.target_id or 0), row.before
        if member is None or before is None:
            gone = _("It is gone.") if member is None else _("What was before was not kept.")
            self._say(row, UndoOutcome.KEPT, gone)
        elif note := self._why_line_stays(row, member, before):
            self._say(row, UndoOutcome.KEPT, note)
        else:
            self._go_back(row, member, before)

    def _why_line_stays(
        self, row: ImportRow, member: StaffMember, before: Mapping[str, Any]
    ) -> str:
        if member.pk in self.again:
            return _("A later file says the same.")
        if member.version != row.version_after:
            return self.told.get(member.pk, _("The person was changed since."))
        if "made" in before:
            used = self.used.get(member.pk)
            words = _("It is used since: %(what)s.")
            return words % {"what": used} if used else self._why_account_stays(before)
        return ""

    def _why_account_stays(self, before: Mapping[str, Any]) -> str:
        account = before.get("account")
        if account in self.invited:
            return _("The person was invited since.")
        if used := self.account_used.get(account or 0):
            return _("The account is used since: %(what)s.") % {"what": used}
        return ""

    def _go_back(self, row: ImportRow, member: StaffMember, before: Mapping[str, Any]) -> None:
        account_stays = self._why_account_stays(before)
        if "account" in before and not account_stays:
            self.closed.append(before["account"])
            member.user = None
        if "made" in before:
            self.gone.append(member)
        else:
            values = {name: before[name] for name in staff.FIELDS if name in before}
            self.restored.append((member, values))
        outcome = UndoOutcome.PARTLY if account_stays else UndoOutcome.TAKEN_BACK
        self._say(row, outcome, account_stays)

    def _say(self, row: ImportRow, outcome: UndoOutcome, note: str = "") -> None:
        self.undone.append(Undone(row.line, outcome, note))

    # --- writing ------------------------------------------------------------------------------------------

    def write(self) -> None:
        by: dict[str, Any] = {
            "actor": undoing.actor_of(self.batch),
            "reason": self.batch.undo_reason,
        }
        staff.remove_staff(members=self.gone, **by)
        staff.change_staff(changed=self.restored, **by)
        unused_accounts.remove_accounts(people=self.closed, **by)


UNDOES: Final = (Step(gettext_lazy("Taking people back"), take_back),)
