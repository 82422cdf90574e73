"""Rows of a list of organisations → what they say about one. Pure: no database once made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from inventory.classification.regions import DISTRICTS, find_district, province_at_start
from inventory.importing.organisation_heads import SCHOOL_CODE, is_credit_code
from inventory.importing.table_rows import TableReader, number_text
from inventory.importing.table_steps import IDENTITIES
from portal.choices import Affiliation, District, OrganisationKind
from portal.intake.registry import Subject
from portal.spreadsheets.reading import RawRow
from portal.text import clean, compact, fold

MOST_NAME: Final = 200
MOST_CODE: Final = 32
LENGTH: Final = 18
BEIJING: Final = "11"
SCHOOL: Final = "MOE-"
_PARTS: Final = re.compile(r"[;；、,，|｜/\n]+")
_LEAD: Final = re.compile(r"^(?:原名|曾用名|又名|别名|原|曾用)[:：]?\s*")
_SLUG: Final = re.compile(r"[A-Za-z0-9_-]+")
_LOOKALIKE: Final = str.maketrans("OISZ", "0152")
_HAN_GAP: Final = re.compile(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])")
#: the districts of GB/T 2260 are the kernel's, in the same order
_DISTRICTS: Final = dict(zip((one.code for one in DISTRICTS), District.values, strict=True))
#: words of a column of kinds, the first that a cell holds counts
_KIND_WORDS: Final = (
    (OrganisationKind.ENTERPRISE, "企业|公司|enterprise"),
    (OrganisationKind.HOSPITAL, "医院|医疗|卫生机构|hospital"),
    (OrganisationKind.INSTITUTE, "科研|研究|院所|科学院|institute"),
    (OrganisationKind.UNIVERSITY, "高校|高等|大学|院校|本科|专科|高职|学校|university"),
    (OrganisationKind.DISTRICT_OFFICE, "区级|区局|区知识产权|区县|各区|district"),
    (OrganisationKind.DEPARTMENT, "部门|委办局|委局|市级|机关|局|委员会|department"),
    (OrganisationKind.SERVICE_BODY, "服务|协会|联盟|学会|中介|代理|平台|service"),
)
#: how names end, the first that fits counts
_KIND_OF_NAME: Final = (
    (OrganisationKind.ENTERPRISE, r"(公司|厂|集团)$"),
    (OrganisationKind.INSTITUTE, r"(科学院|研究院|研究所|研究总院|设计院|实验室|研究中心)$"),
    (OrganisationKind.HOSPITAL, r"(医院|卫生院|保健院|疾病预防控制中心)$"),
    (OrganisationKind.UNIVERSITY, r"(大学|学院|学校|分校)$"),
    (OrganisationKind.DISTRICT_OFFICE, r"区.*局$"),
    (OrganisationKind.DEPARTMENT, r"(局|委员会|教委|卫健委|科委)$"),
)
_CENTRAL: Final = re.compile(
    r"中央|国务院|国家|部属|央属|中国科学院|中科院|社科院|全国|总局|总署|总会|(?<!宣传|统战)部$|部委"
)
_MUNICIPAL: Final = re.compile(r"^北京|市属|市教委|市卫健委|市级|地方|^市")
_PRIVATE: Final = re.compile(r"民办|私立|中外合作|其他|其它|社会力量|军队|部队")


class OrganisationReader(TableReader):
    """Understands the rows of one file with the columns a shape names."""

    def read(self, rows: list[RawRow]) -> Subject | None:
        """The organisation of one row; None for what is none: heads, merged lines, hints, the foot."""
        row = rows[0]
        subject = Subject(row.row, [row.row], "", {})
        texts = self.texts(subject, row)
        if self.is_no_row(subject, texts):
            return None
        self.name(subject, texts)
        self.codes(subject, texts)
        self.district(subject, texts.get("district", ""))
        self.more(subject, texts)
        self.identities(subject)
        return subject

    def more(self, subject: Subject, texts: Mapping[str, str]) -> None:
        """What a list of organisations says besides name, codes and place."""
        self._kind(subject, texts.get("kind", ""))
        bureaus = _several(texts.get("bureau", ""))
        subject.values["bureaus"] = bureaus
        self._affiliation(subject, texts, bureaus)

    # --- fields --------------------------------------------------------------------------------------

    def name(self, subject: Subject, texts: Mapping[str, str]) -> None:
        """The name and the further ones; blanks inside a Chinese name are the writer's layout."""
        name = _name(texts.get("name", ""))
        subject.values["name"] = name
        if not name:
            self.note(subject, "name", "name_missing")
        elif len(name) > MOST_NAME:
            self.note(subject, "name", "too_long", value=name[:60], limit=MOST_NAME)
        further = [_LEAD.sub("", each) for each in _several(texts.get("former_names", ""))]
        found = [each for each in map(_name, further) if each and fold(each) != fold(name)]
        subject.values["former_names"] = list(dict.fromkeys(found))
        if any(len(each) > MOST_NAME for each in found):
            self.note(subject, "former_names", "too_long", value=found[0][:60], limit=MOST_NAME)

    def codes(self, subject: Subject, texts: Mapping[str, str]) -> None:
        """Credit code, school code, and the short code that is made of them where none is given."""
        written = number_text(texts.get("credit_code", "")).replace("-", "")
        if written and not is_credit_code(written):
            rule = "code_length" if len(written) != LENGTH else "code_check"
            self.note(
                subject,
                "credit_code",
                rule,
                value=written[:40],
                length=len(written),
                suggestion=_meant(written),
            )
        elif written:
            subject.values["credit_code"] = written
        school = number_text(texts.get("school_code", ""))
        match = SCHOOL_CODE.fullmatch(school)
        if match:
            subject.values["school_code"] = SCHOOL + match.group(1)
        elif school:
            self.note(subject, "school_code", "school_code", value=school[:40])
        code = clean(texts.get("code", ""))
        if code and (len(code) > MOST_CODE or not _SLUG.fullmatch(code)):
            self.note(subject, "code", "short_code", value=code[:40])
        elif code:
            subject.values["code"] = code

    def district(self, subject: Subject, text: str) -> None:
        """A district of Beijing; the city alone says nothing, another province refuses the row."""
        found = find_district(text) or find_district(_district_in(text))
        province = province_at_start(compact(text))
        if found is not None:
            subject.values["district"] = _DISTRICTS[found.code]
        elif province is not None and province.code != BEIJING:
            self.note(subject, "district", "outside_city", value=text[:60])
        elif text and province is None:
            self.note(subject, "district", "district_unknown", value=text[:60])

    def _kind(self, subject: Subject, text: str) -> None:
        """The kind as said; else as the name's ending tells, which counts for new ones only."""
        kind = kind_of(text) if text else kind_of_name(subject.values["name"])
        if kind is None and text:
            self.note(subject, "kind", "kind_unknown", value=text[:60])
        elif kind == OrganisationKind.ENTERPRISE:
            self.note(subject, "kind", "kind_enterprise", value=text[:60])
        elif kind is not None:
            subject.values |= {"kind": str(kind), "is_guess": not text}

    def _affiliation(self, subject: Subject, texts: Mapping[str, str], bureaus: list[str]) -> None:
        """隶属关系 as said; else by the remark (民办) and by the bureau in charge."""
        text = texts.get("affiliation", "")
        if text:
            found = affiliation_of(text)
            if found is None:
                self.note(subject, "affiliation", "affiliation_word", value=text[:60])
                return
        elif _PRIVATE.search(texts.get("remark", "")):
            found = Affiliation.OTHER
        else:
            found = affiliation_of(bureaus[0]) if bureaus else None
        if found is not None:
            subject.values["affiliation"] = str(found)

    def identities(self, subject: Subject) -> None:
        """By what the file must not name an organisation twice, and the natural key."""
        said = subject.values
        own: list[tuple[str, str]] = [
            (field, said[field])
            for field in ("credit_code", "school_code", "code")
            if said.get(field)
        ]
        if said["name"]:
            own.append(("name", fold(said["name"])))
        own += [("former_names", fold(name)) for name in said["former_names"]]
        said[IDENTITIES] = [list(each) for each in own]
        subject.key = said.get("credit_code") or said.get("school_code") or compact(said["name"])
        subject.key = subject.key[:40]


def kind_of(text: str) -> OrganisationKind | None:
    """The kind a word means; None for words nobody knows."""
    key = compact(text)
    for kind, words in _KIND_WORDS:
        if any(word in key for word in words.split("|")):
            return kind
    return None


def kind_of_name(name: str) -> OrganisationKind | None:
    """The kind that a name's ending tells; None where it tells nothing."""
    key = re.sub(r"\(.*\)$", "", compact(name))
    return next((kind for kind, ending in _KIND_OF_NAME if re.search(ending, key)), None)


def affiliation_of(text: str) -> Affiliation | None:
    """市属, 部属 or 其他, also by the name of a bureau; None for words nobody knows."""
    key = compact(text)
    if key in Affiliation.values:
        return Affiliation(key)
    if _MUNICIPAL.search(key):
        return Affiliation.MUNICIPAL
    if _CENTRAL.search(key):
        return Affiliation.CENTRAL
    return Affiliation.OTHER if _PRIVATE.search(key) else None


def _name(text: str) -> str:
    return _HAN_GAP.sub("", clean(text).replace("\n", " ").replace("\u3000", " "))


def _several(text: str) -> list[str]:
    return [part for each in _PARTS.split(text) if (part := clean(each))]


def _district_in(text: str) -> str:
    """The district that stands within an address: 北京市海淀区学院路 → 海淀区."""
    match = re.match(r"(?:北京市?)?(.{2,10}?(?:区|县))", compact(text))
    return match.group(1) if match else ""


def _meant(code: str) -> str:
    """The code with letters that no code has (I, O, S, Z) read as the digits they look like, if it is right then."""
    read = code.translate(_LOOKALIKE)
    return read if read != code and is_credit_code(read) else ""
