"""The one normaliser of text: for storing, for comparing, for searching, for sorting, for masking.

``clean`` keeps the wording and is used before storing. ``fold`` loses case, width and the make of
punctuation and is used before comparing. ``pieces`` cuts the folded text into the two-character pieces
that the search index holds; the database function ``portal_pieces`` cuts an already folded text alike.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Final

from pypinyin import lazy_pinyin

#: Characters that vanish in ``fold``: zero-width marks, the soft hyphen, the byte-order mark.
DROPPED: Final = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
#: What is mapped one to one, after NFKC and lower case. NFKC has made full width half width before.
FOLD_FROM: Final = (
    "\t\n\r\u000b\u000c\u0085\u1680\u2028\u2029"
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe63"
    "【】〔〕〖〗[]{}《》〈〉「」『』“”„‟‘’‚‛、。·•・‧∙⋅ς"
)
FOLD_TO: Final = " " * 9 + "-" * 9 + "()()()()()" + '"' * 12 + "'" * 4 + ",." + "." * 6 + "σ"

_DROP_TABLE: Final = str.maketrans("", "", DROPPED)
_FOLD_TABLE: Final = str.maketrans(FOLD_FROM, FOLD_TO)
_PLAIN_ASCII: Final = re.compile(r"[!-Z\\^-z|~]*(?: [!-Z\\^-z|~]+)*")
_SPACES: Final = re.compile(r" +")
_CONTROLS: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]"
)
#: words up to this length come again and again: headings, options, names
SHORT: Final = 32
_EDGE_MARKS: Final = "\u200b\u2060\ufeff"


def fold(text: str) -> str:
    """Return the text as it is compared: NFKC, lower case, one kind of space, hyphen, bracket and
    quote.

    ``"（Ａ）　区块链【系统】"`` gives ``"(a) 区块链(系统)"``. Folding twice changes nothing more.
    """
    if text.isascii() and _PLAIN_ASCII.fullmatch(text):
        return text.lower()
    folded = unicodedata.normalize("NFKC", text.translate(_DROP_TABLE)).replace("İ", "i")
    folded = "".join(map(str.lower, folded)).translate(_FOLD_TABLE)
    return _SPACES.sub(" ", folded).strip(" ")


def compact(text: str) -> str:
    """Return ``fold(text)`` without any blank.

    The key under which headers and list values are looked up.
    """
    return _compact(text) if len(text) <= SHORT else fold(text).replace(" ", "")


@lru_cache(maxsize=65_536)
def _compact(text: str) -> str:
    return fold(text).replace(" ", "")


def shortened(text: str, most: int = 60) -> str:
    """Return the text cut to fit into a sentence, with an ellipsis where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def clean(text: str) -> str:
    """Return the text as it is stored: NFC, no control characters or NUL, no blanks at the ends.

    The wording stays: width, case and inner blanks are the writer's. Line ends become ``\\n``.
    """
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return text.strip()  # nearly every cell: nothing to take away but blanks at the ends
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text)).strip().strip(_EDGE_MARKS).strip()


def pieces(text: str) -> list[str]:
    """Return the two-character pieces of the folded text, sorted by code point, each once.

    Pieces do not reach over a blank; a word of one character has none, so a search for a single
    character finds no piece and must be refused or answered otherwise by the caller.
    """
    found = {word[at : at + 2] for word in fold(text).split(" ") for at in range(len(word) - 1)}
    return sorted(found)


# --- sorting -------------------------------------------------------------------------------------

#: Characters read differently inside words; a text with one of them is read whole, all others one
#: by one.
_SEVERAL_READINGS: Final = frozenset("重长行乐朝藏广厦都大单曾传调参差")
_SURNAME_PAIRS: Final = (
    "单:shan 曾:zeng 仇:qiu 解:xie 查:zha 区:ou 朴:piao 盖:ge "
    "翟:zhai 任:ren 华:hua 缪:miao 覃:qin 召:shao 尉:wei 乐:yue"
)
_SURNAME_READINGS: Final = dict(pair.split(":") for pair in _SURNAME_PAIRS.split())


@lru_cache(maxsize=32_768)
def _reading(character: str) -> str:
    return "".join(lazy_pinyin(character))


@lru_cache(maxsize=32_768)
def _readings_in_words(text: str) -> str:
    return " ".join(lazy_pinyin(text))


def pinyin_key(text: str, *, person: bool = False) -> str:
    """Return a key that sorts Chinese by sound: lower-case syllables without tones, blanks between.

    ``"北京大学"`` gives ``"bei jing da xue"``; other letters and digits stay as they are folded.
    With ``person`` the first character is read as a surname (单 shan, 曾 zeng).
    """
    folded = fold(text)
    if person and folded[:1] in _SURNAME_READINGS:
        return f"{_SURNAME_READINGS[folded[0]]} {pinyin_key(folded[1:])}".strip()
    if not _SEVERAL_READINGS.isdisjoint(folded):
        return _readings_in_words(folded)
    syllables = [f" {_reading(mark)} " if mark > "\u2e7f" else mark for mark in folded]
    return _SPACES.sub(" ", "".join(syllables)).strip(" ")


# --- names ---------------------------------------------------------------------------------------

#: What real exports write for "nobody", compared after ``compact``.
NOBODY: Final = frozenset(
    {
        "",
        "-",
        "--",
        "-1",
        "/",
        "\\",
        "undefined",
        "null",
        "none",
        "nan",
        "n/a",
        "不公告发明人",
        "请求不公布姓名",
    }
)
_STRONG: Final = re.compile(r"[;；|｜\n\r]+")
_WEAK: Final = re.compile(r"[,，、]")
_HAN: Final = "\u3400-\u9fff\U00020000-\U0003ffff"
_HAN_NAME: Final = re.compile(rf"[{_HAN}]{{2,4}}")
_HAN_SPACED: Final = re.compile(rf"[{_HAN}](?:[ \u3000\u00a0]+[{_HAN}])+")
_COMPANY_TAIL: Final = re.compile(
    r"\s*(?:ltd|inc|llc|l\.l\.c|llp|l\.p|lp|co|corp|corporation|company|limited|gmbh|ag|plc|s\.a|n\.v|b\.v|kg|k\.k)\b\.?",
    re.IGNORECASE,
)


def split_names(text: str) -> list[str]:
    """Return the names in a cell, in order, each once, without the marks for "nobody".

    ``;`` ``|`` and line ends always part. ``、`` and the Chinese comma always part. The plain comma
    parts unless a company's ending follows (``Co., Ltd.``) or the cell has a stronger mark and the
    comma stands between Latin names (``Smith, John; Doe, Jane``). Blanks part only Chinese names of
    two to four characters each; a blank inside one name (``张 三``) is dropped.
    """
    parts = _STRONG.split(clean(text))
    many = len([part for part in parts if part.strip()]) > 1
    names: list[str] = []
    for part in parts:
        for name in _split_at_commas(part, latin_too=not many):
            names.extend(_split_at_blanks(name))
    return [name for name in dict.fromkeys(names) if compact(name) not in NOBODY]


def _split_at_commas(part: str, *, latin_too: bool) -> list[str]:
    cuts = [
        match.start()
        for match in _WEAK.finditer(part)
        if _parts_here(part, match.start(), latin_too)
    ]
    edges = [-1, *cuts, len(part)]
    return [part[left + 1 : right].strip() for left, right in pairwise(edges)]


def _parts_here(part: str, at: int, latin_too: bool) -> bool:
    if part[at] != ",":
        return True
    before, after = part[:at].rstrip()[-1:], part[at + 1 :].lstrip()[:1]
    if not after or not before or before > "\u2e7f" or after > "\u2e7f":
        return True
    return latin_too and not _COMPANY_TAIL.match(part, at + 1)


def _split_at_blanks(name: str) -> list[str]:
    if _HAN_SPACED.fullmatch(name):
        return ["".join(name.split())]
    words = name.split()
    if len(words) > 1 and all(_HAN_NAME.fullmatch(word) for word in words):
        return words
    return [name]


# --- masking -------------------------------------------------------------------------------------

_DIGIT: Final = re.compile(r"\d")


def mask_phone(number: str) -> str:
    """Hide the middle of a telephone number: ``13800001234`` gives ``138****1234``.

    At most the first three and the last four digits stay; of fewer than eight digits only the
    last two. Blanks, hyphens and plus signs stay where they are.
    """
    count = len(_DIGIT.findall(number))
    tail = 4 if count >= 8 else 2
    head = min(3, max(0, count - tail - 4))
    seen = 0
    masked: list[str] = []
    for mark in number:
        seen += mark.isdigit()
        hidden = mark.isdigit() and head < seen <= count - tail
        masked.append("*" if hidden else mark)
    return "".join(masked)


def mask_mail(address: str) -> str:
    """Hide the name in a mail address: ``office@example.edu.cn`` gives ``o***@example.edu.cn``."""
    name, at, host = address.strip().rpartition("@")
    if not at:
        return "***" if address.strip() else ""
    return f"{name[:1]}***@{host}"


def mask_contact(text: str) -> str:
    """A telephone number or a mail address, masked as what it is."""
    return mask_mail(text) if "@" in text else mask_phone(text)


def mask_name(name: str) -> str:
    """Only the first character of a name: ``演示人`` gives ``演**``."""
    return name[:1] + "*" * min(len(name) - 1, 2) if name else ""
