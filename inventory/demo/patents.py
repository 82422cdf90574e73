"""Patents with holders, inventors, events and dual filings, as lines for COPY."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random
from typing import Final

from inventory import terms
from inventory.demo import days, texts
from inventory.demo.words import FIELDS, Field
from inventory.services.patents import search_key
from portal.demo.city import City, Institution, Person, UnitNode
from portal.demo.names import person_name
from portal.demo.people import secretary_unit

#: serials of real applications stay far below
FIRST_SERIAL: Final = 9_000_013
SERIAL_STEP: Final = 7
CO_OWNED: Final = 0.19
LATER_GRANTS: Final = 0.12
#: chance of a companion utility model per invention: 7.8 % of all patents are half of a pair
DUAL: Final = 0.0488
_KIND_BOUNDS: Final = ((0.8325, "invention"), (0.948, "utility"), (1.0, "design"))
_LAGS: Final = {"invention": (420, 1400), "utility": (120, 330), "design": (100, 260)}
_DIGIT: Final = {"invention": "1", "utility": "2", "design": "3"}
_CODE: Final = {"invention": "B", "utility": "U", "design": "S"}
_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_CHECKS: Final = "0123456789X"
_YEARS: Final = list(range(2007, 2024))
_OLD_WEIGHTS: Final = list(accumulate(float(n) for n in range(2, 19)))
_UTILITY_WEIGHTS: Final = list(accumulate([0.15] * 7 + [float(n) for n in range(2, 12)]))
_FIRST_FILING: Final = date(2005, 1, 3).toordinal()
_LAST_FILING: Final = date(2024, 12, 30).toordinal()
_NULL: Final = "\\N"
_NO_FEE: Final = "\\N\t\\N"
_PLACES: Final = ("北京", "天津", "苏州", "深圳", "杭州", "武汉", "西安", "合肥", "青岛", "成都")
_TRADES: Final = (
    "新材料",
    "智能装备",
    "医疗器械",
    "电力科技",
    "环保工程",
    "信息技术",
    "农业科技",
    "轨道装备",
    "生物医药",
    "测控技术",
)


@dataclass(slots=True)
class Made:
    """What the following steps need to know of a patent."""

    id: int
    number: str
    kind: str
    title: str
    field: Field
    filed: int
    granted: int
    expires: int
    ended: int
    ended_by: str
    holders: list[Institution]
    institution: Institution
    unit: UnitNode
    responsible: Person
    has_student: bool
    is_dual: bool


@dataclass(slots=True)
class Draft:
    """A patent as drawn, before it is written."""

    kind: str
    institution: Institution
    unit: UnitNode
    title: str
    filed: int
    granted: int
    is_dual: bool


class PatentMaker:
    """Draws one patent after the other and writes its lines."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.random: Random = city.random
        self.lines = city.loader.lines
        self.next_id = city.loader.next_id
        self.serials: dict[tuple[int, str], int] = {}
        self.cumulative = list(accumulate(i.weight for i in city.institutions))
        self.firms = [f"{place}演示{trade}有限公司" for place in _PLACES for trade in _TRADES]
        self.today = city.today.toordinal()
        self.later_years = [y for y in (2024, 2025) if date(y, 12, 31).toordinal() <= self.today]
        #: patents made, and those given to the first university so far
        self.made = 0
        self.given = 0
        self.special = secretary_unit(city)
        self.confirmed = [days.text(self.today - n) for n in range(60)]

    def make(self) -> list[Made]:
        """One patent, or an invention and its utility model filed on one day."""
        roll = self.random.random()
        kind = next(kind for bound, kind in _KIND_BOUNDS if roll < bound)
        institution = self.random.choices(self.city.institutions, cum_weights=self.cumulative)[0]
        unit = self._unit(institution)
        field = FIELDS[unit.specialty]
        granted = self._granted(kind)
        filed = self._filed(kind, granted)
        name = texts.title(self.random, field, kind)
        is_dual = kind == "invention" and self.random.random() < DUAL
        first = self._write(Draft(kind, institution, unit, name, filed, granted, is_dual))
        if not is_dual or self.made >= self.city.patents:
            return [first]
        return [first, self._companion(first)]

    def _companion(self, first: Made) -> Made:
        """The utility model of 一案双申: granted earlier, ended on the day the invention was granted."""
        low, high = _LAGS["utility"]
        granted = first.filed + self.random.randrange(low, high)
        granted = min(self._gazette(granted), self._gazette(first.granted - 30))
        name = first.title.replace("方法", "装置").replace("制备", "加工")
        draft = Draft(
            "utility", first.institution, first.unit, name, first.filed, granted, is_dual=True
        )
        made = self._write(draft, first)
        dual = self.next_id("inventory_dualfiling")
        self.lines["inventory_dualfiling"].append(f"{dual}\t{first.id}\t{made.id}")
        return made

    @staticmethod
    def _gazette(ordinal: int) -> int:
        """The gazette day on or before a day."""
        weekday = (ordinal + 6) % 7
        return ordinal - {0: 3, 1: 0, 2: 1, 3: 2, 4: 0, 5: 1, 6: 2}[weekday]

    def _granted(self, kind: str) -> int:
        if self.later_years and self.random.random() < LATER_GRANTS:
            return days.grant_day(
                self.random, self.later_years, [2.0, 3.0][: len(self.later_years)]
            )
        weights = _OLD_WEIGHTS if kind == "invention" else _UTILITY_WEIGHTS
        return days.grant_day(self.random, _YEARS, weights)

    def _filed(self, kind: str, granted: int) -> int:
        low, high = _LAGS[kind]
        filed = granted - low - int(self.random.random() * (high - low))
        return days.working(min(max(filed, _FIRST_FILING + granted % 200), _LAST_FILING))

    def _unit(self, institution: Institution) -> UnitNode:
        """A unit of the institution; the first sixty patents of the first university go to one school."""
        units = institution.units
        found = units[int(self.random.random() ** 1.4 * len(units))]
        if institution is not self.city.institutions[0]:
            return found
        self.given += 1
        if self.given <= 60:
            return self.special
        if found is self.special and self.city.patents <= 20_000:
            return units[-1] if units[-1] is not self.special else units[0]
        return found

    def _number(self, kind: str, year: int) -> str:
        digit = _DIGIT[kind]
        if kind == "invention" and self.random.random() < 0.01:
            digit = "8"
        serial = self.serials.get((year, digit), FIRST_SERIAL)
        self.serials[year, digit] = serial + SERIAL_STEP
        if serial > 9_999_999:
            raise ValueError("So many patents do not fit into one year")
        digits = f"{year}{digit}{serial}"
        total = 0
        for weight, mark in zip(_WEIGHTS, digits, strict=True):
            total += weight * int(mark)
        return digits + _CHECKS[total % 11]

    def _write(self, draft: Draft, first: Made | None = None) -> Made:
        """Write one patent with everything that hangs on it; ``first`` is the invention of a pair."""
        self.made += 1
        filed_on = date.fromordinal(draft.filed)
        made = Made(
            id=self.next_id("inventory_patent"),
            number=self._number(draft.kind, filed_on.year),
            kind=draft.kind,
            title=draft.title,
            field=FIELDS[draft.unit.specialty],
            filed=draft.filed,
            granted=draft.granted,
            expires=terms.term_end(draft.kind, filed_on).toordinal(),
            ended=0,
            ended_by="",
            holders=[draft.institution],
            institution=draft.institution,
            unit=draft.unit,
            responsible=first.responsible if first else self._responsible(draft),
            has_student=self.random.random() < 0.25,
            is_dual=draft.is_dual,
        )
        self._ending(made, first)
        holder_names = self._holders(made, first)
        inventors = self._inventors(made)
        self._events(made)
        self._patent_line(made, holder_names, inventors)
        return made

    def _responsible(self, draft: Draft) -> Person:
        """Somebody of the unit; the first ten of the special school fall to the sign-in ``inventor``."""
        if draft.unit is self.special and self.given <= 10:
            return self.city.cast["inventor"]
        unit = draft.unit
        return unit.staff[int(self.random.random() * len(unit.staff))]

    def _ending(self, made: Made, first: Made | None) -> None:
        """When and why the right ended, if it did."""
        if first is not None:
            made.ended, made.ended_by = first.granted, "double_grant_avoided"
        elif self.random.random() < 0.022:
            made.ended = min(
                made.granted + 370 + int(self.random.random() * 2500), made.expires - 40
            )
            made.ended_by = "fee_lapse"
        elif made.expires <= self.today:
            made.ended, made.ended_by = made.expires, "expiry"
        if made.ended > self.today:
            made.ended, made.ended_by = 0, ""

    def _holders(self, made: Made, first: Made | None) -> list[str]:
        names: list[tuple[str, Institution | None]] = [(made.institution.name, made.institution)]
        if first is not None:
            names = [(i.name, i) for i in first.holders]
        elif self.random.random() < CO_OWNED:
            names += self._partners(made.institution)
            if names[1][1] is None and self.random.random() < 0.15:
                names[0], names[1] = names[1], names[0]
        made.holders = [institution for _name, institution in names if institution is not None]
        lines = self.lines["inventory_patentholder"]
        for position, (name, institution) in enumerate(names, 1):
            row = self.next_id("inventory_patentholder")
            known = institution.id if institution else _NULL
            lines.append(f"{row}\t{position}\t{name}\t{known}\t{made.id}")
        return [name for name, _institution in names]

    def _partners(self, own: Institution) -> list[tuple[str, Institution | None]]:
        roll = self.random.random()
        found: list[tuple[str, Institution | None]] = []
        if roll < 0.75:
            found.append((self.random.choice(self.firms), None))
        if roll > 0.6:
            other = self.random.choice(self.city.institutions)
            if other is not own:
                found.append((other.name, other))
        return found or [(self.random.choice(self.city.enterprises), None)]

    def _inventors(self, made: Made) -> list[str]:
        """Names in order: a student may stand first; people of the unit have their accounts."""
        random = self.random
        people: list[tuple[str, int | None]] = []
        if made.has_student:
            people.append((person_name(random), None))
        people.append((made.responsible.name, made.responsible.user_id))
        staff = made.unit.staff
        for _place in range(int(random.random() * 5)):
            if random.random() < 0.45:
                other = staff[int(random.random() * len(staff))]
                if all(user != other.user_id for _name, user in people):
                    people.append((other.name, other.user_id))
            else:
                people.append((person_name(random), None))
        lines = self.lines["inventory_patentinventor"]
        for position, (name, user) in enumerate(people, 1):
            row = self.next_id("inventory_patentinventor")
            lines.append(f"{row}\t{position}\t{name}\t{made.id}\t{_NULL if user is None else user}")
        return [name for name, _user in people]

    def _events(self, made: Made) -> None:
        confirmed = self.confirmed[0]
        found = [("grant", made.granted, "")]
        if made.is_dual:
            found.append(("dual_filing", made.filed, "一案双申"))
        if made.ended:
            found.append((made.ended_by, made.ended, ""))
        elif self.random.random() < 0.03:
            kind = self.random.choice(
                ("licence", "transfer", "pledge", "preservation", "name_change")
            )
            day = made.granted + 60 + int(self.random.random() * 700)
            found.append((kind, min(day, self.today - 1), ""))
        lines = self.lines["inventory_legalevent"]
        for kind, day, detail in found:
            row = self.next_id("inventory_legalevent")
            lines.append(f"{row}\t{kind}\t{days.text(day)}\t{detail}\t{confirmed}\t{made.id}")

    def _classes(self, made: Made) -> str:
        if made.kind == "design":
            return f'{{"{self.random.choice(texts.LOCARNO)}"}}'
        count = 1 + int(self.random.random() * 3)
        return "{" + ",".join(f'"{c}"' for c in self.random.sample(made.field.classes, count)) + "}"

    def _fee(self, made: Made) -> str:
        if made.ended:
            return _NO_FEE
        fee = terms.next_annual_fee(
            made.kind, date.fromordinal(made.filed), date.fromordinal(made.granted), self.city.today
        )
        return f"{fee.due_on}\t{fee.amount}" if fee else _NO_FEE

    def _patent_line(self, made: Made, holders: list[str], inventors: list[str]) -> None:
        random, field, number = self.random, made.field, made.number
        granted = days.text(made.granted)
        key = search_key(number, made.title, holders, inventors)
        created = days.moment(max(made.granted + 12, days.OPENS.toordinal() - 10), 600)
        digit = _DIGIT[made.kind]
        self.lines["inventory_patent"].append(
            f"{made.id}\t{number}\t{made.kind}\t{'t' if number[4] == '8' else 'f'}\t{made.title}\t"
            f"{texts.abstract(random, field, made.title, made.kind)}\t"
            f"{texts.first_claim(random, field, made.title, made.kind)}\t\t\t\t{self._classes(made)}\t"
            f"{days.text(made.filed)}\t{granted}\t{granted}\t"
            f"CN{digit}9{made.id:07d}{_CODE[made.kind]}\t{'ended' if made.ended else 'valid'}\t"
            f"{self.confirmed[int(random.random() * 60)]}\t{days.text(made.expires)}\t{self._fee(made)}\t"
            f"{key}\t{created}\t{created}\t1"
        )
