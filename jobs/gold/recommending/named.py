"""Items that other tables name for a customer: the basket rules' offers, and what follows on an earlier purchase."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.gold.product_levels.levels import PRODUCT_LEVEL
from jobs.gold.recommending.items import Items, begins_a_word, normalised
from jobs.gold.recommending.purchases import Floats, Ints, Purchases
from jobs.gold.settings.recommendations import Catalogue
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query, Table

BETWEEN = "\x1f"  # between the items of an antecedent; in no name
NOTHING_DUE = pa.table({name: pa.array([], pa.string()) for name in ("customer_id", "item", "cause")})


@dataclass(frozen=True)
class Named:
    """Customer and item by number, each pair once, in order of both, and the words that a reason may use."""

    customer: Ints
    item: Ints
    cause: pa.Array
    is_follow_on: NDArray[np.bool_]

    def of(self, first: int, last: int) -> "Named":
        """The same of some customers, numbered from 0."""
        start, end = np.searchsorted(self.customer, [first, last])
        part = slice(start, end)
        return Named(self.customer[part] - first, self.item[part], self.cause[part], self.is_follow_on[part])

    def places(self, customer: Ints, item: Ints, item_count: int) -> Ints:
        """Where these pairs stand here, -1 for those that do not."""
        own, sought = self.customer * item_count + self.item, customer * item_count + item
        place = np.minimum(np.searchsorted(own, sought), max(0, len(own) - 1))
        return np.where(own[place] == sought, place, -1) if len(own) else np.full(len(sought), -1)


NONE = Named(np.empty(0, np.int64), np.empty(0, np.int64), pa.array([], pa.string()), np.empty(0, bool))


def cross_sold_query(wanted: Catalogue, products: Table) -> Query:
    """The offers of basket rules, by number of item.

    Args:
        products: those of Items.
    """
    tables: dict[str, Table] = {"cross_sell": "gold.cross_sell", "products": products}
    return Query(cross_sold_sql(wanted), tables, answers="customer_id STRING, item INT, cause STRING")


def follow_on_query(wanted: Catalogue, as_of: date) -> Query:
    """What is due by a rule that may be said."""
    tables = {"due_now": "gold.due_now", "rules": "gold.follow_on_rules"}
    columns = "customer_id STRING, item_level STRING, item STRING, cause STRING"
    return Query(follow_on_sql(wanted, as_of), tables, answers=columns)


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


def follow_on_sql(wanted: Catalogue, as_of: date) -> str:
    """customer_id, item_level, item (by name), cause of what is due by a rule of {follow_on_rules} that may be said."""
    return f"""
    SELECT customer_id, item_level, item, cause FROM (
        SELECT d.customer_id, d.item_level, d.item, r.antecedent AS cause,
               row_number() OVER (PARTITION BY d.customer_id, d.item ORDER BY d.probability DESC, d.rule_id) AS nth
        FROM {{due_now}} d JOIN {{rules}} r ON d.rule_id = r.rule_id
        WHERE d.kind = 'follow_on' AND DATE '{as_of}' BETWEEN d.due_from AND d.due_to
          AND NOT {begins_a_word("lower(r.antecedent)", wanted.forbidden_words)}) due
    WHERE nth = 1"""


def named(lake: Lake, known_items: Items, bought: Purchases, adoption_rate: Floats, wanted: Catalogue) -> Named:
    """What gold.cross_sell and gold.due_now name for these customers, of the catalogue; the latter has the last word.

    Args:
        adoption_rate: per item of the catalogue; of a category that is due, the item that others take up most stands.
    """
    offers = lake.fetch(cross_sold_query(wanted, known_items.products))
    keys = pa.array(known_items.keys, pa.string()).take(offers["item"].combine_chunks())
    due = lake.fetch(follow_on_query(wanted, bought.as_of))
    sold = pa.table({"customer_id": offers["customer_id"], "item": keys, "cause": offers["cause"]})
    return numbered(sold, representative(due, known_items, bought, adoption_rate), bought, wanted.spoken_names)


def representative(due: pa.Table, known_items: Items, bought: Purchases, adoption_rate: Floats) -> pa.Table:
    """customer_id, item (key), cause of what is due, at the catalogue's level."""
    if not len(due):
        return NOTHING_DUE  # Spark's empty answer has columns that may not be NULL: another schema than that of offers
    best: dict[tuple[str, str], str] = {}
    items = bought.items
    columns = {"product_category": items.categories, "department": items.departments, "product_type": items.names}
    for number in np.argsort(adoption_rate, kind="stable"):  # the last one stays
        best |= {(level, names[number]): items.keys[number] for level, names in columns.items()}
    numbers = dict(zip(*(known_items.products[name].to_pylist() for name in ("product_id", "item")), strict=True))
    keys = [
        known_items.keys[numbers[name]] if level == PRODUCT_LEVEL and name in numbers else best.get((level, name))
        for level, name in zip(due["item_level"].to_pylist(), due["item"].to_pylist(), strict=True)
    ]
    return pa.table({"customer_id": due["customer_id"], "item": pa.array(keys, pa.string()), "cause": due["cause"]})


def numbered(offers: pa.Table, due: pa.Table, bought: Purchases, display_names: dict[str, str]) -> Named:
    """Offers by number; of customers and items that are not known here nothing is said."""
    both = pa.concat_tables([due, offers])
    customer = pc.index_in(both["customer_id"], value_set=pa.array(bought.customers, pa.string()))
    item = pc.index_in(both["item"], value_set=pa.array(bought.items.keys, pa.string()))
    rows = np.flatnonzero(pc.and_(pc.is_valid(customer), pc.is_valid(item)).to_numpy(zero_copy_only=False))
    customers, items = (column.to_numpy()[rows].astype(np.int64) for column in (customer, item))
    _, first = np.unique(customers * len(bought.items.keys) + items, return_index=True)  # what is due stands first
    rows, customers, items = rows[first], customers[first], items[first]
    causes = pc.dictionary_encode(both["cause"].combine_chunks().take(pa.array(rows, pa.int64())))
    known = (
        dict(zip(bought.items.keys, map(normalised, bought.items.names), strict=True)) | display_names
    )  # no one says a number
    words = [in_words(cause, known) for cause in causes.dictionary.to_pylist()]  # no more than there are rules
    return Named(customers, items, pa.array(words, pa.string()).take(causes.indices), rows < len(due))


def in_words(cause: str, display_names: dict[str, str]) -> str:
    """An antecedent as one says it: "milk, eggs and cheese"."""
    *firsts, last = (display_names.get(name) or normalised(name) for name in cause.split(BETWEEN))
    return f"{', '.join(firsts)} and {last}" if firsts else last
