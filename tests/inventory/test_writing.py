"""Help with the writing: drafts apart from the dossier until confirmed, similar dossiers one may read, phrases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inventory.choices import DossierState, DraftState
from inventory.models import BaseListEntry, Dossier, Phrase, TextDraft
from inventory.queries.similar import similar_dossiers
from inventory.services import dossiers, drafts, phrases, reviews
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.models import AuditEntry, Membership
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
S = DossierState
Clients = Callable[..., PageClient]
ABSTRACT = "本发明公开了一种石墨烯散热膜。导热系数提高了35%。可用于电子器件，便于推广和规模化生产。"


def made(
    cast: Cast, state: str = S.DRAFT, title: str = "石墨烯散热膜的制备", **fields: Any
) -> BaseListEntry:
    patent = factories.patent(
        cast.university, title=title, abstract=ABSTRACT, inventors=[cast.inventor.user]
    )
    fields.setdefault("unit", cast.school)
    fields.setdefault("responsible", cast.inventor.user)
    return factories.entry(cast.participation, patent, state=state, is_filled=True, **fields)


def draft(cast: Cast, entry: BaseListEntry, name: str = "advantages") -> TextDraft:
    return drafts.propose_draft(dossier=entry.dossier, name=name, actor=cast.inventor)


def fresh(entry: BaseListEntry) -> Dossier:
    return Dossier.objects.get(pk=entry.dossier_id)


def submit(cast: Cast, entry: BaseListEntry) -> Any:
    return reviews.submit_dossiers(
        versions={entry.dossier_id: fresh(entry).version}, actor=cast.inventor
    )


# --- drafts -----------------------------------------------------------------------------------------


def test_a_draft_stays_apart_until_it_is_taken_over(cast: Cast) -> None:
    entry = made(cast, advantages="旧的文字")

    proposal = draft(cast, entry)

    assert fresh(entry).advantages == "旧的文字"
    assert proposal.text == "本发明公开了一种石墨烯散热膜。导热系数提高了35%。"
    # the entry of keep_draft
    assert AuditEntry.objects.about(proposal).get().action == "create"
    drafts.take_draft(
        draft=proposal, text="导热系数提高了35%。", seen_version=1, actor=cast.inventor
    )
    assert fresh(entry).advantages == "导热系数提高了35%。"
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == (DraftState.TAKEN, cast.inventor)
    change = AuditEntry.objects.about(fresh(entry)).first()
    assert change is not None
    assert change.changes["advantages"] == ["旧的文字", "导热系数提高了35%。"]


def test_the_same_draft_twice_is_one_and_a_decided_one_stays_decided(cast: Cast) -> None:
    entry = made(cast)
    first, second = draft(cast, entry), draft(cast, entry)
    assert first.pk == second.pk

    drafts.discard_draft(draft=first, actor=cast.inventor)

    with pytest.raises(InvalidTransition):
        drafts.discard_draft(draft=first, actor=cast.inventor)
    with pytest.raises(InvalidTransition):
        drafts.take_draft(draft=first, text="文字", seen_version=1, actor=cast.inventor)


def test_a_stale_version_takes_nothing_over(cast: Cast) -> None:
    entry = made(cast)
    proposal = draft(cast, entry)
    dossiers.save_dossier(
        dossier_id=entry.dossier_id, seen_version=1, values={"stars": 5}, actor=cast.manager
    )

    with pytest.raises(StaleVersion):
        drafts.take_draft(draft=proposal, text="文字", seen_version=1, actor=cast.inventor)

    assert TextDraft.objects.get().state == DraftState.PROPOSED


def test_a_dossier_with_an_unconfirmed_draft_in_it_is_not_submitted(cast: Cast) -> None:
    entry = made(cast)
    proposal = draft(cast, entry)
    Dossier.objects.filter(pk=entry.dossier_id).update(advantages=f" {proposal.text}")

    assert submit(cast, entry).done == []

    drafts.take_draft(
        draft=proposal,
        text=proposal.text,
        seen_version=fresh(entry).version,
        actor=cast.inventor,
    )
    assert submit(cast, entry).done


def test_a_draft_nobody_used_does_not_hinder(cast: Cast) -> None:
    entry = made(cast)
    draft(cast, entry)

    assert submit(cast, entry).done


def test_without_sources_there_is_a_word_instead_of_a_draft(cast: Cast) -> None:
    entry = factories.entry(cast.participation, state=S.DRAFT)

    with pytest.raises(DomainError):
        drafts.propose_draft(dossier=entry.dossier, name="advantages", actor=cast.manager)


def test_the_form_shows_the_draft_with_its_sources(cast: Cast, client_of: Clients) -> None:
    entry = made(cast)
    client = client_of(cast.inventor)
    path = f"/inventory/dossiers/{entry.dossier_id}"

    answer = client.post(f"{path}/draft/", {"field": "advantages"})

    assert answer.url == f"{path}/edit/#help-advantages"
    page = client.get(f"{path}/edit/")
    (shown,) = page.context["writing"]["advantages"]["drafts"]
    assert [str(each["source"]) for each in shown["sentences"]]
    assert f'form="draft-take-{shown["it"].pk}"' in page.content.decode()
    for text in ("", "长" * 501):
        client.post(f"/inventory/drafts/{shown['it'].pk}/take/", {"text": text, "version": 1})
    assert TextDraft.objects.get().state == DraftState.PROPOSED


# --- similar ----------------------------------------------------------------------------------------


def test_similar_dossiers_are_approved_ones_one_may_read(cast: Cast) -> None:
    entry = made(cast)
    near = made(cast, S.COMPLETED, "一种石墨烯散热膜")
    made(cast, S.DRAFT, "一种石墨烯散热膜")
    made(cast, S.COMPLETED, "一种石墨烯散热膜", unit=factories.unit(cast.university))
    foreign = factories.patent(cast.other, title="一种石墨烯散热膜")
    factories.entry(cast.other_participation, foreign, state=S.COMPLETED)

    def found(membership: Membership) -> list[int]:
        return [match.dossier.pk for match in similar_dossiers(entry.dossier, membership)]

    assert found(cast.unit_manager) == [near.dossier_id]
    assert len(found(cast.manager)) == 2
    assert found(cast.outsider) != found(cast.manager)


def test_texts_of_another_institution_never_reach_a_draft(cast: Cast) -> None:
    entry = made(cast)
    foreign = factories.patent(cast.other, cast.university, title="石墨烯散热膜的制备")
    factories.entry(
        cast.other_participation,
        foreign,
        state=S.COMPLETED,
        prospects="他校的产业化前景，市场广阔。",
    )

    proposal = drafts.propose_draft(dossier=entry.dossier, name="prospects", actor=cast.manager)

    assert "他校" not in proposal.text


def test_copying_takes_the_chosen_fields_and_marks_them(cast: Cast, client_of: Clients) -> None:
    entry = made(cast, advantages="自己的", prospects="自己的前景", stars=3)
    source = made(cast, S.COMPLETED, advantages="他人的", prospects="他人的前景", stars=5)
    client = client_of(cast.inventor)
    path = f"/inventory/dossiers/{entry.dossier_id}/similar/"
    shown = client.get(f"{path}?source={source.dossier_id}")
    assert shown.context["opened"].pk == source.dossier_id

    answer = client.post(
        f"{path}copy/",
        {"source": source.dossier_id, "fields_taken": ["prospects"], "version": 1},
    )

    dossier = fresh(entry)
    assert (dossier.advantages, dossier.prospects, dossier.stars) == ("自己的", "他人的前景", 3)
    questions = client.get(answer.url).context["questions"]
    marked = [name for name, question in questions.items() if question["is_copied"]]
    assert marked == ["prospects"]


@pytest.mark.parametrize("fields", [[], ["funding_name"], ["state"], ["version"]])
def test_only_listed_fields_are_copied(cast: Cast, client_of: Clients, fields: list[str]) -> None:
    entry, source = made(cast), made(cast, S.COMPLETED)

    client_of(cast.inventor).post(
        f"/inventory/dossiers/{entry.dossier_id}/similar/copy/",
        {"source": source.dossier_id, "fields_taken": fields, "version": 1},
    )

    assert fresh(entry).version == 1


def test_another_institutions_dossier_is_no_source(cast: Cast, client_of: Clients) -> None:
    entry = made(cast)
    shared = factories.patent(cast.other, cast.university)
    foreign = factories.entry(
        cast.other_participation, shared, state=S.COMPLETED, prospects="他校前景"
    )

    client_of(cast.manager).post(
        f"/inventory/dossiers/{entry.dossier_id}/similar/copy/",
        {"source": foreign.dossier_id, "fields_taken": ["prospects"], "version": 1},
    )

    assert fresh(entry).version == 1


def test_similar_takes_two_queries_whatever_there_is(
    cast: Cast, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    entry = made(cast)
    for _time in range(5):
        made(cast, S.COMPLETED)
    dossier = Dossier.objects.select_related("patent").get(pk=entry.dossier_id)

    with django_assert_max_num_queries(4):
        assert len(similar_dossiers(dossier, cast.manager)) == 5


# --- phrases ----------------------------------------------------------------------------------------


def seen(membership: Membership) -> list[str]:
    return sorted(Phrase.objects.visible_to(membership).values_list("text", flat=True))


def test_phrases_are_ones_own_or_shared_where_one_works(cast: Cast) -> None:
    colleague = factories.membership("inventor", cast.university, unit=cast.school)
    stranger = factories.membership(
        "inventor", cast.university, unit=factories.unit(cast.university)
    )
    keep = phrases.keep_phrase
    keep(field="advantages", text="自用", is_shared=False, actor=cast.inventor)
    keep(field="advantages", text="学院", is_shared=True, actor=cast.inventor)
    keep(field="advantages", text="全校", is_shared=True, actor=cast.manager)

    assert seen(cast.inventor) == sorted(["自用", "学院", "全校"])
    assert seen(colleague) == sorted(["学院", "全校"])
    assert seen(stranger) == ["全校"]
    assert seen(cast.outsider) == []


def test_phrases_are_kept_once_and_removed_with_their_version(cast: Cast) -> None:
    keep = phrases.keep_phrase
    first = keep(field="remark", text="按协议", is_shared=False, actor=cast.inventor)
    again = keep(field="remark", text="按协议", is_shared=True, actor=cast.inventor)
    assert (first.pk, again.version, again.is_shared) == (again.pk, 2, True)

    with pytest.raises(StaleVersion):
        phrases.remove_phrase(phrase=again, seen_version=1, actor=cast.inventor)
    phrases.remove_phrase(phrase=again, seen_version=2, actor=cast.inventor)

    assert not Phrase.objects.exists()
    acts = AuditEntry.objects.filter(object_type="inventory.phrase").order_by("pk")
    assert [entry.action for entry in acts] == ["create", "change", "deactivate"]
    with pytest.raises(DomainError):
        phrases.remove_phrase(phrase=again, seen_version=2, actor=cast.inventor)


def test_phrases_are_offered_beside_their_text(cast: Cast, client_of: Clients) -> None:
    entry = made(cast)
    phrases.keep_phrase(
        field="prospects", text='市场"前景"<b>好', is_shared=False, actor=cast.inventor
    )

    page = client_of(cast.inventor).get(f"/inventory/dossiers/{entry.dossier_id}/edit/")

    text = page.content.decode()
    assert 'data-insert-into="prospects"' in text
    assert "<b>好" not in text


@pytest.mark.parametrize(
    "data", [{"field": "stars", "text": "x"}, {"field": "remark", "text": ""}, {"text": "长" * 501}]
)
def test_bad_phrases_are_refused(cast: Cast, client_of: Clients, data: dict[str, str]) -> None:
    assert client_of(cast.inventor).post("/inventory/phrases/new/", data).status_code == 422
    assert not Phrase.objects.exists()
