"""What the company's own customers make of the limits of silences: how long they were away and still came back.

Shares of customers, not of gaps: of gaps most are those of the few who come every day. Half of the customers who came
back were never away for longer than `from` of dormant; nine of ten never for longer than `from` of lost.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.gold.settings.life_cycle import Inactivity, Settings
from jobs.gold.value.newton import Floats

HALF = 0.5
KEPT_WITHIN = 1.5  # the interval stays while what it is chosen by has not left it by more than this factor


@dataclass(frozen=True)
class Thresholds:
    """Limits in force, in days; loyal_order_days in days with an order; interval_days is one of the configured ones."""

    dormant_from_days: int
    dormant_to_days: int
    lost_from_days: int
    lost_to_days: int
    loyal_order_days: int
    interval_days: int

    def sentence(self) -> str:
        """For the night's notes."""
        return (
            f"dormant after {self.dormant_from_days} to {self.dormant_to_days} silent days, lost after "
            f"{self.lost_from_days} to {self.lost_to_days}, loyal from {self.loyal_order_days} order days on; "
            f"the company's interval is {self.interval_days} days"
        )


COLUMNS = tuple(Thresholds.__dataclass_fields__)


def returns_sql() -> str:
    """longest_gap_days, order_days, customers: those with two order days or more, over {gaps}."""
    return """
    SELECT longest_gap_days, order_days, count(*) AS customers FROM (
        SELECT customer_id, max(gap) AS longest_gap_days, CAST(max(nth) AS INT) AS order_days
        FROM {gaps} GROUP BY customer_id HAVING max(nth) >= 2) each_one
    GROUP BY longest_gap_days, order_days ORDER BY longest_gap_days, order_days"""


def chosen(returns: pa.Table, gap_days: float, settings: Settings, last_interval: int | None = None) -> Thresholds:
    """The limits that the customers who came back give; where they are too few, the configured bounds alone.

    Args:
        returns: the answer of `returns_sql`.
        gap_days: the usual gap that is assumed where they are too few.
        last_interval: the interval that has been in force; it stays while it is near enough.
    """
    longest, order_days, customers = (column.to_numpy().astype(float) for column in returns.columns)
    is_enough = customers.sum() >= settings.rhythm.min_customers
    dormant, lost = (limits(longest, customers, state, is_enough) for state in (settings.dormant, settings.lost))
    most, share = settings.loyal_order_days, settings.loyal_share_of_customers
    loyal = quantile(order_days, customers, share) + 1 if is_enough else most
    usual = quantile(longest, customers, HALF) if is_enough else gap_days
    return Thresholds(
        dormant_from_days=dormant[0],
        dormant_to_days=dormant[1],
        lost_from_days=max(lost[0], dormant[0] + 1),
        lost_to_days=max(lost[1], dormant[0] + 1),
        loyal_order_days=int(np.clip(loyal, min(settings.loyal_at_least_order_days, most), most)),
        interval_days=interval(usual, settings.rhythm.intervals_days, last_interval),
    )


def limits(longest: Floats, customers: Floats, state: Inactivity, is_enough: bool) -> tuple[int, int]:
    """The first and the last day on which a silence can make the state."""
    if not is_enough:
        return state.at_least_days, state.at_most_days
    shares = (state.from_share_of_returns, state.to_share_of_returns)
    days = (quantile(longest, customers, share) + 1 for share in shares)  # away for longer than they ever were
    first, last = (int(np.clip(day, state.at_least_days, state.at_most_days)) for day in days)
    return first, last


def quantile(values: Floats, weights: Floats, share: float) -> float:
    """The smallest value that at least this share of the weights does not exceed."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) >= share * weights.sum()
    return float(values[order][np.argmax(reached)])


def interval(usual_days: float, choices: tuple[int, ...], last: int | None = None) -> int:
    """The choice nearest to a number of days, as a ratio; the last one while it is near enough."""
    usual = max(usual_days, 1.0)
    if last in choices and last / KEPT_WITHIN <= usual <= last * KEPT_WITHIN:
        return int(last)
    return int(min(choices, key=lambda days: (abs(np.log(days / usual)), days)))


def within(settings: Settings, thresholds: Thresholds) -> Settings:
    """The settings with the limits in force in place of the bounds."""
    dormant = {"at_least_days": thresholds.dormant_from_days, "at_most_days": thresholds.dormant_to_days}
    lost = {"at_least_days": thresholds.lost_from_days, "at_most_days": thresholds.lost_to_days}
    return settings.model_copy(
        update={
            "dormant": settings.dormant.model_copy(update=dormant),
            "lost": settings.lost.model_copy(update=lost),
            "loyal_order_days": thresholds.loyal_order_days,
        }
    )


def columns(thresholds: Thresholds) -> dict[str, Any]:
    """The limits as columns of gold.life_cycle_rhythm."""
    return asdict(thresholds)
