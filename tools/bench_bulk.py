"""A bulk edit of 20,000 dossiers of the demonstration's university, and its undo, on the city of `make bench`.

The run goes through the services as a person's does: frozen with its versions, started, done by a worker's hand in this
process. The undo leaves the city as it was, with two runs more in its trail.
"""

import logging
import sys
import time
from typing import Any

import django
from django.apps import apps

ROWS = 20_000
LIMIT_S = 20
ACT = "inventory.dossiers.edit"


def edit_and_undo(manager: Any, rows: int) -> tuple[int, float, float]:
    """(dossiers changed, seconds of the edit, seconds of the undo)."""
    # the services need django.setup
    from portal.bulk.registry import known_act  # noqa: PLC0415
    from portal.bulk.staging import Selection  # noqa: PLC0415
    from portal.jobs import runner  # noqa: PLC0415
    from portal.services import bulk  # noqa: PLC0415

    dossiers = apps.get_model("inventory.Dossier").objects
    mine = dossiers.filter(
        participation__institution=manager.organisation_id, state__in=["unfiled", "draft"]
    )
    picks = tuple(mine.order_by("pk").values_list("pk", "version")[:rows])
    selection = Selection(query="", is_everything=False, picks=picks)
    run = bulk.stage_run(act=known_act(ACT), selection=selection, actor=manager)
    data = {"stars": ["5"], "intent_mode": ["-"], "reason": ["测量批量编辑"]}
    run = bulk.set_parameters(run_id=run.pk, seen_version=run.version, data=data, actor=manager)
    begin = time.perf_counter()
    bulk.start_run(run_id=run.pk, seen_version=run.version, actor=manager)
    runner.run_due("bench")
    there = time.perf_counter() - begin
    run.refresh_from_db()
    begin = time.perf_counter()
    bulk.undo_run(run_id=run.pk, reason="测量撤销", actor=manager)
    runner.run_due("bench")
    return run.counts["changed"], there, time.perf_counter() - begin


def main() -> int:
    """Print one line; 1 when the edit took too long."""
    django.setup()
    # as the processes of the service do
    from portal import memory  # noqa: PLC0415

    memory.settle()
    logging.disable(logging.ERROR)
    members = apps.get_model("portal.Membership").objects.select_related("organisation", "user")
    manager = members.filter(user__username="manager").order_by("pk")[0]
    changed, there, back = edit_and_undo(manager, ROWS)
    allowed = LIMIT_S * max(changed, 1) / ROWS
    verdict = "" if there <= allowed else f"  over {allowed:.1f} s"
    print(f"bulk edit of {changed} dossiers: {there:.1f} s, undo {back:.1f} s{verdict}")
    return 1 if verdict else 0


if __name__ == "__main__":
    sys.exit(main())
