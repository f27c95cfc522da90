"""Silver: one row per account and purpose, newest declaration; of two of one moment the refusal.

Reads   bronze.* (the exports with target silver.consents)
Writes  silver.consents, quarantine.consents
"""

from datetime import date

from jobs.silver.conforming.conform import conform
from jobs.silver.conforming.latest import Order
from jobs.silver.conforming.rules import Rules
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.consents",)
WRITES = ("silver.consents", "quarantine.consents")
RULES = Rules(order=Order(source_time=("recorded_at",), stricter_without="is_granted"))


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.consents", RULES)
