"""Saved views: kept with allow-listed keys, shared within the house, asked with the rights of the reader."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

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
