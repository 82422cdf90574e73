"""Verbatim words of the national batch-filing template, with the stable codes we store.

Every table is a tuple of ``(code, Chinese)``; order is the order of the template's option sheets
(专利实施化状态（含产业化）, 转化意愿, 技术成熟度, 专利价值分级自评, 意向价格, 其他). Codes never
change; the Chinese is the file's own wording and is what exports write. Pure data: no Django, no
ORM.
"""

from typing import Final

Vocabulary = tuple[tuple[str, str], ...]

CUSTOM_LABEL: Final = "自定义（请勿勾选，请直接填写）"
NOTHING_TO_FILL_IN: Final = "无需填写"

#: Column L 一级实施状态.
STATUS_LEVEL1: Final[Vocabulary] = (
    ("not_implemented", "尚未实施"),
    ("licensed", "已许可"),
    ("transferred", "已转让"),
    ("self_industrialised", "已自行产业化"),
    ("has_report", "实用新型专利、外观设计专利已有专利权评价报告"),
    ("abandoning", "即将放弃专利权"),
    ("ownership_dispute", "涉及权属纠纷"),
    ("unsuitable_other", "其他不适宜转化的情况"),
    ("custom", CUSTOM_LABEL),
)

#: Column M 二级状态描述 under 已许可.
STATUS_LICENSED: Final[Vocabulary] = (
    ("open_contract", "已签订开放许可合同"),
    ("common_contract", "已签订普通许可合同"),
    ("sole_contract", "已签订排他许可合同"),
    ("exclusive_contract", "已签订独占许可合同"),
    ("open_plan", "已列入开放许可计划"),
    ("common_plan", "已列入普通许可计划"),
    ("sole_plan", "已列入排他许可计划"),
    ("exclusive_plan", "已列入独占许可计划"),
    ("industrialised_by_licensee", "已由被许可人实现产业化"),
    ("industrialised_by_partner", "已通过技术服务合同或技术开发合同约定由合作企业实现产业化"),
    ("in_patent_pool", "已参与专利池运营"),
)

#: Column M under 已转让.
STATUS_TRANSFERRED: Final[Vocabulary] = (
    ("assignment_contract", "已签订转让合同"),
    ("equity", "已作价入股"),
    ("assignment_plan", "已列入转让计划"),
)

STATUS_CUSTOM: Final[Vocabulary] = (("custom", CUSTOM_LABEL),)

#: Column M by the code of column L. An empty tuple means 无需填写. The file offers 自定义 under
#: 已许可 too.
STATUS_LEVEL2_OF: Final[dict[str, Vocabulary]] = {
    "not_implemented": (),
    "licensed": STATUS_LICENSED + STATUS_CUSTOM,
    "transferred": STATUS_TRANSFERRED + STATUS_CUSTOM,
    "self_industrialised": STATUS_CUSTOM,
    "has_report": (),
    "abandoning": STATUS_CUSTOM,
    "ownership_dispute": STATUS_CUSTOM,
    "unsuitable_other": STATUS_CUSTOM,
    "custom": STATUS_CUSTOM,
}

#: Every code of column M once, for one model field.
STATUS_LEVEL2: Final[Vocabulary] = STATUS_LICENSED + STATUS_TRANSFERRED + STATUS_CUSTOM

#: 一级 values that keep a patent out of 专利转化资源库 (rule R1): columns P to AD may stay empty.
STATUS_UNSUITABLE: Final = frozenset({"abandoning", "ownership_dispute", "unsuitable_other"})
#: 一级 values whose 金额 is compulsory (rule R4) unless the 二级 value is one of the two sets
#: below.
STATUS_NEEDS_AMOUNT: Final = frozenset({"licensed", "transferred", "self_industrialised"})
#: 二级 values that need a product name in place of an amount (rule R6).
STATUS_NEEDS_PRODUCT: Final = frozenset({"industrialised_by_licensee", "industrialised_by_partner"})
#: 二级 values that are plans or pools: they never count as done, and an absent amount is a notice
#: only.
STATUS_PLANS: Final = frozenset(
    {"open_plan", "common_plan", "sole_plan", "exclusive_plan", "assignment_plan"}
)
#: For plans and for 已参与专利池运营 an absent amount is a notice, not an error.
STATUS_AMOUNT_OPTIONAL: Final = STATUS_PLANS | {"in_patent_pool"}

#: Names in older issues of the file -> (level 1, level 2); the raw text is kept beside the mark.
STATUS_LEGACY: Final[dict[str, tuple[str, str]]] = {
    "已签订许可合同或已列入许可计划": ("licensed", "custom"),
    "已签订转让合同或已列入转让计划": ("transferred", "custom"),
}

#: Column P 转化意愿（一级）.
INTENT_LEVEL1: Final[Vocabulary] = (
    ("license", "拟许可"),
    ("transfer", "拟转让"),
    ("self_use", "拟自行应用或产业化"),
)

INTENT_LICENSE: Final[Vocabulary] = (
    ("open", "拟开放许可"),
    ("common", "拟普通许可"),
    ("sole", "拟排他许可"),
    ("exclusive", "拟独占许可"),
    ("patent_pool", "拟参与专利池运营"),
)
INTENT_TRANSFER: Final[Vocabulary] = (
    ("assign", "拟转让"),
    ("equity", "拟作价入股"),
)
INTENT_CUSTOM: Final[Vocabulary] = (("custom", CUSTOM_LABEL),)

#: Column Q 转化意愿（二级） by the code of column P.
INTENT_LEVEL2_OF: Final[dict[str, Vocabulary]] = {
    "license": INTENT_LICENSE + INTENT_CUSTOM,
    "transfer": INTENT_TRANSFER + INTENT_CUSTOM,
    "self_use": INTENT_CUSTOM,
}

#: Every code of column Q once, for one model field.
INTENT_LEVEL2: Final[Vocabulary] = INTENT_LICENSE + INTENT_TRANSFER + INTENT_CUSTOM

#: Column U 意向价格, a strict list; bounds are 万元.
PRICE_BANDS: Final[Vocabulary] = (
    ("negotiable", "具体面议"),
    ("0_10", "0-10万"),
    ("10_20", "10-20万"),
    ("20_30", "20-30万"),
    ("30_40", "30-40万"),
    ("40_50", "40-50万"),
    ("50_60", "50-60万"),
    ("60_70", "60-70万"),
    ("70_80", "70-80万"),
    ("80_90", "80-90万"),
    ("90_100", "90-100万"),
    ("over_100", "100万以上"),
)

#: Column X 技术成熟度, a strict list of four.
MATURITY: Final[Vocabulary] = (
    ("sample", "样品、实验阶段"),
    ("trial", "试生产、应用开发阶段"),
    ("small_batch", "小批量生产、工程应用阶段"),
    ("mass", "批量生产、成熟应用阶段"),
)

#: The six-value list in rows 44+ of older files -> today's code; the raw value is kept.
MATURITY_LEGACY: Final[Vocabulary] = (
    ("sample", "技术构思"),
    ("sample", "正在研发"),
    ("sample", "已有样品"),
    ("trial", "通过小试"),
    ("small_batch", "通过中试"),
    ("mass", "可以量产"),
)

#: Column Y 专利价值分级自评; the code is the number of stars.
STARS: Final[tuple[tuple[int, str], ...]] = (
    (5, "五星"),
    (4, "四星"),
    (3, "三星"),
    (2, "二星"),
    (1, "一星"),
)

#: The one-line criterion of each grade, as the option sheet prints it.
STAR_CRITERIA: Final[tuple[tuple[int, str], ...]] = (
    (5, "5星代表该专利技术成熟度高，可直接用于产业；"),
    (4, "4星代表该专利具有较高的潜在价值和产业化前景；"),
    (3, "3星代表该专利具有一定的潜在价值和产业化前景；"),
    (2, "2星代表该专利潜在价值低，产业化前景不明朗；"),
    (1, "1星代表无潜在价值和产业化前景"),
)

#: Column K 是否属于财政资助科研项目形成专利, a strict list.
YES_NO: Final[tuple[tuple[bool, str], ...]] = ((True, "是"), (False, "否"))

KINDS: Final[Vocabulary] = (
    ("invention", "发明"),
    ("utility", "实用新型"),
    ("design", "外观设计"),
)

SIMPLE_STATUS: Final[Vocabulary] = (
    ("valid", "有效"),
    ("ended", "失效"),
    ("pending", "审中"),
    ("unknown", "未确认"),
)
