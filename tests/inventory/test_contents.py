"""Contents written from plans: the same columns, marks, trail, steps and facts as a save of one dossier."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from inventory.choices import DossierState
from inventory.dossier_content import Content, Intent, Status
from inventory.models import Dossier, DossierFact, DossierStep
from inventory.services import moves
from inventory.services.contents import Plans, Writing, write_plans
from inventory.services.dossiers import content_of, save_dossier
from portal.choices import AuditAction
from portal.intake.staging import encode
from portal.models import AuditEntry
from tests.conftest import Cast
from tests.factories import entry

pytestmark = pytest.mark.django_db

STATUSES = (
    Status("licensed", "open_contract", amount=Decimal("12.5"), remark="带\t制表符与“引号”\n"),
    Status("not_implemented"),
)
INTENTS = (Intent("license", "open", fee=Decimal(0)),)
TEXTS: dict[str, Any] = {
    "combination_numbers": ("201910000001X",),
    "is_publicly_funded": False,
    "partner_cities": ("北京市-海淀区", "广东省-深圳市"),
    "uses_default_contact": False,
    "contact_name": "演示人",
    "contact_phone": "13800000000",
    "maturity": "sample",
    "stars": 4,
    "advantages": '结构简单\\成本低，{括号}与"引号"',
    "industry": "C",
    "strategic_codes": ("1.1",),
}


def dossiers(cast: Cast, count: int, state: str = DossierState.UNFILED) -> list[Dossier]:
    return [entry(cast.participation, state=state).dossier for _n in range(count)]


def write(cast: Cast, after: Content, *of: Dossier) -> None:
    """Write one content to dossiers, from a relation as an import has it."""
    with transaction.atomic():
        locked = moves.lock_dossiers([one.pk for one in of])
        plans = [Writing(d, content_of(d), after, "", d.unit_id, d.responsible_id) for d in locked]
        given = [[one.dossier.pk, one.plan] for one in plans]
        relation = "(SELECT (e->>0)::bigint AS id, e->1 AS plan FROM jsonb_array_elements(%(all)s::jsonb) e) AS t"
        ids = [one.pk for one in locked]
        write_plans(Plans(relation, {"all": encode(given)}, ids), actor=cast.manager)


def said(dossier: Dossier) -> Content:
    return content_of(Dossier.objects.get(pk=dossier.pk))


def filled(dossier: Dossier) -> Content:
    return replace(content_of(dossier), statuses=STATUSES, intents=INTENTS, **TEXTS)


def test_a_plan_writes_what_a_save_writes(cast: Cast) -> None:
    planned, saved = dossiers(cast, 2)
    after = filled(planned)

    write(cast, after, planned)
    values = {name: list(v) if isinstance(v, tuple) else v for name, v in TEXTS.items()}
    save_dossier(
        dossier_id=saved.pk,
        seen_version=saved.version,
        values=values,
        statuses=STATUSES,
        intents=INTENTS,
        actor=cast.manager,
    )

    assert said(planned) == said(saved) == after
    one, other = (Dossier.objects.get(pk=pk) for pk in (planned.pk, saved.pk))
    own = {"id", "patent_id", "updated_at", "contact_phone"}
    columns = [f.attname for f in Dossier._meta.concrete_fields if f.attname not in own]
    assert {n: getattr(one, n) for n in columns} == {n: getattr(other, n) for n in columns}


def test_trail_step_and_fact_of_a_dossier_that_starts(cast: Cast) -> None:
    (dossier,) = dossiers(cast, 1)
    write(cast, filled(dossier), dossier)

    told = AuditEntry.objects.about(dossier).order_by("pk")
    assert [(one.action, one.version) for one in told] == [
        (AuditAction.CHANGE, dossier.version + 1),
        (AuditAction.STATE, dossier.version + 2),
    ]
    assert told[0].changes["contact_phone"] == ["", "138****0000"]
    assert (told[0].user_id, told[0].owner_id) == (
        cast.manager.user_id,
        cast.manager.organisation_id,
    )
    assert told[1].changes == {"state": ["unfiled", "draft"]}
    step = DossierStep.objects.get(dossier=dossier)
    assert (step.from_state, step.to_state, step.version) == (
        "unfiled",
        "draft",
        dossier.version + 2,
    )
    assert DossierFact.objects.get(dossier=dossier).state == DossierState.DRAFT


def test_a_draft_goes_on_by_one_version_and_makes_no_step(cast: Cast) -> None:
    (dossier,) = dossiers(cast, 1, DossierState.DRAFT)
    write(cast, filled(dossier), dossier)

    assert Dossier.objects.get(pk=dossier.pk).version == dossier.version + 1
    assert not DossierStep.objects.filter(dossier=dossier).exists()


def test_marks_that_stay_are_not_touched_and_an_empty_list_takes_them_away(cast: Cast) -> None:
    (dossier,) = dossiers(cast, 1, DossierState.DRAFT)
    write(cast, filled(dossier), dossier)
    keys = set(dossier.status_marks.values_list("pk", flat=True))
    write(cast, replace(said(dossier), stars=5), dossier)
    assert set(dossier.status_marks.values_list("pk", flat=True)) == keys

    write(cast, replace(said(dossier), statuses=()), dossier)
    assert said(dossier).statuses == ()
    assert said(dossier).intents == INTENTS


def test_two_writings_in_one_transaction_do_not_mix(cast: Cast) -> None:
    first, second = dossiers(cast, 2, DossierState.DRAFT)
    with transaction.atomic():
        write(cast, replace(content_of(first), stars=1), first)
        write(cast, replace(content_of(second), advantages="另一件"), second)

    assert (said(first).stars, said(first).advantages) == (1, content_of(first).advantages)
    assert AuditEntry.objects.about(first).count() == 1
    assert said(second).advantages == "另一件"
