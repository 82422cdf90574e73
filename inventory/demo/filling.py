"""What people would have written in a dossier: statuses, intents, rating and texts that hold R1 to R9."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Final, Protocol

from inventory import dossier_content
from inventory.demo import texts
from inventory.demo.words import Field
from inventory.dossier_content import STARS_WITH_TEXTS, Content, Intent, Status
from portal.demo.city import Person

_STARS: Final = (5, 4, 3, 2, 1)
_MATURITIES: Final = ("sample", "trial", "small_batch", "mass")
_BANDS: Final = (
    "negotiable",
    "0_10",
    "10_20",
    "20_30",
    "30_40",
    "40_50",
    "50_60",
    "90_100",
    "over_100",
)
_CITIES: Final = (
    "北京市-海淀区",
    "北京市-大兴区",
    "江苏省-苏州市",
    "广东省-深圳市",
    "天津市-滨海新区",
    "河北省-石家庄市",
    "山东省-青岛市",
    "湖北省-武汉市",
)
_FUNDS: Final = (
    "国家重点研发计划",
    "国家自然科学基金",
    "北京市科技计划",
    "北京市自然科学基金",
    "教育部重点项目",
)
_CONTRACTS: Final = ("common_contract", "exclusive_contract", "sole_contract", "open_contract")
_PLANS: Final = (
    ("licensed", "common_plan"),
    ("licensed", "open_plan"),
    ("licensed", "exclusive_plan"),
    ("transferred", "assignment_plan"),
)
_AMOUNTS: Final = (
    "0",
    "0.5",
    "1",
    "3",
    "5",
    "8",
    "10",
    "12.5",
    "15",
    "20",
    "30",
    "36.8",
    "50",
    "80",
    "120",
    "200",
    "350",
    "1000",
)
_INTENTS: Final = (
    ("license", "common"),
    ("license", "exclusive"),
    ("license", "open"),
    ("license", "sole"),
    ("transfer", "assign"),
    ("transfer", "equity"),
    ("license", "patent_pool"),
    ("self_use", ""),
)
_UNSUITABLE: Final = (
    ("abandoning", "拟不再缴纳年费"),
    ("abandoning", "技术已被替代"),
    ("ownership_dispute", "与合作单位权属未明确"),
    ("unsuitable_other", "涉及在研项目，暂不宜对外转化"),
    ("unsuitable_other", "技术过时"),
)
_REPORTS: Final = (
    "未发现不符合授予专利权条件的缺陷",
    "全部权利要求具备新颖性和创造性",
    "部分权利要求不具备创造性",
)


class Fillable(Protocol):
    """What must be known of a patent to fill in its dossier."""

    @property
    def number(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def field(self) -> Field: ...
    @property
    def responsible(self) -> Person: ...


def filled(random: Random, made: Fillable, generosity: float) -> Content:
    """A complete dossier. ``generosity`` above 1 rates higher, as some institutions do."""
    statuses = _statuses(random, made)
    is_free = dossier_content.is_unsuitable(statuses)
    stars = None if is_free and random.random() < 0.7 else _stars(random, generosity)
    funded = random.random() < 0.46
    more: dict[str, object] = {"statuses": statuses, "is_publicly_funded": funded}
    if funded and random.random() < 0.8:
        year = 2015 + int(random.random() * 8)
        more |= {
            "funding_kind": random.choice(_FUNDS),
            "funding_name": f"{random.choice(made.field.uses)}关键技术研究",
            "funding_number": f"DEMO{year}{random.randrange(1000, 9999)}",
        }
    if not is_free:
        more |= _wishes(random, made)
    if stars is not None:
        more |= _value(random, made, stars)
    if random.random() < 0.02:
        more |= {
            "combination_name": texts.combination_name(random, made.field),
            "combination_numbers": (made.number,),
            "combination_note": f"围绕{random.choice(made.field.things)}的系列专利，可打包许可。",
        }
    return Content(**more)  # type: ignore[arg-type]


def begun(random: Random, made: Fillable) -> Content:
    """A draft as somebody left it: some of the first answers."""
    if random.random() < 0.35:
        return Content()
    return Content(
        statuses=(Status("not_implemented"),),
        is_publicly_funded=random.random() < 0.4 if random.random() < 0.7 else None,
        maturity=random.choice(_MATURITIES) if random.random() < 0.5 else "",
    )


def _stars(random: Random, generosity: float) -> int:
    weights = (6 * generosity, 20 * generosity, 38, 25, 11)
    return random.choices(_STARS, weights=weights)[0]


def _amount(random: Random) -> Decimal:
    return Decimal(random.choice(_AMOUNTS))


def _statuses(random: Random, made: Fillable) -> tuple[Status, ...]:
    roll = random.random()
    if roll < 0.045:
        level1, wording = random.choice(_UNSUITABLE)
        return (Status(level1, "custom", wording),)
    if roll < 0.135:
        return _done(random, made)
    if roll < 0.20:
        level1, level2 = random.choice(_PLANS)
        amount = _amount(random) if random.random() < 0.4 else None
        return (Status(level1, level2, amount=amount),)
    if roll < 0.24 and made.kind != "invention":
        return (Status("has_report", report_result=random.choice(_REPORTS)),)
    return (Status("not_implemented"),)


def _done(random: Random, made: Fillable) -> tuple[Status, ...]:
    """Licensed, transferred or industrialised; one in four in two ways."""
    product = f"{random.choice(made.field.qualities)}{random.choice(made.field.devices)}"
    ways = (
        Status("licensed", random.choice(_CONTRACTS), amount=_amount(random)),
        Status("transferred", "assignment_contract", amount=_amount(random)),
        Status("licensed", "industrialised_by_licensee", product_name=product),
        Status("licensed", "industrialised_by_partner", product_name=product),
        Status("transferred", "equity", amount=_amount(random)),
        Status("self_industrialised", amount=_amount(random), remark="校办企业试制"),
    )
    first = int(random.random() ** 1.5 * len(ways))
    if random.random() < 0.25:
        second = (first + 2) % len(ways)
        return (ways[first], ways[second])
    return (ways[first],)


def _wishes(random: Random, made: Fillable) -> dict[str, object]:
    count = 1 + (random.random() < 0.3) + (random.random() < 0.06)
    intents = tuple(
        Intent(level1, level2, fee=_amount(random) if random.random() < 0.4 else None)
        for level1, level2 in random.sample(_INTENTS, count)
    )
    found: dict[str, object] = {"intents": intents, "price_band": random.choice(_BANDS)}
    if random.random() < 0.25:
        found["partner_cities"] = tuple(random.sample(_CITIES, 1 + int(random.random() * 3)))
    if random.random() < 0.12:
        found["partner_firms"] = (f"北京演示{random.choice(made.field.uses)}科技有限公司",)
    if random.random() < 0.06:
        found |= {"uses_default_contact": False, "contact_name": made.responsible.name}
    return found


def _value(random: Random, made: Fillable, stars: int) -> dict[str, object]:
    code = random.choice(made.field.industries)
    place = min(3, max(0, stars - 2 + int(random.random() * 3) - 1))
    found: dict[str, object] = {
        "maturity": _MATURITIES[place],
        "stars": stars,
        "industry": code[0],
        "industry_division": code[1:],
    }
    if random.random() < 0.62:
        found["strategic_codes"] = (random.choice(made.field.strategic),)
    if stars >= STARS_WITH_TEXTS or random.random() < 0.15:
        found["advantages"] = texts.advantages(random, made.field, made.title)
        found["prospects"] = texts.prospects(random, made.field)
    return found
