"""A personnel list taken back: who leaves the list, whose account leaves with it, what stays and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portal import clock
from portal.choices import ImportState, UndoOutcome
from portal.intake import recognition
from portal.models import (
    AuditEntry,
    ImportBatch,
    ImportRow,
    Invitation,
    Membership,
    Notice,
    StaffMember,
    User,
)
from portal.services import import_undo, invitations, staff, unused_accounts
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import confirm, fresh, run_jobs, upload
from tests.inventory.importing.test_personnel_import import HEAD, person, take

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]
PHONE = "13800001111"
Outcome = tuple[str, str]


def take_back(cast: Cast, batch: ImportBatch) -> ImportBatch:
    batch = fresh(batch)
    import_undo.take_back(
        actor=cast.manager, batch=batch, seen_version=batch.version, reason="传错了名册"
    )
    run_jobs()
    assert fresh(batch).state == ImportState.TAKEN_BACK, fresh(batch).problem
    return fresh(batch)


def outcomes(batch: ImportBatch) -> dict[int, str]:
    return dict(batch.rows.exclude(undo_outcome="").values_list("line", "undo_outcome"))


def note(batch: ImportBatch, line: int) -> str:
    return batch.rows.get(line=line).undo_note


def as_it_is(cast: Cast) -> list[tuple[object, ...]]:
    """The list of the institution without what counts versions."""
    fields = ("name", "staff_number", "unit", "title", "category", "user", "is_doubtful")
    found = StaffMember.objects.filter(organisation=cast.university).order_by("pk")
    texts = [(one.email, one.phone, one.email_lookup, one.phone_lookup) for one in found]
    return [(*row, *text) for row, text in zip(found.values_list(*fields), texts, strict=True)]


def test_a_mistaken_list_leaves_nothing_behind_and_the_right_one_comes_in_after(
    cast: Cast, upload: Upload
) -> None:
    take(upload, cast, [HEAD, person("王伟", "1", 手机号=PHONE)])
    before = as_it_is(cast)
    people = User.objects.count()
    changed = person("王伟", "1", 职称="副教授", 手机号="13900002222", 邮箱="w@example.org")
    rows = [HEAD, changed, person("李明", "2"), person("赵丽", "3", 手机号="13700003333")]
    batch = take(upload, cast, rows, accounts="all")
    assert Invitation.objects.count() == 3
    assert "13900002222" not in str(raw_images(batch))
    assert PHONE not in str(raw_images(batch))

    batch = take_back(cast, batch)

    assert outcomes(batch) == dict.fromkeys((2, 3, 4), UndoOutcome.TAKEN_BACK)
    assert as_it_is(cast) == before
    assert (User.objects.count(), Invitation.objects.count()) == (people, 0)
    told = AuditEntry.objects.filter(reason="传错了名册", object_type="portal.user")
    assert sorted(entry.changes["name"][0] for entry in told) == ["李明", "王伟", "赵丽"]
    assert PHONE not in str(list(AuditEntry.objects.values_list("changes", flat=True)))

    # the names are free again
    again = take(upload, cast, [HEAD, person("李明", "2")], accounts="all")
    assert again.counts["added"] == 1
    assert Invitation.objects.get().user.username == "liming"


def raw_images(batch: ImportBatch) -> list[tuple[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT before::text FROM portal_importrow WHERE batch_id = %s", [batch.pk])
        return list(cursor.fetchall())


def changed_by_hand(cast: Cast, member: StaffMember) -> None:
    staff.change_staff(changed=[(member, {"title": "院长"})], actor=cast.manager)


def invited(cast: Cast, member: StaffMember) -> None:
    invitation = Invitation.objects.get(user=member.user)
    Invitation.objects.filter(pk=invitation.pk).update(
        token_digest="d" * 64, sent_at=clock.now(), expires_at=clock.now()
    )


def came(cast: Cast, member: StaffMember) -> None:
    Invitation.objects.filter(user=member.user).update(
        accepted_at=clock.now(), accepted_by=member.user
    )


def responsible(cast: Cast, member: StaffMember) -> None:
    entry = factories.entry(cast.participation)
    type(entry.dossier).objects.filter(pk=entry.dossier_id).update(responsible=member.user)


def told_something(cast: Cast, member: StaffMember) -> None:
    role = Membership.objects.get(user=member.user)
    Notice.objects.create(recipient=role, kind="portal.import", params={})


@pytest.mark.parametrize("use", [changed_by_hand, invited, came, responsible, told_something])
def test_who_is_used_stays_and_the_others_go(
    cast: Cast, upload: Upload, use: Callable[[Cast, StaffMember], None]
) -> None:
    rows = [HEAD, person("李明", "1"), person("赵丽", "2")]
    batch = take(upload, cast, rows, accounts="all")
    use(cast, StaffMember.objects.get(name="李明"))

    batch = take_back(cast, batch)

    assert outcomes(batch) == {2: UndoOutcome.KEPT, 3: UndoOutcome.TAKEN_BACK}
    assert note(batch, 2)
    kept = StaffMember.objects.get()
    assert (kept.name, kept.user is not None) == ("李明", True)
    assert kept.user.is_active
    assert Invitation.objects.count() == 1


def test_what_stays_is_named_before(cast: Cast, upload: Upload) -> None:
    rows = [HEAD, person("李明", "1"), person("赵丽", "2"), person("孙强", "3")]
    batch = take(upload, cast, rows, accounts="all")
    changed_by_hand(cast, StaffMember.objects.get(name="李明"))
    invited(cast, StaffMember.objects.get(name="赵丽"))

    found = batch_changed(batch)

    assert found == [2, 3]


def batch_changed(batch: ImportBatch) -> list[int]:
    rows = recognition.importer_of(batch).changed_since(batch)
    return sorted(rows.values_list("line", flat=True))


def test_a_changed_person_goes_back_though_the_account_stays(cast: Cast, upload: Upload) -> None:
    take(upload, cast, [HEAD, person("李明", "1", 职称="讲师")])
    batch = take(upload, cast, [HEAD, person("李明", "1", 职称="教授")], accounts="all")
    invited(cast, StaffMember.objects.get())

    batch = take_back(cast, batch)

    assert outcomes(batch) == {2: UndoOutcome.PARTLY}
    assert note(batch, 2)
    member = StaffMember.objects.get()
    assert (member.title, member.user is not None) == ("讲师", True)


def test_a_later_list_that_says_the_same_holds_its_people(cast: Cast, upload: Upload) -> None:
    rows = [HEAD, person("李明", "1"), person("赵丽", "2")]
    batch = take(upload, cast, rows)
    later = upload(cast.manager, [HEAD, person("李明", "1"), person("孙强", "9")])
    confirm(cast.manager, later)

    batch = take_back(cast, batch)

    assert outcomes(batch) == {2: UndoOutcome.KEPT, 3: UndoOutcome.TAKEN_BACK}
    assert sorted(StaffMember.objects.values_list("name", flat=True)) == ["孙强", "李明"]


def test_people_of_others_are_never_touched(cast: Cast, upload: Upload) -> None:
    elsewhere = factories.staff(cast.other, name="李明", staff_number="1")
    batch = take(upload, cast, [HEAD, person("李明", "1")])
    ImportRow.objects.filter(batch=batch).update(target_id=elsewhere.pk, version_after=1)

    batch = take_back(cast, batch)

    assert outcomes(batch) == {2: UndoOutcome.KEPT}
    assert StaffMember.objects.filter(pk=elsewhere.pk).exists()


def test_an_account_that_works_elsewhere_too_is_not_deleted(cast: Cast, upload: Upload) -> None:
    batch = take(upload, cast, [HEAD, person("李明", "1")], accounts="all")
    account = StaffMember.objects.get().user
    factories.membership("inventor", cast.other, user=account)

    take_back(cast, batch)

    assert User.objects.filter(pk=account.pk).exists()
    assert Membership.objects.filter(user=account, organisation=cast.other).exists()


def test_taking_back_costs_the_same_for_any_number_of_people(cast: Cast, upload: Upload) -> None:
    costs = []
    for count in (1, 12):
        names = [f"{one}{'明强'[count > 1]}" for one in "赵钱孙李周吴郑王冯陈褚卫"[:count]]
        rows = [HEAD, *(person(name, str(count * 100 + n)) for n, name in enumerate(names))]
        batch = take(upload, cast, rows, accounts="all")
        import_undo.take_back(
            actor=cast.manager, batch=batch, seen_version=batch.version, reason="错"
        )
        with CaptureQueriesContext(connection) as queries:
            run_jobs()
        assert set(outcomes(batch).values()) == {UndoOutcome.TAKEN_BACK}
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_links_made_after_the_preview_of_the_undo_keep_their_people(
    cast: Cast, upload: Upload
) -> None:
    """The link goes out between asking and the chunk: the person is invited, so the line stays."""
    batch = take(upload, cast, [HEAD, person("李明", "1", 邮箱="a@example.org")], accounts="all")
    import_undo.take_back(actor=cast.manager, batch=batch, seen_version=batch.version, reason="错")
    one = Invitation.objects.get()
    invitations.make_links(versions={one.pk: one.version}, actor=cast.manager)

    run_jobs()

    assert outcomes(batch) == {2: UndoOutcome.KEPT}
    assert User.objects.filter(pk=one.user_id).exists()


def test_who_leaves_the_list_is_told_with_what_the_line_said(cast: Cast) -> None:
    member = factories.staff(cast.university, name="钱多")
    with transaction.atomic():
        staff.remove_staff(members=[member], actor=cast.manager, reason="传错了名册")

    told = AuditEntry.objects.filter(object_type="portal.staffmember", object_id=member.pk).get()
    assert told.changes["name"] == ["钱多", None]
    assert not StaffMember.objects.filter(pk=member.pk).exists()


def test_an_account_somebody_uses_or_of_another_institution_is_not_removed(cast: Cast) -> None:
    unused, used, elsewhere = (factories.user() for _number in range(3))
    for one in (unused, elsewhere):
        one.set_unusable_password()
        one.save()
    for one in (unused, used, elsewhere):
        factories.membership(user=one, organisation=cast.university)
    factories.membership(user=elsewhere, organisation=factories.organisation())

    removed = unused_accounts.remove_accounts(
        people=[unused.pk, used.pk, elsewhere.pk], actor=cast.manager, reason="传错了名册"
    )

    assert removed == 1
    assert set(User.objects.filter(pk__in=[unused.pk, used.pk, elsewhere.pk])) == {used, elsewhere}
    told = AuditEntry.objects.filter(object_type="portal.user", reason="传错了名册").get()
    assert (told.object_id, told.changes["username"]) == (unused.pk, [unused.username, None])
