"""The national batch-filing template, column by column: the one list that reading, messages, export and docs use.

The wording of the three head rows is that of the official form (专利盘活行动批量建档模板): row 1 a hint, row 2 the
groups, row 3 the heads, data from row 4. Columns K, X and Y have their head in row 2 and nothing in row 3.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.importing.header_table import HEADERS
from inventory.importing.values import (
    parse_bundled_numbers,
    parse_contact,
    parse_firms,
    parse_industry,
    parse_money,
)
from inventory.importing.words import parse_maturity, parse_price_band, parse_stars, parse_yes_no

SHEET: Final = "批量导入"
FIRST_DATA_ROW: Final = 4
#: Row 1, over all columns.
HINT: Final = (
    "提示：若【专利实施化状态】、【转化意愿】等指标存在多个选项的，需要顺序在“下一行”填写，即每个指标下对应列中的"
    "每个单元格按顺序填写一个选项，但专利基本信息、组合专利信息等基本指标无需重复填写，无需合并单元格"
)


@dataclass(frozen=True, slots=True)
class Group:
    """A merged cell of row 2: first and last column, its words."""

    first: str
    last: str
    words: str


GROUPS: Final = (
    Group("A", "G", "*基本信息"),
    Group("H", "J", "组合专利"),
    Group("K", "K", "*是否属于财政资助科研项目形成专利"),
    Group(
        "L",
        "O",
        "专利实施化状态（含产业化）（规则：选项必选，选项后附带的金额必填；选择“即将放弃专利权”“涉及权属纠纷”"
        "“其他不适宜转化的情况”这三种情况任何之一的专利，后续“转化意愿”“技术成熟度”“专利价值分级自评”"
        "“应用场景（产业化前景）”下的所有信息不必再填写。）",
    ),
    Group("P", "W", "转化意愿"),
    Group("X", "X", "*技术成熟度"),
    Group(
        "Y",
        "Y",
        "*专利价值分级自评\n(规则：若勾选一星或二星，则无需填写本专利对应产品、技术优势、性能指标和产业化前景描述)",
    ),
    Group("Z", "AD", "*应用场景"),
)

Parse = Callable[[str], Any]
#: Statuses and intents stand in the rows below, too; all else in the first row of a patent only.
BASE, STATUS, INTENT = "base", "status", "intent"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its field in the head table, the fields of the dossier it fills, its words, its rule.

    ``header`` is the cell of row 3, "" where the head is the group's merged cell. ``parse`` reads a cell alone; by
    default the text as it stands. ``limit`` is the longest text taken.
    """

    letter: str
    field: str
    header: str
    label: Promise
    targets: tuple[str, ...] = ()
    part: str = BASE
    is_required: bool = False
    parse: Parse = str
    limit: int = 0
    rule: Promise | str = ""
    example: str = ""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other heads under which files have this column."""
        return ALIASES[self.field]

    @property
    def head(self) -> str:
        """The head as it stands above the column: its own, or that of the merged cell."""
        return self.header or next(one.words for one in GROUPS if one.first == self.letter)

    @property
    def width(self) -> float:
        """The width of the template."""
        return WIDTHS[self.index]

    @property
    def index(self) -> int:
        """The place of the column, counted from 0."""
        return PLACES[self.letter]


ALIASES: Final = {entry.field: entry.headers for entry in HEADERS}

COLUMNS: Final = (
    Column("A", "sequence", "序号", _("Running number"), example="1"),
    Column(
        "B",
        "application_number",
        "申请号",
        _("Application number"),
        is_required=True,
        rule=_("The number decides which dossier is meant; its check character must be right."),
        example="CN201719000012.5",
    ),
    Column(
        "C",
        "title",
        "专利名称",
        _("Title"),
        rule=_("Compared with the register; never changes it."),
        example="一种演示装置",
    ),
    Column("D", "legal_status", "法律状态", _("Legal status"), example="有效"),
    Column("E", "years_maintained", "维持年限", _("Years maintained"), example="6"),
    Column("F", "inventors", "发明人", _("Inventors"), example="演示甲、演示乙"),
    Column(
        "G",
        "org_unit",
        "所属学院（规则：按系统设定的导入账号所属组织架构进行填写，高校管理员则填写高校名称，分校管理员填写"
        "分校名称，学院管理员填写学院名称）",
        _("Unit"),
        targets=("unit",),
        is_required=True,
        rule=_("The name of the institution or of one of its units (R12)."),
        example="演示材料学院",
    ),
    Column(
        "H",
        "bundle_title",
        "组合专利名称（限50个字符）",
        _("Name of the patent combination"),
        targets=("combination_name",),
        rule=_("At most 50 characters (R7)."),
    ),
    Column(
        "I",
        "bundle_numbers",
        '组合专利信息（规则：请输入专利申请号，最多添加9个，申请号之间用“,"号隔开）',
        _("Patents of the combination"),
        targets=("combination_numbers",),
        parse=parse_bundled_numbers,
        rule=_("At most nine application numbers, either comma between (R7)."),
    ),
    Column(
        "J",
        "bundle_text",
        "组合专利描述（限500个字符）",
        _("Description of the patent combination"),
        targets=("combination_note",),
        rule=_("At most 500 characters (R7)."),
    ),
    Column(
        "K",
        "is_publicly_funded",
        "",
        _("From a publicly funded research project"),
        targets=("is_publicly_funded",),
        is_required=True,
        parse=parse_yes_no,
        rule=_("Yes or no: 是 or 否."),
        example="否",
    ),
    Column(
        "L",
        "status_level1",
        "*一级实施状态",
        _("Implementation status"),
        targets=("statuses",),
        part=STATUS,
        is_required=True,
        rule=_("A value of the list or your own words; further statuses in the rows below (R10)."),
        example="已许可",
    ),
    Column(
        "M",
        "status_level2",
        "二级状态描述",
        _("Implementation status in detail"),
        part=STATUS,
        rule=_("A value that belongs to the first level beside it, or your own words."),
        example="已签订普通许可合同",
    ),
    Column(
        "N",
        "status_detail",
        "金额（万元）/评价结果/产品名称（规则：若选择“已转让”、“已许可”和“已自行产业化”，需要填写金额，金额仅支持"
        "填写数字。若选择“实用新型、外观设计专利已有专利权评价报告”则填写评价结果。若选择“已许可-已由被许可人实现"
        "产业化”或“已许可-已通过技术服务合同或开发合同约定由合作企业实现产业化”则填写产品名称。）",
        _("Amount, result of the evaluation report or product"),
        part=STATUS,
        limit=200,
        rule=_("Digits in 10,000 yuan, the result or the product, as the status asks (R4 to R6)."),
        example="12.5",
    ),
    Column("O", "remark", "备注", _("Remark"), part=STATUS, limit=500),
    Column(
        "P",
        "intent_level1",
        "转化意愿（一级）",
        _("Transfer intent"),
        targets=("intents",),
        part=INTENT,
        rule=_("A value of the list; further intents in the rows below (R10)."),
        example="拟许可",
    ),
    Column(
        "Q",
        "intent_level2",
        "转化意愿（二级）",
        _("Transfer intent in detail"),
        part=INTENT,
        rule=_("A value that belongs to the first level beside it, or your own words."),
        example="拟普通许可",
    ),
    Column(
        "R",
        "fee_standard",
        "费用标准（万元）（规则：只需填写数字）",
        _("Fee standard (10,000 yuan)"),
        part=INTENT,
        parse=parse_money,
        rule=_("Digits only, in 10,000 yuan; 0 is not the same as blank."),
        example="10",
    ),
    Column(
        "S",
        "cities",
        "意向合作城市（规则：XX省-XX市,XX省-XX市,不同城市间用“,”分隔）",
        _("Cities to co-operate with"),
        targets=("partner_cities",),
        rule=_("Province and city joined by a hyphen, either comma between (R8)."),
        example="广东省-深圳市,北京市-海淀区",
    ),
    Column(
        "T",
        "firms",
        "意向合作企业（规则：请填写企业全称，最多添加10个，多个企业间用“,”分隔）",
        _("Enterprises to co-operate with"),
        targets=("partner_firms",),
        parse=parse_firms,
        limit=120,
        rule=_("At most ten full names, either comma between (R9)."),
        example="演示科技有限公司",
    ),
    Column(
        "U",
        "price_band",
        "*意向价格",
        _("Price expected"),
        targets=("price_band",),
        is_required=True,
        parse=parse_price_band,
        rule=_("One of the twelve bands of the list."),
        example="10-20万",
    ),
    Column(
        "V",
        "contact_name",
        "*联系人",
        _("Contact person"),
        targets=("contact_name", "uses_default_contact"),
        is_required=True,
        limit=80,
        rule=_("Blank stands for the institution's default contact."),
        example="演示联系人",
    ),
    Column(
        "W",
        "contact",
        "*联系方式",
        _("Phone or mail of the contact person"),
        targets=("contact_phone",),
        is_required=True,
        parse=parse_contact,
        limit=200,
        rule=_("Blank stands for the institution's default contact."),
        example="13800000000",
    ),
    Column(
        "X",
        "maturity",
        "",
        _("Maturity of the technology"),
        targets=("maturity",),
        is_required=True,
        parse=parse_maturity,
        rule=_("One of the four stages; the six older words are read, too."),
        example="样品、实验阶段",
    ),
    Column(
        "Y",
        "stars",
        "",
        _("Own rating of the patent's value"),
        targets=("stars",),
        is_required=True,
        parse=parse_stars,
        rule=_("One to five stars; with one or two stars Z and AB may stay empty (R2)."),
        example="三星",
    ),
    Column(
        "Z",
        "advantages",
        "本专利对应产品、技术优势、性能指标（限500个字符）",
        _("Product, technical advantages and performance of this patent"),
        targets=("advantages",),
        rule=_("Required from three stars on, at most 500 characters (R3)."),
        example="结构简单，成本低。",
    ),
    Column(
        "AA",
        "industry",
        "国民经济行业分类",
        _("Industry (GB/T 4754)"),
        targets=("industry", "industry_division"),
        is_required=True,
        parse=parse_industry,
        rule=_("A section, or section and division of GB/T 4754-2017."),
        example="制造业-专用设备制造业",
    ),
    Column(
        "AB",
        "outlook",
        "产业化前景描述（限500个字符）",
        _("Prospects of industrialisation"),
        targets=("prospects",),
        rule=_("Required from three stars on, at most 500 characters (R3)."),
        example="可用于装备制造企业。",
    ),
    Column(
        "AC",
        "strategic",
        "战新分类",
        _("Strategic emerging industries"),
        targets=("strategic_codes",),
        rule=_("Codes or names, semicolons or commas between."),
        example="新材料产业-前沿新材料",
    ),
    Column(
        "AD",
        "ipc",
        "本专利所属技术领域（IPC）",
        _("IPC classes"),
        example="H02K17/02",
    ),
)

#: A to AD, as the blank template has them.
WIDTHS: Final = (
    9.2, 22.8, 12.8, 39.5, 39.5, 39.5, 39.5, 57.7, 58.7, 25.2, 36.8, 37.7, 25.2, 37.3, 25.2,
    16.3, 16.3, 35.7, 65.3, 75, 16.3, 16.3, 16.3, 22.2, 36.6, 51.5, 29.8, 29.8, 29.8, 29.8,
)  # fmt: skip
PLACES: Final = {column.letter: place for place, column in enumerate(COLUMNS)}
BY_FIELD: Final = {column.field: column for column in COLUMNS}
#: Field of the dossier -> the column that fills it.
OF_TARGET: Final = {target: column.field for column in COLUMNS for target in column.targets}
#: Parts of a mark -> their columns.
OF_STATUS_PART: Final = {
    "level1": "status_level1",
    "level2": "status_level2",
    "wording": "status_level2",
    "amount": "status_detail",
    "product_name": "status_detail",
    "report_result": "status_detail",
    "remark": "remark",
}
OF_INTENT_PART: Final = {
    "level1": "intent_level1",
    "level2": "intent_level2",
    "wording": "intent_level2",
    "fee": "fee_standard",
}
#: Only the template has these: three of them make a file a filled template.
TELLING: Final = frozenset(
    column.field
    for column in COLUMNS
    if column.targets
    and column.field not in {"org_unit", "contact_name", "contact", "industry", "strategic"}
) | {"status_level2", "status_detail", "intent_level2", "fee_standard"}
