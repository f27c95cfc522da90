"""Silver: one row per account and campaign that it was sent.

Reads   bronze.* (the exports with target silver.campaign_contacts)
Writes  silver.campaign_contacts, quarantine.campaign_contacts
"""

from datetime import date

from jobs.silver.conforming.conform import conform
from jobs.silver.conforming.rules import Rules
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.campaign_contacts",)
WRITES = ("silver.campaign_contacts", "quarantine.campaign_contacts")
RULES = Rules()


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.campaign_contacts", RULES)
