"""`manage.py first_administrators`: the three accounts an empty installation starts with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.choices import Role
from portal.errors import DomainError
from portal.services.installation import create_first_administrators


class Command(BaseCommand):
    help = "Make the system, security and audit administrator of a new installation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("operator", help="Name of the organisation that runs the portal.")
        parser.add_argument("--system", default="sysadmin", help="User name.")
        parser.add_argument("--security", default="secadmin", help="User name.")
        parser.add_argument("--audit", default="auditadmin", help="User name.")

    def handle(self, *, operator: str, **options: Any) -> None:
        usernames = {
            Role.SYSTEM_ADMIN: options["system"],
            Role.SECURITY_ADMIN: options["security"],
            Role.AUDIT_ADMIN: options["audit"],
        }
        try:
            made = create_first_administrators(operator=operator, usernames=usernames)
        except DomainError as problem:
            raise CommandError(str(problem.message)) from problem
        for role, password in made.items():
            self.stdout.write(f"{usernames[role]:<12} {password}  {role.label}")
        self.stdout.write("Hand them to three people; each is asked for a new password.")
