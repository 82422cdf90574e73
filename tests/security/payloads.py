"""What a person posts to each route: the request that succeeds for the right role."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from evaluation.models import Expert
from inventory.choices import SignOffCheck
from inventory.models import (
    Campaign,
    CampaignInstitution,
    ClassificationTable,
    Dossier,
    Exclusion,
    KeyIndustry,
    Milestone,
    PatentIndustry,
    Phrase,
    PoolEntry,
    UnitConfirmation,
    UnitTransfer,
    UploadBatch,
    UploadItem,
    Urge,
)
from portal import clock
from portal.models import (
    BulkRun,
    ImportBatch,
    ImportIssue,
    Invitation,
    Membership,
    Organisation,
    OutboxBatch,
    OutboxMessage,
    SavedView,
    StaffMember,
    Unit,
    User,
)
from portal.notices.registry import notice_kinds
from tests import factories
from tests.inventory.importing.conftest import HEAD
from tests.security import holder_payloads
from tests.security.worlds import World

Keys = Mapping[str, int]
NEW_PASSWORD = "Other-Password-2025"


def _version(model: Any, key: int) -> int:
    """The version of a record; 1 for one that does not exist."""
    return model.objects.filter(pk=key).values_list("version", flat=True).first() or 1


def _dossier(name: str) -> Callable[[World, Keys], dict[str, Any]]:
    return lambda world, keys: {"version": _version(Dossier, keys[name])}


def _industry(world: World, keys: Keys) -> dict[str, Any]:
    return {"version": _version(PatentIndustry, keys["industry"])}


def _sheet(world: World, keys: Keys) -> dict[str, Any]:
    """A complete dossier as its page posts it."""
    return {
        "version": _version(Dossier, keys["draft"]),
        "statuses-TOTAL_FORMS": 1,
        "statuses-INITIAL_FORMS": 0,
        "statuses-0-level1": "not_implemented",
        "intents-TOTAL_FORMS": 1,
        "intents-INITIAL_FORMS": 0,
        "intents-0-level1": "license",
        "intents-0-level2": "common",
        "is_publicly_funded": "false",
        "price_band": "negotiable",
        "contact_name": "演示联系人",
        "contact_phone": "13800000000",
        "maturity": "sample",
        "stars": "4",
        "advantages": "结构简单",
        "industry": "C",
        "prospects": "前景",
    }


def _picks(keys: Keys, *names: str) -> list[str]:
    return [f"{keys[name]}-{_version(Dossier, keys[name])}" for name in names]


def _review(world: World, keys: Keys) -> dict[str, Any]:
    return {"pick": _picks(keys, "at_unit", "at_institution")}


def _nomination(world: World, keys: Keys) -> dict[str, Any]:
    version = _version(PoolEntry, keys["nomination"])
    return {"pick": [f"{keys['nomination']}-{version}"]}


def _upload_batch(name: str, **words: Any) -> Callable[[World, Keys], dict[str, Any]]:
    """A step of a batch with the version seen."""

    def posted(world: World, keys: Keys) -> dict[str, Any]:
        said = {word: value() if callable(value) else value for word, value in words.items()}
        return {"version": _version(UploadBatch, keys[name]), **said}

    return posted


def _left_out(world: World, keys: Keys) -> dict[str, Any]:
    item = UploadItem.objects.filter(batch=keys["upload_ready"]).first()
    version = _version(UploadBatch, keys["upload_ready"])
    return {"version": version, "pick": [item.pk if item else 1], "reason": "演示理由"}


def _assign(world: World, keys: Keys) -> dict[str, Any]:
    return {"pick": _picks(keys, "draft")}


def _bulk(world: World, keys: Keys) -> dict[str, Any]:
    """Another rating than the one the preview was made with."""
    version = _version(BulkRun, keys["bulk_preview"])
    return {"version": version, "stars": "5", "reason": "演示理由"}


def _campaign(world: World, keys: Keys) -> dict[str, Any]:
    return {
        "name": "演示盘点新",
        "kind": "fixed",
        "scope": "all",
        "cutoff_on": "2023-12-31",
        "base_day": "2023-12-31",
        "opens_on": "2024-03-01",
        "due_on": "2025-01-31",
        "objection_days": "15",
        "appeal_days": "15",
        "institutions": [keys["organisation"]],
        "version": _version(Campaign, keys["campaign"]),
    }


def _milestone(name: str) -> Callable[[World, Keys], dict[str, Any]]:
    return lambda world, keys: {
        "name": "演示节点",
        "due_on": "2024-05-01",
        "goal": "filed",
        "share": "80",
        "version": _version(Milestone, keys[name]),
    }


def _account(world: World, keys: Keys) -> dict[str, Any]:
    return {
        "username": "new.person",
        "name": "演示新人",
        "email": "",
        "phone": "",
        "role": "inventor",
        "unit": keys["unit"],
    }


def _contact(world: World, keys: Keys) -> dict[str, Any]:
    version = _version(User, keys["person"])
    return {"name": "演示改名", "email": "", "phone": "", "version": version}


def _deactivation(world: World, keys: Keys) -> dict[str, Any]:
    return {"reason": "离职", "version": _version(User, keys["person"])}


def _role(world: World, keys: Keys) -> dict[str, Any]:
    return {"organisation": keys["organisation"], "role": "unit_manager", "unit": keys["unit"]}


def _organisation(world: World, keys: Keys) -> dict[str, Any]:
    return {
        "name": "演示新机构",
        "code": "NEW-1",
        "kind": "university",
        "credit_code": factories.credit_code(999),
        "affiliation": "municipal",
        "district": "haidian",
        "names": "演示别名",
        "is_active": "on",
        "version": _version(Organisation, keys["organisation"]),
    }


def _columns(world: World, keys: Keys) -> dict[str, Any]:
    batch = ImportBatch.objects.filter(pk=keys["mapping"]).first()
    columns = batch.columns if batch else []
    fields = {f"column-{column['index']}": column["field"] for column in columns}
    return {**fields, "confirmed": "on", "version": batch.version if batch else 1}


def _preview(world: World, keys: Keys) -> dict[str, Any]:
    batch = ImportBatch.objects.filter(pk=keys["preview"]).first()
    return {
        "version": batch.version if batch else 1,
        "digest": batch.preview_digest if batch else "",
    }


def _bad_row(world: World, keys: Keys) -> tuple[ImportBatch | None, ImportIssue | None]:
    """The preview and what is wrong with its refused row."""
    batch = ImportBatch.objects.filter(pk=keys["preview"]).first()
    wrong = {"level": "error", "column": "A"}
    return batch, ImportIssue.objects.filter(batch=keys["preview"], **wrong).first()


def _corrections(world: World, keys: Keys) -> dict[str, Any]:
    """The number of the refused row written anew, wrong again."""
    batch, issue = _bad_row(world, keys)
    cell = f"cell-{issue.line}-0" if issue else "cell-3-0"
    return {"version": batch.version if batch else 1, cell: "CN201799999999.8"}


def _replacement(world: World, keys: Keys) -> dict[str, Any]:
    batch, issue = _bad_row(world, keys)
    return {
        "version": batch.version if batch else 1,
        "column": "A",
        "rule": issue.rule if issue else "",
        "value": issue.value if issue else "",
        "text": "CN201799999999.8",
    }


def _upload(world: World, keys: Keys) -> dict[str, Any]:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(list(HEAD))
    out = io.BytesIO()
    book.save(out)
    return {"file": SimpleUploadedFile("list.xlsx", out.getvalue()), "kind": ""}


def _wishes(world: World, keys: Keys) -> dict[str, Any]:
    """How to be told: everything on the page only."""
    return {
        "language": "en",
        "version": 0,
        **{kind.name: "page" for kind in notice_kinds()},
    }


def _invitations(world: World, keys: Keys) -> dict[str, Any]:
    return {"pick": [f"{keys['invitation']}-{_version(Invitation, keys['invitation'])}"]}


def _transfer(name: str, **more: Any) -> Callable[[World, Keys], dict[str, Any]]:
    return lambda world, keys: {
        "version": _version(UnitTransfer, keys[name]),
        "reason": "演示理由",
        **more,
    }


def _belonging(world: World, keys: Keys) -> dict[str, Any]:
    return {"version": _version(Dossier, keys["draft"]), "to_unit": "", "reason": "演示理由"}


def _unassigned(world: World, keys: Keys) -> dict[str, Any]:
    return {"pick": _picks(keys, "unassigned")}


def _departure(world: World, keys: Keys) -> dict[str, Any]:
    return {"reason": "离职", "how": "queue", "version": _version(User, keys["person"])}


POSTED: dict[str, Callable[[World, Keys], dict[str, Any]]] = {
    "portal:list-export": lambda world, keys: {"list": "portal.jobs", "query": "", "format": "csv"},
    "portal:view-new": lambda world, keys: {
        "list": "portal.jobs",
        "name": "另一演示视图",
        "shared": "organisation",
        "query": "state=done",
    },
    "portal:view-usual": lambda world, keys: {"list": "portal.jobs", "view": keys["view"]},
    "portal:view-edit": lambda world, keys: {
        "version": _version(SavedView, keys["view"]),
        "name": "改名后的视图",
        "shared": "organisation",
    },
    "portal:view-overwrite": lambda world, keys: {
        "version": _version(SavedView, keys["view"]),
        "query": "state=done",
    },
    "portal:view-delete": lambda world, keys: {"version": _version(SavedView, keys["view"])},
    "set_language": lambda world, keys: {"language": "en"},
    "portal:sign-in": lambda world, keys: {"username": "nobody-at-all", "password": "Wrong-1234"},
    "portal:sign-out": lambda world, keys: {},
    "portal:membership-switch": lambda world, keys: {"membership": world.cast.manager.pk},
    "portal:password-change": lambda world, keys: {
        "old_password": factories.PASSWORD,
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    },
    "portal:password-reset": lambda world, keys: {"email": "nobody@example.org"},
    "portal:password-reset-confirm": lambda world, keys: {
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    },
    "evaluation:expert-admit": lambda world, keys: {"version": _version(Expert, keys["expert"])},
    "evaluation:expert-edit": lambda world, keys: {
        "version": _version(Expert, keys["expert"]),
        "name": "演示更正",
        "employer": "演示研究院",
    },
    "evaluation:expert-remove": lambda world, keys: {
        "version": _version(Expert, keys["expert"]),
        "reason": "演示理由",
    },
    "evaluation:expert-erase": lambda world, keys: {
        "version": _version(Expert, keys["expert"]),
        "ground": "own_request",
        "is_read": "on",
    },
    "evaluation:expert-contact": lambda world, keys: {},
    "portal:people-new": _account,
    "portal:people-edit": _contact,
    "portal:people-deactivate": _deactivation,
    "portal:people-password": _deactivation,
    "portal:people-unlock": lambda world, keys: {},
    "portal:membership-add": _role,
    "portal:membership-end": lambda world, keys: {
        "reason": "离职",
        "version": _version(Membership, keys["membership"]),
    },
    "inventory:urge-send": lambda world, keys: {
        "campaign": world.cast.campaign.pk,
        "pick": [keys["organisation"], keys["unit"], world.cast.inventor.user_id],
        "text": "{name}",
        "nonce": "00000000-0000-4000-8000-000000000001",
        "is_repeat": "on",
        "confirm": "1",
    },
    "inventory:urge-read": lambda world, keys: {},
    "inventory:urge-answer": lambda world, keys: {
        "answer": "演示答复",
        "promised_on": "2099-01-01",
        "version": _version(Urge, keys["urge"]),
    },
    "inventory:dossier-contact": lambda world, keys: {},
    "portal:people-contact": lambda world, keys: {},
    "portal:people-forget": lambda world, keys: {"reason": ""},
    "portal:my-data": lambda world, keys: {},
    "portal:outbox-release": lambda world, keys: {
        "count": OutboxMessage.objects.filter(batch=keys["mail_batch"]).still_useful().count(),
        "version": _version(OutboxBatch, keys["mail_batch"]),
    },
    "portal:outbox-discard": lambda world, keys: {
        "version": _version(OutboxBatch, keys["mail_batch"])
    },
    "portal:notices-read": lambda world, keys: {},
    "portal:notice-open": lambda world, keys: {},
    "portal:notice-settings": _wishes,
    "portal:organisation-new": _organisation,
    "portal:organisation-edit": _organisation,
    "portal:unit-new": lambda world, keys: {"name": "演示新学院"},
    "portal:unit-edit": lambda world, keys: {
        "name": "演示改名学院",
        "is_active": "on",
        "version": _version(Unit, keys["unit"]),
    },
    "portal:bulk-detail": _bulk,
    "portal:bulk-apply": lambda world, keys: {"version": _version(BulkRun, keys["bulk_preview"])},
    "portal:bulk-undo": lambda world, keys: {"reason": "演示理由"},
    "portal:staff-export": lambda world, keys: {},
    "portal:staff-namesake": lambda world, keys: {
        "same_as": "0",
        "version": _version(StaffMember, keys["namesake"]),
    },
    "portal:leaver-leave": lambda world, keys: {
        "pick": [f"{keys['leaver']}-{_version(User, keys['leaver'])}"],
    },
    "portal:people-leave": _departure,
    "portal:people-return": lambda world, keys: {"version": 1},
    "portal:invitation-new": lambda world, keys: {
        "name": "演示受邀人",
        "staff_number": "",
        "email": "",
        "phone": "",
        "role": "inventor",
        "unit": keys["unit"],
    },
    "portal:invitation-links": _invitations,
    "portal:invitation-mail": _invitations,
    "portal:invitation-revoke": _invitations,
    "portal:invitation-accept": lambda world, keys: {
        "new_password1": NEW_PASSWORD,
        "new_password2": NEW_PASSWORD,
    },
    "portal:job-cancel": lambda world, keys: {},
    "portal:import-new": _upload,
    "portal:import-columns": _columns,
    "portal:import-confirm": _preview,
    "portal:import-discard": _preview,
    "portal:import-errors": _preview,
    "inventory:number-doctor": lambda world, keys: {"numbers": "CN201710192287.6\n20171019228.7"},
    "portal:import-correct": _corrections,
    "portal:import-replace": _replacement,
    "portal:import-sheet": lambda world, keys: {"sheet": "第二页"},
    "portal:import-take-up": lambda world, keys: {},
    "portal:import-undo": lambda world, keys: {
        "version": _version(ImportBatch, keys["applied"]),
        "reason": "演示误导入",
    },
    "portal:import-undo-rows": lambda world, keys: {},
    "inventory:assign": _assign,
    "inventory:dossier-bulk": _assign,
    "inventory:dossier-export": lambda world, keys: {},
    "inventory:workbook-make": lambda world, keys: {"unit": keys["unit"]},
    "inventory:workbook-all": lambda world, keys: {},
    "inventory:workbook-conflicts": lambda world, keys: {
        "version": _version(ImportBatch, keys["conflicts"]),
        "all": "theirs",
    },
    "inventory:unassigned-take": lambda world, keys: {
        "choice": f"{_picks(keys, 'unassigned')[0]}-u{keys['person']}"
    },
    "inventory:unassigned-clear": _unassigned,
    "inventory:unassigned-give": _unassigned,
    "inventory:transfer-answer": _transfer("transfer", accepts="yes"),
    "inventory:transfer-decide": _transfer("decision", to_unit=""),
    "inventory:transfer-withdraw": _transfer("decision"),
    "inventory:dossier-pass-on": _belonging,
    "inventory:dossier-not-mine": _belonging,
    "inventory:review-approve": _review,
    "inventory:review-return": _review,
    "inventory:dossier-approve": _dossier("at_institution"),
    "inventory:dossier-return": lambda world, keys: {
        "version": _version(Dossier, keys["at_unit"]),
        "to_state": "draft",
        "reason": "演示理由",
    },
    "inventory:dossier-revise": lambda world, keys: {
        "version": _version(Dossier, keys["complete"]),
        "reason": "演示理由",
    },
    "inventory:entries-submit": lambda world, keys: {"pick": _picks(keys, "draft")},
    "inventory:entries-revise": lambda world, keys: {"pick": _picks(keys, "complete")},
    "inventory:entries-confirm": lambda world, keys: {"pick": _picks(keys, "to_confirm")},
    "inventory:dossier-confirm": _dossier("to_confirm"),
    "inventory:dossier-withdraw": _dossier("revising"),
    "inventory:dossier-restore": lambda world, keys: {
        "version": _version(Dossier, keys["draft"]),
        "entry_id": world.own["change"],
        "name": "advantages",
        "reason": "演示理由",
    },
    "inventory:dossier-cell": lambda world, keys: {
        "version": _version(Dossier, keys["draft"]),
        "field": "stars",
        "value": "1",
    },
    "inventory:dossier-edit": _sheet,
    "inventory:dossier-save": _sheet,
    "inventory:dossier-submit": _sheet,
    "inventory:dossier-copy-last": _dossier("draft"),
    "inventory:dossier-comment": lambda world, keys: {"field": "stars", "text": "演示意见"},
    "inventory:draft-new": lambda world, keys: {"field": "prospects"},
    "inventory:draft-take": lambda world, keys: {
        "text": "提高了导热效率。",
        "version": _version(Dossier, keys["draft"]),
    },
    "inventory:draft-discard": lambda world, keys: {},
    "inventory:dossier-similar-copy": lambda world, keys: {
        "source": keys["complete"],
        "fields_taken": ["advantages"],
        "version": _version(Dossier, keys["draft"]),
    },
    "inventory:phrase-new": lambda world, keys: {"field": "prospects", "text": "市场前景好"},
    "inventory:phrase-remove": lambda world, keys: {"version": _version(Phrase, keys["phrase"])},
    "inventory:comment-answer": lambda world, keys: {"answer": "已补充", "settle": "1"},
    "inventory:dossier-pdf": lambda world, keys: {},
    "inventory:confirmation-new": lambda world, keys: {
        "campaign": world.cast.campaign.pk,
        "unit": keys["unit"],
    },
    "inventory:confirmation-scan": lambda world, keys: {
        "scan": SimpleUploadedFile("scan.pdf", b"%PDF-1.4 stamped"),
        "version": _version(UnitConfirmation, keys["confirmation"]),
    },
    "inventory:campaign-new": _campaign,
    "inventory:campaign-edit": _campaign,
    "inventory:campaign-open": lambda world, keys: {
        "version": _version(Campaign, keys["closed_campaign"])
    },
    "inventory:campaign-close": lambda world, keys: {
        "version": _version(Campaign, keys["campaign"])
    },
    "inventory:participation-edit": lambda world, keys: {
        "review_steps": "2",
        "filing_mode": "central",
        "contact_name": "演示联系人",
        "contact_phone": "13800000001",
        "responsible_name": "演示科技处",
        "first_contact_name": "演示联系人甲",
        "first_contact_phone": "13800000002",
        "version": _version(CampaignInstitution, keys["participation"]),
    },
    "inventory:milestone-new": _milestone("milestone"),
    "inventory:milestone-own": _milestone("milestone"),
    "inventory:milestone-edit": _milestone("milestone"),
    "inventory:milestone-remove": _milestone("own_milestone"),
    "inventory:milestone-earlier": lambda world, keys: {"due_on": "2024-03-15"},
    "inventory:plan-add": lambda world, keys: {
        "file": SimpleUploadedFile("plan.pdf", b"%PDF-1.4 plan"),
        "note": "",
    },
    "inventory:exclusion-new": lambda world, keys: {
        "reason": "other",
        "effective_on": "2024-04-01",
        "explanation": "演示说明",
    },
    "inventory:exclusion-decide": lambda world, keys: {
        "decision": "approve",
        "note": "",
        "version": _version(Exclusion, keys["exclusion"]),
    },
    **holder_payloads.POSTED,
    "inventory:pool-preview": lambda world, keys: {"pick": [keys["declined"]], "note": "已改进"},
    "inventory:pool-nominate": lambda world, keys: {"pick": _picks(keys, "complete")},
    "inventory:key-industry-new": lambda world, keys: {
        "name": "演示新产业",
        "patterns": "G06N; H01L21/02",
        "strategic_codes": ["1.5"],
    },
    "inventory:key-industry-edit": lambda world, keys: {
        "name": "演示改名产业",
        "patterns": "G06N",
        "is_active": "on",
        "version": _version(KeyIndustry, keys["key_industry"]),
    },
    "inventory:classification-force": lambda world, keys: {
        "version": _version(ClassificationTable, keys["classification"]),
    },
    "inventory:industry-confirm": _industry,
    "inventory:industry-reject": _industry,
    "inventory:pool-rule": lambda world, keys: {
        "min_stars": "4",
        "kinds": ["invention", "utility"],
        "min_months_left": "12",
    },
    "inventory:pool-admit": _nomination,
    "inventory:pool-decline": _nomination,
    "inventory:pool-take-out": _nomination,
    "inventory:upload-new": lambda world, keys: {
        "campaign": world.cast.campaign.pk,
        "kind": "changed",
    },
    "inventory:upload-words": lambda world, keys: {"words": "甲工程", "version": 1},
    "inventory:upload-prepare": _upload_batch("upload_ready"),
    "inventory:upload-leave-out": _left_out,
    "inventory:upload-request": _upload_batch("upload_ready"),
    "inventory:upload-sign-off": _upload_batch(
        "upload_asked", decision="sign", checks=SignOffCheck.values, statement="演示意见"
    ),
    "inventory:upload-hand-out": _upload_batch("upload_signed"),
    "inventory:upload-uploaded": _upload_batch("upload_out", on=lambda: clock.today().isoformat()),
    "inventory:upload-withdraw": _upload_batch("upload_ready", reason="演示理由"),
    "evaluation:profile": lambda world, keys: {"sections": ["C"], "version": 0},
    "reporting:coverage-refresh": lambda world, keys: {"campaign": world.cast.campaign.pk},
}

# PATCH of the API: body and headers
PATCHED: dict[str, Callable[[World, Keys], tuple[dict[str, Any], tuple[tuple[str, str], ...]]]] = {
    "api:dossier-detail": lambda world, keys: (
        {"advantages": "结构更简单"},
        (("If-Match", f'"{_version(Dossier, keys["draft"])}"'),),
    ),
}
