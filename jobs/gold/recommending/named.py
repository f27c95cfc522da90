"""Items that other tables name for a customer: the basket rules' offers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.gold.recommending.items import Items, begins_a_word, quiet
from jobs.gold.recommending.purchases import Ints, Purchases
from jobs.gold.recommending.settings import Catalogue
from jobs.lake import Lake

BETWEEN = "\x1f"  # between the items of an antecedent; in no name


@dataclass(frozen=True)
class Named:
    """Customer and item by number, each pair once, in order of both, and the words that a reason may use."""

    customer: Ints
    item: Ints
    cause: pa.Array

    def of(self, first: int, last: int) -> "Named":
        """The same of some customers, numbered from 0."""
        start, end = np.searchsorted(self.customer, [first, last])
        return Named(self.customer[start:end] - first, self.item[start:end], self.cause[start:end])

    def places(self, customer: Ints, item: Ints, item_count: int) -> Ints:
        """Where these pairs stand here, -1 for those that do not."""
        own, sought = self.customer * item_count + self.item, customer * item_count + item
        place = np.minimum(np.searchsorted(own, sought), max(0, len(own) - 1))
        return np.where(own[place] == sought, place, -1) if len(own) else np.full(len(sought), -1)


NONE = Named(np.empty(0, np.int64), np.empty(0, np.int64), pa.array([], pa.string()))


def cross_sold_sql(wanted: Catalogue) -> str:
    """customer_id, item (number), cause of the offers in {cross_sell} whose rule speaks of nothing forbidden."""
    cause = f"array_join(s.antecedent, '{BETWEEN}')"
    return f"""
    SELECT customer_id, item, cause FROM (
        SELECT s.customer_id, p.item, {cause} AS cause,
               row_number() OVER (PARTITION BY s.customer_id, p.item ORDER BY s.rank) AS nth
        FROM {{cross_sell}} s JOIN {{products}} p ON s.product_id = p.product_id
        WHERE NOT {begins_a_word(f"lower({cause})", wanted.forbidden_words)}) offers
    WHERE nth = 1"""


def cross_sold(lake: Lake, known_items: Items, bought: Purchases, wanted: Catalogue) -> Named:
    """The offers of gold.cross_sell to these customers, for items of the catalogue."""
    tables = {"cross_sell": "gold.cross_sell", "products": known_items.products}
    return numbered(lake.fetch(cross_sold_sql(wanted), tables), known_items, bought, wanted.spoken_names)


def numbered(offers: pa.Table, known_items: Items, bought: Purchases, spoken: dict[str, str]) -> Named:
    """Offers by number; of customers and items that are not known here nothing is said."""
    keys = pa.array(known_items.keys, pa.string()).take(offers["item"].combine_chunks())
    customer = pc.index_in(offers["customer_id"], value_set=pa.array(bought.customers, pa.string()))
    item = pc.index_in(keys, value_set=pa.array(bought.items.keys, pa.string()))
    rows = np.flatnonzero(pc.and_(pc.is_valid(customer), pc.is_valid(item)).to_numpy(zero_copy_only=False))
    if not len(rows):
        return NONE
    customers = np.asarray(customer.combine_chunks().take(pa.array(rows))).astype(np.int64)
    numbers = np.asarray(item.take(pa.array(rows))).astype(np.int64)
    order = np.lexsort((numbers, customers))
    causes = pc.dictionary_encode(offers["cause"].combine_chunks().take(pa.array(rows[order])))
    words = [in_words(cause, spoken) for cause in causes.dictionary.to_pylist()]  # no more than there are rules
    return Named(customers[order], numbers[order], pa.array(words, pa.string()).take(causes.indices))


def in_words(cause: str, spoken: dict[str, str]) -> str:
    """An antecedent as one says it: "milk, eggs and cheese"."""
    *firsts, last = (spoken.get(name) or quiet(name) for name in cause.split(BETWEEN))
    return f"{', '.join(firsts)} and {last}" if firsts else last
