"""Tables of the kernel. It knows people, organisations, jobs, files and the audit; never a patent."""

from portal.models.audit import AuditEntry
from portal.models.bulk import BulkRun, BulkRunRow
from portal.models.erasure import Erasure
from portal.models.files import StoredFile
from portal.models.intake import (
    ImportBatch,
    ImportCorrection,
    ImportIssue,
    ImportMapping,
    ImportRow,
)
from portal.models.jobs import Job, JobLog, ScheduledRun
from portal.models.notices import DailyMail, Notice, NoticeSettings
from portal.models.organisations import Organisation, OrganisationName, Supervision, Unit
from portal.models.outbox import OutboxBatch, OutboxMessage
from portal.models.people import Membership, RevealCount, SignInThrottle, User
from portal.models.saved_views import SavedView, UsualView
from portal.models.staff import Departure, Invitation, StaffMember

__all__ = [
    "AuditEntry",
    "BulkRun",
    "BulkRunRow",
    "DailyMail",
    "Departure",
    "Erasure",
    "ImportBatch",
    "ImportCorrection",
    "ImportIssue",
    "ImportMapping",
    "ImportRow",
    "Invitation",
    "Job",
    "JobLog",
    "Membership",
    "Notice",
    "NoticeSettings",
    "Organisation",
    "OrganisationName",
    "OutboxBatch",
    "OutboxMessage",
    "RevealCount",
    "SavedView",
    "ScheduledRun",
    "SignInThrottle",
    "StaffMember",
    "StoredFile",
    "Supervision",
    "Unit",
    "User",
    "UsualView",
]
