"""`manage.py intake`: what a person does on the import pages, for scripts (docs/how-to/intake-by-command.md)."""

from __future__ import annotations

import json
import sys
import time
from argparse import RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.choices import JOB_ENDED, ImportState, JobState, Role
from portal.intake import recognition, summaries
from portal.intake.registry import importers_for
from portal.jobs import runner
from portal.management.taking_back import take_back
from portal.models import ImportBatch, Membership
from portal.services import imports

AUTO: Final = "auto"
# how often a job that another worker took is looked at
WAIT_SECONDS: Final = 0.2
_UNFINISHED: Final = frozenset(JobState.values) - JOB_ENDED
_OPEN: Final = (ImportState.PREVIEW, ImportState.MAPPING, ImportState.UNREADABLE)


class Command(BaseCommand):
    help = """Read a file of patents, people or classes and print one JSON object: what its columns were taken for and
how certainly, what it adds, changes, leaves and refuses, every issue with its cells, seconds and peak memory.

--check only says what would happen and discards the upload; --apply writes the good rows.
Columns nobody knows are named under "ignored_columns" and left out; --strict stops at them.

Exit codes: 0 every row is good; 2 some rows were refused, the others are good (and written, with --apply);
1 nothing was read, the import was stopped, or the command was called wrongly."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def run_from_argv(self, argv: list[str]) -> None:
        """Wrong usage ends with 1: argparse's own code, 2, means refused rows here."""
        self.is_understood = False
        try:
            super().run_from_argv(argv)
        except SystemExit as end:
            if end.code and not self.is_understood:
                sys.exit(summaries.NOTHING_READ)
            raise

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_mutually_exclusive_group(required=True)
        acts.add_argument("--check", action="store_true", help="Preview only: write nothing.")
        acts.add_argument("--apply", action="store_true", help="Write the good rows.")
        acts.add_argument("--kinds", action="store_true", help="Print what can be read, and end.")
        acts.add_argument("--undo", type=int, metavar="BATCH", help="Take this import back as one.")
        parser.add_argument("file", type=Path, nargs="?", help="Workbook or delimited text.")
        parser.add_argument("--organisation", default="", help="Short code of whose table it is.")
        parser.add_argument("--kind", default=AUTO, help="auto, or one of --kinds.")
        parser.add_argument(
            "--campaign", default=None, help="Id or name; '' for the register only."
        )
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="Answer to another question of the upload page, e.g. upload=12; may be repeated.",
        )
        parser.add_argument("--user", default="", help="User name of who acts; default: a manager.")
        parser.add_argument("--strict", action="store_true", help="Stop at unknown columns.")

    def handle(self, *, file: Path | None, organisation: str, **options: Any) -> None:
        self.is_understood = True
        if options["kinds"]:
            self._print(summaries.kinds())
            return
        if options["undo"] is not None:
            self._take_back(organisation, options)
            return
        if file is None or not organisation:
            raise CommandError("Name a FILE and its --organisation.")
        actor = self._actor(organisation, options["user"], options["kind"])
        begin = time.monotonic()
        batch = self._upload(actor, file, options)
        if batch.state == ImportState.MAPPING and not options["strict"]:
            batch = self._place_columns(actor, batch)
        seconds = {"read": time.monotonic() - begin, "apply": 0.0}
        if batch.state == ImportState.PREVIEW and options["apply"]:
            batch = self._apply(actor, batch)
            seconds["apply"] = time.monotonic() - begin - seconds["read"]
        self._report(batch, seconds)
        if batch.state in _OPEN:
            imports.discard(actor=actor, batch=batch, seen_version=batch.version)
        if code := summaries.exit_code(batch):
            sys.exit(code)

    def _report(self, batch: ImportBatch, seconds: dict[str, float]) -> None:
        memory = {"peak_memory_mb": summaries.peak_memory()}
        rounded = {name: round(value, 3) for name, value in seconds.items()}
        self._print({**summaries.summary(batch), "seconds": rounded, **memory})

    def _actor(self, code: str, username: str, kind: str) -> Membership:
        """Who may import this kind: the named person, else a manager, else the first who may."""
        members = Membership.objects.active().filter(organisation__code=code)
        if username:
            members = members.filter(user__username=username)
        people = members.select_related("organisation", "user", "unit").order_by("pk")
        found = [member for member in people if _may_import(member, kind)]
        if not found:
            raise CommandError(
                f"Nobody may import {kind!r} for organisation {code!r}: name a --user of it, or see --kinds."
            )
        return min(found, key=lambda member: member.role != Role.INSTITUTION_MANAGER)

    def _take_back(self, organisation: str, options: dict[str, Any]) -> None:
        if not organisation:
            raise CommandError("Name the --organisation whose import it is.")
        report = take_back(self._actor(organisation, options["user"], AUTO), options["undo"])
        self._print(report)
        if report["state"] != ImportState.TAKEN_BACK:
            sys.exit(summaries.NOTHING_READ)

    def _upload(self, actor: Membership, path: Path, options: dict[str, Any]) -> ImportBatch:
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        with path.open("rb") as content:
            try:
                batch = imports.upload(
                    actor=actor,
                    content=File(content),
                    name=path.name,
                    kind=recognition.AUTO if options["kind"] == AUTO else options["kind"],
                    options=_answers(actor, options["campaign"], options["answer"]),
                )
            except ValidationError as problem:
                raise CommandError("; ".join(problem.messages)) from problem
        return self._work(batch)

    def _work(self, batch: ImportBatch) -> ImportBatch:
        """Do the batch's job here and now; where another worker was faster, wait for it."""
        unfinished = ImportBatch.objects.filter(pk=batch.pk, job__state__in=_UNFINISHED)
        while unfinished.exists():
            if not runner.run_next(runner.worker_name(), job_id=batch.job_id):
                time.sleep(WAIT_SECONDS)
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
        except ValidationError as problem:
            self.stderr.write("; ".join(problem.messages))
            return batch
        return self._work(batch)

    def _apply(self, actor: Membership, batch: ImportBatch) -> ImportBatch:
        digest = batch.preview_digest
        imports.confirm(actor=actor, batch=batch, seen_version=batch.version, digest=digest)
        batch.refresh_from_db()
        return self._work(batch)

    def _print(self, report: Any) -> None:
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))


def _may_import(member: Membership, kind: str) -> bool:
    kinds = {importer.kind for importer in importers_for(member)}
    return bool(kinds) if kind == AUTO else kind in kinds


def _answers(actor: Membership, campaign: str | None, given: Sequence[str]) -> dict[str, str]:
    """The importers' questions: their own first choice unless an answer was given, by value or by label."""
    said = dict(each.partition("=")[::2] for each in given)
    if campaign is not None:
        said["campaign"] = campaign
    answers: dict[str, str] = {}
    for importer in importers_for(actor):
        for option in importer.options(actor):
            answer = said.pop(option.name, None)
            answers[option.name] = option.initial
            if answer is None:
                continue
            values = {str(label): value for value, label in option.choices}
            values |= {value: value for value, _label in option.choices}
            if answer not in values:
                raise CommandError(f"{option.name}: {answer!r} is not open for this organisation.")
            answers[option.name] = values[answer]
    if said:
        raise CommandError(f"Nobody asks for {', '.join(sorted(said))}.")
    return {name: value for name, value in answers.items() if value}
