"""What coverage is counted by, and what is counted."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Dimension(models.TextChoices):
    CITY = "city", _("Whole city")
    AFFILIATION = "affiliation", _("Affiliation")
    BUREAU = "bureau", _("Supervising bureau")
    DISTRICT = "district", _("District")
    INSTITUTION = "institution", _("Institution")


class Measure(models.TextChoices):
    """What may be counted; the rows of each are found by reporting.queries.rows with the same meaning."""

    DUE = "due", _("To be inventoried")
    UNFILED = "unfiled", _("Not filed")
    DRAFT = "draft", _("Draft")
    UNIT_REVIEW = "unit_review", _("At the unit")
    INSTITUTION_REVIEW = "institution_review", _("At the institution")
    WAITING = "waiting", _("Waiting for review")
    TO_CONFIRM = "to_confirm", _("Answers of before, to be confirmed")
    OPEN = "open", _("Not complete")
    COVERED = "covered", _("Stock-taking complete")
    REVISING = "revising", _("Complete, being revised")
    TRANSFORMED = "transformed", _("Transformed")
    UNTRANSFORMED = "untransformed", _("Untransformed")
    UNTRANSFORMED_COVERED = "untransformed_covered", _("Untransformed and complete")
    THREE_STARS_UP = "three_stars_up", _("Three stars and up")
    IN_POOL = "in_pool", _("Nominated to the pool or in it")
    ADMITTED = "admitted", _("In the city pool")
    UPLOADED = "uploaded", _("On the national platform")
    UPLOAD_CHANGED = "upload_changed", _("Changed since the upload")
    UPLOAD_RETURNED = "upload_returned", _("Returned by the platform")
    EXCLUDED = "excluded", _("Excluded")
