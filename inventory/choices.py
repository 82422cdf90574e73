"""Enumerations of stock-taking and the table of legal transitions.

Codes of the national template's vocabulary come from inventory.vocabulary, which keeps the verbatim words.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PatentKind(models.TextChoices):
    INVENTION = "invention", _("Invention")
    UTILITY = "utility", _("Utility model")
    DESIGN = "design", _("Design")


class SimpleStatus(models.TextChoices):
    VALID = "valid", _("In force")
    ENDED = "ended", _("Ended")
    PENDING = "pending", _("Pending")
    UNKNOWN = "unknown", _("Unknown")


class EventKind(models.TextChoices):
    GRANT = "grant", _("Grant")
    DUAL_FILING = "dual_filing", _("Dual filing")
    TRANSFER = "transfer", _("Transfer of right")
    LICENCE = "licence", _("Licence filing")
    PLEDGE = "pledge", _("Pledge")
    PRESERVATION = "preservation", _("Preservation")
    REEXAMINATION = "reexamination", _("Re-examination")
    FEE_LAPSE = "fee_lapse", _("Annual fee not paid")
    DOUBLE_GRANT_AVOIDED = "double_grant_avoided", _("Ended to avoid double grant")
    EXPIRY = "expiry", _("Term expired")
    ABANDONED = "abandoned", _("Abandoned")
    INVALIDATED = "invalidated", _("Invalidated")
    RESTORED = "restored", _("Right restored")
    NAME_CHANGE = "name_change", _("Change of name or address")
    OTHER = "other", _("Other event")


class CampaignScope(models.TextChoices):
    ALL = "all", _("All valid patents")
    UNTRANSFORMED = "untransformed", _("Untransformed patents only")
    FIRST_PATENTEE = "first_patentee", _("Patents held as first patentee only")


class CampaignState(models.TextChoices):
    DRAFT = "draft", _("In preparation")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


CAMPAIGN_TRANSITIONS: dict[str, frozenset[str]] = {
    CampaignState.DRAFT: frozenset({CampaignState.OPEN}),
    CampaignState.OPEN: frozenset({CampaignState.CLOSED}),
    CampaignState.CLOSED: frozenset({CampaignState.OPEN}),
}


class CampaignKind(models.TextChoices):
    FIXED = "fixed", _("Once, for grants up to a day")
    ROLLING = "rolling", _("Rolling, for each later grant")


class Goal(models.TextChoices):
    """What a milestone asks of the entries that count."""

    ASSIGNED = "assigned", _("Somebody is responsible")
    FILED = "filed", _("Submitted for review")
    UNIT_REVIEWED = "unit_reviewed", _("Approved by the unit")
    COMPLETE = "complete", _("Stock-taking complete")


class FilingMode(models.TextChoices):
    ACCOUNTS = "accounts", _("Inventors fill in with their own accounts")
    CENTRAL = "central", _("Filed centrally, without inventors' accounts")


class DossierState(models.TextChoices):
    UNFILED = "unfiled", _("Not filed")
    DRAFT = "draft", _("Draft")
    UNIT_REVIEW = "unit_review", _("Waiting for unit review")
    INSTITUTION_REVIEW = "institution_review", _("Waiting for institution review")
    COMPLETED = "completed", _("Stock-taking complete")


_S = DossierState
# review steps of the institution → state → states that may follow.
# The same table stands in the database, where a trigger reads it (migrations 0002 and withdrawal_of_revisions).
TRANSITIONS: dict[int, dict[str, frozenset[str]]] = {
    2: {
        _S.UNFILED: frozenset({_S.DRAFT}),
        _S.DRAFT: frozenset({_S.UNIT_REVIEW, _S.COMPLETED}),
        _S.UNIT_REVIEW: frozenset({_S.INSTITUTION_REVIEW, _S.DRAFT}),
        _S.INSTITUTION_REVIEW: frozenset({_S.COMPLETED, _S.UNIT_REVIEW, _S.DRAFT}),
        _S.COMPLETED: frozenset({_S.INSTITUTION_REVIEW, _S.UNIT_REVIEW, _S.DRAFT}),
    },
    1: {
        _S.UNFILED: frozenset({_S.DRAFT}),
        _S.DRAFT: frozenset({_S.INSTITUTION_REVIEW, _S.COMPLETED}),
        _S.UNIT_REVIEW: frozenset({_S.INSTITUTION_REVIEW, _S.DRAFT}),
        _S.INSTITUTION_REVIEW: frozenset({_S.COMPLETED, _S.DRAFT}),
        _S.COMPLETED: frozenset({_S.INSTITUTION_REVIEW, _S.DRAFT}),
    },
}
# From draft straight back to complete: only a revision that is withdrawn, so an approved version must count.
NEEDS_APPROVED_VERSION = frozenset({(_S.DRAFT, _S.COMPLETED)})


class StepAct(models.TextChoices):
    START = "start", _("Started")
    SUBMIT = "submit", _("Submitted")
    APPROVE = "approve", _("Approved")
    RETURN = "return", _("Returned")
    REVISE = "revise", _("Reopened for revision")
    CONFIRM = "confirm", _("Confirmed unchanged")
    WITHDRAW = "withdraw", _("Taken back")
    HANDOVER = "handover", _("Handed over")


class FindingKind(models.TextChoices):
    """What a reviewer sees first, the gravest first (inventory.review_findings)."""

    FEWER_STARS = "fewer_stars", _("Fewer stars than last approved")
    SAME_TEXT = "same_text", _("Text identical to another dossier")
    NO_AMOUNT = "no_amount", _("Amount missing")
    UNSUITABLE = "unsuitable", _("Unsuitable for transfer (R1)")
    CHANGED = "changed", _("Differs from the last approved answers")


class ConfirmationState(models.TextChoices):
    """A confirmation sheet on its way; that a later change voided it follows from the dossiers' steps."""

    MAKING = "making", _("Being made")
    WAITING = "waiting", _("Waiting for the stamp")
    STAMPED = "stamped", _("Stamped scan uploaded")
    FAILED = "failed", _("Could not be made")


class PhraseField(models.TextChoices):
    """The texts for which phrases are kept."""

    ADVANTAGES = "advantages", _("Technical advantages")
    PROSPECTS = "prospects", _("Prospects of industrialisation")
    REMARK = "remark", _("Remark")


class DraftOrigin(models.TextChoices):
    EXTRACTION = "extraction", _("Extracted from existing texts")
    SERVICE = "service", _("Written by a language model")


class DraftState(models.TextChoices):
    PROPOSED = "proposed", _("Draft, not confirmed")
    TAKEN = "taken", _("Taken over")
    DISCARDED = "discarded", _("Discarded")


class TransferState(models.TextChoices):
    """Life of “not ours”: offered to a unit or laid before the manager, then taken, refused or taken back."""

    AT_UNIT = "at_unit", _("Waiting for the other unit")
    AT_MANAGER = "at_manager", _("Waiting for the institution's manager")
    ACCEPTED = "accepted", pgettext_lazy("transfer", "Taken over")
    REFUSED = "refused", pgettext_lazy("transfer", "Refused, back again")
    WITHDRAWN = "withdrawn", _("Taken back")


TRANSFER_OPEN = frozenset({TransferState.AT_UNIT, TransferState.AT_MANAGER})
# after so many refusals of a dossier the institution's manager decides
MOST_REFUSALS = 2


class StatusLevel1(models.TextChoices):
    NOT_IMPLEMENTED = "not_implemented", _("Not yet implemented")
    LICENSED = "licensed", _("Licensed")
    TRANSFERRED = "transferred", _("Transferred")
    SELF_INDUSTRIALISED = "self_industrialised", _("Industrialised by the owner")
    HAS_REPORT = "has_report", _("Utility model or design with an evaluation report")
    ABANDONING = "abandoning", _("About to be abandoned")
    OWNERSHIP_DISPUTE = "ownership_dispute", _("Ownership in dispute")
    UNSUITABLE_OTHER = "unsuitable_other", _("Otherwise unsuitable for transfer")
    CUSTOM = "custom", _("Own wording")


class StatusLevel2(models.TextChoices):
    OPEN_CONTRACT = "open_contract", _("Open licence contract signed")
    COMMON_CONTRACT = "common_contract", _("Non-exclusive licence contract signed")
    SOLE_CONTRACT = "sole_contract", _("Sole licence contract signed")
    EXCLUSIVE_CONTRACT = "exclusive_contract", _("Exclusive licence contract signed")
    OPEN_PLAN = "open_plan", _("Open licence planned")
    COMMON_PLAN = "common_plan", _("Non-exclusive licence planned")
    SOLE_PLAN = "sole_plan", _("Sole licence planned")
    EXCLUSIVE_PLAN = "exclusive_plan", _("Exclusive licence planned")
    INDUSTRIALISED_BY_LICENSEE = "industrialised_by_licensee", _("Industrialised by the licensee")
    INDUSTRIALISED_BY_PARTNER = (
        "industrialised_by_partner",
        _("Industrialised by a partner under a service or development contract"),
    )
    IN_PATENT_POOL = "in_patent_pool", _("Operated in a patent pool")
    ASSIGNMENT_CONTRACT = "assignment_contract", _("Assignment contract signed")
    EQUITY = "equity", _("Contributed as equity")
    ASSIGNMENT_PLAN = "assignment_plan", _("Assignment planned")
    CUSTOM = "custom", _("Own wording")


class IntentLevel1(models.TextChoices):
    LICENSE = "license", _("Would license")
    TRANSFER = "transfer", _("Would transfer")
    SELF_USE = "self_use", _("Would use or industrialise itself")


class IntentLevel2(models.TextChoices):
    OPEN = "open", _("By open licence")
    COMMON = "common", _("By non-exclusive licence")
    SOLE = "sole", _("By sole licence")
    EXCLUSIVE = "exclusive", _("By exclusive licence")
    PATENT_POOL = "patent_pool", _("Through a patent pool")
    ASSIGN = "assign", _("By assignment")
    EQUITY = "equity", _("As equity")
    CUSTOM = "custom", _("Own wording")


class PriceBand(models.TextChoices):
    NEGOTIABLE = "negotiable", _("To be negotiated")
    UP_TO_10 = "0_10", _("0–100,000 yuan")
    UP_TO_20 = "10_20", _("100,000–200,000 yuan")
    UP_TO_30 = "20_30", _("200,000–300,000 yuan")
    UP_TO_40 = "30_40", _("300,000–400,000 yuan")
    UP_TO_50 = "40_50", _("400,000–500,000 yuan")
    UP_TO_60 = "50_60", _("500,000–600,000 yuan")
    UP_TO_70 = "60_70", _("600,000–700,000 yuan")
    UP_TO_80 = "70_80", _("700,000–800,000 yuan")
    UP_TO_90 = "80_90", _("800,000–900,000 yuan")
    UP_TO_100 = "90_100", _("900,000–1,000,000 yuan")
    OVER_100 = "over_100", _("Over 1,000,000 yuan")


class Maturity(models.TextChoices):
    SAMPLE = "sample", _("Sample, laboratory stage")
    TRIAL = "trial", _("Trial production, application development stage")
    SMALL_BATCH = "small_batch", _("Small batch, engineering application stage")
    MASS = "mass", _("Volume production, mature application stage")


class Stars(models.IntegerChoices):
    ONE = 1, _("One star")
    TWO = 2, _("Two stars")
    THREE = 3, _("Three stars")
    FOUR = 4, _("Four stars")
    FIVE = 5, _("Five stars")


class Priority(models.IntegerChoices):
    """Order of work: 重点产业、优势学科的发明专利优先 (实施方案, row 4 of its feature table)."""

    BOTH = 1, _("Invention of a key industry and a strong discipline")
    EITHER = 2, _("Invention of a key industry or a strong discipline")
    INVENTION = 3, _("Other invention")
    OTHER = 4, _("Utility model or design")


class ClassScheme(models.TextChoices):
    STRATEGIC = "strategic", _("Strategic emerging industries")
    INDUSTRY = "industry", _("National economic industries (GB/T 4754)")


class TableKind(models.TextChoices):
    CODES = "codes", _("Codes with names")
    CONCORDANCE = "concordance", _("Reference from the IPC")


class ClassState(models.TextChoices):
    """How sure it is that a patent belongs to an industry."""

    CERTAIN = "certain", _("By the table")
    CANDIDATE = "candidate", _("To be confirmed")
    CONFIRMED = "confirmed", _("Confirmed")
    REJECTED = "rejected", _("Rejected")


class ExclusionReason(models.TextChoices):
    LAPSED = "lapsed", _("The right had ended before the base day")
    DUAL_ENDED = "dual_ended", _("Ended half of a dual filing")
    TRANSFERRED_AWAY = "transferred_away", _("Transferred away before the base day")
    TRANSFERRED_WITHIN = "transferred_within", _("Transferred inside the scope before the base day")
    NOT_OURS = "not_ours", _("Not held by this institution")
    OTHER = "other", _("Other reason")


# Architecture: an exclusion is per patent (every holder's entry leaves) or per entry.
PATENT_WIDE_REASONS = frozenset({ExclusionReason.LAPSED, ExclusionReason.DUAL_ENDED})


# the reasons for which the day of registration and the new holder are asked
TRANSFER_REASONS = frozenset({ExclusionReason.TRANSFERRED_AWAY, ExclusionReason.TRANSFERRED_WITHIN})


class ExclusionState(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("exclusion", "Requested")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    APPEALED = "appealed", _("Appealed")
    DISMISSED = "dismissed", _("Refused finally")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REVOKED = "revoked", _("Approval revoked")


class PoolState(models.TextChoices):
    NOMINATED = "nominated", _("Nominated")
    ADMITTED = "admitted", _("In the city pool")
    DECLINED = "declined", _("Declined")
    REMOVED = "removed", _("Removed")


# The same table stands in the database trigger pool_transition (migration 0006).
POOL_TRANSITIONS: dict[str, frozenset[str]] = {
    PoolState.NOMINATED: frozenset({PoolState.ADMITTED, PoolState.DECLINED, PoolState.REMOVED}),
    PoolState.ADMITTED: frozenset({PoolState.REMOVED}),
    PoolState.DECLINED: frozenset(),
    PoolState.REMOVED: frozenset(),
}
# out of the pool for good: a patent comes back by a new nomination
POOL_OUT = frozenset({PoolState.DECLINED, PoolState.REMOVED})


class UploadKind(models.TextChoices):
    FULL = "full", _("Everything that is approved")
    CHANGED = "changed", _("Only what is new, changed or was returned")
    SELECTED = "selected", _("What a filter of the work list shows")


class UploadState(models.TextChoices):
    PREPARING = "preparing", _("In preparation")
    SIGN_OFF = "sign_off", _("Waiting for the confidentiality review")
    SIGNED = "signed", _("Confidentiality review passed")
    HANDED_OUT = "handed_out", _("File handed out")
    UPLOADED = "uploaded", pgettext_lazy("upload state", "Uploaded")
    ANSWERED = "answered", _("Answered by the platform")
    WITHDRAWN = "withdrawn", _("Withdrawn")


_U = UploadState
# The same table stands in the database trigger upload_transition.
UPLOAD_TRANSITIONS: dict[str, frozenset[str]] = {
    _U.PREPARING: frozenset({_U.SIGN_OFF, _U.WITHDRAWN}),
    # a refusal, or content that changed after it was put before the reviewer, sends it back
    _U.SIGN_OFF: frozenset({_U.SIGNED, _U.PREPARING, _U.WITHDRAWN}),
    _U.SIGNED: frozenset({_U.HANDED_OUT, _U.PREPARING, _U.WITHDRAWN}),
    _U.HANDED_OUT: frozenset({_U.UPLOADED, _U.WITHDRAWN}),
    _U.UPLOADED: frozenset({_U.ANSWERED}),
    _U.ANSWERED: frozenset(),
    _U.WITHDRAWN: frozenset(),
}
# its patents go into no other batch
UPLOAD_OPEN = frozenset({_U.PREPARING, _U.SIGN_OFF, _U.SIGNED, _U.HANDED_OUT})
# its file may be taken out of the institution
UPLOAD_RELEASED = frozenset({_U.HANDED_OUT, _U.UPLOADED, _U.ANSWERED})


class ItemOutcome(models.TextChoices):
    WAITING = "waiting", _("In the batch")
    LEFT_OUT = "left_out", _("Left out")
    SENT = "sent", _("Sent, no answer yet")
    ACCEPTED = "accepted", _("Accepted by the platform")
    RETURNED = "returned", _("Returned by the platform")


class UploadStanding(models.TextChoices):
    """Where a patent stands with the national platform, seen from here."""

    NOT_SENT = "not_sent", _("Not uploaded")
    SENT = "sent", _("On the platform")
    CHANGED = "changed", _("Changed since the upload")
    RETURNED = "returned", _("Returned by the platform")


class Doubt(models.TextChoices):
    """Why a patent deserves a look before it leaves the institution."""

    NOT_IN_FORCE = "not_in_force", _("Not in force, or its status is unknown")
    UNPUBLISHED = "unpublished", _("No publication known")
    DEFENCE = "defence", _("Project that sounds of defence or secrecy")
    WORD = "word", _("Word of the institution's confidential list")
    PERSONAL = "personal", _("Phone number or mail address inside a text")


class SignOffCheck(models.TextChoices):
    """What the reviewer confirms, one by one."""

    LISTED = "listed", _("The patents of the batch and their columns were looked through.")
    DOUBTS = "doubts", _("Every patent marked as doubtful was looked at.")
    SECRETS = "secrets", _("No state secret, working secret or trade secret is in it.")
    PUBLISHED = (
        "published",
        _("Only published, granted patents are in it; none is a defence patent."),
    )
    PERSONAL = "personal", _("Contacts are meant to be given; the texts hold no personal data.")
    FUNDING = "funding", _("Names and numbers of funded projects are not in it.")
