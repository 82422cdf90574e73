"""Entering one patent by hand."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from inventory import numbers
from inventory.models import BaseListEntry, Patent
from inventory.services.patents import PatentDetails, add_patent
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
NUMBER = numbers.display(numbers.make_number(2017, 1, 9_100_001))


def details(**more: object) -> PatentDetails:
    fields = {
        "number": NUMBER,
        "title": "一种手工录入的演示装置",
        "filed_on": date(2017, 3, 28),
        "granted_on": date(2019, 6, 4),
        "inventors": ("演示甲", "演示乙"),
    } | more
    return PatentDetails(**fields)


def test_a_patent_is_entered_and_listed(cast: Cast) -> None:
    patent = add_patent(actor=cast.manager, details=details(), campaign=cast.campaign)
    assert (patent.kind, patent.expires_on) == ("invention", date(2037, 3, 28))
    assert [holder.organisation for holder in patent.holders.all()] == [cast.university]
    assert [inventor.name for inventor in patent.inventors.all()] == ["演示甲", "演示乙"]
    assert BaseListEntry.objects.get().patent == patent
    assert Patent.objects.containing("手工录入").get() == patent


def test_a_later_grant_goes_to_the_register_only(cast: Cast) -> None:
    add_patent(
        actor=cast.manager, details=details(granted_on=date(2024, 1, 2)), campaign=cast.campaign
    )
    assert not BaseListEntry.objects.exists()


@pytest.mark.parametrize("number", ["CN201719100001.0", "国防专利", ""])
def test_a_wrong_number_is_refused(cast: Cast, number: str) -> None:
    with pytest.raises(ValidationError):
        add_patent(actor=cast.manager, details=details(number=number))
    assert not Patent.objects.exists()


def test_a_number_of_others_is_refused(cast: Cast) -> None:
    factories.patent(cast.other, application_number=numbers.make_number(2017, 1, 9_100_001))
    with pytest.raises(ValidationError):
        add_patent(actor=cast.manager, details=details())
