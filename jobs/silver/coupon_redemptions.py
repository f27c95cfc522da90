"""Silver: one row per coupon handed in; what happened does not change.

Reads   bronze.* (the exports with target silver.coupon_redemptions)
Writes  silver.coupon_redemptions, quarantine.coupon_redemptions
"""

from datetime import date

from jobs.config import Profile
from jobs.lake import Lake
from jobs.silver.conform import Rules, conform
from jobs.silver.latest import Order

READS = ("bronze.*",)
WRITES = ("silver.coupon_redemptions", "quarantine.coupon_redemptions")
RULES = Rules(order=Order(is_event=True))


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    conform(lake, run_date, "silver.coupon_redemptions", RULES)
