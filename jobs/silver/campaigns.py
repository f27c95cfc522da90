"""Silver: one row per campaign, newest version.

Reads   bronze.* (the exports with target silver.campaigns)
Writes  silver.campaigns, quarantine.campaigns
"""

from datetime import date

from jobs.silver.conforming.conform import conform
from jobs.silver.conforming.rules import Rules
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.campaigns",)
WRITES = ("silver.campaigns", "quarantine.campaigns")
RULES = Rules()


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.campaigns", RULES)
