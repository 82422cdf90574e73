"""What stock-taking adds to the kernel's registry of lists."""

from inventory.lists.belonging import TRANSFERS, UNASSIGNED
from inventory.lists.campaigns import CAMPAIGNS
from inventory.lists.classification import CODES, RULES
from inventory.lists.co_owned import CO_OWNED, HANDOVERS
from inventory.lists.confirmations import CONFIRMATIONS
from inventory.lists.entries import ENTRIES
from inventory.lists.exclusions import EXCLUSIONS, PROPOSALS
from inventory.lists.finding import register_finders
from inventory.lists.late import LATE
from inventory.lists.mine import MINE
from inventory.lists.pool import NOMINEES, POOL
from inventory.lists.reviews import REVIEWS
from inventory.lists.uploads import UPLOAD_ITEMS, UPLOADS
from inventory.lists.urges import URGES
from portal.lists.registry import register


def register_lists() -> None:
    """Called once from AppConfig.ready."""
    register(ENTRIES, REVIEWS, CONFIRMATIONS, MINE, EXCLUSIONS, PROPOSALS, POOL, CAMPAIGNS)
    register(UNASSIGNED, TRANSFERS, CO_OWNED, HANDOVERS, NOMINEES)
    register(UPLOADS, UPLOAD_ITEMS, URGES, LATE, CODES, RULES)
    register_finders()
