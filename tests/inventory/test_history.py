"""A patent's history in one line: everything in it, in words, with today's rights; one value brought back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory import history
from inventory.choices import DossierState, EventKind
from inventory.models import Dossier, LegalEvent
from inventory.services import comments, edits, reviews
from inventory.services import dossiers as services
from inventory.services.edits import Edit
from portal import audit
from portal.choices import AuditAction
from portal.errors import InvalidTransition, StaleVersion
from portal.history import time_line
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossier(cast: Cast) -> Dossier:
    entry = factories.entry(
        cast.participation, state=DossierState.DRAFT, is_filled=True, unit=cast.school
    )
    return entry.dossier


def saved(one: Dossier, actor: Any, **values: Any) -> AuditEntry:
    one.refresh_from_db()
    services.save_dossier(dossier_id=one.pk, seen_version=one.version, values=values, actor=actor)
    one.refresh_from_db()
    return AuditEntry.objects.about(one).get(version=one.version)


def page(one: Dossier) -> str:
    return reverse("inventory:dossier-history", args=[one.pk])


def test_everything_is_in_one_line(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    saved(dossier, cast.manager, stars=5, price_band="10_20")
    edits.edit_dossier(
        dossier_id=dossier.pk,
        seen_version=dossier.version,
        edit=Edit(assignment={"responsible": cast.inventor.user_id}),
        actor=cast.manager,
        reason="换人",
    )
    dossier.refresh_from_db()
    outcome = reviews.submit_dossiers(versions={dossier.pk: dossier.version}, actor=cast.manager)
    assert outcome.done
    comments.comment_on_field(dossier=dossier, name="stars", text="请说明", actor=cast.unit_manager)
    LegalEvent.objects.create(
        patent=dossier.patent,
        kind=EventKind.GRANT,
        occurred_on=date(2019, 6, 4),
        confirmed_on=date(2024, 1, 1),
    )
    audit.record(
        actor=None,
        action=AuditAction.CHANGE,
        target=dossier.patent,
        changes={"title": ["旧名", "新名"]},
    )

    response = client_of(cast.manager).get(page(dossier))

    kinds = {event.kind for event in response.context["line"].events}
    assert kinds == {"change", "step", "comment", "legal", "register"}
    text = response.content.decode()
    for words in ("换人", cast.inventor.user.name, "请说明", "旧名", "新名", "2019-06-04"):
        assert words in text
    only = client_of(cast.manager).get(page(dossier), {"kind": "legal"})
    assert [event.kind for event in only.context["line"].events] == ["legal"]


def test_patent_page_has_the_same_line(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    saved(dossier, cast.manager, stars=5)
    url = reverse("inventory:patent-history", args=[dossier.patent_id])

    assert len(client_of(cast.manager).get(url).context["line"].events) == 1


@pytest.mark.parametrize("who", ["department", "auditor", "district_official"])
def test_price_is_hidden_from_others(
    cast: Cast, client_of: Any, dossier: Dossier, who: str
) -> None:
    saved(dossier, cast.manager, price_band="over_100", stars=5)

    events = client_of(getattr(cast, who)).get(page(dossier)).context["line"].events

    shown = [change["name"] for event in events for change in event.changes]
    assert ("price_band" in shown) == (who == "auditor" and cast.auditor.is_of_institution)
    assert "stars" in shown


def test_pages_follow_each_other_without_a_gap(cast: Cast, dossier: Dossier) -> None:
    for number in range(7):
        saved(dossier, cast.manager, advantages=f"第{number}稿")
    found, before = [], None
    for _page in range(20):
        patent = Dossier.objects.get(pk=dossier.pk).patent
        line = time_line(history.PATENT, cast.manager, patent, before=before, limit=3)
        found += [event.entry for event in line.events]
        before = line.next_before
        if before is None:
            break

    assert len(found) == len(set(found)) == 7


def test_queries_do_not_grow(cast: Cast, dossier: Dossier) -> None:
    counts = []
    for _round in range(2):
        for number in range(5):
            saved(dossier, cast.manager, advantages=f"第{number}稿{_round}")
        patent = Dossier.objects.get(pk=dossier.pk).patent
        with CaptureQueriesContext(connection) as queries:
            time_line(history.PATENT, cast.manager, patent)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_value_is_restored_as_an_edit(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    entry = saved(dossier, cast.manager, advantages="改坏了", partner_firms=["甲公司"])
    client = client_of(cast.manager)
    assert (
        reverse("inventory:dossier-restore", args=[dossier.pk])
        in client.get(page(dossier)).content.decode()
    )
    data = {
        "entry_id": entry.pk,
        "name": "advantages",
        "version": dossier.version,
        "reason": "还原",
    }
    url = reverse("inventory:dossier-restore", args=[dossier.pk])

    assert client.post(url, data).status_code == 302
    assert client.post(url, data).status_code == 409

    dossier.refresh_from_db()
    assert dossier.advantages == factories.FILLED["advantages"]
    assert dossier.partner_firms == ["甲公司"]
    assert AuditEntry.objects.about(dossier).first().reason == "还原"


@pytest.mark.parametrize("name", ["contact_phone", "statuses", "state", "stars"])
def test_what_cannot_be_restored(cast: Cast, dossier: Dossier, name: str) -> None:
    entry = saved(dossier, cast.manager, advantages="改坏了", contact_phone="13911112222")

    with pytest.raises(InvalidTransition):
        edits.restore_value(
            dossier=dossier,
            seen_version=dossier.version,
            entry_id=entry.pk,
            name=name,
            reason="还原",
            actor=cast.manager,
        )


def test_restoring_needs_the_version_seen_and_a_state_that_takes_changes(
    cast: Cast, dossier: Dossier
) -> None:
    entry = saved(dossier, cast.manager, advantages="改坏了")
    values: dict[str, Any] = {
        "dossier": dossier,
        "entry_id": entry.pk,
        "name": "advantages",
        "reason": "还原",
        "actor": cast.manager,
    }
    with pytest.raises(StaleVersion):
        edits.restore_value(seen_version=1, **values)
    Dossier.objects.filter(pk=dossier.pk).update(state=DossierState.DRAFT)
    reviews.submit_dossiers(versions={dossier.pk: dossier.version}, actor=cast.manager)
    with pytest.raises(InvalidTransition):
        edits.restore_value(seen_version=dossier.version + 1, **values)
