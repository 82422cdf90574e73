"""What stock-taking tells about a patent's past, each source with today's rights of the reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from django.db.models import Model, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory import permissions
from inventory.dossier_fields import FIELDS, in_words, label_of
from inventory.models import (
    CampaignInstitution,
    Dossier,
    DossierStep,
    Exclusion,
    FieldComment,
    LegalEvent,
    Patent,
    PoolStep,
    UnitTransfer,
)
from inventory.models.pool import PoolEntry
from inventory.queries.patents import records_by_number
from inventory.services import approvals
from portal.audit_links import addresses_of
from portal.audit_names import Named, add_names
from portal.audit_records import add_finder
from portal.audit_words import add_words, field_label, in_words_for
from portal.choices import AuditAction
from portal.clock import SHANGHAI
from portal.history import Event, Source, add_source, before_moment, from_entry
from portal.models import AuditEntry, Membership, Unit, User

PATENT = "inventory.patent"
# fields that hold a key, what it names, and how that is read
_NAMED: tuple[tuple[str, type[Model], Any], ...] = (
    ("unit", Unit, "name"),
    ("to_unit", Unit, "name"),
    ("responsible", User, "name"),
    (
        "participation",
        CampaignInstitution,
        Concat("institution__name", Value(" · "), "campaign__name"),
    ),
)
_ORDER = {entry.name: place for place, entry in enumerate(FIELDS)}


def register_sources() -> None:
    """Called once by InventoryConfig.ready."""
    for source in (
        Source("change", _("Changes of the dossier"), changes),
        Source("step", _("Filing and review"), steps),
        Source("comment", _("Comments"), comments),
        Source("pool", _("City pool"), pool),
        Source("exclusion", _("Exclusions"), exclusions),
        Source("register", _("Register and imports"), register_entries),
        Source("legal", _("Legal events"), legal_events),
    ):
        add_source(PATENT, source)
    add_finder(records_by_number)
    add_words(Dossier._meta.label_lower, _label, in_words)
    register_names()


def register_names() -> None:
    """How the trail calls the records of stock-taking."""
    for kind in ("dossier", "baselistentry", "poolentry"):
        add_names(f"inventory.{kind}", "patent", text=lambda one: str(one.patent.number))
    for kind in ("patent", "unitconfirmation", "uploadbatch"):
        add_names(f"inventory.{kind}", text=lambda one: str(one.number))
    for kind in ("campaign", "milestone", "poolrule", "classificationtable"):
        add_names(f"inventory.{kind}")
    add_names("inventory.exclusion", "entry__patent", text=lambda one: str(one.entry.patent.number))
    add_names("inventory.campaigninstitution", "campaign", "institution")


def dossier_of(membership: Membership, patent: Patent) -> Dossier | None:
    """The dossier this reader may see; kept with the patent for the other sources of the same page."""
    if not hasattr(patent, "dossier_for_history"):
        seen = Dossier.objects.visible_to(membership).filter(patent=patent)
        found = seen.select_related("participation", "unit").first()
        patent.dossier_for_history = found  # type: ignore[attr-defined]
    dossier: Dossier | None = patent.dossier_for_history  # type: ignore[attr-defined]
    return dossier


def is_insider(dossier: Dossier, membership: Membership) -> bool:
    """People of the filing institution and of the bureaus: reasons and remarks are not for co-holders."""
    return (
        membership.is_official or membership.organisation_id == dossier.participation.institution_id
    )


def hidden_after(dossier: Dossier, membership: Membership) -> datetime | None:
    """Others than the filing institution do not read in the history what an open revision changes; since when."""
    if membership.organisation_id == dossier.participation.institution_id:
        return None
    approved = approvals.approved_versions([dossier]).get(dossier.pk)
    return approved.approved_at if approved else None


def changes(
    membership: Membership, patent: Patent, before: datetime | None, limit: int
) -> list[Event]:
    """Field by field what was changed in the dossier."""
    dossier = dossier_of(membership, patent)
    if dossier is None:
        return []
    about = AuditEntry.objects.about(dossier).exclude(action=AuditAction.STATE).with_people()
    since = hidden_after(dossier, membership)
    if since is not None:
        about = about.filter(at__lte=since)
    entries = list(before_moment(about, "at", before)[:limit])
    names = _names(entries, membership)
    hidden = permissions.hidden_fields(membership, dossier)
    is_inside = is_insider(dossier, membership)
    return [
        from_entry(
            entry,
            "change",
            entry.get_action_display(),
            reason=entry.reason if is_inside else "",
            changes=shown,
        )
        for entry in entries
        if (shown := shown_changes(entry.changes, names, hidden=hidden))
    ]


def shown_changes(
    found: dict[str, list[Any]], names: dict[tuple[str, int], Named], *, hidden: frozenset[str]
) -> list[dict[str, Any]]:
    """Changes in the order of the template; rows of amounts that stay blank say nothing."""
    rows = [
        {
            "name": name,
            "field": _label(name),
            "before": _words(name, found[name][0], names),
            "after": _words(name, found[name][1], names),
            "before_records": _records(name, found[name][0], names),
            "after_records": _records(name, found[name][1], names),
        }
        for name in sorted(found, key=lambda each: _ORDER.get(each, len(_ORDER)))
        if name not in hidden
    ]
    return [row for row in rows if {row["before"], row["after"]} - {"", "—"}]


def _label(name: str) -> str:
    if name == "transfer":
        return str(UnitTransfer._meta.verbose_name)
    label = label_of(name)
    # no question of the template: where the dossier belongs, how it stands with the national platform
    return label if label != name else field_label(Dossier, name)


def _words(name: str, value: Any, names: dict[tuple[str, int], Named]) -> str:
    """A value in words; units and people by name."""
    if _is_key(name, value):
        return names[name, value].text if (name, value) in names else str(value)
    return in_words(name, value)


def _records(name: str, value: Any, names: dict[tuple[str, int], Named]) -> list[Named]:
    return [names[name, value]] if _is_key(name, value) and (name, value) in names else []


def _is_key(name: str, value: Any) -> bool:
    return isinstance(value, int) and name in {named for named, _model, _text in _NAMED}


def _names(entries: Iterable[AuditEntry], membership: Membership) -> dict[tuple[str, int], Named]:
    """Units, people and filing institutions that changes speak of, in two queries each.

    Named to everybody who reads the history of the dossier; linked for whom they have a page.
    """
    keys: dict[str, set[int]] = {name: set() for name, _model, _text in _NAMED}
    for entry in entries:
        for name, wanted in keys.items():
            wanted |= {v for v in entry.changes.get(name, ()) if isinstance(v, int)}
    found: dict[tuple[str, int], Named] = {}
    for name, model, text in _NAMED:
        kind = model._meta.label_lower
        pages = addresses_of([(kind, pk) for pk in keys[name]], membership)
        if keys[name]:
            rows = model._default_manager.filter(pk__in=keys[name]).values_list("pk", text)
            found |= {(name, pk): Named(shown, pages.get((kind, pk), "")) for pk, shown in rows}
    return found


def steps(
    membership: Membership, patent: Patent, before: datetime | None, limit: int
) -> list[Event]:
    dossier = dossier_of(membership, patent)
    if dossier is None:
        return []
    is_inside = is_insider(dossier, membership)
    found = before_moment(DossierStep.objects.filter(dossier=dossier), "at", before)
    people = found.select_related("actor__user", "actor__organisation", "actor__unit")
    return [
        _by(
            step.actor,
            Event(
                step.at,
                "step",
                f"{step.get_act_display()} → {step.get_to_state_display()}",
                reason=step.reason if is_inside else "",
            ),
        )
        for step in people.order_by("-at", "-pk")[:limit]
    ]


def _by(actor: Membership, event: Event) -> Event:
    """The event with who and in which capacity."""
    return replace(event, actor=actor.user.name, capacity=str(actor))


def comments(
    membership: Membership, patent: Patent, before: datetime | None, limit: int
) -> list[Event]:
    """Remarks on fields, settled ones included, for insiders."""
    dossier = dossier_of(membership, patent)
    if dossier is None or not is_insider(dossier, membership):
        return []
    hidden = permissions.hidden_fields(membership, dossier)
    found = FieldComment.objects.filter(dossier=dossier)
    if hidden:
        found = found.exclude(field__in=hidden)
    people = before_moment(found, "created_at", before).select_related(
        "author__user", "author__organisation", "author__unit"
    )
    return [
        _by(
            one.author,
            Event(
                one.created_at,
                "comment",
                f"{gettext('Comment')}：{label_of(one.field)}",
                reason=one.text,
            ),
        )
        for one in people.order_by("-created_at", "-pk")[:limit]
    ]


def pool(
    membership: Membership, patent: Patent, before: datetime | None, limit: int
) -> list[Event]:
    """Steps into and out of the pool, of entries this reader may see; reasons for insiders."""
    entries = PoolEntry.objects.visible_to(membership).filter(patent=patent)
    found = before_moment(PoolStep.objects.filter(entry__in=entries), "at", before)
    people = found.select_related("actor__user", "actor__organisation", "actor__unit", "entry")
    return [
        _by(
            step.actor,
            Event(
                step.at,
                "pool",
                f"{gettext('City pool')} → {step.get_to_state_display()}",
                reason=step.reason if _knows(membership, step.entry.institution_id) else "",
            ),
        )
        for step in people.order_by("-at", "-pk")[:limit]
    ]


def exclusions(
    membership: Membership, patent: Patent, before: datetime | None, limit: int
) -> list[Event]:
    """Requests to take it off a list and their decisions."""
    seen = Exclusion.objects.visible_to(membership).filter(entry__patent=patent)
    found = seen.select_related(
        "entry", "requested_by__user", "requested_by__organisation", "requested_by__unit"
    ).select_related("decided_by__user", "decided_by__organisation", "decided_by__unit")
    events = []
    for one in found:
        knows = _knows(membership, one.entry.institution_id)
        title = f"{gettext('Exclusion requested')}：{one.get_reason_display()}"
        asked = Event(one.requested_at, "exclusion", title, reason=one.explanation if knows else "")
        events.append(_by(one.requested_by, asked))
        if one.decided_at and one.decided_by:
            title = f"{gettext('Exclusion decided')}：{one.get_state_display()}"
            note = one.decision_note if knows else ""
            events.append(
                _by(one.decided_by, Event(one.decided_at, "exclusion", title, reason=note))
            )
    return _older(events, before, limit)


def _knows(membership: Membership, institution_id: int) -> bool:
    return membership.is_official or membership.organisation_id == institution_id


def register_entries(
    membership: Membership, patent: Patent, before: datetime | None, limit: int
) -> list[Event]:
    """What imports and people changed in the register's facts; these are public."""
    about = before_moment(AuditEntry.objects.about(patent).with_people(), "at", before)
    entries = list(about[:limit])
    return [
        from_entry(
            entry,
            "register",
            line.action,
            changes=[{"name": "", **vars(one)} for one in line.changes],
        )
        for entry, line in zip(entries, in_words_for(entries, membership), strict=True)
    ]


def legal_events(
    membership: Membership, patent: Patent, before: datetime | None, limit: int
) -> list[Event]:
    """What the register announced, on its day."""
    events = [
        Event(
            datetime.combine(one.occurred_on, time.min, SHANGHAI),
            "legal",
            one.get_kind_display(),
            reason=one.detail,
        )
        for one in LegalEvent.objects.filter(patent=patent)
        if one.occurred_on is not None
    ]
    return _older(events, before, limit)


def _older(events: list[Event], before: datetime | None, limit: int) -> list[Event]:
    """The newest events before a moment; for sources of few."""
    kept = [event for event in events if before is None or event.at < before]
    return sorted(kept, key=lambda event: event.at, reverse=True)[:limit]
