"""Signing in and out: the counter of failures in the database, the trail of who came and went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from portal import audit, crypto
from portal.choices import AuditAction
from portal.models import SignInThrottle, User

MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)

# One statement takes one try, so that parallel requests cannot all see "four failures so far". A locked pair updates
# nothing and returns no row. The fifth try locks before its password is looked at; success clears the row again.
_TAKE = """
INSERT INTO portal_signinthrottle AS t (key, failures, locked_until, updated_at)
VALUES (%(key)s, 1, CASE WHEN %(most)s <= 1 THEN clock_timestamp() + %(pause)s::interval END, clock_timestamp())
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN t.updated_at < clock_timestamp() - %(pause)s::interval THEN 1 ELSE t.failures + 1 END,
    locked_until = CASE
        WHEN t.updated_at >= clock_timestamp() - %(pause)s::interval AND t.failures + 1 >= %(most)s
        THEN clock_timestamp() + %(pause)s::interval END,
    updated_at = clock_timestamp()
WHERE t.locked_until IS NULL OR t.locked_until <= clock_timestamp()
RETURNING failures
"""


def throttle_key(username: str, address: str) -> str:
    """Half of the key names the account, half the address: all pairs of an account can be cleared by prefix."""
    return _half(f"user:{username}") + _half(f"address:{address}")


def take_try(username: str, address: str) -> int | None:
    """Count one try of this pair and return how many there were; None when the pair is locked.

    Commits at once (its own statement): call it outside a transaction that may be rolled back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "key": throttle_key(username, address),
                "most": MAX_FAILURES,
                "pause": f"{LOCKED_FOR.total_seconds():.0f} seconds",
            },
        )
        row = cursor.fetchone()
    return row[0] if row else None


@transaction.atomic
def record_success(*, person: User, address: str) -> None:
    """Clear the counter of this pair and write the sign-in to the trail."""
    SignInThrottle.objects.filter(key=throttle_key(person.username, address)).delete()
    audit.record(actor=person, action=AuditAction.SIGN_IN, target=person)


@transaction.atomic
def record_failure(*, username: str, tries: int) -> None:
    """Write a failed try; the typed name itself is kept only where it is an account's."""
    person = User.objects.filter(username=username).first()
    audit.record(actor=None, action=AuditAction.SIGN_IN_FAILED, target=person)
    if tries >= MAX_FAILURES:
        audit.record(actor=None, action=AuditAction.LOCK, target=person)


@transaction.atomic
def record_sign_out(*, person: User) -> None:
    audit.record(actor=person, action=AuditAction.SIGN_OUT, target=person)


@transaction.atomic
def unlock_account(*, person: User, actor: Any) -> int:
    """Clear every lock of this account, from whatever address; returns how many there were."""
    count, _ = SignInThrottle.objects.filter(
        key__startswith=_half(f"user:{person.username}")
    ).delete()
    if count:
        changes = {"locked": [True, False]}
        audit.record(actor=actor, action=AuditAction.CHANGE, target=person, changes=changes)
    return count


def _half(text: str) -> str:
    return crypto.lookup(text)[:32]
