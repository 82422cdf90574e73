"""Reading in tests: the package's own caps, not the installation's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.spreadsheets.limits import Limits
from portal.spreadsheets.problems import UnreadableFile
from portal.spreadsheets.reading import RawRow, ReadSummary, iter_rows, read_file


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[ReadSummary, list[RawRow]]]:
    """Read a file and return its summary and rows."""

    def run(path: Path, **caps: int) -> tuple[ReadSummary, list[RawRow]]:
        out = tmp_path / "rows.jsonl"
        summary = read_file(path, path.name, out, Limits(**caps))
        return summary, list(iter_rows(out))

    return run


@pytest.fixture
def refusal(tmp_path: Path) -> Callable[..., UnreadableFile]:
    """Read a file that must be refused; nothing may be left behind."""

    def run(path: Path, **caps: int) -> UnreadableFile:
        folder = tmp_path / "out"
        folder.mkdir()
        with pytest.raises(UnreadableFile) as caught:
            read_file(path, path.name, folder / "rows.jsonl", Limits(**caps))
        assert list(folder.iterdir()) == []
        assert "%(" not in str(caught.value)
        return caught.value

    return run
