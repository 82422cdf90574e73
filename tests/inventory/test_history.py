"""A patent's history in one line: everything in it, in words, with today's rights; one value brought back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from inventory import history, rules
from inventory.choices import DossierState, EventKind
from inventory.models import Dossier, LegalEvent, PoolEntry
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
from tests.pools import pooled

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
    late = client.post(url, data)
    assert late.status_code == 409
    assert "本次未还原" in late.content.decode()
    assert late.context["line"].events[0].reason == "还原"

    dossier.refresh_from_db()
    assert dossier.advantages == factories.FILLED["advantages"]
    assert dossier.partner_firms == ["甲公司"]
    assert AuditEntry.objects.about(dossier).first().reason == "还原"


def marked(one: Dossier, actor: Any, **marks: Any) -> AuditEntry:
    one.refresh_from_db()
    services.save_dossier(
        dossier_id=one.pk, seen_version=one.version, values={}, actor=actor, **marks
    )
    one.refresh_from_db()
    return AuditEntry.objects.about(one).get(version=one.version)


def restored(one: Dossier, actor: Any, entry: AuditEntry, name: str) -> rules.Content:
    edits.restore_value(
        dossier=one,
        seen_version=one.version,
        entry_id=entry.pk,
        name=name,
        reason="还原",
        actor=actor,
    )
    return services.content_of(Dossier.objects.get(pk=one.pk))


LICENSED = rules.Status("licensed", "common_contract", amount=Decimal("12.5"), remark="首付")
IDLE = rules.Status("not_implemented")
OFFER = rules.Intent("license", "common", fee=Decimal(3))
SALE = rules.Intent("transfer", "assign", fee=Decimal(40))


def test_statuses_come_back_with_the_amounts_of_then(cast: Cast, dossier: Dossier) -> None:
    marked(dossier, cast.manager, statuses=[LICENSED, IDLE])
    # an entry that changes statuses alone: the amounts of then stand in a later one
    entry = marked(dossier, cast.manager, statuses=[replace(LICENSED, remark="改坏了"), IDLE])
    assert "amounts" not in entry.changes
    marked(dossier, cast.manager, statuses=[replace(LICENSED, amount=Decimal(99)), IDLE])
    marked(dossier, cast.manager, statuses=[IDLE])

    assert restored(dossier, cast.manager, entry, "statuses").statuses == (LICENSED, IDLE)
    newest = AuditEntry.objects.about(dossier).first()
    assert newest.reason == "还原"
    assert newest.changes["amounts"] == [[None], ["12.5", None]]


def test_intents_come_back_with_the_fees_of_then(cast: Cast, dossier: Dossier) -> None:
    marked(dossier, cast.manager, intents=[OFFER, SALE])
    entry = marked(dossier, cast.manager, intents=[replace(SALE, fee=None)])

    assert restored(dossier, cast.manager, entry, "intents").intents == (OFFER, SALE)


def test_sums_come_back_at_the_marks_they_belonged_to(cast: Cast, dossier: Dossier) -> None:
    marked(dossier, cast.manager, statuses=[LICENSED], intents=[OFFER])
    wrong = [replace(LICENSED, amount=Decimal(1))]
    entry = marked(dossier, cast.manager, statuses=wrong, intents=[replace(OFFER, fee=None)])
    marked(dossier, cast.manager, statuses=[replace(wrong[0], remark="二期")])

    content = restored(dossier, cast.manager, entry, "amounts")
    assert content.statuses == (replace(LICENSED, remark="二期"),)
    dossier.refresh_from_db()
    assert restored(dossier, cast.manager, entry, "fees").intents == (OFFER,)

    marked(dossier, cast.manager, statuses=[IDLE])
    with pytest.raises(InvalidTransition, match="belonged"), override("en"):
        restored(dossier, cast.manager, entry, "amounts")


def test_marks_come_back_through_the_rules(cast: Cast, dossier: Dossier) -> None:
    """A pooled patent takes no status that is unsuitable, from the history neither."""
    marked(dossier, cast.manager, statuses=[rules.Status("abandoning")])
    entry = marked(dossier, cast.manager, statuses=[IDLE])
    made = pooled(cast)
    PoolEntry.objects.filter(pk=made.pk).update(dossier=dossier, patent=dossier.patent)

    with pytest.raises(InvalidTransition):
        restored(dossier, cast.manager, entry, "statuses")


def test_page_offers_marks_and_says_what_is_masked(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    entry = marked(dossier, cast.manager, statuses=[LICENSED])
    saved(dossier, cast.manager, contact_name="张三丰")
    client = client_of(cast.manager)

    text = client.get(page(dossier)).content.decode()
    assert 'name="name" value="statuses"' in text
    assert 'name="name" value="amounts"' in text
    assert 'value="contact_name"' not in text
    assert "历史中只留有打码的内容" in text
    reader = client_of(cast.auditor).get(page(dossier)).content.decode()
    assert 'value="statuses"' not in reader
    assert "历史中只留有打码的内容" not in reader

    data = {"entry_id": entry.pk, "name": "statuses", "version": dossier.version, "reason": "还原"}
    url = reverse("inventory:dossier-restore", args=[dossier.pk])
    assert client.post(url, data).status_code == 302
    assert services.content_of(Dossier.objects.get(pk=dossier.pk)).statuses == (IDLE,)


@pytest.mark.parametrize("name", ["contact_name", "contact_phone", "statuses", "state", "stars"])
def test_what_cannot_be_restored(cast: Cast, dossier: Dossier, name: str) -> None:
    entry = saved(
        dossier,
        cast.manager,
        advantages="改坏了",
        contact_name="张三丰",
        contact_phone="13911112222",
    )

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


def test_passing_on_is_told_in_words(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    unit = factories.unit(cast.university, name="演示新学院")
    audit.record(
        actor=cast.manager,
        action=AuditAction.CHANGE,
        target=dossier,
        changes={"transfer": [None, "at_unit"], "to_unit": [None, unit.pk]},
    )

    (event,) = client_of(cast.manager).get(page(dossier)).context["line"].events

    assert {change["after"] for change in event.changes} == {"待接收单位确认", "演示新学院"}
    assert not {change["field"] for change in event.changes} & {"transfer", "to_unit"}


def test_an_entry_of_another_dossier_and_an_assignment_bring_nothing_back(
    cast: Cast, dossier: Dossier
) -> None:
    other = factories.entry(cast.participation, state=DossierState.DRAFT, is_filled=True).dossier
    foreign = saved(other, cast.manager, advantages="别的专利")
    edits.edit_dossier(
        dossier_id=dossier.pk,
        seen_version=dossier.version,
        edit=Edit(assignment={"responsible": cast.inventor.user_id}),
        actor=cast.manager,
    )
    assigned = AuditEntry.objects.about(dossier).filter(changes__has_key="responsible").first()

    for entry, name in ((foreign, "advantages"), (assigned, "responsible")):
        with pytest.raises(InvalidTransition):
            restored(Dossier.objects.get(pk=dossier.pk), cast.manager, entry, name)


def test_who_only_reads_restores_nothing(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    entry = saved(dossier, cast.manager, advantages="改坏了")
    data = {"entry_id": entry.pk, "name": "advantages", "version": dossier.version, "reason": "x"}
    url = reverse("inventory:dossier-restore", args=[dossier.pk])

    answers = {name: client_of(getattr(cast, name)).post(url, data) for name in ("auditor", "city")}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        answers, 403
    )
    assert Dossier.objects.get(pk=dossier.pk).advantages == "改坏了"
