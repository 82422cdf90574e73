"""Titles, abstracts, claims and the texts of dossiers, put together so that lists read like real ones."""

from __future__ import annotations

from random import Random
from typing import Final

from inventory.demo.topics import DEVICE_QUALITIES, TOPICS, Topic
from inventory.demo.words import Field

LOCARNO: Final = ("14-02", "15-09", "24-01", "10-05", "12-16", "26-05")
_SYSTEMS: Final = ("及系统", "及装置", "、装置及存储介质", "、系统、设备及介质", "", "", "", "")
_PRODUCTS: Final = ("及其制备方法", "及其应用", "及其制备方法和应用", "", "及其制造工艺")
_GOODS: Final = ("", "", "", "（便携式）", "（组合式）", "（二）", "（壁挂式）")
_DIGITAL: Final = frozenset({"软件", "交通", "航空", "仪器", "能源", "医疗"})


def title(random: Random, field: Field, kind: str) -> str:
    """A title of the kind; about one in fifty inventions is very long."""
    if kind == "design":
        return random.choice(field.goods) + random.choice(_GOODS)
    if kind == "utility":
        return _utility_title(random, field)
    prefix = "一种" if random.random() < 0.85 else ""
    roll = random.random()
    if roll < 0.02:
        return _long_title(random, field)
    if roll < 0.1:
        return (
            f"{prefix}{random.choice(DEVICE_QUALITIES)}{random.choice(field.devices)}及其使用方法"
        )
    return prefix + _method_title(random, field, random.choice(TOPICS[field.name]))


def _method_title(random: Random, field: Field, topic: Topic) -> str:
    """A product with its making, or a method by some means."""
    choice = random.choice
    thing, task = choice(topic.things), choice(topic.tasks)
    roll = random.random()
    if topic.is_product and roll < 0.45:
        return f"{choice(topic.qualities)}{thing}{choice(_PRODUCTS)}"
    suffix = choice(_SYSTEMS) if field.name in _DIGITAL and not topic.is_product else ""
    if roll < 0.75:
        return f"基于{choice(topic.means)}的{thing}{task}{suffix}"
    if roll < 0.88:
        return f"{thing}的{choice(topic.qualities)}{task}{suffix}"
    return f"用于{choice(field.uses)}的{thing}{task}{suffix}"


def _utility_title(random: Random, field: Field) -> str:
    choice = random.choice
    roll = random.random()
    device = choice(field.devices)
    if roll < 0.65:
        return f"一种{choice(DEVICE_QUALITIES)}{device}"
    if roll < 0.75:
        return f"一种{device}"
    if roll < 0.87:
        one, two = random.sample(DEVICE_QUALITIES, 2)
        return f"一种{one}{two}{device}"
    return f"一种用于{choice(field.uses)}的{device}"


def _long_title(random: Random, field: Field) -> str:
    topic = random.choice(TOPICS[field.name])
    means = "与".join(random.sample(topic.means, 2))
    uses = "、".join(random.sample(field.uses, 3))
    things = "和".join(random.sample(topic.things, 2))
    return (
        f"一种面向{uses}等多场景的基于{means}融合的{random.choice(topic.qualities)}{things}"
        f"协同{random.choice(topic.tasks)}、装置、电子设备及计算机可读存储介质"
    )


def abstract(random: Random, field: Field, name: str, kind: str) -> str:
    """An abstract of the kind."""
    if kind == "design":
        return (
            f"1.本外观设计产品的名称：{name}。2.本外观设计产品的用途：用于{random.choice(field.uses)}。"
            "3.本外观设计产品的设计要点：在于形状。4.最能表明设计要点的图片或照片：立体图。"
        )
    opening = (
        "本实用新型提供了"
        if kind == "utility"
        else random.choice(("本发明公开了", "本发明涉及", "本发明提供"))
    )
    first, second, third = random.sample(field.parts, 3)
    one, two = random.sample(field.benefits, 2)
    text = (
        f"{opening}{name}，属于{field.name}技术领域。其包括{first}、{second}和{third}，"
        f"所述{first}与所述{second}相连，所述{third}设置于所述{second}的一侧；"
        f"采用{random.choice(field.means)}，解决了现有技术中{random.choice(field.problems)}的问题，"
        f"具有{one}、{two}的优点，可应用于{random.choice(field.uses)}。"
    )
    if random.random() < 0.08:
        text += "".join(_more(random, field) for _ in range(5))
    return text


def _more(random: Random, field: Field) -> str:
    return (
        f"进一步地，针对{random.choice(field.problems)}，引入{random.choice(field.means)}，"
        f"使所述{random.choice(field.parts)}在{random.choice(field.uses)}场景下{random.choice(field.benefits)}。"
    )


def first_claim(random: Random, field: Field, name: str, kind: str) -> str:
    """The first claim of the kind; designs have none."""
    if kind == "design":
        return ""
    first, second, third = random.sample(field.parts, 3)
    if kind == "utility":
        return (
            f"1.{name}，其特征在于：包括{first}、{second}和{third}，所述{first}的上端固定连接有所述{second}，"
            f"所述{third}可拆卸地安装于所述{second}。"
        )
    low, step = random.randrange(2, 60), random.randrange(2, 40)
    return (
        f"1.{name}，其特征在于，包括以下步骤：S1、获取{random.choice(field.things)}并进行预处理；"
        f"S2、采用{random.choice(field.means)}处理{low}～{low + step}min，得到中间结果；"
        f"S3、通过{first}与{second}对所述中间结果进行处理；S4、由{third}输出最终结果。"
    )


def advantages(random: Random, field: Field, name: str) -> str:
    """Template column Z: product, advantages, performance."""
    one, two = random.sample(field.benefits, 2)
    figure = random.randrange(8, 60)
    return (
        f"对应产品：{random.choice(field.devices)}。技术优势：采用{random.choice(field.means)}，{one}，{two}，"
        f"有效克服了{random.choice(field.problems)}的不足。性能指标：较现有方案提升约{figure}%，"
        f"已完成{random.randrange(2, 30)}批次验证。"
    )


def prospects(random: Random, field: Field) -> str:
    """Template column AB: prospects of industrialisation."""
    one, two = random.sample(field.uses, 2)
    return (
        f"可应用于{one}、{two}等领域，"
        f"预计{random.randrange(1, 5)}年内形成产品，年市场规模约{random.randrange(2, 80)}00万元；"
        f"目前{random.choice(('正与企业开展中试', '已完成小批量试制', '正在寻找合作企业', '处于样机验证阶段'))}。"
    )


def combination_name(random: Random, field: Field) -> str:
    return f"{random.choice(field.uses)}{random.choice(field.things)}专利组合"[:50]
