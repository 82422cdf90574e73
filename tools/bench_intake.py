"""A workbook of 100,000 patents from upload to applied dossiers, against the floor: COPY of the same values.

Runs on a database of its own (tools.bench prepares it): the base list of an institution is imported first, then the
filled template for the same patents, both through the services as a person does, the jobs done in this process.
A number after the module's name: how many patents.
"""

import logging
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.core.files.base import File
from django.db import connection, transaction

from tools.paths import ROOT, VAR

PATENTS = 100_000
FOLDER = VAR / "bench"
SEED = int(os.environ.get("PORTAL_BENCH_SEED", "2024"))
WRITE = "import django; django.setup(); from tools.bench_files import main; main()"
#: so long pages are asked for, before the import and beside it
SECONDS_OF_PAGES = 25
#: the argument that makes the base list's own process
LIST = "--list"
#: the library that most Django projects import spreadsheets with, and what it needs
RIVAL = ("django==5.2.19", "django-import-export==4.3.9", "tablib[xlsx]", "psycopg2-binary")
#: tables that an applied template writes: what it adds to, and what it changes
ADDED = (
    "portal_auditentry",
    "inventory_dossierstep",
    "inventory_dossierfact",
    "inventory_statusmark",
    "inventory_intentmark",
)
CHANGED = ("inventory_dossier", "inventory_baselistentry")


def import_file(path: Path, kind: str, actor: Any) -> tuple[Any, float, float]:
    """(the batch, seconds from upload to preview, seconds from confirmation to written)."""
    from portal.intake.registry import importer_for  # noqa: PLC0415
    from portal.jobs import runner  # noqa: PLC0415
    from portal.models import ImportBatch  # noqa: PLC0415
    from portal.services import imports  # noqa: PLC0415

    # the first campaign of the demonstration city: the one of all patents granted by the end of 2023
    answers = {one.name: "1" for one in importer_for(kind).options(actor) if one.name == "campaign"}
    begin = time.perf_counter()
    with path.open("rb") as content:
        batch = imports.upload(
            actor=actor, content=File(content), name=path.name, kind=kind, options=answers
        )
    runner.run_next("bench", job_id=batch.job_id)
    batch = ImportBatch.objects.select_related("file", "organisation", "membership").get(
        pk=batch.pk
    )
    seen = time.perf_counter()
    if batch.state != "preview":
        raise SystemExit(f"{path.name}: {batch.state} {batch.problem}")
    imports.confirm(
        actor=actor, batch=batch, seen_version=batch.version, digest=batch.preview_digest
    )
    batch.refresh_from_db()
    runner.run_next("bench", job_id=batch.job_id)
    batch.refresh_from_db()
    return batch, seen - begin, time.perf_counter() - seen


def export(actor: Any) -> tuple[int, float]:
    """(dossiers, seconds from asking to the file) of the institution's whole list in the national layout."""
    from inventory.services import exports  # noqa: PLC0415
    from portal.jobs import runner  # noqa: PLC0415

    begin = time.perf_counter()
    job = exports.ask_for_export(actor=actor, query="")
    runner.run_next("bench", job_id=job.pk)
    job.refresh_from_db()
    if job.state != "done":
        raise SystemExit(f"export: {job.state} {job.error}")
    return job.result["count"], time.perf_counter() - begin


def marks_before() -> dict[str, int]:
    """The last key of each table that is added to."""
    with connection.cursor() as cursor:
        found = {}
        for table in ADDED:
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")  # noqa: S608 - our names
            found[table] = cursor.fetchone()[0]
    return found


def floor(before: dict[str, int], institution: int, folder: Path) -> float:
    """Seconds of COPY of the same values into tables with the same indexes; the tables are gone afterwards."""
    taken = 0.0
    with transaction.atomic(), connection.cursor() as cursor:
        for table in (*ADDED, *CHANGED):
            path = folder / f"{table}.copy"
            with path.open("w", encoding="utf-8") as file:
                cursor.copy_expert(f"COPY ({_written(table, before, institution)}) TO STDOUT", file)
            cursor.execute(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)")
            begin = time.perf_counter()
            with path.open(encoding="utf-8") as file:
                cursor.copy_expert(
                    f"COPY floor_{table} ({_columns(cursor, table)}) FROM STDIN", file
                )
            taken += time.perf_counter() - begin
            path.unlink()
        transaction.set_rollback(True)
    return taken


def _written(table: str, before: dict[str, int], institution: int) -> str:
    with connection.cursor() as cursor:
        names = _columns(cursor, table)
    if table in before:
        where = f"id > {before[table]}"
    elif table == "inventory_dossier":
        own = f"SELECT id FROM inventory_campaigninstitution WHERE institution_id = {institution}"  # noqa: S608
        where = f"participation_id IN ({own})"
    else:
        where = f"institution_id = {institution}"
    return f"SELECT {names} FROM {table} WHERE {where}"  # noqa: S608 - our names and numbers


def _columns(cursor: Any, table: str) -> str:
    """The columns that are written; the others the database works out."""
    cursor.execute(
        "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns "
        "WHERE table_name = %s AND is_generated = 'NEVER'",
        [table],
    )
    return str(cursor.fetchone()[0])


def read_once(path: Path) -> float:
    """Seconds of one pass of the fast reader alone."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    begin = time.perf_counter()
    book = CalamineWorkbook.from_path(path)
    for _row in book.get_sheet_by_index(0).iter_rows():
        pass
    return time.perf_counter() - begin


def rival(path: Path) -> dict[str, float]:
    """Seconds of django-import-export, bulk mode, for the same workbook into the patent table alone: bare and usual."""
    home = VAR / ".bench-rival"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        words = [str(python), "-m", "pip", "install", "--quiet", *RIVAL]
        subprocess.run(words, check=True)
    words = [
        str(python),
        str(ROOT / "tools" / "bench_rival.py"),
        os.environ["RIVAL_URL"],
        str(path),
    ]
    answer = subprocess.run(words, check=True, capture_output=True, text=True)
    lines = [line.split() for line in answer.stdout.splitlines()]
    return {kind: float(seconds) for kind, seconds, _rows in lines}


def manager_of() -> Any:
    """The demonstration's manager."""
    members = apps.get_model("portal.Membership").objects
    return members.select_related("organisation", "user").get(user__username="manager")


def write_files(count: int, manager: Any) -> tuple[Path, Path]:
    """The base list and the filled template, written by another process."""
    units = list(manager.organisation.units.order_by("pk").values_list("name", flat=True))
    FOLDER.mkdir(parents=True, exist_ok=True)
    words = [str(count), str(SEED), str(FOLDER), manager.organisation.name, *units]
    subprocess.run([sys.executable, "-c", WRITE, *words], check=True)
    return FOLDER / f"list-{count}.csv", FOLDER / f"filled-{count}.xlsx"


def import_list(path: Path) -> None:
    """Import the base list, in a process of its own: its memory is not the template's."""
    batch, seen, written = import_file(path, "base", manager_of())
    print(f"base list: preview {seen:.1f} s, written {written:.1f} s ({told(batch)})", flush=True)


def pages_in_use() -> dict[str, float]:
    """p95 in ms of what people have open, over some seconds."""
    words = [sys.executable, "-m", "tools.bench_beside", str(SECONDS_OF_PAGES)]
    env = {**os.environ, "PORTAL_PROCESS": "web"}
    answer = subprocess.run(words, check=True, capture_output=True, text=True, env=env)
    lines = [line.split("\t") for line in answer.stdout.splitlines()]
    return {f"{name} as {person}": float(taken) for name, person, taken, _times in lines}


def list_beside_pages(pushed: Path) -> None:
    """Import the base list while pages are in use, and print how much slower these are than before."""
    idle = pages_in_use()
    words = [sys.executable, "-m", "tools.bench_intake", LIST, str(pushed)]
    with subprocess.Popen(words) as importing:
        busy = pages_in_use()
        is_beside = importing.poll() is None
    if importing.returncode != 0 or not is_beside:
        raise SystemExit("the base list failed, or was imported before the pages were measured")
    for name, taken in busy.items():
        print(f"{name}: p95 {idle[name]:.0f} ms, beside an import {taken:.0f} ms")
    worst = max(busy[name] / idle[name] for name in busy)
    print(f"pages beside an import: {worst:.2f} times at most")


def measure(count: int) -> None:
    """Import the base list and the template, the template once more, and print what each took."""
    manager = manager_of()
    pushed, filled = write_files(count, manager)
    list_beside_pages(pushed)
    before = marks_before()
    batch, seen, written = import_file(filled, "national", manager)
    whole = seen + written
    print(f"template: preview {seen:.1f} s, written {written:.1f} s ({told(batch)})")
    again, seen, _nothing = import_file(filled, "national", manager)
    print(f"the same again: {seen:.1f} s, {seen / whole:.2f} of it ({told(again)})")
    exported, taken = export(manager)
    print(f"export of {exported} dossiers: {taken:.1f} s, {taken / whole:.2f} of the import")
    own, others = (
        resource.getrusage(who).ru_maxrss // 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"peak memory: this process {own} MB, none that it started above {others} MB")
    reader, copied = read_once(filled), floor(before, manager.organisation_id, FOLDER)
    print(
        f"floor: COPY {copied:.1f} s + reader {reader:.1f} s; {whole / (copied + reader):.1f} times the floor"
    )
    if "RIVAL_URL" in os.environ:
        for kind, other in rival(filled).items():
            print(
                f"django-import-export, {kind}: {other:.1f} s; {other / whole:.2f} of the template"
            )


def told(batch: Any) -> str:
    return ", ".join(
        f"{batch.counts[name]} {name}" for name in ("added", "changed", "unchanged", "refused")
    )


def main() -> int:
    """Print one line a figure."""
    django.setup()
    # as the processes of the service do
    from portal import memory  # noqa: PLC0415

    memory.settle()
    logging.disable(logging.ERROR)
    if LIST in sys.argv:
        import_list(Path(sys.argv[-1]))
    else:
        measure(next((int(word) for word in sys.argv[1:] if word.isdigit()), PATENTS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
