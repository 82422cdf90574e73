"""北京市十大高精尖产业 (catalogue of 2018).

No reference to the IPC exists: map through 战略性新兴产业.
"""

from dataclasses import dataclass
from typing import Final

from portal.text import compact

VERSION: Final = "北京市十大高精尖产业登记指导目录（2018年版）"


@dataclass(frozen=True, slots=True)
class Cluster:
    """One of the ten industries; ``strategic`` are the codes of 战略性新兴产业 that lean on it."""

    code: str
    name: str
    strategic: tuple[str, ...]


#: ``strategic`` is our own reading, offered to people as a proposal, never counted unseen.
CLUSTERS: Final = (
    Cluster("information", "新一代信息技术", ("1.1", "1.4")),
    Cluster("circuits", "集成电路", ("1.2",)),
    Cluster("health", "医药健康", ("4.1", "4.2")),
    Cluster("equipment", "智能装备", ("2.1", "2.2", "2.3", "2.4", "2.5")),
    Cluster("environment", "节能环保", ("7.1", "7.2", "7.3")),
    Cluster("vehicles", "新能源智能汽车", ("5.1", "5.2", "5.3", "5.4")),
    Cluster("materials", "新材料", ("3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7")),
    Cluster("intelligence", "人工智能", ("1.5",)),
    Cluster("software", "软件和信息服务", ("1.3",)),
    Cluster("services", "科技服务业", ("9.1", "9.2")),
)

_BY_NAME: Final = {compact(cluster.name): cluster for cluster in CLUSTERS}
_BY_CODE: Final = {cluster.code: cluster for cluster in CLUSTERS}


def find_cluster(text: str) -> Cluster | None:
    """Return the industry with that name (with or without 产业) or code, or None."""
    key = compact(text)
    return _BY_CODE.get(key) or _BY_NAME.get(key) or _BY_NAME.get(key.removesuffix("产业"))


def clusters_of(strategic_code: str) -> tuple[Cluster, ...]:
    """Return the industries proposed for a group of 战略性新兴产业 (``1.5``)."""
    return tuple(cluster for cluster in CLUSTERS if strategic_code in cluster.strategic)
