"""Numbers pasted, looked at, chosen and copied back, wide and narrow."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from inventory.number_repairs import candidates
from inventory.numbers import display
from tests import factories
from tests.browser.conftest import Visitor
from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)
EXAMINE = "main form button >> nth=0"
WRONG = "CN201710192287.5"


def test_numbers_are_pasted_chosen_and_copied_back(cast: Cast, visitor: Visitor) -> None:
    own = factories.patent(
        cast.university,
        title="一种用于高温环境的多层复合导热材料及其连续化制备装置与在线检测方法" * 2,
        application_number=candidates(WRONG)[-1].number,
        publication_number="CN102889890B",
    )
    page = visitor.page
    visitor.sign_in(cast.manager)
    visitor.go(reverse("inventory:number-doctor"))
    visitor.look("doctor-none")

    page.fill("textarea[name=numbers]", "ZL 2017 1 0192287.6")
    page.click(EXAMINE)
    expect(page.locator("#healed")).to_have_value("CN201710192287.6")
    visitor.look("doctor-one")

    long = "一种用于号码栏误填的特别长的名称" * 12
    lines = [f" zl{own.number[2:]} ", WRONG, "2.0121E+12", "CN2013102965311A", "CN102889890A", long]
    lines += ["CN201710192287", "PCT/CN2019/123456", "", own.number, "20171019228.6"]
    page.fill("textarea[name=numbers]", "\n".join(lines))
    page.click(EXAMINE)
    expect(page.locator("#healed")).to_have_value(re.compile(rf"^{re.escape(own.number)}\n\n\n"))
    # the own patent stands first among what may be meant
    page.select_option("#choice-2", index=1)
    expect(page.locator("#healed")).to_have_value(re.compile(rf"^{own.number}\n{own.number}\n\n"))
    visitor.look("doctor-full")
    page.click("main .action-bar button")
    expect(page.locator("#healed")).to_have_value(re.compile(rf"^{own.number}\n{own.number}\n\n"))

    page.fill("textarea[name=numbers]", "\n".join([display("2017101922876")] * 1001))
    page.click(EXAMINE)
    expect(page.locator(".field-error")).to_contain_text("1,001")
    # the refusal is an answer of 422, which the browser writes to its console
    visitor.problems.clear()
    visitor.look("doctor-error")
