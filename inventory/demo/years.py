"""Campaigns of the demonstration city: last year's, the rolling one for later grants, and the next in preparation."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from xml.sax.saxutils import escape

from django.core.files.base import ContentFile

from inventory.choices import CampaignKind, CampaignScope, CampaignState, FilingMode, Goal
from inventory.demo import days
from inventory.demo.progress import OPENS, Plan, pace
from inventory.models import CampaignInstitution
from inventory.services import plans
from portal import crypto
from portal.demo.city import City, Institution
from portal.models import Membership

FIXED: Final = "2023年底前授权存量专利盘点"
ROLLING: Final = "2024年及以后新授权专利滚动盘点"
NEXT: Final = "2025年度存量专利盘点"
DAYS_TO_FILE: Final = 90
ROLLING_OPENS: Final = date(2024, 9, 11)
LAST_GRANT: Final = date(2027, 12, 31)
_MILESTONES: Final = (
    ("落实盘点负责人", date(2024, 4, 30), Goal.ASSIGNED, 100),
    ("完成填报八成", date(2024, 9, 30), Goal.FILED, 80),
    ("学院审核完成", date(2024, 11, 30), Goal.UNIT_REVIEWED, 100),
    ("全面完成盘点", days.DUE, Goal.COMPLETE, 100),
)
_OFFICES: Final = ("科学技术处", "技术转移中心", "科研管理部", "成果转化办公室")
_NAMES: Final = ("演示联系人甲", "演示联系人乙", "演示联系人丙", "演示联系人丁")


@dataclass(frozen=True, slots=True)
class Campaigns:
    """Keys of the campaigns, and each institution's part in the first two."""

    fixed: int
    rolling: int
    plans: dict[int, Plan]
    rolling_plans: dict[int, Plan]


def add_campaigns(city: City) -> Campaigns:
    """Three campaigns in which every institution takes part; the third waits to be opened with last year's list."""
    fixed = _campaign(city, FIXED)
    last_due = date.fromordinal(LAST_GRANT.toordinal() + DAYS_TO_FILE)
    rolling = _campaign(
        city,
        ROLLING,
        kind=CampaignKind.ROLLING,
        follows=fixed,
        granted_after=days.CUTOFF,
        days_to_file=DAYS_TO_FILE,
        cutoff_on=LAST_GRANT,
        opens_on=ROLLING_OPENS,
        due_on=last_due,
    )
    following = _campaign(
        city,
        NEXT,
        follows=fixed,
        cutoff_on=date(2024, 12, 31),
        base_day=date(2024, 12, 31),
        opens_on=date(2025, 3, 3),
        due_on=date(2025, 12, 31),
        state=CampaignState.DRAFT,
    )
    for name, day, goal, share in _MILESTONES:
        city.loader.add("inventory_milestone", name, day, goal, share, 1, fixed, None, None)
        moved = min(day.replace(year=day.year + 1), date(2025, 12, 31))
        city.loader.add("inventory_milestone", name, moved, goal, share, 1, following, None, None)
    found, found_rolling = _take_parts(city, fixed, rolling, following)
    return Campaigns(fixed, rolling, found, found_rolling)


def _take_parts(
    city: City, fixed: int, rolling: int, following: int
) -> tuple[dict[int, Plan], dict[int, Plan]]:
    """Each institution's part in the three; its pace in the first two."""
    phone = crypto.encrypt("010-55551234")
    found: dict[int, Plan] = {}
    found_rolling: dict[int, Plan] = {}
    for number, institution in enumerate(city.institutions):
        first, second = (
            _take_part(city, campaign, number, institution, phone) for campaign in (fixed, rolling)
        )
        _take_part(city, following, number, institution, phone)
        plan = _plan(city, number, institution, first)
        found[institution.id] = plan
        found_rolling[institution.id] = replace(
            plan, participation=second, listed=ROLLING_OPENS.toordinal()
        )
    return found, found_rolling


_USUAL: Final[dict[str, Any]] = {
    "kind": CampaignKind.FIXED,
    "follows": None,
    "granted_after": None,
    "days_to_file": None,
    "cutoff_on": days.CUTOFF,
    "scope": CampaignScope.ALL,
    "base_day": days.BASE_DAY,
    "opens_on": days.OPENS,
    "due_on": days.DUE,
    "state": CampaignState.OPEN,
    "version": 1,
}


def _campaign(city: City, name: str, **fields: Any) -> int:
    return city.loader.add("inventory_campaign", name, *{**_USUAL, **fields}.values())


def _is_central(number: int) -> bool:
    return number % 13 == 6


def _steps(number: int) -> int:
    return 1 if _is_central(number) or number % 7 == 5 else 2


def _take_part(city: City, campaign: int, number: int, institution: Institution, phone: str) -> int:
    """Most review in two steps, some in one, some file centrally; every ninth has named nobody yet."""
    has_named = number % 9 != 4
    return city.loader.add(
        "inventory_campaigninstitution",
        _steps(number),
        FilingMode.CENTRAL if _is_central(number) else FilingMode.ACCOUNTS,
        "技术转移办公室",
        phone,
        _OFFICES[number % len(_OFFICES)] if has_named else "",
        _NAMES[number % 4] if has_named else "",
        phone if has_named else "",
        _NAMES[(number + 1) % 4] if has_named else "",
        phone if has_named else "",
        1,
        campaign,
        institution.id,
    )


def _plan(city: City, number: int, institution: Institution, participation: int) -> Plan:
    done, late = pace(number)
    return Plan(
        institution=institution,
        participation=participation,
        review_steps=_steps(number),
        is_central=_is_central(number),
        listed=days.working(OPENS + int(city.random.random() * 20)),
        done=done,
        late=late,
        generosity=city.random.choice((0.6, 1.0, 1.0, 1.5, 2.2)),
    )


# --- work plans -------------------------------------------------------------------------------------


def add_plan_files(city: City) -> None:
    """A work plan of four in five institutions, some with a second version.

    Services number their rows by the sequences of the database: they run when the loader has set these.
    """
    taking_part = CampaignInstitution.objects.filter(campaign__name=FIXED).order_by("pk")
    managers = {each.id: each.manager for each in city.institutions}
    for number, participation in enumerate(taking_part.select_related("institution")):
        person = managers[participation.institution_id]
        if person is None or number % 5 == 3:
            continue
        actor = Membership.objects.get(pk=person.membership_id)
        for version in range(2 if number % 4 == 1 else 1):
            text = "\n".join(_lines(participation.institution.name, version))
            plans.add_plan(
                participation=participation,
                content=ContentFile(_word_file(text)),
                name="存量专利盘点工作方案.docx",
                note="调整分工和时间安排" if version else "",
                actor=actor,
            )


def _lines(name: str, version: int) -> Iterator[str]:
    yield f"{name}存量专利盘点工作方案" + ("（修订）" if version else "")
    yield "一、责任部门负责组织，各学院落实盘点负责人。"
    for title, day, _goal, share in _MILESTONES:
        yield f"{day.isoformat()}前{title}（{share}%）。"


_PARTS: Final = {
    "[Content_Types].xml": (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.document.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'officeDocument" Target="word/document.xml"/></Relationships>'
    ),
}


def _word_file(text: str) -> bytes:
    """The smallest document that word processors open, a paragraph a line."""
    paragraphs = "".join(
        f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in text.splitlines()
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><w:document '
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{paragraphs}</w:body></w:document>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {**_PARTS, "word/document.xml": body}.items():
            package.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()
