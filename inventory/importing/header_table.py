"""The column heads met in real patent spreadsheets, and the fields they stand for.

Collected from the exports of CNIPR, CNIPA's search and gazette pages, PatSnap, incoPat, Innojoy, CNKI
and Wanfang, from lists made by hand, and from the national batch-filing template. Heads are compared
after ``header_key``: NFKC, no blanks, one make of bracket, no ``[标]``, no asterisk, no (规则…) tail.
Pure data.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class HeaderField:
    """A field and its heads, the best first; ``weight`` says how much a head speaks for a head row."""

    field: str
    headers: tuple[str, ...]
    weight: int


def _field(field: str, weight: int, headers: str) -> HeaderField:
    return HeaderField(field, tuple(headers.split("|")), weight)


HEADERS: Final = (
    # --- a patent's own facts ---
    _field("application_number", 5, "申请号|申请(专利)号|专利申请号|申请号码|patentId|APP_ID|AN|filing_id|"
           "application_number|application number|申请号/专利号|专利号/申请号"),
    _field("patent_number", 4, "专利号|授权专利号|patent_number|patent number"),
    _field("publication_number", 4, "公开(公告)号|公开公告号|授权公告号|申请公布号|公布号|公开号|公告号|"
           "PubNo-公开号|publication_number|publication number"),
    _field("published_on", 3, "公开(公告)日|公开公告日|申请公布日/授权公告日|申请公布日|公开日|公布日|"
           "公开日期|PubTime-公开日期|首次公开日|公告日"),
    _field("granted_on", 3, "授权公告日|授权日|授权日期|授权公告日期|颁证日|审定公告日|grant_date|grant date"),
    _field("title", 4, "专利名称|发明名称|名称|标题|标题(中文)|标题(译)(简体中文)|标题(翻译)|名称中|"
           "Patsnap专利标题|发明名称(中文)(机器翻译)|Title-题名|题名|标题(小语种原文)|标题(译)(English)|"
           "发明创造名称|name|title"),
    _field("abstract", 2, "摘要|摘要(中文)|摘要(译)(简体中文)|摘要(翻译)|简要说明|信息描述|Summary-摘要|"
           "ABST|abstract"),
    _field("main_claim", 2, "主权项|首项权利要求|首权翻译|独立权利要求|Claims-主权项|权利要求"),
    _field("claims", 1, "权利要求书|全部权利要求|权利要求全文|claims"),
    _field("full_text_url", 1, "全文链接|全文地址|PDF链接|PDF全文|专利全文链接|full_text_url"),
    _field("drawings_url", 1, "附图链接|摘要附图链接|附图地址|图片链接|drawings_url"),
    _field("holders", 4, "当前专利权人|当前权利人|当前申请(专利权)人|标准化当前权利人|标准当前专利权人|"
           "专利权人|申请(专利权)人|申请人/专利权人|申请人|权利人|原始申请(专利权)人|标准化申请人|"
           "标准申请人|合并申请人|Docdb申请(专利权)人|Applicant-申请人|patentee|applicant|专利权人名称|"
           "申请人名称"),
    _field("first_holder", 1, "第一申请人|主申请人|第一专利权人"),
    _field("inventors", 3, "发明人|发明(设计)人|设计人|当前发明人名称|发明人/设计人|全部发明人|inventor|"
           "inventors|Author-作者"),
    _field("first_inventor", 2, "第一发明人|主发明人|第一设计人"),
    _field("filed_on", 4, "申请日|申请日期|专利申请日|filing_date|filing date"),
    _field("filed_year", 1, "申请年|申请年份"),
    _field("kind", 3, "专利类型|专利种类|专利类别|类型|类别|patent_type|patent type"),
    _field("main_ipc", 2, "主分类号|IPC主分类|IPC主分类号|主IPC分类号|主IPC分类号-小组|IPC主分类号(小组)"),
    _field("ipc", 2, "IPC分类号|IPC|分类号|Int.Cl.|IPC号|本专利所属技术领域(IPC)|国际专利分类号"),
    _field("locarno", 2, "外观设计洛迦诺分类号|洛迦诺分类号|LOC分类号|LOC Cl.|LOC"),
    _field("simple_status", 3, "简单法律状态|专利有效性|有效性|专利权状态|是否有效"),
    _field("current_status", 3, "当前法律状态|最新法律状态|法律状态/事件|专利状态"),
    _field("legal_status", 3, "法律状态|法律状态履历"),
    _field("expires_on", 1, "预估到期日|失效日|权利失效日|到期日|届满日|专利权届满日"),
    _field("agency", 1, "专利代理机构|代理机构|agency"),
    _field("agent", 1, "代理人|专利代理师|代理师"),
    _field("address", 1, "申请人地址|主申请人地址|申请人/专利权人地址|地址|专利权人地址"),
    _field("province", 1, "国省代码|国别省市代码|申请人省市代码|省|CountryName-国省名称|申请人(省市)|"
           "当前申请(专利权)人州/省"),
    _field("holder_code", 1, "工商统一社会信用代码|统一社会信用代码"),
    _field("priority", 1, "优先权|优先权号"),
    _field("family", 1, "简单同族|同族专利项|扩展同族|简单同族专利申请数量"),
    _field("cited_by", 1, "被引证次数|被引用专利数量|引证次数|被引次数"),
    _field("same_day_pair", 1, "一案双申|同日申请"),
    _field("parent_application", 1, "母案|分案|分案原申请号"),
    # --- the national template ---
    _field("sequence", 1, "序号|编号|No.|NO"),
    _field("years_maintained", 1, "维持年限"),
    _field("org_unit", 3, "所属学院|所属院系|学院|院系|所属部门|部门|所属单位|二级单位|所在单位"),
    _field("bundle_title", 2, "组合专利名称"),
    _field("bundle_numbers", 2, "组合专利信息"),
    _field("bundle_text", 2, "组合专利描述"),
    _field("is_publicly_funded", 3, "是否属于财政资助科研项目形成专利|是否财政资助|财政资助"),
    _field("status_level1", 4, "一级实施状态|实施状态|专利实施状态|专利实施化状态"),
    _field("status_level2", 3, "二级状态描述|二级实施状态"),
    _field("status_detail", 3, "金额(万元)/评价结果/产品名称"),
    _field("remark", 1, "备注|说明"),
    _field("intent_level1", 3, "转化意愿(一级)|转化意愿一级|转化意愿"),
    _field("intent_level2", 3, "转化意愿(二级)|转化意愿二级"),
    _field("fee_standard", 2, "费用标准(万元)|费用标准"),
    _field("cities", 2, "意向合作城市"),
    _field("firms", 2, "意向合作企业"),
    _field("price_band", 3, "意向价格"),
    _field("contact_name", 2, "联系人|联系人姓名"),
    _field("contact", 2, "联系方式|联系电话|手机号|手机|电话|邮箱"),
    _field("maturity", 3, "技术成熟度"),
    _field("stars", 3, "专利价值分级自评|价值分级自评|自评星级|专利自评"),
    _field("advantages", 2, "本专利对应产品、技术优势、性能指标"),
    _field("industry", 2, "国民经济行业分类|国民经济分类|国民经济行业分类号|国民经济行业|GBC分类号|GBC门类"),
    _field("outlook", 2, "产业化前景描述|产业化前景"),
    _field("strategic", 2, "战新分类|战略新兴产业分类|新兴产业分类|战略性新兴产业|战略性新兴产业分类|"
           "EINDC分类号"),
    # --- hidden columns of a round-trip workbook ---
    _field("row_key", 1, "回填标识"),
    _field("row_version", 1, "回填版本"),
    _field("row_digest", 1, "回填校验"),
    # --- what the national platform answers (no public sample: heads as such lists name them) ---
    _field("platform_message", 3, "错误信息|失败原因|错误原因|退回原因|驳回原因|退回意见|错误描述|错误提示|"
           "失败信息|不通过原因|未通过原因|校验信息|提示信息|平台意见|审核意见|原因"),
    _field("platform_status", 2, "导入状态|导入结果|上传状态|上传结果|校验结果|审核状态|审核结果|处理结果|"
           "处理状态|结果|状态"),
)  # fmt: skip

#: Heads that are known and not imported, so that nobody is asked what they mean.
NOT_IMPORTED: Final = frozenset(
    {
        "SrcDatabase-来源库", "公开类型", "CPC", "CPC分类号", "联合分类", "CLC-中图分类号", "INPADOC法律状态", "邮编",
        "法律状态最后修改日期", "专利权状态代码", "申请人/专利权人所在国代码", "转让次数", "许可次数",
        "质押次数", "受让人", "被许可人", "质权人", "合享价值度", "DPI", "高价值专利", "链接到incoPat",
        "中国申请人地市", "中国申请人区县", "当前申请(专利权)人地市", "当前申请(专利权)人区县",
        "申请人(地市)", "申请人(区县)", "市", "区", "战略新兴产业标识", "主IPC分类号-小类",
        "IPC主分类号(小类)", "名称英", "名称日", "名称OL", "REPRESENTATIVE", "GBC大类", "GBC中类", "GBC小类",
        # what the portal's own work list says of the stock-taking (inventory.lists.entries)
        "盘点负责人", "自评", "截止", "最近修改", "盘点批次", "国家平台", "优先级", "列入日期",
    }
)  # fmt: skip
