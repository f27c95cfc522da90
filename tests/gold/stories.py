"""Customers who live a model's story, played order by order."""

import numpy as np

from jobs.gold.value.newton import Floats

SEEN, AFTER = 300.0, 200.0


def played(model: str, customers: int, seed: int) -> Floats:
    """Rows of frequency, t_x and t after 300 days, orders of the 200 days after, and the time of the last of all."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(0.7, 1 / 12.0, customers)
    chance = rng.beta(0.8, 2.5, customers) if model != "pareto_nbd" else np.zeros(customers)
    end = rng.exponential(1, customers) / rng.gamma(0.6, 1 / 60.0, customers) if model == "pareto_nbd" else np.inf
    there = rng.random(customers) > chance if model == "mbg_nbd" else np.ones(customers, bool)
    now = np.zeros(customers)
    seen, more, last_seen, last = np.zeros(customers), np.zeros(customers), np.zeros(customers), np.zeros(customers)
    while there.any():
        now += rng.exponential(1, customers) / rate
        there &= (now < SEEN + AFTER) & (now < end)
        early = there & (now <= SEEN)
        seen += early
        more += there & ~early
        last_seen[early] = now[early]
        last[there] = now[there]
        there &= rng.random(customers) > chance
    last_seen, last = np.floor(last_seen), np.floor(last)
    return np.stack([seen, last_seen, np.full(customers, SEEN), more, last], axis=1)
