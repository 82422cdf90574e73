"""Chinese application numbers (ZC 0006-2003) and publication numbers (ZC 0007-2012).

An application number is 8 digits (2 year, 1 kind, 5 serial; before 2003-10-01) or 12 digits (4
year, 1 kind, 7 serial) and one check character: the weighted sum of the digits (weights 2 to 9,
then 2 to 5) modulo 11, where 10 is written X. The numbers of 1985 to 1988 were issued without a
check character. Kind 1 invention, 2 utility model, 3 design, 8 an international application for
an invention and 9 one for a utility model. 专利号 is ZL and the application number (ZC 0006-2003,
5.2).

We store the canonical form: digits and check character, nothing else (``2017101922876``,
``971017654``, X upper case), and show ``display(...)``: ``CN201710192287.6``.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from operator import mul
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import clock

CHECK_CHARACTERS: Final = "0123456789X"
WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_FIRST_YEAR: Final = 1985
_FIRST_LONG_YEAR: Final = 2003


class Kind(StrEnum):
    """The three kinds of patent of 专利法 第2条."""

    INVENTION = "invention"
    UTILITY = "utility"
    DESIGN = "design"


KIND_OF_DIGIT: Final = {
    "1": Kind.INVENTION,
    "2": Kind.UTILITY,
    "3": Kind.DESIGN,
    "8": Kind.INVENTION,
    "9": Kind.UTILITY,
}

#: What a person reads for each code: what was expected instead.
EXPECTED: Final[dict[str, Promise]] = {
    "blank": _("An application number, for example CN201710192287.6."),
    "destroyed": _(
        "The spreadsheet has rounded this number and its last digits are lost. Format the column "
        "as text and enter the number again, or give the publication number."
    ),
    "check_digit": _(
        "The check character after the point does not fit the digits. Compare with the certificate."
    ),
    "length": _("8 or 12 digits and one check character."),
    "year": _("A year of filing from 1985 to the present year."),
    "kind": _("1, 2, 3, 8 or 9 as the digit for the kind of patent."),
    "foreign": _(
        "A Chinese application number; foreign and international applications are not part of "
        "the inventory."
    ),
    "software_copyright": _("A patent; a registered software copyright is not a patent."),
    "defence": _(
        "A patent open to the public; defence patents must not be entered in this system."
    ),
    "publication_number": _("The application number; this is a publication number."),
    "application_number": _("The publication number; this is an application number."),
    "not_a_number": _("An application number, for example CN201710192287.6."),
}


class NumberProblem(ValueError):
    """A text that is not the number asked for.

    ``code`` is a key of ``EXPECTED``, ``value`` the text as given, ``expected`` a translated
    sentence, ``suggestion`` a number to put in its place or "" (never applied without a person's
    word).
    """

    def __init__(self, code: str, value: object, suggestion: str = "") -> None:
        super().__init__(code, value, suggestion)
        self.code = code
        self.value = str(value)
        self.suggestion = suggestion

    @property
    def expected(self) -> Promise:
        """Return the sentence that says what should stand there."""
        return EXPECTED[self.code]


@dataclass(frozen=True, slots=True)
class ApplicationNumber:
    """One verified application number: ``digits`` (8 or 12) and the ``check`` character apart."""

    digits: str
    check: str
    check_was_missing: bool = False

    @property
    def canonical(self) -> str:
        """Return the stored form, 9 or 13 characters."""
        return self.digits + self.check

    @property
    def kind(self) -> Kind:
        """Return the kind of patent its digit names."""
        return KIND_OF_DIGIT[self._kind_digit]

    @property
    def is_pct(self) -> bool:
        """Tell whether it came in as an international application (kind digit 8 or 9)."""
        return self._kind_digit in "89"

    @property
    def year(self) -> int:
        """Return the four-figure year of filing (of entry into the national phase for 8 and 9)."""
        return _year_of(self.digits)

    @property
    def display(self) -> str:
        """Return the form shown and exported: ``CN201710192287.6``."""
        return f"CN{self.digits}.{self.check}"

    @property
    def _kind_digit(self) -> str:
        return _kind_digit_of(self.digits)


def check_character(digits: str) -> str:
    """Return the check character for 8 or 12 digits: ``201710192287`` gives ``6``."""
    if len(digits) not in {8, 12}:
        raise ValueError("A check character belongs to 8 or 12 digits")
    total = sum(map(mul, WEIGHTS, map(int, digits)))
    return CHECK_CHARACTERS[total % 11]


def is_possible(digits: str) -> bool:
    """Tell whether 8 or 12 digits hold a year of filing up to today and a kind of patent."""
    return _is_year_possible(digits) and _kind_digit_of(digits) in KIND_OF_DIGIT


def display(canonical: str) -> str:
    """Return ``CN…`` with the point for a stored number; any other text comes back as it is."""
    return f"CN{canonical[:-1]}.{canonical[-1]}" if len(canonical) in {9, 13} else canonical


def make_number(year: int, kind_digit: int | str, serial: int) -> str:
    """Return a canonical number, check character included (8 digits to 2002, 12 from 2003)."""
    if year < _FIRST_LONG_YEAR:
        digits = f"{year % 100:02d}{kind_digit}{serial:05d}"
    else:
        digits = f"{year:04d}{kind_digit}{serial:07d}"
    return digits + check_character(digits)


# --- reading
# ---------------------------------------------------------------------------------------

_PLAIN: Final = re.compile(r"(?:(?:(?:CN)?ZL|CN)[-:.]?)?(\d{12}|\d{8})[-.]?([\dX])?", re.ASCII)
#: Year, kind and serial apart, as on certificates: ``2017.2.0632371.0``.
_GROUPED: Final = re.compile(
    r"(?:(?:(?:CN)?ZL|CN)[-:.]?)?(\d{4}|\d{2})[-.]([12389])[-.](\d{7}|\d{5})[-.]?([\dX])?", re.ASCII
)
_LABEL: Final = re.compile(r"^(?:中国)?(?:专利)?(?:申请|专利|申请\(专利\))号(?:码)?[:.]?")
_LABEL_OF_PUBLICATION: Final = re.compile(
    r"^(?:公开|公告|公布|申请公布|授权公告)(?:\(公告\)|公告)?号(?:码)?[:.]?"
)
_DOCDB: Final = re.compile(r"CN[:.](\d{12}|\d{8})([\dX])?[:.][A-Z]\d?(?:[:.]\d{8})?", re.ASCII)
_WITH_CODE: Final = re.compile(r"CN(\d{12})(X)?[A-Z]\d?", re.ASCII)
#: CNIPR's long publication form: the year of publication before the nine digits (CN102965311A of
#: 2013).
_LONG_PUBLICATION: Final = re.compile(
    r"CN(?:19|20)\d{2}([123]\d{8}|[123]\d{6})([ABCDSUY])(\d?)", re.ASCII
)
_PADDED_KIND: Final = re.compile(r"(?:CN|ZL)?(\d{4})000([12389])(\d{7})([\dX])?", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:\.\d+)?E\+?\d+")
_ROUNDED: Final = re.compile(r"(?:CN|ZL)?(?:\d{7}0{6}|\d{13,}0{3,}|\d{16,})(?:\.0+)?")
_OFFICES: Final = (
    "US|EP|WO|JP|KR|DE|GB|FR|TW|HK|MO|CA|AU|RU|SU|IN|EA|BR|IT|ES|CH|SE|NL|SG|IL|MX|ZA|UA|VN|TH|MY|ID|PH|EM|DM|AT|BE|"
    "DK|FI|NO|NZ|PL|LU"
)
_FOREIGN: Final = re.compile(
    rf"PCT[-:/]?|(?:{_OFFICES})(?:[-:/.]?[A-Z]?\d|[-:/.]?PCT|特[願愿开開許许])"
)
_SOFTWARE: Final = re.compile(r"软著|软件著作|著作权|\d{4}SR\d+|SR\d{6,}")
_DEFENCE: Final = re.compile(r"国防|^(?:CN|ZL)?[-:]?GF")
_PUBLICATION: Final = re.compile(r"(?:CN[-:.]?)?(\d{7,9})[-:.]?([ABCDSUY])(\d?)", re.ASCII)
_BARE_PUBLICATION: Final = re.compile(r"CN([123]\d{6}|[123]\d{8})", re.ASCII)
_NUMERIC_FRACTION: Final = re.compile(r"(\d{13})\.0", re.ASCII)
_BLANKS: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff'’‘\"“”]+")
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212]")
#: Other points, the sign of multiplication and the Cyrillic letter for the check character X.
_LOOKALIKES: Final = str.maketrans(
    {"。": ".", "·": ".", "•": ".", "・": ".", "×": "X", "Х": "X", "х": "X"}
)
_AROUND: Final = "()[]{}<>《》【】,;"
_LARGEST_EXACT: Final = 10**15


def parse_application_number(value: object) -> ApplicationNumber:
    """Read an application number in any spelling met in real files; raise ``NumberProblem``.

    Accepts CN, ZL or no prefix, blanks, full width, a tab, lower-case x, a missing point, a
    missing check character (computed, ``check_was_missing``), ``CN:201711494189:A``,
    ``CN201711494189A`` and CNIPR's 17-character form ``CN201200010464170`` (year, kind in four
    places, serial). A number cell may come as ``int`` or ``float``. Nothing is ever guessed: a
    doubtful text is refused by its kind. ``CN2013102965311A`` is the year and the publication
    number CN102965311A, so it is refused as such.
    """
    if isinstance(value, str):
        dense, match = value, _PLAIN.fullmatch(value)
        if match is None:
            dense = narrow(value)
            match = _PLAIN.fullmatch(dense)
        if match is None or dense.endswith("000000"):
            return _parse_unusual(value)
        return _verified(match[1], match[2], value)
    if value is None:
        raise NumberProblem("blank", "")
    return _parse_number_cell(value)


def parse_publication_number(value: object) -> "PublicationNumber":
    """Read ``CN102889890B``, ``CN111591160B8``, ``CN101141661`` (no code), ``CN2013102965311A``;
    raise ``NumberProblem``.

    An application number is refused with the code ``application_number`` and itself as the
    suggestion.
    """
    dense = _LABEL_OF_PUBLICATION.sub("", narrow(str(value if value is not None else "")))
    if not dense:
        raise NumberProblem("blank", value or "")
    match = _PUBLICATION.fullmatch(dense) or _LONG_PUBLICATION.fullmatch(dense)
    if match:
        return PublicationNumber(match[1], match[2], match[3])
    bare = _BARE_PUBLICATION.fullmatch(dense)
    if bare:
        return PublicationNumber(bare[1], "", "")
    try:
        number = parse_application_number(value)
    except NumberProblem as problem:
        code = "not_a_number" if problem.code == "publication_number" else problem.code
        raise NumberProblem(code, value) from problem
    raise NumberProblem("application_number", value, number.display)


@dataclass(frozen=True, slots=True)
class PublicationNumber:
    """A Chinese publication number: ``digits`` (7 to 9), letter ``code`` ("" when it was left
    out), ``suffix`` digit.

    A is 申请公布; B (before 2010-04-07 C) 发明授权公告; U (Y) 实用新型; S (D) 外观设计; the
    digits 8 and 9 mark corrections, 1 to 7 partial invalidations (ZC 0007-2012, table 1).
    """

    digits: str
    code: str
    suffix: str

    @property
    def canonical(self) -> str:
        """Return the stored form: ``CN102889890B``."""
        return f"CN{self.digits}{self.code}{self.suffix}"

    @property
    def kind(self) -> Kind | None:
        """Return the kind by the letter, else by the first digit of a number in use since 1989."""
        by_letter = {
            "A": Kind.INVENTION,
            "B": Kind.INVENTION,
            "C": Kind.INVENTION,
            "U": Kind.UTILITY,
        }
        by_letter |= {"Y": Kind.UTILITY, "S": Kind.DESIGN, "D": Kind.DESIGN}
        if self.code:
            return by_letter[self.code]
        return KIND_OF_DIGIT.get(self.digits[0]) if len(self.digits) != 8 else None

    @property
    def is_grant(self) -> bool | None:
        """Tell whether it announces a granted right; None when the letter is missing."""
        return self.code != "A" if self.code else None

    @property
    def is_correction(self) -> bool:
        """Tell whether it is a corrected reprint (suffix 8 or 9): the same patent again."""
        return self.suffix in {"8", "9"}


# --- inner steps
# -------------------------------------------------------------------------------------


def narrow(text: str) -> str:
    """Return NFKC, upper case, without blanks and quotation marks of any kind, brackets around it off."""
    if not text.isascii():
        text = _DASHES.sub("-", unicodedata.normalize("NFKC", text).translate(_LOOKALIKES))
    return _BLANKS.sub("", text).strip(_AROUND).upper()


def _parse_unusual(text: str) -> ApplicationNumber:
    dense = _LABEL.sub("", narrow(text)).rstrip(".").removesuffix("号")
    if not dense or not dense.strip("-/."):
        raise NumberProblem("blank", text)
    _refuse_other_things(dense, text)
    if _SCIENTIFIC.fullmatch(dense) or _ROUNDED.fullmatch(dense):
        raise NumberProblem("destroyed", text)
    for shape in (_PLAIN, _DOCDB, _WITH_CODE):
        match = shape.fullmatch(dense)
        if match:
            return _verified(match[1], match[2], text)
    apart = _PADDED_KIND.fullmatch(dense) or _GROUPED.fullmatch(dense)
    if apart:
        return _verified(apart[1] + apart[2] + apart[3], apart[4], text)
    fraction = _NUMERIC_FRACTION.fullmatch(dense)
    if fraction:
        return parse_application_number(fraction[1])
    raise _shape_problem(dense, text)


def _refuse_other_things(dense: str, text: str) -> None:
    """Raise for the things that are no Chinese application at all, by their kind."""
    if _DEFENCE.search(dense):
        raise NumberProblem("defence", text)
    if _SOFTWARE.search(dense):
        raise NumberProblem("software_copyright", text)
    if _FOREIGN.match(dense):
        raise NumberProblem("foreign", text)


def _shape_problem(dense: str, text: str) -> NumberProblem:
    publication = _PUBLICATION.fullmatch(dense)
    if publication or _LONG_PUBLICATION.fullmatch(dense) or _BARE_PUBLICATION.fullmatch(dense):
        return NumberProblem("publication_number", text, _early_application(publication))
    bare = dense.removeprefix("CN").removeprefix("ZL").replace(".", "").replace("-", "")
    if bare.rstrip("X").isdigit():
        return NumberProblem("length", text)
    return NumberProblem("not_a_number", text)


def _early_application(publication: re.Match[str] | None) -> str:
    """Return the application number, which was also the publication number in 1985 to 1988."""
    if publication is None or len(publication[1]) != 8 or not "85" <= publication[1][:2] <= "88":
        return ""
    return f"CN{publication[1]}.{check_character(publication[1])}"


def _parse_number_cell(value: object) -> ApplicationNumber:
    """Read a cell that the spreadsheet holds as a number: exact to 15 digits and no further."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise NumberProblem("not_a_number", value)
    if value != value or abs(value) >= _LARGEST_EXACT:
        raise NumberProblem("destroyed", value)
    text = (
        f"{value:.1f}" if isinstance(value, float) and not value.is_integer() else f"{int(value)}"
    )
    return parse_application_number(text)


def _year_of(digits: str) -> int:
    if len(digits) == 12:
        return int(digits[:4])
    short = int(digits[:2])
    return 1900 + short if short >= 85 else 2000 + short


def _kind_digit_of(digits: str) -> str:
    return digits[4] if len(digits) == 12 else digits[2]


def _verified(digits: str, check: str | None, text: str) -> ApplicationNumber:
    """Check year, kind and check character, in this order; compute the last if it is missing."""
    _refuse_year(digits, check, text)
    if _kind_digit_of(digits) not in KIND_OF_DIGIT:
        raise NumberProblem("kind", text)
    right = check_character(digits)
    if check is not None and check != right:
        # which digit is wrong, only a person can tell: inventory.number_repairs proposes
        raise NumberProblem("check_digit", text)
    return ApplicationNumber(digits, right, check is None)


def _refuse_year(digits: str, check: str | None, text: str) -> None:
    if not _is_year_possible(digits):
        is_publication = len(digits) == 8 and check is not None and digits[0] in "123"
        raise NumberProblem("publication_number" if is_publication else "year", text)


def _is_year_possible(digits: str) -> bool:
    year = _year_of(digits)
    if len(digits) == 12:
        return _FIRST_LONG_YEAR <= year <= clock.today().year
    return _FIRST_YEAR <= year <= _FIRST_LONG_YEAR
