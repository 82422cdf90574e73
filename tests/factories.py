"""Minimal valid objects for tests; traits by keyword. Serials from 9,000,000 up: no number is a real patent's."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from django.core.files.base import ContentFile
from stdnum.cn import uscc

from evaluation.models import Expert
from evaluation.models.experts import identity_of
from inventory import numbers
from inventory.choices import (
    CampaignState,
    ClassScheme,
    DossierState,
    Goal,
    PatentKind,
    SimpleStatus,
    TableKind,
)
from inventory.models import (
    BaseListEntry,
    Campaign,
    CampaignInstitution,
    ClassificationTable,
    Dossier,
    IntentMark,
    Milestone,
    Patent,
    PatentHolder,
    PatentInventor,
    StatusMark,
)
from inventory.services.facts import CONFIRMATION, DOSSIER, ENTRY, record_facts
from portal import clock, crypto
from portal.choices import Affiliation, District, OrganisationKind, Role
from portal.models import (
    ImportBatch,
    Membership,
    Organisation,
    StaffMember,
    StoredFile,
    Supervision,
    Unit,
    User,
)
from portal.services.files import keep_file
from portal.text import fold, pinyin_key

PASSWORD = "Demo-Password-2024"
_serial = itertools.count(1)

KIND_DIGIT = {PatentKind.INVENTION: 1, PatentKind.UTILITY: 2, PatentKind.DESIGN: 3}


def credit_code(number: int) -> str:
    """A made-up code of the right shape with its check character."""
    body = f"12110000{number:09d}"
    return body + uscc.calc_check_digit(body)


def organisation(kind: str = OrganisationKind.UNIVERSITY, **fields: Any) -> Organisation:
    number = next(_serial)
    name = fields.pop("name", f"演示机构{number:04d}")
    return Organisation.objects.create(
        kind=kind,
        code=fields.pop("code", f"ORG-{number}"),
        name=name,
        name_key=pinyin_key(name),
        credit_code=fields.pop("credit_code", credit_code(number)),
        affiliation=fields.pop("affiliation", Affiliation.MUNICIPAL),
        district=fields.pop("district", District.HAIDIAN),
        **fields,
    )


def supervision(institution: Organisation, bureau: Organisation) -> Supervision:
    return Supervision.objects.create(institution=institution, bureau=bureau)


def unit(organisation: Organisation, parent: Unit | None = None, **fields: Any) -> Unit:
    number = next(_serial)
    name = fields.pop("name", f"演示学院{number:04d}")
    made = Unit.objects.create(
        organisation=organisation,
        parent=parent,
        name=name,
        name_key=pinyin_key(name),
        level=parent.level + 1 if parent else 1,
        path="",
        **fields,
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    return made


def user(**fields: Any) -> User:
    number = next(_serial)
    return User.objects.create_user(
        username=fields.pop("username", f"user{number}"),
        password=fields.pop("password", PASSWORD),
        name=fields.pop("name", f"演示人员{number:04d}"),
        **fields,
    )


def membership(
    role: str = Role.INSTITUTION_MANAGER,
    organisation: Organisation | None = None,
    **fields: Any,
) -> Membership:
    return Membership.objects.create(
        user=fields.pop("user", None) or user(),
        role=role,
        organisation=organisation or globals()["organisation"](),
        **fields,
    )


def staff(organisation: Organisation, **fields: Any) -> StaffMember:
    """A person of the personnel list."""
    name = fields.pop("name", f"演示职工{next(_serial):04d}")
    phone, email = fields.pop("phone", ""), fields.pop("email", "")
    return StaffMember.objects.create(
        organisation=organisation,
        name=name,
        name_key=pinyin_key(name, person=True),
        phone=phone,
        phone_lookup=crypto.lookup(phone),
        email=email,
        email_lookup=crypto.lookup(email),
        **fields,
    )


def expert(**fields: Any) -> Expert:
    """A person of the expert pool."""
    number = next(_serial)
    name = fields.pop("name", f"演示专家{number:04d}")
    employer = fields.pop("employer", "演示企业有限公司")
    phone = fields.pop("phone", f"138{number:08d}")
    return Expert.objects.create(
        name=name,
        name_key=pinyin_key(name, person=True),
        employer=employer,
        phone=phone,
        identity=identity_of(name, employer, phone),
        technical_fields=fields.pop("technical_fields", ["H01L", "1.2"]),
        **fields,
    )


def patent(*holders: Organisation | str, **fields: Any) -> Patent:
    """A granted patent held by the given organisations or names, in order."""
    serial = 9_000_000 + next(_serial)
    kind = fields.pop("kind", PatentKind.INVENTION)
    number = fields.pop("application_number", None) or numbers.make_number(
        2017, KIND_DIGIT[kind], serial
    )
    title = fields.pop("title", f"一种演示装置{serial}")
    inventors = fields.pop("inventors", ["演示甲", "演示乙"])
    names = [h if isinstance(h, str) else h.name for h in holders]
    made = Patent.objects.create(
        application_number=getattr(number, "canonical", number),
        kind=kind,
        title=title,
        filed_on=fields.pop("filed_on", date(2017, 3, 28)),
        granted_on=fields.pop("granted_on", date(2019, 6, 4)),
        simple_status=fields.pop("simple_status", SimpleStatus.VALID),
        expires_on=fields.pop("expires_on", date(2037, 3, 28)),
        **fields,
    )
    made.search_key = fold(" ".join([made.number, title, *names, *map(str, inventors)]))
    made.save(update_fields=["search_key"])
    for position, (holder, name) in enumerate(zip(holders, names, strict=True), 1):
        PatentHolder.objects.create(
            patent=made,
            position=position,
            name=name,
            organisation=None if isinstance(holder, str) else holder,
        )
    for position, inventor in enumerate(inventors, 1):
        PatentInventor.objects.create(
            patent=made,
            position=position,
            name=str(inventor),
            user=inventor if isinstance(inventor, User) else None,
        )
    return made


def campaign(**fields: Any) -> Campaign:
    return Campaign.objects.create(
        name=fields.pop("name", f"演示盘点{next(_serial)}"),
        cutoff_on=fields.pop("cutoff_on", date(2023, 12, 31)),
        base_day=fields.pop("base_day", date(2023, 12, 31)),
        opens_on=fields.pop("opens_on", date(2024, 3, 1)),
        due_on=fields.pop("due_on", date(2024, 12, 31)),
        state=fields.pop("state", CampaignState.OPEN),
        **fields,
    )


def participation(
    institution: Organisation, campaign: Campaign | None = None, **fields: Any
) -> CampaignInstitution:
    return CampaignInstitution.objects.create(
        institution=institution, campaign=campaign or globals()["campaign"](), **fields
    )


def milestone(campaign: Campaign, **fields: Any) -> Milestone:
    return Milestone.objects.create(
        campaign=campaign,
        name=fields.pop("name", "演示节点"),
        due_on=fields.pop("due_on", date(2024, 6, 30)),
        goal=fields.pop("goal", Goal.COMPLETE),
        **fields,
    )


FILLED: dict[str, Any] = {
    "is_publicly_funded": False,
    "price_band": "negotiable",
    "maturity": "sample",
    "stars": 3,
    "advantages": "结构简单，成本低。",
    "industry": "C",
    "prospects": "可用于装备制造企业。",
    "contact_name": "演示联系人",
    "contact_phone": "13800000000",
    "uses_default_contact": False,
}


def entry(
    participation: CampaignInstitution,
    patent: Patent | None = None,
    *,
    state: str = DossierState.UNFILED,
    is_filled: bool = False,
    listed_on: date = date(2024, 3, 1),
    **fields: Any,
) -> BaseListEntry:
    """A base list entry with its dossier in any state (set directly, facts recorded).

    Keyword fields go to the dossier; is_filled (or a state after draft) fills it so that the rules hold.
    """
    patent = patent or globals()["patent"](participation.institution)
    is_filled = is_filled or state not in (DossierState.UNFILED, DossierState.DRAFT)
    dossier = Dossier.objects.filter(patent=patent).first()
    if dossier is None:
        dossier = Dossier.objects.create(
            patent=patent,
            participation=participation,
            state=state,
            **{**(FILLED if is_filled else {}), **fields},
        )
        if is_filled:
            StatusMark.objects.create(dossier=dossier, position=1, level1="not_implemented")
            IntentMark.objects.create(
                dossier=dossier, position=1, level1="license", level2="common"
            )
    made = BaseListEntry.objects.create(
        campaign=participation.campaign,
        institution=participation.institution,
        patent=patent,
        dossier=dossier,
        listed_on=listed_on,
        due_on=due_day(participation.campaign, patent),
        **_confirmation(participation.campaign, dossier, state),
    )
    record_facts(ENTRY, [made.pk], valid_from=listed_on)
    if state != DossierState.UNFILED:
        record_facts(DOSSIER, [dossier.pk])
    record_facts(CONFIRMATION, [made.pk])
    return made


def entries(
    participation: CampaignInstitution,
    count: int,
    *,
    state: str = DossierState.DRAFT,
    **fields: Any,
) -> list[int]:
    """Many entries with filled dossiers, written in sets; the dossiers' keys in order."""
    made = Patent.objects.bulk_create(
        Patent(
            application_number=numbers.make_number(2017, 1, 9_000_000 + next(_serial)),
            kind=PatentKind.INVENTION,
            title="一种演示装置",
            filed_on=date(2017, 3, 28),
            granted_on=date(2019, 6, 4),
            simple_status=SimpleStatus.VALID,
        )
        for _number in range(count)
    )
    PatentHolder.objects.bulk_create(
        PatentHolder(
            patent=one,
            position=1,
            name=participation.institution.name,
            organisation=participation.institution,
        )
        for one in made
    )
    values = {**FILLED, **fields}
    dossiers = Dossier.objects.bulk_create(
        Dossier(patent=one, participation=participation, state=state, **values) for one in made
    )
    StatusMark.objects.bulk_create(
        StatusMark(dossier=one, position=1, level1="not_implemented") for one in dossiers
    )
    BaseListEntry.objects.bulk_create(
        BaseListEntry(
            campaign=participation.campaign,
            institution=participation.institution,
            patent=one.patent,
            dossier=one,
            listed_on=date(2024, 3, 1),
            due_on=participation.campaign.due_on,
        )
        for one in dossiers
    )
    record_facts(DOSSIER, [one.pk for one in dossiers])
    return [one.pk for one in dossiers]


def edition(actor: Membership, kind: str = TableKind.CONCORDANCE) -> ClassificationTable:
    """A loaded edition without rows, not in force."""
    file = keep_file(
        content=ContentFile(b"content"),
        name="table.xlsx",
        purpose=StoredFile.Purpose.UPLOAD,
        actor=actor,
    )
    batch = ImportBatch.objects.create(organisation=actor.organisation, membership=actor, file=file)
    return ClassificationTable.objects.create(
        kind=kind,
        scheme=ClassScheme.STRATEGIC,
        edition=f"演示版本{batch.pk}",
        batch=batch,
        loaded_by=actor,
    )


def due_day(campaign: Campaign, patent: Patent) -> date:
    if campaign.days_to_file is None or patent.granted_on is None:
        return campaign.due_on
    return patent.granted_on + timedelta(days=campaign.days_to_file)


def _confirmation(campaign: Campaign, dossier: Dossier, state: str) -> dict[str, Any]:
    """A dossier complete from the beginning was confirmed; a further entry of its campaign with it."""
    same = BaseListEntry.objects.filter(
        campaign=campaign, dossier=dossier, confirmed_on__isnull=False
    ).first()
    if same is not None:
        return {"confirmed_on": same.confirmed_on, "confirmed_version": same.confirmed_version}
    if state != DossierState.COMPLETED:
        return {}
    return {"confirmed_on": clock.today(), "confirmed_version": dossier.version}
