"""Filling in a dossier: saving as one types, copying one's last one, and its content as plain data."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, TypedDict

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from inventory import rules
from inventory.choices import DossierState, StepAct
from inventory.dossier_fields import CONTENT_FIELDS, COPIED_FIELDS
from inventory.models import Dossier, DossierStep, IntentMark, PoolEntry, StatusMark
from inventory.services import moves
from portal import audit
from portal.choices import AuditAction
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.models import Membership

Values = Mapping[str, Any]
#: The parts of a content: its fields, and its two lists of marks.
ALL_FIELDS: Final = (*CONTENT_FIELDS, "statuses", "intents")
_contents = attrgetter(*CONTENT_FIELDS)


class Derived(TypedDict):
    """The columns that follow from the statuses."""

    is_unsuitable: bool
    is_transformed: bool


def derive(statuses: Iterable[rules.Status]) -> Derived:
    """What follows from the statuses: rule R1, and whether the patent counts as 已转化."""
    return _derived(tuple(statuses)).copy()


@lru_cache(maxsize=4096)
def _derived(marks: tuple[rules.Status, ...]) -> Derived:
    return Derived(
        is_unsuitable=rules.is_unsuitable(marks), is_transformed=rules.is_transformed(marks)
    )


def statuses_of(dossier: Dossier) -> tuple[rules.Status, ...]:
    """The statuses as plain data, in order."""
    return tuple(
        rules.Status(
            level1=mark.level1,
            level2=mark.level2,
            wording=mark.wording,
            amount=mark.amount,
            product_name=mark.product_name,
            report_result=mark.report_result,
            remark=mark.remark,
        )
        for mark in dossier.marks("status_marks")
    )


def intents_of(dossier: Dossier) -> tuple[rules.Intent, ...]:
    """The intents as plain data, in order."""
    return tuple(
        rules.Intent(level1=mark.level1, level2=mark.level2, wording=mark.wording, fee=mark.fee)
        for mark in dossier.marks("intent_marks")
    )


def content_of(dossier: Dossier) -> rules.Content:
    """Everything filled in, as the rules read it."""
    values: dict[str, Any] = {
        name: tuple(value) if value.__class__ is list else value
        for name, value in zip(CONTENT_FIELDS, _contents(dossier), strict=True)
    }
    participation = dossier.participation
    return rules.Content(
        statuses=statuses_of(dossier),
        intents=intents_of(dossier),
        has_default_contact=bool(participation.contact_name and participation.contact_phone),
        **values,
    )


def trail_of(content: rules.Content, names: Collection[str] = ALL_FIELDS) -> dict[str, Any]:
    """The content, or these parts of it, as the audit keeps it.

    Amounts and fees stand apart from their marks, because not everybody may read them.
    """
    values = {name: getattr(content, name) for name in CONTENT_FIELDS if name in names}
    found = {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}
    if "statuses" in names:
        found["statuses"] = [
            [s.level1, s.level2, s.wording, s.product_name, s.report_result, s.remark]
            for s in content.statuses
        ]
        found["amounts"] = [s.amount for s in content.statuses]
    if "intents" in names:
        found["intents"] = [[i.level1, i.level2, i.wording] for i in content.intents]
        found["fees"] = [i.fee for i in content.intents]
    return found


@transaction.atomic
def save_dossier(
    *,
    dossier_id: int,
    seen_version: int,
    values: Values,
    statuses: Sequence[rules.Status] | None = None,
    intents: Sequence[rules.Intent] | None = None,
    actor: Membership,
) -> Dossier:
    """Save what was filled in so far; None leaves the marks as they are.

    Only shapes are checked here (lengths, lists, numbers): a draft may be incomplete. The first save
    starts the dossier. Saving what stands already changes nothing and gives no new version.
    """
    dossier = _locked(dossier_id, seen_version)
    before = trail_of(content_of(dossier))
    _take(dossier, values)
    if statuses is not None:
        _replace_statuses(dossier, statuses)
    if intents is not None:
        _replace_intents(dossier, intents)
    changes = audit.changes_of(before, trail_of(content_of(dossier)))
    if not changes:
        return dossier
    _store(dossier, changes)
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=dossier,
        owner=dossier.participation.institution_id,
        changes=changes,
    )
    if dossier.state == DossierState.UNFILED:
        moves.move([dossier], DossierState.DRAFT, act=StepAct.START, actor=actor)
    return dossier


@transaction.atomic
def copy_from_last(*, dossier_id: int, seen_version: int, actor: Membership) -> Dossier | None:
    """Fill in what the dossier that this person worked on last says; returns that one, None without any.

    Texts come along, too: the page marks everything copied so that it is read again.
    """
    source = last_filed(exclude=dossier_id, actor=actor)
    if source is None:
        return None
    copy_fields(
        dossier_id=dossier_id,
        seen_version=seen_version,
        source=source,
        names=COPIED_FIELDS,
        actor=actor,
    )
    return source


@transaction.atomic
def copy_fields(
    *,
    dossier_id: int,
    seen_version: int,
    source: Dossier,
    names: Collection[str],
    actor: Membership,
) -> Dossier:
    """Fill in what another dossier says in these fields (of COPIED_FIELDS); the page marks them to be read again."""
    content = content_of(source)
    values = asdict(content)
    taken = [name for name in COPIED_FIELDS if name in names]
    return save_dossier(
        dossier_id=dossier_id,
        seen_version=seen_version,
        values={
            name: list(values[name]) if isinstance(values[name], tuple) else values[name]
            for name in taken
            if name in CONTENT_FIELDS
        },
        statuses=content.statuses if "statuses" in taken else None,
        intents=content.intents if "intents" in taken else None,
        actor=actor,
    )


def last_filed(*, exclude: int, actor: Membership) -> Dossier | None:
    """The dossier of the actor's institution that the actor started or submitted last."""
    step = (
        DossierStep.objects.filter(
            actor=actor,
            act__in=[StepAct.START, StepAct.SUBMIT],
            dossier__participation__institution=actor.organisation_id,
        )
        .exclude(dossier=exclude)
        .select_related("dossier__participation", "dossier__patent")
        .order_by("-pk")
        .first()
    )
    return step.dossier if step else None


def _locked(dossier_id: int, seen_version: int) -> Dossier:
    found = moves.lock_dossiers([dossier_id])
    if not found:
        raise DomainError(_("This dossier is gone."))
    dossier = found[0]
    if dossier.version != seen_version:
        raise StaleVersion(seen_version, dossier.version)
    if not dossier.is_editable:
        raise InvalidTransition(
            _("The dossier is in the state “%(state)s” and takes no changes now.")
            % {"state": dossier.get_state_display()}
        )
    return dossier


def _take(dossier: Dossier, values: Values) -> None:
    unknown = set(values) - set(CONTENT_FIELDS)
    # a programmer's mistake: the form and the API name content fields only
    assert not unknown, unknown  # noqa: S101
    if values.get("maturity", dossier.maturity) != dossier.maturity:
        dossier.maturity_raw = ""
    for name, value in values.items():
        setattr(dossier, name, value)
    given = {name for name in values if getattr(dossier, name) not in (None, "", [])}
    dossier.clean_fields(exclude={f.name for f in dossier._meta.fields if f.name not in given})


def _replace_statuses(dossier: Dossier, statuses: Sequence[rules.Status]) -> None:
    if tuple(statuses) == statuses_of(dossier):
        return
    derived = derive(statuses)
    if derived["is_unsuitable"] and not dossier.is_unsuitable:
        _refuse_pooled(dossier)
    marks = [
        StatusMark(dossier=dossier, position=place, **asdict(status))
        for place, status in enumerate(statuses, start=1)
    ]
    _check_marks("statuses", marks)
    dossier.forget_marks("status_marks")
    dossier.status_marks.all().delete()
    StatusMark.objects.bulk_create(marks)
    dossier.is_unsuitable = derived["is_unsuitable"]
    dossier.is_transformed = derived["is_transformed"]


def _replace_intents(dossier: Dossier, intents: Sequence[rules.Intent]) -> None:
    if tuple(intents) == intents_of(dossier):
        return
    marks = [
        IntentMark(dossier=dossier, position=place, **asdict(intent))
        for place, intent in enumerate(intents, start=1)
    ]
    _check_marks("intents", marks)
    dossier.forget_marks("intent_marks")
    dossier.intent_marks.all().delete()
    IntentMark.objects.bulk_create(marks)


def _check_marks(name: str, marks: Sequence[models.Model]) -> None:
    found: dict[str, Any] = {}
    for place, mark in enumerate(marks):
        try:
            mark.clean_fields(exclude={"dossier"})
        except ValidationError as problem:
            for part, messages in problem.message_dict.items():
                found[f"{name}.{place}.{part}"] = messages
    if found:
        raise ValidationError(found)


def _refuse_pooled(dossier: Dossier) -> None:
    """The database refuses it as well (trigger dossier_unsuitable_not_in_pool); this says why in words."""
    if PoolEntry.objects.live().filter(dossier=dossier).exists():
        raise DomainError(
            _(
                "This patent is in the city pool. It must leave the pool before this status is chosen."
            )
        )


def _store(dossier: Dossier, changes: Mapping[str, Any]) -> None:
    fields = {name for name in changes if name in CONTENT_FIELDS}
    dossier.version += 1
    dossier.save(
        update_fields=[
            *sorted(fields),
            "maturity_raw",
            "is_unsuitable",
            "is_transformed",
            "updated_at",
            "version",
        ]
    )
