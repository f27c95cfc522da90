"""Orders to come of each group of customers that the BG/NBD model cannot tell apart.

A night scores each distinct group once; the job joins the scores back to the customers.
"""

from dataclasses import dataclass

import numpy as np

from jobs.gold.value.bg_nbd import BgNbdFit, PurchaseGroups
from jobs.gold.value.expected_orders import discounted_orders, expected_orders, probability_alive
from jobs.gold.value.newton import Floats

DAYS_OF_A_YEAR = 365


@dataclass(frozen=True)
class GroupScores:
    """One entry per group of the fit; all NaN when there is no fit."""

    p_alive: Floats
    expected_orders_90d: Floats
    expected_orders_365d: Floats
    discounted_orders_365d: Floats


def score_groups(fit: BgNbdFit, groups: PurchaseGroups, annual_discount_rate: float) -> GroupScores:
    """Score groups whose times are in days.

    Args:
        annual_discount_rate: 0.1 means that an order in a year is worth 1 / 1.1 of one today.
    """
    if fit.parameters is None:
        unknown = np.full(len(groups.t), np.nan)
        return GroupScores(unknown, unknown, unknown, unknown)
    daily_rate = float(np.log1p(annual_discount_rate)) / DAYS_OF_A_YEAR
    return GroupScores(
        p_alive=probability_alive(fit.parameters, groups),
        expected_orders_90d=expected_orders(fit.parameters, groups, 90.0),
        expected_orders_365d=expected_orders(fit.parameters, groups, float(DAYS_OF_A_YEAR)),
        discounted_orders_365d=discounted_orders(fit.parameters, groups, float(DAYS_OF_A_YEAR), daily_rate),
    )
