"""What stock-taking puts on people's to-do lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.choices import PoolState, UploadState
from inventory.holder_choices import ObjectionState
from inventory.models import Campaign, Exclusion, HandoverOffer, Objection, PoolEntry, UploadBatch
from inventory.queries import todos
from inventory.queries.dossiers import OPEN_STATES
from inventory.queries.plans import being_set_up
from inventory.queries.unassigned import unassigned_by_institution
from portal import clock
from portal.choices import INSTITUTION_ROLES, Role
from portal.models import Membership
from portal.todo import Todo, TodoSource, add_todo_source, one_by_one

REVIEWERS = frozenset({Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER})


def _is_manager(membership: Membership) -> bool:
    return membership.role == Role.INSTITUTION_MANAGER


def to_fill_in(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """Own drafts, returned ones apart: they say why on their page."""
    mine = todos.to_fill_in(memberships)
    names = _campaigns(mine)
    return {
        key: [_pile_of_mine(pile, names.get(pile.campaign, "")) for pile in piles]
        for key, piles in mine.items()
    }


def _campaigns(piles: Mapping[int, Sequence[todos.Pile]]) -> dict[int, str]:
    """Names that tell lines of several campaigns apart; nobody has such lines, nothing is asked."""
    several = [each for each in piles.values() if len({pile.campaign for pile in each}) > 1]
    wanted = {pile.campaign for each in several for pile in each}
    found = Campaign.objects.filter(pk__in=wanted).values_list("pk", "name")
    return dict(found) if wanted else {}


def _pile_of_mine(pile: todos.Pile, campaign: str) -> Todo:
    query: list[tuple[str, object]] = [("mine", "yes"), ("campaign", pile.campaign)]
    if pile.is_returned:
        label, icon = _("Returned to you"), "arrow-back-up"
        query.append(("returned", "yes"))
    else:
        label, icon = _("To be filled in by you"), "pencil"
        query += [("returned", "no"), *(("state", state) for state in OPEN_STATES)]
    url = f"{reverse('inventory:my-patents')}?{urlencode(query)}"
    return Todo(label, pile.count, url, icon, pile.due_on, detail=campaign)


def to_review(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    url = reverse("inventory:review-queue")
    return {
        key: [Todo(_("Waiting for your review"), pile.count, url, "checklist", pile.due_on)]
        for key, pile in todos.to_review(memberships).items()
    }


def not_complete(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """What of the own list is not complete, per campaign."""
    found, listed = {}, todos.not_complete(memberships)
    names = _campaigns(listed)
    for key, piles in listed.items():
        found[key] = [
            Todo(
                _("Not complete on your list"),
                pile.count,
                f"{reverse('inventory:entry-list')}?{_query(pile)}",
                "list-details",
                pile.due_on,
                detail=names.get(pile.campaign, ""),
            )
            for pile in piles
        ]
    return found


def to_confirm(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """Last year's answers that a campaign opened with, per campaign."""
    base = reverse("inventory:entry-list")
    found, waiting = {}, todos.to_confirm(memberships)
    names = _campaigns(waiting)
    for key, piles in waiting.items():
        found[key] = [
            Todo(
                _("Answers of before, to be confirmed"),
                pile.count,
                f"{base}?{urlencode({'campaign': pile.campaign, 'standing': 'to_confirm'})}",
                "checks",
                pile.due_on,
                detail=names.get(pile.campaign, ""),
            )
            for pile in piles
        ]
    return found


def _query(pile: todos.Pile) -> str:
    return urlencode({"campaign": pile.campaign, "standing": "open"})


def exclusions_to_decide(membership: Membership) -> list[Todo]:
    count = Exclusion.objects.visible_to(membership).waiting().count()
    url = reverse("inventory:exclusion-list") + "?state=waiting"
    return [Todo(_("Exclusions to decide"), count, url, "circle-off")]


def urges_to_answer(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """Urgings that were not answered yet."""
    url = reverse("inventory:urge-list") + "?answered=no&received=yes"
    return {
        key: [Todo(_("Urgings to answer"), pile.count, url, "message-report", pile.due_on)]
        for key, pile in todos.urges_to_answer(memberships).items()
    }


def nobody_responsible(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """What stands in the queue of the whole institution."""
    counts = unassigned_by_institution({each.organisation_id for each in memberships})
    label, url = _("Patents without a responsible person"), reverse("inventory:unassigned-list")
    return {
        each.pk: [Todo(label, counts.get(each.organisation_id, 0), url, "user-search")]
        for each in memberships
    }


def passed_on(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """Transfers between units that wait for an answer."""
    url = f"{reverse('inventory:transfer-list')}?waiting=yes"
    return {
        key: [Todo(_("Passed on to you by other units"), count, url, "arrows-exchange")]
        for key, count in todos.transfers_waiting(memberships).items()
    }


def nominations_to_decide(membership: Membership) -> list[Todo]:
    waiting = PoolEntry.objects.visible_to(membership).filter(state=PoolState.NOMINATED)
    url = reverse("inventory:pool-list") + "?state=nominated"
    return [Todo(_("Nominations to decide"), waiting.count(), url, "database")]


def uploads_to_sign(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """Batches before the confidentiality review; whoever prepared one sees it, too: nobody else may be there."""
    waiting = by_institution(
        UploadBatch.objects.filter(state=UploadState.SIGN_OFF), "institution", memberships
    )
    url = reverse("inventory:upload-list") + "?state=sign_off"
    label = _("Waiting for the confidentiality review")
    return {
        one.pk: [Todo(label, waiting.get(one.organisation_id, 0), url, "shield-check")]
        for one in memberships
    }


def returned_by_platform(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """What the national platform returned: one's own and one's list's to mend, and the mended ones to send again."""
    found: dict[int, list[Todo]] = {each.pk: [] for each in memberships}
    to_mend = _("Returned by the platform, to be mended")
    for key, piles in todos.returned_to_me(memberships).items():
        page = f"{reverse('inventory:my-patents')}?mine=yes"
        found[key] += [
            _returned(_("Yours, returned by the platform, to be mended"), pile, page, "mend")
            for pile in piles
        ]
    page = f"{reverse('inventory:entry-list')}?"
    reviewers = [each for each in memberships if each.role in REVIEWERS]
    for key, piles in todos.returned_on_list(reviewers, "mend").items() if reviewers else ():
        found[key] += [_returned(to_mend, pile, page, "mend") for pile in piles]
    managers = [each for each in memberships if _is_manager(each)]
    for key, piles in todos.returned_on_list(managers, "again").items() if managers else ():
        label = _("Returned by the platform, mended, to be uploaded again")
        found[key] += [_returned(label, pile, page, "again") for pile in piles]
    return found


def _returned(label: str, pile: todos.Returned, page: str, what: str) -> Todo:
    """There is no day by which it must be done, so the line says for how long the first one waits."""
    days = (clock.today() - pile.since).days
    since = ngettext(
        "The first one was returned %(days)s day ago",
        "The first one was returned %(days)s days ago",
        days,
    )
    query = urlencode({"campaign": pile.campaign, "platform": what})
    url = f"{page}{'' if page.endswith('?') else '&'}{query}"
    detail = since % {"days": days} if days else _("The first one was returned today")
    return Todo(label, pile.count, url, "arrow-back-up", detail=detail)


def objections_to_answer(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """Of the dossiers one's institution files: one query however many people."""
    counts = by_institution(
        Objection.objects.filter(state=ObjectionState.OPEN),
        "entry__dossier__participation__institution",
        memberships,
    )
    url = reverse("inventory:co-owned-list") + "?objection=yes&role=filing"
    return {
        each.pk: [Todo(_("Objections to answer"), counts.get(each.organisation_id, 0), url, "flag")]
        for each in memberships
    }


def handovers_to_answer(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """Offers made to one's institution: one query however many people."""
    counts = by_institution(
        HandoverOffer.objects.open(), "to_participation__institution", memberships
    )
    url = reverse("inventory:handover-list") + "?state=offered&direction=in"
    label = _("Offers to hand over to answer")
    return {
        each.pk: [Todo(label, counts.get(each.organisation_id, 0), url, "switch-horizontal")]
        for each in memberships
    }


def to_set_up(memberships: Sequence[Membership]) -> Mapping[int, Sequence[Todo]]:
    """What an institution owes an open campaign before anybody can fill in: plan, two contacts, base list."""
    found: dict[int, list[Todo]] = {}
    for part in being_set_up({each.organisation_id for each in memberships}):
        name, page = part.campaign.name, reverse("inventory:participation-detail", args=[part.pk])
        contacts = reverse("inventory:participation-edit", args=[part.pk])
        missing = [part.first_contact_name, part.second_contact_name].count("")
        upload = (
            f"{reverse('portal:import-new')}?{urlencode({'option-campaign': part.campaign_id})}"
        )
        # the grants of a rolling campaign come onto the list by themselves
        is_listless = not part.has_entries and not part.campaign.is_rolling
        found.setdefault(part.institution_id, []).extend(
            (
                Todo(
                    _("Work plan to be handed in"),
                    int(not part.has_plan),
                    page,
                    "file-upload",
                    detail=name,
                ),
                Todo(_("Contacts to be named"), missing, contacts, "phone", detail=name),
                Todo(
                    _("Base list to be imported"), int(is_listless), upload, "upload", detail=name
                ),
            )
        )
    return {each.pk: found.get(each.organisation_id, []) for each in memberships}


def by_institution(
    rows: QuerySet[Any], path: str, memberships: Sequence[Membership]
) -> dict[int, int]:
    """How many rows each of the people's institutions has, along `path`."""
    own = {each.organisation_id for each in memberships}
    counted = rows.filter(**{f"{path}__in": own}).order_by().values_list(path)
    return dict(counted.annotate(count=Count("pk")))


SOURCES: tuple[TodoSource, ...] = (
    TodoSource("inventory.urges", lambda m: m.role in INSTITUTION_ROLES, urges_to_answer, 8),
    TodoSource("inventory.set_up", _is_manager, to_set_up, 9),
    TodoSource("inventory.mine", lambda m: m.role in INSTITUTION_ROLES, to_fill_in, 10),
    TodoSource("inventory.review", lambda m: m.role in REVIEWERS, to_review, 20),
    TodoSource("inventory.transfers", lambda m: m.role in REVIEWERS, passed_on, 25),
    TodoSource(
        "inventory.unassigned",
        lambda m: m.role == Role.INSTITUTION_MANAGER,
        nobody_responsible,
        27,
    ),
    TodoSource("inventory.list", lambda m: m.role in REVIEWERS, not_complete, 30),
    TodoSource("inventory.confirm", lambda m: m.role in REVIEWERS, to_confirm, 25),
    TodoSource(
        "inventory.exclusions",
        lambda m: m.role == Role.CITY_OFFICIAL,
        one_by_one(exclusions_to_decide),
        40,
    ),
    TodoSource(
        "inventory.nominations",
        lambda m: m.role == Role.CITY_OFFICIAL,
        one_by_one(nominations_to_decide),
        41,
    ),
    TodoSource(
        "inventory.uploads",
        lambda m: m.role == Role.INSTITUTION_MANAGER,
        uploads_to_sign,
        42,
    ),
    TodoSource(
        "inventory.returned_by_platform",
        lambda m: m.role in INSTITUTION_ROLES,
        returned_by_platform,
        22,
    ),
    TodoSource("inventory.objections", _is_manager, objections_to_answer, 25),
    TodoSource("inventory.handovers", _is_manager, handovers_to_answer, 26),
)


def register() -> None:
    """Fill the kernel's registry; called once from AppConfig.ready."""
    for source in SOURCES:
        add_todo_source(source)
