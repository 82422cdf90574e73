"""A patent held together: who does not file it reads the dossier, but no secrets and no review talk."""

from __future__ import annotations

import pytest
from django.urls import reverse

from inventory.choices import PriceBand
from inventory.dossier_fields import CONFIDENTIAL
from inventory.models import BaseListEntry, DossierStep, FieldComment, PoolRule
from inventory.services import handovers, objections, pool
from portal import audit, clock
from portal.choices import AuditAction
from portal.lists.registry import list_named
from tests import factories
from tests.conftest import Cast, signed_in
from tests.security import crawling
from tests.security.marks import MARK

pytestmark = pytest.mark.django_db
MOST = 60
SEEDS = ("inventory:entry-list", "api:patent-list", "api:dossier-list", "portal:home")

# what a co-holder may not know of a dossier that another institution files (permissions.can_read_confidential)
BETWEEN_HOLDERS = {"contact_name": f"{MARK}contact", "contact_phone": f"{MARK}phone"}


@pytest.mark.parametrize("role", ["manager", "auditor", "department"])
def test_co_holders_know_no_contact_and_no_remarks(cast: Cast, role: str) -> None:
    """A patent held together and filed by the other: the dossier is shown without secrets and review talk."""
    shared = factories.patent(cast.university, cast.other)
    dossier = factories.entry(
        cast.other_participation, shared, state="draft", is_filled=True, **BETWEEN_HOLDERS
    ).dossier
    factories.entry(cast.participation, shared)
    FieldComment.objects.create(
        dossier=dossier, field="stars", text=f"{MARK}remark", author=cast.outsider
    )
    DossierStep.objects.create(
        dossier=dossier,
        act="return",
        from_state="unit_review",
        to_state="draft",
        actor=cast.outsider,
        at=dossier.updated_at,
        reason=f"{MARK}reason",
        version=1,
    )
    changes = {"contact_name": ["", f"{MARK}contact"], "price_band": ["", f"{MARK}price"]}
    audit.record(
        actor=cast.outsider,
        action=AuditAction.CHANGE,
        target=dossier,
        owner=cast.other,
        changes=changes,
        reason=f"{MARK}why",
    )

    client = signed_in(getattr(cast, role))
    pages = crawling.crawl(client, [dossier.get_absolute_url(), *map(reverse, SEEDS)], MOST)
    api = reverse("api:dossier-detail", args=[dossier.pk])
    pages[api] = crawling.ask(client, api)

    assert pages[dossier.get_absolute_url()][0] == pages[api][0] == 200
    leaked = {address: mark for address, page in pages.items() if (mark := leak_of(role, page[2]))}
    assert leaked == {}


def leak_of(role: str, text: bytes) -> list[str]:
    """Secrets between holders; a bureau reads the talk of a review, but no contact and no price."""
    secret = ("contact", "phone", "price") if role == "department" else ("",)
    return [word for word in secret if f"{MARK}{word}".encode() in text]


@pytest.mark.parametrize("role", ["manager", "auditor"])
def test_the_pages_of_co_owned_patents_keep_price_and_contact(cast: Cast, role: str) -> None:
    """Offer, objection, upload, pool and exclusion are shown to the other holder without the filing one's secrets."""
    shared = factories.patent(cast.university, cast.other)
    price = PriceBand.UP_TO_70
    filed = factories.entry(
        cast.other_participation,
        shared,
        state="completed",
        is_filled=True,
        stars=5,
        price_band=price,
        **BETWEEN_HOLDERS,
    )
    own = factories.entry(cast.participation, shared)
    today = clock.today()
    BaseListEntry.objects.filter(pk__in=[own.pk, filed.pk]).update(
        confirmed_on=today, confirmed_version=filed.dossier.version
    )
    handovers.offer_handovers(
        versions={filed.dossier_id: filed.dossier.version},
        to=cast.university,
        reason="演示移交理由",
        actor=cast.outsider,
    )
    own.refresh_from_db()
    objections.raise_objection(entry=own, text="演示异议", fields=["stars"], actor=cast.manager)
    rule = PoolRule.objects.create(number=1, min_stars=3, kinds=["invention"])
    pool.nominate(rule=rule, ids=[filed.dossier_id], actor=cast.outsider)

    client = signed_in(getattr(cast, role))
    names = (
        "inventory:co-owned-list",
        "inventory:handover-list",
        "inventory:exclusion-list",
        "inventory:pool-list",
        "inventory:upload-list",
        "inventory:upload-items",
        "inventory:urge-list",
    )
    pages = crawling.crawl(client, [filed.dossier.get_absolute_url(), *map(reverse, names)], MOST)

    assert pages[reverse("inventory:co-owned-list")][0] == 200
    assert shared.title.encode() in pages[reverse("inventory:pool-list")][2]
    secret = [f"{MARK}contact", f"{MARK}phone"]
    leaked = {
        address: word
        for address, page in pages.items()
        for word in secret
        if word.encode() in page[2]
    }
    assert leaked == {}
    dossier = pages[filed.dossier.get_absolute_url()][2].decode()
    assert str(price.label) not in dossier
    for name in ("inventory.co_owned", "inventory.handovers", "inventory.pool"):
        spec = list_named(name)
        assert spec is not None
        assert not {column.key for column in spec.columns} & CONFIDENTIAL
