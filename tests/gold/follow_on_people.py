"""Generated first purchases, with a planted rule where asked.

Customers come rarely or daily, buy little or much, join late, leave early, and have tastes of their own, so that heavy
buyers have everything and light ones little.
"""

import numpy as np

from jobs.gold.follow_on.first_purchases import NEVER, FirstPurchases

DAYS = 365
FIRST_DAY = 17_000


def independent(rng: np.random.Generator, customer_count: int, item_count: int) -> FirstPurchases:
    """No item follows from another. Baskets vary by customer, day and season; popularity by item, taste by both."""
    visits = rng.random((customer_count, DAYS)) < rng.gamma(0.7, 0.25, (customer_count, 1)).clip(0.005, 0.9)
    size = rng.gamma(1.0, 1.0, (customer_count, 1)) * rng.gamma(2.0, 0.5, (customer_count, DAYS))
    day = np.arange(DAYS)
    join = np.where(rng.random(customer_count) < 0.6, 0, rng.integers(0, DAYS, customer_count))
    leave = np.where(rng.random(customer_count) < 0.7, DAYS, rng.integers(0, DAYS, customer_count))
    here = (day >= join[:, None]) & (day < leave[:, None])
    moved = np.where(day > rng.integers(0, 2 * DAYS, (customer_count, 1)), 4.0, 1.0)  # the whole shopping moves here
    bought = visits * here * size * moved * (1 + 0.5 * np.sin(day / DAYS * 6 * np.pi))
    popularity = np.sort(rng.gamma(0.6, 0.06, item_count) + 0.002)
    taste = rng.gamma(1.0, 1.0, (customer_count, item_count))
    needed = rng.exponential(1.0, (customer_count, item_count)) / (popularity * taste)
    return FirstPurchases(
        [f"i{number:03}" for number in range(item_count)], _first_days(bought, needed), FIRST_DAY, FIRST_DAY + DAYS - 1
    )


def _first_days(bought: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """The day on which a customer's purchases so far reach what an item needs."""
    total = np.cumsum(bought, axis=1)
    step = total.max() + 1
    places = np.searchsorted(
        (total + step * np.arange(len(total))[:, None]).ravel(),
        (np.minimum(needed, step - 0.5) + step * np.arange(len(total))[:, None]).ravel(),
    ).reshape(needed.shape)
    day = places - DAYS * np.arange(len(total))[:, None]
    return np.where(day < DAYS, day + FIRST_DAY, NEVER).astype(np.int32)


def of_few_who_have_everything(rng: np.random.Generator, customer_count: int, item_count: int) -> FirstPurchases:
    """No item follows from another. A tenth come every other day for full baskets, the others seldom for little."""
    is_heavy = rng.random(customer_count) < 0.1
    popularity = np.sort(rng.gamma(0.6, 0.06, item_count) + 0.003)
    visits = np.where(is_heavy, 0.5, 0.05)
    return day_by_day(rng, visits, np.where(is_heavy, 12.0, 0.5), np.tile(popularity, (DAYS, 1)))


def of_launches(rng: np.random.Generator, customer_count: int, item_count: int) -> FirstPurchases:
    """No item follows from another.

    Two of three items come out during the year, several on the same day, and sell five times as well for forty days.
    """
    popularity = np.tile(np.sort(rng.gamma(0.6, 0.06, item_count) + 0.003), (DAYS, 1))
    for item in range(0, item_count, 3):
        out = 100 + 20 * (item % 5)
        popularity[:out, item : item + 2] = 0.0
        popularity[out : out + 40, item : item + 2] *= 5.0
    visits = rng.gamma(0.8, 0.12, customer_count).clip(0.01, 0.9)
    return day_by_day(rng, visits, rng.gamma(1.0, 1.0, customer_count), popularity)


def day_by_day(
    rng: np.random.Generator, visits: np.ndarray, basket: np.ndarray, popularity: np.ndarray
) -> FirstPurchases:
    """First purchases of customers who come with a chance per day and take each item by its popularity that day."""
    first = np.full((len(visits), popularity.shape[1]), NEVER, dtype=np.int64)
    for day in range(DAYS):
        here = np.flatnonzero(rng.random(len(visits)) < visits)
        rate = basket[here, None] * popularity[day]
        is_bought = rng.random(rate.shape) < 1 - np.exp(-rate)
        first[here] = np.where(is_bought, np.minimum(first[here], day + FIRST_DAY), first[here])
    names = [f"i{number:03}" for number in range(popularity.shape[1])]
    return FirstPurchases(names, first.astype(np.int32), FIRST_DAY, FIRST_DAY + DAYS - 1)


def planted(
    rng: np.random.Generator, people: FirstPurchases, antecedent: int, consequent: int, share: float, within_days: int
) -> FirstPurchases:
    """Plant a rule: this share buys the consequent on an even day within so many, the others not within them.

    Of those who have the antecedent and not yet the consequent; in truth, whatever is seen of it.
    """
    days = people.days.astype(np.int64)
    first, then = days[:, antecedent], days[:, consequent]
    can = (first < NEVER) & (then > first)
    follows = can & (rng.random(len(days)) < share)
    waits = can & ~follows & (then <= first + within_days)
    then = np.where(follows, first + rng.integers(1, within_days + 1, len(days)), np.where(waits, NEVER, then))
    days[:, consequent] = np.where(then > people.last_day, NEVER, then)
    return FirstPurchases(people.items, days.astype(np.int32), people.first_day, people.last_day)
