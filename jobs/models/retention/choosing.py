"""Who gets which action: the most expected value that a budget and each action's capacity allow.

A price of money is found at which the budget is just spent; each customer takes the action that is worth most at that
price. Those who are held out are chosen by the same rule, at the same place in the order, and cost nothing: so that
they are like those who are acted on.
Source: the Lagrangian relaxation of the multiple-choice knapsack; Kellerer, Pferschy and Pisinger (2004), chapter 11.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
HALVINGS = 60


@dataclass(frozen=True)
class Limits:
    """What may be spent, and how many customers each action takes tonight (infinite: any number)."""

    budget: float
    capacities: Floats


def choose(value: Floats, costs: Floats, is_held_out: Flags, limits: Limits) -> Ints:
    """The action's place per customer, -1 for none.

    Args:
        value: customers x actions, what the action is expected to bring, its cost taken off; NaN where it is not for
            the customer.
        costs: of each action.
        is_held_out: per customer.
    """
    worth = np.where(np.nan_to_num(value, nan=0.0) > 0, value, -np.inf)
    if not worth.size:
        return np.full(len(value), -1, dtype=np.int64)
    price = price_of_money(worth[~is_held_out], costs, limits.budget)
    return _in_order(worth, worth - price * costs, costs, is_held_out, limits)


def price_of_money(worth: Floats, costs: Floats, budget: float) -> float:
    """What a unit of money must bring, over itself, so that the budget suffices; 0 where it does for all."""

    def spent(price: float) -> float:
        net = worth - price * costs
        best = net.argmax(axis=1)
        return float(costs[best][net[np.arange(len(net)), best] > 0].sum())

    if not len(worth) or spent(0.0) <= budget:
        return 0.0
    low, high = 0.0, float(np.max(worth) / max(costs[costs > 0].min(initial=np.inf), 1e-9)) + 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if spent(middle) > budget else (low, middle)
    return high


def _in_order(worth: Floats, net: Floats, costs: Floats, is_held_out: Flags, limits: Limits) -> Ints:
    """Pairs from the worthiest down, while there is money and room; ties by the customer's place."""
    chosen = np.full(len(worth), -1, dtype=np.int64)
    customers, actions = np.nonzero(np.isfinite(worth))
    order = np.argsort(-net[customers, actions], kind="stable")
    left, room, cheapest = limits.budget, limits.capacities.copy(), float(costs.min())
    for customer, action in zip(customers[order], actions[order], strict=True):
        if left < cheapest:
            break
        if chosen[customer] >= 0 or costs[action] > left or room[action] < 1:
            continue
        chosen[customer] = action
        if not is_held_out[customer]:
            left, room[action] = left - costs[action], room[action] - 1
    return chosen
