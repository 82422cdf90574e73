"""战略性新兴产业分类 (2018).

Nine branches and 40 groups, coded as in the IPC reference table of 2021.
"""

import re
from dataclasses import dataclass
from typing import Final

from portal.text import compact

VERSION: Final = "战略性新兴产业分类（2018）"


@dataclass(frozen=True, slots=True)
class StrategicIndustry:
    """A branch (``3``) or a group (``3.1``); ``parent`` is "" for a branch."""

    code: str
    name: str
    parent: str

    @property
    def path(self) -> str:
        """Return branch and group, joined by a hyphen."""
        return f"{STRATEGIC[self.parent].name}-{self.name}" if self.parent else self.name


#: Branch, then its groups in the order of their codes.
_TABLE: Final = (
    (
        "新一代信息技术产业",
        "下一代信息网络产业 电子核心产业 新兴软件和新型信息技术服务 "
        "互联网与云计算、大数据服务 人工智能",
    ),
    (
        "高端装备制造产业",
        "智能制造装备产业 航空装备产业 卫星及应用产业 轨道交通装备产业 海洋工程装备产业",
    ),
    (
        "新材料产业",
        "先进钢铁材料 先进有色金属材料 先进石化化工新材料 先进无机非金属材料 "
        "高性能纤维及制品和复合材料 前沿新材料 新材料相关服务",
    ),
    ("生物产业", "生物医药产业 生物医学工程产业 生物农业及相关产业 生物质能产业 其他生物业"),
    (
        "新能源汽车产业",
        "新能源汽车整车制造 新能源汽车装置、配件制造 新能源汽车相关设施制造 新能源汽车相关服务",
    ),
    ("新能源产业", "核电产业 风能产业 太阳能产业 生物质能及其他新能源产业 智能电网产业"),
    ("节能环保产业", "高效节能产业 先进环保产业 资源循环利用产业"),
    ("数字创意产业", "数字创意技术设备制造 数字文化创意活动 设计服务 数字创意与融合服务"),
    ("相关服务业", "新技术与创新创业服务 其他相关服务"),
)

BRANCHES: Final = tuple(
    StrategicIndustry(str(number), name, "") for number, (name, _) in enumerate(_TABLE, start=1)
)
GROUPS: Final = tuple(
    StrategicIndustry(f"{number}.{place}", name, str(number))
    for number, (_, names) in enumerate(_TABLE, start=1)
    for place, name in enumerate(names.split(), start=1)
)
STRATEGIC: Final = {entry.code: entry for entry in BRANCHES + GROUPS}

_MARKS: Final = re.compile(r"[,.()]")
_ENDING: Final = re.compile(r"(?<=..)(?:产业|材料)$")
_CODED: Final = re.compile(r"([1-9](?:\.\d)?)(?:\.\d)*\.?(\D.*)?")


def _key(text: str) -> str:
    return _MARKS.sub("", compact(text))


_BY_NAME: Final = {_ENDING.sub("", _key(entry.name)): entry for entry in GROUPS + BRANCHES}
_BY_NAME.update({_key(entry.name): entry for entry in GROUPS + BRANCHES})


def find_strategic(text: str) -> StrategicIndustry | None:
    """Return the branch or group a cell means, or None.

    Accepts ``1.1``, ``1.1 下一代信息网络产业``, ``下一代信息网络``, ``新材料``,
    ``新材料产业-先进钢铁材料`` and a deeper code (``1.1.2`` is group 1.1).
    """
    last = re.split(r"[-/>|]+", compact(text).strip("-/>|"))[-1]
    named = _BY_NAME.get(_key(last))
    if named is not None:
        return named
    match = _CODED.fullmatch(last)
    if match is None:
        return None
    entry = STRATEGIC.get(match[1])
    return entry if not match[2] or _BY_NAME.get(_key(match[2])) == entry else None
