"""Export of my data: everything about the person who asks, nothing of others, gone after a day."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from inventory.notices import ASSIGNED
from portal import clock
from portal.errors import DomainError
from portal.jobs import runner
from portal.models import AuditEntry, Job, StoredFile
from portal.services import files, my_data, notices
from portal.services.notices import To
from tests import factories
from tests.conftest import Cast, signed_in

pytestmark = pytest.mark.django_db


def fill(cast: Cast) -> None:
    person = cast.inventor.user
    person.phone, person.email = "13912345678", "me@example.edu.cn"
    person.save()
    for membership, title in ((cast.inventor, "演示我的"), (cast.outsider, "演示他人的")):
        patent = factories.patent(membership.organisation, title=title, inventors=[membership.user])
        part = cast.participation if membership == cast.inventor else cast.other_participation
        factories.entry(part, patent, responsible=membership.user)
        notices.notify(kind=ASSIGNED, recipients=[To(membership.pk, {"title": title})], url="/x/")


def asked(cast: Cast) -> Any:
    client = signed_in(cast.inventor)
    response = client.post(reverse("portal:my-data"))
    runner.run_due("w")
    return client, response


def test_the_archive_holds_mine_and_nobody_elses(cast: Cast) -> None:
    fill(cast)
    client, response = asked(cast)
    assert response.status_code == 302
    file = StoredFile.objects.get(owner=cast.inventor.user)

    taken = client.get(reverse("portal:file-download", args=[file.pk]))

    with zipfile.ZipFile(io.BytesIO(b"".join(taken.streaming_content))) as archive:
        data = json.loads(archive.read("data.json"))
        page = archive.read("data.html").decode()
    whole = json.dumps(data, ensure_ascii=False)
    for word in ("演示我的", "13912345678", "me@example.edu.cn", cast.inventor.user.username):
        assert word in whole, word
        assert word in page, word
    assert "演示他人的" not in whole + page
    assert len(data["2_roles"]) == 1
    assert len(data["inventory_1_dossiers"]) == len(data["inventory_2_inventions"]) == 1
    assert AuditEntry.objects.filter(action="export", object_type="portal.user").count() == 1


def test_nobody_else_opens_it_and_it_goes_after_a_day(cast: Cast) -> None:
    fill(cast)
    asked(cast)
    file = StoredFile.objects.get(owner=cast.inventor.user)
    path = reverse("portal:file-download", args=[file.pk])
    for other in (cast.manager, cast.unit_manager, cast.outsider, cast.system_admin):
        assert signed_in(other).get(path).status_code == 404
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert signed_in(cast.inventor).get(path).status_code == 409
        assert files.remove_expired_files() == 1


def test_a_job_nobody_asked_for_makes_nothing(cast: Cast) -> None:
    with pytest.raises(DomainError):
        my_data.make_my_data(Job(kind=my_data.MY_DATA))
    assert not StoredFile.objects.exists()


def test_asking_twice_makes_one(cast: Cast) -> None:
    first = my_data.ask_for_my_data(actor=cast.inventor)
    assert my_data.ask_for_my_data(actor=cast.inventor) == first
    assert Job.objects.filter(kind=my_data.MY_DATA).count() == 1
