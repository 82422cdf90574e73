"""What the national platform and the city decide reaches people: notices, to-dos, lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from inventory.choices import DossierState, ItemOutcome, PatentKind, PoolState, UploadState
from inventory.models import (
    BaseListEntry,
    Dossier,
    PoolEntry,
    PoolRule,
    UploadBatch,
    UploadItem,
)
from inventory.services import pool, pool_moves, reviews, uploads
from inventory.services.dossiers import save_dossier
from inventory.services.upload_answers import record_answers
from portal import clock
from portal.choices import Role
from portal.errors import InvalidTransition
from portal.models import Membership, Notice
from portal.notices.words import in_words
from portal.todo import todos_for, todos_of
from tests import factories
from tests.conftest import Cast, PageClient
from tests.inventory.uploading import approved, asked, fresh, prepared, uploaded

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]


def returned(cast: Cast, *entries: BaseListEntry, message: str = "演示错误信息") -> UploadBatch:
    """A batch with these, uploaded, all returned by the platform."""
    batch = uploaded(prepared(cast), cast.manager)
    items = UploadItem.objects.filter(batch=batch, dossier__in=[e.dossier_id for e in entries])
    answers = {item.pk: (str(ItemOutcome.RETURNED), message) for item in items}
    record_answers(batch_id=batch.pk, answers=answers, actor=cast.manager)
    return fresh(batch)


def own(cast: Cast, **fields: Any) -> BaseListEntry:
    return approved(cast, unit=cast.school, responsible=cast.inventor.user, **fields)


def lines_of(membership: Membership) -> dict[str, int]:
    return {line.label: line.count for line in todos_for(membership)}


def told(membership: Membership) -> list[str]:
    return [
        " | ".join(filter(None, (line.title, line.detail)))
        for line in map(in_words, Notice.objects.filter(recipient=membership).order_by("pk"))
    ]


# --- returned by the platform ----------------------------------------------------------------------


def test_a_returned_patent_is_told_to_who_has_to_mend_it(cast: Cast) -> None:
    entry = own(cast)
    elsewhere = factories.unit(cast.university)
    neighbour = factories.membership(Role.UNIT_MANAGER, cast.university, unit=elsewhere)
    returned(cast, entry)

    title = entry.patent.title
    words = (
        f"国家平台退回了 1 件专利 | {title} · 理由：演示错误信息 · 办理人：{cast.manager.user.name}"
    )
    assert told(cast.inventor) == [words]
    assert told(cast.unit_manager) == [words]
    assert told(cast.manager) == told(neighbour) == []
    assert told(cast.outsider) == []


def test_many_are_one_notice_and_the_same_answer_tells_nobody_again(cast: Cast) -> None:
    entries = [own(cast) for _ in range(3)]
    batch = returned(cast, *entries)
    items = UploadItem.objects.filter(batch=batch)
    same = {item.pk: (item.outcome, item.message) for item in items}
    record_answers(batch_id=batch.pk, answers=same, actor=cast.manager)
    again = {item.pk: (str(ItemOutcome.RETURNED), "演示另一说明") for item in items}
    record_answers(batch_id=batch.pk, answers=again, actor=cast.manager)

    notice = Notice.objects.get(recipient=cast.inventor)
    assert notice.count == 3
    assert in_words(notice).title == "国家平台退回了 3 件专利"
    # one reason of several would stand for all
    assert in_words(notice).detail == f"办理人：{cast.manager.user.name}"


def test_the_to_do_says_how_many_since_when_and_opens_them(cast: Cast, client_of: ClientOf) -> None:
    entries = [own(cast), own(cast), approved(cast, unit=factories.unit(cast.university))]
    factories.entry(cast.other_participation, state=DossierState.COMPLETED)
    returned(cast, *entries)
    UploadItem.objects.update(answered_on=clock.today() - timedelta(days=4))

    for person, label, count in (
        (cast.inventor, "您负责的专利被国家平台退回，待修改", 2),
        (cast.unit_manager, "被国家平台退回，待修改", 2),
        (cast.manager, "被国家平台退回，待修改", 3),
    ):
        line = next(each for each in todos_for(person) if each.label == label)
        page = client_of(person).get(line.url).context["page"]
        assert (line.count, page.total) == (count, count)
        assert line.detail == "最早一件已退回 4 天"
    assert not any("退回" in label for label in lines_of(cast.outsider))


def test_what_is_being_mended_moves_on_to_the_next_batch(cast: Cast, client_of: ClientOf) -> None:
    entry = own(cast)
    returned(cast, entry)
    dossier = Dossier.objects.get(pk=entry.dossier_id)
    reviews.revise_dossiers(
        versions={dossier.pk: dossier.version}, reason="平台退回", actor=cast.manager
    )
    dossier.refresh_from_db()
    assert "您负责的专利被国家平台退回，待修改" not in lines_of(cast.inventor)

    save_dossier(
        dossier_id=dossier.pk,
        seen_version=dossier.version,
        values={"prospects": "演示前景，另写一遍"},
        actor=cast.inventor,
    )
    for act, actor in (
        (reviews.submit_dossiers, cast.inventor),
        (reviews.approve_dossiers, cast.unit_manager),
        (reviews.approve_dossiers, cast.manager),
    ):
        dossier.refresh_from_db()
        act(versions={dossier.pk: dossier.version}, actor=actor)

    label = "已按国家平台退回意见修改，待重新上传"
    line = next(each for each in todos_for(cast.manager) if each.label == label)
    assert client_of(cast.manager).get(line.url).context["page"].total == line.count == 1
    assert label not in lines_of(cast.unit_manager)

    uploaded(prepared(cast), cast.manager)
    assert not any("退回" in each for each in lines_of(cast.manager))


def test_the_other_holders_list_is_no_to_do_of_theirs(cast: Cast) -> None:
    entry = own(cast)
    BaseListEntry.objects.create(
        campaign=cast.campaign,
        institution=cast.other,
        patent=entry.patent,
        dossier=entry.dossier,
        listed_on=entry.listed_on,
        due_on=entry.due_on,
    )
    returned(cast, entry)

    assert "被国家平台退回，待修改" in lines_of(cast.manager)
    assert "被国家平台退回，待修改" not in lines_of(cast.outsider)


@pytest.mark.parametrize("count", [1, 4])
def test_todos_of_many_people_take_a_constant_number_of_queries(
    cast: Cast, django_assert_max_num_queries: Any, count: int
) -> None:
    returned(cast, *[own(cast) for _ in range(count)])
    for _ in range(count):
        factories.membership(Role.INSTITUTION_MANAGER, cast.university)
    people = list(Membership.objects.active().select_related("unit", "organisation", "user"))
    with django_assert_max_num_queries(40):
        todos_of(people)


# --- the city's decisions about nominations --------------------------------------------------------


def nominated(cast: Cast, *, is_other: bool = False) -> PoolEntry:
    rule = PoolRule.objects.first() or PoolRule.objects.create(
        number=1, min_stars=3, kinds=[PatentKind.INVENTION]
    )
    participation = cast.other_participation if is_other else cast.participation
    entry = factories.entry(participation, state=DossierState.COMPLETED, is_filled=True, stars=5)
    actor = cast.outsider if is_other else cast.manager
    return pool.nominate(rule=rule, ids=[entry.dossier_id], actor=actor)[0]


def decide(entry: PoolEntry, to_state: PoolState, cast: Cast, reason: str = "") -> None:
    entry.refresh_from_db()
    pool_moves.decide_nominations(
        versions={entry.pk: entry.version}, to_state=to_state, reason=reason, actor=cast.city
    )


def test_the_institution_learns_what_the_city_decided(cast: Cast, client_of: ClientOf) -> None:
    admitted, declined = nominated(cast), nominated(cast)
    decide(admitted, PoolState.ADMITTED, cast)
    decide(declined, PoolState.DECLINED, cast, "演示不予入库理由")
    admitted.refresh_from_db()
    pool_moves.take_out(
        versions={admitted.pk: admitted.version}, reason="演示出库理由", actor=cast.city
    )

    by = f"办理人：{cast.city.user.name}"
    assert told(cast.manager) == [
        f"市级已同意 1 件推荐专利入库 | {admitted.patent.title} · {by}",
        f"市级未同意 1 件推荐专利入库 | {declined.patent.title} · 理由：演示不予入库理由 · {by}",
        f"市级将 1 件专利移出资源库 | {admitted.patent.title} · 理由：演示出库理由 · {by}",
    ]
    urls = (
        Notice.objects.filter(recipient=cast.manager).order_by("pk").values_list("url", flat=True)
    )
    assert [client_of(cast.manager).get(url).context["page"].total for url in urls] == [0, 1, 1]
    assert told(cast.outsider) == told(cast.unit_manager) == []


def test_of_many_decided_at_once_each_institution_learns_its_own(cast: Cast) -> None:
    entries = [nominated(cast), nominated(cast), nominated(cast, is_other=True)]
    pool_moves.decide_nominations(
        versions={entry.pk: entry.version for entry in entries},
        to_state=PoolState.ADMITTED,
        reason="",
        actor=cast.city,
    )

    by = f"办理人：{cast.city.user.name}"
    assert told(cast.manager) == [f"市级已同意 2 件推荐专利入库 | {by}"]
    title = entries[2].patent.title
    assert told(cast.outsider) == [f"市级已同意 1 件推荐专利入库 | {title} · {by}"]


def test_what_an_institution_takes_out_itself_is_no_news(cast: Cast) -> None:
    entry = nominated(cast)
    second = factories.membership(Role.INSTITUTION_MANAGER, cast.university)
    pool_moves.take_out(
        versions={entry.pk: entry.version}, reason="演示出库理由", actor=cast.manager
    )
    assert told(second) == told(cast.manager) == []


# --- batches as lists ------------------------------------------------------------------------------


def test_a_batch_opens_the_list_of_its_patents(cast: Cast, client_of: ClientOf) -> None:
    first, second = own(cast), own(cast)
    batch = returned(cast, first)
    client = client_of(cast.manager)
    url = client.get(batch.get_absolute_url()).context["items_url"]

    assert client.get(url).context["page"].total == 2
    found = client.get(f"{url}&outcome=returned").context["page"].items
    assert [item.dossier_id for item in found] == [first.dossier_id]
    found = client.get(f"{url}&changed=yes").context["page"].items
    assert found == []
    assert client.get(reverse("inventory:upload-items")).context["page"].total == 2
    for nobodys in (999_999_999, "x"):
        page = client.get(reverse("inventory:upload-items"), {"batch": nobodys})
        assert page.context["page"].total == 0
        assert page.context["batch"] is None
    foreign = client_of(cast.outsider).get(url)
    assert foreign.context["page"].total == 0
    assert foreign.context["batch"] is None
    assert second.patent.title in client.get(url).content.decode()


def test_all_that_match_are_left_out_with_a_reason(cast: Cast, client_of: ClientOf) -> None:
    kept = own(cast)
    for _ in range(2):
        factories.entry(
            cast.participation,
            state=DossierState.COMPLETED,
            patent=factories.patent(title="演示涉密装置"),
        )
    batch = prepared(cast)
    client = client_of(cast.manager)
    page = reverse("inventory:upload-leave-out", args=[batch.pk])
    where = f"{page}?batch={batch.pk}&doubtful=yes"

    asking = client.post(where, {"all_matching": "1"})
    assert asking.status_code == 200
    assert asking.context["count"] == 2
    refused = client.post(where, {"all_matching": "1", "reason": "", "version": batch.version})
    assert refused.status_code == 422
    done = client.post(where, {"all_matching": "1", "reason": "演示涉密", "version": batch.version})
    assert done.status_code == 302
    left = batch.items.filter(outcome=ItemOutcome.LEFT_OUT)
    assert left.count() == 2
    assert not left.filter(dossier=kept.dossier_id).exists()
    assert client.post(page, {}).status_code == 302


def test_a_tab_for_each_campaign_shows_what_would_go_in_it(cast: Cast, client_of: ClientOf) -> None:
    approved(cast)
    client = client_of(cast.manager)
    page = client.get(reverse("inventory:upload-new"))
    assert page.context["tabs"] == []
    later = factories.campaign(name="演示二期盘点")
    factories.participation(cast.university, later)

    page = client.get(reverse("inventory:upload-new"), {"campaign": later.pk})

    assert [tab["label"] for tab in page.context["tabs"] if tab["is_current"]] == [later.name]
    assert len(page.context["tabs"]) == 2
    assert page.context["preview"].ready == 0


# --- what could not be signed ----------------------------------------------------------------------


def test_a_batch_without_its_file_is_not_signed(cast: Cast) -> None:
    approved(cast)
    batch = asked(prepared(cast), cast.manager)
    UploadBatch.objects.filter(pk=batch.pk).update(file=None)

    with pytest.raises(InvalidTransition, match="文件"):
        uploads.sign_off(
            batch=batch,
            checks=list(dict(UploadBatch._meta.get_field("checks").base_field.choices)),
            statement="演示审查意见",
            seen_version=batch.version,
            actor=cast.manager,
        )
    batch.refresh_from_db()
    assert batch.state == UploadState.SIGN_OFF
    assert batch.signed_by is None


def test_a_batch_without_a_file_is_not_put_before_the_reviewer(cast: Cast) -> None:
    approved(cast)
    batch = prepared(cast)
    UploadBatch.objects.filter(pk=batch.pk).update(file=None)
    with pytest.raises(InvalidTransition):
        uploads.request_sign_off(batch=batch, seen_version=batch.version, actor=cast.manager)
