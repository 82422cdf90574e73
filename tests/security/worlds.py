"""Two institutions with one object of every kind each: what the routes of the matrix are asked about."""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File

from inventory.choices import (
    CampaignKind,
    CampaignState,
    ClassScheme,
    ClassState,
    DossierState,
    PoolState,
    StepAct,
    TableKind,
    UploadKind,
)
from inventory.models import (
    Campaign,
    CampaignInstitution,
    Dossier,
    DossierStep,
    KeyIndustry,
    PatentIndustry,
    PoolRule,
)
from inventory.notices import ASSIGNED
from inventory.services import (
    comments,
    confirmations,
    dossiers,
    drafts,
    phrases,
    plans,
    pool,
    pool_moves,
    reviews,
    transfers,
    uploads,
    urges,
)
from portal import clock
from portal.bulk.registry import known_act
from portal.bulk.staging import Selection
from portal.choices import OrganisationKind, Role
from portal.jobs import queue, runner
from portal.models import (
    AuditEntry,
    BulkRun,
    ImportBatch,
    Membership,
    Notice,
    Organisation,
    OutboxMessage,
    StoredFile,
    Unit,
)
from portal.services import (
    bulk,
    corrections,
    departures,
    files,
    import_undo,
    imports,
    invitations,
    notices,
    outbox,
    saved_views,
)
from reporting.models import CoverageSnapshot
from reporting.services.coverage import take_snapshot
from tests import factories, workbooks
from tests.conftest import Cast, build_cast
from tests.inventory import uploading
from tests.inventory.importing.conftest import HEAD
from tests.security import holder_worlds, workbook_worlds

DAY = date(2024, 4, 1)
PDF = b"%PDF-1.4 evidence"


@dataclass
class World:
    """The cast, further people, and the keys of the objects by name, own and foreign to the university."""

    cast: Cast
    people: dict[str, Membership | None]
    own: dict[str, Any] = field(default_factory=dict)
    foreign: dict[str, Any] = field(default_factory=dict)


def build_world() -> World:
    cast = build_cast()
    firm = cast.enterprise.organisation
    gone = factories.membership(Role.INSTITUTION_MANAGER, cast.university)
    gone.user.is_active = False
    gone.user.save(update_fields=["is_active"])
    people: dict[str, Membership | None] = {
        "anonymous": None,
        "nobody": Membership(user=factories.user(), organisation=firm),
        "deactivated": gone,
        "city": cast.city,
        "bureau_auditor": factories.membership(Role.AUDITOR, cast.bureau),
        "department": cast.department,
        "other_department": cast.other_department,
        "district_official": cast.district_official,
        "manager": cast.manager,
        "unit_manager": cast.unit_manager,
        "inventor": cast.inventor,
        "expert": factories.membership(Role.EXPERT, cast.university),
        "auditor": cast.auditor,
        "outsider": cast.outsider,
        "enterprise": cast.enterprise,
        "service": factories.membership(
            Role.SERVICE_CONTACT, factories.organisation(OrganisationKind.SERVICE_BODY)
        ),
        "system_admin": cast.system_admin,
        "security_admin": cast.security_admin,
        "audit_admin": cast.audit_admin,
    }
    rule = PoolRule.objects.create(number=1, min_stars=3, kinds=["invention"])
    world = World(cast, people)
    world.own = holding(cast.participation, cast.school, cast.manager, cast.inventor, rule)
    unit = factories.unit(cast.other)
    inventor = factories.membership(Role.INVENTOR, cast.other, unit=unit)
    world.foreign = holding(cast.other_participation, unit, cast.outsider, inventor, rule)
    for keys, manager in ((world.own, cast.manager), (world.foreign, cast.outsider)):
        keys["expert"] = factories.expert(employer=manager.organisation.name).pk
        keys["job"] = queue.ask("portal.test-of-routes", actor=manager).pk
        keys["view"] = saved_views.save_view(
            list_name="portal.jobs", name="演示视图", query="", shared="nobody", actor=manager
        ).pk
    _tell(world)
    _remember_work(world)
    _count(world)
    return world


def _tell(world: World) -> None:
    """Everybody has an unread notice."""
    people = [each for each in world.people.values() if each is not None and each.pk]
    notices.notify(kind=ASSIGNED, recipients=people, url="/todo/")


def _bulk_runs(participation: CampaignInstitution, manager: Membership) -> dict[str, int]:
    """A bulk edit of a dossier that was applied, and one whose consequences are being looked at."""
    dossier = factories.entry(participation, state=DossierState.DRAFT, is_filled=True).dossier_id
    done = _bulk_edit(dossier, 4, manager)
    bulk.start_run(run_id=done.pk, seen_version=done.version, actor=manager)
    return {"bulk_done": done.pk, "bulk_preview": _bulk_edit(dossier, 2, manager).pk}


def _bulk_edit(dossier: int, stars: int, manager: Membership) -> BulkRun:
    seen = Dossier.objects.get(pk=dossier).version
    act = known_act("inventory.dossiers.edit")
    run = bulk.stage_run(act=act, selection=Selection(picks=((dossier, seen),)), actor=manager)
    data = {"stars": [str(stars)], "reason": ["演示理由"]}
    return bulk.set_parameters(run_id=run.pk, seen_version=run.version, data=data, actor=manager)


def _change(dossier: int, manager: Membership) -> int:
    """A change of the draft that can be taken back: its entry in the trail."""
    saved = dossiers.save_dossier(
        dossier_id=dossier, seen_version=1, values={"advantages": "演示优势又改"}, actor=manager
    )
    return AuditEntry.objects.about(saved).latest("pk").pk


def _remember_work(world: World) -> None:
    """Whoever fills in has submitted one before: something to copy."""
    for actor in (world.cast.manager, world.cast.unit_manager, world.cast.inventor):
        DossierStep.objects.create(
            dossier_id=world.own["at_unit"],
            act=StepAct.SUBMIT,
            from_state=DossierState.DRAFT,
            to_state=DossierState.UNIT_REVIEW,
            actor=actor,
            at=clock.now(),
            version=1,
        )


def _count(world: World) -> None:
    """The figures of the campaign, and each institution's own one as its address names it."""
    snapshot = take_snapshot(campaign=world.cast.campaign)
    for keys in (world.own, world.foreign):
        keys["reporting.rows"] = figure_query(snapshot, keys["organisation"])


def figure_query(snapshot: CoverageSnapshot, institution: int) -> str:
    return f"snapshot={snapshot.pk}&dimension=institution&key={institution}&measure=due"


def holding(
    participation: CampaignInstitution,
    unit: Unit,
    manager: Membership,
    inventor: Membership,
    rule: PoolRule,
    *,
    has_campaigns: bool = True,
) -> dict[str, Any]:
    """One object of every kind belonging to an institution: name → key.

    For lists that an address names, by the name of the list: the query string.
    """
    institution = participation.institution
    colleague = factories.membership(Role.INVENTOR, institution, unit=unit)
    found = {
        "organisation": institution.pk,
        "unit": unit.pk,
        "person": colleague.user_id,
        "membership": colleague.pk,
        "participation": participation.pk,
        **(_campaigns(institution) if has_campaigns else {}),
        **_dossiers(participation, unit, inventor),
        **_pool(participation, unit, manager, rule),
        **_uploads(participation, manager),
        **_files(manager),
        **_batches(participation, manager),
        "conflicts": workbook_worlds.conflict(participation, manager),
        **_bulk_runs(participation, manager),
        **_people(participation, unit, manager, colleague),
    }
    found["patent"] = Dossier.objects.get(pk=found["draft"]).patent_id
    found["change"] = _change(found["draft"], manager)
    found["exclusion"] = holder_worlds.exclusion(participation, manager)
    found |= holder_worlds.more_exclusions(participation, manager)
    found |= holder_worlds.co_owned(participation, unit, manager)
    found["industry"] = _industry(found["patent"])
    if has_campaigns:
        found |= _tables(found["patent"], manager)
    notices.notify(kind=ASSIGNED, recipients=[manager], params={"title": "演示"}, url="/todo/")
    found["urge"] = _urge(participation, unit, manager)
    found["mail_batch"] = _mail_batch(manager)
    found["portal.recipients"] = f"batch={found['mail_batch']}"
    found["notice"] = Notice.objects.get(recipient=manager, kind=ASSIGNED.name).pk
    commented = Dossier.objects.get(pk=found["draft"])
    found["comment"] = comments.comment_on_field(
        dossier=commented, name="stars", text="请说明理由", actor=manager
    ).pk
    found["draft_text"] = drafts.propose_draft(
        dossier=Dossier.objects.get(pk=found["draft"]), name="advantages", actor=manager
    ).pk
    found["phrase"] = phrases.keep_phrase(
        field="advantages", text="结构简单", is_shared=True, actor=manager
    ).pk
    found["confirmation"] = _confirmation(participation, unit, manager)
    following = None if has_campaigns else _another_campaign(participation)
    found |= _years(participation, unit, manager, inventor, following)
    found |= _plans(participation, manager)
    return found


def _industry(patent: int) -> int:
    """An industry of a patent that somebody must confirm."""
    return PatentIndustry.objects.create(
        patent_id=patent,
        scheme=ClassScheme.STRATEGIC,
        code="1.2",
        state=ClassState.CANDIDATE,
        pattern="H01L",
    ).pk


def _tables(patent: int, manager: Membership) -> dict[str, Any]:
    """What is the city's: a key industry, and loaded editions that are not in force."""
    concordance, names = (
        factories.edition(manager, kind) for kind in (TableKind.CONCORDANCE, TableKind.CODES)
    )
    concordance.rules.create(code="1.2", pattern="H01L")
    names.codes.create(code="1.2.1", name="演示小类")
    key_industry = KeyIndustry.objects.create(name=f"演示产业{patent}", patterns=["H01L"])
    return {
        "key_industry": key_industry.pk,
        "classification": concordance.pk,
        "inventory.rules": f"table={concordance.pk}",
        "inventory.codes": f"table={names.pk}",
    }


def _people(
    participation: CampaignInstitution, unit: Unit, manager: Membership, colleague: Membership
) -> dict[str, Any]:
    """Namesakes, an invitation with its link, somebody leaving, somebody gone, patents on their way to others."""
    institution = participation.institution
    factories.staff(institution, name="演示重名", unit=unit)
    namesake = factories.staff(institution, name="演示重名", unit=unit, is_doubtful=True)
    invited = factories.staff(institution, unit=unit, staff_number="9001", title="教授")
    (invitation,) = invitations.open_accounts(members=[invited], actor=manager)
    ((invitation, token),) = invitations.make_links(versions={invitation.pk: None}, actor=manager)
    leaver = factories.membership(Role.INVENTOR, institution, unit=unit)
    factories.staff(
        institution, name=leaver.user.name, unit=unit, user=leaver.user, category="left"
    )
    departed = factories.membership(Role.INVENTOR, institution, unit=unit)
    departures.record_departure(
        person=departed.user,
        seen_version=departed.user.version,
        actor=manager,
        reason="演示离职",
        how="queue",
        successor=None,
    )
    patent = factories.patent(institution, inventors=[colleague.user.name])
    waiting = factories.entry(participation, patent, unit=unit)
    elsewhere = factories.unit(institution)
    offered = factories.entry(participation, unit=elsewhere)
    asked = factories.entry(participation, unit=unit)
    transfer = transfers.pass_on(
        dossier_id=offered.dossier_id,
        seen_version=1,
        to_unit=unit,
        reason="演示理由",
        actor=manager,
    )
    decision = transfers.pass_on(
        dossier_id=asked.dossier_id, seen_version=1, to_unit=None, reason="演示理由", actor=manager
    )
    return {
        "namesake": namesake.pk,
        "invitation": invitation.pk,
        "token": token,
        "leaver": leaver.user_id,
        "departed": departed.user_id,
        "unassigned": waiting.dossier_id,
        "transfer": transfer.pk,
        "decision": decision.pk,
    }


def _campaigns(institution: Organisation) -> dict[str, int]:
    """An open and a closed campaign in which this institution alone takes part."""
    made = {
        "campaign": factories.campaign(),
        "closed_campaign": factories.campaign(state=CampaignState.CLOSED),
    }
    for campaign in made.values():
        factories.participation(institution, campaign)
    milestone = factories.milestone(made["campaign"])
    return {
        **{name: campaign.pk for name, campaign in made.items()},
        "milestone": milestone.pk,
    }


def _dossiers(
    participation: CampaignInstitution, unit: Unit, inventor: Membership
) -> dict[str, int]:
    states = {
        "draft": DossierState.DRAFT,
        "at_unit": DossierState.UNIT_REVIEW,
        "at_institution": DossierState.INSTITUTION_REVIEW,
        "complete": DossierState.COMPLETED,
    }
    found: dict[str, int] = {}
    for name, state in states.items():
        patent = factories.patent(
            participation.institution,
            inventors=[inventor.user],
            title=f"一种石墨烯散热膜{name}",
            abstract="本发明公开了一种石墨烯散热膜，提高了导热效率，可用于电子器件散热，适用于规模化生产。",
        )
        entry = factories.entry(
            participation,
            patent,
            state=state,
            is_filled=True,
            unit=unit,
            responsible=inventor.user,
            advantages=f"演示优势{name}",
        )
        found[name] = entry.dossier_id
        if name == "draft":
            found["entry"] = entry.pk
    return found


def _pool(
    participation: CampaignInstitution, unit: Unit, manager: Membership, rule: PoolRule
) -> dict[str, int]:
    entries = [
        factories.entry(participation, state=DossierState.COMPLETED, unit=unit, stars=5)
        for _ in range(3)
    ]
    ids = [entry.dossier_id for entry in entries]
    nomination, admitted, declined = pool.nominate(rule=rule, ids=ids, actor=manager)
    city = Membership.objects.filter(role=Role.CITY_OFFICIAL).earliest("pk")
    for entry, to_state in ((admitted, PoolState.ADMITTED), (declined, PoolState.DECLINED)):
        pool_moves.decide_nominations(
            versions={entry.pk: entry.version},
            to_state=to_state,
            reason="演示入库理由",
            actor=city,
        )
    return {
        "pool_entry": admitted.pk,
        "nomination": nomination.pk,
        "declined": declined.dossier_id,
    }


def _another_campaign(participation: CampaignInstitution) -> Campaign | None:
    """An open campaign of somebody else, if there is one."""
    others = Campaign.objects.filter(state=CampaignState.OPEN, kind=CampaignKind.FIXED)
    return others.exclude(participations__institution=participation.institution_id).last()


def _years(
    participation: CampaignInstitution,
    unit: Unit,
    manager: Membership,
    inventor: Membership,
    campaign: Campaign | None,
) -> dict[str, int]:
    """A dossier approved last year that a new campaign waits for, and one being revised."""
    fields = {"unit": unit, "responsible": inventor.user}
    state = DossierState.INSTITUTION_REVIEW
    carried = factories.entry(participation, state=state, **fields)
    revised = factories.entry(participation, state=state, **fields)
    reviews.approve_dossiers(versions={carried.dossier_id: 1, revised.dossier_id: 1}, actor=manager)
    reviews.revise_dossiers(versions={revised.dossier_id: 2}, reason="演示理由", actor=manager)
    following = factories.participation(participation.institution, campaign)
    factories.entry(following, carried.patent)
    return {"to_confirm": carried.dossier_id, "revising": revised.dossier_id}


def _plans(participation: CampaignInstitution, manager: Membership) -> dict[str, int]:
    """A work plan and a milestone of the institution's own."""
    plan = plans.add_plan(
        participation=participation,
        content=ContentFile(PDF),
        name="plan.pdf",
        note="",
        actor=manager,
    )
    own = factories.milestone(participation.campaign, participation=participation)
    return {"plan": plan.pk, "own_milestone": own.pk}


def _uploads(participation: CampaignInstitution, manager: Membership) -> dict[str, int]:
    """Batches in every state that a form asks about, each with a patent of its own."""
    ways = {
        "upload_ready": uploading.fresh,
        "upload_asked": lambda batch: uploading.asked(batch, manager),
        "upload_signed": lambda batch: uploading.signed(batch, manager),
        "upload_out": lambda batch: uploading.handed_out(batch, manager),
    }
    found = {}
    for name, way in ways.items():
        entry = factories.entry(
            participation,
            state=DossierState.COMPLETED,
            stars=2,
            advantages=f"演示{name}",
        )
        batch = uploads.start_batch(
            campaign=participation.campaign,
            kind=UploadKind.SELECTED,
            query=f"q={entry.patent.number}",
            actor=manager,
        )
        runner.run_due("test-worker")
        found[name] = way(uploading.fresh(batch)).pk
    return found


def _confirmation(participation: CampaignInstitution, unit: Unit, manager: Membership) -> int:
    """A sheet that waits for its stamp; a dossier approved since makes another one possible."""
    made = confirmations.ask_for_confirmation(
        campaign=participation.campaign, unit=unit, actor=manager
    )
    runner.run_due("test-worker")
    factories.entry(participation, state=DossierState.INSTITUTION_REVIEW, unit=unit, stars=2)
    return made.pk


def _urge(participation: CampaignInstitution, unit: Unit, manager: Membership) -> int:
    """The institution urges its unit."""
    order = urges.Order(participation.campaign, [unit.pk], "演示督办", uuid.uuid4())
    (made,) = urges.send_urges(order=order, actor=manager).urges
    return made.pk


def _mail_batch(manager: Membership) -> int:
    """A mail to more people than go without being looked at."""
    people = [factories.user(name=f"演示收件人{n}") for n in range(outbox.HANDFUL + 1)]
    mails = [
        OutboxMessage(recipient=person, address="a@example.org", subject="演示", body="演示正文")
        for person in people
    ]
    batch = outbox.write_batch(mails, title="演示群发", author=manager)
    assert batch is not None
    return batch.pk


def _files(manager: Membership) -> dict[str, int]:
    kept = files.keep_file(
        content=ContentFile(b"content"),
        name="export.xlsx",
        purpose=StoredFile.Purpose.EXPORT,
        actor=manager,
    )
    return {"file": kept.pk}


def patent_row(number: str, holder: str, **more: Any) -> list[Any]:
    """A line of a base list."""
    values = {
        "申请号": number,
        "专利名称": "一种演示装置",
        "专利类型": "授权发明",
        "申请日": "2017.03.28",
        "授权公告日": "2019-06-04",
        "公开（公告）号": "CN109000001B",
        "专利权人": holder,
        "发明人": "演示甲;演示乙",
        **more,
    }
    return [values[name] for name in [*HEAD, *(key for key in values if key not in HEAD)]]


def _batches(participation: CampaignInstitution, manager: Membership) -> dict[str, Any]:
    """Uploads: one waits for its columns, one shows a good and a bad row, one is finished, one was taken back."""
    holder = participation.institution.name
    good = factories.patent("演示他人")
    number = good.number
    good.holders.all().delete()
    good.inventors.all().delete()
    good.delete()
    rows = [list(HEAD), patent_row(number, holder), patent_row("CN201799999999.9", holder)]
    unknown = [[*HEAD, "演示未知列"], patent_row(number, holder, 演示未知列="某值")]
    preview = _upload(manager, rows, campaign=participation.campaign_id)
    batch = ImportBatch.objects.get(pk=preview)
    still_wrong = {(3, HEAD.index("申请号")): "CN201799999999.7"}
    corrections.correct_cells(
        actor=manager, batch=batch, seen_version=batch.version, cells=still_wrong
    )
    mapping = _upload(manager, unknown, campaign=participation.campaign_id)
    found = {"preview": preview, "mapping": mapping, **_taken_in(manager, holder)}
    found |= {f"portal.import_{name}": f"batch={preview}" for name in ("rows", "issues")}
    return {**found, "portal.import_undo": f"batch={found['taken_back']}"}


def _taken_in(manager: Membership, holder: str) -> dict[str, int]:
    """An import that was applied, and one that was taken back but for a row somebody changed since."""
    known = factories.patent(manager.organisation)
    found = {}
    for name, title in (("applied", "一种演示改名装置"), ("taken_back", "一种再改名装置")):
        rows = [list(HEAD), patent_row(known.number, holder, 专利名称=title)]
        # a row that stays out, to be corrected
        rows.append(patent_row("CN201799999999.9", holder))
        batch = ImportBatch.objects.get(pk=_upload(manager, rows, campaign=""))
        imports.confirm(
            actor=manager, batch=batch, seen_version=batch.version, digest=batch.preview_digest
        )
        runner.run_due("test-worker")
        found[name] = batch.pk
    known.title = "一种第三个名"
    known.save(update_fields=["title"])
    batch = ImportBatch.objects.get(pk=found["taken_back"])
    import_undo.take_back(
        actor=manager, batch=batch, seen_version=batch.version, reason="演示误导入"
    )
    runner.run_due("test-worker")
    return found


def _upload(manager: Membership, rows: list[list[Any]], campaign: int | str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        pages = {"第一页": rows, "第二页": rows[:1]}
        path = workbooks.xlsx_sheets(Path(folder, "list.xlsx"), pages)
        with path.open("rb") as content:
            batch = imports.upload(
                actor=manager,
                content=File(content),
                name="list.xlsx",
                options={"campaign": str(campaign)},
            )
    runner.run_due("test-worker")
    return batch.pk
