"""What the archive can be asked: one household, its timeline, the ledger, the figures. Always as of a day."""

from archive.queries.events import Event
from archive.queries.figures import Figures, figures
from archive.queries.households import Household, household, household_page, search, search_notices
from archive.queries.ledger import Ledger, LedgerFilters, collection_entries, ledger
from archive.queries.timeline import timeline

__all__ = [
    "Event",
    "Figures",
    "Household",
    "Ledger",
    "LedgerFilters",
    "collection_entries",
    "figures",
    "household",
    "household_page",
    "ledger",
    "search",
    "search_notices",
    "timeline",
]
