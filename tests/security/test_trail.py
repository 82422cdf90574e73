"""Acts that no form of the matrix shows are in the trail, too: who, what, whose."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile

from inventory.services import base_lists
from portal.choices import AuditAction
from portal.models import AuditEntry, StoredFile
from portal.services import files, sign_in
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def last(**lookup: object) -> AuditEntry:
    return AuditEntry.objects.filter(**lookup).latest("pk")


def test_signing_in_and_out(cast: Cast) -> None:
    person = cast.manager.user

    sign_in.record_success(person=person, address="10.0.0.1")
    assert last(user=person).action == AuditAction.SIGN_IN

    sign_in.record_sign_out(person=person)
    assert last(user=person).action == AuditAction.SIGN_OUT


def test_failures_and_the_lock(cast: Cast) -> None:
    person = cast.manager.user

    for tries in (4, 5):
        sign_in.record_failure(username=person.username, tries=tries)

    about = AuditEntry.objects.filter(object_type="portal.user", object_id=person.pk)
    acts = list(about.order_by("pk").values_list("action", flat=True))
    failed, lock = AuditAction.SIGN_IN_FAILED, AuditAction.LOCK
    assert acts == [failed, failed, lock]


def test_unlocking(cast: Cast) -> None:
    person = cast.manager.user
    sign_in.take_try(person.username, "10.0.0.1")

    assert sign_in.unlock_account(person=person, actor=cast.security_admin) == 1
    entry = last(object_id=person.pk, object_type="portal.user")
    assert (entry.user, entry.changes) == (cast.security_admin.user, {"locked": [True, False]})

    assert sign_in.unlock_account(person=person, actor=cast.security_admin) == 0
    assert last(object_id=person.pk, object_type="portal.user") == entry


def test_taking_a_file(cast: Cast) -> None:
    kept = files.keep_file(
        content=ContentFile(b"x"),
        name="export.xlsx",
        purpose=StoredFile.Purpose.EXPORT,
        actor=cast.manager,
    )

    files.record_opening(file=kept, actor=cast.manager)

    entry = last(object_type="portal.storedfile", object_id=kept.pk)
    assert (entry.action, entry.owner) == (AuditAction.EXPORT, cast.university)
    assert entry.changes["sha256"] == [None, kept.sha256]


def test_listing_patents(cast: Cast) -> None:
    patent = factories.patent(cast.university)

    (key,) = base_lists.list_patents(
        actor=cast.manager,
        campaign=cast.campaign,
        institution=cast.university,
        patent_ids=[patent.pk],
    )

    entry = last(object_type="inventory.baselistentry", object_id=key)
    assert entry.changes == {"patent": [None, patent.pk], "campaign": [None, cast.campaign.pk]}
    again = base_lists.list_patents(
        actor=cast.manager,
        campaign=cast.campaign,
        institution=cast.university,
        patent_ids=[patent.pk],
    )
    assert again == []
