"""A second institution in which every text field of every model holds a secret mark."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.files.base import ContentFile
from django.db import connection, models

from inventory import numbers
from inventory.choices import EventKind
from inventory.models import (
    ConfidentialWords,
    Dossier,
    DossierStep,
    DualFiling,
    FieldComment,
    HolderChange,
    LegalEvent,
    NotMine,
    Patent,
    PoolRule,
    UnitTransfer,
)
from inventory.services import reviews
from portal import audit
from portal.choices import AuditAction, District, Role
from portal.models import (
    AuditEntry,
    Erasure,
    ImportMapping,
    Job,
    JobLog,
    Membership,
    OrganisationName,
    OutboxMessage,
    SavedView,
    StaffMember,
    StoredFile,
    Unit,
)
from portal.models.saved_views import Shared
from tests import factories
from tests.conftest import Cast
from tests.security.worlds import DAY, holding

MARK = "qjxvb"
# every key of the second institution begins with these digits; none of the first does
KEYS = 765_432_000
APPS = ("portal", "inventory", "evaluation", "matching", "reporting")
# shorter ones hold codes, not words
SHORTEST = 8
# text that is no person's word: digests, codes of a programme, keys of a machine
NO_WORDS = {
    "portal.user.password": "hash",
    "portal.user.email_lookup": "keyed digest",
    "portal.user.phone_lookup": "keyed digest",
    "portal.staffmember.email_lookup": "keyed digest",
    "portal.staffmember.phone_lookup": "keyed digest",
    "portal.invitation.token_digest": "digest",
    "portal.departure.memberships": "keys",
    "portal.signinthrottle.key": "keyed digest",
    "portal.auditentry.object_type": "name of a model",
    "portal.storedfile.content": "random path; its content is marked",
    "portal.storedfile.sha256": "digest",
    "portal.importbatch.kind": "name of an importer",
    "portal.importbatch.layout": "code of a vendor",
    "portal.importbatch.preview_digest": "digest",
    "portal.importbatch.counts": "numbers",
    "portal.importrow.raw": "numbers of rows",
    "portal.importissue.rule": "name of a rule",
    "portal.importmapping.kind": "name of an importer",
    "portal.importmapping.signature": "digest",
    "portal.job.kind": "name of a job",
    "portal.job.lease_owner": "name of a worker",
    "portal.job.idempotency_key": "key of a machine",
    "portal.scheduledrun.task": "name of a task",
    "portal.unit.path": "keys",
    "portal.notice.kind": "name of a kind",
    "portal.notice.key": "key of a machine",
    "portal.noticesettings.deliveries": "codes",
    "portal.organisation.credit_code": "check character; its digits are marks of their own",
    "inventory.campaign.name": "campaigns are the city's",
    "inventory.classificationtable.edition": "published tables are everybody's",
    "inventory.classificationcode.code": "published tables are everybody's",
    "inventory.classificationcode.name": "published tables are everybody's",
    "inventory.concordancerule.code": "published tables are everybody's",
    "inventory.concordancerule.keyword": "published tables are everybody's",
    "inventory.concordancerule.pattern": "published tables are everybody's",
    "inventory.keyindustry.name": "key industries are the city's",
    "inventory.keyindustry.patterns": "key industries are the city's",
    "inventory.patentindustry.code": "code",
    "inventory.patentindustry.pattern": "symbols",
    "inventory.workbookbase.digest": "digest",
    "inventory.workbookdecision.field": "name of a field",
    "inventory.workbookdecision.sides": "digest",
    "inventory.dossierfinding.fields": "names of fields",
    "portal.savedview.list_name": "name of a list",
    "portal.usualview.list_name": "name of a list",
    "inventory.patent.application_number": "its digits are marks of their own",
    "inventory.dossier.combination_numbers": "application numbers",
    "inventory.fieldcomment.field": "name of a field",
    "inventory.objection.fields": "names of fields",
    "inventory.poolrule.kinds": "one rule for all",
    "inventory.dossierfact.strategic_codes": "codes",
    "evaluation.expert.identity": "keyed digest",
    "evaluation.expert.technical_fields": "codes",
    "reporting.coveragesnapshot.structure": "digest",
    "reporting.coveragefigure.key": "keys and codes",
}


@dataclass
class Second:
    """The second institution: its keys, its people, and every mark of it."""

    keys: dict[str, Any]
    manager: Membership
    marks: list[str] = field(default_factory=list)


def last_keys() -> dict[type[models.Model], Any]:
    """The highest key of every table: what comes later is the second institution's."""
    return {
        model: model._default_manager.aggregate(last=models.Max("pk"))["last"] for model in ours()
    }


def ours() -> list[type[models.Model]]:
    return [model for name in APPS for model in apps.get_app_config(name).get_models()]


def mark_of(name: str) -> str:
    """The mark of a column: portal.user.name."""
    names = [f"{model._meta.label_lower}.{column.name}" for model, column in text_fields()]
    return f"{MARK}{names.index(name):02d}"


def text_fields() -> list[tuple[type[models.Model], models.Field[Any, Any]]]:
    """Every column of ours that may hold a person's words."""
    return [
        (model, each)
        for model in ours()
        for each in model._meta.concrete_fields
        if _holds_words(each) and f"{model._meta.label_lower}.{each.name}" not in NO_WORDS
    ]


def _holds_words(each: models.Field[Any, Any]) -> bool:
    inner = each.base_field if isinstance(each, ArrayField) else each
    if isinstance(inner, models.JSONField):
        return True
    is_text = isinstance(inner, models.CharField | models.TextField)
    return is_text and not inner.choices and (inner.max_length or SHORTEST) >= SHORTEST


def plant_second(cast: Cast, rule: PoolRule) -> Second:
    """Make the second institution with everything it can have, then write a mark into every text of it."""
    before = last_keys()
    _jump()
    institution = factories.organisation(district=District.CHAOYANG)
    factories.supervision(institution, cast.health)
    unit = factories.unit(institution)
    manager = factories.membership(Role.INSTITUTION_MANAGER, institution)
    factories.membership(Role.UNIT_MANAGER, institution, unit=unit)
    inventor = factories.membership(
        Role.INVENTOR, institution, unit=unit, user=factories.user(email="x@y.org", phone="1391")
    )
    participation = factories.participation(institution, cast.campaign)
    keys = holding(participation, unit, manager, inventor, rule, has_campaigns=False)
    reviews.approve_dossiers(
        versions={keys["at_institution"]: Dossier.objects.get(pk=keys["at_institution"]).version},
        actor=manager,
    )
    _plant_rest(keys, manager, unit)
    return Second(
        keys, manager, [MARK, *_write_marks(before), institution.credit_code or "no code"]
    )


def _jump() -> None:
    """Let every table go on counting from KEYS, so that a key that shows is seen."""
    with connection.cursor() as cursor:
        for model in ours():
            column = model._meta.pk.column
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [model._meta.db_table, column])
            (sequence,) = cursor.fetchone()
            if sequence:
                cursor.execute("SELECT setval(%s::regclass, %s)", [sequence, KEYS])


def _plant_rest(keys: dict[str, Any], manager: Membership, unit: Unit) -> None:
    """Rows that the making of an institution leaves empty."""
    dossier = Dossier.objects.get(pk=keys["draft"])
    FieldComment.objects.create(dossier=dossier, field="stars", text="x", author=manager)
    LegalEvent.objects.create(
        patent=dossier.patent, kind=EventKind.PLEDGE, occurred_on=DAY, detail="x", confirmed_on=DAY
    )
    twin = factories.patent(manager.organisation, kind="utility")
    DualFiling.objects.create(invention=dossier.patent, utility=twin)
    HolderChange.objects.create(
        patent=twin, registered_on=DAY, from_name="x", to_name="y", confirmed_on=DAY
    )
    OrganisationName.objects.create(organisation=manager.organisation, name="x", folded="x")
    ConfidentialWords.objects.create(institution=manager.organisation, words=["x"])
    Erasure.objects.create(person=manager.user, reason="x", requested_by=manager, due_on=DAY)
    SavedView.objects.create(
        list_name="inventory.entries",
        name="x",
        query="x",
        owner=manager,
        organisation=manager.organisation,
        shared=Shared.ORGANISATION,
    )
    NotMine.objects.create(patent=dossier.patent, user=manager.user, reason="x")
    StaffMember.objects.filter(organisation=manager.organisation).update(email="x", phone="x")
    UnitTransfer.objects.filter(institution=manager.organisation).update(answer="x")
    factories.expert(organisation=manager.organisation, recommended_by=manager.organisation)
    DossierStep.objects.create(
        dossier=dossier,
        act="return",
        from_state="unit_review",
        to_state="draft",
        actor=manager,
        at=dossier.updated_at,
        reason="x",
        version=1,
    )
    factories.unit(manager.organisation, parent=unit)
    keys["job"] = Job.objects.create(
        kind="portal.test-of-routes", organisation=manager.organisation, membership=manager
    ).pk
    JobLog.objects.create(job_id=keys["job"], message="x")
    ImportMapping.objects.create(organisation=manager.organisation, kind="base", signature="x")
    OutboxMessage.objects.create(recipient=manager.user, address="x", subject="x", body="x")
    # the trail takes no later change: its marks are written at once
    for target in (dossier, dossier.patent, manager.user, unit, manager.organisation):
        audit.record(
            actor=manager,
            action=AuditAction.CHANGE,
            target=target,
            changes={"title": [f"{MARK}before", f"{MARK}after"]},
            reason=f"{MARK}reason",
        )


def _write_marks(before: dict[type[models.Model], Any]) -> list[str]:
    """Put a mark into every text column of every row made since; returns the numbers that are marks, too."""
    marked: set[str] = {"portal.auditentry.changes", "portal.auditentry.reason"}
    found = []
    for number, (model, column) in enumerate(text_fields()):
        if model is AuditEntry:
            continue
        rows = model._default_manager.filter(pk__gt=before[model] or 0)
        for row in rows:
            value = _marked(column, getattr(row, column.name), f"{MARK}{number:02d}", row.pk)
            model._default_manager.filter(pk=row.pk).update(**{column.name: value})
            marked.add(f"{model._meta.label_lower}.{column.name}")
    for patent in Patent.objects.filter(pk__gt=before[Patent] or 0):
        found += [patent.application_number, numbers.display(patent.application_number)]
    for file in StoredFile.objects.filter(pk__gt=before[StoredFile] or 0):
        file.content.save("x", ContentFile(f"%PDF-{MARK}".encode()))
    every = {f"{model._meta.label_lower}.{column.name}" for model, column in text_fields()}
    assert every == marked, sorted(every - marked)
    return found


def _marked(column: models.Field[Any, Any], value: Any, mark: str, key: int) -> Any:
    if isinstance(column, ArrayField):
        return [mark]
    if isinstance(column, models.JSONField):
        return _marked_json(value, mark)
    if isinstance(column, models.URLField):
        return f"https://{mark}.example.org/"
    text = f"{mark}n{key % 1000}"
    limit = column.max_length
    assert limit is None or len(text) <= limit, column
    return text


def _marked_json(value: Any, mark: str) -> Any:
    """The same shape with marks for words."""
    if isinstance(value, dict):
        marked = {name: _marked_json(each, mark) for name, each in value.items()}
        return (
            marked
            if any(MARK in str(each) for each in marked.values())
            else {**marked, "note": mark}
        )
    if isinstance(value, list):
        return [_marked_json(each, mark) for each in value]
    return mark if isinstance(value, str) and not value.isascii() else value
