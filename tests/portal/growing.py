"""So many more rows in every declared list, whoever reads it."""

from __future__ import annotations

import uuid
from datetime import date

from django.core.files.base import ContentFile
from django.db import connection

from inventory.choices import (
    CampaignState,
    EventKind,
    ExclusionReason,
    SimpleStatus,
    TableKind,
    UploadKind,
)
from inventory.choices import DossierState as S
from inventory.models import (
    ClassificationTable,
    LegalEvent,
    UnitConfirmation,
    UploadBatch,
    UploadItem,
)
from inventory.notices import ASSIGNED
from inventory.services import exclusions, handovers, pool, transfers, urges
from inventory.services.exclusions import Claim
from portal import clock
from portal.choices import BulkState, ImportState, IssueLevel, Role, RowOutcome, UndoOutcome
from portal.lists.export import KIND
from portal.models import BulkRun, ImportBatch, Job, OutboxBatch, OutboxMessage, StoredFile
from portal.services import files, invitations, notices
from reporting.services.coverage import take_snapshot
from tests import factories, pools
from tests.conftest import Cast

DAY = date(2024, 4, 1)


def grow(cast: Cast, count: int) -> None:
    """So many more rows of every kind, and figures of them."""
    for add in (
        _dossiers,
        _shared,
        _people,
        _late,
        _told,
        _mailed,
        _asked,
        _uploads,
        _pool,
        _tables,
        _imports,
        _experts,
    ):
        add(cast, count)
    take_snapshot(campaign=cast.campaign)
    with connection.cursor() as cursor:
        # the planner of a database in use knows its tables
        cursor.execute("ANALYZE")


def _dossiers(cast: Cast, count: int) -> None:
    mine = {"unit": cast.school, "responsible": cast.inventor.user}
    for state in (S.DRAFT, S.UNIT_REVIEW, S.INSTITUTION_REVIEW):
        factories.entries(cast.participation, count, state=state, **mine)
    factories.entries(cast.participation, count, state=S.DRAFT, unit=cast.school)
    for _ in range(count):
        factories.participation(cast.university, factories.campaign(state=CampaignState.CLOSED))
        lapsed = factories.patent(cast.university, simple_status=SimpleStatus.ENDED)
        LegalEvent.objects.create(
            patent=lapsed, kind=EventKind.FEE_LAPSE, occurred_on=date(2021, 5, 6), confirmed_on=DAY
        )
        factories.entry(cast.participation, lapsed)


def _shared(cast: Cast, count: int) -> None:
    """Patents of two institutions, one of which offers the other to file."""
    offered: dict[int, int] = {}
    for _ in range(count):
        patent = factories.patent(cast.university, cast.other)
        dossier = factories.entry(cast.participation, patent, unit=cast.school).dossier
        factories.entry(cast.other_participation, patent)
        offered[dossier.pk] = dossier.version
    handovers.offer_handovers(
        versions=offered, to=cast.other, reason="演示移交", actor=cast.manager
    )


def _people(cast: Cast, count: int) -> None:
    invited = []
    for _ in range(count):
        factories.membership(Role.INVENTOR, cast.university, unit=cast.school)
        gone = factories.membership(Role.INVENTOR, cast.university, unit=cast.school)
        fields = {"unit": cast.school, "user": gone.user, "category": "left"}
        factories.staff(cast.university, name=gone.user.name, **fields)
        invited.append(factories.staff(cast.university, name="演示职工", unit=cast.school))
    invitations.open_accounts(members=invited, actor=cast.manager)


def _late(cast: Cast, count: int) -> None:
    """Institutions, units and people with open work, urged by whoever is above them."""
    institutions, units = [], []
    for _ in range(count):
        institution = factories.organisation()
        factories.supervision(institution, cast.education)
        factories.entry(factories.participation(institution, cast.campaign))
        unit = factories.unit(cast.university, parent=cast.school)
        person = factories.membership(Role.INVENTOR, cast.university, unit=unit).user
        factories.entry(cast.participation, unit=unit, responsible=person)
        institutions.append(institution.pk)
        units.append(unit.pk)
        UnitConfirmation.objects.create(
            campaign=cast.campaign,
            institution=cast.university,
            unit=unit,
            made_by=cast.manager,
            made_at=clock.now(),
        )
    for actor, keys in ((cast.city, institutions), (cast.manager, units)):
        order = urges.Order(cast.campaign, keys, "演示督办", uuid.uuid4())
        urges.send_urges(order=order, actor=actor)


def _told(cast: Cast, count: int) -> None:
    """Notices, mails to many, jobs and imports of each reader."""
    readers = (cast.city, cast.department, cast.manager, cast.unit_manager)
    for number in range(count):
        serial = f"{number}-{uuid.uuid4()}"
        notices.notify(kind=ASSIGNED, recipients=list(readers), url=f"/{serial}/")
        for actor in readers:
            OutboxBatch.objects.create(title="演示群发", author=actor, count=12)
            BulkRun.objects.create(
                act="inventory.edit",
                membership=actor,
                organisation=actor.organisation,
                selection=serial,
                reason="演示理由",
                state=BulkState.DONE,
            )
            Job.objects.create(
                kind=KIND,
                membership=actor,
                organisation=actor.organisation,
                params={"list": "portal.jobs", "query": "", "format": "csv", "all_columns": False},
            )
        kept = files.keep_file(
            content=ContentFile(b"content"),
            name="list.xlsx",
            purpose=StoredFile.Purpose.UPLOAD,
            actor=cast.manager,
        )
        ImportBatch.objects.create(organisation=cast.university, membership=cast.manager, file=kept)


def _imports(cast: Cast, count: int) -> None:
    """Rows of one import that was taken back, each with what was found in it."""
    batch = ImportBatch.objects.filter(state=ImportState.TAKEN_BACK).first()
    if batch is None:
        batch = ImportBatch.objects.filter(organisation=cast.university).earliest("pk")
        batch.kind, batch.state = "base", ImportState.TAKEN_BACK
        batch.save()
    first = batch.rows.count() + 2
    for line in range(first, first + count):
        values = {"number": f"20171{line:07d}", "title": f"一种演示装置{line}"}
        outcome, undone = RowOutcome.ADDED, UndoOutcome.KEPT
        batch.rows.create(
            line=line, key=values["number"], values=values, outcome=outcome, undo_outcome=undone
        )
        batch.issues.create(line=line, column="B", level=IssueLevel.NOTICE, rule="url")


def _mailed(cast: Cast, count: int) -> None:
    """Recipients of the first mail to many of each reader."""
    for actor in (cast.city, cast.department, cast.manager, cast.unit_manager):
        batch = OutboxBatch.objects.filter(author=actor).earliest("pk")
        OutboxMessage.objects.bulk_create(
            OutboxMessage(
                recipient=factories.user(name=f"演示收件人{number}"),
                address="a@example.org",
                batch=batch,
                subject="演示",
                body="演示",
            )
            for number in range(count)
        )


def _tables(cast: Cast, count: int) -> None:
    """Codes and rules of one edition each."""
    for kind in TableKind:
        table = ClassificationTable.objects.filter(kind=kind).first()
        table = table or factories.edition(cast.city, kind)
        for _ in range(count):
            number = table.codes.count() + table.rules.count()
            if kind == TableKind.CODES:
                table.codes.create(code=f"1.2.{number}", name="演示小类")
            else:
                table.rules.create(code="1.2", pattern=f"H01L{number}")


def _experts(cast: Cast, count: int) -> None:
    for _ in range(count):
        factories.expert(organisation=cast.university, recommended_by=cast.other)


def _asked(cast: Cast, count: int) -> None:
    """Requests for exclusion, and patents that the school passes on."""
    claim = Claim(ExclusionReason.OTHER, "演示说明", DAY)
    to = factories.unit(cast.university)
    for _ in range(count):
        entry = factories.entry(cast.participation)
        exclusions.request_exclusion(entry=entry, claim=claim, actor=cast.manager)
        passed = factories.entry(cast.participation, unit=cast.school).dossier
        transfers.pass_on(
            dossier_id=passed.pk,
            seen_version=passed.version,
            to_unit=to,
            reason="演示理由",
            actor=cast.manager,
        )


def _uploads(cast: Cast, count: int) -> None:
    first = UploadBatch.objects.count() + 1
    for number in range(first, first + count):
        batch = UploadBatch.objects.create(
            institution=cast.university,
            campaign=cast.campaign,
            number=number,
            kind=UploadKind.FULL,
            prepared_by=cast.manager,
        )
        dossier = factories.entry(cast.participation, state=S.COMPLETED, unit=cast.school).dossier
        UploadItem.objects.create(batch=batch, dossier=dossier, digest="0" * 64)


def _pool(cast: Cast, count: int) -> None:
    """Complete dossiers that may be nominated, are nominated, and are in the pool."""
    rule = pool.current_rule() or pool.set_rule(
        values={"min_stars": 1, "kinds": [], "needs_key_industry": False, "min_months_left": 0},
        actor=cast.city,
    )
    complete = [
        factories.entry(cast.participation, state=S.COMPLETED, unit=cast.school).dossier_id
        for _ in range(2 * count)
    ]
    pool.nominate(rule=rule, ids=complete[:count], actor=cast.manager)
    for _ in range(count):
        pools.pooled(cast, unit=cast.school)
