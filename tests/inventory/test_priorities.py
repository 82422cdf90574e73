"""Which dossiers come first, however patent, unit and key industries are written."""

from __future__ import annotations

import pytest

from inventory.choices import PatentKind
from inventory.forms.classification import KeyIndustryForm, prefix_of
from inventory.models import Dossier, KeyIndustry, Patent
from inventory.services import assignments, priorities
from portal.choices import AuditAction
from portal.errors import StaleVersion
from portal.models import AuditEntry, Unit
from portal.services import organisations
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import run_jobs

pytestmark = pytest.mark.django_db


def rank(dossier: Dossier) -> int:
    return Dossier.objects.get(pk=dossier.pk).priority


def dossier(cast: Cast, classes: list[str], **fields: object) -> Dossier:
    kind = fields.pop("kind", PatentKind.INVENTION)
    patent = factories.patent(cast.university, classes=classes, kind=kind)
    return factories.entry(cast.participation, patent, **fields).dossier


def name_discipline(cast: Cast, unit: Unit, *, is_strong: bool = True) -> Unit:
    values = {"name": unit.name, "is_active": True, "is_strong_discipline": is_strong}
    return organisations.change_unit(
        unit=unit, values=values, seen_version=unit.version, actor=cast.manager
    )


def test_inventions_of_key_industries_and_strong_disciplines_first(cast: Cast) -> None:
    KeyIndustry.objects.create(name="集成电路", patterns=["H01L", "G06N3/"])
    strong = name_discipline(cast, cast.school)
    weak = factories.unit(cast.university)

    assert rank(dossier(cast, ["H01L21/02"], unit=strong)) == 1
    assert rank(dossier(cast, ["G06N3/04"], unit=weak)) == 2
    assert rank(dossier(cast, ["A01B1/00"], unit=strong)) == 2
    assert rank(dossier(cast, ["G06N30/04"], unit=weak)) == 3
    assert rank(dossier(cast, ["H01L21/02"], unit=strong, kind=PatentKind.UTILITY)) == 4


def test_a_strategic_code_in_the_dossier_counts(cast: Cast) -> None:
    KeyIndustry.objects.create(name="人工智能", strategic_codes=["1.5"])

    assert rank(dossier(cast, [], strategic_codes=["1.5"])) == 2
    assert rank(dossier(cast, [], strategic_codes=["1.2"])) == 3


def test_units_below_a_strong_discipline_belong_to_it(cast: Cast) -> None:
    below = factories.unit(cast.university, cast.school)
    found = dossier(cast, [], unit=below)
    assert rank(found) == 3

    name_discipline(cast, cast.school)
    assert rank(found) == 2

    cast.school.refresh_from_db()
    name_discipline(cast, cast.school, is_strong=False)
    assert rank(found) == 3


def test_moving_to_another_unit_ranks_anew(cast: Cast) -> None:
    strong = name_discipline(cast, cast.school)
    found = dossier(cast, [])

    assignments.assign_dossiers(ids=[found.pk], unit=strong, actor=cast.manager)

    assert rank(found) == 2


def test_changed_classes_rank_anew(cast: Cast) -> None:
    KeyIndustry.objects.create(name="集成电路", patterns=["H01L"])
    found = dossier(cast, ["A01B1/00"])

    Patent.objects.filter(pk=found.patent_id).update(classes=["H01L21/02"])

    assert rank(found) == 2


@pytest.mark.django_db(transaction=True)
def test_a_key_industry_ranks_by_a_job_and_stands_in_the_trail(cast: Cast) -> None:
    found = dossier(cast, ["H01L21/02"])
    version = found.version
    made = priorities.create_key_industry(
        values={"name": "集成电路", "patterns": ["H01L"], "strategic_codes": []}, actor=cast.city
    )
    run_jobs()
    assert rank(found) == 2

    off = {"is_active": False}
    priorities.change_key_industry(industry=made, values=off, seen_version=1, actor=cast.city)
    run_jobs()

    assert rank(found) == 3
    assert Dossier.objects.get(pk=found.pk).version == version
    assert [entry.action for entry in AuditEntry.objects.about(made)] == [
        AuditAction.CHANGE,
        AuditAction.CREATE,
    ]
    with pytest.raises(StaleVersion):
        priorities.change_key_industry(
            industry=made, values={"name": "x"}, seen_version=1, actor=cast.city
        )


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("h01l", "H01L"),
        ("H01L21", "H01L21/"),
        ("H01L21/00", "H01L21/"),
        ("H01L21/02*", "H01L21/02"),
    ],
)
def test_prefixes(text: str, prefix: str) -> None:
    assert prefix_of(text) == prefix


def test_the_form_names_what_is_no_symbol(cast: Cast) -> None:
    form = KeyIndustryForm({"name": "集成电路", "patterns": "H01L；半导体、G06N"})

    assert not form.is_valid()
    assert "半导体" in form.errors["patterns"][0]
    assert "H01L" in KeyIndustryForm({"name": "x", "patterns": "H01L; G06N"}).data["patterns"]


def test_an_industry_that_says_nothing_is_refused(cast: Cast, client_of) -> None:
    page = client_of(cast.city).post("/inventory/key-industries/new/", {"name": "空"})

    assert page.status_code == 200
    assert page.context["form"].errors
    assert not KeyIndustry.objects.exists()
