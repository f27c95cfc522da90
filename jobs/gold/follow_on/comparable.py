"""One pair looked at closely: what comparable customers who had not bought A did in the same time at risk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, ndtr

from jobs.gold.follow_on.first_purchases import FirstPurchases
from jobs.gold.follow_on.lag_curves import LagCurve, lag_curve, risk_table
from jobs.gold.follow_on.trials import DIGITS, Trials, coarse_count

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

SURE = 0.05  # one-sided, for one rule already found


@dataclass(frozen=True)
class Pair:
    """A rule to be: columns of the matrix, and the window that was found best."""

    antecedent: int
    consequent: int
    window_days: int


@dataclass(frozen=True)
class PairTrials:
    """Trials at which the consequent could be bought for the first time and that count: after A or comparable."""

    stratum: Longs
    lag: Longs  # days since A
    is_after: Bools  # within the window after A; the others had not bought A, or long before
    is_bought: Bools
    day: Longs


@dataclass(frozen=True)
class Late:
    """The same rule in the last days, which the search for rules had not seen: followers, those expected, chance."""

    followers: int
    expected: float
    p_value: float

    def holds(self, min_expected: float) -> bool | None:
        """Whether it is more than chance there too; None: too little has happened to say."""
        if self.expected < min_expected and self.p_value > SURE:
            return None
        return self.p_value <= SURE


def buyers(purchases: FirstPurchases, pair: Pair, first_counted: int) -> tuple[Longs, Longs]:
    """Of each first buyer of A who had no B yet: days to B, and days to the last one known."""
    first, then = purchases.days[:, pair.antecedent].astype(np.int64), purchases.days[:, pair.consequent]
    kept = (first >= first_counted) & (first < purchases.last_day) & (then > first)
    return then[kept] - first[kept], purchases.last_day - first[kept]


def confidence_curve(purchases: FirstPurchases, pair: Pair, first_counted: int) -> LagCurve:
    """Which share of A's buyers has bought B by each day of the window."""
    return lag_curve(*buyers(purchases, pair, first_counted), pair.window_days)


def pair_trials(purchases: FirstPurchases, trials: Trials, pair: Pair, first_counted: int) -> PairTrials:
    """A's own first purchase does not count as news, nor A as left: who has bought A already could not have had it."""
    first, then = (purchases.days[trials.row, item] for item in (pair.antecedent, pair.consequent))
    news = trials.new_items - (first == trials.day)
    is_near = (first < trials.day) & (trials.day <= first.astype(np.int64) + pair.window_days)
    # A bought before trials count may not have been the first: neither after A nor comparable
    kept = (then >= trials.day) & (news > 0) & ~(is_near & (first < first_counted))
    of_a = trials.popularity[trials.periods, pair.antecedent] * (first >= trials.day)
    strata = trials.strata(news, np.round(trials.left - of_a, DIGITS))
    return PairTrials(
        strata[kept], trials.day[kept] - first[kept], is_near[kept], (then == trials.day)[kept], trials.day[kept]
    )


def comparable_odds(trials: PairTrials) -> Floats:
    """Per trial how often B was bought for each comparable trial at which it was not, by customers not after A.

    Of the same stratum; where nobody is comparable, of the same kind of day and customer in any week.
    """
    coarse = trials.stratum % coarse_count()
    in_week, in_any = (odds(s, trials.is_after, trials.is_bought) for s in (trials.stratum, coarse))
    return np.where(np.isnan(in_week[trials.stratum]), np.nan_to_num(in_any[coarse]), in_week[trials.stratum])


def odds(stratum: Longs, is_after: Bools, is_bought: Bools) -> Floats:
    """Per stratum; NaN where there is no trial of the others without B."""
    size = int(stratum.max(initial=0)) + 1
    without = np.bincount(stratum[~is_after & ~is_bought], minlength=size)
    bought = np.bincount(stratum[~is_after & is_bought], minlength=size)
    shares: Floats = np.divide(bought, without, where=without > 0, out=np.full(size, np.nan))
    return shares


def base_rate(purchases: FirstPurchases, pair: Pair, first_counted: int, trials: PairTrials) -> float:
    """The share of A's buyers who would have bought B within the window had they been like those comparable.

    Their time is counted in other new things bought: each such trial is worth the odds of comparable ones, and those
    that B itself brought about are not counted as time. Summed over A's buyers at risk, day by day of the lag, as in
    relative survival (Ederer and Heise 1959).
    """
    _, at_risk = risk_table(*buyers(purchases, pair, first_counted), pair.window_days)
    ticks = trials.is_after & ~trials.is_bought
    expected = np.bincount(trials.lag[ticks], comparable_odds(trials)[ticks], minlength=pair.window_days + 1)[1:]
    return float(1 - np.exp(-(expected / np.maximum(at_risk, 1)).sum()))


def chance(trials: PairTrials, until_day: int) -> float:
    """How likely so many followers are on trials before a day, were they like those comparable.

    By a Poisson variable, whose variance is larger than the one of Mantel and Haenszel's: careful where few follow.
    """
    seen, expected, _ = mantel_haenszel(trials, trials.day < until_day)
    return float(gammainc(seen, expected)) if seen > expected else 1.0


def late(trials: PairTrials, from_day: int) -> Late:
    """Mantel and Haenszel's test over the trials from a day on."""
    seen, expected, variance = mantel_haenszel(trials, trials.day >= from_day)
    return Late(seen, expected, float(1 - ndtr((seen - expected - 0.5) / np.sqrt(variance))) if variance > 0 else 1.0)


def mantel_haenszel(pair_trials: PairTrials, kept: Bools) -> tuple[int, float, float]:
    """Followers at some of the trials, those expected, and the variance of their number."""
    if not kept.any():
        return 0, 0.0, 0.0
    _, stratum = np.unique(pair_trials.stratum[kept], return_inverse=True)
    size, after, bought = int(stratum.max()) + 1, pair_trials.is_after[kept], pair_trials.is_bought[kept]
    trials, exposed, events = (
        np.bincount(stratum, weights, minlength=size) for weights in (None, after.astype(float), bought.astype(float))
    )
    expected = exposed * events / trials
    variance = expected * (1 - exposed / trials) * (trials - events) / np.maximum(trials - 1, 1)
    return int((after & bought).sum()), float(expected.sum()), float(variance.sum())
