"""The figures of each group of customers that the models cannot tell apart: a night scores each group once.

Money comes as a multiple of the customer's expected spend per order, which the job knows per customer.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import expit
from scipy.stats import norm

from jobs.gold.value.figures import DAYS_OF_A_YEAR, Figure
from jobs.gold.value.gamma_gamma import GammaGammaFit, spend_spread
from jobs.gold.value.learned import Learned, by_cohort
from jobs.gold.value.newton import Floats
from jobs.gold.value.order_fit import OrderFit
from jobs.gold.value.predictive import Outcome, Range, orders_range, outcome, spend_range
from jobs.gold.value.recent import order_ratio
from jobs.gold.value.shop_time import ShopTime
from jobs.gold.value.value_facts import GROUP, ValueGroups

HORIZONS = (30, 90, 365)
ALIVE = ("p_alive", "p_alive_low", "p_alive_high")
ORDERS = tuple(f"expected_orders_{days}d{end}" for days in HORIZONS for end in ("", "_low", "_high"))
UNITS = tuple(
    f"units_{what}{end}" for what in ("30d", "90d", "365d", "clv", "residual") for end in ("", "_low", "_high")
)
SCORES = (*ALIVE, *ORDERS, *UNITS)


@dataclass(frozen=True)
class Terms:
    """How the future is valued: yearly discount rates of clv_365d and of the residual value, level of the ranges."""

    annual_discount_rate: float
    residual_annual_discount_rate: float
    interval_level: float
    recent_days: int
    recent_prior_orders: float

    def figures(self, time: ShopTime) -> tuple[Figure, ...]:
        """Orders within each horizon, discounted within a year, and discounted for ever, all in shop days."""
        plain = (Figure(f"{days}d", time.ahead(float(days))) for days in HORIZONS)
        within_year = Figure("clv", float(DAYS_OF_A_YEAR), self.annual_discount_rate)
        return (*plain, within_year, Figure("residual", None, self.residual_annual_discount_rate))


def score_groups(
    fits: dict[str, OrderFit | None],
    groups: ValueGroups,
    spend: GammaGammaFit,
    learned: Learned,
    terms: Terms,
    time: ShopTime,
) -> pa.Table:
    """GROUP and SCORES of each group, NULL where there is no fit."""
    keys, buys = groups.purchases, time.of(groups.purchases)
    seen = by_cohort(buys, groups.cohort, fits, terms.figures(time))
    scores = dict.fromkeys(SCORES, np.full(len(buys.t), np.nan))
    if seen is not None:
        multiplier = learned.orders.of(
            order_ratio(
                groups.recent_orders,
                buys.frequency,
                buys.t,
                float(time.past(np.array([terms.recent_days]))[0]),
                terms.recent_prior_orders,
            )
        )
        multiplier *= same_total(buys.customers * seen.alive * seen.mean[:, 1], multiplier)
        multiplier *= learned.order_level
        scores |= alive_scores(seen.alive, seen.alive_error, terms.interval_level)
        for place, figure in enumerate(terms.figures(time)):
            ahead = outcome(seen, place, multiplier)
            scores |= figure_scores(figure.name, ahead, spend, buys.frequency, learned, terms.interval_level)
    whole = {"frequency": buys.frequency, "recent_orders": groups.recent_orders}
    columns = {
        "cohort": pa.array(groups.cohort, pa.string()),
        "group_t_x": pa.array(keys.t_x),
        "group_t": pa.array(keys.t),
    }
    columns |= {name: pa.array(values.astype(np.int32)) for name, values in whole.items()}
    assert set(columns) == set(GROUP)
    return pa.table(columns | {name: pa.array(scores[name], from_pandas=True) for name in SCORES})


def same_total(expected: Floats, multiplier: Floats) -> float:
    """What keeps the sum of expected orders as it was: recent weeks say who orders, not how many do."""
    multiplied = float(expected @ multiplier)
    return float(expected.sum()) / multiplied if multiplied > 0 else 1.0


def alive_scores(alive: Floats, error: Floats, level: float) -> dict[str, Floats]:
    """The chance to still buy, and its range by what is not known of the parameters."""
    inside = np.clip(alive, 1e-12, 1 - 1e-12)
    log_odds, reach = np.log(inside) - np.log1p(-inside), float(norm.ppf((1 + level) / 2)) * error
    low, high = (np.where(alive < 1, expit(log_odds + side * reach), alive) for side in (-1, 1))
    return dict(zip(ALIVE, (alive, np.minimum(low, alive), np.maximum(high, alive)), strict=True))


def figure_scores(
    name: str, ahead: Outcome, spend: GammaGammaFit, frequency: Floats, learned: Learned, level: float
) -> dict[str, Floats]:
    """Mean and range of one figure, in orders where it has them and in units of spend per order."""
    wide, mean = ahead.drifting(learned.order_drift), ahead.alive * ahead.mean
    scores = {f"units_{name}": mean}
    if spend.parameters is not None:
        unknown, single = spend_spread(spend, frequency)
        money = spend_range(level, wide, unknown + learned.spend_drift, single)
        scores |= holding(f"units_{name}", mean, money)
    if f"expected_orders_{name}" in ORDERS:
        orders = orders_range(level, wide)
        scores |= {f"expected_orders_{name}": mean, **holding(f"expected_orders_{name}", mean, orders)}
    return scores


def holding(name: str, mean: Floats, ends: Range) -> dict[str, Floats]:
    """The ends of a range that reaches to the mean: who will most likely order nothing is expected to order a little.

    No more outcomes lie in it: between nothing and a mean of less than one order there is none.
    """
    return {f"{name}_low": np.minimum(ends.low, mean), f"{name}_high": np.maximum(ends.high, mean)}
