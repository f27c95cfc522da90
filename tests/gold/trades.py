"""Made-up companies of trades that no threshold in days fits alike: who ordered on which day."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

FIRST = date(2024, 3, 1)
Lives = Iterator[tuple[str, int]]  # customer, days after FIRST


def bought(lives: Lives, days: int) -> pa.Table:
    """customer, day: what happened in the first days of a company."""
    rows = sorted({(name, at) for name, at in lives if 0 <= at < days})
    return pa.table(
        {
            "customer": pa.array([name for name, _ in rows], pa.string()),
            "day": pa.array([FIRST + timedelta(days=at) for _, at in rows], pa.date32()),
        }
    )


def regulars(customers: int, gap_days: float, shape: float, days: int, leaving: float, seed: int = 1) -> Lives:
    """Customers who come after gamma gaps until they leave, each order being the last one with a chance."""
    rng = np.random.default_rng(seed)
    for n in range(customers):
        own, at = gap_days * rng.gamma(6, 1 / 6), float(rng.uniform(0, min(days, 3 * gap_days)))
        while at < days:
            yield f"c{n}", int(at)
            if rng.random() < leaving:
                break
            at += max(1.0, rng.gamma(shape, own / shape))


def wholesaler(days: int = 1500) -> Lives:
    """Orders every 154 days."""
    return regulars(500, 154, 9, days, leaving=0.08)


def coffee_bar(days: int = 150) -> Lives:
    """Comes every day or every other one."""
    return regulars(600, 1.5, 2, days, leaving=0.01)


def furniture_shop(days: int = 700, again: float = 0.01) -> Lives:
    """Nearly everybody buys once."""
    rng = np.random.default_rng(2)
    for n in range(3000):
        first = int(rng.integers(0, days))
        yield f"c{n}", first
        if rng.random() < again:
            yield f"c{n}", first + int(rng.integers(30, 400))


def garden_shop(days: int = 1500) -> Lives:
    """Open from March to July: a few visits in a season, and next year again or not."""
    rng = np.random.default_rng(3)
    for n in range(800):
        season = int(rng.integers(0, 3))
        while 365 * season < days:
            for visit in rng.integers(0, 140, 1 + rng.poisson(2)):
                yield f"c{n}", 365 * season + int(visit)
            if rng.random() < 0.35:
                break
            season += 1


TRADES: dict[str, tuple[Callable[[], Lives], int, int]] = {  # lives, as of which day, how far the lives go
    "wholesaler": (wholesaler, 1100, 1500),
    "coffee_bar": (coffee_bar, 100, 150),
    "garden_shop": (garden_shop, 365 * 3 - 60, 1500),
}
