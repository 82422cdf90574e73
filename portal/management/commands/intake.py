"""`manage.py intake`: what a person does on the import pages, for operators' scripts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from portal.choices import ImportState, Role
from portal.intake import preview, recognition
from portal.intake.registry import importers_for
from portal.intake.wording import words_of
from portal.jobs import runner
from portal.management.taking_back import take_back
from portal.models import ImportBatch, ImportIssue, Membership
from portal.services import imports

PLACES = 5
AUTO = "auto"


class Command(BaseCommand):
    help = (
        "Read a file of patents, say what it would add, change, leave and refuse, and with --apply write it. "
        "Columns nobody knows are named and left out; --strict stops at them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")
        parser.add_argument(
            "--undo", type=int, default=None, metavar="BATCH", help="Take this import back as one."
        )
        parser.add_argument("--organisation", required=True, help="Short code of the institution.")
        parser.add_argument("--kind", default=AUTO, help="auto, national or base.")
        parser.add_argument(
            "--campaign", default=None, help="Id or name; '' for the register only."
        )
        parser.add_argument("--user", default="", help="User name of who acts; default: a manager.")
        parser.add_argument("--apply", action="store_true", help="Write the good rows.")
        parser.add_argument("--strict", action="store_true", help="Stop at unknown columns.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *, file: Path | None, organisation: str, **options: Any) -> None:
        actor = self._actor(organisation, options["user"])
        if options["undo"] is not None:
            self._take_back(actor, options)
            return
        if file is None:
            raise CommandError("Name a file, or the import to be taken back with --undo.")
        batch = self._upload(actor, file, options)
        if batch.state == ImportState.MAPPING and not options["strict"]:
            batch = self._place_columns(actor, batch)
        report = self._report(file, batch)
        if batch.state == ImportState.PREVIEW and options["apply"]:
            batch = self._apply(actor, batch)
            report |= {"state": batch.state, "counts": batch.counts, "problem": batch.problem}
        elif batch.state in (ImportState.PREVIEW, ImportState.MAPPING, ImportState.UNREADABLE):
            imports.discard(actor=actor, batch=batch, seen_version=batch.version)
        self._print(report, is_json=options["json"])
        if report["state"] not in (ImportState.PREVIEW, ImportState.APPLIED):
            sys.exit(1)

    def _take_back(self, actor: Membership, options: dict[str, Any]) -> None:
        report = take_back(actor, options["undo"])
        self._print(report, is_json=options["json"])
        if report["state"] != ImportState.TAKEN_BACK:
            sys.exit(1)

    def _actor(self, code: str, username: str) -> Membership:
        who = {"user__username": username} if username else {"role": Role.INSTITUTION_MANAGER}
        members = Membership.objects.active().filter(organisation__code=code, **who)
        found = members.select_related("organisation", "user", "unit").first()
        if found is None:
            raise CommandError(f"Nobody may import for organisation {code!r}: name a --user of it.")
        return found

    def _upload(self, actor: Membership, path: Path, options: dict[str, Any]) -> ImportBatch:
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        kind = recognition.AUTO if options["kind"] == AUTO else options["kind"]
        offered = {importer.kind for importer in importers_for(actor)}
        if kind and kind not in offered:
            raise CommandError(f"Kind {kind!r} is not offered: {', '.join(sorted(offered))}.")
        with path.open("rb") as content:
            try:
                batch = imports.upload(
                    actor=actor,
                    content=File(content),
                    name=path.name,
                    kind=kind,
                    options=self._answers(actor, options["campaign"]),
                )
            except ValidationError as problem:
                raise CommandError("; ".join(problem.messages)) from problem
        return self._work(batch)

    def _answers(self, actor: Membership, campaign: str | None) -> dict[str, str]:
        """The importers' questions: their own first choice unless a campaign was named."""
        answers: dict[str, str] = {}
        for importer in importers_for(actor):
            for option in importer.options(actor):
                answers[option.name] = option.initial
                if option.name == "campaign" and campaign is not None:
                    names = {str(label): value for value, label in option.choices}
                    names |= {value: value for value, _label in option.choices}
                    if campaign not in names:
                        raise CommandError(
                            f"Campaign {campaign!r} is not open for this institution."
                        )
                    answers[option.name] = names[campaign]
        return {name: value for name, value in answers.items() if value}

    def _work(self, batch: ImportBatch) -> ImportBatch:
        """Do the batch's job here and now; another worker may have taken it already."""
        runner.run_next(runner.worker_name(), job_id=batch.job_id)
        return ImportBatch.objects.select_related("file", "organisation", "membership").get(
            pk=batch.pk
        )

    def _place_columns(self, actor: Membership, batch: ImportBatch) -> ImportBatch:
        fields = {str(column.index): column.field for column in recognition.columns_of(batch)}
        try:
            batch = imports.map_columns(
                actor=actor,
                batch=batch,
                seen_version=batch.version,
                fields=fields,
                is_remembered=False,
            )
        except ValidationError:
            return batch
        return self._work(batch)

    def _apply(self, actor: Membership, batch: ImportBatch) -> ImportBatch:
        digest = batch.preview_digest
        imports.confirm(actor=actor, batch=batch, seen_version=batch.version, digest=digest)
        batch.refresh_from_db()
        return self._work(batch)

    def _report(self, path: Path, batch: ImportBatch) -> dict[str, Any]:
        columns = recognition.columns_of(batch)
        return {
            "file": path.name,
            "kind": batch.kind,
            "state": str(batch.state),
            "problem": batch.problem,
            "sheet": batch.sheet,
            "header_row": batch.header_row,
            "columns": [
                {
                    "column": column.letter,
                    "header": column.header,
                    "field": column.field,
                    "confidence": column.confidence,
                }
                for column in columns
            ],
            "ignored_columns": [column.header for column in columns if not column.field],
            "counts": batch.counts,
            "issues": self._issues(batch) if batch.kind else [],
        }

    def _issues(self, batch: ImportBatch) -> list[dict[str, Any]]:
        importer = recognition.importer_of(batch)
        return [
            {
                "rule": rule["rule"],
                "level": rule["level"],
                "title": words_of(importer, rule["rule"], {}).title,
                "count": rule["count"],
                "places": [
                    self._place(issue)
                    for issue in batch.issues.filter(rule=rule["rule"], level=rule["level"])[
                        :PLACES
                    ]
                ],
            }
            for rule in preview.issues_by_rule(batch)
        ]

    def _place(self, issue: ImportIssue) -> dict[str, Any]:
        return {
            "row": issue.line,
            "cell": f"{issue.column}{issue.line}" if issue.column else "",
            "value": issue.value,
        }

    def _print(self, report: dict[str, Any], *, is_json: bool) -> None:
        if is_json:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
            return
        with translation.override("en"):
            self.stdout.write(f"{report['file']}: {report['state']} {report['problem']}")
            for name, count in report["counts"].items():
                self.stdout.write(f"  {name}: {count}")
            for issue in report["issues"]:
                first = issue["places"][0]["cell"] if issue["places"] else ""
                self.stdout.write(
                    f"  {issue['level']} {issue['rule']} x{issue['count']} (first: {first})"
                )
