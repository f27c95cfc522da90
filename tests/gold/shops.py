"""Made shops whose customers buy at rates of their own, more often in season, until they leave; seeds are fixed."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

SMAX = 3.0
BEGAN = date(2005, 1, 1)


@dataclass(frozen=True)
class Shop:
    """A shop seen for `years` before its night, and a year after it.

    Attributes:
        season: gift (Christmas), garden (May) or none.
        opens: day of the year on which its history begins; the shop is `older_by` years old by then.
        growth: of new customers, and `trend` of everybody's rate, a year, as logarithms.
        spread: of customers' mean spend, logarithm; orders spread by 0.6 around it.
    """

    season: str = "none"
    seed: int = 1
    customers: int = 1500
    opens: int = 334
    years: float = 1.02
    older_by: float = 3.0
    growth: float = 0.0
    trend: float = 0.0
    rate: tuple[float, float] = (0.9, 1 / 70)
    leave: tuple[float, float] = (0.5, 4.0)
    spread: float = 0.8

    @property
    def night(self) -> date:
        """The day that closes the history."""
        return BEGAN + timedelta(days=self.start + int(self.years * 365.25))

    @property
    def start(self) -> int:
        """First day of the history."""
        return 5 * 365 + self.opens


def season(kind: str, day: np.ndarray) -> np.ndarray:
    """How much more is bought on each day since BEGAN."""
    of_year = np.asarray(day) % 365.25

    def bump(centre: float, width: float) -> np.ndarray:
        apart = np.abs(of_year - centre)
        return np.exp(-0.5 * (np.minimum(apart, 365 - apart) / width) ** 2)

    if kind == "gift":
        return np.where((of_year > 357) | (of_year < 3), 0.15, 1.0) * (0.75 + 1.3 * bump(318, 32))
    return 0.35 + 1.6 * bump(130, 38) if kind == "garden" else np.ones_like(of_year, float)


def order_days(shop: Shop) -> pd.DataFrame:
    """customer_id, order_date, cents: one row per customer and day of the history and of the year after it."""
    rng = np.random.default_rng(shop.seed)
    first, end = shop.start - int(shop.older_by * 365), shop.start + int((shop.years + 1) * 365.25) + 1
    days = np.arange(first, end)
    arrivals = season(shop.season, days) * np.exp(shop.growth * (days - shop.start) / 365.25)
    born = np.sort(rng.choice(days, int(shop.customers * len(days) / 365), p=arrivals / arrivals.sum()))
    rate = rng.gamma(shop.rate[0], shop.rate[1] / shop.rate[0], len(born))
    leave, level = rng.beta(*shop.leave, len(born)), rng.normal(5.7, shop.spread, len(born))
    who, when = [np.arange(len(born))], [born.astype(float)]
    active, now = who[0], when[0]
    while len(active):
        stays = rng.random(len(active)) > leave[active]
        active, now = active[stays], now[stays]
        bought = np.zeros(len(active), bool)
        while len(active) and not bought.all():
            now = np.where(bought, now, now + rng.exponential(1 / (rate[active] * SMAX)))
            accepted = season(shop.season, now) * np.exp(shop.trend * (now - shop.start) / 365.25)
            bought |= (rng.random(len(active)) * SMAX < accepted) | (now >= end)
        active, now = active[now < end], now[now < end]
        who.append(active)
        when.append(now)
    customer, day = np.concatenate(who), np.floor(np.concatenate(when)).astype(int)
    cents = np.exp(level[customer] + rng.normal(0, 0.6, len(customer))) * 100
    frame = pd.DataFrame({"customer_id": customer, "day": day, "cents": cents.astype("int64") + 1})
    frame = frame[frame.day >= shop.start].groupby(["customer_id", "day"], as_index=False).cents.sum()
    dates = [BEGAN + timedelta(days=int(one)) for one in frame.day]
    return frame.assign(order_date=dates, customer_id="c" + frame.customer_id.astype(str))
