"""Vocabularies of the kernel: kinds of organisation, roles, districts, states of jobs and imports."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrganisationKind(models.TextChoices):
    LEAD_BUREAU = "lead_bureau", _("Lead bureau")
    DEPARTMENT = "department", _("Supervising bureau")
    DISTRICT_OFFICE = "district_office", _("District office")
    UNIVERSITY = "university", _("University")
    INSTITUTE = "institute", _("Research institute")
    HOSPITAL = "hospital", _("Hospital")
    ENTERPRISE = "enterprise", _("Enterprise")
    SERVICE_BODY = "service_body", _("Service body")
    OPERATOR = "operator", _("Operator of the portal")


INSTITUTION_KINDS = frozenset(
    {OrganisationKind.UNIVERSITY, OrganisationKind.INSTITUTE, OrganisationKind.HOSPITAL}
)

BUREAU_KINDS = frozenset(
    {
        OrganisationKind.LEAD_BUREAU,
        OrganisationKind.DEPARTMENT,
        OrganisationKind.DISTRICT_OFFICE,
    }
)

# Names of the unit levels below the organisation, by kind (学院, 科室, 研究室 …).
UNIT_LEVELS: dict[str, tuple[object, ...]] = {
    OrganisationKind.UNIVERSITY: (_("School"), _("Department"), _("Research group")),
    OrganisationKind.INSTITUTE: (_("Laboratory"), _("Section"), _("Research group")),
    OrganisationKind.HOSPITAL: (_("Clinical department"), _("Ward section"), _("Research group")),
}
OTHER_UNIT_LEVELS: tuple[object, ...] = (_("Division"), _("Section"), _("Group"))


class Affiliation(models.TextChoices):
    """隶属关系: which government level an institution belongs to."""

    MUNICIPAL = "municipal", _("Municipal")
    CENTRAL = "central", _("Central (ministry)")
    OTHER = "other", _("Other affiliation")


class District(models.TextChoices):
    """The 16 districts of Beijing and the economic-technological development area."""

    DONGCHENG = "dongcheng", _("Dongcheng District")
    XICHENG = "xicheng", _("Xicheng District")
    CHAOYANG = "chaoyang", _("Chaoyang District")
    FENGTAI = "fengtai", _("Fengtai District")
    SHIJINGSHAN = "shijingshan", _("Shijingshan District")
    HAIDIAN = "haidian", _("Haidian District")
    MENTOUGOU = "mentougou", _("Mentougou District")
    FANGSHAN = "fangshan", _("Fangshan District")
    TONGZHOU = "tongzhou", _("Tongzhou District")
    SHUNYI = "shunyi", _("Shunyi District")
    CHANGPING = "changping", _("Changping District")
    DAXING = "daxing", _("Daxing District")
    HUAIROU = "huairou", _("Huairou District")
    PINGGU = "pinggu", _("Pinggu District")
    MIYUN = "miyun", _("Miyun District")
    YANQING = "yanqing", _("Yanqing District")
    BDA = "bda", _("Beijing Economic-Technological Development Area")


class Role(models.TextChoices):
    CITY_OFFICIAL = "city_official", _("City official")
    DEPARTMENT_OFFICIAL = "department_official", _("Department official")
    DISTRICT_OFFICIAL = "district_official", _("District official")
    INSTITUTION_MANAGER = "institution_manager", _("Institution manager")
    UNIT_MANAGER = "unit_manager", _("Unit manager")
    INVENTOR = "inventor", _("Inventor / responsible person")
    ENTERPRISE_CONTACT = "enterprise_contact", _("Enterprise contact")
    EXPERT = "expert", _("Expert")
    SERVICE_CONTACT = "service_contact", _("Service body contact")
    AUDITOR = "auditor", _("Auditor")
    SYSTEM_ADMIN = "system_admin", _("System administrator")
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    AUDIT_ADMIN = "audit_admin", _("Audit administrator")


# GB/T 22239-2019 8.1.4.2 d): separation of administrators; one person holds at most one of the three.
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
OFFICIAL_ROLES = frozenset({Role.CITY_OFFICIAL, Role.DEPARTMENT_OFFICIAL, Role.DISTRICT_OFFICIAL})
INSTITUTION_ROLES = frozenset({Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER, Role.INVENTOR})

_INSTITUTION_ROLES_OFFERED = frozenset({*INSTITUTION_ROLES, Role.AUDITOR, Role.EXPERT})
# Which roles an organisation of each kind can give.
ROLES_BY_KIND: dict[str, frozenset[str]] = {
    OrganisationKind.LEAD_BUREAU: frozenset({Role.CITY_OFFICIAL, Role.AUDITOR}),
    OrganisationKind.DEPARTMENT: frozenset({Role.DEPARTMENT_OFFICIAL, Role.AUDITOR}),
    OrganisationKind.DISTRICT_OFFICE: frozenset({Role.DISTRICT_OFFICIAL, Role.AUDITOR}),
    OrganisationKind.UNIVERSITY: _INSTITUTION_ROLES_OFFERED,
    OrganisationKind.INSTITUTE: _INSTITUTION_ROLES_OFFERED,
    OrganisationKind.HOSPITAL: _INSTITUTION_ROLES_OFFERED,
    OrganisationKind.ENTERPRISE: frozenset({Role.ENTERPRISE_CONTACT, Role.EXPERT}),
    OrganisationKind.SERVICE_BODY: frozenset({Role.SERVICE_CONTACT}),
    OrganisationKind.OPERATOR: frozenset({*ADMIN_ROLES, Role.AUDITOR}),
}


class StaffCategory(models.TextChoices):
    """人员类别 of the personnel list: who can be asked about a patent, and who cannot any more."""

    TEACHER = "teacher", _("Teacher or researcher")
    STUDENT = "student", _("Student")
    RETIRED = "retired", _("Retired")
    LEFT = "left", pgettext_lazy("category of person", "Left")
    OTHER = "other", _("Other staff")


# whom nobody asks to fill in
GONE_CATEGORIES = frozenset({StaffCategory.RETIRED, StaffCategory.LEFT})


class InvitationState(models.TextChoices):
    NEW = "new", _("No link yet")
    SENT = "sent", _("Link handed out")
    EXPIRED = "expired", _("Link expired")
    ACCEPTED = "accepted", _("Accepted")
    REVOKED = "revoked", _("Revoked")


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


JOB_ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


class ImportState(models.TextChoices):
    """Life of an uploaded file: uploaded → read and checked → confirmed by a person → applied."""

    READING = "reading", _("Being read")
    UNREADABLE = "unreadable", _("Could not be read")
    MAPPING = "mapping", _("Columns to confirm")
    PREVIEW = "preview", _("Preview ready")
    APPLYING = "applying", _("Being applied")
    APPLIED = "applied", _("Applied")
    UNDOING = "undoing", _("Being taken back")
    TAKEN_BACK = "taken_back", pgettext_lazy("import", "Taken back")
    DISCARDED = "discarded", _("Discarded")


IMPORT_TRANSITIONS: dict[str, frozenset[str]] = {
    ImportState.READING: frozenset(
        {ImportState.UNREADABLE, ImportState.MAPPING, ImportState.PREVIEW, ImportState.DISCARDED}
    ),
    ImportState.MAPPING: frozenset({ImportState.READING, ImportState.DISCARDED}),
    ImportState.PREVIEW: frozenset(
        {ImportState.APPLYING, ImportState.READING, ImportState.DISCARDED}
    ),
    ImportState.APPLYING: frozenset({ImportState.APPLIED, ImportState.PREVIEW}),
    ImportState.APPLIED: frozenset({ImportState.UNDOING}),
    # stopped on the way it is applied again, less what was taken back
    ImportState.UNDOING: frozenset({ImportState.TAKEN_BACK, ImportState.APPLIED}),
    ImportState.TAKEN_BACK: frozenset(),
    ImportState.UNREADABLE: frozenset({ImportState.DISCARDED}),
    ImportState.DISCARDED: frozenset(),
}


class RowOutcome(models.TextChoices):
    ADDED = "added", _("Added")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    REFUSED = "refused", pgettext_lazy("row of an import", "Refused")


class UndoOutcome(models.TextChoices):
    """What became of a row when its import was taken back."""

    TAKEN_BACK = "taken_back", pgettext_lazy("row of an import", "Taken back")
    PARTLY = "partly", _("Taken back in part")
    KEPT = "kept", pgettext_lazy("row of an import", "Stays")


class BulkState(models.TextChoices):
    """Life of an act on many rows: rows frozen → being applied → ended one way or another."""

    PREVIEW = "preview", _("Not applied yet")
    RUNNING = "running", pgettext_lazy("act on many rows", "Being applied")
    DONE = "done", pgettext_lazy("act on many rows", "Applied")
    CANCELLED = "cancelled", _("Stopped")
    FAILED = "failed", _("Failed")


class BulkOutcome(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("row of a bulk act", "Not reached")
    ADDED = "added", _("Added")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    REFUSED = "refused", pgettext_lazy("row of an import", "Refused")


# rows that were written, and can be undone
BULK_WRITTEN = frozenset({BulkOutcome.ADDED, BulkOutcome.CHANGED})


class IssueLevel(models.TextChoices):
    ERROR = "error", _("Error")
    NOTICE = "notice", _("Notice")


class NoticeDelivery(models.TextChoices):
    """How a notice reaches a person besides the page."""

    AT_ONCE = "at_once", _("Mail at once")
    DAILY = "daily", _("In the daily mail")
    PAGE = "page", _("On the page only")


class BatchState(models.TextChoices):
    """A mail to many: seen by its sender before it goes."""

    HELD = "held", _("Held, to be looked at")
    RELEASED = "released", _("Released")
    DISCARDED = "discarded", _("Thrown away")


class AuditAction(models.TextChoices):
    CREATE = "create", _("Created")
    CHANGE = "change", _("Changed")
    STATE = "state", _("State changed")
    DEACTIVATE = "deactivate", _("Deactivated")
    VIEW = "view", _("Viewed")
    EXPORT = "export", _("Exported")
    IMPORT = "import", _("Imported")
    SIGN_IN = "sign_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    SIGN_OUT = "sign_out", _("Signed out")
    LOCK = "lock", _("Locked out")
    PASSWORD = "password", _("Password changed")
    REFUSED = "refused", pgettext_lazy("act", "Refused")
    BULK = "bulk", _("Acted on many")
