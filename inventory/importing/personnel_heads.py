"""Heads of personnel lists (批量导入用户模板 and what institutions' staff systems export). Pure.

The account template names 姓名, 手机号, 邮箱, 性别. 性别 and identity numbers are known and never taken: nothing here
needs them (PIPL art. 6).
"""

from __future__ import annotations

from typing import Final

from inventory.importing.tables import Head, HeadTable

PERSONNEL: Final = HeadTable(
    heads=(
        Head(
            "name",
            "姓名|教师姓名|职工姓名|人员姓名|用户姓名|教职工姓名|发明人姓名|第一发明人姓名|真实姓名|名字|"
            "name|full name",
        ),
        Head("phone", "手机号|手机号码|手机|联系电话|移动电话|电话|联系方式|电话号码|phone|mobile"),
        Head("email", "邮箱|电子邮箱|电子邮件|邮箱地址|邮件|e-mail|email|mail"),
        Head(
            "staff_number",
            "工号|职工号|教工号|教职工号|人员编号|职工编号|学号|工号/学号|学工号|学/工号|员工编号|staff number",
        ),
        Head(
            "unit",
            "学院/部门|所属学院|学院|院系|所属院系|部门|所属部门|所在部门|单位|所在单位|所属单位|二级单位|科室|"
            "所在科室|研究室|所在学院|所在学院(部门)|单位名称|部门名称|unit|department",
        ),
        Head("title", "职称|专业技术职务|技术职称|职称名称|专业技术职称|title"),
        Head(
            "category", "人员类别|人员类型|类别|人员状态|在职状态|在岗状态|用户类别|身份|category"
        ),
    ),
    needed=frozenset({"name"}),
    unused=(
        "序号|编号|备注|no.|no|学历|学位|职务|入职时间|来校时间|岗位|办公地点|账号|用户名|登录名|重名"
    ),
    never=(
        "性别|身份证号|身份证号码|证件号|证件号码|出生日期|出生年月|年龄|民族|政治面貌|籍贯|gender|sex"
    ),
    foreign=(
        "申请号|专利号|专利名称|发明名称|申请(专利)号|专利申请号|专家姓名|从事技术领域|推荐单位|回避单位|聘期"
    ),
)
