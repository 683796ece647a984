"""Every read of the loop that is worth a name: each takes an actor and returns only what that actor may see.

An inbox is one range of a partial index over what is open, so that its cost follows what is on somebody's desk and not what was
ever reported. One module for each subject: ``finding``, ``views``, ``lists``, ``counting``, ``of_case``, ``nearby``.
"""

from linli.cases.queries.counting import (
    COUNT_UP_TO,
    Facets,
    Overview,
    changed_since,
    counts,
    counts_of,
    facets,
    overview,
)
from linli.cases.queries.finding import PROVINCES, by_number, get, of_number, visible
from linli.cases.queries.lists import Page, inbox, mine
from linli.cases.queries.nearby import (
    NEAR_DAYS,
    NEAR_METRES,
    OPENED_BEFORE,
    REPEATS_WITHIN,
    Nearby,
    closed_before,
    near,
)
from linli.cases.queries.of_case import (
    approvals_of,
    clocks_of,
    clocks_of_all,
    evidence_of,
    log_of,
    master_of,
    orders_of,
    participants_of,
    parts_of,
    related,
)
from linli.cases.queries.views import LABELS, PAGE, SOON, VIEWS_OF, Filters, View

__all__ = [
    "COUNT_UP_TO",
    "LABELS",
    "NEAR_DAYS",
    "NEAR_METRES",
    "OPENED_BEFORE",
    "PAGE",
    "PROVINCES",
    "REPEATS_WITHIN",
    "SOON",
    "VIEWS_OF",
    "Facets",
    "Filters",
    "Nearby",
    "Overview",
    "Page",
    "View",
    "approvals_of",
    "by_number",
    "changed_since",
    "clocks_of",
    "clocks_of_all",
    "closed_before",
    "counts",
    "counts_of",
    "evidence_of",
    "facets",
    "get",
    "inbox",
    "log_of",
    "master_of",
    "mine",
    "near",
    "of_number",
    "orders_of",
    "overview",
    "participants_of",
    "parts_of",
    "related",
    "visible",
]
