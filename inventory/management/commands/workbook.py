"""`manage.py workbook`: the round-trip workbook of a unit, for operators' scripts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inventory.queries.workbooks import Target
from inventory.services import workbooks
from portal.choices import JobState, Role
from portal.jobs import runner
from portal.models import Job, Membership, StoredFile, Unit


class Command(BaseCommand):
    help = (
        "Make the round-trip workbook of a unit with what is below it (without --unit: of the patents that no unit "
        "has) and write it to a file. It is the same job as on the page, with its entry in the trail."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", required=True, help="Short code of the institution.")
        parser.add_argument("--unit", default="", help="Id or name of the unit.")
        parser.add_argument("--out", required=True, type=Path, help="Where the .xlsx goes.")
        parser.add_argument("--user", default="", help="User name of who acts; default: a manager.")

    def handle(self, *, organisation: str, unit: str, out: Path, **options: Any) -> None:
        actor = self._actor(organisation, options["user"])
        target = Target(unit=self._unit(actor, unit).pk) if unit else Target()
        if not out.resolve().parent.is_dir():
            raise CommandError(f"There is no folder {out.parent}.")
        job = workbooks.ask_for_workbook(target=target, actor=actor)
        runner.run_next(runner.worker_name(), job_id=job.pk)
        job = Job.objects.get(pk=job.pk)
        if job.state != JobState.DONE:
            raise CommandError(job.error or f"The job is {job.state}: another worker has it.")
        file = StoredFile.objects.get(pk=job.result["file"])
        shutil.copyfile(file.content.path, out)
        self.stdout.write(f"{out}: {file.size} bytes, {job.log.order_by('pk').first()}")

    def _actor(self, code: str, username: str) -> Membership:
        """Who acts; the file holds what this person may see."""
        who = {"user__username": username} if username else {"role": Role.INSTITUTION_MANAGER}
        members = Membership.objects.active().filter(
            organisation__code=code, role__in=[Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER], **who
        )
        found = members.select_related("organisation", "user", "unit").first()
        if found is None:
            raise CommandError(f"Nobody may export for organisation {code!r}: name a --user of it.")
        return found

    def _unit(self, actor: Membership, named: str) -> Unit:
        """The unit by id or name; several of a name must be told apart by their id."""
        offered = Unit.objects.offered_to(actor)
        found = list(offered.filter(pk=named) if named.isdecimal() else offered.filter(name=named))
        if len(found) != 1:
            known = ", ".join(f"{one.pk} {one.name}" for one in found or offered[:20])
            raise CommandError(f"Unit {named!r} is not one unit of this institution: {known}.")
        return found[0]
