"""Odd and hostile files through the upload page: no crash, nothing half written, a reason with place and remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from evaluation.models import EnterpriseProfile, Expert
from inventory.models import BaseListEntry, Dossier, IntentMark, Patent, StatusMark
from inventory.numbers import display
from portal.choices import ImportState, IssueLevel, JobState, RowOutcome
from portal.intake import recognition
from portal.intake.wording import words_of
from portal.jobs import runner
from portal.models import (
    ImportBatch,
    Job,
    Membership,
    Organisation,
    OrganisationName,
    StaffMember,
)
from portal.services import imports
from tests import factories
from tests.conftest import Cast, PageClient
from tests.evaluation.importing import ENTERPRISE_HEAD, EXPERT_HEAD, expert, firm
from tests.inventory.importing.conftest import HEAD
from tests.inventory.importing.national import RIGHT, template
from tests.inventory.importing.test_base_import import row
from tests.inventory.importing.test_organisation_import import HEAD as ORGANISATION_HEAD
from tests.inventory.importing.test_organisation_import import line
from tests.inventory.importing.test_personnel_import import HEAD as STAFF_HEAD
from tests.inventory.importing.test_personnel_import import person
from tests.reliability.odd_files import Odd, Rows, odd_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ClientOf = Callable[[Membership], PageClient]
FIRST_SEED = 20240911
SHARES = 6
#: what no import may leave half done
COUNTED = (
    *(Patent, BaseListEntry, Dossier, StatusMark, IntentMark, StaffMember),
    *(Organisation, OrganisationName, EnterpriseProfile, Expert),
)
SETTLED = {ImportState.PREVIEW, ImportState.MAPPING, ImportState.UNREADABLE}


def kinds(cast: Cast) -> dict[str, Rows]:
    """Right tables of each kind."""
    unit = factories.unit(cast.university)
    entries = [factories.entry(cast.participation, unit=unit) for _n in range(4)]
    filled = [
        {
            **RIGHT,
            "application_number": display(entry.patent.application_number),
            "org_unit": unit.name,
        }
        for entry in entries
    ]
    vendor = [
        "公开(公告)号",
        "标题",
        "申请号",
        "申请日",
        "授权日",
        "简单法律状态",
        "当前申请(专利权)人",
        "IPC分类号",
    ]
    return {
        "national": template(*filled),
        "base": [list(HEAD), *(row(n) for n in range(1, 6))],
        "vendor": [
            vendor,
            *(
                [
                    f"CN19900000{n}B",
                    f"一种装置{n}",
                    row(20 + n)[0],
                    "2017-03-28",
                    "2019-06-04",
                    "有效",
                    "演示第一大学",
                    "H01L21/02",
                ]
                for n in range(4)
            ),
        ],
        "personnel": [list(STAFF_HEAD), *(person(f"演示人{n}", str(1000 + n)) for n in range(4))],
        **of_the_city(),
    }


def of_the_city() -> dict[str, Rows]:
    """The lists that the lead bureau loads."""
    return {
        "organisations": [list(ORGANISATION_HEAD), *(line(f"演示大学{n}", n) for n in range(4))],
        "enterprises": [list(ENTERPRISE_HEAD), *(firm(f"演示{n}有限公司", n) for n in range(4))],
        "experts": [list(EXPERT_HEAD), *(expert(f"演示专{n}", f"1380000000{n}") for n in range(4))],
    }


def actor_of(cast: Cast, odd: Odd) -> Membership:
    """Who may load this kind."""
    return cast.city if odd.made_of in of_the_city() else cast.manager


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in COUNTED}


def work() -> None:
    runner.run_due("odd-files")
    assert not Job.objects.filter(
        state=JobState.FAILED, error__contains="number for support"
    ).exists()


def try_file(cast: Cast, client: PageClient, odd: Odd) -> str:
    """Upload through the page, look at everything, apply what is good; the state it ended in."""
    before = counts()
    content = SimpleUploadedFile(odd.path.name, odd.path.read_bytes())
    known = set(ImportBatch.objects.values_list("pk", flat=True))
    answer = client.post(
        reverse("portal:import-new"),
        {"file": content, "kind": "", "campaign": str(cast.campaign.pk)},
    )
    assert answer.status_code in (200, 302, 422), odd
    batch = ImportBatch.objects.exclude(pk__in=known).first()
    if batch is None:
        assert answer.context["form"].errors, odd
        assert counts() == before, odd
        return "refused at the door"
    work()
    batch.refresh_from_db()
    if batch.state == ImportState.MAPPING:
        batch = placed(batch)
    assert batch.state in SETTLED, odd
    page = client.get(reverse("portal:import-detail", args=[batch.pk]), follow=True)
    assert page.status_code == 200, odd
    assert counts() == before, odd
    if batch.state == ImportState.UNREADABLE:
        assert len(batch.problem) > 10, odd
        return "unreadable"
    if batch.state == ImportState.MAPPING:
        return "columns to confirm"
    every_refusal_says_why(batch, odd)
    return applied(batch, odd)


def placed(batch: ImportBatch) -> ImportBatch:
    """Columns nobody knows are left out; those that lack stay lacking."""
    fields = {str(column.index): column.field for column in recognition.columns_of(batch)}
    with suppress(ValidationError):
        imports.map_columns(
            actor=batch.membership,
            batch=batch,
            seen_version=batch.version,
            fields=fields,
            is_remembered=False,
        )
    work()
    batch.refresh_from_db()
    return batch


def every_refusal_says_why(batch: ImportBatch, odd: Odd) -> None:
    importer = recognition.importer_of(batch)
    errors = list(batch.issues.filter(level=IssueLevel.ERROR))
    told = {issue.line for issue in errors}
    refused = batch.rows.filter(outcome=RowOutcome.REFUSED)
    assert all(set(one.raw) & told for one in refused), odd
    for issue in errors:
        words = words_of(importer, issue.rule, issue.params)
        assert all((issue.line, words.title, words.text)), (odd, issue.rule)


def applied(batch: ImportBatch, odd: Odd) -> str:
    good = batch.rows.filter(outcome__in=(RowOutcome.ADDED, RowOutcome.CHANGED)).count()
    if not good:
        return "nothing to write"
    imports.confirm(
        actor=batch.membership,
        batch=batch,
        seen_version=batch.version,
        digest=batch.preview_digest,
    )
    work()
    batch.refresh_from_db()
    assert batch.state == ImportState.APPLIED, (odd, batch.problem)
    written = batch.rows.filter(is_applied=True).count()
    assert written + batch.counts["refused"] + batch.counts["unchanged"] == batch.counts["rows"], (
        odd
    )
    return "written"


def try_share(cast: Cast, client_of: ClientOf, folder: Path, seeds: range) -> Counter[str]:
    made = kinds(cast)
    found: Counter[str] = Counter()
    for seed in seeds:
        odd = odd_file(seed, folder, made)
        found[try_file(cast, client_of(actor_of(cast, odd)), odd)] += 1
    return found


@pytest.mark.parametrize("share", range(SHARES))
def test_a_hundred_and_fifty_odd_files(
    cast: Cast, client_of: ClientOf, tmp_path: Path, share: int
) -> None:
    first = FIRST_SEED + share * 25
    found = try_share(cast, client_of, tmp_path, range(first, first + 25))

    assert found.total() == 25
    assert len(found) >= 2, found


@pytest.mark.soak
@pytest.mark.parametrize("share", range(20))
def test_two_thousand_odd_files(
    cast: Cast, client_of: ClientOf, tmp_path: Path, share: int, capsys: Any
) -> None:
    first = FIRST_SEED + 1_000 + share * 100
    found = try_share(cast, client_of, tmp_path, range(first, first + 100))

    with capsys.disabled():
        print(f"\nseeds from {first}: {dict(found)}")  # noqa: T201
    assert found.total() == 100
