"""Silver: one row per movement of loyalty points of an account; what was moved does not change.

Reads   bronze.* (the exports with target silver.points_movements)
Writes  silver.points_movements, quarantine.points_movements
"""

from datetime import date

from jobs.silver.conforming.conform import conform
from jobs.silver.conforming.latest import Order
from jobs.silver.conforming.rules import Rules
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.points_movements",)
WRITES = ("silver.points_movements", "quarantine.points_movements")
RULES = Rules(order=Order(is_event=True))
LINEAGE = {
    "silver.points_movements": {
        "occurred_at": ("silver.points_movements.occurred_date",),
        "occurred_date": ("silver.points_movements.occurred_at",),
    }
}


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.points_movements", RULES)
