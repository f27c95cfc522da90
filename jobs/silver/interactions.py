"""Silver: one row per contact or action between an account and the company; what happened does not change.

Reads   bronze.* (the exports with target silver.interactions)
Writes  silver.interactions, quarantine.interactions
"""

from datetime import date

from jobs.silver.conforming.conform import conform
from jobs.silver.conforming.latest import Order
from jobs.silver.conforming.rules import Rules
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.interactions",)
WRITES = ("silver.interactions", "quarantine.interactions")
RULES = Rules(order=Order(is_event=True))
LINEAGE = {
    "silver.interactions": {
        "occurred_at": ("silver.interactions.occurred_date",),
        "occurred_date": ("silver.interactions.occurred_at",),
    }
}


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.interactions", RULES)
