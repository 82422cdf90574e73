"""Tables of stock-taking: patents, campaigns and base lists, dossiers, facts in time, the pool."""

from inventory.models.belonging import NotMine, UnitTransfer
from inventory.models.campaigns import BaseListEntry, Campaign
from inventory.models.classification import (
    ClassificationCode,
    ClassificationTable,
    ConcordanceRule,
    KeyIndustry,
    PatentIndustry,
)
from inventory.models.co_owned import HandoverOffer, Objection
from inventory.models.comments import FieldComment
from inventory.models.confirmations import ConfirmationLine, UnitConfirmation
from inventory.models.dossiers import (
    Dossier,
    DossierRevision,
    DossierStep,
)
from inventory.models.exclusions import Exclusion, ExclusionStep
from inventory.models.facts import (
    ConfirmationFact,
    DossierFact,
    EntryFact,
    PoolFact,
    UploadFact,
)
from inventory.models.findings import DossierFinding, StarCount
from inventory.models.marks import IntentMark, StatusMark
from inventory.models.participations import CampaignInstitution
from inventory.models.patents import (
    DualFiling,
    HolderChange,
    LegalEvent,
    Patent,
    PatentHolder,
    PatentInventor,
)
from inventory.models.plans import Milestone, PlanFile
from inventory.models.pool import PoolEntry, PoolRule, PoolStep
from inventory.models.uploads import (
    ConfidentialWords,
    UploadBatch,
    UploadItem,
    UploadStep,
)
from inventory.models.urges import Urge
from inventory.models.workbooks import Workbook, WorkbookBase, WorkbookDecision
from inventory.models.writing import Phrase, TextDraft

__all__ = [
    "BaseListEntry",
    "Campaign",
    "CampaignInstitution",
    "ClassificationCode",
    "ClassificationTable",
    "ConcordanceRule",
    "ConfidentialWords",
    "ConfirmationFact",
    "ConfirmationLine",
    "Dossier",
    "DossierFact",
    "DossierFinding",
    "DossierRevision",
    "DossierStep",
    "DualFiling",
    "EntryFact",
    "Exclusion",
    "ExclusionStep",
    "FieldComment",
    "HandoverOffer",
    "HolderChange",
    "IntentMark",
    "KeyIndustry",
    "LegalEvent",
    "Milestone",
    "NotMine",
    "Objection",
    "Patent",
    "PatentHolder",
    "PatentIndustry",
    "PatentInventor",
    "Phrase",
    "PlanFile",
    "PoolEntry",
    "PoolFact",
    "PoolRule",
    "PoolStep",
    "StarCount",
    "StatusMark",
    "TextDraft",
    "UnitConfirmation",
    "UnitTransfer",
    "UploadBatch",
    "UploadFact",
    "UploadItem",
    "UploadStep",
    "Urge",
    "Workbook",
    "WorkbookBase",
    "WorkbookDecision",
]
