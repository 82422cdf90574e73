"""Enumerations and legal steps of what passes between holders, and of exclusions.

The same tables of the three small state machines stand in the database (migration guard_states).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory.choices import ExclusionState


class Verdict(models.IntegerChoices):
    """What the register says of a request; lower ones need a person first."""

    CONTRADICTED = 1, _("Contradicted by the register")
    DOUBTFUL = 2, _("Doubtful")
    CLEAR = 3, pgettext_lazy("evidence", "Clear")


_E = ExclusionState
# The same tables of the three small state machines stand in the database (migration guard_states).
EXCLUSION_TRANSITIONS: dict[str, frozenset[str]] = {
    _E.REQUESTED: frozenset({_E.APPROVED, _E.REFUSED, _E.WITHDRAWN}),
    _E.REFUSED: frozenset({_E.APPEALED}),
    _E.APPEALED: frozenset({_E.APPROVED, _E.DISMISSED}),
    _E.APPROVED: frozenset({_E.REVOKED}),
    _E.DISMISSED: frozenset(),
    _E.WITHDRAWN: frozenset(),
    _E.REVOKED: frozenset(),
}
# one request of these states at most per entry
LIVE_EXCLUSIONS = (_E.REQUESTED, _E.APPROVED, _E.APPEALED)


class HandoverState(models.TextChoices):
    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", pgettext_lazy("handover", "Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


HANDOVER_TRANSITIONS: dict[str, frozenset[str]] = {
    HandoverState.OFFERED: frozenset(
        {HandoverState.ACCEPTED, HandoverState.DECLINED, HandoverState.WITHDRAWN}
    ),
    HandoverState.ACCEPTED: frozenset(),
    HandoverState.DECLINED: frozenset(),
    HandoverState.WITHDRAWN: frozenset(),
}


class ObjectionState(models.TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered")
    SETTLED = "settled", _("Settled")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OBJECTION_TRANSITIONS: dict[str, frozenset[str]] = {
    ObjectionState.OPEN: frozenset(
        {ObjectionState.ANSWERED, ObjectionState.SETTLED, ObjectionState.WITHDRAWN}
    ),
    ObjectionState.ANSWERED: frozenset({ObjectionState.SETTLED, ObjectionState.WITHDRAWN}),
    ObjectionState.SETTLED: frozenset(),
    ObjectionState.WITHDRAWN: frozenset(),
}
# a dossier with one of these is flagged
LIVE_OBJECTIONS = (ObjectionState.OPEN, ObjectionState.ANSWERED)
