"""Personal values at rest: encrypted in columns and in staged rows, found by keyed digests."""

import pytest
from django.db import connection

from portal import crypto
from portal.models import User
from tests import factories


def test_sealed_values_open_again_and_hide_the_phone() -> None:
    values = {"contact_phone": "13812345678", "stars": 3, "title": "演示"}

    sealed = crypto.seal(values)

    assert "13812345678" not in str(sealed)
    assert (sealed["stars"], sealed["title"]) == (3, "演示")
    assert crypto.unseal(sealed) == values


def test_a_digest_finds_whatever_the_case_and_blanks() -> None:
    assert crypto.lookup(" Demo@Example.cn ") == crypto.lookup("demo@example.cn")
    assert crypto.lookup("") == ""


@pytest.mark.django_db
def test_the_database_holds_no_phone_in_clear() -> None:
    user = factories.user(phone="13812345678", email="demo@example.cn")

    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, email FROM portal_user WHERE id = %s", [user.pk])
        stored = cursor.fetchone()

    assert "13812345678" not in stored[0]
    assert "demo@example.cn" not in stored[1]
    assert User.objects.get(phone_lookup=crypto.lookup("13812345678")) == user
