"""Lists of experts: their heads, and rows → what they say about one person. Pure: no database once made.

The columns are those of ordinary recommendation forms: 姓名, 单位, 职务职称, 学历专业, 从事技术领域, 熟悉的产品,
从业年限, 代表成果, 推荐单位, 联系方式, 回避单位, 聘期. Identity numbers, gender and age are known and never stored
(PIPL art. 6).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from evaluation.models.experts import MOST_FIELDS, identity_of
from inventory.classification.ipc import class_of
from inventory.classification.strategic import find_strategic
from inventory.importing.personnel_rows import fold_name, phone_of
from inventory.importing.table_rows import TableReader, number_text
from inventory.importing.table_steps import IDENTITIES
from inventory.importing.tables import Head, HeadTable
from portal.intake.registry import Subject
from portal.spreadsheets.reading import RawRow
from portal.text import clean, compact, fold, mask_mail, mask_phone

LONGEST: Final = {
    "name": 80,
    "employer": 200,
    "position": 120,
    "education": 200,
    "products": 500,
    "achievements": 1000,
    "recommender": 200,
}
MOST_YEARS: Final = 70
MOST_AVOIDED: Final = 20
MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_HAN_NAME: Final = re.compile(r"[\u3400-\u9fff·]{2,8}")
PARTS: Final = re.compile(r"[;；、,，|｜/\n]+")
_SYMBOL: Final = re.compile(r"[A-H]\d{2}[A-Z]", re.IGNORECASE)
_YEARS: Final = re.compile(r"(\d{1,2})\s*(?:年|years?)?(?:以上)?")
_HAN_NUMBER: Final = re.compile(r"([一二两三四五六七八九]?)(十?)([一二三四五六七八九]?)")
_HAN_DIGITS: Final = {"": 0, "两": 2} | {
    word: at for at, word in enumerate("一二三四五六七八九", 1)
}
_DAY: Final = re.compile(r"(\d{4})[年./-](\d{1,2})(?!\d)(?:[月./-](\d{1,2})(?!\d)日?)?")

EXPERTS: Final = HeadTable(
    heads=(
        Head(
            "name",
            "姓名|专家姓名|名字|专家|name|expert",
            lambda text: _HAN_NAME.fullmatch(fold_name(text)) is not None,
        ),
        Head(
            "employer",
            "工作单位|单位|所在单位|单位名称|现工作单位|任职单位|所属单位|工作单位名称|employer",
        ),
        Head("position", "职务职称|职务/职称|职称职务|职称/职务|职务、职称|职务及职称|position"),
        Head("duty", "职务|现任职务|行政职务|岗位"),
        Head("title", "职称|专业技术职务|技术职称|专业技术职称"),
        Head("education", "学历专业|学历/专业|学历及专业|学历、专业|education"),
        Head("degree", "学历|学位|学历学位|最高学历|最高学位"),
        Head("subject", "专业|所学专业|毕业专业"),
        Head(
            "technical_fields",
            "从事技术领域|技术领域|从事专业领域|专业领域|擅长领域|研究领域|熟悉的技术领域|熟悉领域|领域|IPC|"
            "战新产业|战略性新兴产业|fields",
        ),
        Head("products", "熟悉的产品|熟悉产品|主要产品|熟悉的产品或技术|产品"),
        Head("years", "从业年限|工作年限|从事年限|从业时间|从业年数|years"),
        Head("achievements", "代表成果|代表性成果|主要成果|主要业绩|成果|代表专利"),
        Head("recommender", "推荐单位|推荐企业|推荐单位名称|推荐单位意见|推荐机构|recommended by"),
        Head(
            "phone",
            "手机号|手机|手机号码|联系方式|联系电话|移动电话|电话|phone|mobile",
            lambda text: number_in(text) is not None,
        ),
        Head("email", "邮箱|电子邮箱|电子邮件|邮箱地址|e-mail|email"),
        Head("avoided", "回避单位|需回避单位|回避|回避单位名称|应回避单位"),
        Head("term", "聘期|聘任期限|聘用期限|聘任期|受聘期限"),
        Head("term_from", "聘期起|聘期开始|聘任日期|受聘日期|聘任开始日期|聘期起始"),
        Head("term_until", "聘期止|聘期至|聘任结束日期|聘期结束|到期日期|聘期截止"),
    ),
    needed=frozenset({"name", "employer"}),
    least=3,
    unused="序号|编号|备注|no.|no|通讯地址|地址|邮编|办公电话|传真|入库时间|照片|推荐理由|研究方向",
    never=(
        "性别|身份证号|身份证号码|身份证|证件号|证件号码|证件类型|出生日期|出生年月|年龄|民族|政治面貌|籍贯|"
        "银行卡号|银行账号|开户行|开户银行|gender|sex"
    ),
    foreign="申请号|专利号|专利名称|发明名称|申请(专利)号|专利申请号|工号|职工号|统一社会信用代码",
)


class ExpertReader(TableReader):
    """One row, one person."""

    def read(self, rows: list[RawRow]) -> Subject | None:
        """The person of one row; None for repeated heads, empty lines, hints and the foot of a table."""
        row = rows[0]
        subject = Subject(row.row, [row.row], "", {})
        texts = self.texts(subject, row)
        if self.is_no_row(subject, texts):
            return None
        self._who(subject, texts)
        self._texts(subject, texts)
        self._fields(subject, texts.get("technical_fields", ""))
        self._years(subject, texts.get("years", ""))
        self._avoided(subject, texts.get("avoided", ""))
        self._term(subject, texts)
        self._identity(subject)
        return subject

    # --- fields ----------------------------------------------------------------------------------------

    def _who(self, subject: Subject, texts: Mapping[str, str]) -> None:
        name, employer = fold_name(texts.get("name", "")), clean(texts.get("employer", ""))
        subject.values |= {"name": name, "employer": employer}
        if not name:
            self.note(subject, "name", "name_missing")
        elif len(name) > LONGEST["name"] or any(mark.isdigit() for mark in name):
            self.note(subject, "name", "person_shape", value=name[:60])
        elif PARTS.search(name):
            self.note(subject, "name", "several_persons", value=name[:60])
        if not employer:
            self.note(subject, "employer", "employer_missing", value=name)
        elif len(employer) > LONGEST["employer"]:
            self.note(
                subject, "employer", "too_long", value=employer[:60], limit=LONGEST["employer"]
            )
        self._contact(subject, texts.get("phone", ""), texts.get("email", ""))

    def _contact(self, subject: Subject, phone: str, email: str) -> None:
        """A mobile number; a cell of both holds the mail address, too."""
        numbers, mails = _contacts(phone)
        found = number_in(phone)
        if not numbers:
            self.note(subject, "phone", "mobile_missing")
        elif found is None or not MOBILE.fullmatch(found):
            self.note(subject, "phone", "mobile_shape", value=mask_phone(phone[:40]))
        else:
            subject.values["phone"] = found
        self._email(subject, fold(email or next(iter(mails), "")).replace(" ", ""))

    def _email(self, subject: Subject, email: str) -> None:
        if not email:
            return
        try:
            validate_email(email)
        except ValidationError:
            field = "email" if "email" in self.columns else "phone"
            self.note(subject, field, "email_shape", value=mask_mail(email[:80]))
            return
        subject.values["email"] = email

    def _texts(self, subject: Subject, texts: Mapping[str, str]) -> None:
        """Plain texts; post and title, degree and subject stand in one column or in two."""
        together = {
            "position": ("position", "duty", "title"),
            "education": ("education", "degree", "subject"),
        }
        for field, parts in together.items():
            said = [texts[part] for part in parts if texts.get(part)]
            place = next((part for part in parts if texts.get(part)), field)
            self._short_at(subject, field, place, "、".join(dict.fromkeys(said)))
        for field in ("products", "achievements", "recommender"):
            self._short_at(subject, field, field, texts.get(field, ""))

    def _short_at(self, subject: Subject, field: str, place: str, text: str) -> None:
        if len(text) > LONGEST[field]:
            self.note(subject, place, "too_long", value=text[:60], limit=LONGEST[field])
        elif text:
            subject.values[field] = text

    def _fields(self, subject: Subject, text: str) -> None:
        """At most three subclasses of the IPC or groups of 战略性新兴产业."""
        found, unknown = codes_in(text)
        for part in unknown:
            self.note(subject, "technical_fields", "field_unknown", value=part[:60])
        if len(found) > MOST_FIELDS:
            self.note(
                subject, "technical_fields", "too_many_fields", value=text[:60], count=len(found)
            )
        subject.values["technical_fields"] = found[:MOST_FIELDS]

    def _years(self, subject: Subject, text: str) -> None:
        match = _YEARS.fullmatch(_digits(number_text(text).lower())) if text else None
        if match and int(match.group(1)) <= MOST_YEARS:
            subject.values["years"] = int(match.group(1))
        elif text:
            self.note(subject, "years", "years_shape", value=text[:40])

    def _avoided(self, subject: Subject, text: str) -> None:
        names = list(dict.fromkeys(filter(None, map(clean, PARTS.split(text)))))
        if len(names) > MOST_AVOIDED or any(len(name) > LONGEST["employer"] for name in names):
            self.note(subject, "avoided", "avoided_shape", value=text[:60], count=MOST_AVOIDED)
            return
        subject.values["avoided"] = names

    def _term(self, subject: Subject, texts: Mapping[str, str]) -> None:
        """聘期 in one column (2024.1-2026.12) or in two; a month alone means its first or last day."""
        both = _days(texts.get("term", ""))
        if texts.get("term") and len(both) != 2:
            self.note(subject, "term", "term_shape", value=texts["term"][:40])
            both = []
        edges = {"term_from": both[:1], "term_until": both[1:]}
        for field in edges:
            if text := texts.get(field, ""):
                edges[field] = _days(text)
                if len(edges[field]) != 1:
                    self.note(subject, field, "day_shape", value=text[:40])
        begin, end = edges["term_from"][:1], edges["term_until"][:1]
        if begin and end and end[0][1] < begin[0][0]:
            place = "term" if "term" in self.columns else "term_until"
            self.note(subject, place, "term_order", value=texts.get(place, "")[:40])
        if begin:
            subject.values["term_from"] = begin[0][0].isoformat()
        if end:
            subject.values["term_until"] = end[0][1].isoformat()

    def _identity(self, subject: Subject) -> None:
        said = subject.values
        own = []
        if said["name"] and said["employer"] and said.get("phone"):
            identity = identity_of(said["name"], said["employer"], said["phone"])
            said["identity"] = identity
            own.append(["name", identity])
            subject.key = identity[:40]
        said[IDENTITIES] = own


def _digits(text: str) -> str:
    """A number of years that begins the text in words, in digits: 八年, 十五年以上."""
    match = _HAN_NUMBER.match(text)
    if match is None or not match.group():
        return text
    first, ten, last = match.groups()
    number = (_HAN_DIGITS[first] or 1) * 10 + _HAN_DIGITS[last] if ten else _HAN_DIGITS[first]
    return f"{number}{text[match.end() :]}"


def number_in(text: str) -> str | None:
    """The telephone number of a cell, which may hold several and a mail address; None where there is none."""
    numbers, _mails = _contacts(text)
    return next(filter(None, map(phone_of, ["".join(numbers), *numbers])), None)


def _contacts(text: str) -> tuple[list[str], list[str]]:
    """(numbers, mail addresses) of a cell, as written."""
    pieces = [each for each in re.split(r"[;；,，、/|｜\s]+", text) if each]
    mails = [each for each in pieces if "@" in fold(each)]
    return [each for each in pieces if each not in mails], mails


def codes_in(text: str) -> tuple[list[str], list[str]]:
    """(codes of the technical fields that a text names, words that name none)."""
    # names of groups have 、 in them, too
    whole = find_strategic(text) if text else None
    parts = [text] if whole else list(filter(None, map(str.strip, PARTS.split(text))))
    codes = {part: field_code(part) for part in parts}
    known = dict.fromkeys(code for code in codes.values() if code)
    return list(known), [part for part, code in codes.items() if code is None]


def field_code(text: str) -> str | None:
    """The IPC subclass (H01L) or the code of 战略性新兴产业 (1.5) that a word means; None for others."""
    key = compact(text).upper().removeprefix("IPC").lstrip(":")
    symbol = _SYMBOL.match(key)
    if symbol and class_of(symbol.group()) is not None:
        return symbol.group().upper()
    found = find_strategic(text)
    return found.code if found else None


def _days(text: str) -> list[tuple[date, date]]:
    """The days that stand in a text; a month as (its first day, its last day). [] where one does not exist."""
    found = []
    for year, month, day in _DAY.findall(fold(text)):
        if not 1 <= int(month) <= 12:
            return []
        last = calendar.monthrange(int(year), int(month))[1] if int(year) else 0
        if not int(year) or not 1 <= int(day or 1) <= last:
            return []
        first = date(int(year), int(month), int(day or 1))
        found.append((first, first if day else first.replace(day=last)))
    return found
