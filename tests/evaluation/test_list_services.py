"""The verbs behind the lists of the city office, each with its entry in the trail."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from evaluation.choices import ExpertState
from evaluation.models import EnterpriseProfile, Expert
from evaluation.services import enterprises, experts
from portal.choices import OrganisationKind
from portal.errors import InvalidTransition, StaleVersion
from portal.models import AuditEntry, Organisation, Supervision
from portal.services import organisations
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
VALUES: dict[str, Any] = {
    "name": "演示甲",
    "employer": "演示企业有限公司",
    "phone": "13800001234",
    "email": "jia@example.com",
    "technical_fields": ["H01L"],
}


def last() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


# --- organisations ------------------------------------------------------------------------------------


def enter(cast: Cast, **more: Any) -> Organisation:
    values = {
        "name": "演示新大学",
        "code": "NEW-9",
        "kind": OrganisationKind.UNIVERSITY,
        "credit_code": factories.credit_code(900_001),
    }
    return organisations.create_organisation(
        values=values, names=["演示旧校名"], supervisors=[cast.education], actor=cast.city, **more
    )


def test_an_organisation_of_a_list_is_told_by_the_office(cast: Cast) -> None:
    assert enter(cast, owner=cast.bureau).pk == last().object_id
    assert last().owner == cast.bureau
    assert last().changes["names"] == [None, ["演示旧校名"]]


def test_withdraw_organisation_leaves_nothing_but_the_trail(cast: Cast) -> None:
    made = enter(cast, owner=cast.bureau)
    key = made.pk
    organisations.withdraw_organisation(
        organisation=made, owner=cast.bureau, actor=cast.city, reason="传错了"
    )
    assert not Organisation.objects.filter(pk=key).exists()
    assert organisations.further_names(cast.university) == []
    assert not Supervision.objects.filter(institution=key).exists()
    assert (last().object_id, last().changes["name"], last().reason) == (
        key,
        ["演示新大学", None],
        "传错了",
    )


def test_the_trail_keeps_an_organisation_that_owns_an_entry(cast: Cast) -> None:
    made = enter(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        organisations.withdraw_organisation(
            organisation=made, owner=cast.bureau, actor=cast.city, reason="传错了"
        )
    assert Organisation.objects.filter(pk=made.pk).exists()


def test_restore_organisation_gives_back_names_and_bureaus(cast: Cast) -> None:
    made = enter(cast)
    before = organisations.picture(made, ["name", "district"])
    organisations.change_organisation(
        organisation=made,
        values={"name": "演示改名大学", "district": "haidian"},
        names=[],
        supervisors=[cast.health],
        seen_version=made.version,
        actor=cast.city,
    )
    made.refresh_from_db()
    organisations.restore_organisation(
        organisation=made, before=before, actor=cast.city, reason="传错了"
    )
    made.refresh_from_db()
    assert organisations.picture(made, ["name", "district"]) == before
    assert made.version == 3
    assert not Supervision.objects.filter(institution=made, bureau=cast.health).exists()
    assert last().changes["supervisors"] == [[cast.health.pk], [cast.education.pk]]


# --- enterprises ---------------------------------------------------------------------------------------


def test_record_profile_and_withdraw_profile(cast: Cast) -> None:
    firm = cast.enterprise.organisation
    values = {"categories": ["high_tech"], "sections": ["C"]}
    profile = enterprises.record_profile(enterprise=firm, values=values, actor=cast.city)
    assert (profile.categories, profile.version) == (["high_tech"], 1)
    assert (last().owner, last().changes["sections"]) == (firm, [[], ["C"]])
    enterprises.withdraw_profile(
        profile=profile, actor=cast.city, owner=cast.bureau, reason="传错了"
    )
    assert not EnterpriseProfile.objects.exists()
    assert (last().owner, last().changes["sections"]) == (cast.bureau, [["C"], []])


# --- experts -------------------------------------------------------------------------------------------


def test_add_expert_masks_contacts_in_the_trail(cast: Cast) -> None:
    made = experts.add_expert(values=VALUES, actor=cast.city)
    assert (made.state, made.phone) == (ExpertState.RECOMMENDED, "13800001234")
    assert last().changes["phone"] == ["", "138****1234"]
    assert "13800001234" not in str(last().changes)
    assert "jia@example.com" not in str(last().changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        experts.add_expert(values={**VALUES, "name": "演示 甲"}, actor=cast.city)


def test_change_expert_on_an_old_version_changes_nothing(cast: Cast) -> None:
    made = experts.add_expert(values=VALUES, actor=cast.city)
    before = experts.picture(made)
    held = experts.change_expert(expert=made, values={"years": 3}, seen_version=1, actor=cast.city)
    assert (held.version, last().changes) == (2, {"years": [None, 3]})
    with pytest.raises(StaleVersion):
        experts.change_expert(expert=made, values=before, seen_version=1, actor=cast.city)
    same = experts.change_expert(expert=made, values={"years": 3}, seen_version=2, actor=cast.city)
    assert same.version == 2


def test_a_picture_puts_an_expert_back(cast: Cast) -> None:
    values = {**VALUES, "term_from": date(2024, 1, 1), "organisation_id": cast.bureau.pk}
    made = experts.add_expert(values=values, actor=cast.city)
    before = experts.picture(made)
    held = experts.change_expert(
        expert=made,
        values={"phone": "13900001234", "term_from": None, "organisation_id": None},
        seen_version=1,
        actor=cast.city,
    )
    assert held.identity != made.identity
    experts.change_expert(expert=made, values=before, seen_version=2, actor=cast.city)
    made.refresh_from_db()
    assert (made.phone, made.term_from, made.organisation) == (
        "13800001234",
        date(2024, 1, 1),
        cast.bureau,
    )


def test_withdraw_expert_is_told(cast: Cast) -> None:
    made = experts.add_expert(values=VALUES, actor=cast.city)
    experts.withdraw_expert(expert=made, actor=cast.city, reason="传错了")
    assert not Expert.objects.exists()
    assert (last().changes["name"], last().changes["phone"]) == (
        ["演**", ""],
        ["138****1234", ""],
    )


def test_steps_that_are_not_possible(cast: Cast) -> None:
    made = factories.expert(state=ExpertState.REMOVED)
    with pytest.raises(InvalidTransition):
        experts.remove_expert(expert=made, seen_version=1, reason="理由", actor=cast.city)
    experts.admit_expert(expert=made, seen_version=1, actor=cast.city)
    made.refresh_from_db()
    assert made.state == ExpertState.ADMITTED
