"""User name and password; the same work for a known, an unknown and a deactivated user."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from portal.models import User


class PasswordBackend(BaseBackend):
    """Django's password check without Django's permission tables: rights come from memberships."""

    def authenticate(
        self,
        request: Any,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        person = User.objects.filter(username=username).first()
        if person is None:
            User().set_password(password)  # as much work as a check, so that time tells nothing
            return None
        is_right = person.check_password(password)
        return person if is_right and person.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """The account of a session; a deactivated one ends its sessions at once."""
        person: User | None = User.objects.active().filter(pk=user_id).first()
        return person
