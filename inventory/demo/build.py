"""The campaign of the demonstration city, from the pushed lists to the pool, patent by patent."""

from __future__ import annotations

from typing import Final

from inventory.choices import CampaignScope, CampaignState, FilingMode
from inventory.demo import days
from inventory.demo.dossiers import DossierMaker
from inventory.demo.patents import PatentMaker
from inventory.demo.pool import PoolMaker
from inventory.demo.progress import OPENS, Plan, pace
from inventory.demo.schema import TABLES
from portal import crypto
from portal.demo.city import City
from portal.demo.loading import set_aside

CAMPAIGN: Final = "2023年底前授权存量专利盘点"
#: 重点产业 by name, prefixes of IPC symbols, codes of 战略性新兴产业
KEY_INDUSTRIES: Final = (
    ("集成电路", ("H01L", "H10", "G11C"), ("1.2",)),
    ("人工智能", ("G06N",), ("1.5",)),
    ("医药健康", ("A61K", "C12N"), ("4.1", "4.2")),
)
CHUNK: Final = 10_000
#: from so many patents on, indexes are made once at the end
LARGE: Final = 20_000


def add_inventory(city: City) -> None:
    """Everything of stock-taking. Memory stays bounded: a chunk is sent while the next one is made."""
    for table, columns in TABLES:
        city.loader.declare(table, columns)
    campaign = city.loader.add(
        "inventory_campaign",
        CAMPAIGN,
        days.CUTOFF,
        CampaignScope.ALL,
        days.BASE_DAY,
        days.OPENS,
        days.DUE,
        CampaignState.OPEN,
        1,
    )
    for name, patterns, codes in KEY_INDUSTRIES:
        city.loader.add("inventory_keyindustry", name, patterns, codes, True, 1)
    plans = _add_plans(city, campaign)
    tables = ["portal_auditentry", *(table for table, _columns in TABLES)]
    with set_aside(tables, is_large=city.patents >= LARGE):
        patents = PatentMaker(city)
        dossiers = DossierMaker(city, plans, campaign)
        pool = PoolMaker(city)
        sent = 0
        while patents.made < city.patents:
            for made in patents.make():
                filed = dossiers.make(made)
                if filed is not None:
                    pool.make(filed)
            if patents.made - sent >= CHUNK:
                sent = patents.made
                city.loader.send()
        city.loader.send()
        city.loader.wait()


def _add_plans(city: City, campaign: int) -> dict[int, Plan]:
    """Every institution takes part; most review in two steps, some in one, some file centrally."""
    phone = crypto.encrypt("010-55551234")
    plans = {}
    for number, institution in enumerate(city.institutions):
        is_central = number % 13 == 6
        steps = 1 if is_central or number % 7 == 5 else 2
        mode = FilingMode.CENTRAL if is_central else FilingMode.ACCOUNTS
        participation = city.loader.add(
            "inventory_campaigninstitution",
            steps,
            mode,
            "技术转移办公室",
            phone,
            1,
            campaign,
            institution.id,
        )
        done, late = pace(number)
        plans[institution.id] = Plan(
            institution=institution,
            participation=participation,
            review_steps=steps,
            is_central=is_central,
            listed=days.working(OPENS + int(city.random.random() * 20)),
            done=done,
            late=late,
            generosity=city.random.choice((0.6, 1.0, 1.0, 1.5, 2.2)),
        )
    return plans
