"""What is asked of the future: orders within a horizon, each discounted or not, as sums over instants ahead.

Orders are expected at a rate that falls with time ahead, and pairs of orders at one that falls too; both times
weights, summed over instants, give mean and variance of the (discounted) number of orders within any horizon.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from jobs.gold.value.newton import Floats

DAYS_OF_A_YEAR = 365
FOREVER_DAYS = 36_500.0  # beyond a hundred years nothing is counted, however little it is discounted
FADED = 25.0  # instants at which an order is worth less than e to minus this are not looked at
NEAR, FAR = 8, 20  # Gauss-Legendre instants of each span: within two years, and beyond


@dataclass(frozen=True)
class Figure:
    """A (discounted) number of orders from now to `horizon_days`, None being for ever."""

    name: str
    horizon_days: float | None
    annual_discount_rate: float = 0.0

    @property
    def daily_rate(self) -> float:
        """Continuous discount per day: 0.1 a year means that an order in a year is worth 1 / 1.1 of one today."""
        return float(np.log1p(self.annual_discount_rate)) / DAYS_OF_A_YEAR

    @property
    def last_day(self) -> float:
        """How far ahead it looks."""
        faded = FADED / self.daily_rate if self.daily_rate > 0 else FOREVER_DAYS
        return min(faded, FOREVER_DAYS) if self.horizon_days is None else float(self.horizon_days)


@dataclass(frozen=True)
class Instants:
    """Days ahead, and for each figure the weights of the rates there: (instants,) and (instants, figures)."""

    days: Floats
    orders: Floats
    pairs: Floats
    squares: Floats


def instants(figures: tuple[Figure, ...]) -> Instants:
    """The instants that these figures share."""
    edges = sorted({0.0, *(figure.last_day for figure in figures)})
    spans = [span(first, last) for first, last in pairwise(edges)]
    days, widths = (np.concatenate([s[part] for s in spans]) for part in (0, 1))
    rates = np.array([figure.daily_rate for figure in figures])
    within = days[:, None] < np.array([figure.last_day for figure in figures])
    worth = np.exp(-days[:, None] * rates) * widths[:, None] * within
    # of two orders the later one is at this instant: the earlier one's worth is summed from now to it
    safe = np.where(rates > 0, rates, 1.0)
    earlier = np.where(rates > 0, -np.expm1(-days[:, None] * safe) / safe, days[:, None])
    return Instants(days, worth, 2 * worth * earlier, worth * np.exp(-days[:, None] * rates))


def span(first: float, last: float) -> tuple[Floats, Floats]:
    """Instants and widths between two days; far ahead they are even in the logarithm of the day."""
    is_far = last > 2 * DAYS_OF_A_YEAR and first > 0
    points, weights = np.polynomial.legendre.leggauss(FAR if last > 2 * DAYS_OF_A_YEAR else NEAR)
    if not is_far:
        return first + (points + 1) / 2 * (last - first), weights / 2 * (last - first)
    width = np.log(last / first)
    days = first * np.exp((points + 1) / 2 * width)
    return days, weights / 2 * width * days
