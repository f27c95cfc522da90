"""Silver: one row per rating, review or message; what was said does not change.

Reads   bronze.* (the exports with target silver.feedback)
Writes  silver.feedback, quarantine.feedback
"""

from datetime import date

from jobs.config import Profile
from jobs.lake import Lake
from jobs.silver.conform import Rules, conform
from jobs.silver.latest import Order

READS = ("bronze.*",)
WRITES = ("silver.feedback", "quarantine.feedback")
RULES = Rules(order=Order(is_event=True))


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    conform(lake, run_date, "silver.feedback", RULES)
