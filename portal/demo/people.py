"""People of the demonstration city: officials, managers, inventors, those who left, administrators."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.hashers import make_password

from portal import crypto
from portal.choices import Role
from portal.demo import names
from portal.demo.city import MARKER_CODE, City, Institution, Person, UnitNode
from portal.demo.organisations import LEAD
from portal.text import pinyin_key

#: The one password of the sign-ins; it opens nothing but a demonstration city.
PASSWORD: Final = "demo-city-2024"  # noqa: S105 - printed on purpose
_UNUSABLE: Final = "!demonstration"
_SALT: Final = "demonstrationcity22"
PATENTS_PER_INVENTOR: Final = 6
LEAVERS: Final = 0.05
JOINED: Final = "2024-01-08 09:00:00+08"
DOMAIN: Final = "demo.example"

#: user name, role, code of the organisation, what it is for
OFFICIALS: Final = (
    ("city", Role.CITY_OFFICIAL, LEAD[0]),
    ("education", Role.DEPARTMENT_OFFICIAL, "DEMO-JW"),
    ("science", Role.DEPARTMENT_OFFICIAL, "DEMO-KW"),
    ("health", Role.DEPARTMENT_OFFICIAL, "DEMO-WJW"),
    ("industry", Role.DEPARTMENT_OFFICIAL, "DEMO-JXJ"),
    ("labour", Role.DEPARTMENT_OFFICIAL, "DEMO-RSJ"),
    ("district", Role.DISTRICT_OFFICIAL, "DEMO-Q-HAIDIAN"),
    ("auditor", Role.AUDITOR, LEAD[0]),
    ("sysadmin", Role.SYSTEM_ADMIN, MARKER_CODE),
    ("secadmin", Role.SECURITY_ADMIN, MARKER_CODE),
    ("auditadmin", Role.AUDIT_ADMIN, MARKER_CODE),
    ("enterprise", Role.ENTERPRISE_CONTACT, "DEMO-E01"),
    ("service", Role.SERVICE_CONTACT, "DEMO-S01"),
)


class People:
    """Adds users and memberships; the password is hashed once."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.hash = make_password(PASSWORD, salt=_SALT)
        self.count = 0

    def add(
        self,
        organisation: int,
        role: str,
        *,
        username: str = "",
        unit: UnitNode | None = None,
        is_active: bool = True,
    ) -> Person:
        """One person with one membership."""
        city, loader = self.city, self.city.loader
        self.count += 1
        name = names.person_name(city.random)
        phone, mail = f"1390000{self.count:05d}"[:12], f"p{self.count}@{DOMAIN}"
        user_id = loader.next_id("portal_user")
        password = self.hash if username else _UNUSABLE
        loader.lines["portal_user"].append(
            f"{user_id}\t{password}\t\\N\t{username or f'demo-{self.count:06d}'}\t{name}\t"
            f"{pinyin_key(name, person=True)}\t{crypto.encrypt(mail)}\t{crypto.lookup(mail)}\t"
            f"{crypto.encrypt(phone)}\t{crypto.lookup(phone)}\t{'t' if is_active else 'f'}\tf\t"
            f"{JOINED}\t1"
        )
        membership = self._join(user_id, organisation, role, unit)
        person = Person(user_id, membership, name, unit.id if unit else None, is_active)
        if username:
            city.cast[username] = person
        return person

    def _join(self, user_id: int, organisation: int, role: str, unit: UnitNode | None) -> int:
        made = self.city.loader.next_id("portal_membership")
        self.city.loader.lines["portal_membership"].append(
            f"{made}\t{role}\tt\t1\t{user_id}\t{organisation}\t{unit.id if unit else NULL_CELL}"
        )
        return made

    def also(self, person: Person, organisation: int, role: str, unit: UnitNode | None) -> int:
        """A further membership of the same person."""
        return self._join(person.user_id, organisation, role, unit)


NULL_CELL: Final = "\\N"


def add_people(city: City, ids: dict[str, int]) -> None:
    """Everybody, and the readable sign-ins one per role."""
    people = People(city)
    first = city.institutions[0]
    _add_officials(city, people, ids)
    for institution in city.institutions:
        _add_staff(city, people, institution, is_first=institution is first)
    inside = (
        ("manager", Role.INSTITUTION_MANAGER, first.code),
        ("secretary", Role.UNIT_MANAGER, first.code),
        ("inventor", Role.INVENTOR, first.code),
        ("deputy", Role.INSTITUTION_MANAGER, first.code),
    )
    city.sign_ins += [*inside, *OFFICIALS]
    # one person in two capacities, so that switching can be tried: the secretary also invents
    people.also(city.cast["secretary"], first.id, Role.INVENTOR, secretary_unit(city))


def secretary_unit(city: City) -> UnitNode:
    """The school of the sign-in ``secretary``: the first school of the first university without sub-units."""
    units = city.institutions[0].units
    parents = {node.path.rsplit("/", 2)[0] for node in units if node.level == 2}
    alone = [n for n in units if n.level == 1 and n.path.rstrip("/") not in parents]
    return alone[0] if alone else units[0]


def _add_officials(city: City, people: People, ids: dict[str, int]) -> None:
    for username, role, code in OFFICIALS:
        people.add(ids[code], role, username=username)
    for code, organisation in ids.items():
        if code.startswith("DEMO-Q-") and code != "DEMO-Q-HAIDIAN":
            people.add(organisation, Role.DISTRICT_OFFICIAL)
        elif code.startswith("DEMO-E") and code != "DEMO-E01":
            people.add(organisation, Role.ENTERPRISE_CONTACT)
        elif code.startswith("DEMO-S0") and code != "DEMO-S01":
            people.add(organisation, Role.SERVICE_CONTACT)


def _add_staff(city: City, people: People, institution: Institution, *, is_first: bool) -> None:
    institution.manager = people.add(
        institution.id, Role.INSTITUTION_MANAGER, username="manager" if is_first else ""
    )
    # a second one signs off what the first prepared
    people.add(institution.id, Role.INSTITUTION_MANAGER, username="deputy" if is_first else "")
    if institution.code.endswith("01"):
        people.add(institution.id, Role.AUDITOR)
    special = secretary_unit(city) if is_first else None
    managers: dict[str, Person] = {}
    for unit in institution.units:
        if unit.level == 1:
            username = "secretary" if unit is special else ""
            managers[unit.path] = people.add(
                institution.id, Role.UNIT_MANAGER, username=username, unit=unit
            )
        unit.manager = managers["/" + unit.path.split("/")[1] + "/"]
    _add_inventors(city, people, institution, special)


def _add_inventors(
    city: City, people: People, institution: Institution, special: UnitNode | None
) -> None:
    expected = city.patents * institution.weight / PATENTS_PER_INVENTOR
    per_unit = max(2, round(expected / len(institution.units)))
    for unit in institution.units:
        for _number in range(per_unit):
            is_active = city.random.random() >= LEAVERS
            unit.staff.append(
                people.add(institution.id, Role.INVENTOR, unit=unit, is_active=is_active)
            )
    if special is not None:
        special.staff.insert(
            0, people.add(institution.id, Role.INVENTOR, username="inventor", unit=special)
        )
