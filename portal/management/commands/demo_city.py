"""`manage.py demo_city`: fill an empty database with the demonstration city, or make it anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.demo import making
from portal.demo.people import PASSWORD
from portal.environment import VAR_DIR


class Command(BaseCommand):
    help = "Fill an empty database with a synthetic city; the same seed and day give the same city."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--patents", type=int, default=5000, help="How many patents.")
        parser.add_argument("--seed", type=int, default=2024, help="Seed of the generator.")
        parser.add_argument("--sign-ins", action="store_true", help="Print the sign-ins.")
        parser.add_argument(
            "--reset", action="store_true", help="Empty an existing demonstration city first."
        )
        parser.add_argument(
            "--files",
            type=Path,
            default=VAR_DIR / "demo",
            help="Where workbooks to try are written.",
        )

    def handle(self, *, patents: int, seed: int, reset: bool, files: Path, **options: Any) -> None:
        try:
            city = making.make_city(patents=patents, seed=seed, reset=reset, folder=files)
        except making.NotEmpty as problem:
            raise CommandError(str(problem)) from problem
        rows = sum(city.loader.counts.values())
        self.stdout.write(f"Demonstration city: {patents} patents, {rows} rows, seed {seed}.")
        for path, word in city.files:
            self.stdout.write(f"  {path}  {word}")
        if options["sign_ins"]:
            self.stdout.write(f"Sign-ins (password of all: {PASSWORD}):")
            for username, role, code in city.sign_ins:
                self.stdout.write(f"  {username:<12} {role.label} · {code}")
