"""Vocabularies of evaluation."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EnterpriseCategory(models.TextChoices):
    """The four kinds of enterprise the city's programme names."""

    DEMONSTRATION = "demonstration", _("National IP advantage or demonstration enterprise")
    SPECIALISED = "specialised", _("Specialised and innovative enterprise")
    HIGH_TECH = "high_tech", _("High-tech enterprise")
    CITY_PILOT = "city_pilot", _("City IP pilot or advantage unit")
