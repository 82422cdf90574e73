"""Base list entries, dossiers, their marks, steps, comments, revisions, facts and audit entries as lines."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from inventory import dossier_content
from inventory.demo import days
from inventory.demo.exclusions import ExclusionMaker, Request
from inventory.demo.facts import ConfirmationFacts, DossierFacts, EntryFacts
from inventory.demo.filling import begun, filled
from inventory.demo.patents import Made
from inventory.demo.progress import RETURN_WORDS, Plan, Step, final_state, history
from inventory.demo.years import DAYS_TO_FILE, ROLLING_OPENS, Campaigns
from inventory.dossier_content import Content
from portal import crypto
from portal.choices import Role
from portal.demo.city import City, Person

CUTOFF: Final = days.CUTOFF.toordinal()
BASE_DAY: Final = days.BASE_DAY.toordinal()
_EMPTY: Final = Content()
_NULL: Final = "\\N"


@dataclass(slots=True)
class Filed:
    """A dossier as the pool and the exclusions need it."""

    id: int
    made: Made
    plan: Plan
    state: str
    content: Content
    completed: int


def array(values: tuple[str, ...]) -> str:
    """An array cell of texts that need no quoting inside."""
    return "{" + ",".join(f'"{value}"' for value in values) + "}" if values else "{}"


def revision_content(content: Content) -> str:
    """The archived content as services.reviews writes it, without the phone number."""
    row = {name: getattr(content, name) for name in _ARCHIVED}
    row["statuses"] = [
        {name: _plain(getattr(mark, name)) for name in dossier_content.Status.__slots__}
        for mark in content.statuses
    ]
    row["intents"] = [
        {name: _plain(getattr(mark, name)) for name in dossier_content.Intent.__slots__}
        for mark in content.intents
    ]
    return json.dumps(row, ensure_ascii=False)


_ARCHIVED: Final = tuple(name for name in Content.__slots__ if name != "contact_phone")


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str) else str(value)


def _flag(is_so: bool) -> str:
    return "t" if is_so else "f"


class DossierMaker:
    """Writes what one patent needs in the campaign."""

    def __init__(self, city: City, campaigns: Campaigns) -> None:
        self.random: Random = city.random
        self.lines = city.loader.lines
        self.next_id = city.loader.next_id
        self.city = city
        self.campaigns = campaigns
        self.today = city.today.toordinal()
        self.entry_facts = EntryFacts(city.loader)
        self.dossier_facts = DossierFacts(city.loader)
        self.confirmation_facts = ConfirmationFacts(city.loader)
        self.exclusions = ExclusionMaker(city)
        self.phone = crypto.encrypt("010-55550000")
        self.unit_of_cast = city.cast["secretary"].unit_id
        self.shown = 0

    def make(self, made: Made) -> Filed | None:
        """The dossier with its entries, if the patent is on the pushed list."""
        plan = self._plan_of(made)
        if plan is None:
            return None
        dossier = self.next_id("inventory_dossier")
        state = self._state(made, plan)
        steps = history(self.random, plan, state, self.today)
        content = self._content(made, plan, steps)
        request = None if made.granted > CUTOFF else self.exclusions.draw(made, state, plan)
        entries = self._entries(made, plan, dossier, steps, request)
        version = self._steps(made, plan, dossier, steps, content)
        state = steps[-1].after if steps else "unfiled"
        self._dossier_line(made, plan, dossier, (state, version), content, steps)
        self._marks(dossier, content)
        self.dossier_facts.write(dossier, made.id, steps, content)
        approval = next((step for step in steps if step.after == "completed"), None)
        if approval is not None:
            self.confirmation_facts.write(
                entries, self._campaign_of(made), made.id, approval, content
            )
        completed = approval.day if approval else 0
        return Filed(dossier, made, plan, state, content, completed)

    def _campaign_of(self, made: Made) -> int:
        return self.campaigns.rolling if made.granted > CUTOFF else self.campaigns.fixed

    def _plan_of(self, made: Made) -> Plan | None:
        """The institution's part in the campaign that lists the patent; None where none does."""
        if made.granted <= CUTOFF:
            return self.campaigns.plans[made.institution.id] if self._is_listed(made) else None
        listed = days.working(max(made.granted + 3, ROLLING_OPENS.toordinal()))
        if made.ended or listed >= self.today - 1:
            return None
        plan = self.campaigns.rolling_plans[made.institution.id]
        due = made.granted + DAYS_TO_FILE
        # the newest are hardly begun
        share = min(1.0, (self.today - listed) / (2 * DAYS_TO_FILE))
        return replace(plan, listed=listed, due=due, done=plan.done * share)

    def _is_listed(self, made: Made) -> bool:
        """In force on the base day; some ended ones were pushed by mistake."""
        if made.ended and made.ended <= BASE_DAY:
            chance = {"expiry": 0.0, "fee_lapse": 0.3}.get(made.ended_by, 0.35)
            return self.random.random() < chance
        return True

    def _state(self, made: Made, plan: Plan) -> str:
        if made.ended and made.ended <= BASE_DAY:
            return "unfiled"
        if made.responsible is self.city.cast["inventor"]:
            self.shown += 1
            return ("unfiled", "draft", "unfiled", "draft", "unfiled", "completed")[self.shown % 6]
        if made.unit.id == self.unit_of_cast and self.random.random() < 0.45:
            return "unit_review"
        return final_state(self.random, plan)

    def _content(self, made: Made, plan: Plan, steps: list[Step]) -> Content:
        if not steps:
            return _EMPTY
        if len(steps) == 1:
            return begun(self.random, made)
        return filled(self.random, made, plan.generosity)

    def _entries(
        self, made: Made, plan: Plan, dossier: int, steps: list[Step], request: Request | None
    ) -> list[int]:
        """One entry per holding institution; approval confirms all, a patent-wide exclusion ends all."""
        made_entries = []
        place = next((n for n, step in enumerate(steps) if step.after == "completed"), -1)
        confirmed = f"{_NULL}\t{_NULL}"
        if place >= 0:
            confirmed = f"{days.text(steps[place].day)}\t{_version_after(place)}"
        campaign, is_later = self._campaign_of(made), made.granted > CUTOFF
        for holder in made.holders:
            listed = plan.listed if is_later else self.campaigns.plans[holder.id].listed
            entry = self.next_id("inventory_baselistentry")
            excluded = 0
            if request is not None:
                is_asking = holder is made.institution
                if is_asking:
                    self.exclusions.write(request, entry, made)
                if request.state == "approved" and (is_asking or request.is_wide):
                    excluded = max(request.decided, listed + 1)
            self.lines["inventory_baselistentry"].append(
                f"{entry}\t{days.text(listed)}\t{days.text(plan.due)}\t{'f' if excluded else 't'}\t{confirmed}\t"
                f"{holder.id}\t{campaign}\t{dossier}\t{made.id}"
            )
            self.entry_facts.write(entry, campaign, holder.id, made.id, listed, excluded)
            made_entries.append(entry)
        return made_entries

    def _actor(self, by: str, made: Made, plan: Plan) -> tuple[Person, str]:
        manager = made.institution.manager
        if manager is None:
            raise ValueError("Every institution has a manager")
        if by == "manager" or (by == "owner" and plan.is_central):
            return manager, Role.INSTITUTION_MANAGER
        if by == "unit":
            return made.unit.manager or manager, Role.UNIT_MANAGER
        return made.responsible, Role.INVENTOR

    def _steps(
        self, made: Made, plan: Plan, dossier: int, steps: list[Step], content: Content
    ) -> int:
        """Write steps, comments, archive and audit; returns the dossier's version."""
        for place, step in enumerate(steps):
            actor, role = self._actor(step.by, made, plan)
            at = days.moment(step.day, step.minute)
            version = _version_after(place)
            row = self.next_id("inventory_dossierstep")
            self.lines["inventory_dossierstep"].append(
                f"{row}\t{step.act}\t{step.before}\t{step.after}\t{at}\t{step.reason}\t{version}\t"
                f"{actor.membership_id}\t{dossier}"
            )
            entry = self.next_id("portal_auditentry")
            self.lines["portal_auditentry"].append(
                f"{entry}\t{at}\t{role}\tstate\tinventory.dossier\t{dossier}\t"
                f'{{"state": ["{step.before}", "{step.after}"]}}\t{step.reason}\t{actor.user_id}\t'
                f"{made.institution.id}\t{made.institution.id}"
            )
            if step.act == "return":
                settled = next((s for s in steps[place + 1 :] if s.act == "submit"), None)
                self._comment(dossier, step, actor, settled)
            elif step.after == "completed":
                revision = self.next_id("inventory_dossierrevision")
                self.lines["inventory_dossierrevision"].append(
                    f"{revision}\t{version}\t{revision_content(content)}\t{at}\t{actor.membership_id}\t{dossier}"
                )
        return _version_after(len(steps) - 1)

    def _comment(self, dossier: int, step: Step, actor: Person, settled: Step | None) -> None:
        row = self.next_id("inventory_fieldcomment")
        until = days.moment(settled.day, settled.minute) if settled else _NULL
        self.lines["inventory_fieldcomment"].append(
            f"{row}\t{RETURN_WORDS[step.reason]}\t{step.reason}\t{days.moment(step.day, step.minute)}\t{until}\t"
            f"{actor.membership_id}\t{dossier}"
        )

    def _dossier_line(
        self,
        made: Made,
        plan: Plan,
        dossier: int,
        standing: tuple[str, int],
        content: Content,
        steps: list[Step],
    ) -> None:
        c, (state, version) = content, standing
        is_assigned = bool(steps) or self.random.random() < 0.75
        responsible = made.responsible.user_id if is_assigned and not plan.is_central else _NULL
        unit = made.unit.id if not plan.is_central or self.random.random() < 0.5 else _NULL
        changed = (
            days.moment(steps[-1].day, steps[-1].minute) if steps else days.moment(plan.listed, 600)
        )
        funded = _NULL if c.is_publicly_funded is None else _flag(c.is_publicly_funded)
        unsuitable = _flag(dossier_content.is_unsuitable(c.statuses))
        transformed = _flag(dossier_content.is_transformed(c.statuses))
        self.lines["inventory_dossier"].append(
            f"{dossier}\t{state}\t{c.combination_name}\t{array(c.combination_numbers)}\t{c.combination_note}\t"
            f"{funded}\t{c.funding_kind}\t{c.funding_name}\t{c.funding_number}\t{array(c.partner_cities)}\t"
            f"{array(c.partner_firms)}\t{c.price_band}\t{_flag(c.uses_default_contact)}\t"
            f"{c.contact_name}\t{'' if c.uses_default_contact else self.phone}\t{c.maturity}\t\t"
            f"{_NULL if c.stars is None else c.stars}\t{c.advantages}\t{c.industry}\t{c.industry_division}\t"
            f"{c.prospects}\t{array(c.strategic_codes)}\t{unsuitable}\t"
            f"{transformed}\t{changed}\t{version}\t{plan.participation}\t"
            f"{responsible}\t{unit}\t{made.id}"
        )

    def _marks(self, dossier: int, content: Content) -> None:
        for position, status in enumerate(content.statuses, 1):
            row = self.next_id("inventory_statusmark")
            amount = _NULL if status.amount is None else status.amount
            self.lines["inventory_statusmark"].append(
                f"{row}\t{position}\t{status.level1}\t{status.level2}\t{status.wording}\t{amount}\t"
                f"{status.product_name}\t{status.report_result}\t{status.remark}\t{dossier}"
            )
        for position, intent in enumerate(content.intents, 1):
            row = self.next_id("inventory_intentmark")
            fee = _NULL if intent.fee is None else intent.fee
            self.lines["inventory_intentmark"].append(
                f"{row}\t{position}\t{intent.level1}\t{intent.level2}\t{intent.wording}\t{fee}\t{dossier}"
            )


def _version_after(place: int) -> int:
    """Version after the step at this place: each step is one change, the filling-in before it another."""
    return 1 if place < 0 else 2 + 2 * place
