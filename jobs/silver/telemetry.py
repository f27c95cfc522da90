"""Silver: one row per reading of a device; what was read does not change.

Reads   bronze.* (the exports with target silver.telemetry)
Writes  silver.telemetry, quarantine.telemetry
"""

from datetime import date

from jobs.config import Profile
from jobs.lake import Lake
from jobs.silver.conform import Rules, conform
from jobs.silver.latest import Order

READS = ("bronze.*",)
WRITES = ("silver.telemetry", "quarantine.telemetry")
RULES = Rules(order=Order(is_event=True))


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    conform(lake, run_date, "silver.telemetry", RULES)
