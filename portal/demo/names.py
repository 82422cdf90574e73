"""Synthetic names of people and organisations; nobody and nothing of these names is meant to exist."""

from __future__ import annotations

from random import Random
from typing import Final

from stdnum.cn import uscc

from portal.choices import District

SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
FIRST: Final = (
    "安柏博晨承楚德冬恩方国海涵瀚昊鹤弘华景静君可岚乐理立林凌梦明宁沛齐庆仁若书思松天婉维文晓欣"
    "修雅砚一逸咏雨泽知致子"
)
SECOND: Final = (
    "安北辰成川春达帆芳飞峰歌光航禾恒宏华嘉建洁进劲珂岚磊丽亮林麟玲龙鸣宁鹏平萍琪强青清秋然荣锐"
    "珊胜石舒涛天彤伟薇文希贤祥霄欣星旭轩雪妍阳怡莹颖勇宇远岳云哲真舟"
)

UNIVERSITIES: Final = (
    ("北京演示理工大学", "central", "haidian", "理工"),
    ("北京演示第一工业大学", "municipal", "chaoyang", "理工"),
    ("北京演示航空航天大学", "central", "haidian", "航空"),
    ("北京演示交通科技大学", "central", "haidian", "交通"),
    ("北京演示化工大学", "central", "chaoyang", "化工"),
    ("北京演示农林大学", "municipal", "changping", "农林"),
    ("北京演示信息科技大学", "municipal", "changping", "信息"),
    ("北京演示医科大学", "municipal", "fengtai", "医学"),
    ("北京演示电力大学", "central", "changping", "能源"),
    ("北京演示邮电大学", "central", "haidian", "信息"),
    ("北京演示建筑大学", "municipal", "daxing", "建筑"),
    ("北京演示师范大学", "municipal", "haidian", "综合"),
    ("北京演示石油大学", "central", "changping", "能源"),
    ("北京演示地质大学", "central", "haidian", "建筑"),
    ("北京演示中医药大学", "central", "fangshan", "医学"),
    ("北京演示林业大学", "central", "haidian", "农林"),
    ("北京演示联合大学", "municipal", "chaoyang", "综合"),
    ("北京演示物流学院", "municipal", "tongzhou", "综合"),
    ("北京演示石化学院", "municipal", "daxing", "化工"),
    ("北京演示电子科技学院", "municipal", "bda", "信息"),
    ("北京演示印刷学院", "municipal", "daxing", "综合"),
    ("北京演示城市学院", "other", "shunyi", "综合"),
    ("北京演示体育科学大学", "municipal", "haidian", "综合"),
    ("北京演示服装学院", "municipal", "chaoyang", "综合"),
)
INSTITUTES: Final = (
    ("京示材料研究院", "municipal", "haidian", "理工"),
    ("京示能源动力研究所", "central", "haidian", "能源"),
    ("京示自动化研究所", "central", "haidian", "信息"),
    ("京示半导体研究所", "central", "haidian", "信息"),
    ("京示农业科学研究院", "municipal", "haidian", "农林"),
    ("京示环境保护科学研究院", "municipal", "xicheng", "化工"),
    ("京示劳动保护研究所", "municipal", "xicheng", "综合"),
    ("京示计算技术研究院", "central", "haidian", "信息"),
    ("京示生物技术研究所", "municipal", "daxing", "医学"),
    ("京示城市建设研究院", "municipal", "fengtai", "建筑"),
    ("京示智能装备研究院", "other", "bda", "理工"),
    ("京示新能源汽车研究院", "other", "daxing", "交通"),
    ("京示营养源研究所", "municipal", "fengtai", "农林"),
    ("京示空间应用研究所", "central", "huairou", "航空"),
    ("京示光电技术研究所", "municipal", "dongcheng", "理工"),
    ("京示水科学技术研究院", "municipal", "haidian", "化工"),
    ("京示轨道交通研究院", "other", "fengtai", "交通"),
    ("京示理化分析中心", "municipal", "haidian", "化工"),
    ("京示石景山数字研究院", "other", "shijingshan", "信息"),
    ("京示脑与健康研究中心", "municipal", "changping", "医学"),
)
HOSPITALS: Final = (
    ("演示协同医院", "central", "dongcheng"),
    ("演示第一人民医院", "municipal", "xicheng"),
    ("演示天桥医院", "municipal", "dongcheng"),
    ("演示朝东医院", "municipal", "chaoyang"),
    ("演示积水医院", "municipal", "changping"),
    ("演示同心医院", "municipal", "dongcheng"),
    ("演示安康医院", "municipal", "chaoyang"),
    ("演示妇幼保健院", "municipal", "haidian"),
    ("演示儿童医学中心", "municipal", "xicheng"),
    ("演示口腔医院", "municipal", "dongcheng"),
    ("演示肿瘤医院", "central", "chaoyang"),
    ("演示中医医院", "municipal", "dongcheng"),
    ("演示康复医院", "municipal", "haidian"),
    ("演示胸科医院", "municipal", "tongzhou"),
    ("演示回天医院", "municipal", "changping"),
    ("演示眼科医院", "other", "xicheng"),
)
DEPARTMENTS: Final = (
    ("DEMO-JW", "市教委（演示）"),
    ("DEMO-KW", "市科委中关村管委会（演示）"),
    ("DEMO-WJW", "市卫健委（演示）"),
    ("DEMO-JXJ", "市经信局（演示）"),
    ("DEMO-RSJ", "市人社局（演示）"),
)
DISTRICT_WORDS: Final = {
    District.DONGCHENG: "东城区",
    District.XICHENG: "西城区",
    District.CHAOYANG: "朝阳区",
    District.FENGTAI: "丰台区",
    District.SHIJINGSHAN: "石景山区",
    District.HAIDIAN: "海淀区",
    District.MENTOUGOU: "门头沟区",
    District.FANGSHAN: "房山区",
    District.TONGZHOU: "通州区",
    District.SHUNYI: "顺义区",
    District.CHANGPING: "昌平区",
    District.DAXING: "大兴区",
    District.HUAIROU: "怀柔区",
    District.PINGGU: "平谷区",
    District.MIYUN: "密云区",
    District.YANQING: "延庆区",
    District.BDA: "经济技术开发区",
}
FIRM_WORDS: Final = (
    "智造",
    "新材",
    "芯联",
    "数云",
    "康医",
    "绿能",
    "精仪",
    "轨通",
    "光电",
    "农科",
    "环源",
    "算力",
    "航材",
    "储能",
    "生科",
    "传感",
    "机器人",
    "软件",
    "检测",
    "膜分离",
    "电驱",
    "影像",
    "物联",
    "风电",
    "增材",
)
FIRM_KINDS: Final = (
    "国家知识产权优势示范企业",
    "专精特新中小企业",
    "高新技术企业",
    "市知识产权试点优势单位",
)

#: Level-1 units of a university by its make; each with the technical field its patents come from.
SCHOOLS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "材料": (("材料科学与工程学院", "材料"), ("新型功能材料研究院", "材料")),
    "制造": (("机械工程学院", "制造"), ("智能制造学院", "制造")),
    "软件": (("计算机学院", "软件"), ("人工智能学院", "软件"), ("软件学院", "软件")),
    "电子": (("电子信息工程学院", "电子"), ("微电子学院", "电子")),
    "能源": (("能源与动力工程学院", "能源"), ("电气工程学院", "能源")),
    "环境": (("环境科学与工程学院", "环境"),),
    "化工": (("化学与化学工程学院", "化工"),),
    "农业": (("农学与生物技术学院", "农业"), ("食品科学学院", "农业")),
    "医疗": (("生物医学工程学院", "医疗"), ("基础医学院", "医药")),
    "医药": (("药学院", "医药"),),
    "建筑": (("土木工程学院", "建筑"),),
    "交通": (("交通运输工程学院", "交通"), ("车辆工程学院", "交通")),
    "航空": (("航空科学与工程学院", "航空"), ("宇航学院", "航空")),
    "仪器": (("仪器科学与光电工程学院", "仪器"),),
}
FIELDS_BY_MAKE: Final[dict[str, tuple[str, ...]]] = {
    "理工": ("材料", "制造", "软件", "电子", "能源", "环境", "化工", "仪器", "交通"),
    "航空": ("航空", "制造", "材料", "软件", "电子", "仪器"),
    "交通": ("交通", "制造", "软件", "建筑", "电子"),
    "化工": ("化工", "材料", "环境", "能源", "仪器"),
    "农林": ("农业", "环境", "制造", "软件", "化工"),
    "信息": ("软件", "电子", "仪器", "制造"),
    "医学": ("医药", "医疗", "软件", "仪器"),
    "能源": ("能源", "制造", "环境", "材料", "软件"),
    "建筑": ("建筑", "环境", "材料", "软件", "仪器"),
    "综合": ("软件", "环境", "材料", "农业", "电子"),
}
LABORATORIES: Final[dict[str, tuple[str, ...]]] = {
    "材料": ("先进结构材料研究室", "功能薄膜研究室"),
    "制造": ("精密加工研究室", "机器人研究室"),
    "软件": ("智能计算研究室", "大数据研究室"),
    "电子": ("集成电路研究室", "射频器件研究室"),
    "能源": ("储能技术研究室", "热工研究室"),
    "环境": ("水处理研究室", "大气治理研究室"),
    "化工": ("催化研究室", "分离工程研究室"),
    "农业": ("设施农业研究室", "作物育种研究室"),
    "医疗": ("医疗器械研究室", "神经工程研究室"),
    "医药": ("药物化学研究室", "生物制剂研究室"),
    "建筑": ("结构工程研究室", "岩土工程研究室"),
    "交通": ("车辆动力研究室", "轨道系统研究室"),
    "航空": ("空间载荷研究室", "飞行控制研究室"),
    "仪器": ("光学检测研究室", "传感技术研究室"),
}
CLINICS: Final = (
    ("骨科", "医疗"),
    ("心血管内科", "医疗"),
    ("神经外科", "医疗"),
    ("麻醉科", "医疗"),
    ("检验科", "仪器"),
    ("药剂科", "医药"),
    ("影像科", "软件"),
    ("口腔科", "医疗"),
    ("护理部", "医疗"),
    ("眼科", "医疗"),
    ("康复医学科", "医疗"),
    ("肿瘤科", "医药"),
    ("急诊科", "医疗"),
    ("信息中心", "软件"),
)
SECOND_LEVEL: Final = {
    "university": ("系一部", "系二部", "实验教学中心", "重点实验室"),
    "institute": ("第一课题组", "第二课题组", "中试平台"),
    "hospital": ("一病区", "二病区", "门诊组", "科研组"),
}


def person_name(random: Random) -> str:
    """A surname and one or two characters."""
    name = random.choice(SURNAMES) + random.choice(FIRST)
    return name + random.choice(SECOND) if random.random() < 0.86 else name


def credit_code(prefix: str, number: int) -> str:
    """A valid 统一社会信用代码 of a body that does not exist: ``prefix`` (8 digits) and a running number."""
    head = f"{prefix}MDEM{number:05d}"
    return head + uscc.calc_check_digit(head)
