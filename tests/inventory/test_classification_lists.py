"""The rows of a loaded edition as a list: the address names the edition, whoever may not read it learns nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from inventory.choices import TableKind
from inventory.models import ClassificationTable
from portal.errors import DomainError
from portal.jobs import runner
from portal.lists.export import ask_for_export
from portal.lists.registry import narrowed
from portal.models import StoredFile
from tests import factories
from tests.conftest import Cast, signed_in

pytestmark = pytest.mark.django_db
NOBODYS = 999_999_999


@pytest.fixture
def concordance(cast: Cast) -> ClassificationTable:
    table = factories.edition(cast.city)
    table.rules.create(code="1.2", pattern="H01L")
    table.rules.create(code="1.2", pattern="H01L21/027", is_exclusion=True)
    table.rules.create(code="1.5", pattern="G06F", keyword="神经网络")
    return table


@pytest.fixture
def codes(cast: Cast) -> ClassificationTable:
    table = factories.edition(cast.city, TableKind.CODES)
    table.codes.create(code="1.2.1", name="演示小类")
    return table


def test_an_edition_opens_with_its_own_rows_and_no_other_ones(
    cast: Cast, concordance: ClassificationTable, codes: ClassificationTable
) -> None:
    factories.edition(cast.city).rules.create(code="9.9", pattern="A01B")
    client = signed_in(cast.manager)

    rules = client.get(concordance.get_absolute_url())
    names = client.get(codes.get_absolute_url())

    assert [row.code for row in rules.context["page"].items] == ["1.2", "1.2", "1.5"]
    assert [row.code for row in names.context["page"].items] == ["1.2.1"]
    assert concordance.edition in rules.content.decode()
    assert "演示小类" in names.content.decode()


@pytest.mark.parametrize(
    ("effect", "patterns"),
    [("belongs", ["H01L"]), ("excluded", ["H01L21/027"]), ("proposes", ["G06F"])],
)
def test_rules_are_filtered_by_what_they_do(
    cast: Cast, concordance: ClassificationTable, effect: str, patterns: list[str]
) -> None:
    found = narrowed("inventory.rules", f"table={concordance.pk}&effect={effect}", cast.manager)

    assert [rule.pattern for rule in found] == patterns
    assert {rule.effect for rule in found} == {effect}


def test_an_edition_of_the_other_kind_is_as_one_that_is_not_there(
    cast: Cast, concordance: ClassificationTable, codes: ClassificationTable
) -> None:
    client = signed_in(cast.manager)
    asked = [
        ("inventory.codes", "classification-codes", concordance.pk),
        ("inventory.rules", "classification-rules", codes.pk),
        ("inventory.rules", "classification-rules", NOBODYS),
        ("inventory.rules", "classification-rules", "x"),
    ]

    for name, route, key in asked:
        address = f"{reverse(f'inventory:{route}')}?table={key}"
        assert client.get(address).status_code == 404
        with pytest.raises(DomainError):
            narrowed(name, f"table={key}", cast.manager)


def test_whoever_reads_no_tables_is_refused(cast: Cast, concordance: ClassificationTable) -> None:
    answer = signed_in(cast.enterprise).get(concordance.get_absolute_url())

    assert answer.status_code == 403


def test_the_file_of_an_edition_is_named_after_it(
    cast: Cast, concordance: ClassificationTable
) -> None:
    ask_for_export(
        list_name="inventory.rules",
        query=f"table={concordance.pk}",
        file_format="csv",
        has_all_columns=True,
        actor=cast.manager,
    )
    runner.run_due("w")

    file = StoredFile.objects.get(purpose=StoredFile.Purpose.EXPORT)
    lines = file.content.read().decode("utf-8-sig").splitlines()
    assert concordance.edition in file.name
    assert lines == [
        "代码,国际专利分类（IPC）,关键词,作用",
        "1.2,H01L,,计入",
        "1.2,H01L21/027,,不计入",
        "1.5,G06F,神经网络,仅提示",
    ]


def test_the_city_puts_an_edition_in_force_from_its_page(
    cast: Cast, concordance: ClassificationTable
) -> None:
    client = signed_in(cast.city)
    force = reverse("inventory:classification-force", args=[concordance.pk])
    assert force in client.get(concordance.get_absolute_url()).content.decode()

    answer = client.post(force, {"version": concordance.version})

    assert answer["Location"] == concordance.get_absolute_url()
    assert force not in client.get(concordance.get_absolute_url()).content.decode()
