"""Silver: one row per account with survey or bought attributes, newest version.

Reads   bronze.* (the exports with target silver.demographics)
Writes  silver.demographics, quarantine.demographics
"""

from datetime import date

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.silver.conforming.conform import conform
from jobs.silver.conforming.rules import Rules
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.demographics",)
WRITES = ("silver.demographics", "quarantine.demographics")
UNKNOWN = ("unknown", "n/a", "na", "none")  # how exporters write that they do not know


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.demographics", RULES)


def demographic_flags() -> dict[str, Column]:
    """Attributes that segments ask for and that are not known."""
    return {
        f"{name}_unknown": F.col(name).isNull() | F.lower(F.trim(name)).isin("", *UNKNOWN)
        for name in ("home_ownership", "marital_status")
    }


RULES = Rules(flags=demographic_flags)
