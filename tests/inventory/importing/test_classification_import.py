"""Classification tables and concordances: real shapes in, editions and patents' industries out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from inventory.choices import ClassState
from inventory.models import (
    ClassificationCode,
    ClassificationTable,
    ConcordanceRule,
    Dossier,
    KeyIndustry,
    PatentIndustry,
)
from inventory.services import classification
from inventory.tasks.classification import classify_changes
from portal.choices import AuditAction, ImportState
from portal.errors import InvalidTransition
from portal.models import AuditEntry, ImportBatch
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import confirm, issues, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
HEAD = ["战略性新兴产业分类代码", "战略性新兴产业分类名称", "国际专利分类", "关键词"]
TABLE = [
    ["战略性新兴产业分类与国际专利分类参照关系表（演示）", None, None, None],
    HEAD,
    ["1.2", "电子核心产业", "H01L*；H01L21/02*（不含H01L21/027）", None],
    [None, None, "H10D", None],
    ["1.5.1", "人工智能软件", "G06N", None],
    ["1.5", "人工智能", "G06F", "神经网络；深度学习"],
]


def load(cast: Cast, upload: Upload, rows: list[list[str | None]] = TABLE) -> ClassificationTable:
    batch = confirm(cast.city, upload(cast.city, rows, options={"scheme": "strategic"}))
    assert batch.state == ImportState.APPLIED, batch.problem
    return ClassificationTable.objects.get(batch=batch)


def industries(patent: int) -> list[tuple[str, str]]:
    rows = PatentIndustry.objects.filter(patent=patent).order_by("code")
    return list(rows.values_list("code", "state"))


def test_a_concordance_with_title_row_continuations_and_exclusions(
    cast: Cast, upload: Upload
) -> None:
    table = load(cast, upload)

    rules = ConcordanceRule.objects.filter(table=table).order_by("pk")
    assert list(rules.values_list("code", "pattern", "is_exclusion", "keyword")) == [
        ("1.2", "H01L*", False, ""),
        ("1.2", "H01L21/02*", False, ""),
        ("1.2", "H01L21/027", True, ""),
        ("1.2", "H10D", False, ""),
        ("1.5.1", "G06N", False, ""),
        ("1.5", "G06F", False, "深度学习"),
        ("1.5", "G06F", False, "神经网络"),
    ]
    assert not table.is_current
    entry = AuditEntry.objects.about(table).get(action=AuditAction.CREATE)
    assert entry.changes["rows"] == [None, 3]


def test_bad_rows_say_where_and_good_ones_go_in(cast: Cast, upload: Upload) -> None:
    rows = [
        HEAD,
        ["1.2", "电子核心产业", "H01L；半导体", None],
        ["1.9", "没有的产业", "H01L", None],
        ["2.2", "航空装备产业", "B64C", None],
    ]
    batch = upload(cast.city, rows, options={"scheme": "strategic"})

    assert issues(batch) == [(2, "class_pattern"), (3, "class_code")]
    issue = batch.issues.get(rule="class_pattern")
    assert (issue.column, issue.value) == ("C", "半导体")
    assert (batch.counts["added"], batch.counts["refused"]) == (1, 2)


def test_the_same_file_again_changes_nothing(cast: Cast, upload: Upload) -> None:
    table = load(cast, upload)
    classification.put_in_force(table=table, seen_version=1, actor=cast.city)

    again = upload(cast.city, TABLE, options={"scheme": "strategic"})

    assert (again.counts["added"], again.counts["changed"], again.counts["unchanged"]) == (0, 0, 3)


def test_codes_of_industries_in_gb18030(cast: Cast, upload: Upload, tmp_path: Path) -> None:
    path = tmp_path / "国民经济行业分类.csv"
    text = "行业代码,行业名称\n3599,其他专用设备制造\nC3511,矿山机械制造\n9999,没有的\n"
    path.write_bytes(text.encode("gb18030"))
    batch = confirm(cast.city, upload(cast.city, path, options={"scheme": "industry"}))

    codes = ClassificationCode.objects.filter(table__batch=batch).order_by("code")
    assert list(codes.values_list("code", "name")) == [
        ("C3511", "矿山机械制造"),
        ("C3599", "其他专用设备制造"),
    ]
    assert issues(batch, level="error") == [(4, "class_code")]
    assert ClassificationTable.objects.get(batch=batch).edition == "国民经济行业分类"


def test_in_force_it_classifies_and_ranks(cast: Cast, upload: Upload) -> None:
    chip = factories.patent(cast.university, classes=["H01L29/10", "G06N3/04"])
    barred = factories.patent(cast.university, classes=["H01L21/027"])
    network = factories.patent(cast.university, classes=["G06F17/00"], title="一种神经网络装置")
    for patent in (chip, barred, network):
        factories.entry(cast.participation, patent)
    KeyIndustry.objects.create(name="集成电路", strategic_codes=["1.2"])
    table = load(cast, upload)

    classification.put_in_force(table=table, seen_version=1, actor=cast.city)
    run_jobs()

    assert industries(chip.pk) == [("1.2", ClassState.CERTAIN), ("1.5.1", ClassState.CERTAIN)]
    assert industries(barred.pk) == []
    assert industries(network.pk) == [("1.5", ClassState.CANDIDATE)]
    ranks = Dossier.objects.filter(patent__in=[chip, barred, network]).order_by("patent_id")
    assert list(ranks.values_list("in_key_industry", "priority")) == [
        (True, 2),
        (False, 3),
        (False, 3),
    ]
    table.refresh_from_db()
    assert table.applied_at is not None
    trail = AuditEntry.objects.about(table).filter(action=AuditAction.STATE)
    assert [entry.changes for entry in trail] == [{"is_current": [False, True]}]
    with pytest.raises(InvalidTransition):
        classification.put_in_force(table=table, seen_version=2, actor=cast.city)


def test_the_next_edition_replaces_what_nobody_decided(cast: Cast, upload: Upload) -> None:
    patent = factories.patent(cast.university, classes=["H01L29/10", "G06N3/04"])
    first = load(cast, upload)
    classification.put_in_force(table=first, seen_version=1, actor=cast.city)
    run_jobs()
    kept = PatentIndustry.objects.get(patent=patent, code="1.5.1")
    classification.decide_industry(
        industry=kept, is_confirmed=True, seen_version=1, actor=cast.manager
    )

    second = load(cast, upload, [HEAD, ["3.6", "前沿新材料", "H01L", None]])
    classification.put_in_force(table=second, seen_version=1, actor=cast.city)
    run_jobs()

    assert industries(patent.pk) == [
        ("1.5.1", ClassState.CONFIRMED),
        ("3.6", ClassState.CERTAIN),
    ]
    first.refresh_from_db()
    assert not first.is_current


def test_a_decision_counts_for_the_rank_and_is_in_the_trail(cast: Cast, upload: Upload) -> None:
    patent = factories.patent(cast.university, classes=["G06F17/00"], title="一种神经网络装置")
    factories.entry(cast.participation, patent)
    KeyIndustry.objects.create(name="人工智能", strategic_codes=["1.5"])
    classification.put_in_force(table=load(cast, upload), seen_version=1, actor=cast.city)
    run_jobs()
    found = PatentIndustry.objects.get(patent=patent)
    assert Dossier.objects.get(patent=patent).priority == 3

    for _twice in range(2):
        classification.decide_industry(
            industry=found, is_confirmed=True, seen_version=1, actor=cast.manager
        )

    assert Dossier.objects.get(patent=patent).priority == 2
    trail = AuditEntry.objects.about(found)
    assert [entry.changes["state"] for entry in trail] == [["candidate", "confirmed"]]


def test_changed_patents_are_classified_again(cast: Cast, upload: Upload) -> None:
    table = load(cast, upload)
    classification.put_in_force(table=table, seen_version=1, actor=cast.city)
    run_jobs()
    later = factories.patent(cast.university, classes=["G06N3/04"])
    assert industries(later.pk) == []

    classify_changes()
    run_jobs()

    assert industries(later.pk) == [("1.5.1", ClassState.CERTAIN)]


def test_institutions_load_no_tables(cast: Cast, upload: Upload) -> None:
    batch = upload(cast.manager, TABLE)

    assert batch.state == ImportState.UNREADABLE
