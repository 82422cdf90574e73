"""The file of rows read from any line on: what a job does when it goes on from its checkpoint."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from portal.spreadsheets.reading import iter_rows, iter_wanted

#: Lines of several lengths, together longer than the blocks in which line ends are counted.
COUNT = 4000


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rows") / "1.jsonl"
    head = {"kind": "csv", "about": "专利" * 40}
    cells = [[f"第{number}行", "长" * (number % 700)] for number in range(COUNT)]
    lines = [head, *({"s": 0, "r": at, "c": found} for at, found in enumerate(cells, 2))]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    assert path.stat().st_size > 3 << 20
    return path


def test_from_any_line_come_the_rows_that_stand_there(rows: Path) -> None:
    every = list(iter_rows(rows))
    assert [row.row for row in every] == list(range(2, COUNT + 2))
    for start in (0, 1, 7, *range(333, COUNT, 331), COUNT - 1):
        assert list(iter_rows(rows, start)) == every[start:]


@pytest.mark.parametrize("start", [COUNT, COUNT + 1, COUNT * 9])
def test_from_beyond_the_end_comes_nothing(rows: Path, start: int) -> None:
    assert list(iter_rows(rows, start)) == []


def test_pieces_that_follow_each_other_are_the_whole(rows: Path) -> None:
    every = list(iter_rows(rows))
    edges = [0, 1, 999, 1000, 2501, COUNT]
    found = []
    for start, end in pairwise(edges):
        found += [row for row, _at in zip(iter_rows(rows, start), range(start, end), strict=False)]
    assert found == every


def test_wanted_rows_are_found_with_their_places(rows: Path) -> None:
    found = list(iter_wanted(rows, 1000, 2000, {5, 1002, 1500, 3001, 3002}))
    assert [(at, row.row) for at, row in found] == [(1000, 1002), (1498, 1500), (2999, 3001)]


def test_a_last_line_without_its_end_is_read(tmp_path: Path) -> None:
    path = tmp_path / "2.jsonl"
    path.write_text('{"kind": "csv"}\n{"s": 0, "r": 2, "c": ["甲"]}', encoding="utf-8")
    assert [row.cells for row in iter_rows(path)] == [["甲"]]
    assert list(iter_rows(path, 1)) == []
