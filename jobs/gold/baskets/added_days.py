"""A night's new baskets added to the kept counts by day, and what these say about itemsets that nobody counts.

An itemset that is not tracked had fewer baskets than a known bound when all were counted, and in each night since no
more than the night's largest count of an untracked itemset. While the sum of these stays below what a rule needs, the
tracked itemsets are all there are, and a night costs its new baskets. Source: the idea of a bound on what was not
counted is Cheung, Han, Ng and Wong's (ICDE 1996); counting some itemsets below the support, so that the bound lasts,
is ours.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.gold.baskets.basket_counts import weights_of
from jobs.gold.baskets.basket_items import Baskets
from jobs.gold.baskets.day_counts import counts_by_day, tree
from jobs.gold.baskets.itemsets import Bounds, Itemset, TooManyItemsetsError, frequent_itemsets, least_count
from jobs.gold.baskets.kept_days import Kept, day_rows
from jobs.gold.settings.basket_rules import Settings


@dataclass(frozen=True)
class Tracked:
    """One level as it is kept: its days, its itemsets by name, their id, and how many nights were added."""

    kept: Kept
    itemsets: list[list[str]]
    tracked_id: str
    batch_number: int = 0


def added_to(tracked: Tracked, level: str, baskets: Baskets, settings: Settings) -> pa.Table:
    """The new baskets' rows; what an untracked itemset can have of them stands with their newest day."""
    number = {name: i for i, name in enumerate(baskets.names)}
    itemsets: list[Itemset] = [tuple(number[name] for name in names) for names in tracked.itemsets]
    days = list(counts_by_day(tree(itemsets), baskets.basket_of, baskets.item_of, baskets.day_of))
    most = untracked_most(baskets, set(itemsets), settings)
    bounds = {max(day for day, _, _ in days): float(most)} if days else {}
    return day_rows(level, days, bounds, tracked.kept.min_support, tracked.tracked_id, tracked.batch_number + 1)


def untracked_most(baskets: Baskets, tracked: set[Itemset], settings: Settings) -> int:
    """No itemset outside of `tracked` is held by more of these baskets."""
    least = max(2, least_count(settings.min_support, baskets.count))
    longest, most = settings.max_items_per_rule, settings.max_itemsets
    while least <= baskets.count:
        try:
            counts = frequent_itemsets(baskets.basket_of, baskets.item_of, baskets.count, least, Bounds(longest, most))
            return max((n for itemset, n in counts.items() if itemset not in tracked), default=least - 1)
        except TooManyItemsetsError:
            least *= 2
    return min(baskets.count, least - 1)


def still_all(kept: Kept, added: pa.Table, settings: Settings, run_date: date) -> bool:
    """Whether no itemset outside of the tracked ones can have the baskets that a rule needs."""
    added = added.filter(pc.equal(added["first_itemset"], 0))
    days = added["order_date"].combine_chunks().cast(pa.int32()).to_numpy()
    both = Kept(
        np.concatenate([kept.days, days]),
        np.concatenate([kept.basket_counts, added["basket_count"].to_numpy()]),
        np.concatenate([kept.untracked_most, added["untracked_most"].to_numpy()]),
        kept.min_support,
    )
    weights = weights_of(both.days, run_date, settings.half_life_days)
    least = settings.least(both.worth(weights), max(settings.min_support, kept.min_support))
    return both.bound(weights) < least


def kept_of(days: pa.Table) -> Kept:
    """One level's rows of KEPT."""
    return Kept(
        days["order_date"].combine_chunks().cast(pa.int32()).to_numpy(),
        days["basket_count"].to_numpy(),
        days["untracked_most"].to_numpy(),
        max(days["min_support"].to_pylist(), default=0.0),
    )
