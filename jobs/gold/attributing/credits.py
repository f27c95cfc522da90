"""What each model credits to each channel: whole cents that add up to the sales that they share out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.gold.attributing.markov import removal_effects
from jobs.gold.attributing.paths import Floats, Ints, Paths
from jobs.gold.attributing.rules import credits_by_rule
from jobs.gold.attributing.shapley import shapley_values
from jobs.gold.settings.attribution import Settings


def credits_of(paths: Paths, settings: Settings) -> dict[str, Ints]:
    """Model -> cents of each channel; for each model they add up to the cents of all paths."""
    total = int(paths.cents.sum())
    amounts: dict[str, Floats] = credits_by_rule(paths, settings.position_ends, settings.half_life_days)
    made = {model: rounded(amount, total) for model, amount in amounts.items()}
    made |= {f"markov_{order}": whole_cents(removal_effects(paths, order), total) for order in (1, 2, 3)}
    values = shapley_values(paths, settings.shapley_exact_up_to, settings.shapley_samples)
    return made | {"shapley": rounded(values * len(paths.starts), total)}


def rounded(amounts: Floats, total: int) -> Ints:
    """Whole numbers for amounts that add up to the total, as they do: the largest remainders are rounded up."""
    if not len(amounts):
        return np.zeros(0, np.int64)
    cents = np.floor(amounts).astype(np.int64)
    each, left = divmod(total - int(cents.sum()), len(amounts))  # each: what floating numbers lose of large amounts
    order = np.lexsort((np.arange(len(amounts)), -(amounts - cents)))
    cents[order[:left]] += 1
    return cents + each


def whole_cents(shares: Floats, total: int) -> Ints:
    """Whole numbers in proportion to shares that add up to the total, as `rounded`.

    Where no share says anything, all count alike.
    """
    if not len(shares) or not total:
        return np.zeros(len(shares), np.int64)
    whole = float(shares.sum())
    part = (
        shares / whole
        if abs(whole) > 1e-12 * np.abs(shares).max(initial=0) > 0
        else np.full(len(shares), 1 / len(shares))
    )
    return rounded(part * total, total)


FLAGS_UP_TO = 2**29  # customers times channels that are flagged; more are sorted


@dataclass(frozen=True)
class Reach:
    """Of each channel: touches, different customers that it touched, and those who ordered within the window."""

    touches: Ints
    customers: Ints
    converted: Ints


def reach(numbers: Mapping[str, Ints], window_days: int, channels: int) -> Reach:
    """Whom the channels reached.

    Args:
        numbers: number (customer), channel, day and segment (day of the next order, below 0 for none) of each touch.
    """
    converts = (numbers["segment"] >= 0) & (numbers["segment"] - numbers["day"] <= window_days)

    def customers(some: NDArray[np.bool_]) -> Ints:
        pairs = numbers["number"][some] * channels + numbers["channel"][some]
        if len(pairs) and pairs.max() < FLAGS_UP_TO:
            flags = np.zeros(int(pairs.max()) // channels * channels + channels, bool)
            flags[pairs] = True
            counts: Ints = flags.reshape(-1, channels).sum(axis=0).astype(np.int64)
            return counts
        return np.bincount(np.unique(pairs) % channels, minlength=channels).astype(np.int64)

    touches = np.bincount(numbers["channel"], minlength=channels)
    return Reach(touches, customers(np.ones(len(converts), bool)), customers(converts))
