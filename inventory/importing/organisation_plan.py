"""What a row of a list of organisations would do beside those there are; how it is written and put back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from inventory.importing.table_steps import Doubt, Plan
from inventory.services import withdrawals
from portal import audit
from portal.choices import (
    BUREAU_KINDS,
    INSTITUTION_KINDS,
    Affiliation,
    OrganisationKind,
    RowOutcome,
)
from portal.intake import undoing
from portal.intake.staging import Written
from portal.models import (
    AuditEntry,
    ImportBatch,
    ImportRow,
    Organisation,
    OrganisationName,
    Supervision,
)
from portal.services import organisations
from portal.text import fold

#: what a list may say; the rest of an organisation is kept on its page
COLUMNS: Final[Sequence[str]] = ("name", "credit_code", "affiliation", "district", "is_active")
#: whom no list changes: the office that loads it, and the operator
_NOT_BY_LIST: Final = frozenset({OrganisationKind.LEAD_BUREAU, OrganisationKind.OPERATOR})
#: what belongs to an organisation and goes with it; who acted for it had a role, which is found as a use
OF_ORGANISATION: Final[withdrawals.Relations] = frozenset(
    {(OrganisationName, "organisation"), (Supervision, "institution"), (AuditEntry, "organisation")}
)


def is_bureau(row: ImportRow) -> bool:
    """Bureaus are written first: other rows of the file may name them as being in charge."""
    return row.values.get("kind") in BUREAU_KINDS


def is_no_bureau(row: ImportRow) -> bool:
    return not is_bureau(row)


class OrganisationPlanner:
    """Judges and writes the rows of one chunk."""

    #: of this kind where rows do not say it
    usual_kind: OrganisationKind | None = None

    def __init__(self, batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
        self.batch, self.actor = batch, batch.membership
        self._load_known(rows)
        self._load_bureaus(batch)

    def _load_known(self, rows: Sequence[ImportRow]) -> None:
        """Organisations with these codes or names, and what else they are called (four queries)."""
        codes = {code for row in rows for code in _codes(row)}
        names = {fold(name) for row in rows for name in _names(row)}
        written = {name for row in rows for name in _names(row)}
        by_codes = Q(credit_code__in=codes) | Q(code__in=codes)
        by_names = Q(names__folded__in=names) | Q(name__in=written)
        found = Organisation.objects.filter(by_codes | by_names).distinct()
        self.known = {one.pk: one for one in found}
        self.by_code = {one.credit_code: one for one in self.known.values() if one.credit_code}
        self.by_short = {one.code: one for one in self.known.values()}
        self.by_name: dict[str, Organisation] = {}
        self.further: dict[int, set[str]] = {pk: set() for pk in self.known}
        for each in OrganisationName.objects.filter(organisation__in=self.known):
            self.by_name[each.folded] = self.known[each.organisation_id]
            self.further[each.organisation_id].add(each.name)
        for one in self.known.values():
            self.by_name.setdefault(fold(one.name), one)
        charges = Supervision.objects.filter(institution__in=self.known, is_active=True)
        self.charges: dict[int, dict[int, Organisation]] = {pk: {} for pk in self.known}
        for charge in charges.select_related("bureau"):
            self.charges[charge.institution_id][charge.bureau_id] = charge.bureau

    def _load_bureaus(self, batch: ImportBatch) -> None:
        """Departments by every name they go by; those that the file itself brings have no key yet."""
        promised = batch.rows.exclude(outcome=RowOutcome.REFUSED).filter(
            values__kind=OrganisationKind.DEPARTMENT
        )
        self.bureaus: dict[str, tuple[str, Organisation | None]] = {}
        for values in promised.values_list("values", flat=True):
            for name in (values["name"], *values["former_names"]):
                self.bureaus[fold(name)] = (values["name"], None)
        active = Organisation.objects.active().filter(kind=OrganisationKind.DEPARTMENT)
        for one in active.prefetch_related("names"):
            for folded in (fold(one.name), *(each.folded for each in one.names.all())):
                self.bureaus[folded] = (one.name, one)

    # --- judging ---------------------------------------------------------------------------------------

    def judge(self, row: ImportRow) -> Plan:
        """Outcome, changes and doubts of one row."""
        target, doubts = self._who(row)
        doubts += self._taken(row, target)
        kind = row.values.get("kind") or self.usual_kind
        if target is None:
            doubts += self._new(row, kind)
        elif target.kind in _NOT_BY_LIST or not self._is_of_kind(row, target):
            doubts.append(_other_kind(row, target))
        if any(doubt.level == "error" for doubt in doubts):
            return Plan(row, RowOutcome.REFUSED, doubts=doubts)
        changes = self.changes(row, target)
        outcome = RowOutcome.ADDED
        if target is not None:
            outcome = RowOutcome.CHANGED if changes else RowOutcome.UNCHANGED
        plan = Plan(row, outcome, changes, target, doubts)
        plan.doubts += self._notices(row, target)
        return plan

    def _is_of_kind(self, row: ImportRow, target: Organisation) -> bool:
        """Whether nothing that the row or the kind of list says speaks against it."""
        said = None if row.values.get("is_guess") else row.values.get("kind")
        return (said or self.usual_kind) in (None, target.kind)

    def _who(self, row: ImportRow) -> tuple[Organisation | None, list[Doubt]]:
        """Whom the row is about: by credit code, school code or name; codes that contradict each other refuse it."""
        said = row.values
        by_code = self.by_code.get(said.get("credit_code"))
        by_school = self.by_short.get(said.get("school_code", ""))
        by_name = self.by_name.get(fold(said["name"]))
        target = by_code or by_school or by_name
        if target is None:
            return None, []
        code = said.get("credit_code")
        if code and target.credit_code and target.credit_code != code:
            params = {"organisation": target.name, "suggestion": target.credit_code}
            return target, [Doubt("credit_code", "code_differs", code, params=params)]
        return target, []

    def _taken(self, row: ImportRow, target: Organisation | None) -> list[Doubt]:
        """Names and short codes that another organisation has."""
        found = []
        for field, name in (
            ("name", row.values["name"]),
            *(("former_names", each) for each in row.values["former_names"]),
        ):
            other = self.by_name.get(fold(name))
            if other is not None and other != target:
                params = {"organisation": other.name, "code": other.credit_code or other.code}
                found.append(Doubt(field, "name_taken", name, params=params))
        short = row.values.get("code")
        if short and self.by_short.get(short, target) != target:
            params = {"organisation": self.by_short[short].name}
            found.append(Doubt("code", "short_code_taken", short, params=params))
        return found

    def _new(self, row: ImportRow, kind: str | None) -> list[Doubt]:
        """What a new one must say: its kind, and a credit code, or as a university the Ministry's code."""
        said = row.values
        has_code = said.get("credit_code") or (
            kind == OrganisationKind.UNIVERSITY and said.get("school_code")
        )
        found = [] if kind else [Doubt("kind", "kind_missing", said["name"])]
        return found if has_code else [*found, Doubt("credit_code", "code_missing")]

    def _notices(self, row: ImportRow, target: Organisation | None) -> list[Doubt]:
        said = row.values
        found = [
            Doubt("bureau", "bureau_unknown", name, "notice")
            for name in said.get("bureaus", ())
            if fold(name) not in self.bureaus and not _is_of_the_state(name)
        ]
        if target is not None and not target.is_active:
            found.append(Doubt("name", "active_again", said["name"], "notice"))
        is_new_institution = target is None and said.get("kind") in INSTITUTION_KINDS
        if target is None and said.get("is_guess"):
            params = {"kind": said["kind"]}
            found.append(Doubt("kind", "kind_from_name", said["name"], "notice", params))
        if is_new_institution and "affiliation" not in said:
            found.append(Doubt("affiliation", "affiliation_unsaid", "", "notice"))
        if is_new_institution and "credit_code" not in said:
            found.append(Doubt("school_code", "only_school_code", "", "notice"))
        return found

    def changes(self, row: ImportRow, target: Organisation | None) -> dict[str, list[Any]]:
        """Columns, names and bureaus that would differ; names and bureaus are added to, never taken away."""
        said = row.values
        if target is None:
            after = {
                "kind": said.get("kind") or self.usual_kind,
                **{name: said[name] for name in COLUMNS if said.get(name)},
            }
            before: dict[str, Any] = {}
            names, bureaus = set[str](), set[str]()
        else:
            after = {name: said[name] for name in COLUMNS if said.get(name)}
            after["is_active"] = True
            before = {name: getattr(target, name) for name in after}
            names = self.further[target.pk] - {target.name}
            bureaus = {bureau.name for bureau in self.charges[target.pk].values()}
        before |= {"former_names": sorted(names), "bureaus": sorted(bureaus)}
        after |= {
            "former_names": sorted(self._names_after(said, names, target)),
            "bureaus": sorted(bureaus | {name for name, _one in self._in_charge(said, target)}),
        }
        return {
            name: pair
            for name, pair in audit.changes_of(before, after).items()
            if pair[0] or pair[1]
        }

    def _names_after(
        self, said: Mapping[str, Any], names: set[str], target: Organisation | None
    ) -> set[str]:
        """Further names once the row is written: what it was called before stays among them."""
        known = {fold(name) for name in names}
        after = {*names, *(each for each in said["former_names"] if fold(each) not in known)}
        if target is not None and fold(target.name) != fold(said["name"]):
            after.add(target.name)
        return {name for name in after if name != said["name"]}

    def _in_charge(
        self, said: Mapping[str, Any], target: Organisation | None
    ) -> list[tuple[str, Organisation | None]]:
        """The bureaus of the portal, or of the file, that the row puts in charge; only institutions have any."""
        if (target.kind if target else said.get("kind")) not in INSTITUTION_KINDS:
            return []
        found = (self.bureaus.get(fold(name)) for name in said.get("bureaus", ()))
        return [each for each in found if each is not None]

    # --- writing ---------------------------------------------------------------------------------------

    def write(self, plan: Plan) -> Written:
        """Enter or change one organisation through the services."""
        said, target = plan.row.values, plan.target
        further = self._further(plan)
        bureaus = self._bureaus_after(plan)
        if target is None:
            made = organisations.create_organisation(
                values=self._columns(said),
                names=further,
                supervisors=bureaus,
                actor=self.actor,
                owner=self.batch.organisation,
            )
            return Written(plan.row.line, made.pk, {"made": True}, made.version)
        columns = {name: plan.changes[name][1] for name in COLUMNS if name in plan.changes}
        columns.setdefault("name", target.name)
        before = organisations.picture(target, columns)
        held = organisations.change_organisation(
            organisation=target,
            values=columns,
            names=further,
            supervisors=bureaus,
            seen_version=target.version,
            actor=self.actor,
        )
        return Written(plan.row.line, held.pk, before, held.version)

    def _further(self, plan: Plan) -> list[str]:
        changed = plan.changes.get("former_names")
        if changed is not None:
            return list(changed[1])
        return sorted(self.further[plan.target.pk] - {plan.target.name}) if plan.target else []

    def _bureaus_after(self, plan: Plan) -> list[Organisation]:
        """The bureaus in charge once the row is written."""
        held = dict(self.charges[plan.target.pk]) if plan.target else {}
        for _name, bureau in self._in_charge(plan.row.values, plan.target):
            if bureau is not None:
                held[bureau.pk] = bureau
        return list(held.values())

    def _columns(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a new organisation; its short code is one of its codes where the file gives none."""
        code = said.get("code") or said.get("school_code") or said["credit_code"]
        return {
            "name": said["name"],
            "code": code,
            "kind": said.get("kind") or self.usual_kind,
            "credit_code": said.get("credit_code"),
            "affiliation": said.get("affiliation", Affiliation.OTHER),
            "district": said.get("district", ""),
        }


class OrganisationRestorer:
    """Puts the organisations of one chunk back; `own` are relations that go with an organisation."""

    def __init__(
        self,
        batch: ImportBatch,
        made: Sequence[int],
        own: withdrawals.Relations = OF_ORGANISATION,
    ) -> None:
        self.actor, self.reason = undoing.actor_of(batch), batch.undo_reason
        self.owner = batch.organisation
        self.used = withdrawals.uses(Organisation, made, own)

    def restore(self, target: Organisation, before: Mapping[str, Any]) -> str:
        """A new one leaves unless something names it by now, a changed one says what it said before."""
        if not before.get("made"):
            organisations.restore_organisation(
                organisation=target, before=before, actor=self.actor, reason=self.reason
            )
            return ""
        if used := self.used.get(target.pk):
            return _("In use by now: %(what)s.") % {"what": used}
        organisations.withdraw_organisation(
            organisation=target, owner=self.owner, actor=self.actor, reason=self.reason
        )
        return ""


def _other_kind(row: ImportRow, target: Organisation) -> Doubt:
    rule = "not_by_list" if target.kind in _NOT_BY_LIST else "kind_differs"
    params = {"organisation": target.name, "kind": target.kind}
    return Doubt("kind", rule, row.values["name"], params=params)


def _is_of_the_state(name: str) -> bool:
    """Ministries and the city itself are no bureaus of the portal."""
    return name.endswith(("部", "院", "北京市", "总局", "总署", "总会")) or name.startswith("国家")


def _codes(row: ImportRow) -> Iterable[str]:
    return filter(None, map(row.values.get, ("credit_code", "school_code", "code")))


def _names(row: ImportRow) -> Iterable[str]:
    return row.values["name"], *row.values["former_names"]
