"""Small histories for the tests of recommendations."""

from datetime import date

import numpy as np
import pyarrow as pa

from jobs.gold.recommending.items import Items
from jobs.gold.recommending.purchases import COUNTS, Purchases
from jobs.gold.settings.recommendations import Settings
from lakehouse.config.layers import Conf

AS_OF = date(2026, 6, 30)


def settings() -> Settings:
    """The packaged ones."""
    return Conf().settings("recommendations", Settings)


def items_of(*keys: str) -> Items:
    """Items named "CATEGORY / NAME"; the department is the category's first letter."""
    categories, names = [key.split(" / ")[0] for key in keys], [key.split(" / ")[-1] for key in keys]
    products = pa.table(
        {"product_id": [f"p{n}" for n in range(len(keys))], "item": pa.array(range(len(keys)), pa.int32())}
    )
    return Items("product_type", list(keys), names, categories, [category[0] for category in categories], products)


def purchases_of(items: Items, **bought: dict[int, tuple[int, int, int]]) -> Purchases:
    """customer={item number: (order days, days since the last, days since the first)}."""
    rows = [(c, i, *own) for c, pairs in enumerate(bought.values()) for i, own in sorted(pairs.items())]
    customer, item, day_count, since, age = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    recent = (since < 28) * np.maximum(1, day_count // 2)
    counts = dict(zip(COUNTS, (day_count, (since < 7) * 1, recent, recent, since, age), strict=True))
    nothing = np.empty(0, np.int64)
    return Purchases(
        AS_OF,
        list(bought),
        items,
        np.arange(len(items.keys)),
        customer,
        item,
        {name: values.astype(float) for name, values in counts.items()},
        item,
        nothing,
        nothing,
    )


def crowd(customers: int, items: int, seed: int) -> Purchases:
    """Two tastes: customers of even number buy the first half of the items, the others the second."""
    random = np.random.default_rng(seed)
    half = items // 2
    bought = {
        f"c{n:03}": {
            int(i) + half * (n % 2): (int(random.integers(1, 9)), int(random.integers(0, 40)), 60)
            for i in random.choice(half, half // 2, replace=False)
        }
        for n in range(customers)
    }
    return purchases_of(items_of(*(f"{chr(65 + n % 26)}{n} / item {n}" for n in range(items))), **bought)
