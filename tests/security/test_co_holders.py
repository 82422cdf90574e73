"""A patent held together: who does not file it reads the dossier, but no secrets and no review talk."""

from __future__ import annotations

import pytest
from django.urls import reverse

from inventory.models import DossierStep, FieldComment
from portal import audit
from portal.choices import AuditAction
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
