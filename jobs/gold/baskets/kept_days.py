"""The counts by day and the itemsets they are of, as rows of gold.basket_days and gold.basket_itemsets."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from jobs.gold.baskets.basket_counts import Counted, Day, day_number
from jobs.gold.baskets.bit_rows import Floats, Ints
from jobs.gold.baskets.day_counts import Counts
from jobs.gold.settings.basket_rules import Settings

PART = 64  # counts in one row: the checks of a publish are made for short lists
ITEMSETS = pa.schema(
    {
        "level": pa.string(),
        "itemset_number": pa.int32(),
        "itemset": pa.list_(pa.string()),
    }
)
DAYS = pa.schema(
    {
        "level": pa.string(),
        "order_date": pa.date32(),
        "batch_number": pa.int32(),
        "first_itemset": pa.int32(),
        "basket_count": pa.int64(),
        "itemset_counts": pa.list_(pa.int64()),
        "untracked_most": pa.float64(),
        "min_support": pa.float64(),
        "tracked_id": pa.string(),
    }
)


@dataclass(frozen=True)
class Kept:
    """One level's days with the baskets of each, and what is known of it; counts: days x itemsets, where asked for."""

    days: Ints
    basket_counts: Ints
    untracked_most: Floats
    min_support: float
    counts: Counts | None = None

    def worth(self, weights: Floats) -> float:
        """What all baskets are worth."""
        return float(weights @ self.basket_counts)

    def bound(self, weights: Floats) -> float:
        """What the baskets of an untracked itemset are worth at most."""
        return float(weights @ self.untracked_most)


def tracked_id(level: str, itemsets: Sequence[Sequence[str]]) -> str:
    """A hash of the itemsets in their order: counts of one list are of no use with another."""
    return hashlib.sha256(json.dumps([level, itemsets], ensure_ascii=False).encode()).hexdigest()[:16]


def itemset_rows(level: str, counted: Counted) -> pa.Table:
    """The tracked itemsets by name."""
    named = [[counted.names[item] for item in itemset] for itemset in counted.itemsets]
    columns = [
        pa.array([level] * len(named), pa.string()),
        pa.array(range(len(named)), pa.int32()),
        pa.array(named, pa.list_(pa.string())),
    ]
    return pa.table(columns, schema=ITEMSETS)


def first_rows(level: str, counted: Counted, settings: Settings, run_date: date) -> pa.Table:
    """The days of a count of all baskets. The bound is the night's own, even one without a basket."""
    known = tracked_id(level, [[counted.names[item] for item in itemset] for itemset in counted.itemsets])
    bound = counted.least if settings.half_life_days else max(0.0, counted.least - 1)
    nothing = np.zeros(len(counted.itemsets), dtype=np.int64)
    by_day = {day: (day, n, counts) for day, n, counts in counted.days}
    tonight = day_number(run_date)
    by_day.setdefault(tonight, (tonight, 0, nothing))
    days = [by_day[day] for day in sorted(by_day)]
    return day_rows(level, days, {tonight: bound}, counted.min_support, known, 0)


def day_rows(
    level: str, days: Sequence[Day], bounds: dict[int, float], min_support: float, known: str, batch: int
) -> pa.Table:
    """The counts of days, PART itemsets a row; batch: 0 for a count of all, 1 for the next night's."""
    size = max([1, *(len(counts) for _, _, counts in days)])
    firsts = np.arange(0, size, PART, dtype=np.int32)
    times = len(firsts)
    lists = [counts[first : first + PART] for _, _, counts in days for first in firsts]
    offsets = np.cumsum([0, *map(len, lists)], dtype=np.int32)
    values = np.concatenate(lists) if lists else np.zeros(0, dtype=np.int64)
    of_days = {
        "order_date": pa.array([day for day, _, _ in days], pa.int32()).cast(pa.date32()),
        "basket_count": pa.array([count for _, count, _ in days], pa.int64()),
        "untracked_most": pa.array([bounds.get(day, 0.0) for day, _, _ in days], pa.float64()),
    }
    each = pa.array(np.repeat(np.arange(len(days)), times))
    same = {"level": level, "batch_number": batch, "min_support": min_support, "tracked_id": known}
    columns = {
        **{name: values.take(each) for name, values in of_days.items()},
        **{name: pa.array([value] * len(lists), DAYS.field(name).type) for name, value in same.items()},
        "first_itemset": pa.array(np.tile(firsts, len(days)), pa.int32()),
        "itemset_counts": pa.ListArray.from_arrays(pa.array(offsets), pa.array(values, pa.int64())),
    }
    return pa.table([columns[name] for name in DAYS.names], schema=DAYS)
