"""Gold: the segments each customer is in, by the conditions in conf/segments.yaml.

Reads   gold.customer_profile
Writes  gold.segments, one row per customer and segment; a customer may be in several
"""

from dataclasses import dataclass
from datetime import date

from jobs.gold.membership import members, with_since
from jobs.lake import Lake

READS = ("gold.customer_profile",)
WRITES = "gold.segments"
AGES = True
CONF = "segments"


@dataclass(frozen=True)
class Segment:
    """One segment: what it is for, and the SQL condition over gold.customer_profile."""

    description: str
    when: str


@dataclass(frozen=True)
class Settings:
    """conf/segments.yaml."""

    segments: dict[str, Segment]


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Put customers in segments; `since` stays while they remain in one."""
    conditions = {name: segment.when for name, segment in settings.segments.items()}
    now = members(lake.read("gold.customer_profile"), "segment", conditions)
    before = lake.read(WRITES)
    published = lake.publish(WRITES, with_since(now, before, ["customer_id", "segment"], run_date), run_date)
    if not published.row_count:
        lake.note(WRITES, "no customer meets a condition of conf/segments.yaml")
