"""The personnel list as a workbook: the blank template, and the list as it can be uploaded again."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.choices import StaffCategory
from portal.errors import DomainError
from portal.jobs import queue
from portal.jobs.registry import Chunk, JobKind, register
from portal.models import Job, Membership, StaffMember, StoredFile, Unit
from portal.permissions import can_keep_staff
from portal.services.files import keep_file
from portal.spreadsheets.writing import write_table

KIND: Final = "portal.staff-export"
HEADS: Final = ("姓名", "工号", "学院/部门", "职称", "人员类别", "手机号", "邮箱")
#: the words of the template, which an upload understands
CATEGORY_WORDS: Final = {
    StaffCategory.TEACHER: "教师",
    StaffCategory.STUDENT: "学生",
    StaffCategory.RETIRED: "退休",
    StaffCategory.LEFT: "离职",
    StaffCategory.OTHER: "其他",
}
SHEET: Final = "人员名册"


def unit_labels(units: Iterable[Unit]) -> dict[int, str]:
    """{key: name}; where several units of an organisation share a name, 上级单位/下级单位."""
    listed = list(units)
    names = {unit.pk: unit.name for unit in listed}
    count = Counter(names.values())
    return {
        unit.pk: unit.name if count[unit.name] == 1 else path_name(unit, names) for unit in listed
    }


def path_name(unit: Unit, names: dict[int, str]) -> str:
    """The names from the top down with slashes; units above that are not among the names are left out."""
    keys = [int(key) for key in unit.path.strip("/").split("/")]
    return "/".join(names[key] for key in keys if key in names)


def write_template(path: Path) -> None:
    """The blank workbook with its heads."""
    write_table(path, HEADS, [], SHEET)


def write_staff(path: Path, membership: Membership) -> int:
    """The list this person keeps, row by row; returns how many."""
    labels = unit_labels(Unit.objects.filter(organisation=membership.organisation_id))
    members = StaffMember.objects.visible_to(membership).order_by("name_key", "pk")
    return write_table(path, HEADS, _rows(members.iterator(chunk_size=2000), labels), SHEET)


def _rows(members: Iterable[StaffMember], labels: dict[int, str]) -> Iterator[tuple[Any, ...]]:
    for one in members:
        yield (
            one.name,
            one.staff_number,
            labels.get(one.unit_id or 0, ""),
            one.title,
            CATEGORY_WORDS[StaffCategory(one.category)],
            one.phone,
            one.email,
        )


@transaction.atomic
def ask_for_export(*, actor: Membership) -> Job:
    """Have the list written in the background; taking the file is in the trail."""
    return queue.ask(KIND, actor=actor)


def chunk(job: Job) -> Chunk:
    """Write the whole list: tens of thousands of short rows."""
    actor = job.membership
    if actor is None or not (actor.is_active and actor.user.is_active and can_keep_staff(actor)):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "staff.xlsx")
        count = write_staff(path, actor)
        with path.open("rb") as content:
            kept = keep_file(
                content=File(content),
                name=_("Personnel list of %(name)s.xlsx") % {"name": actor.organisation.name},
                purpose=StoredFile.Purpose.EXPORT,
                actor=actor,
            )
    log = (_("%(count)s persons written.") % {"count": count},)
    return Chunk(
        count, total=count, is_done=True, stage=_("File ready"), result={"file": kept.pk}, log=log
    )


def register_export() -> None:
    """Called once by PortalConfig.ready."""
    register(JobKind(name=KIND, label=gettext_lazy("Personnel list as a workbook"), chunk=chunk))
