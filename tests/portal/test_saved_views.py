"""Saved views: kept with allow-listed keys, shared within the house, asked with the rights of the reader."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from inventory.choices import UploadKind
from inventory.models import UploadBatch, UploadItem
from portal.choices import AuditAction, Role
from portal.errors import StaleVersion
from portal.models import AuditEntry, Membership, SavedView
from portal.services import saved_views
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
LIST = "inventory.entries"
PAGE = "inventory:entry-list"


def view_of(actor: Membership, query: str = "state=draft", **fields: str) -> SavedView:
    values = {"list_name": LIST, "name": "草稿", "shared": "nobody", **fields}
    return saved_views.save_view(query=query, actor=actor, **values)


def test_saving_changing_and_deleting_leave_entries(cast: Cast) -> None:
    view = view_of(cast.manager)
    saved_views.choose_usual_view(list_name=LIST, view=view, actor=cast.manager)
    saved_views.change_view(view=view, values={"name": "新名"}, seen_version=1, actor=cast.manager)
    saved_views.delete_view(view=view, seen_version=2, actor=cast.manager)

    entries = AuditEntry.objects.filter(object_type="portal.savedview").order_by("pk")
    assert [(e.action, e.user_id) for e in entries] == [
        (AuditAction.CREATE, cast.manager.user_id),
        *[(AuditAction.CHANGE, cast.manager.user_id)] * 3,
    ]
    assert entries[2].changes == {"name": ["草稿", "新名"]}
    assert not SavedView.objects.exists()


def test_a_stale_version_is_refused(cast: Cast) -> None:
    view = view_of(cast.manager)
    saved_views.change_view(view=view, values={"name": "新名"}, seen_version=1, actor=cast.manager)

    with pytest.raises(StaleVersion):
        saved_views.change_view(view=view, values={"name": "x"}, seen_version=1, actor=cast.manager)
    with pytest.raises(StaleVersion):
        saved_views.delete_view(view=view, seen_version=1, actor=cast.manager)


def test_names_are_ones_own_and_number_is_bounded(cast: Cast, monkeypatch) -> None:
    view_of(cast.manager)
    view_of(cast.unit_manager)
    with pytest.raises(ValidationError):
        view_of(cast.manager)
    monkeypatch.setattr(saved_views, "MOST", 1)
    with pytest.raises(ValidationError):
        view_of(cast.manager, name="第二个")
    with pytest.raises(ValidationError):
        view_of(cast.city, shared="unit")


def test_who_sees_a_view(cast: Cast) -> None:
    below = factories.unit(cast.university, cast.school)
    colleague = factories.membership(Role.INVENTOR, cast.university, unit=below)
    elsewhere = factories.membership(
        Role.UNIT_MANAGER, cast.university, unit=factories.unit(cast.university)
    )
    private, unit, house = (
        view_of(cast.unit_manager, name=shared, shared=shared)
        for shared in ("nobody", "unit", "organisation")
    )

    def seen(membership: Membership) -> set[SavedView]:
        return set(SavedView.objects.visible_to(membership))

    assert seen(cast.unit_manager) == {private, unit, house}
    assert seen(colleague) == {unit, house}
    assert seen(elsewhere) == seen(cast.manager) == {house}
    assert seen(cast.outsider) == seen(cast.city) == set()


def test_a_view_is_opened_changed_and_cleared_back(cast: Cast, client_of) -> None:
    draft = factories.entry(cast.participation, state="draft")
    factories.entry(cast.participation)
    view = view_of(cast.manager, "state=draft&columns=number,title")
    client = client_of(cast.manager)

    opened = client.get(reverse(PAGE), {"view": view.pk})
    page = opened.context["page"]
    changed = client.get(reverse(PAGE), {"view": view.pk, "order": "listed"})

    assert [row.pk for row in page.items] == [draft.pk]
    assert [column.key for column in page.question.columns] == ["number", "title"]
    assert f'href="?view={view.pk}">' in opened.content.decode()
    assert len(changed.context["page"].items) == 2


def test_a_view_that_is_not_to_be_had_says_so_alike(cast: Cast, client_of) -> None:
    foreign = view_of(cast.outsider, shared="organisation")
    client = client_of(cast.manager)

    pages = [client.get(reverse(PAGE), {"view": pk}) for pk in (foreign.pk, 999_999)]

    assert [page.context["page"].question.is_cut for page in pages] == [True, True]
    assert [page.context["page"].question.view for page in pages] == [None, None]


def test_the_usual_view_opens_the_list(cast: Cast, client_of) -> None:
    view = view_of(cast.manager)
    client = client_of(cast.manager)
    client.post(reverse("portal:view-usual"), {"list": LIST, "view": view.pk})

    assert client.get(reverse(PAGE))["Location"] == f"{reverse(PAGE)}?view={view.pk}"
    assert client.get(reverse(PAGE), {"view": "0"}).status_code == 200
    client.post(reverse("portal:view-usual"), {"list": LIST, "view": ""})
    assert client.get(reverse(PAGE)).status_code == 200


def test_only_allowed_keys_are_kept(cast: Cast, client_of) -> None:
    foreign = factories.unit(cast.other)
    query = f"state=draft&unit={foreign.pk}&order=secret&columns=number,secret&cursor=x&evil=1"

    client_of(cast.manager).post(
        reverse("portal:view-new"),
        {"list": LIST, "query": query, "name": "全部", "shared": "organisation"},
    )

    kept = SavedView.objects.get().query
    assert "state=draft" in kept
    assert not [word for word in ("unit", "secret", "cursor", "evil") if word in kept]


def test_a_shared_view_hides_what_the_reader_may_not_choose(cast: Cast, client_of) -> None:
    foreign = factories.unit(cast.university)
    view = view_of(cast.manager, f"unit={foreign.pk}&state=draft", shared="organisation")

    page = client_of(cast.unit_manager).get(reverse(PAGE), {"view": view.pk})

    assert page.context["page"].question.is_cut
    assert foreign.name not in page.content.decode()
    assert page.context["page"].filterset.form.cleaned_data["state"] == ["draft"]


# --- lists that the address names ---------------------------------------------------------------------

ITEMS = "inventory.upload_items"
ITEM_PAGE = "inventory:upload-items"


def batches_of(cast: Cast, count: int = 2) -> list[UploadBatch]:
    """Batches of one patent each."""
    made = []
    for number in range(1, count + 1):
        batch = UploadBatch.objects.create(
            institution=cast.university,
            campaign=cast.campaign,
            number=number,
            kind=UploadKind.FULL,
            prepared_by=cast.manager,
        )
        dossier = factories.entry(cast.participation, state="completed").dossier
        UploadItem.objects.create(batch=batch, dossier=dossier, digest="0" * 64)
        made.append(batch)
    return made


def shown_of(answer) -> set[int]:
    return {item.batch_id for item in answer.context["page"].items}


def test_a_view_of_a_batch_opens_that_batch(cast: Cast, client_of) -> None:
    first, _second = batches_of(cast)
    client = client_of(cast.manager)
    asked = {"list": ITEMS, "query": f"batch={first.pk}&outcome=waiting&order=newest"}

    saved = client.post(
        reverse("portal:view-new"), {**asked, "name": "本批待传", "shared": "nobody"}
    )

    view = SavedView.objects.get()
    address = f"{reverse(ITEM_PAGE)}?view={view.pk}&batch={first.pk}"
    assert saved["Location"] == address
    assert shown_of(client.get(address)) == {first.pk}
    # from an address that names no batch, as an old link may be
    opened = client.get(reverse(ITEM_PAGE), {"view": view.pk})
    assert shown_of(opened) == {first.pk}
    assert opened.context["batch"] == first
    found = client.get(reverse("portal:find"), {"q": "本批"}).content.decode()
    assert f"?view={view.pk}&amp;batch={first.pk}" in found


def test_a_view_is_asked_of_the_batch_where_one_stands(cast: Cast, client_of) -> None:
    first, second = batches_of(cast)
    query = f"batch={first.pk}&outcome=waiting&order=newest"
    view = view_of(cast.manager, query, list_name=ITEMS)
    client = client_of(cast.manager)

    page = client.get(reverse(ITEM_PAGE), {"batch": second.pk}).content.decode()
    opened = client.get(reverse(ITEM_PAGE), {"batch": second.pk, "view": view.pk})

    assert f'href="?view={view.pk}&amp;batch={second.pk}"' in page
    assert f'href="?view=0&amp;batch={second.pk}"' in page
    assert shown_of(opened) == {second.pk}
    assert opened.context["page"].question.asked.GET["outcome"] == "waiting"


@pytest.mark.parametrize("act", ["usual", "overwrite", "delete", "bad_name"])
def test_what_is_done_to_a_view_stays_in_the_batch(cast: Cast, client_of, act: str) -> None:
    (batch,) = batches_of(cast, 1)
    query = f"batch={batch.pk}&order=newest"
    view = view_of(cast.manager, query, list_name=ITEMS)
    posted = {"list": ITEMS, "query": query, "version": 1, "view": view.pk}
    url = {
        "usual": reverse("portal:view-usual"),
        "overwrite": reverse("portal:view-overwrite", args=[view.pk]),
        "delete": reverse("portal:view-delete", args=[view.pk]),
        "bad_name": reverse("portal:view-new"),
    }[act]

    answer = client_of(cast.manager).post(url, posted)

    assert answer.status_code == 302
    assert answer["Location"].endswith(f"&batch={batch.pk}")


def test_the_usual_view_opens_its_batch(cast: Cast, client_of) -> None:
    first, _second = batches_of(cast)
    view = view_of(cast.manager, f"batch={first.pk}&order=newest", list_name=ITEMS)
    saved_views.choose_usual_view(list_name=ITEMS, view=view, actor=cast.manager)

    answer = client_of(cast.manager).get(reverse(ITEM_PAGE))

    assert answer["Location"] == f"{reverse(ITEM_PAGE)}?view={view.pk}&batch={first.pk}"


def test_a_shared_view_shows_nothing_of_a_batch_one_may_not_see(cast: Cast, client_of) -> None:
    (own,) = batches_of(cast, 1)
    foreign = UploadBatch.objects.create(
        institution=cast.other,
        campaign=cast.campaign,
        number=1,
        kind=UploadKind.FULL,
        prepared_by=cast.outsider,
    )
    query = f"batch={foreign.pk}&order=newest"
    view = view_of(cast.manager, query, list_name=ITEMS, shared="organisation")

    answer = client_of(cast.manager).get(reverse(ITEM_PAGE), {"view": view.pk})

    assert answer.context["page"].items == []
    assert answer.context["batch"] is None
    assert shown_of(client_of(cast.manager).get(reverse(ITEM_PAGE))) == {own.pk}
