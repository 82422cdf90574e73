"""Where stock-taking keeps a person's words: contacts of dossiers and institutions, urgings, links to inventors."""

from __future__ import annotations

from django.db.models import F, Q, Value
from django.db.models.functions import Replace

from inventory.models import (
    CampaignInstitution,
    Dossier,
    DossierRevision,
    PatentInventor,
    Phrase,
    Urge,
    WorkbookBase,
)
from portal.forgetting import Forgotten, add_forgetter
from portal.models import Membership, Notice


def forget(forgotten: Forgotten) -> int:
    """Only rows of the person's own institutions, and only where the whole name stands: others share names."""
    person = forgotten.person
    homes = list(Membership.objects.filter(user=person).values_list("organisation", flat=True))
    gone = {"contact_name": "", "contact_phone": ""}
    named = {"contact_name": forgotten.name}
    count = Dossier.objects.filter(participation__institution__in=homes, **named).update(
        **gone, uses_default_contact=True, version=F("version") + 1
    )
    count += CampaignInstitution.objects.filter(institution__in=homes, **named).update(
        **gone, version=F("version") + 1
    )
    for place in ("first", "second"):
        count += CampaignInstitution.objects.filter(
            institution__in=homes, **{f"{place}_contact_name": forgotten.name}
        ).update(
            **{f"{place}_contact_name": "", f"{place}_contact_phone": ""}, version=F("version") + 1
        )
    count += _forget_revisions(forgotten, homes)
    count += _forget_urges(forgotten)
    # rows that come back later are merged without what they said when they went out
    count += WorkbookBase.objects.filter(
        dossier__participation__institution__in=homes, values__contact_name=forgotten.name
    ).delete()[0]
    count += Phrase.objects.filter(owner=person, is_shared=False).delete()[0]
    # the inventor's name is the register's and stays; that it is this account is forgotten
    return count + PatentInventor.objects.filter(user=person).update(user=None)


def _forget_revisions(forgotten: Forgotten, homes: list[int]) -> int:
    """Approved versions keep their content but for the contact."""
    found = list(
        DossierRevision.objects.filter(
            dossier__participation__institution__in=homes, content__contact_name=forgotten.name
        )
    )
    for revision in found:
        revision.content["contact_name"] = ""
        revision.contact_phone = ""
    DossierRevision.objects.bulk_update(found, ["content", "contact_phone"], batch_size=500)
    return len(found)


def _forget_urges(forgotten: Forgotten) -> int:
    urges = Urge.objects.filter(person=forgotten.person)
    urls = [urge.get_absolute_url() for urge in urges]
    name, pseudonym = Value(forgotten.name), Value(forgotten.pseudonym)
    count = urges.update(text=Replace("text", name, pseudonym))
    last = Q(params__name=forgotten.name)
    earlier = Q(params__earlier__contains=[{"name": forgotten.name}])
    named = list(Notice.objects.filter(last | earlier, url__in=urls))
    for notice in named:
        for act in (notice.params, *notice.params.get("earlier", [])):
            if act.get("name") == forgotten.name:
                act["name"] = forgotten.pseudonym
    Notice.objects.bulk_update(named, ["params"])
    return count + len(named)


def register() -> None:
    add_forgetter("inventory", forget)
