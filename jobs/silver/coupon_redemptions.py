"""Silver: one row per coupon handed in; what happened does not change.

Reads   bronze.* (the exports with target silver.coupon_redemptions)
Writes  silver.coupon_redemptions, quarantine.coupon_redemptions
"""

from datetime import date

from jobs.silver.conforming.conform import conform
from jobs.silver.conforming.latest import Order
from jobs.silver.conforming.rules import Rules
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.coupon_redemptions",)
WRITES = ("silver.coupon_redemptions", "quarantine.coupon_redemptions")
RULES = Rules(order=Order(is_event=True))
LINEAGE = {
    "silver.coupon_redemptions": {
        "redeemed_at": ("silver.coupon_redemptions.redeemed_date",),
        "redeemed_date": ("silver.coupon_redemptions.redeemed_at",),
    }
}


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.coupon_redemptions", RULES)
