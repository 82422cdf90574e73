"""Acts 1 to 5 of the campaign year: opened, imported, assigned, filled in, left by three people."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from inventory.choices import CampaignState
from inventory.models import (
    BaseListEntry,
    CampaignInstitution,
    Dossier,
    DossierStep,
    Milestone,
    PlanFile,
)
from portal import clock
from portal.choices import AuditAction
from portal.models import Departure, Membership, StaffMember
from tests import factories
from tests.browser import year_city as files
from tests.browser.year import (
    FILTER,
    HANDED_IN,
    JOINING,
    LEAVING,
    S,
    Year,
    trail,
)
from tests.browser.year_steps import (
    carry_out,
    choose,
    figure,
    fill_dossier,
    follow,
    import_file,
    press,
    said,
    same_as_last,
    saved,
    submit,
)

# --- act 1 ------------------------------------------------------------------------------------------


def the_city_opens_the_campaign(year: Year) -> None:
    """A campaign by form, three milestones, opened with its consequences seen."""
    visitor = year.house(year.city.official)
    page, today = visitor.page, clock.today()
    visitor.go("/inventory/campaigns/")
    expect(page.get_by_text("还没有盘点批次")).to_be_visible()
    follow(page, "新建批次")
    fill_campaign(year, f"{today.year}年度高校存量专利盘点")
    page.locator("[data-field=institutions] .ts-control").click()
    page.locator(".ts-dropdown [role=option]", has_text="云岭理工大学").click()
    page.keyboard.press("Escape")
    visitor.look("year-01-campaign-form")
    press(page, "保存")
    said(page, "批次已创建，核对无误后请启动。")
    for name, days, goal, share in (
        ("专利全部分派到人", 20, "assigned", 100),
        ("填报过八成", 75, "filed", 80),
    ):
        follow(page, "添加节点")
        page.fill("input[name=name]", name)
        page.fill("input[name=due_on]", (today + timedelta(days=days)).isoformat())
        page.select_option("select[name=goal]", goal)
        page.fill("input[name=share]", str(share))
        press(page, "保存")
    # nothing is reached by an empty list
    expect(page.locator("main")).to_contain_text("尚无专利")
    expect(page.get_by_text("已达到")).to_have_count(0)
    follow(page, "启动批次")
    expect(page.locator("main")).to_contain_text("家机构可以开始填报")
    press(page, "启动批次")
    said(page, "批次已启动，参加机构可以开始盘点。")
    visitor.look("year-01-campaign-open")

    campaign = year.campaign
    assert campaign.state == CampaignState.OPEN
    assert Milestone.objects.filter(campaign=campaign).count() == 3
    assert trail(campaign) == [AuditAction.CREATE, AuditAction.STATE]


def fill_campaign(year: Year, name: str) -> None:
    """Name and days of a campaign that opens today."""
    page, today = year.house(year.city.official).page, clock.today()
    page.fill("input[name=name]", name)
    page.fill("input[name=cutoff_on]", f"{today.year - 1}-12-31")
    page.fill("input[name=base_day]", f"{today.year - 1}-12-31")
    page.fill("input[name=opens_on]", today.isoformat())
    page.fill("input[name=due_on]", (today + timedelta(days=150)).isoformat())


# --- act 2 ------------------------------------------------------------------------------------------


def the_university_plans_and_imports(year: Year) -> None:
    """Plan and contacts, the base list, the personnel list with accounts kept ready, invitations taken up."""
    visitor = year.house(year.city.manager)
    page = visitor.page
    visitor.go(f"/inventory/campaigns/{year.campaign.pk}/")
    follow(page, "本单位方案与进度")
    expect(page.locator("main")).to_contain_text("底账尚无专利")
    page.set_input_files("input[name=file]", files.page_file(year.folder, "盘点工作方案.pdf"))
    page.fill("input[name=note]", "首次报送")
    press(page, "上传工作方案")
    said(page, "已保存为第 1 版。")
    follow(page, "修改")
    page.fill("input[name=responsible_name]", "科学技术处")
    page.fill("input[name=first_contact_name]", "杜仲明")
    page.fill("input[name=first_contact_phone]", "010-00000001")
    page.fill("input[name=contact_name]", "校技术转移中心")
    page.fill("input[name=contact_phone]", "010-00000000")
    press(page, "保存")
    visitor.look("year-02-plan")
    import_file(visitor, files.base_list(year.folder, year.city.university.name), "year-02-import")
    import_file(visitor, files.personnel_list(year.folder), accounts="inventors")
    _take_up_invitations(year)

    participation = CampaignInstitution.objects.get()
    assert PlanFile.objects.get(participation=participation).note == "首次报送"
    assert participation.responsible_name == "科学技术处"
    assert BaseListEntry.objects.filter(institution=year.city.university).count() == 15
    assert StaffMember.objects.filter(user__isnull=False).count() == len(files.STAFF)
    assert AuditAction.CHANGE in trail(participation)


def _take_up_invitations(year: Year) -> None:
    visitor = year.house(year.city.manager)
    page = visitor.page
    visitor.go("/invitations/")
    page.locator("input[data-pick-all]").check()
    press(page, "生成链接清单")
    expect(page.locator("main")).to_contain_text("链接只在此时显示")
    for name in JOINING:
        link = page.locator("main tr", has_text=name).locator("[data-copy*=join]")
        guest = year.house.stranger()
        guest.page.goto(link.get_attribute("data-copy") or "")
        for field in guest.page.locator("input[type=password]").all():
            field.fill(factories.PASSWORD)
        if name == JOINING[0]:
            guest.look("year-02-invitation")
        with guest.page.expect_navigation():
            guest.page.get_by_role("button", name="设置密码并开始").click()
        expect(guest.page.locator("main")).to_contain_text(f"{name}，您好")
        year.house.join(year.city.person(name), guest)


# --- act 3 ------------------------------------------------------------------------------------------


def the_manager_finds_whose_patents_they_are(year: Year) -> None:
    """The queue with proposals, all clear ones taken; then everything a filter finds goes to one person."""
    visitor = year.house(year.city.manager)
    page = visitor.page
    visitor.go("/inventory/unassigned/")
    visitor.look("year-03-unassigned")
    press(page, "采纳全部明确建议")
    carry_out(visitor)
    visitor.go("/inventory/entries/?q=机床")
    page.locator("input[data-pick-all]").check()
    page.locator("input[name=all_matching]").check()
    press(page, "分派档案")
    choose(page, "responsible", "程致远")
    page.fill("input[name=reason]", "机床方向由一人填报")
    press(page, "查看影响")
    carry_out(visitor, "year-03-assign")
    visitor.go("/inventory/entries/")
    visitor.look("year-03-work-list")

    assert not Dossier.objects.filter(responsible__isnull=True).exists()
    units = set(Dossier.objects.values_list("unit__name", flat=True))
    assert units == {files.MATERIALS, files.MACHINES}
    machine = year.dossier("一种数控机床主轴热误差补偿方法")
    assert machine.responsible == year.city.person("程致远").user
    assert AuditAction.CHANGE in trail(machine)


# --- act 4 ------------------------------------------------------------------------------------------


def inventors_fill_and_submit(year: Year) -> None:
    """By form, with a draft confirmed, 同上一件 and a phrase; the secretary mends a cell in the list."""
    _first_inventor_fills(year)
    secretary = year.house(year.city.secretary)
    secretary.go("/inventory/phrases/")
    secretary.page.select_option("select[name=field]", "prospects")
    secretary.page.fill("textarea[name=text]", "可面向装备制造企业开展普通许可。")
    secretary.page.check("input[name=is_shared]")
    press(secretary.page, "保存短语")
    said(secretary.page, "短语已保存。")
    _second_inventor_fills(year)
    third = year.house(year.city.person("顾清和"))
    third.go("/inventory/mine/")
    # what a co-inventor fills in is shown, not asked for
    expect(third.page.locator("main")).to_contain_text("已提交 0 / 1 件。")
    expect(third.page.locator("main")).to_contain_text("由沈若谷填报")
    follow(third.page, "填写下一件")
    fill_dossier(third.page, stars=2, maturity="sample")
    submit(third.page)
    leaving = year.house(year.city.person("沈若谷"))
    leaving.go(year.address(FILTER, "edit/"))
    fill_dossier(leaving.page, stars=3, maturity="trial", texts=("孔隙率可控。", ""))
    _secretary_mends_a_cell(year)

    assert year.states() == {S.UNIT_REVIEW: HANDED_IN, S.DRAFT: 1, S.UNFILED: 6}
    assert DossierStep.objects.filter(act="submit").count() == HANDED_IN


def _first_inventor_fills(year: Year) -> None:
    visitor = year.house(year.city.person("苏明远"))
    page = visitor.page
    visitor.go("/")
    expect(page.locator("main")).to_contain_text("待您填报")
    visitor.go("/inventory/mine/")
    visitor.look("year-04-my-patents")
    follow(page, "填写下一件")
    fill_dossier(page, stars=4, maturity="small_batch")
    press(page, "由摘要和权利要求起草")
    expect(page.locator("#help-advantages")).to_contain_text("草稿，未确认")
    visitor.look("year-04-draft")
    press(page, "确认采用")
    said(page, "已采用，请核对后提交。")
    assert "制造成本降低30%" in page.input_value("textarea[name=advantages]")
    page.fill("textarea[name=prospects]", "适用于航空发动机热端部件。")
    saved(page)
    visitor.look("year-04-dossier")
    submit(page, and_next=True)
    press(page, "同上一件")
    page.get_by_label("否", exact=True).check()
    saved(page)
    submit(page, and_next=True)
    same_as_last(page, "导热系数达到1500 W/(m·K)。", "可用于电子产品散热。")
    submit(page, and_next=True)
    same_as_last(page, "降解周期可控，强度满足骨科固定要求。", "可用于骨科植入器械。")
    submit(page, and_next=True)
    expect(page.locator("main")).to_contain_text("已提交 4 / 4 件。")


def _second_inventor_fills(year: Year) -> None:
    visitor = year.house(year.city.person("陆思齐"))
    page = visitor.page
    visitor.go("/inventory/mine/")
    follow(page, "填写下一件")
    fill_dossier(page, stars=3, maturity="trial", texts=("耐盐雾腐蚀1000小时。", ""))
    page.locator("#help-prospects summary").click()
    page.locator("#help-prospects [data-insert]").click()
    assert page.input_value("textarea[name=prospects]") == "可面向装备制造企业开展普通许可。"
    saved(page)
    submit(page, and_next=True)
    same_as_last(page, "烧结均匀，能耗降低15%。", "可面向陶瓷制造企业许可。")
    submit(page, and_next=True)
    same_as_last(page, "封装寿命提高到10年以上。", "可面向光伏组件企业许可。")
    submit(page, and_next=True)


def _secretary_mends_a_cell(year: Year) -> None:
    visitor = year.house(year.city.secretary)
    page = visitor.page
    visitor.go(f"/inventory/entries/?q={FILTER}")
    page.locator("main tbody td", has=page.locator("a.cell-edit[href*=stars]")).hover()
    page.locator("main tbody tr a.cell-edit[href*=stars]").click()
    page.select_option("[data-cell-form] select[name=value]", "4")
    page.locator("[data-cell-save]").click()
    expect(page.locator("main tbody tr").first).to_contain_text("★★★★☆")
    assert year.dossier(FILTER).stars == 4


# --- act 5 ------------------------------------------------------------------------------------------


def three_people_leave(year: Year) -> None:
    """The staff office's new list proposes them; one step ends their roles and hands everything on."""
    visitor = year.house(year.city.manager)
    page = visitor.page
    import_file(visitor, files.personnel_list(year.folder, LEAVING), "year-05-import-staff")
    visitor.go("/staff/")
    figure(page, "拟离岗人员").click()
    page.locator("input[data-pick-all]").check()
    press(page, "登记离岗并移交工作")
    expect(page.locator("main")).to_contain_text("件未完成档案更换盘点负责人")
    page.fill("textarea[name=reason]", "秋季人事变动")
    visitor.look("year-05-departure")
    press(page, "登记离岗并移交工作")
    said(page, "3人已离岗。")
    visitor.go("/inventory/unassigned/")
    visitor.look("year-05-unassigned")
    page.locator("input[data-pick-all]").check()
    press(page, "指定单位或人员")
    choose(page, "responsible", "江一帆")
    press(page, "查看影响")
    carry_out(visitor)

    assert Departure.objects.count() == len(LEAVING)
    left = Membership.objects.filter(user__name__in=LEAVING)
    assert not left.filter(is_active=True).exists()
    assert not left.filter(user__is_active=True).exists()
    assert not Dossier.objects.filter(responsible__name__in=LEAVING).exists()
    assert trail(year.dossier(FILTER)).count(AuditAction.CHANGE) >= 3
    year.house(year.city.person("沈若谷")).go("/")
    expect(year.house(year.city.person("沈若谷")).page).to_have_url(
        f"{year.house.address}/sign-in/?next=/"
    )
