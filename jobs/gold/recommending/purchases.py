"""Who bought which item how often and when, as of a day: the only facts that recommendations are made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.gold.product_levels.levels import PRODUCT_LEVEL
from jobs.gold.recommending.items import Items, made_items, products_query
from jobs.gold.settings.recommendations import Catalogue, Settings
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Made, Query, Table

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
WEEK_DAYS, RECENT_DAYS, SEASON_DAYS = 7, 28, 84
PACK = 10**9  # more than there are products
HASHES = 16**3  # three hexadecimal digits
COUNTS = ("day_count", "week_day_count", "recent_day_count", "season_day_count", "days_since", "age_days")
LINES = {"order_lines": "silver.order_lines"}
ACCOUNTS = "SELECT account_id, customer_id FROM {customer_map} WHERE %s"


@dataclass(frozen=True)
class Purchases:
    """Owned pairs of customer and item, by number and in order of both, and what was bought in the days after `as_of`.

    `customers` are those with an order of any allowed item up to `as_of`. counts has COUNTS in its columns: order days
    of all time, of the last 7, 28 and 84 days, days since the last and since the first.
    kept: the catalogue's items by their number among all items.
    wanted: further pairs bought within the horizon (item -1: one outside the catalogue).
    """

    as_of: date
    customers: list[str]
    items: Items
    kept: Ints
    customer: Ints
    item: Ints
    counts: dict[str, Floats]
    product: Ints  # of each owned pair the product taken last, by its number
    wanted_customer: Ints
    wanted_item: Ints

    def of(self, first: int, last: int) -> "Purchases":
        """The same of the customers with these numbers only, numbered from 0."""
        start, end = np.searchsorted(self.customer, [first, last])
        keep = (self.wanted_customer >= first) & (self.wanted_customer < last)
        return Purchases(
            self.as_of,
            self.customers[first:last],
            self.items,
            self.kept,
            self.customer[start:end] - first,
            self.item[start:end],
            {name: values[start:end] for name, values in self.counts.items()},
            self.product[start:end],
            self.wanted_customer[keep] - first,
            self.wanted_item[keep],
        )


@dataclass(frozen=True)
class Share:
    """One of several like shares of the customers, by hash: what does not fit here at once is done share by share."""

    number: int = 0
    count: int = 1

    def condition(self, customer_id: str) -> str:
        """SQL for both engines: the customer is of this share."""
        if self.count == 1:
            return "true"
        first, end = (HASHES * n // self.count for n in (self.number, self.number + 1))
        digits = f"substring(md5({customer_id}), 1, 3)"
        return f"{digits} >= '{first:03x}'" + (f" AND {digits} < '{end:03x}'" if end < HASHES else "")


def share_count(lake: Lake, max_lines: int) -> int:
    """So many shares that one has no more than `max_lines` order lines."""
    return min(HASHES, -(-lake.row_count("silver.order_lines") // max_lines) or 1)


def shares(lake: Lake, max_lines: int) -> list[Share]:
    """All shares of the customers, one of no more than `max_lines` order lines."""
    count = share_count(lake, max_lines)
    return [Share(number, count) for number in range(count)]


@dataclass(frozen=True)
class Accounts:
    """The accounts of a share of the customers: `numbers` has account_id and customer, the place in `customers`."""

    customers: pa.Array
    numbers: pa.Table


def accounts_query(share: Share) -> Query:
    """The accounts of a share of the customers."""
    sql = ACCOUNTS % share.condition("customer_id")
    return Query(sql, {"customer_map": "identity.customer_map"}, answers="account_id STRING, customer_id STRING")


def made_accounts() -> Made:
    """The `numbers` of Accounts, for a check."""
    own = {"account_id": ("identity.customer_map.account_id",), "customer": ("identity.customer_map.customer_id",)}
    return Made({"account_id": "STRING", "customer": "INT"}, own)


def pairs_query(products: Table, accounts: Table, as_of: date, horizon_days: int) -> Query:
    """The answer of `pairs_sql`.

    Args:
        products: those of Items.
        accounts: the numbers of Accounts.
    """
    tables: dict[str, Table] = {**LINES, "products": products, "accounts": accounts}
    counts = ", ".join(f"{name} INT" for name in COUNTS)
    columns = f"customer INT, item INT, {counts}, last_taken BIGINT, is_wanted BOOLEAN"
    return Query(pairs_sql(as_of, horizon_days), tables, answers=columns)


def purchase_queries(as_of: date, settings: Settings) -> Iterator[Query]:
    """All queries by which items, accounts and purchases are known, for a check."""
    yield from (products_query(level, settings.catalogue) for level in (settings.catalogue.level, PRODUCT_LEVEL))
    yield from (accounts_query(Share(number, 2)) for number in range(2))
    yield pairs_query(made_items(), made_accounts(), as_of, settings.learning.horizon_days)


def accounts(lake: Lake, share: Share) -> Accounts:
    """Number the customers of a share, in order of their ids; numbers are joined and counted faster than texts."""
    rows = lake.fetch(accounts_query(share))
    customers = pc.unique(rows["customer_id"])
    customers = customers.take(pc.sort_indices(customers))
    number = pc.index_in(rows["customer_id"], value_set=customers)
    return Accounts(customers, pa.table({"account_id": rows["account_id"], "customer": number}))


def pairs_sql(as_of: date, horizon_days: int) -> str:
    """One row per customer and item bought up to `horizon_days` after `as_of`, over LINES, {accounts} and {products}.

    Returns:
        customer and item (numbers), day_count, week_day_count, recent_day_count, season_day_count, days_since,
        age_days (as of `as_of`; 0 and NULL for a pair bought only later), last_taken (day and product, packed by PACK)
        and is_wanted: bought within the horizon.
    """
    last = as_of + timedelta(days=horizon_days)
    until = f"order_date <= DATE '{as_of}'"
    spans = ((as_of - date.min).days, WEEK_DAYS, RECENT_DAYS, SEASON_DAYS)
    counted = ", ".join(
        f"CAST(count(CASE WHEN {until} AND order_date > {day_before(as_of, span)} THEN 1 END) AS INT) AS {name}"
        for name, span in zip(COUNTS, spans, strict=False)
    )
    seen = f"CASE WHEN {until} THEN order_date END"
    return f"""
    SELECT customer, item, {counted},
           CAST(datediff(DATE '{as_of}', max({seen})) AS INT) AS days_since,
           CAST(datediff(DATE '{as_of}', min({seen})) AS INT) AS age_days,
           max(CASE WHEN {until} THEN CAST(datediff(order_date, DATE '{date.min}') AS BIGINT) * {PACK} + product END)
               AS last_taken,
           max(order_date) > DATE '{as_of}' AS is_wanted
    FROM (SELECT a.customer, p.item, l.order_date, max(p.product) AS product
          FROM {{order_lines}} l JOIN {{accounts}} a ON l.account_id = a.account_id
          JOIN {{products}} p ON l.product_id = p.product_id
          WHERE l.order_date <= DATE '{last}' AND coalesce(l.quantity, 0) >= 0 AND l.sales_cents >= 0
          GROUP BY a.customer, p.item, l.order_date) days
    GROUP BY customer, item"""


def day_before(day: date, days: int) -> str:
    """A day in SQL."""
    return f"DATE '{day - timedelta(days=days)}'"


def purchases(
    lake: Lake,
    items: Items,
    of: Accounts,
    as_of: date,
    wanted: Catalogue,
    kept: Ints | None = None,
) -> Purchases:
    """The purchases of these customers as of a day; `kept` gives the catalogue where another share has chosen it."""
    pairs = lake.fetch(pairs_query(items.products, of.numbers, as_of, horizon_days=0))
    return snapshot(pairs, items, of.customers, as_of, wanted, kept)


def snapshot(
    pairs: pa.Table, items: Items, customers: pa.Array, as_of: date, wanted: Catalogue, kept: Ints | None = None
) -> Purchases:
    """The answer to `pairs_sql`; items with fewer buyers than conf asks for leave the catalogue.

    Args:
        customers: ids by number; those without an order by then are left out and the others numbered anew.
    """
    number, item = (pairs[name].to_numpy().astype(np.int64) for name in ("customer", "item"))
    is_owned = pairs["day_count"].to_numpy() > 0
    buyers = np.unique(number[is_owned])
    customer = renumbered(buyers, len(customers))[number]
    kept = catalogue(item[is_owned], len(items.keys), wanted) if kept is None else kept
    in_catalogue = renumbered(kept, len(items.keys))[item]
    owned = np.flatnonzero(is_owned & (in_catalogue >= 0))
    owned = owned[np.lexsort((in_catalogue[owned], customer[owned]))]
    counts = {name: pairs[name].to_numpy(zero_copy_only=False)[owned].astype(float) for name in COUNTS}
    later = np.flatnonzero(pairs["is_wanted"].to_numpy(zero_copy_only=False).astype(bool) & (customer >= 0))
    later = later[np.lexsort((item[later], customer[later]))]
    return Purchases(
        as_of,
        customers.take(pa.array(buyers)).to_pylist(),
        items.taken(kept),
        kept,
        customer[owned],
        in_catalogue[owned],
        counts,
        pairs["last_taken"].to_numpy(zero_copy_only=False)[owned].astype(np.int64) % PACK,
        customer[later],
        in_catalogue[later],
    )


def renumbered(kept: Ints, count: int) -> Ints:
    """Old number -> new one, -1 for those that are not kept."""
    place = np.full(count, -1, np.int64)
    place[kept] = np.arange(len(kept))
    return place


def catalogue(item: Ints, item_count: int, wanted: Catalogue) -> Ints:
    """The numbers of the items with enough buyers, no more than `max_items` (those with most buyers), ascending."""
    buyers = np.bincount(item, minlength=item_count)
    best = np.argsort(-buyers, kind="stable")[: wanted.max_items]
    return np.sort(best[buyers[best] >= wanted.min_buyers])
