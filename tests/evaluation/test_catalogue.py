"""The catalogue shows the pool to enterprises: their industries first, and nothing confidential."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from evaluation.models import CatalogueEntry, EnterpriseProfile
from evaluation.services.enterprises import save_profile
from inventory.choices import DossierState
from inventory.models import Dossier, IntentMark, PoolEntry
from portal.errors import StaleVersion
from portal.models import AuditEntry, Membership
from tests.conftest import Cast
from tests.pools import pooled

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], Client]
PAGE = "/evaluation/catalogue/"
SECRETS = {
    "contact_name": "秘密联系人",
    "contact_phone": "13911112222",
    "funding_name": "秘密项目",
    "partner_firms": ["秘密伙伴公司"],
    "price_band": "over_100",
}


def test_enterprise_sees_pool_patents_without_secrets(cast: Cast, client_of: ClientOf) -> None:
    entry = pooled(cast, **SECRETS)
    IntentMark.objects.filter(dossier=entry.dossier).update(fee=Decimal("77.77"))
    client = client_of(cast.enterprise)
    listed = client.get(PAGE)
    detail = client.get(f"{PAGE}{entry.pk}/")

    assert [row.pk for row in listed.context["page"].items] == [entry.pk]
    for text in (listed.content.decode(), detail.content.decode()):
        assert entry.patent.title in text
        for secret in ("秘密", "13911112222", "77.77", "100 万", "1,000,000"):
            assert secret not in text


def test_own_industries_come_first_and_the_reason_is_said(cast: Cast, client_of: ClientOf) -> None:
    machines = pooled(cast, industry="C")
    farming = pooled(cast, industry="A")
    save_profile(categories=[], sections=["A"], seen_version=0, actor=cast.enterprise)
    client = client_of(cast.enterprise)
    own, every = client.get(PAGE), client.get(PAGE, {"all": "1"})

    assert [row.pk for row in own.context["page"].items] == [farming.pk]
    assert "农、林、牧、渔业" in own.content.decode()
    assert {row.pk for row in every.context["page"].items} == {machines.pk, farming.pk}
    chosen = client.get(PAGE, {"section": "C"})
    assert [row.pk for row in chosen.context["page"].items] == [machines.pk]


def test_the_start_page_leads_to_what_is_new_in_ones_industries(
    cast: Cast, client_of: ClientOf
) -> None:
    entries = [pooled(cast, industry="A") for _number in range(7)]
    other = pooled(cast, industry="C")
    save_profile(categories=[], sections=["A"], seen_version=0, actor=cast.enterprise)
    page = client_of(cast.enterprise).get("/").content.decode()

    shown = [entry.pk for entry in (*entries, other) if f'href="{PAGE}{entry.pk}/"' in page]
    assert shown == [entry.pk for entry in entries[-5:]]
    assert f'href="{PAGE}"' in page
    assert "打开专利目录" in page


def test_a_revision_in_the_making_is_not_shown(cast: Cast, client_of: ClientOf) -> None:
    entry = pooled(cast)
    Dossier.objects.filter(pk=entry.dossier_id).update(state=DossierState.DRAFT)

    assert client_of(cast.enterprise).get(f"{PAGE}{entry.pk}/").status_code == 404


def test_removed_patents_leave_the_catalogue(cast: Cast) -> None:
    entry = pooled(cast)
    PoolEntry.objects.filter(pk=entry.pk).update(state="removed")

    assert not CatalogueEntry.objects.visible_to(cast.enterprise).exists()


@pytest.mark.parametrize("reader", ["city", "manager", "inventor", "auditor", "system_admin"])
def test_others_are_refused(cast: Cast, client_of: ClientOf, reader: str) -> None:
    client = client_of(getattr(cast, reader))

    assert client.get(PAGE).status_code == 403
    assert client.get("/evaluation/profile/").status_code == 403
    assert not CatalogueEntry.objects.visible_to(getattr(cast, reader)).exists()


def test_profile_is_saved_once_per_version_and_audited(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.enterprise)
    words = {"categories": ["high_tech"], "sections": ["C", "I"], "version": "0"}
    saved = client.post("/evaluation/profile/", words)
    profile = EnterpriseProfile.objects.get()

    assert saved.status_code == 302
    assert (profile.categories, profile.sections, profile.version) == (["high_tech"], ["C", "I"], 1)
    assert AuditEntry.objects.filter(object_type="evaluation.enterpriseprofile").count() == 1
    with pytest.raises(StaleVersion):
        save_profile(categories=[], sections=["A"], seen_version=0, actor=cast.enterprise)


def test_number_of_queries_is_constant(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.enterprise)
    counts = []
    for _ in range(2):
        for _ in range(4):
            pooled(cast)
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counts.append(len(queries))

    assert counts == [12, 12]
