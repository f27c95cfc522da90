"""Prices of capacities (Lagrange multipliers), which bound the best value from above and rank customers fairly.

For given prices every customer takes what is worth most to them, price deducted; the dual's value is an upper bound of
the linear program's (Geoffrion 1974). One price at a time has an exact best answer: the value that the last customer
who still fits would lose without it. Many customers make the dual nearly smooth, so that a few rounds do.
"""

from collections.abc import Sequence

import numpy as np

from jobs.activation.arbitration.problem import Flags, Numbers, Places, Problem

ROUNDS = 12
SAMPLE = 60_000  # customers by whom prices are first found
NEVER = -np.inf


def bound(problem: Problem, prices: Sequence[Numbers], starts: Places) -> float:
    """The dual's value at these prices."""
    best = np.maximum.reduceat(problem.reduced(prices), starts)
    paid = sum(
        float((price[price > 0] * caps[price > 0]).sum())
        for price, caps in zip(prices, problem.capacities, strict=True)
    )
    return float(best[best > 0].sum()) + paid


def prices_of(problem: Problem) -> list[Numbers]:
    """Prices that nearly solve the dual: found by some customers, then corrected by all."""
    prices = [np.zeros(len(caps)) for caps in problem.capacities]
    starts = problem.starts
    if len(starts) > 2 * SAMPLE:
        owner = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, problem.count]))
        step = len(starts) // SAMPLE
        some = problem.part(owner % step == 0)
        scaled = tuple(caps * len(some.starts) / len(starts) for caps in problem.capacities)
        few = Problem(some.customer, some.value, some.resources, scaled)
        prices = _rounds(few, prices, ROUNDS)
        return _rounds(problem, prices, 2)
    return _rounds(problem, prices, ROUNDS)


def _rounds(problem: Problem, prices: list[Numbers], rounds: int) -> list[Numbers]:
    starts, best = problem.starts, np.inf
    kept = [price.copy() for price in prices]
    for _ in range(rounds):
        for kind, price in enumerate(prices):
            for number in _of_interest(problem, prices, kind, starts):
                price[number] = _one_price(problem, prices, kind, number, starts)
        value = bound(problem, prices, starts)
        if value < best * (1 - 1e-6):
            best, kept = value, [price.copy() for price in prices]
        else:
            break
    return kept


def _of_interest(problem: Problem, prices: Sequence[Numbers], kind: int, starts: Places) -> Places:
    """Capacities that are passed at these prices, or have a price."""
    net = problem.reduced(prices)
    greatest = np.repeat(np.maximum.reduceat(net, starts), np.diff(np.r_[starts, problem.count]))
    taken: Flags = (net == greatest) & (net > 0)
    used = np.bincount(problem.resources[kind][taken], minlength=len(prices[kind]))
    return np.flatnonzero((used > problem.capacities[kind]) | (prices[kind] > 0))


def _one_price(problem: Problem, prices: Sequence[Numbers], kind: int, number: int, starts: Places) -> float:
    """The best price of one capacity when the others stay: what the first customer who does not fit would gain."""
    capacity = problem.capacities[kind][number]
    inside = problem.resources[kind] == number
    net = problem.reduced(prices)
    net[inside] += prices[kind][number]
    within = np.maximum.reduceat(np.where(inside, net, NEVER), starts)
    without = np.maximum(0.0, np.maximum.reduceat(np.where(inside, NEVER, net), starts))
    gain = (within - without)[within > without]
    room = int(capacity) if np.isfinite(capacity) else len(gain)
    if len(gain) <= room:
        return 0.0
    return float(np.partition(gain, len(gain) - room - 1)[len(gain) - room - 1])
