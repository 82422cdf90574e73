"""Two people fill in one dossier: what only one changed is kept, what both changed is chosen, nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.models import Dossier
from inventory.services import dossiers as services
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast
from tests.inventory.test_dossier_views import page, posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossier(cast: Cast, client_of: Any) -> Dossier:
    """Filled in once by its responsible person."""
    entry = factories.entry(cast.participation, responsible=cast.inventor.user)
    one = entry.dossier
    assert client_of(cast.inventor).post(page("dossier-save", one), posted(one)).status_code == 200
    one.refresh_from_db()
    return one


def theirs(cast: Cast, one: Dossier, **values: Any) -> None:
    one.refresh_from_db()
    services.save_dossier(
        dossier_id=one.pk, seen_version=one.version, values=values, actor=cast.manager
    )
    one.refresh_from_db()


def rows(response: Any) -> dict[str, tuple[bool, str]]:
    return {row["name"]: (row["is_open"], row["kept"]) for row in response.context["rows"]}


def test_what_only_one_changed_is_kept_from_both(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    mine = posted(dossier, prospects="我写的前景")
    theirs(cast, dossier, advantages="别人写的优势")
    client = client_of(cast.inventor)

    shown = client.post(page("dossier-save", dossier), mine)
    assert (shown.status_code, rows(shown)) == (
        409,
        {"advantages": (False, "theirs"), "prospects": (False, "mine")},
    )
    saved = client.post(page("dossier-edit", dossier), {**mine, "over": dossier.version})

    assert saved.status_code == 302
    dossier.refresh_from_db()
    assert (dossier.advantages, dossier.prospects) == ("别人写的优势", "我写的前景")


@pytest.mark.parametrize(("kept", "text"), [("mine", "我写的"), ("theirs", "别人写的")])
def test_what_both_changed_must_be_chosen(
    cast: Cast, client_of: Any, dossier: Dossier, kept: str, text: str
) -> None:
    mine = posted(dossier, advantages="我写的")
    theirs(cast, dossier, advantages="别人写的")
    client = client_of(cast.inventor)
    over = {**mine, "over": dossier.version}

    undecided = client.post(page("dossier-edit", dossier), over)
    decided = client.post(page("dossier-edit", dossier), {**over, "keep-advantages": kept})

    assert (undecided.status_code, decided.status_code) == (409, 302)
    assert "我写的" in undecided.content.decode()
    dossier.refresh_from_db()
    assert dossier.advantages == text


def test_a_third_change_is_shown_before_anything_is_saved(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    mine = posted(dossier, advantages="我写的")
    theirs(cast, dossier, advantages="别人写的")
    decided = {**mine, "over": dossier.version, "keep-advantages": "mine"}
    theirs(cast, dossier, prospects="又有人写的")

    response = client_of(cast.inventor).post(page("dossier-edit", dossier), decided)

    assert response.status_code == 409
    assert "又有人写的" in response.content.decode()
    dossier.refresh_from_db()
    assert dossier.advantages == "别人写的"


def test_handing_in_stops_at_the_merge(cast: Cast, client_of: Any, dossier: Dossier) -> None:
    mine = posted(dossier, prospects="我写的前景")
    theirs(cast, dossier, advantages="别人写的优势")
    client = client_of(cast.inventor)

    first = client.post(page("dossier-submit", dossier), mine)
    second = client.post(page("dossier-submit", dossier), {**mine, "over": dossier.version})

    assert (first.status_code, second.status_code) == (409, 302)
    dossier.refresh_from_db()
    assert (dossier.state, dossier.prospects) == ("draft", "我写的前景")


def test_without_the_trail_every_difference_is_chosen(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    mine = posted(dossier, prospects="我写的前景")
    Dossier.objects.filter(pk=dossier.pk).update(version=99, advantages="无人知晓的修改")

    response = client_of(cast.inventor).post(page("dossier-save", dossier), mine)

    assert rows(response) == {"advantages": (True, ""), "prospects": (True, "")}


def test_another_phone_that_looks_the_same_masked_is_not_lost(
    cast: Cast, client_of: Any, dossier: Dossier
) -> None:
    mine = posted(dossier, contact_phone="13811110000")
    theirs(cast, dossier, prospects="别人写的前景")

    client_of(cast.inventor).post(page("dossier-edit", dossier), {**mine, "over": dossier.version})

    dossier.refresh_from_db()
    assert (dossier.contact_phone, dossier.prospects) == ("13811110000", "别人写的前景")


def test_every_version_has_its_entry(cast: Cast, dossier: Dossier) -> None:
    theirs(cast, dossier, advantages="一")
    theirs(cast, dossier, advantages="二")

    versions = AuditEntry.objects.about(dossier).values_list("version", flat=True)
    assert sorted(v for v in versions if v) == list(range(2, dossier.version + 1))
