"""Provinces of China and the districts of Beijing, with the codes of GB/T 2260."""

from dataclasses import dataclass
from typing import Final

from portal.text import compact

VERSION: Final = "GB/T 2260-2007"


@dataclass(frozen=True, slots=True)
class Region:
    """A province-level region (two digits) or a district of Beijing (six digits, or BDA)."""

    code: str
    name: str
    short: str


def _region(entry: str) -> Region:
    code, name, short = entry.split(":")
    return Region(code, name, short)


_PROVINCE_LIST: Final = (
    "11:北京市:北京 12:天津市:天津 13:河北省:河北 14:山西省:山西 15:内蒙古自治区:内蒙古 "
    "21:辽宁省:辽宁 22:吉林省:吉林 23:黑龙江省:黑龙江 31:上海市:上海 32:江苏省:江苏 "
    "33:浙江省:浙江 34:安徽省:安徽 35:福建省:福建 36:江西省:江西 37:山东省:山东 "
    "41:河南省:河南 42:湖北省:湖北 43:湖南省:湖南 44:广东省:广东 45:广西壮族自治区:广西 "
    "46:海南省:海南 50:重庆市:重庆 51:四川省:四川 52:贵州省:贵州 53:云南省:云南 "
    "54:西藏自治区:西藏 61:陕西省:陕西 62:甘肃省:甘肃 63:青海省:青海 64:宁夏回族自治区:宁夏 "
    "65:新疆维吾尔自治区:新疆 71:台湾省:台湾 81:香港特别行政区:香港 82:澳门特别行政区:澳门"
)
_DISTRICT_LIST: Final = (
    "110101:东城区:东城 110102:西城区:西城 110105:朝阳区:朝阳 110106:丰台区:丰台 "
    "110107:石景山区:石景山 110108:海淀区:海淀 110109:门头沟区:门头沟 110111:房山区:房山 "
    "110112:通州区:通州 110113:顺义区:顺义 110114:昌平区:昌平 110115:大兴区:大兴 "
    "110116:怀柔区:怀柔 110117:平谷区:平谷 110118:密云区:密云 110119:延庆区:延庆 "
    "BDA:北京经济技术开发区:经开区"
)

PROVINCES: Final = tuple(map(_region, _PROVINCE_LIST.split()))
DISTRICTS: Final = tuple(map(_region, _DISTRICT_LIST.split()))
#: Provinces whose parts are districts: a city of theirs is written 北京市-海淀区.
MUNICIPALITIES: Final = frozenset({"11", "12", "31", "50"})
#: 北京经济技术开发区 is no district of GB/T 2260; it has a code of our own.
DEVELOPMENT_AREA: Final = "BDA"

_OTHER_NAMES: Final = {
    "亦庄": DEVELOPMENT_AREA,
    "北京经开区": DEVELOPMENT_AREA,
    "经济技术开发区": DEVELOPMENT_AREA,
    "密云县": "110118",
    "延庆县": "110119",
    "崇文区": "110101",
    "宣武区": "110102",
}


def _index(regions: tuple[Region, ...]) -> dict[str, Region]:
    keys = ("code", "name", "short")
    return {compact(getattr(region, key)): region for region in regions for key in keys}


_DISTRICT_OF: Final = _index(DISTRICTS)
_PROVINCE_OF: Final = _index(PROVINCES)


def find_district(text: str) -> Region | None:
    """Return the district a text names (``海淀区``, ``北京市海淀区``, ``经开区``), or None."""
    key = compact(text)
    for lead in ("北京市", "北京", ""):
        rest = key.removeprefix(lead).strip("-") if key.startswith(lead) else ""
        found = _DISTRICT_OF.get(_OTHER_NAMES.get(rest, rest).lower())
        if found is not None:
            return found
    return _DISTRICT_OF.get(_OTHER_NAMES.get(key, key).lower())


def find_province(text: str) -> Region | None:
    """Return the province-level region with that name, short name or two-digit code, or None."""
    return _PROVINCE_OF.get(compact(text))


def province_at_start(text: str) -> Region | None:
    """Return the province a text like ``广东省深圳市`` or ``广东深圳`` begins with, or None."""
    for province in PROVINCES:
        if text.startswith((province.name, province.short)):
            return province
    return None
