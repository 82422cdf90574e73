"""Industries and kinds of the enterprises of the demonstration city."""

from __future__ import annotations

from random import Random

from evaluation.choices import EnterpriseCategory
from evaluation.models import EnterpriseProfile
from portal.choices import OrganisationKind
from portal.demo.city import City, add_files
from portal.models import Organisation

#: industry sections (门类) that occur often in a city pool: manufacturing, software, research, health
SECTIONS = ("C", "I", "M", "Q")


def add_profiles(city: City) -> None:
    """One profile for each enterprise but the last, so that both kinds of catalogue can be seen."""
    random = Random(city.seed)
    enterprises = list(
        Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE).order_by("code")
    )
    EnterpriseProfile.objects.bulk_create(
        EnterpriseProfile(
            organisation=enterprise,
            categories=[random.choice(EnterpriseCategory.values)],
            sections=sorted(random.sample(SECTIONS, k=2)),
        )
        for enterprise in enterprises[:-1]
    )


add_files(add_profiles)
