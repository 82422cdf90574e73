"""`manage.py add_administrator`: the first accounts of an installation, which has none to begin with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.choices import ADMIN_ROLES, OrganisationKind
from portal.models import Organisation, User
from portal.services import accounts


class Command(BaseCommand):
    help = (
        "Make an account with one of the three administrator roles and print its initial password."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="Name of the person.")
        parser.add_argument("--role", required=True, choices=sorted(ADMIN_ROLES))
        parser.add_argument("--operator", default="运维单位", help="Name of the operating body.")

    def handle(self, *, username: str, name: str, role: str, operator: str, **rest: Any) -> None:
        if User.objects.filter(username=username).exists():
            raise CommandError(f"There is an account named {username} already.")
        kind = OrganisationKind.OPERATOR
        body = Organisation.objects.filter(kind=kind).order_by("pk").first()
        made = accounts.create_administrator(
            username=username, name=name, role=role, organisation=body, operator_name=operator
        )
        self.stdout.write(f"{username} ({role}): {made.initial_password}")
        self.stdout.write("The password must be changed at the first sign-in.")
