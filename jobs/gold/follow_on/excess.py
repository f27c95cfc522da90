"""How many customers bought B within a window after A, and how many comparable ones would have, for all pairs at once.

Observed and expected are sums over trials, so both are differences of running sums between two trials of a customer:
one sparse product per window gives them for all pairs. Expected figures count the followers of A themselves among the
comparable, and one event's variance as a Poisson variable's: both make the test careful rather than keen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import gammainc
from scipy.stats import false_discovery_control

from jobs.gold.follow_on.first_purchases import NEVER, FirstPurchases
from jobs.gold.follow_on.trials import Trials, trials_of

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Singles = NDArray[np.float32]

CELLS_PER_CHUNK = 1 << 20  # trials x items held at a time: short runs stay in the cache, and their sums exact


@dataclass(frozen=True)
class Excess:
    """observed[w, a, b], expected[w, a, b]: followers within window w; buyers[a]: of A at a time that counts."""

    observed: Floats
    expected: Floats
    buyers: Longs


@dataclass(frozen=True)
class Screened:
    """Per pair (a, b): the index of its best window, and the share of such finds that chance makes."""

    window: Longs
    q_value: Floats


def excess(purchases: FirstPurchases, windows_days: tuple[int, ...], first_counted: int) -> Excess:
    """Observed and expected followers of each pair in each window, from trials of `first_counted` and later.

    The work is customers x items bought x items, the memory CELLS_PER_CHUNK and pairs x windows.
    """
    trials, item_count = trials_of(purchases, first_counted), len(purchases.items)
    hazards = hazards_of(purchases, trials)
    strata, total = trials.strata(), np.zeros((len(windows_days), item_count, 2 * item_count))
    for part in chunks(trials, item_count):
        risk, event = at_risk(purchases, trials, part)
        running = np.zeros((len(risk) + 1, 2 * item_count), dtype=np.float32)
        np.cumsum(event, axis=0, out=running[1:, :item_count])
        np.cumsum(hazards[strata[part]] * risk, axis=0, out=running[1:, item_count:])
        before, *until = selectors(purchases, trials, part, windows_days, first_counted)
        at_first = before @ running
        for window, chosen in enumerate(until):
            total[window] += chosen @ running - at_first
    observed, expected = total[:, :, :item_count], total[:, :, item_count:] * pool_factor(purchases, first_counted)
    buyers = ((purchases.days >= first_counted) & (purchases.days < NEVER)).sum(axis=0)
    return Excess(np.rint(observed), np.maximum(expected, 0.0), buyers)


def chunks(trials: Trials, item_count: int) -> list[slice]:
    """Runs of trials of whole customers, no more cells in one than the bound (or one customer)."""
    most = max(1, CELLS_PER_CHUNK // max(item_count, 1))
    starts = np.flatnonzero(np.diff(trials.row, prepend=-1))
    parts, begin = [], 0
    while begin < len(trials.row):
        fits = starts[np.searchsorted(starts, begin + most, side="right") - 1]
        end = len(trials.row) if begin + most >= len(trials.row) else int(fits)
        if end <= begin:
            later = starts[starts > begin]
            end = int(later[0]) if len(later) else len(trials.row)
        parts.append(slice(begin, end))
        begin = end
    return parts


def at_risk(purchases: FirstPurchases, trials: Trials, part: slice) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Per trial and item: whether the customer had not bought it before, and whether they bought it then."""
    firsts, day = purchases.days[trials.row[part]], trials.day[part, None].astype(np.int32)
    return firsts >= day, firsts == day


def hazards_of(purchases: FirstPurchases, trials: Trials) -> Singles:
    """Per stratum and item: the share of trials at risk at which the item was bought."""
    strata, item_count = trials.strata(), len(purchases.items)
    shape = (int(strata.max(initial=-1)) + 1, item_count)
    risks, events = np.zeros(shape), np.zeros(shape)
    for part in chunks(trials, item_count):
        risk, event = at_risk(purchases, trials, part)
        own = strata[part]
        by_stratum = sparse.csr_array((np.ones(len(own)), (own, np.arange(len(own)))), shape=(shape[0], len(own)))
        risks += by_stratum @ risk.astype(np.float32)
        events += by_stratum @ event.astype(np.float32)
    return (events / np.maximum(risks, 1.0)).astype(np.float32)


def selectors(
    purchases: FirstPurchases, trials: Trials, part: slice, windows_days: tuple[int, ...], first_counted: int
) -> list[sparse.csr_array]:
    """Matrices, items x (trials of the part + 1), that sum a running sum over A's buyers.

    The first takes it as it stands after the day of A, then one for each window as it stands at the window's end.
    """
    rows = trials.row[part]
    low, high = int(rows[0]), int(rows[-1]) + 1
    width = np.int64(purchases.last_day - purchases.first_day + 2)
    keys = rows * width + trials.day[part] - purchases.first_day
    own = purchases.days[low:high]
    buyer, item = np.nonzero((own >= first_counted) & (own < NEVER))
    ends = (buyer + low + 1) * width - 1
    bought = (buyer + low) * width + own[buyer, item] - purchases.first_day
    shape, ones = (len(purchases.items), len(keys) + 1), np.ones(len(item), dtype=np.float32)
    places = [np.searchsorted(keys, np.minimum(bought + days, ends), side="right") for days in (0, *windows_days)]
    return [sparse.csr_array((ones, (item, place)), shape=shape) for place in places]


def pool_factor(purchases: FirstPurchases, first_counted: int) -> Floats:
    """Who has bought A cannot buy it for the first time again: what is left has that much more of each trial."""
    counted = ((purchases.days >= first_counted) & (purchases.days < NEVER)).sum(axis=0)
    correction: Floats = (1.0 / (1.0 - counted / max(counted.sum(), 1) * (len(counted) > 1)).clip(0.05))[None, :, None]
    return correction


def deviance(observed: Floats, expected: Floats) -> Floats:
    """The signed root of the Poisson deviance: how many standard errors more than expected."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_part = np.where(observed > 0, observed * np.log(observed / expected), 0.0)
        size = np.sqrt(np.maximum(2 * (log_part - (observed - expected)), 0.0))
    return np.where(expected > 0, np.sign(observed - expected) * size, 0.0)


def screened(excess: Excess, min_buyers: int) -> Screened:
    """The best window of each pair, paid for by Bonferroni's factor, and q-values over all pairs.

    q by Benjamini and Hochberg (JRSS B 1995) over all pairs that are looked at.

    Args:
        min_buyers: pairs whose A fewer customers bought are not looked at, and get q 1.
    """
    standardised = deviance(excess.observed, excess.expected)
    window = standardised.argmax(axis=0)
    place = (window, *np.indices(window.shape))
    observed, expected = excess.observed[place], excess.expected[place]
    chance = np.where(observed > expected, gammainc(np.maximum(observed, 1.0), expected), 1.0)
    looked_at = (excess.buyers >= min_buyers)[:, None] & ~np.eye(len(window), dtype=bool)
    q_value = np.ones(window.shape)
    if looked_at.any():
        paid = np.minimum(1.0, chance[looked_at] * len(excess.observed))
        q_value[looked_at] = false_discovery_control(paid, method="bh")
    return Screened(window, q_value)
