"""The campaign of the demonstration city, from the pushed lists to the pool, patent by patent."""

from __future__ import annotations

from typing import Final

from inventory.demo.dossiers import DossierMaker
from inventory.demo.patents import PatentMaker
from inventory.demo.pool import PoolMaker
from inventory.demo.schema import TABLES
from inventory.demo.years import add_campaigns
from portal.demo.city import City
from portal.demo.loading import set_aside

#: 重点产业 by name, prefixes of IPC symbols, codes of 战略性新兴产业
KEY_INDUSTRIES: Final = (
    ("集成电路", ("H01L", "H10", "G11C"), ("1.2",)),
    ("人工智能", ("G06N",), ("1.5",)),
    ("医药健康", ("A61K", "C12N"), ("4.1", "4.2")),
)
CHUNK: Final = 10_000
#: from so many patents on, indexes are made once at the end
LARGE: Final = 20_000
#: by this the pool's copy of its institutions is made for each entry, see migration 0026
KEPT: Final = ("holder_organisation_unique",)


def add_inventory(city: City) -> None:
    """Everything of stock-taking. Memory stays bounded: a chunk is sent while the next one is made."""
    for table, columns in TABLES:
        city.loader.declare(table, columns)
    campaigns = add_campaigns(city)
    for name, patterns, codes in KEY_INDUSTRIES:
        city.loader.add("inventory_keyindustry", name, patterns, codes, True, 1)
    tables = ["portal_auditentry", *(table for table, _columns in TABLES)]
    with set_aside(tables, is_large=city.patents >= LARGE, kept=KEPT):
        patents = PatentMaker(city)
        dossiers = DossierMaker(city, campaigns)
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
