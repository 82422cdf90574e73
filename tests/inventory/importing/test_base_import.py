"""A base list from upload to register: preview, confirmation, list, and the same file again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from inventory import numbers
from inventory.models import BaseListEntry, Dossier, EntryFact, Patent
from portal.choices import AuditAction, ImportState
from portal.models import AuditEntry, ImportBatch
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD, confirm, issues

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]


def number(serial: int, *, kind: int = 1, year: int = 2017) -> str:
    return numbers.display(numbers.make_number(year, kind, 9_000_000 + serial))


def row(serial: int, **fields: str) -> list[str]:
    values = {
        "申请号": number(serial),
        "专利名称": f"一种演示装置{serial}",
        "专利类型": "授权发明",
        "申请日": "2017.03.28",
        "授权公告日": "2019-06-04",
        "公开（公告）号": f"CN{109_000_000 + serial}B",
        "专利权人": "演示第一大学",
        "发明人": "演示甲;演示乙",
    } | fields
    return [values[name] for name in HEAD]


def test_a_list_is_previewed_confirmed_and_listed(cast: Cast, upload: Upload) -> None:
    options = {"campaign": str(cast.campaign.pk)}
    batch = upload(cast.manager, [HEAD, row(1), row(2)], options=options)
    assert batch.state == ImportState.PREVIEW, batch.problem
    assert (batch.kind, batch.counts["added"], batch.counts["refused"]) == ("base", 2, 0)
    assert Patent.objects.count() == 0

    batch = confirm(cast.manager, batch)
    assert batch.state == ImportState.APPLIED
    patent = Patent.objects.get(application_number=numbers.make_number(2017, 1, 9_000_001))
    assert patent.title == "一种演示装置1"
    assert (patent.filed_on, patent.granted_on) == (date(2017, 3, 28), date(2019, 6, 4))
    assert patent.expires_on == date(2037, 3, 28)
    assert patent.next_fee_on is not None
    assert [(h.name, h.organisation_id) for h in patent.holders.all()] == [
        ("演示第一大学", cast.university.pk)
    ]
    assert [one.name for one in patent.inventors.all()] == ["演示甲", "演示乙"]
    entry = BaseListEntry.objects.get(patent=patent)
    assert (entry.institution, entry.campaign) == (cast.university, cast.campaign)
    assert entry.dossier.participation == cast.participation
    assert EntryFact.objects.filter(entry=entry, is_included=True).count() == 1
    trail = AuditEntry.objects.filter(
        object_type="inventory.patent", object_id=patent.pk, action=AuditAction.CREATE
    )
    assert trail.get().job_id == batch.job_id


def test_the_same_file_again_changes_nothing(cast: Cast, upload: Upload) -> None:
    options = {"campaign": str(cast.campaign.pk)}
    confirm(cast.manager, upload(cast.manager, [HEAD, row(1), row(2)], options=options))
    again = upload(cast.manager, [HEAD, row(1), row(2)], options=options)
    assert (again.counts["unchanged"], again.counts["rows"]) == (2, 2)
    assert issues(again) == []


def test_changed_cells_are_shown_and_blank_ones_never_erase(cast: Cast, upload: Upload) -> None:
    confirm(cast.manager, upload(cast.manager, [HEAD, row(1)]))
    changed = row(1, 专利名称="一种改名的演示装置", 发明人="")
    batch = upload(cast.manager, [HEAD, changed])
    assert batch.counts["changed"] == 1
    assert batch.rows.get().changes == {"title": ["一种演示装置1", "一种改名的演示装置"]}
    confirm(cast.manager, batch)
    patent = Patent.objects.get()
    assert (patent.title, patent.version) == ("一种改名的演示装置", 2)
    assert patent.inventors.count() == 2
    assert "改名" in patent.search_key


def test_the_unit_is_read_where_it_names_exactly_one(cast: Cast, upload: Upload) -> None:
    school, other = (factories.unit(cast.university) for _ in range(2))
    below, _twin = (factories.unit(cast.university, one, name="同名所") for one in (school, other))
    named = {
        1: school.name,
        2: f"演示第一大学 {school.name}",
        3: "同名所",
        4: f"{school.name}/同名所",
        5: "没有的学院",
        6: "演示第一大学",
        7: "",
    }
    rows = [[*row(serial), name] for serial, name in named.items()]
    options = {"campaign": str(cast.campaign.pk)}
    batch = upload(cast.manager, [[*HEAD, "所属学院"], *rows], options=options)
    assert issues(batch) == [(4, "unit_several"), (6, "unit_unknown")]
    assert batch.issues.get(rule="unit_unknown").value == "没有的学院"
    assert batch.counts["placed"] == 3
    assert batch.rows.get(line=2).changes["org_unit"] == [None, school.name]

    confirm(cast.manager, batch)
    found = dict(Dossier.objects.values_list("patent__title", "unit"))
    assert [found[f"一种演示装置{serial}"] for serial in named] == [
        *(school.pk, school.pk, None, below.pk),
        *(None, None, None),
    ]
    dossier = Dossier.objects.get(patent__title="一种演示装置1")
    assert AuditEntry.objects.about(dossier).get(action=AuditAction.CHANGE).changes == {
        "unit": [None, school.pk]
    }


def test_an_assigned_patent_stays_in_its_unit(cast: Cast, upload: Upload) -> None:
    school, other = (factories.unit(cast.university) for _ in range(2))
    options = {"campaign": str(cast.campaign.pk)}
    head = [*HEAD, "所属学院"]
    confirm(cast.manager, upload(cast.manager, [HEAD, row(1), row(2)], options=options))
    assert not Dossier.objects.filter(unit__isnull=False).exists()
    again = [head, [*row(1), school.name], [*row(2), ""]]
    batch = confirm(cast.manager, upload(cast.manager, again, options=options))
    assert (batch.counts["changed"], batch.counts["unchanged"]) == (1, 1)
    dossier = Dossier.objects.get(unit=school)
    assert dossier.patent.title == "一种演示装置1"

    other = upload(cast.manager, [head, [*row(1), other.name]], options=options)
    assert (other.counts["unchanged"], issues(other)) == (1, [(2, "unit_differs")])
    assert other.issues.get().params == {"unit": school.name}
