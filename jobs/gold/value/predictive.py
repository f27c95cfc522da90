"""How far off a forecast may be: the range of orders and of spend that holds a given share of outcomes.

The number of orders is 0 for who has left, else a negative binomial with the mean and variance of the forecast, the
variance widened by what is not known of the parameters and by `drift`: how much customers' rates change from one
season to the next, which no model that takes them as constant can know, and which calibration learns. Spend, where
there is an order, is a Gamma with the mean and variance of that many orders at the customer's spend per order.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaincinv, gammaln, xlogy

from jobs.gold.value.forecast import Forecast
from jobs.gold.value.newton import Floats

MANY = 500.0  # from this mean on the steps between whole orders do not matter
EVEN = 1e-9  # least squared spread: a Poisson is a negative binomial with hardly any


@dataclass(frozen=True)
class Outcome:
    """The distribution of a number of orders, one entry a group; `spread` is the squared spread beyond a Poisson's."""

    alive: Floats
    mean: Floats
    spread: Floats

    def none(self) -> Floats:
        """Chance of no order."""
        return 1.0 - self.alive * (1.0 - np.exp(-np.log1p(self.mean * self.spread) / self.spread))

    def log_likelihood(self, orders: Floats) -> float:
        """Of these numbers of orders; without what does not depend on the distribution."""
        size, share = 1.0 / self.spread, self.mean * self.spread / (1.0 + self.mean * self.spread)
        some = np.log(np.maximum(self.alive, 1e-300)) + gammaln(size + orders) - gammaln(size)
        some += xlogy(orders, share) - size * np.log1p(self.mean * self.spread)
        return float(np.sum(np.where(orders > 0, some, np.log(np.maximum(self.none(), 1e-300)))))

    def drifting(self, drift: float) -> "Outcome":
        """The same with rates that change."""
        return replace(self, spread=self.spread + drift)


def outcome(seen: Forecast, figure: int, multiplier: Floats | float = 1.0) -> Outcome:
    """The distribution of one figure of a forecast; `pull` multiplies the mean."""
    mean, variance, log_spread = (part[:, figure] for part in (seen.mean, seen.variance, seen.log_spread))
    safe = np.maximum(mean, 1e-300)
    return Outcome(seen.alive, mean * multiplier, np.maximum((variance - mean) / safe**2, EVEN) + log_spread)


@dataclass(frozen=True)
class Range:
    """Ends of a range, both inside it, and the chance that it holds what will happen."""

    low: Floats
    high: Floats
    holds: Floats


def orders_range(level: float, of: Outcome) -> Range:
    """The range of whole orders whose chance comes nearest to `level`, with no more than half of the rest below it.

    Whole ends rarely hold `level` exactly: some ranges hold more, others less, and over many customers that evens
    out. Where nothing lies below, as for who may well not order, the upper end alone leaves the rest out; who orders
    nothing with more than that chance has the range of nothing, which holds more than asked whatever its ends.
    """
    low, below, upto = orders_at(np.full(len(of.mean), (1 - level) / 2), of)
    wanted = np.minimum(below + level, 1 - 1e-9)
    high, fewer, upto = orders_at(wanted, of)
    one_less = (wanted - fewer < upto - wanted) & (high > low)
    return Range(low, high - one_less, np.where(one_less, fewer, upto) - below)


def orders_at(level: Floats, of: Outcome) -> tuple[Floats, Floats, Floats]:
    """The smallest number of orders that is not exceeded with chance `level`, the chance of fewer, and of up to it."""
    wanted = 1.0 - (1.0 - level) / np.maximum(of.alive, 1e-300)  # among those who still buy
    orders, fewer, upto = np.zeros(len(of.mean)), np.zeros(len(of.mean)), of.none()
    many = (of.mean > MANY) & (wanted > 0)
    shape = 1.0 / (of.spread[many] + 1.0 / of.mean[many])
    orders[many] = np.floor(gammaincinv(shape, wanted[many]) / shape * of.mean[many])
    fewer[many] = upto[many] = level[many]
    open_ones = np.flatnonzero((wanted > 0) & ~many)
    mean, spread, wanted = of.mean[open_ones], of.spread[open_ones], wanted[open_ones]
    share, size = mean * spread / (1.0 + mean * spread), 1.0 / spread
    chance = np.exp(-np.log1p(mean * spread) * size)
    below, count = chance.copy(), 0
    while len(open_ones) and count < 20 * MANY:
        stays = below < wanted
        ends = open_ones[~stays]
        orders[ends] = count
        if count:  # none at all is also what those have who left
            upto[ends] = 1.0 - of.alive[ends] * (1.0 - below[~stays])
            fewer[ends] = upto[ends] - of.alive[ends] * chance[~stays]
        open_ones, wanted, share, size = open_ones[stays], wanted[stays], share[stays], size[stays]
        chance = chance[stays] * share * (size + count) / (count + 1)
        below = below[stays] + chance
        count += 1
    return orders, fewer, upto


def spend_range(level: float, of: Outcome, spend_spread: Floats, order_spread: float) -> Range:
    """The range of spend that holds `level` of outcomes, as multiples of the customer's expected spend per order.

    Args:
        spend_spread: squared relative spread of what is not known of the customer's mean spend per order.
        order_spread: squared relative spread of one order around that mean.
    """
    none = of.none()
    some = np.maximum(1.0 - none, 1e-12)
    mean = of.alive * of.mean / some  # orders of those who order at all
    square = of.alive * (of.mean + of.mean**2 * (1.0 + of.spread)) / some
    relative = (square + mean * order_spread) * (1.0 + spend_spread) / np.maximum(mean, 1e-300) ** 2 - 1.0
    shape = 1.0 / np.maximum(relative, EVEN)
    below = np.where(none >= (1 - level) / 2, 0.0, (1 - level) / 2)

    def at(wanted: Floats) -> Floats:
        quantile, ordering = np.zeros(len(mean)), (wanted > none) & (of.mean > 0)
        share = ((wanted - none) / some)[ordering]
        quantile[ordering] = mean[ordering] * gammaincinv(shape[ordering], share) / shape[ordering]
        return quantile

    return Range(at(below), at(below + level), np.maximum(level, none))
