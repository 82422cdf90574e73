"""Rows of a personnel list → what they say about one person. Pure: no database once made."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from inventory.importing.table_rows import TableReader, number_text
from inventory.importing.unit_names import UnitNames
from portal.choices import StaffCategory
from portal.intake.registry import Shape, Subject
from portal.spreadsheets.reading import RawRow
from portal.text import clean, compact, fold, mask_mail, mask_phone

#: What a hidden part of a number or address is written with.
_MASK: Final = "***"
LONGEST: Final = {"name": 80, "staff_number": 32, "title": 40, "email": 254}
_MOBILE: Final = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_LANDLINE: Final = re.compile(r"0\d{2,3}-?[2-9]\d{6,7}(?:-\d{1,6})?")
_POINT_ZERO: Final = re.compile(r"(\d+)\.0+")
_SPACED: Final = re.compile(r"[\s\-()]+")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
#: folded word → category; what begins with one of them means it, too
CATEGORIES: Final = {
    **dict.fromkeys(
        (
            "教师",
            "在职",
            "在岗",
            "教职工",
            "教工",
            "专任",
            "事业编",
            "研究员",
            "科研",
            "博士后",
            "医生",
            "医师",
            "聘用",
            "teacher",
        ),
        StaffCategory.TEACHER,
    ),
    **dict.fromkeys(
        (
            "学生",
            "研究生",
            "博士生",
            "硕士生",
            "本科生",
            "博士研究生",
            "硕士研究生",
            "在读",
            "student",
        ),
        StaffCategory.STUDENT,
    ),
    **dict.fromkeys(("退休", "离退休", "离休", "retired"), StaffCategory.RETIRED),
    **dict.fromkeys(
        ("离职", "离校", "调离", "调出", "辞职", "毕业", "解聘", "离岗", "去世", "left"),
        StaffCategory.LEFT,
    ),
    **dict.fromkeys(("其他", "其它", "行政", "管理", "工勤", "other"), StaffCategory.OTHER),
}
_CATEGORY_WORDS: Final = sorted(CATEGORIES, key=len, reverse=True)


class PersonnelReader(TableReader):
    """Understands the rows of one file with the columns a shape names."""

    def __init__(self, shape: Shape, units: UnitNames) -> None:
        super().__init__(shape)
        self.units = units

    def read(self, rows: list[RawRow]) -> Subject | None:
        """The person of one row; None for repeated heads, empty lines and the foot of a table."""
        row = rows[0]
        subject = Subject(row.row, [row.row], "", {})
        texts = self.texts(subject, row)
        name = fold_name(texts.get("name", ""))
        if self.is_no_row(subject, texts):
            return None
        self._name(subject, name)
        for field, text in (
            ("staff_number", number_text(texts.get("staff_number", ""))),
            ("title", texts.get("title", "")),
        ):
            self.short(subject, field, text, LONGEST[field])
        self._category(subject, texts.get("category", ""))
        self._phone(subject, texts.get("phone", ""))
        self._email(subject, texts.get("email", ""))
        self._unit(subject, texts.get("unit", ""))
        subject.key = compact(name)[:40]
        return subject

    # --- fields ----------------------------------------------------------------------------------

    def _name(self, subject: Subject, name: str) -> None:
        subject.values["name"] = name
        if not name:
            self.note(subject, "name", "name_missing")
        elif len(name) > LONGEST["name"] or any(mark.isdigit() for mark in name):
            self.note(subject, "name", "name_shape", value=name[:60])
        elif re.search(r"[、;；|｜/]|，", name):
            self.note(subject, "name", "several_names", value=name)

    def _category(self, subject: Subject, text: str) -> None:
        if not text:
            return
        category = category_of(text)
        if category is None:
            self.note(subject, "category", "category_word", value=text[:60])
            return
        subject.values["category"] = str(category)

    def _is_masked(self, subject: Subject, field: str, text: str) -> bool:
        """A contact as lists show it (138****0000): it says nothing, and is no mistake either."""
        is_masked = _MASK in text
        if is_masked:
            self.note(subject, field, "masked", value=text[:40], level="notice")
        return is_masked

    def _phone(self, subject: Subject, text: str) -> None:
        if not text or self._is_masked(subject, "phone", text):
            return
        phone = phone_of(text)
        if phone is None:
            self.note(subject, "phone", "phone_shape", value=mask_phone(text[:40]))
            return
        subject.values["phone"] = phone

    def _email(self, subject: Subject, text: str) -> None:
        if not text or self._is_masked(subject, "email", text):
            return
        email = fold(text).replace(" ", "")
        try:
            validate_email(email)
        except ValidationError:
            self.note(subject, "email", "email_shape", value=mask_mail(text[:80]))
            return
        if len(email) > LONGEST["email"]:
            self.note(subject, "email", "too_long", value="", limit=LONGEST["email"])
            return
        subject.values["email"] = email

    def _unit(self, subject: Subject, text: str) -> None:
        if not text or compact(text) == self.units.institution:
            if self.units.default is not None:
                subject.values["unit_id"] = self.units.default
            return
        key = self.units.folded(text)
        if key not in self.units.names:
            near = get_close_matches(key, [compact(one) for one in self.units.shown], 1, 0.6)
            shown = next((one for one in self.units.shown if near and compact(one) == near[0]), "")
            rule = "unit_unknown_near" if shown else "unit_unknown"
            self.note(subject, "unit", rule, value=text[:80], near=shown)
            return
        unit = self.units.names[key]
        if unit is None:
            self.note(subject, "unit", "unit_several", value=text[:80])
            return
        subject.values["unit_id"] = unit


def fold_name(text: str) -> str:
    """A name as it is stored: blanks inside a Chinese name are the writer's layout (张  三), all dots are one."""
    text = clean(text).replace("•", "·").replace("・", "·").replace("．", "·").replace("‧", "·")
    words = text.split()
    return "".join(words) if _HAN.search(text) else " ".join(words)


def phone_of(text: str) -> str | None:
    """A mobile number as 11 digits, a fixed line as written; None for anything else.

    Full-width digits, blanks, +86 and the “.0” that a spreadsheet adds are the writer's.
    """
    plain_text = fold(text)
    number = _POINT_ZERO.fullmatch(plain_text)
    plain_text = number.group(1) if number else plain_text
    mobile = _MOBILE.fullmatch(_SPACED.sub("", plain_text))
    if mobile:
        return mobile.group(1)
    line = plain_text.replace(" ", "")
    return line if _LANDLINE.fullmatch(line) else None


def category_of(text: str) -> StaffCategory | None:
    """The category a word means; None for words nobody knows."""
    key = compact(text)
    for word in _CATEGORY_WORDS:
        if key.startswith(word):
            return CATEGORIES[word]
    return None
