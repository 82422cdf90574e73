"""Every statement may fail: afterwards all is as before or all is done, and the same request then succeeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from inventory.bulk_review import APPROVE
from inventory.choices import DossierState, ExclusionReason
from inventory.models import BaseListEntry, Dossier, DossierFact, EntryFact, Exclusion
from inventory.services import exclusions
from portal.bulk.registry import known_act
from portal.bulk.staging import Selection
from portal.models import AuditEntry, BulkRun
from portal.services import bulk
from tests import factories
from tests.conftest import Cast, PageClient, build_cast, signed_in
from tests.security.worlds import DAY

pytestmark = pytest.mark.django_db(transaction=True)
# by default each third statement of a flow fails, in the long run every one
STEP = 3
# more statements than any flow has
MOST = 400


@dataclass(frozen=True)
class Flow:
    """An act on fresh records: how it is posted, and what there is to see of it."""

    actor: str
    prepare: Callable[[Cast], Any]
    request: Callable[[Any], tuple[str, dict[str, Any]]]
    look: Callable[[Any], Any]


class Failing:
    """Lets statement number `at` of a connection fail; counts all."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        if self.count == self.at:
            raise OperationalError("made to fail")
        return execute(sql, params, many, context)


def trail(label: str, keys: list[int]) -> int:
    return AuditEntry.objects.filter(object_type=label, object_id__in=keys).count()


# --- submitting one dossier -------------------------------------------------------------------------


def draft(cast: Cast) -> list[int]:
    entry = factories.entry(
        cast.participation,
        state=DossierState.DRAFT,
        is_filled=True,
        unit=cast.school,
        responsible=cast.inventor.user,
    )
    return [entry.dossier_id]


def submit(keys: list[int]) -> tuple[str, dict[str, Any]]:
    """Without the fields of the page: what is saved is handed in."""
    version = Dossier.objects.get(pk=keys[0]).version
    return reverse("inventory:dossier-submit", args=keys), {"version": version}


def dossiers(keys: list[int]) -> Any:
    """States, versions, steps, entries of the trail and facts: they move together."""
    found = Dossier.objects.filter(pk__in=keys).order_by("pk")
    return (
        sorted({(dossier.state, dossier.version) for dossier in found}),
        sum(dossier.steps.count() for dossier in found),
        sum(dossier.revisions.count() for dossier in found),
        trail("inventory.dossier", keys),
        DossierFact.objects.filter(dossier__in=keys).count(),
        BaseListEntry.objects.filter(dossier__in=keys, confirmed_on__isnull=False).count(),
    )


# --- approving many ---------------------------------------------------------------------------------


def waiting(cast: Cast) -> list[int]:
    """Five dossiers before the institution, picked and frozen to be approved."""
    keys = [
        factories.entry(
            cast.participation, state=DossierState.INSTITUTION_REVIEW, unit=cast.school
        ).dossier_id
        for _number in range(5)
    ]
    picks = tuple(Dossier.objects.filter(pk__in=keys).values_list("pk", "version"))
    selection = Selection(query="", is_everything=False, picks=picks)
    bulk.stage_run(act=known_act(APPROVE), selection=selection, actor=cast.manager)
    return keys


def approve(keys: list[int]) -> tuple[str, dict[str, Any]]:
    run = BulkRun.objects.latest("pk")
    return reverse("portal:bulk-apply", args=[run.pk]), {"version": run.version, "reason": ""}


# --- deciding an exclusion --------------------------------------------------------------------------


def requested(cast: Cast) -> list[int]:
    """A reason of the patent itself: the entries of both holders leave."""
    patent = factories.patent(cast.university, cast.other)
    entry = factories.entry(cast.participation, patent)
    factories.entry(cast.other_participation, patent)
    made = exclusions.request_exclusion(
        entry=entry,
        claim=exclusions.Claim(
            reason=ExclusionReason.LAPSED, explanation="演示说明", effective_on=DAY
        ),
        actor=cast.manager,
    )
    return [made.pk]


def decide(keys: list[int]) -> tuple[str, dict[str, Any]]:
    version = Exclusion.objects.get(pk=keys[0]).version
    data = {"decision": "approve", "note": "", "version": version}
    return reverse("inventory:exclusion-decide", args=keys), data


def excluded(keys: list[int]) -> Any:
    exclusion = Exclusion.objects.select_related("entry").get(pk=keys[0])
    entries = BaseListEntry.objects.filter(patent=exclusion.entry.patent_id)
    return (
        exclusion.state,
        exclusion.version,
        sorted(entry.is_included for entry in entries),
        trail("inventory.exclusion", keys),
        trail("inventory.baselistentry", [entry.pk for entry in entries]),
        EntryFact.objects.filter(entry__in=entries).count(),
    )


FLOWS = {
    "submit a dossier": Flow("inventor", draft, submit, dossiers),
    "approve many": Flow("manager", waiting, approve, dossiers),
    "decide an exclusion": Flow("city", requested, decide, excluded),
}


def post(client: PageClient, flow: Flow, keys: Any, failing: Failing) -> int:
    path, data = flow.request(keys)
    with connection.execute_wrapper(failing):
        return client.post(path, data).status_code


def run(flow: Flow, step: int) -> int:
    """Let statements fail one after the other until the flow has none left; returns how many it has."""
    cast = build_cast()
    client = signed_in(getattr(cast, flow.actor))
    client.raise_request_exception = False
    keys = flow.prepare(cast)
    before = flow.look(keys)
    clean = Failing(0)
    assert post(client, flow, keys, clean) == 302
    done = flow.look(keys)
    assert done != before
    for at in range(1, clean.count + 1, step):
        keys = flow.prepare(cast)
        status = post(client, flow, keys, Failing(at))
        found = flow.look(keys)
        assert found in (before, done), f"statement {at}: half done"
        assert status >= 500 or found == done, f"statement {at}: said {status}, nothing done"
        # the sign-in itself may have been lost with the statement; the person is not
        client = signed_in(getattr(cast, flow.actor))
        client.raise_request_exception = False
        if found == before:
            assert post(client, flow, keys, Failing(0)) == 302
        assert flow.look(keys) == done, f"statement {at}: not repeated"
    return clean.count


@pytest.mark.parametrize("name", list(FLOWS))
def test_a_failing_statement_leaves_nothing_half_done(name: str) -> None:
    assert 10 < run(FLOWS[name], STEP) < MOST


@pytest.mark.soak
@pytest.mark.parametrize("name", list(FLOWS))
def test_every_statement_may_fail(name: str) -> None:
    assert 10 < run(FLOWS[name], 1) < MOST
