"""Histories of several people changing one dossier at once over real connections, and what must be true of each.

An actor sees the dossier (its version and content), thinks, and writes on what was seen: by the form's autosave, by the
API, in a cell of the list, by a bulk edit, by applying an import. The checker knows nothing of the portal's code: it
reads what was answered, the trail, and the dossier.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.urls import reverse

from inventory.choices import DossierState
from inventory.importing.national_apply import write_dossiers
from inventory.importing.national_checks import judge, shape_of
from inventory.models import Dossier
from portal.bulk.registry import known_act
from portal.bulk.staging import Selection
from portal.choices import BulkOutcome, ImportState, Role, RowOutcome
from portal.intake import staging
from portal.intake.registry import Subject
from portal.models import AuditEntry, ImportBatch, Membership, StoredFile
from portal.services import bulk
from tests import factories
from tests.conftest import Cast, PageClient, signed_in

SAVED, REFUSED, SAME = "saved", "refused", "same"
THINK = 0.004


@dataclass
class Write:
    """What one actor tried: on which version, which field, which value, and what was answered."""

    actor: Membership
    channel: str
    seen: int
    field: str
    value: Any
    answer: str = ""
    told: str = ""


@dataclass
class Actor:
    membership: Membership
    client: PageClient
    rng: random.Random


@dataclass
class History:
    """One dossier, its actors' writes in no order, and how it began."""

    dossier: int
    start: dict[str, Any]
    writes: list[Write] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


FIELDS = ("advantages", "prospects", "stars")


def content(key: int) -> dict[str, Any]:
    """The fields that histories write, with the version."""
    return dict(Dossier.objects.filter(pk=key).values(*FIELDS, "maturity", "version").get())


# --- the ways to write --------------------------------------------------------------------------------


def by_form(actor: Actor, key: int, seen: dict[str, Any], write: Write) -> None:
    """The whole form as it was seen, with one field changed: the classic way to lose somebody else's."""
    data = {
        **factories.FILLED,
        **{name: seen[name] for name in (*FIELDS, "maturity")},
        write.field: write.value,
        "version": seen["version"],
        "is_publicly_funded": "false",
        "statuses-TOTAL_FORMS": 1,
        "statuses-INITIAL_FORMS": 0,
        "statuses-0-level1": "not_implemented",
        "intents-TOTAL_FORMS": 1,
        "intents-INITIAL_FORMS": 0,
        "intents-0-level1": "license",
        "intents-0-level2": "common",
    }
    del data["uses_default_contact"]
    answer(write, actor.client.post(reverse("inventory:dossier-save", args=[key]), data))


def by_api(actor: Actor, key: int, seen: dict[str, Any], write: Write) -> None:
    answer(
        write,
        actor.client.patch(
            reverse("api:dossier-detail", args=[key]),
            json.dumps({write.field: write.value}),
            content_type="application/json",
            headers={"If-Match": f'"{seen["version"]}"'},
        ),
    )


def by_cell(actor: Actor, key: int, seen: dict[str, Any], write: Write) -> None:
    data = {"field": write.field, "value": write.value, "version": seen["version"]}
    url = reverse("inventory:dossier-cell", args=[key])
    answer(write, actor.client.post(url, data, headers={"HX-Request": "true"}))


def answer(write: Write, response: Any) -> None:
    write.answer = {200: SAVED, 409: REFUSED}.get(response.status_code, str(response.status_code))
    write.told = response.content.decode()


def by_bulk(actor: Actor, key: int, seen: dict[str, Any], write: Write) -> None:
    """Staged with the tick of the list that was seen, applied later."""
    act = known_act("inventory.dossiers.edit")
    me = actor.membership
    selection = Selection(picks=((key, seen["version"]),))
    run = bulk.stage_run(act=act, selection=selection, actor=me)
    data = {write.field: [str(write.value)], "reason": ["演示理由"]}
    run = bulk.set_parameters(run_id=run.pk, seen_version=run.version, data=data, actor=me)
    think(actor)
    run = bulk.start_run(run_id=run.pk, seen_version=run.version, actor=me)
    row = run.rows.get()
    outcomes = {BulkOutcome.CHANGED: SAVED, BulkOutcome.UNCHANGED: SAME}
    write.answer = outcomes.get(BulkOutcome(row.outcome), REFUSED)
    write.told = row.note


def by_import(actor: Actor, key: int, seen: dict[str, Any], write: Write) -> None:
    """A row of a previewed national template, applied."""
    me = actor.membership
    dossier = Dossier.objects.select_related("patent").get(pk=key)
    file = StoredFile.objects.create(
        organisation=me.organisation,
        owner=me.user,
        purpose=StoredFile.Purpose.UPLOAD,
        name="filled.xlsx",
        size=1,
        sha256="0" * 64,
    )
    batch = ImportBatch.objects.create(
        organisation=me.organisation,
        membership=me,
        kind="national",
        file=file,
        state=ImportState.APPLYING,
    )
    number = dossier.patent.number
    values = {"number": number, write.field: write.value}
    subject = Subject(9, [9], dossier.patent.application_number, values)
    verdicts = judge(batch, shape_of(batch), [subject])
    staging.store_subjects(batch, [subject], verdicts)
    # the preview is of what the actor saw, however long ago that was
    batch.rows.update(outcome=RowOutcome.CHANGED, target_id=key, target_version=seen["version"])
    think(actor)
    with transaction.atomic():
        write_dossiers(batch, 0, 10)
    write.answer = SAVED if batch.rows.get().is_applied else REFUSED
    write.told = "".join(batch.issues.values_list("rule", flat=True))


#: channel → (how, the fields it writes)
CHANNELS: dict[str, tuple[Callable[[Actor, int, dict[str, Any], Write], None], tuple[str, ...]]] = {
    "form": (by_form, ("advantages", "prospects", "stars")),
    "api": (by_api, ("advantages", "prospects", "stars")),
    "cell": (by_cell, ("stars",)),
    "bulk": (by_bulk, ("stars",)),
    "import": (by_import, ("advantages", "prospects", "stars")),
}


# --- making a history ------------------------------------------------------------------------------------


def think(actor: Actor) -> None:
    time.sleep(actor.rng.random() * THINK)


def act(actor: Actor, key: int, history: History, lock: threading.Lock) -> None:
    """One actor's writes, each on what was seen just before or, sometimes, long before."""
    try:
        seen = content(key)
        for _turn in range(actor.rng.randint(1, 3)):
            if actor.rng.random() < 0.6:
                seen = content(key)
            think(actor)
            _write(actor, key, seen, history, lock)
    except Exception as fault:  # noqa: BLE001 - whatever goes wrong in a thread is the history's fault
        history.faults.append(repr(fault))
    finally:
        connection.close()


def _write(
    actor: Actor, key: int, seen: dict[str, Any], history: History, lock: threading.Lock
) -> None:
    # an inventor has no bulk edit
    is_inventor = actor.membership.role == Role.INVENTOR
    channel = actor.rng.choice([c for c in CHANNELS if not (is_inventor and c == "bulk")])
    how, fields = CHANNELS[channel]
    name = actor.rng.choice(fields)
    value: Any = actor.rng.randint(1, 5)
    if name != "stars":
        value = f"演示{actor.rng.getrandbits(64):x}"
    elif value == seen["stars"]:
        value = value % 5 + 1
    write = Write(actor.membership, channel, seen["version"], name, value)
    how(actor, key, seen, write)
    with lock:
        history.writes.append(write)


@dataclass
class Stage:
    """The people of the histories, signed in once."""

    cast: Cast
    people: list[tuple[Membership, PageClient]]

    @classmethod
    def of(cls, cast: Cast) -> Stage:
        more = [factories.membership("institution_manager", cast.university) for _n in range(2)]
        people = [cast.manager, cast.unit_manager, cast.inventor, *more]
        return cls(cast, [(one, signed_in(one)) for one in people])

    def play(self, seed: int) -> History:
        """Two to five of them change a fresh dossier at once; the same seed asks for the same writes."""
        rng = random.Random(seed)
        cast = self.cast
        entry = factories.entry(
            cast.participation,
            state=DossierState.DRAFT,
            is_filled=True,
            unit=cast.school,
            responsible=cast.inventor.user,
        )
        key = entry.dossier_id
        history = History(key, content(key))
        people = rng.sample(self.people, rng.randint(2, 5))
        actors = [Actor(one, client, random.Random(rng.getrandbits(32))) for one, client in people]
        lock = threading.Lock()
        with ThreadPoolExecutor(len(actors)) as pool:
            for each in actors:
                pool.submit(act, each, key, history, lock)
        return history


# --- what must be true of it ----------------------------------------------------------------------------


def problems(history: History) -> list[str]:
    """Everything that is wrong with a history; empty for a good one."""
    entries = sorted(
        AuditEntry.objects.filter(
            object_type="inventory.dossier", object_id=history.dossier
        ).select_related("user"),
        key=lambda entry: entry.version or 0,
    )
    end = content(history.dossier)
    return [
        *history.faults,
        *_chain(history, entries, end),
        *_replay(history, entries, end),
        *_acknowledged(history, entries),
        *_losers(history, entries),
    ]


def _chain(history: History, entries: list[AuditEntry], end: dict[str, Any]) -> list[str]:
    """Every version has exactly one entry."""
    versions = [entry.version for entry in entries]
    wanted = list(range(history.start["version"] + 1, end["version"] + 1))
    return [] if versions == wanted else [f"versions {versions}, wanted {wanted}"]


def _replay(history: History, entries: list[AuditEntry], end: dict[str, Any]) -> list[str]:
    """The changes one after the other lead from the start to the end, each from what stood there."""
    state, wrong = dict(history.start), []
    for entry in entries:
        for name, (before, after) in entry.changes.items():
            if name in FIELDS:
                if state[name] != before:
                    wrong.append(f"v{entry.version} {name}: {before} was {state[name]}")
                state[name] = after
    wrong += [
        f"{name}: {end[name]} is not {state[name]}" for name in FIELDS if end[name] != state[name]
    ]
    return wrong


def _acknowledged(history: History, entries: list[AuditEntry]) -> list[str]:
    """Each acknowledged write is in the trail once, made the version after the one it saw, and changed nothing else."""
    wrong = []
    by_version = {entry.version: entry for entry in entries}
    used = set()
    for write in history.writes:
        if write.answer != SAVED:
            continue
        entry = by_version.get(write.seen + 1)
        if entry is None or entry.user_id != write.actor.user_id:
            wrong.append(
                f"{write.channel} of v{write.seen} was acknowledged and is not in the trail"
            )
        elif {name: pair[1] for name, pair in entry.changes.items()} != {write.field: write.value}:
            wrong.append(f"{write.channel} of v{write.seen} wrote {entry.changes}")
        used.add(write.seen + 1)
    return wrong + [f"v{v} was acknowledged to nobody" for v in by_version.keys() - used]


def _losers(history: History, entries: list[AuditEntry]) -> list[str]:
    """Who was refused saw an outdated version, and was told so; forms, cells and bulk edits name who was first."""
    wrong = []
    names = {entry.version: entry.user.name for entry in entries if entry.user}
    for write in history.writes:
        if write.answer == SAVED:
            continue
        if write.answer != REFUSED:
            wrong.append(f"{write.channel} was answered {write.answer}: {write.told[:200]}")
        later = [name for version, name in names.items() if version and version > write.seen]
        if not later:
            wrong.append(f"{write.channel} of v{write.seen} was refused though nobody was first")
        if write.channel in ("form", "cell", "bulk") and not any(n in write.told for n in later):
            wrong.append(f"{write.channel} of v{write.seen} was not told who: {write.told[:200]}")
        if not write.told:
            wrong.append(f"{write.channel} of v{write.seen} was told nothing")
    return wrong
