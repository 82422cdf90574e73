"""What stands in the demonstration city: valid numbers, dossiers that hold the rules, facts as services leave them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import F, Q

from inventory import rules
from inventory.choices import TRANSITIONS
from inventory.models import (
    BaseListEntry,
    Campaign,
    CampaignInstitution,
    Dossier,
    DossierFact,
    DossierStep,
    EntryFact,
    Patent,
    PatentHolder,
    PlanFile,
    PoolEntry,
    UnitTransfer,
    UploadBatch,
    Urge,
)
from inventory.numbers import parse_application_number
from inventory.queries.milestones import standings
from inventory.services import carry_over
from inventory.services import dossiers as dossier_services
from inventory.services.facts import CONFIRMATION, DOSSIER, ENTRY, POOL, record_facts
from inventory.services.upload_standing import derived_standing
from portal import clock
from portal.choices import OrganisationKind
from portal.demo import making
from portal.demo.city import City
from portal.models import (
    AuditEntry,
    Invitation,
    Membership,
    Notice,
    Organisation,
    User,
)
from portal.validators import validate_credit_code

TODAY = date(2025, 6, 18)
PATENTS = 300

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[City]:
    """One city for all tests of this module, rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic(), clock.frozen(TODAY):
        yield making.make_city(patents=PATENTS, seed=7)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def day(city: City) -> Iterator[None]:
    with clock.frozen(TODAY):
        yield


def test_bureaus_institutions_and_sign_ins(city: City) -> None:
    kinds = {
        kind: Organisation.objects.filter(kind=kind).count()
        for kind in ("lead_bureau", "department", "district_office", "university", "enterprise")
    }
    assert kinds == {
        "lead_bureau": 1,
        "department": 5,
        "district_office": 17,
        "university": 24,
        "enterprise": 25,
    }
    assert Organisation.objects.institutions().count() == 60
    for organisation in Organisation.objects.exclude(credit_code=None):
        validate_credit_code(organisation.credit_code)
    assert not Organisation.objects.exclude(code__startswith="DEMO-").exists()
    names = [username for username, _role, _code in city.sign_ins]
    assert names[:3] == ["manager", "secretary", "inventor"]
    usable = [user.username for user in User.objects.all() if user.has_usable_password()]
    assert sorted(usable) == sorted(names)
    assert User.objects.filter(is_active=False, dossiers__isnull=False).exists()


def test_patents_are_valid_and_none_is_real(city: City) -> None:
    for patent in Patent.objects.all():
        number = parse_application_number(patent.application_number)
        assert number.canonical == patent.application_number
        assert number.kind == patent.kind
        assert int(number.digits[-7:]) >= 9_000_000
        assert patent.granted_on is not None
        assert patent.granted_on.weekday() in (1, 4)
    held = PatentHolder.objects.filter(organisation__kind=OrganisationKind.UNIVERSITY)
    assert held.exists()
    assert Patent.objects.filter(dual_utility__isnull=False).exists()


def test_dossiers_hold_the_rules_and_went_allowed_ways(city: City) -> None:
    complete = Dossier.objects.filter(state="completed")
    assert complete.count() > PATENTS / 3
    for dossier in complete:
        assert rules.errors(dossier_services.content_of(dossier), dossier.patent.kind) == []
    for step in DossierStep.objects.select_related("dossier__participation"):
        steps = step.dossier.participation.review_steps
        assert step.to_state in TRANSITIONS[steps][step.from_state]
    assert (
        not PoolEntry.objects.filter(dossier__is_unsuitable=True).exclude(state="removed").exists()
    )
    later = BaseListEntry.objects.filter(patent__granted_on__gt=date(2023, 12, 31))
    assert {entry.campaign.kind for entry in later} == {"rolling"}
    for entry in later.select_related("patent"):
        assert entry.due_on == entry.patent.granted_on + timedelta(days=90)
    moved = AuditEntry.objects.filter(action="state", object_type="inventory.dossier")
    assert moved.count() == DossierStep.objects.count()


def test_facts_are_what_the_services_would_have_recorded(city: City) -> None:
    assert record_facts(ENTRY, BaseListEntry.objects.values_list("pk", flat=True)) == 0
    assert record_facts(DOSSIER, Dossier.objects.values_list("pk", flat=True)) == 0
    assert record_facts(CONFIRMATION, BaseListEntry.objects.values_list("pk", flat=True)) == 0
    assert record_facts(POOL, PoolEntry.objects.values_list("pk", flat=True)) == 0
    assert EntryFact.objects.current().count() == BaseListEntry.objects.count()
    empty = Q(valid_to__lte=F("valid_from")) | Q(superseded_at__lt=F("recorded_at"))
    assert not DossierFact.objects.filter(empty).exists()
    covered = DossierFact.objects.as_of(date(2024, 6, 30)).filter(is_covered=True).count()
    later = DossierFact.objects.as_of(TODAY).filter(is_covered=True).count()
    assert 0 < covered < later


def test_what_happens_beside_dossiers(city: City) -> None:
    """Uploads with their outcomes, what waits for whom, an urging and its answer, somebody invited."""
    manager = Membership.objects.get(pk=city.cast["manager"].membership_id)
    own = UploadBatch.objects.filter(institution=manager.organisation_id)
    answered = own.get(state="answered")
    assert answered.signed_by is not None
    assert answered.signed_by.user_id != answered.prepared_by.user_id
    assert answered.file is not None
    standings = set(Dossier.objects.values_list("upload_standing", flat=True))
    assert standings == {"not_sent", "sent", "changed", "returned"}
    ids = Dossier.objects.exclude(upload_standing="not_sent").values_list("pk", flat=True)
    kept = dict(Dossier.objects.filter(pk__in=ids).values_list("pk", "upload_standing"))
    assert derived_standing(ids) == kept
    urge = Urge.objects.get(institution=manager.organisation_id, unit=None, person=None)
    assert urge.answered_by == manager
    assert Invitation.objects.filter(accepted_at=None).exists()
    assert UnitTransfer.objects.exists()
    assert Notice.objects.filter(kind="inventory.platform_returned").exists()
    # the trail is partitioned: no constraint keeps two entries from one number
    numbers = AuditEntry.objects.values("pk")
    assert numbers.distinct().count() == numbers.count()


def test_campaign_years(city: City) -> None:
    """Plans, contacts and milestones of the running campaign; the next one carries the list over."""
    assert PlanFile.objects.count() > 40
    assert PlanFile.objects.filter(number=2).exists()
    running = CampaignInstitution.objects.filter(campaign__follows=None)
    found = standings(running, TODAY)
    assert any(each.is_late for own in found.values() for each in own)
    assert any(each.is_reached for own in found.values() for each in own)
    following = Campaign.objects.get(state="draft")
    assert carry_over.preview(following).carried > PATENTS / 2
