"""Caps of one reading, and the refusal both sides of the process border understand."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024
# The last row and column a worksheet can have.
EXCEL_ROWS = 1_048_576
# What a spreadsheet takes for the start of a formula when it opens a CSV.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Put before such text on its way out, and taken off again when it comes back.
FORMULA_GUARD = "'"


def is_like_formula(text: str) -> bool:
    """Whether text begins like a formula, however many guards stand before it: what is guarded can be read back."""
    return text.lstrip(FORMULA_GUARD).startswith(FORMULA_STARTS)


EXCEL_COLUMNS = 16_384


@dataclass(frozen=True)
class Limits:
    """What one upload may cost."""

    file_bytes: int = 100 * MEGABYTE
    members: int = 200
    unpacked_bytes: int = 300 * MEGABYTE
    ratio: int = 100
    sheets: int = 50
    rows: int = 300_000
    columns: int = 200
    cell_characters: int = 32_767
    # rows x columns of one sheet; the reader holds the rectangle in memory, 32 bytes a cell
    area: int = 15_000_000
    marked_cells: int = 500_000
    output_bytes: int = 1024 * MEGABYTE
    memory_bytes: int = 1024 * MEGABYTE
    cpu_seconds: int = 60
    seconds: int = 120


class RefusedContent(Exception):
    """The child's word for a file it will not read: a code of ``problems.MESSAGES`` and its values."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
