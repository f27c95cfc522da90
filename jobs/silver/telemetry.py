"""Silver: one row per reading of a device; what was read does not change.

Reads   bronze.* (the exports with target silver.telemetry)
Writes  silver.telemetry, quarantine.telemetry
"""

from datetime import date

from jobs.silver.conforming.conform import conform
from jobs.silver.conforming.latest import Order
from jobs.silver.conforming.rules import Rules
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.telemetry",)
WRITES = ("silver.telemetry", "quarantine.telemetry")
RULES = Rules(order=Order(is_event=True))
LINEAGE = {"silver.telemetry": {"read_at": ("silver.telemetry.read_date",), "read_date": ("silver.telemetry.read_at",)}}


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.telemetry", RULES)
