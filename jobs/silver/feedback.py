"""Silver: one row per rating, review or message; what was said does not change.

Reads   bronze.* (the exports with target silver.feedback)
Writes  silver.feedback, quarantine.feedback
"""

from datetime import date

from jobs.silver.conforming.conform import conform
from jobs.silver.conforming.latest import Order
from jobs.silver.conforming.rules import Rules
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.feedback",)
WRITES = ("silver.feedback", "quarantine.feedback")
RULES = Rules(order=Order(is_event=True))
LINEAGE = {
    "silver.feedback": {"given_at": ("silver.feedback.given_date",), "given_date": ("silver.feedback.given_at",)}
}


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.feedback", RULES)
