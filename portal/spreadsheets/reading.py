"""Reading an upload: gate, throw-away child, a file of typed rows. The entry of this package.

The file of rows: its first line is the header (``ReadSummary``), then one line per filled row. It survives a
killed worker, so a job goes on from any line with ``iter_rows(path, start_line)``.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Container, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from django.conf import settings

from portal.json_text import decode
from portal.spreadsheets import gate
from portal.spreadsheets.limits import MEGABYTE, Limits
from portal.spreadsheets.problems import UnreadableFile

EXIT_MEMORY = 70
TICK_SECONDS = 3.0
# Makes the child's package importable without running portal/__init__.py, which starts Celery.
BOOT = (
    "import sys, types; kernel = types.ModuleType('portal'); kernel.__path__ = [sys.argv.pop(1)]; "
    "sys.modules['portal'] = kernel; from portal.spreadsheets.child import main; main()"
)
PORTAL = Path(__file__).resolve().parent.parent
# how each line begins (child.Output.take)
_NUMBER = re.compile(rb'\{"s":\s?\d+,\s?"r":\s?(\d+),')


@dataclass(frozen=True)
class SheetInfo:
    """One sheet: filled rows, widest row, last filled row, merged ranges (row, column, row, column from 1)."""

    name: str
    state: str
    rows: int
    columns: int
    last_row: int
    hidden_rows: int
    merged: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True)
class ReadSummary:
    """What was read: kind of file, fingerprint, number of lines that ``iter_rows`` yields, sheets."""

    kind: str
    sha256: str
    size: int
    lines: int
    encoding: str
    delimiter: str
    sheets: tuple[SheetInfo, ...]


class Destroyed(NamedTuple):
    """A number of more than 15 digits: its last digits are lost."""

    text: str


class CellError(NamedTuple):
    """An error value such as #REF!."""

    text: str


class Uncomputed(NamedTuple):
    """A formula without a stored result."""

    text: str = ""


Cell = str | None | Destroyed | CellError | Uncomputed


class RawRow(NamedTuple):
    """One filled row. Marks of delimited text: short, long, nul, undecodable, open_quote."""

    sheet: int
    row: int
    cells: list[Cell]
    marks: tuple[str, ...] = ()


def limits_from_settings() -> Limits:
    """Build the caps an installation configured."""
    return Limits(
        file_bytes=settings.MAX_UPLOAD_MB * MEGABYTE,
        members=settings.MAX_ZIP_MEMBERS,
        unpacked_bytes=settings.MAX_UNPACKED_MB * MEGABYTE,
        ratio=settings.MAX_PACK_RATIO,
        sheets=settings.MAX_SHEETS,
        rows=settings.MAX_ROWS,
        columns=settings.MAX_COLUMNS,
        cell_characters=settings.MAX_CELL,
        memory_bytes=settings.READER_MEMORY_MB * MEGABYTE,
        seconds=settings.READER_SECONDS,
    )


def read_file(
    path: Path,
    name: str,
    out_path: Path,
    limits: Limits | None = None,
    on_tick: Callable[[], None] | None = None,
) -> ReadSummary:
    """Read the upload at ``path``, named ``name`` by its owner, into ``out_path`` or raise UnreadableFile.

    ``on_tick`` is called every few seconds meanwhile (a job renews its lease there); what it raises stops the child.
    """
    limits = limits or limits_from_settings()
    kind = gate.check(path, name, limits)
    _remove_leftovers(out_path)
    folder = Path(tempfile.mkdtemp(prefix=_leftover_prefix(out_path), dir=out_path.parent))
    try:
        arguments = [str(path.resolve()), name, kind, str(folder), json.dumps(asdict(limits))]
        _run_child(arguments, folder, limits, on_tick or (lambda: None))
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        if "refused" in result:
            problem = UnreadableFile(result["refused"], result["params"])
            problem.add_note(result.get("detail", ""))
            raise problem
        result |= {"sha256": _digest(path), "size": path.stat().st_size}
        _assemble(result, folder, out_path)
    finally:
        shutil.rmtree(folder)
    return _summary(result)


def read_summary(out_path: Path) -> ReadSummary:
    """Read the header of a file of rows."""
    with out_path.open(encoding="utf-8") as file:
        return _summary(json.loads(file.readline()))


def iter_rows(out_path: Path, start_line: int = 0) -> Iterator[RawRow]:
    """Yield the rows from the given line on (0 is the first row), one at a time."""
    with _opened_at(out_path, start_line + 1) as file:
        for line in file:
            yield _row(line)


def iter_wanted(
    out_path: Path, start_line: int, count: int, wanted: Container[int]
) -> Iterator[tuple[int, RawRow]]:
    """Yield (line, row) of the rows whose Excel number is wanted, among ``count`` lines from ``start_line`` on.

    The others are passed over without being understood: a few rows are found among 100,000 in a moment.
    """
    with _opened_at(out_path, start_line + 1) as file:
        for at, line in enumerate(islice(file, count), start_line):
            found = _NUMBER.match(line)
            if found is not None and int(found[1]) in wanted:
                yield at, _row(line)


def _opened_at(path: Path, line: int) -> BinaryIO:
    """The file open at the beginning of a line (from 0); at its end where it has fewer.

    Line ends are counted block by block: to read a hundred megabytes line by line before every piece of a job would
    take longer than the piece.
    """
    file = path.open("rb")
    left, before = line, 0
    while left:
        block = file.read(MEGABYTE)
        ends = block.count(b"\n")
        if not block or ends >= left:
            at = -1
            for _end in range(left if block else 0):
                at = block.index(b"\n", at + 1)
            file.seek(before + at + 1)
            break
        left, before = left - ends, before + len(block)
    return file


def _row(line: bytes) -> RawRow:
    record = decode(line)
    cells = record["c"]
    # Every line opens one brace; a second one may be a marked cell.
    if b"{" in line[1:]:
        cells = [_marked(cell) if isinstance(cell, dict) else cell for cell in cells]
    return RawRow(record["s"], record["r"], cells, tuple(record.get("m", ())))


def _marked(cell: dict[str, Any]) -> Cell:
    if "n" in cell:
        return Destroyed(cell["n"])
    return CellError(cell["e"]) if "e" in cell else Uncomputed()


def _run_child(
    arguments: list[str], folder: Path, limits: Limits, on_tick: Callable[[], None]
) -> None:
    """Start the child, wait with ticks, explain its death."""
    command = [sys.executable, "-I", "-c", BOOT, str(PORTAL), *arguments, str(os.getpid())]
    environment = {"TMPDIR": str(folder), "LC_ALL": "C.UTF-8", "PATH": ""}
    # Rust's abort message is the only word of a native reader that ran out of memory.
    with (folder / "stderr").open("wb") as errors:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        try:
            code = _wait(child, limits.seconds, on_tick)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    if code != 0:
        said = (folder / "stderr").read_bytes()[-2000:].decode("utf-8", errors="replace")
        problem = UnreadableFile("unsafe", {"reason": _reason(code, said), "exit": code})
        problem.add_note(said)
        raise problem


def _wait(child: "subprocess.Popen[bytes]", seconds: float, on_tick: Callable[[], None]) -> int:
    deadline = time.monotonic() + seconds
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return -signal.SIGXCPU
        try:
            return child.wait(timeout=min(TICK_SECONDS, left))
        except subprocess.TimeoutExpired:
            on_tick()


def _reason(code: int, said: str) -> str:
    """Name what stopped the child."""
    if code == -signal.SIGXCPU:
        return "time"
    is_memory = code == EXIT_MEMORY or "memory allocation" in said or "MemoryError" in said
    return "memory" if is_memory else "crash"


def _assemble(result: dict[str, Any], folder: Path, out_path: Path) -> None:
    """Put header and rows together and make the file appear at once."""
    whole = folder / "whole.jsonl"
    with whole.open("wb") as target, (folder / "rows.jsonl").open("rb") as rows:
        target.write(json.dumps(result, ensure_ascii=False).encode() + b"\n")
        shutil.copyfileobj(rows, target, MEGABYTE)
        target.flush()
        os.fsync(target.fileno())
    whole.replace(out_path)


def _summary(result: dict[str, Any]) -> ReadSummary:
    sheets = tuple(
        SheetInfo(**{**sheet, "merged": tuple(tuple(one) for one in sheet["merged"])})
        for sheet in result["sheets"]
    )
    return ReadSummary(**{**result, "sheets": sheets})


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _leftover_prefix(out_path: Path) -> str:
    return f".{out_path.name}.reading-"


def _remove_leftovers(out_path: Path) -> None:
    """Remove the folder of an earlier attempt whose worker was killed; only one attempt holds the lease."""
    for folder in out_path.parent.glob(f"{_leftover_prefix(out_path)}*"):
        shutil.rmtree(folder, ignore_errors=True)
