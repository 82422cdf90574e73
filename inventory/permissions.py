"""Who may act on stock-taking: one readable boolean per verb. State is the services' business.

All functions take objects that `visible_to` has let through already, and read loaded relations only:
dossier.participation and dossier.unit.
"""

from __future__ import annotations

from inventory.choices import DossierState
from inventory.dossier_fields import CONFIDENTIAL, FUNDING
from inventory.models import (
    BaseListEntry,
    CampaignInstitution,
    Dossier,
    Exclusion,
    FieldComment,
    HandoverOffer,
    Objection,
    Patent,
    Phrase,
    UnitTransfer,
    UploadBatch,
    Urge,
)
from inventory.models.uploads import UPLOAD_READERS
from portal.choices import BUREAU_KINDS, Role
from portal.models import Membership, Organisation, Unit


def _is_filing_institution(membership: Membership, dossier: Dossier) -> bool:
    return dossier.participation.institution_id == membership.organisation_id


def _is_unit_of(membership: Membership, unit: Unit | None) -> bool:
    return (
        membership.unit is not None
        and unit is not None
        and unit.organisation_id == membership.organisation_id
        and unit.path.startswith(membership.unit.path)
    )


def can_edit_dossier(membership: Membership, dossier: Dossier) -> bool:
    """The filing institution: its manager, the manager of the unit, and the responsible person (any inventor
    where nobody is named)."""
    if not _is_filing_institution(membership, dossier):
        return False
    if membership.role == Role.INSTITUTION_MANAGER:
        return True
    if membership.role == Role.UNIT_MANAGER:
        return _is_unit_of(membership, dossier.unit)
    return membership.role == Role.INVENTOR and dossier.responsible_id in (None, membership.user_id)


def can_submit_dossier(membership: Membership, dossier: Dossier) -> bool:
    """Whoever may fill in may submit."""
    return can_edit_dossier(membership, dossier)


def can_revise_dossier(membership: Membership, dossier: Dossier) -> bool:
    """Whoever may fill in may reopen a complete dossier for a revision."""
    return can_edit_dossier(membership, dossier)


def can_confirm_dossier(membership: Membership, dossier: Dossier) -> bool:
    """Whoever may fill in may confirm that the approved answers still hold."""
    return can_edit_dossier(membership, dossier)


def can_confirm_many(membership: Membership) -> bool:
    """Confirm unchanged from the work list; which dossiers of it is asked one by one."""
    return membership.role in (Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER, Role.INVENTOR)


def can_review_dossier(membership: Membership, dossier: Dossier, at: str) -> bool:
    """Approve or return at a step: the unit's manager at unit review, the institution's manager after it."""
    if not _is_filing_institution(membership, dossier):
        return False
    if at == DossierState.UNIT_REVIEW:
        return membership.role == Role.UNIT_MANAGER and _is_unit_of(membership, dossier.unit)
    return membership.role == Role.INSTITUTION_MANAGER and at in (
        DossierState.INSTITUTION_REVIEW,
        DossierState.COMPLETED,
    )


def can_comment_on_dossier(membership: Membership, dossier: Dossier) -> bool:
    """Reviewers of the filing institution comment on fields."""
    return _is_filing_institution(membership, dossier) and (
        membership.role == Role.INSTITUTION_MANAGER
        or (membership.role == Role.UNIT_MANAGER and _is_unit_of(membership, dossier.unit))
    )


def can_answer_comment(membership: Membership, comment: FieldComment) -> bool:
    """Whoever fills in answers and settles; whoever wrote the comment may settle it, too."""
    return can_edit_dossier(membership, comment.dossier) or comment.author_id == membership.pk


def can_keep_phrases(membership: Membership) -> bool:
    """Whoever fills in dossiers keeps phrases for their texts."""
    return membership.role in (Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER, Role.INVENTOR)


def can_remove_phrase(membership: Membership, phrase: Phrase) -> bool:
    """One's own; the institution's manager also shared ones."""
    return phrase.owner_id == membership.user_id or (
        membership.role == Role.INSTITUTION_MANAGER and phrase.is_shared
    )


def can_read_confidential(membership: Membership, dossier: Dossier) -> bool:
    """Price, fees and contact: the filing institution's own people and the city official; not co-holders."""
    return membership.role == Role.CITY_OFFICIAL or (
        membership.is_of_institution and _is_filing_institution(membership, dossier)
    )


def can_confirm_unit(membership: Membership, unit: Unit) -> bool:
    """Make a confirmation sheet of a unit and upload its stamped scan: its manager, and the institution's."""
    if membership.role == Role.INSTITUTION_MANAGER:
        return unit.organisation_id == membership.organisation_id
    return membership.role == Role.UNIT_MANAGER and _is_unit_of(membership, unit)


def can_read_funding(membership: Membership, dossier: Dossier) -> bool:
    """The project behind a patent (国知发运字〔2024〕3号): the filing institution and its bureaus only."""
    return membership.organisation.kind in BUREAU_KINDS or _is_filing_institution(
        membership, dossier
    )


def hidden_fields(membership: Membership, dossier: Dossier) -> frozenset[str]:
    """Fields of a dossier that this reader may not know: page, drawer, history, PDF file and API leave them out."""
    hidden: frozenset[str] = frozenset()
    if not can_read_confidential(membership, dossier):
        hidden |= CONFIDENTIAL
    if not can_read_funding(membership, dossier):
        hidden |= FUNDING
    return hidden


def can_assign_dossiers(membership: Membership) -> bool:
    """Set unit and responsible person."""
    return membership.role in (Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER)


def can_export_dossiers(membership: Membership) -> bool:
    """The national layout carries contacts and prices: managers of the institution and its units."""
    return membership.role in (Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER)


def can_make_all_workbooks(membership: Membership) -> bool:
    """Round-trip workbooks of every unit at once, and those of patents without a unit: the institution's manager."""
    return membership.role == Role.INSTITUTION_MANAGER


def can_import_base_list(membership: Membership) -> bool:
    return membership.role == Role.INSTITUTION_MANAGER


def can_import_dossiers(membership: Membership) -> bool:
    return membership.role in (Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER)


def can_load_classifications(membership: Membership) -> bool:
    """Classification tables and concordances: the operator's system administrator, and the lead bureau."""
    return membership.role in (Role.CITY_OFFICIAL, Role.SYSTEM_ADMIN)


def can_put_classification_in_force(membership: Membership) -> bool:
    """Which edition counts changes figures: the lead bureau decides."""
    return membership.role == Role.CITY_OFFICIAL


def can_decide_industry(membership: Membership, patent: Patent) -> bool:
    """Confirm or reject a patent's industry: managers of an institution that holds it, and the lead bureau.

    `patent` comes with its holders loaded.
    """
    if membership.role == Role.CITY_OFFICIAL:
        return True
    holders = {holder.organisation_id for holder in patent.holders.all()}
    return membership.role == Role.INSTITUTION_MANAGER and membership.organisation_id in holders


def can_set_key_industries(membership: Membership) -> bool:
    return membership.role == Role.CITY_OFFICIAL


def can_manage_campaigns(membership: Membership) -> bool:
    return membership.role == Role.CITY_OFFICIAL


def can_set_participation(membership: Membership, participation: CampaignInstitution) -> bool:
    """Review steps and way of filing: the institution itself, or the lead bureau."""
    return membership.role == Role.CITY_OFFICIAL or (
        membership.role == Role.INSTITUTION_MANAGER
        and participation.institution_id == membership.organisation_id
    )


def can_plan(membership: Membership, participation: CampaignInstitution) -> bool:
    """Work plan, own milestones, numbers of the contacts: the institution's own manager."""
    return (
        membership.role == Role.INSTITUTION_MANAGER
        and participation.institution_id == membership.organisation_id
    )


def can_request_exclusion(membership: Membership, entry: BaseListEntry) -> bool:
    return (
        membership.role == Role.INSTITUTION_MANAGER
        and entry.institution_id == membership.organisation_id
    )


def can_request_exclusions(membership: Membership) -> bool:
    """See and ask for what the register proposes for the own list."""
    return membership.role == Role.INSTITUTION_MANAGER


def can_follow_exclusion(membership: Membership, exclusion: Exclusion) -> bool:
    """Withdraw a request or appeal against its refusal: the institution that asked."""
    return can_request_exclusion(membership, exclusion.entry)


def can_decide_exclusion(membership: Membership) -> bool:
    """Approve, refuse, decide appeals, revoke."""
    return membership.role == Role.CITY_OFFICIAL


def can_offer_handover(membership: Membership, dossier: Dossier) -> bool:
    """The filing institution's manager."""
    return membership.role == Role.INSTITUTION_MANAGER and _is_filing_institution(
        membership, dossier
    )


def can_offer_handovers(membership: Membership) -> bool:
    return membership.role == Role.INSTITUTION_MANAGER


def can_answer_handover(membership: Membership, offer: HandoverOffer) -> bool:
    """Accept or decline: the manager of the institution it is offered to."""
    return (
        membership.role == Role.INSTITUTION_MANAGER
        and offer.to_participation.institution_id == membership.organisation_id
    )


def can_withdraw_handover(membership: Membership, offer: HandoverOffer) -> bool:
    return (
        membership.role == Role.INSTITUTION_MANAGER
        and offer.from_participation.institution_id == membership.organisation_id
    )


def can_object(membership: Membership, dossier: Dossier) -> bool:
    """A co-holder's manager, never the filing institution's; whether it holds is a matter of its entry."""
    return membership.role == Role.INSTITUTION_MANAGER and not _is_filing_institution(
        membership, dossier
    )


def can_answer_objection(membership: Membership, objection: Objection) -> bool:
    """The filing institution's manager; entry.dossier.participation is loaded."""
    return membership.role == Role.INSTITUTION_MANAGER and _is_filing_institution(
        membership, objection.entry.dossier
    )


def can_withdraw_objection(membership: Membership, objection: Objection) -> bool:
    return (
        membership.role == Role.INSTITUTION_MANAGER
        and objection.entry.institution_id == membership.organisation_id
    )


def can_settle_objection(membership: Membership, objection: Objection) -> bool:
    """Who objected says that it is settled, or the lead bureau does."""
    return membership.role == Role.CITY_OFFICIAL or can_withdraw_objection(membership, objection)


def can_nominate(membership: Membership, institution: Organisation | int) -> bool:
    """Nominate the own institution's dossiers to the city pool."""
    pk = institution if isinstance(institution, int) else institution.pk
    return membership.role == Role.INSTITUTION_MANAGER and membership.organisation_id == pk


def can_read_uploads(membership: Membership) -> bool:
    """Whether batches for the national platform are this role's to look at; which ones says the list."""
    return membership.role in UPLOAD_READERS


def can_prepare_uploads(membership: Membership) -> bool:
    """Open batches for the national platform and take their files: the institution's manager."""
    return membership.role == Role.INSTITUTION_MANAGER


def can_handle_upload(membership: Membership, batch: UploadBatch) -> bool:
    """The same for one batch: the lead bureau reads it, the institution acts."""
    return can_prepare_uploads(membership) and batch.institution_id == membership.organisation_id


def can_sign_upload(membership: Membership, batch: UploadBatch, *, has_other: bool) -> bool:
    """The confidentiality review: a manager of the institution other than the preparer, where there is one."""
    is_preparer = batch.prepared_by.user_id == membership.user_id
    return can_handle_upload(membership, batch) and not (is_preparer and has_other)


def can_set_pool_rule(membership: Membership) -> bool:
    return membership.role == Role.CITY_OFFICIAL


def can_decide_nominations(membership: Membership) -> bool:
    """Admit nominations to the city pool, or decline them."""
    return membership.role == Role.CITY_OFFICIAL


def can_remove_from_pool(membership: Membership, institution_id: int) -> bool:
    return membership.role == Role.CITY_OFFICIAL or can_nominate(membership, institution_id)


def can_urge(membership: Membership) -> bool:
    """Officials urge institutions, an institution's manager its units, a unit's manager its people."""
    return membership.is_official or membership.role in (
        Role.INSTITUTION_MANAGER,
        Role.UNIT_MANAGER,
    )


def can_answer_urge(membership: Membership, urge: Urge) -> bool:
    """Those it was sent to: the institution's managers, the unit's, the person."""
    if urge.institution_id != membership.organisation_id:
        return False
    if urge.person_id is not None:
        return urge.person_id == membership.user_id
    if urge.unit_id is not None:
        return membership.role == Role.UNIT_MANAGER and membership.unit_id == urge.unit_id
    return membership.role == Role.INSTITUTION_MANAGER


# --- whose patent it is -----------------------------------------------------------------------------


def is_below(membership: Membership, path: str | None) -> bool:
    """Whether a unit (by its path) belongs to the branch this person looks after; a manager's is all."""
    if membership.role == Role.INSTITUTION_MANAGER:
        return True
    return (
        membership.role == Role.UNIT_MANAGER
        and membership.unit is not None
        and path is not None
        and path.startswith(membership.unit.path)
    )


def can_import_personnel(membership: Membership) -> bool:
    """The personnel list: the institution's manager, and a unit's manager for the own branch."""
    return membership.role in (Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER)


def can_see_unassigned(membership: Membership) -> bool:
    """The queue of patents nobody looks after: the institution's manager and its units'."""
    return can_assign_dossiers(membership) and membership.organisation.is_institution


def can_pass_on(membership: Membership, dossier: Dossier) -> bool:
    """“Not ours”: the manager, the manager of the unit, and the responsible person."""
    if not _is_filing_institution(membership, dossier):
        return False
    if membership.role == Role.INVENTOR:
        return dossier.responsible_id == membership.user_id
    return can_edit_dossier(membership, dossier)


def can_disown(membership: Membership, dossier: Dossier) -> bool:
    """“Not my patent”: inventors, who see only what carries their name or is theirs to fill in."""
    return membership.role == Role.INVENTOR and _is_filing_institution(membership, dossier)


def can_answer_transfer(membership: Membership, transfer: UnitTransfer) -> bool:
    """Take over or refuse: the manager of the unit it was offered to."""
    return membership.role == Role.UNIT_MANAGER and _is_unit_of(membership, transfer.to_unit)


def can_decide_transfer(membership: Membership, transfer: UnitTransfer) -> bool:
    """Say whose it is: the manager of the institution."""
    return (
        membership.role == Role.INSTITUTION_MANAGER
        and transfer.institution_id == membership.organisation_id
    )


def can_withdraw_transfer(membership: Membership, transfer: UnitTransfer) -> bool:
    """Whoever passed it on, and the manager of that unit."""
    return transfer.asked_by_id == membership.pk or (
        membership.role == Role.UNIT_MANAGER and _is_unit_of(membership, transfer.from_unit)
    )
