"""Which product stands for an item in a customer's list: the one they took last, or the one that most others did."""

import numpy as np
import pyarrow as pa

from jobs.gold.recommending.items import Items
from jobs.gold.recommending.purchases import PACK, SEASON_DAYS, Ints, Purchases


def popular(bought: Purchases) -> Ints:
    """Per item the product that most customers of the last 84 days took last, or of all time where there is none.

    Equal ones go by number. The answer has a product for every item of the catalogue.
    """
    is_recent = bought.counts["days_since"] < SEASON_DAYS
    buyers = np.zeros(len(bought.items.keys), np.int64)
    for rows in (np.flatnonzero(~is_recent), np.flatnonzero(is_recent)):  # the recent ones have the last word
        pairs, takers = np.unique(bought.item[rows] * PACK + bought.product[rows], return_counts=True)
        order = np.lexsort((-pairs, takers))
        buyers[pairs[order] // PACK] = pairs[order] % PACK  # of the same item the last one stays: most takers
    return buyers


def ids(items: Items, products: Ints) -> pa.Array:
    """The product_ids of these numbers."""
    return items.products["product_id"].combine_chunks().take(pa.array(products))
