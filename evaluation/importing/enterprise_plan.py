"""What a row of a list of enterprises would do: to the organisation, and to what is known of it as an enterprise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Exists, IntegerField, OuterRef, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from evaluation.models import EnterpriseProfile
from evaluation.services import enterprises
from inventory.importing.organisation_plan import (
    OF_ORGANISATION,
    OrganisationPlanner,
    OrganisationRestorer,
)
from inventory.importing.table_steps import Doubt, Plan, Table
from portal import audit
from portal.choices import OrganisationKind, RowOutcome
from portal.intake.staging import Written
from portal.models import ImportBatch, ImportRow, Organisation

OF_ENTERPRISE: Final = OF_ORGANISATION | {(EnterpriseProfile, "organisation")}


class EnterprisePlanner(OrganisationPlanner):
    """Judges and writes the rows of one chunk; an enterprise that stands in two lists is of both kinds."""

    usual_kind = OrganisationKind.ENTERPRISE

    def __init__(self, batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
        super().__init__(batch, rows)
        self.all_are = [batch.options["category"]] if batch.options.get("category") else []
        profiles = EnterpriseProfile.objects.filter(organisation__in=self.known)
        self.profiles = {one.organisation_id: one for one in profiles}

    def judge(self, row: ImportRow) -> Plan:
        plan = super().judge(row)
        if plan.outcome == RowOutcome.REFUSED:
            return plan
        plan.changes |= audit.changes_of(self._before(plan), self._after(plan))
        if plan.target is not None:
            plan.outcome = RowOutcome.CHANGED if plan.changes else RowOutcome.UNCHANGED
        if plan.target is None and not self._after(plan)["categories"]:
            plan.doubts.append(Doubt("categories", "category_unsaid", "", "notice"))
        return plan

    def _before(self, plan: Plan) -> dict[str, list[str]]:
        profile = self.profiles.get(plan.target.pk) if plan.target else None
        if profile is None:
            return {"categories": [], "sections": []}
        return {"categories": list(profile.categories), "sections": list(profile.sections)}

    def _after(self, plan: Plan) -> dict[str, list[str]]:
        """Kinds and sections are added to, never taken away: each list names one kind."""
        before, said = self._before(plan), plan.row.values
        return {
            "categories": sorted({*before["categories"], *said["categories"], *self.all_are}),
            "sections": sorted({*before["sections"], *said["sections"]}),
        }

    def write(self, plan: Plan) -> Written:
        """The organisation, and its profile where that says something new."""
        written = super().write(plan)
        before = {"organisation": dict(written.before)}
        if {"categories", "sections"} & plan.changes.keys():
            known = self.profiles.get(written.target_id)
            stored = enterprises.record_profile(
                enterprise=Organisation.objects.get(pk=written.target_id),
                values=self._after(plan),
                actor=self.actor,
                owner=self.batch.organisation if plan.target is None else None,
            )
            before["profile"] = self._before(plan) if known else {"made": True}
            before["profile_version"] = stored.version  # type: ignore[assignment]
        made = {"made": True} if written.before.get("made") else {}
        return Written(written.line, written.target_id, {**before, **made}, written.version_after)


class EnterpriseRestorer(OrganisationRestorer):
    """Puts enterprises back with their profiles."""

    def __init__(self, batch: ImportBatch, made: Sequence[int]) -> None:
        super().__init__(batch, made, OF_ENTERPRISE)

    def restore(self, target: Organisation, before: Mapping[str, Any]) -> str:
        profile = EnterpriseProfile.objects.select_for_update().filter(organisation=target).first()
        image = before.get("profile")
        if image and (profile is None or profile.version != before["profile_version"]):
            return _("The enterprise changed its own page since.")
        if before.get("made") and target.pk in self.used:
            return super().restore(target, before)
        if image and profile is not None:
            self._restore_profile(profile, image, is_made=bool(before.get("made")))
        return super().restore(target, before if before.get("made") else before["organisation"])

    def _restore_profile(
        self, profile: EnterpriseProfile, image: Mapping[str, Any], *, is_made: bool
    ) -> None:
        owner = self.owner if is_made else None
        if image.get("made"):
            enterprises.withdraw_profile(
                profile=profile, actor=self.actor, owner=owner, reason=self.reason
            )
            return
        enterprises.record_profile(
            enterprise=profile.organisation,
            values=dict(image),
            actor=self.actor,
            owner=owner,
            reason=self.reason,
        )


TABLE: Final = Table(Organisation, EnterprisePlanner, EnterpriseRestorer)


def changed_since(batch: ImportBatch) -> QuerySet[ImportRow]:
    """Applied rows whose enterprise, or its profile, has another version than the import left."""
    left = Cast(KT("before__profile_version"), IntegerField())
    profile = EnterpriseProfile.objects.filter(
        organisation=OuterRef("target_id"), version__gt=OuterRef("left")
    )
    waiting = batch.rows.filter(is_applied=True, undo_outcome="").annotate(left=left)
    return (TABLE.changed_since(batch).annotate(left=left)) | waiting.filter(Exists(profile))
