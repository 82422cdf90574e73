"""Patents in the city pool, for tests."""

from typing import Any

from inventory.choices import DossierState, PoolState
from inventory.models import CampaignInstitution, PoolEntry, PoolRule
from inventory.services.facts import POOL, record_facts
from portal import clock
from tests import factories
from tests.conftest import Cast


def pooled(
    cast: Cast, participation: CampaignInstitution | None = None, **fields: Any
) -> PoolEntry:
    """A complete dossier of the university (or another participation), in the pool; fields go to the dossier."""
    entry = factories.entry(
        participation or cast.participation, state=DossierState.COMPLETED, **fields
    )
    rule = PoolRule.objects.first() or PoolRule.objects.create(number=1, created_by=cast.city)
    made = PoolEntry.objects.create(
        patent=entry.patent,
        dossier=entry.dossier,
        institution=entry.institution,
        rule=rule,
        state=PoolState.ADMITTED,
        stars=entry.dossier.stars or 3,
        is_key_industry=False,
        months_left=60,
        nominated_by=cast.manager,
        nominated_at=clock.now(),
    )
    record_facts(POOL, [made.pk])
    return made
