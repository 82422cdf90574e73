"""Dossiers nobody looks after, and proposals for a page of them in a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When

from inventory.choices import DossierState, FilingMode
from inventory.models import Dossier, NotMine, PatentInventor
from inventory.proposals import Case as Belonging
from inventory.proposals import Inventor, Person, Proposal, propose
from portal.models import Membership, StaffMember, User
from portal.text import pinyin_key


def without_person(
    dossiers: QuerySet[Dossier], institution: int | None = None
) -> QuerySet[Dossier]:
    """Open ones without a responsible person, or whose person acts for the filing institution no more.

    Institutions that file centrally need nobody: theirs are left out. Where all are of one institution that takes
    part, naming it lets its people be read once, and not looked up for each dossier.
    """
    if institution is not None:
        roles = Membership.objects.filter(organisation=institution, is_active=True)
        gone = User.objects.filter(is_active=False)
        acting = Q(responsible__in=roles.values("user")) & ~Q(responsible__in=gone.values("pk"))
    else:
        of_filer = Membership.objects.active().filter(
            user=OuterRef("responsible"), organisation=OuterRef("participation__institution")
        )
        acting = Q(Exists(of_filer))
    return (
        dossiers.filter(Q(responsible__isnull=True) | ~acting)
        # named, not excluded: the index of a filing institution's queue knows each state
        .filter(state__in=[state for state in DossierState if state != DossierState.COMPLETED])
        .exclude(participation__filing_mode=FilingMode.CENTRAL)
    )


def unassigned(membership: Membership) -> QuerySet[Dossier]:
    """Those of the own institution, as far as this membership sees them."""
    return without_person(Dossier.objects.filed_for(membership), membership.organisation_id)


def unassigned_by_institution(institutions: Collection[int]) -> dict[int, int]:
    """{institution: how many of its dossiers nobody looks after}; one query."""
    filed = Dossier.objects.filter(participation__institution__in=institutions)
    only = next(iter(institutions)) if len(institutions) == 1 else None
    rows = without_person(filed, only).order_by().values_list("participation__institution")
    return dict(rows.annotate(count=Count("pk")))


def with_rows(dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """With what a row of the queue shows, and nothing that must be deciphered."""
    return dossiers.select_related("patent", "unit", "responsible", "participation__campaign").only(
        "version",
        "unit__name",
        "responsible__name",
        "patent__application_number",
        "patent__title",
        "patent__kind",
        "participation__campaign__name",
    )


def inventors_of(dossiers: Sequence[Dossier]) -> dict[int, tuple[Inventor, ...]]:
    """{patent: its inventors in order}; one query."""
    rows = (
        PatentInventor.objects.filter(patent__in={dossier.patent_id for dossier in dossiers})
        .order_by("patent", "position")
        .values_list("patent", "position", "name", "user")
    )
    found: dict[int, tuple[Inventor, ...]] = defaultdict(tuple)
    for patent, position, name, user in rows:
        found[patent] += (Inventor(position, name, name_key(name), user),)
    return found


def proposals_for(
    dossiers: Sequence[Dossier],
    reader: Membership,
    gone: Collection[int] = (),
    inventors: Mapping[int, tuple[Inventor, ...]] | None = None,
) -> dict[int, Proposal]:
    """{dossier: proposal}; six queries however many dossiers, five for who has read `inventors_of` them already.

    What people looked after earlier counts as far as the reader sees it. `gone` are accounts of people who are just
    leaving.
    """
    of_patent = inventors_of(dossiers) if inventors is None else inventors
    cases = {dossier.pk: of_patent.get(dossier.patent_id, ()) for dossier in dossiers}
    names = {one.name for found in cases.values() for one in found}
    readings = {name: _readings(name) for name in names}
    linked = {one.user_id for found in cases.values() for one in found if one.user_id}
    earlier = earlier_by_name(names, reader)
    experienced = {user for counts in earlier.values() for user in counts}
    keys = {key for found in readings.values() for key in found}
    people = _people(keys, linked | experienced, reader.organisation_id)
    people = [replace(one, is_acting=False) if one.user_id in gone else one for one in people]
    by_key: dict[str, list[Person]] = defaultdict(list)
    by_user: dict[int, Person] = {}
    for person in people:
        by_key[person.name_key].append(person)
        if person.user_id:
            by_user[person.user_id] = person
    not_mine = _not_mine([dossier.patent_id for dossier in dossiers])
    proposed = {}
    for dossier in dossiers:
        case = Belonging(
            inventors=cases[dossier.pk],
            unit_id=dossier.unit_id,
            not_mine=frozenset(not_mine[dossier.patent_id]),
            earlier=_summed(earlier, [one.name for one in cases[dossier.pk]]),
        )
        named = [key for one in case.inventors for key in readings[one.name]]
        proposed[dossier.pk] = propose(case, _near(case, named, by_key, by_user))
    return proposed


def name_key(name: str) -> str:
    """The pinyin key of an inventor's name."""
    return pinyin_key(name, person=True)


def _readings(name: str) -> list[str]:
    """Keys under which the people of a name stand: a Latin name also turned round."""
    key = name_key(name)
    words = key.replace(",", " ").replace("-", "").split()
    keys = {key, " ".join(words)}
    if name.isascii() and len(words) > 1:
        keys |= {" ".join([*words[1:], words[0]]), " ".join([words[-1], *words[:-1]])}
    return sorted(keys)


def _near(
    case: Belonging,
    keys: Sequence[str],
    by_key: dict[str, list[Person]],
    by_user: dict[int, Person],
) -> list[Person]:
    """The people a case can mean, each once."""
    linked = {one.user_id for one in case.inventors}
    found = [person for key in keys for person in by_key.get(key, ())]
    found += [by_user[user] for user in (*linked, *case.earlier) if user in by_user]
    return list({person.key: person for person in found}.values())


# what a proposal says of somebody, as plain values: a page of proposals looks at hundreds of people, and addresses and
# telephones stay enciphered in the database
_LISTED = (
    "pk",
    "name",
    "name_key",
    "user",
    "unit",
    "unit__name",
    "staff_number",
    "category",
    "title",
    "is_doubtful",
)
_ROLE = ("user", "user__name", "user__name_key", "unit", "unit__name")


def people_named(
    names: Iterable[str], accounts: Collection[int], organisation_id: int
) -> list[Person]:
    """Everybody of the institution of these names or with these accounts: the list first, then accounts off it."""
    keys = {key for name in names for key in _readings(name)}
    return _people(keys, accounts, organisation_id)


def _people(keys: Collection[str], accounts: Collection[int], organisation_id: int) -> list[Person]:
    wanted = Q(name_key__in=keys) | Q(user__in=accounts)
    members = list(
        StaffMember.objects.filter(wanted, organisation=organisation_id)
        .order_by("pk")
        .values_list(*_LISTED, named=True)
    )
    listed = {member.user for member in members if member.user}
    known = User.objects.filter(Q(name_key__in=keys) | Q(pk__in={*accounts, *listed}))
    roles = list(
        Membership.objects.filter(organisation=organisation_id, user__in=known.values("pk"))
        .annotate(
            acts=Case(
                When(is_active=True, user__is_active=True, organisation__is_active=True, then=True),
                default=False,
            )
        )
        .order_by("user", "-is_active", "pk")
        .values_list(*_ROLE, "acts", named=True)
    )
    acting = {role.user for role in roles if role.acts}
    found = [_listed(member, acting) for member in members]
    seen = set(listed)
    for role in roles:
        if role.user not in seen:
            seen.add(role.user)
            found.append(_account(role, acting))
    return found


def _listed(member: Any, acting: Collection[int]) -> Person:
    """Somebody of the personnel list: a row of _LISTED."""
    return Person(
        key=f"s{member.pk}",
        name=member.name,
        name_key=member.name_key,
        user_id=member.user,
        unit_id=member.unit,
        unit=member.unit__name or "",
        staff_number=member.staff_number,
        category=member.category,
        title=member.title,
        is_acting=member.user in acting,
        is_doubtful=member.is_doubtful,
    )


def _account(role: Any, acting: Collection[int]) -> Person:
    """Somebody with an account who is not on the personnel list: a row of _ROLE."""
    return Person(
        key=f"u{role.user}",
        name=role.user__name,
        name_key=role.user__name_key,
        user_id=role.user,
        unit_id=role.unit,
        unit=role.unit__name or "",
        is_acting=role.user in acting,
    )


def earlier_by_name(names: Collection[str], reader: Membership) -> dict[str, dict[int, int]]:
    """{inventor's name: {account: how many of the institution's patents with that inventor it looks after}}.

    Counted over what the reader sees: a unit's manager is told nothing of other units.
    """
    rows = (
        Dossier.objects.filed_for(reader)
        .filter(responsible__isnull=False, patent__inventors__name__in=names)
        .order_by()
        .values_list("patent__inventors__name", "responsible")
        .annotate(count=Count("pk"))
    )
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for name, user, count in rows:
        found[name][user] = count
    return found


def _summed(earlier: dict[str, dict[int, int]], names: Iterable[str]) -> dict[int, int]:
    """The most patents each account looks after with one of these inventors."""
    total: dict[int, int] = {}
    for name in names:
        for user, count in earlier.get(name, {}).items():
            total[user] = max(count, total.get(user, 0))
    return total


def _not_mine(patents: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for patent, user in NotMine.objects.filter(patent__in=patents).values_list("patent", "user"):
        found[patent].add(user)
    return found
