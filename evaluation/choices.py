"""Vocabularies of evaluation."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EnterpriseCategory(models.TextChoices):
    """The four kinds of enterprise the city's programme names."""

    DEMONSTRATION = "demonstration", _("National IP advantage or demonstration enterprise")
    SPECIALISED = "specialised", _("Specialised and innovative enterprise")
    HIGH_TECH = "high_tech", _("High-tech enterprise")
    CITY_PILOT = "city_pilot", _("City IP pilot or advantage unit")


class ExpertState(models.TextChoices):
    """Where a person of the expert pool stands."""

    RECOMMENDED = "recommended", _("Recommended")
    ADMITTED = "admitted", _("In the expert pool")
    REMOVED = "removed", _("Removed from the expert pool")
    ERASED = "erased", _("Personal data erased")


EXPERT_TRANSITIONS: dict[str, frozenset[str]] = {
    ExpertState.RECOMMENDED: frozenset(
        {ExpertState.ADMITTED, ExpertState.REMOVED, ExpertState.ERASED}
    ),
    ExpertState.ADMITTED: frozenset({ExpertState.REMOVED, ExpertState.ERASED}),
    ExpertState.REMOVED: frozenset({ExpertState.ADMITTED, ExpertState.ERASED}),
    ExpertState.ERASED: frozenset(),
}


class ErasureGround(models.TextChoices):
    """Why a person's entry is emptied (PIPL art. 47)."""

    OWN_REQUEST = "own_request", _("The person asked for it")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("The person withdrew the consent")
    PURPOSE_OVER = "purpose_over", _("The data are no longer needed")
