"""An entry of the expert pool corrected by hand: what is typed, who saved meanwhile, what the trail keeps."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from evaluation.forms.experts import ExpertForm
from evaluation.models import Expert
from evaluation.models.experts import identity_of
from evaluation.services import experts
from portal.errors import InvalidTransition
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
PHONE, MAIL = "13800001234", "jia@example.com"


@pytest.fixture
def one() -> Expert:
    return factories.expert(
        name="演示甲",
        employer="演示研究院",
        phone=PHONE,
        email=MAIL,
        avoided=["演示第一大学"],
        years=15,
        position="总工程师",
    )


def said(one: Expert, **more: Any) -> dict[str, Any]:
    """The page as it was opened, with what was typed over it."""
    form = ExpertForm(instance=Expert.objects.get(pk=one.pk))
    shown = {name: form[name].value() for name in form.fields}
    return {"version": one.version, **{k: v or "" for k, v in shown.items()}, **more}


def url_of(one: Expert) -> str:
    return reverse("evaluation:expert-edit", args=[one.pk])


def test_what_is_typed_is_written_and_told(cast: Cast, client_of: Any, one: Expert) -> None:
    firm = cast.enterprise.organisation
    typed = said(
        one,
        name="演 示 乙",
        employer=firm.name,
        technical_fields="h01l、人工智能",
        avoided="甲公司\n乙公司\n甲公司",
        years="",
        phone="138 0000 9999",
        term_from="2024-01-01",
        term_until="2026-12-31",
    )
    assert client_of(cast.city).post(url_of(one), typed).status_code == 302
    one.refresh_from_db()
    assert (one.name, one.employer, one.organisation) == ("演示乙", firm.name, firm)
    assert (one.technical_fields, one.avoided) == (["H01L", "1.5"], ["甲公司", "乙公司"])
    assert (one.years, one.term_from, one.term_until) == (
        None,
        date(2024, 1, 1),
        date(2026, 12, 31),
    )
    assert (one.phone, one.email, one.version) == ("13800009999", MAIL, 2)
    assert one.identity == identity_of("演示乙", firm.name, "13800009999")
    entry = AuditEntry.objects.about(one).get()
    assert (entry.action, entry.user, entry.version) == ("change", cast.city.user, 2)
    assert entry.changes["name"] == ["演**", "演**"]
    assert entry.changes["phone"] == ["138****1234", "138****9999"]
    assert "email" not in entry.changes


def test_an_untouched_form_changes_nothing(cast: Cast, client_of: Any, one: Expert) -> None:
    page = client_of(cast.city).get(url_of(one)).content.decode()
    # the contact stands masked beside its field, and is not sent to the page
    assert "138****1234" in page
    assert PHONE not in page
    assert MAIL not in page
    assert client_of(cast.city).post(url_of(one), said(one)).status_code == 302
    one.refresh_from_db()
    assert (one.phone, one.email, one.version) == (PHONE, MAIL, 1)
    assert not AuditEntry.objects.about(one).exists()


REFUSED: dict[str, dict[str, str]] = {
    "name": {"name": "演示1"},
    "name ": {"name": "演示甲、演示乙"},
    "name  ": {"name": ""},
    "employer": {"employer": ""},
    "technical_fields": {"technical_fields": "炼金术"},
    "technical_fields ": {"technical_fields": "H01L、A61K、G06N、1.5"},
    "years": {"years": "71"},
    "phone": {"phone": "010-62770001"},
    "email": {"email": "a(at)b"},
    "avoided": {"avoided": "、".join(f"演示公司{n}" for n in range(21))},
    "term_until": {"term_from": "2026-01-01", "term_until": "2024-01-01"},
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be(cast: Cast, client_of: Any, one: Expert, case: str) -> None:
    answer = client_of(cast.city).post(url_of(one), said(one, **REFUSED[case]))
    assert (answer.status_code, list(answer.context["form"].errors)) == (200, [case.strip()])
    assert Expert.objects.get().version == 1


def test_nobody_stands_in_the_pool_twice(cast: Cast, client_of: Any, one: Expert) -> None:
    other = factories.expert(name="演示乙", employer=one.employer, phone="13800002222")
    same = {"name": "演示 乙", "phone": "13800002222"}
    answer = client_of(cast.city).post(url_of(one), said(one, **same))
    assert list(answer.context["form"].errors) == ["name"]
    # two at once: the database decides, and says the same
    values = {name: getattr(other, name) for name in ExpertForm.Meta.fields}
    with pytest.raises(InvalidTransition):
        experts.correct_expert(expert=one, values=values, seen_version=1, actor=cast.city)
    assert not AuditEntry.objects.about(one).exists()


def test_somebody_saved_meanwhile(cast: Cast, client_of: Any, one: Expert) -> None:
    client, url = client_of(cast.city), url_of(one)
    mine = said(one, years="20", phone="13800007777")
    experts.change_expert(
        expert=one,
        values={"years": 16, "position": "高级工程师"},
        seen_version=1,
        actor=cast.city,
    )
    answer = client.post(url, mine)
    assert answer.status_code == 409
    rows = {row["name"]: row for row in answer.context["conflict"]["rows"]}
    assert (rows["years"]["theirs"], rows["years"]["mine"], rows["years"]["is_open"]) == (
        "16",
        "20",
        True,
    )
    assert PHONE not in answer.content.decode()
    chosen = {"over": "2", "keep-years": "mine", "keep-position": "theirs", "keep-phone": "mine"}
    assert client.post(url, {**mine, **chosen}).status_code == 302
    one.refresh_from_db()
    assert (one.years, one.position, one.phone) == (20, "高级工程师", "13800007777")
    assert client.post(url, {k: v for k, v in mine.items() if k != "version"}).status_code == 428


def test_who_may(cast: Cast, client_of: Any, one: Expert) -> None:
    link = url_of(one)
    detail = reverse("evaluation:expert-detail", args=[one.pk])
    assert link in client_of(cast.city).get(detail).content.decode()
    auditor = factories.membership("auditor", cast.bureau)
    for member in (auditor, cast.manager, cast.system_admin):
        assert client_of(member).get(link).status_code == 403
    assert link not in client_of(auditor).get(detail).content.decode()
    Expert.objects.filter(pk=one.pk).update(
        state="erased", employer="", position="", phone="", email=""
    )
    assert client_of(cast.city).get(link).status_code == 409
