"""Bureaus, institutions with their unit trees, enterprises and service bodies of the demonstration city."""

from __future__ import annotations

from typing import Final

from portal.choices import Affiliation, OrganisationKind
from portal.demo import names
from portal.demo.city import MARKER_CODE, City, Institution, UnitNode
from portal.text import fold, pinyin_key

LEAD: Final = ("DEMO-ZSCQJ", "市知识产权局（演示）")
#: Which bureau supervises which kind of institution.
SUPERVISOR: Final = {
    OrganisationKind.UNIVERSITY: "DEMO-JW",
    OrganisationKind.INSTITUTE: "DEMO-KW",
    OrganisationKind.HOSPITAL: "DEMO-WJW",
}
FIRST_WEIGHT: Final = 0.084


def add_organisations(city: City) -> dict[str, int]:
    """All organisations; returns ids by code."""
    ids = _add_bureaus(city)
    _add_institutions(city, ids)
    _add_firms(city, ids)
    return ids


def _add(city: City, code: str, name: str, kind: str, **more: str | None) -> int:
    made = city.loader.add(
        "portal_organisation",
        code,
        name,
        pinyin_key(name),
        kind,
        more.get("credit_code"),
        more.get("affiliation") or Affiliation.OTHER,
        more.get("district") or "",
        True,
        1,
    )
    city.loader.add("portal_organisationname", name, fold(name), made)
    return made


def _add_bureaus(city: City) -> dict[str, int]:
    ids = {
        MARKER_CODE: _add(city, MARKER_CODE, "门户运营中心（演示）", OrganisationKind.OPERATOR),
        LEAD[0]: _add(
            city, *LEAD, OrganisationKind.LEAD_BUREAU, affiliation="municipal", district="xicheng"
        ),
    }
    for code, name in names.DEPARTMENTS:
        ids[code] = _add(
            city, code, name, OrganisationKind.DEPARTMENT, affiliation=Affiliation.MUNICIPAL
        )
    for district, word in names.DISTRICT_WORDS.items():
        code = f"DEMO-Q-{district.value.upper()}"
        name = f"{word}知识产权局（演示）"
        ids[code] = _add(
            city,
            code,
            name,
            OrganisationKind.DISTRICT_OFFICE,
            affiliation="municipal",
            district=district.value,
        )
    return ids


def _institution_rows() -> list[tuple[str, str, str, str, str, str]]:
    """(code, name, kind, affiliation, district, make) of every institution."""
    rows = [
        (f"DEMO-U{n:02d}", name, OrganisationKind.UNIVERSITY.value, affiliation, district, make)
        for n, (name, affiliation, district, make) in enumerate(names.UNIVERSITIES, 1)
    ]
    rows += [
        (f"DEMO-R{n:02d}", name, OrganisationKind.INSTITUTE.value, affiliation, district, make)
        for n, (name, affiliation, district, make) in enumerate(names.INSTITUTES, 1)
    ]
    rows += [
        (f"DEMO-H{n:02d}", name, OrganisationKind.HOSPITAL.value, affiliation, district, "医学")
        for n, (name, affiliation, district) in enumerate(names.HOSPITALS, 1)
    ]
    return rows


_SHARE: Final = {"university": 0.62, "institute": 0.24, "hospital": 0.14}


def _weights(rows: list[tuple[str, str, str, str, str, str]]) -> list[float]:
    """Shares of the patents: within each kind falling like 1 / rank; the first university fixed."""
    raw = []
    for code, _name, kind, *_rest in rows:
        rank = int(code[-2:])
        raw.append((kind, 1.0 / (rank + 2.5)))
    totals = {kind: sum(weight for k, weight in raw if k == kind) for kind in _SHARE}
    weights = [_SHARE[kind] * weight / totals[kind] for kind, weight in raw]
    scale = (1 - FIRST_WEIGHT) / (sum(weights) - weights[0])
    return [FIRST_WEIGHT, *(weight * scale for weight in weights[1:])]


def _add_institutions(city: City, ids: dict[str, int]) -> None:
    rows = _institution_rows()
    for number, (row, weight) in enumerate(zip(rows, _weights(rows), strict=True), 1):
        code, name, kind, affiliation, district, make = row
        made = _add(
            city,
            code,
            name,
            kind,
            credit_code=names.credit_code("12110000", number),
            affiliation=affiliation,
            district=district,
        )
        ids[code] = made
        institution = Institution(
            id=made,
            code=code,
            name=name,
            kind=kind,
            affiliation=affiliation,
            district=district,
            weight=weight,
        )
        _add_units(city, institution, make)
        institution.fields = tuple(dict.fromkeys(unit.specialty for unit in institution.units))
        city.institutions.append(institution)
        bureau = ids[SUPERVISOR[OrganisationKind(kind)]]
        city.loader.add("portal_supervision", True, bureau, made)
        if number % 17 == 0:
            # a few are watched by a second bureau as well
            city.loader.add("portal_supervision", True, ids["DEMO-JXJ"], made)


def _first_level(city: City, institution: Institution, make: str) -> list[tuple[str, str]]:
    """(name, field) of the units directly below the institution."""
    if institution.kind == OrganisationKind.HOSPITAL:
        return city.random.sample(names.CLINICS, 10)
    fields = names.FIELDS_BY_MAKE[make]
    if institution.kind == OrganisationKind.INSTITUTE:
        return [(name, field) for field in fields[:4] for name in names.LABORATORIES[field]]
    return [school for field in fields for school in names.SCHOOLS[field]][:12]


def _add_units(city: City, institution: Institution, make: str) -> None:
    for name, field in _first_level(city, institution, make):
        top = _add_unit(city, institution, name, field, None)
        count = city.random.choice((0, 0, 2, 3))
        for word in names.SECOND_LEVEL[institution.kind][:count]:
            _add_unit(city, institution, f"{name}{word}", field, top)


def _add_unit(
    city: City, institution: Institution, name: str, field: str, parent: UnitNode | None
) -> UnitNode:
    made = city.loader.next_id("portal_unit")
    path = f"{parent.path if parent else '/'}{made}/"
    node = UnitNode(id=made, name=name, level=2 if parent else 1, path=path, specialty=field)
    key = pinyin_key(name)
    parent_cell = str(parent.id) if parent else "\\N"
    # an institution names one of its first units as a strong discipline
    is_strong = "t" if parent is None and len(institution.units) == 1 else "f"
    city.loader.lines["portal_unit"].append(
        f"{made}\t{name}\t{key}\t{node.level}\t{path}\tt\t{is_strong}\t1\t{institution.id}\t{parent_cell}"
    )
    institution.units.append(node)
    return node


def _add_firms(city: City, ids: dict[str, int]) -> None:
    districts = list(names.DISTRICT_WORDS)
    for number, word in enumerate(names.FIRM_WORDS, 1):
        name = f"京演{word}科技（演示）有限公司"
        code = f"DEMO-E{number:02d}"
        ids[code] = _add(
            city,
            code,
            name,
            OrganisationKind.ENTERPRISE,
            credit_code=names.credit_code("91110108", 500 + number),
            district=city.random.choice(districts).value,
        )
        city.enterprises.append(name)
    for number, name in enumerate(
        ("专利运营平台（演示）", "知识产权联盟（演示）", "科技金融服务中心（演示）"), 1
    ):
        code = f"DEMO-S{number:02d}"
        ids[code] = _add(city, code, name, OrganisationKind.SERVICE_BODY, district="haidian")
