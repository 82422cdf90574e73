"""The first administrators of an empty installation."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.choices import Role
from portal.models import AuditEntry, Membership, User

pytestmark = pytest.mark.django_db


def test_three_people_who_must_change_their_passwords(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("first_administrators", "演示运维单位")

    assert sorted(Membership.objects.values_list("role", flat=True)) == sorted(
        [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN]
    )
    assert all(User.objects.values_list("must_change_password", flat=True))
    assert AuditEntry.objects.count() == 7
    username, password = capsys.readouterr().out.splitlines()[0].split()[:2]
    assert Client().login(username=username, password=password)


def test_refused_when_there_are_administrators() -> None:
    call_command("first_administrators", "演示运维单位")

    with pytest.raises(CommandError):
        call_command("first_administrators", "另一单位")
