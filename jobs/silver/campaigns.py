"""Silver: one row per campaign, newest version.

Reads   bronze.* (the exports with target silver.campaigns)
Writes  silver.campaigns, quarantine.campaigns
"""

from datetime import date

from jobs.config import Profile
from jobs.lake import Lake
from jobs.silver.conform import Rules, conform

READS = ("bronze.*",)
WRITES = ("silver.campaigns", "quarantine.campaigns")
RULES = Rules()


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    conform(lake, run_date, "silver.campaigns", RULES)
