"""Remarks on fields: beside the field for reviewer and filler, answered and settled one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inventory.choices import DossierState
from inventory.models import Dossier, FieldComment
from inventory.services import comments, reviews
from portal.errors import InvalidTransition
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
S = DossierState
Clients = Callable[..., PageClient]


@pytest.fixture
def comment(cast: Cast) -> FieldComment:
    entry = factories.entry(
        cast.participation,
        state=S.DRAFT,
        is_filled=True,
        unit=cast.school,
        responsible=cast.inventor.user,
    )
    return comments.comment_on_field(
        dossier=entry.dossier, name="advantages", text="请写明性能指标", actor=cast.unit_manager
    )


def post(client: PageClient, comment: FieldComment, **data: str) -> int:
    return client.post(f"/inventory/comments/{comment.pk}/answer/", data).status_code


def test_an_answer_is_kept_and_told(cast: Cast, comment: FieldComment) -> None:
    comments.answer_comment(
        comment=comment, text="已补充转化率", is_settled=False, actor=cast.inventor
    )

    comment.refresh_from_db()
    assert (comment.answer, comment.answered_by, comment.settled_at) == (
        "已补充转化率",
        cast.inventor,
        None,
    )
    entry = AuditEntry.objects.about(comment).first()
    assert entry is not None
    assert entry.changes == {"answer": ["", "已补充转化率"]}


def test_a_second_answer_and_a_second_settling_are_refused(
    cast: Cast, comment: FieldComment
) -> None:
    act = comments.answer_comment
    act(comment=comment, text="一", is_settled=False, actor=cast.inventor)
    with pytest.raises(InvalidTransition):
        act(comment=comment, text="二", is_settled=False, actor=cast.manager)
    act(comment=comment, text="", is_settled=True, actor=cast.inventor)
    with pytest.raises(InvalidTransition):
        act(comment=comment, text="", is_settled=True, actor=cast.inventor)

    comment.refresh_from_db()
    assert (comment.answer, comment.settled_by) == ("一", cast.inventor)


def test_the_filler_sees_it_beside_the_field_and_answers_there(
    cast: Cast, client_of: Clients, comment: FieldComment
) -> None:
    client = client_of(cast.inventor)
    path = f"/inventory/dossiers/{comment.dossier_id}/edit/"
    text = client.get(path).content.decode()
    assert text.index('name="advantages"') < text.index("请写明性能指标")
    assert f'form="comment-form-{comment.pk}"' in text

    assert post(client, comment, answer="已补充") == 302

    text = client.get(path).content.decode()
    assert "已补充" in text
    assert 'name="answer"' not in text


def test_reviewers_see_open_and_answered_ones_in_the_queue_and_on_the_page(
    cast: Cast, client_of: Clients, comment: FieldComment
) -> None:
    dossier = Dossier.objects.get(pk=comment.dossier_id)
    comments.answer_comment(comment=comment, text="见附", is_settled=False, actor=cast.inventor)
    reviews.submit_dossiers(versions={dossier.pk: dossier.version}, actor=cast.inventor)
    client = client_of(cast.unit_manager)

    (row,) = client.get("/inventory/review/").context["page"].items
    assert [each.pk for each in row.open_comments] == [comment.pk]
    text = client.get(dossier.get_absolute_url()).content.decode()
    assert "见附" in text
    assert client.get(dossier.get_absolute_url()).context["return_form"]["reason"].initial


@pytest.mark.parametrize(
    ("who", "status"),
    [("inventor", 302), ("unit_manager", 302), ("auditor", 403), ("city", 403), ("outsider", 404)],
)
def test_who_may_settle(
    cast: Cast, client_of: Clients, comment: FieldComment, who: str, status: int
) -> None:
    assert post(client_of(getattr(cast, who)), comment, settle="1") == status

    comment.refresh_from_db()
    assert (comment.settled_at is not None) is (status == 302)


def test_neither_answer_nor_settling_changes_nothing(
    cast: Cast, client_of: Clients, comment: FieldComment
) -> None:
    for data in ({}, {"answer": "   "}, {"answer": "长" * 1001}):
        assert post(client_of(cast.inventor), comment, **data) == 302

    comment.refresh_from_db()
    assert (comment.answer, comment.settled_at) == ("", None)


def test_open_remarks_are_named_beside_the_form_and_in_the_queue(
    cast: Cast, comment: FieldComment, client_of: Clients
) -> None:
    form = client_of(cast.inventor).get(f"/inventory/dossiers/{comment.dossier_id}/edit/")
    assert f'href="#comment-{comment.pk}"' in form.content.decode()

    Dossier.objects.filter(pk=comment.dossier_id).update(state=S.UNIT_REVIEW)
    queue = client_of(cast.unit_manager).get("/inventory/review/")
    assert "未处理意见 1" in queue.content.decode()
