"""Cells that hold one word of a fixed list: kind, yes or no, stars, maturity, price band."""

import re
from dataclasses import dataclass
from typing import Final

from inventory.importing.cells import Cell, cell_text, mark
from inventory.importing.problems import CellProblem
from inventory.vocabulary import MATURITY, MATURITY_LEGACY, PRICE_BANDS, STARS
from portal.text import compact


@dataclass(frozen=True, slots=True)
class Coded:
    """A code of the vocabulary; ``raw`` keeps the writer's words when they were older or other words."""

    code: str
    raw: str = ""

    @property
    def is_legacy(self) -> bool:
        """Tell whether an older word of the file stood there."""
        return bool(self.raw)


_KIND_WORDS: Final = {
    "invention": "发明 发明专利 发明申请 授权发明 发明公布 发明授权 发明专利申请 发明专利授权 1 8 a b invention",
    "utility": "实用新型 实用新型专利 新型 2 9 u utility utilitymodel",
    "design": "外观设计 外观设计专利 外观 3 s d design",
}
_KINDS: Final = {word: kind for kind, words in _KIND_WORDS.items() for word in words.split()}


def parse_kind(cell: Cell) -> str:
    """Read 专利类型: ``invention``, ``utility``, ``design``, "" for blank; 国防专利 is refused by kind."""
    key = mark(cell)
    if "国防" in key:
        raise CellProblem("defence", cell_text(cell))
    if not key or key in _KINDS:
        return _KINDS.get(key, "")
    raise CellProblem("kind_of_patent", cell_text(cell))


_YES: Final = frozenset({"是", "有", "yes", "y", "true", "1", "√", "✓", "✔"})
_NO: Final = frozenset({"否", "无", "不是", "没有", "no", "n", "false", "0", "×", "x", "✗"})


def parse_yes_no(cell: Cell) -> bool | None:
    """Read 是 or 否 and what people write for them."""
    key = mark(cell)
    if not key:
        return None
    if key in _YES:
        return True
    if key in _NO:
        return False
    raise CellProblem("yes_no", cell_text(cell))


_STAR_WORDS: Final = {word: stars for stars, word in STARS} | {"两星": 2, "双星": 2}
_STAR_WORDS.update({f"{word}级": stars for word, stars in list(_STAR_WORDS.items())})
_STAR_DIGIT: Final = re.compile(r"([1-5])(?:\.0)?(?:星级?|颗星)?")
_STAR_SIGNS: Final = re.compile(r"([★⭐*]{1,5})☆*")


def parse_stars(cell: Cell) -> int | None:
    """Read 专利价值分级自评: ``五星``, ``5``, ``5星``, ``★★★★★`` are 5."""
    key = mark(cell).replace("\ufe0f", "")
    if not key:
        return None
    if key in _STAR_WORDS:
        return _STAR_WORDS[key]
    digit = _STAR_DIGIT.fullmatch(key)
    signs = _STAR_SIGNS.fullmatch(key)
    if digit is None and signs is None:
        raise CellProblem("stars", cell_text(cell))
    return int(digit[1]) if digit else len(signs[1]) if signs else None


_SIGNS: Final = re.compile(r"[,.;:()/\\_'\"]")


def word_key(text: str) -> str:
    """Return the key of a vocabulary word: ``compact`` without punctuation, hyphens kept."""
    return _SIGNS.sub("", compact(text))


_MATURITY: Final = {word_key(word): code for code, word in MATURITY}
_MATURITY.update({word_key(part): code for code, word in MATURITY for part in word.split("、")})
_MATURITY.update({part.removesuffix("阶段"): code for part, code in list(_MATURITY.items())})
_MATURITY_LEGACY: Final = {word_key(word): code for code, word in MATURITY_LEGACY}


def parse_maturity(cell: Cell) -> Coded | None:
    """Read 技术成熟度: the four stages, or the older six with the raw word kept."""
    key = word_key(mark(cell))
    if not key:
        return None
    if key in _MATURITY:
        return Coded(_MATURITY[key])
    if key in _MATURITY_LEGACY:
        return Coded(_MATURITY_LEGACY[key], cell_text(cell))
    raise CellProblem("maturity", cell_text(cell))


_PRICE_SIGNS: Final = re.compile(r"[~至到—]|--+")
_PRICE_BANDS: Final = {compact(word).removesuffix("万"): code for code, word in PRICE_BANDS}
_PRICE_BANDS.update(
    {
        "面议": "negotiable",
        "100万以上": "over_100",
        "100以上": "over_100",
        ">100": "over_100",
    }
)


def parse_price_band(cell: Cell) -> str:
    """Read 意向价格, one of the twelve bands; "" for blank. ``10至20万元`` is read as ``10-20万``."""
    key = _PRICE_SIGNS.sub("-", mark(cell)).replace("万元", "万")
    short = key.removesuffix("万").replace("万-", "-")
    if not key:
        return ""
    code = _PRICE_BANDS.get(short) or _PRICE_BANDS.get(key)
    if code is None:
        raise CellProblem("price_band", cell_text(cell))
    return code
