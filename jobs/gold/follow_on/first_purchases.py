"""On which day each customer first bought each item: all that follow-on rules are made from."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.gold.product_levels.levels import item_sql, join_sql, product_tables
from lakehouse.sql.query import Query, Table

Ints = NDArray[np.int32]

NEVER = np.int32(2**30)  # later than any day
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class FirstPurchases:
    """days[c, i]: the day (of `number_of_day`) on which customer c first bought items[i], NEVER where they did not."""

    items: list[str]
    days: Ints
    first_day: int  # of all purchases
    last_day: int  # up to which purchases are known

    @property
    def customer_count(self) -> int:
        """Customers who bought anything."""
        return len(self.days)

    def until(self, day: int) -> "FirstPurchases":
        """What was known at the end of an earlier day."""
        return FirstPurchases(self.items, np.where(self.days <= day, self.days, NEVER), self.first_day, day)


def number_of_day(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def item_days_sql(level: str, as_of: date, from_day: date = date.min) -> str:
    """SQL: customer_id, item, order_date of each bought line of these days.

    Over {order_lines}, {customer_map}, {excluded} and, at a level of the hierarchy, {products}; goods taken back,
    guests and items that are no goods drop out.
    """
    name = item_sql(level)
    return f"""
    SELECT m.customer_id, {name} AS item, l.order_date
    FROM {{order_lines}} l JOIN {{customer_map}} m ON l.account_id = m.account_id {join_sql(level)}
    LEFT JOIN {{excluded}} x ON {name} = x.item
    WHERE x.item IS NULL AND {name} IS NOT NULL AND coalesce(l.quantity, 0) >= 0
          AND l.order_date BETWEEN DATE '{from_day}' AND DATE '{as_of}'"""


def item_tables(level: str, excluded_items: tuple[str, ...]) -> dict[str, Table]:
    """The tables that `item_days_sql` names."""
    excluded = pa.table({"item": pa.array(excluded_items, pa.string())})
    return {
        "order_lines": "silver.order_lines",
        "customer_map": "identity.customer_map",
        "excluded": excluded,
    } | product_tables(level)


def first_purchases_query(level: str, as_of: date, excluded_items: tuple[str, ...], max_customers: int) -> Query:
    """The answer of `first_purchases_sql`."""
    tables, steps = item_tables(level, excluded_items), first_purchase_steps(level, as_of)
    return Query(first_purchases_sql(max_customers), tables, steps, answers="customer INT, item STRING, day INT")


def first_purchase_steps(level: str, as_of: date) -> dict[str, str]:
    """The steps of FIRST_PURCHASES_SQL. Customer ids are keyed hashes: the first of them in order are a fair sample."""
    return {
        "first_bought": f"""
            SELECT customer_id, item, min(order_date) AS first_day FROM ({item_days_sql(level, as_of)}) bought
            GROUP BY customer_id, item""",
        "numbered": """
            SELECT customer_id, CAST(row_number() OVER (ORDER BY customer_id) AS INT) AS customer
            FROM (SELECT DISTINCT customer_id FROM {first_bought}) buyers""",
    }


def first_purchases_sql(max_customers: int) -> str:
    """Customer (1, 2, ...), item, day (since 1970-01-01) of no more than so many customers."""
    return f"""
    SELECT n.customer, f.item, CAST(datediff(f.first_day, DATE '{EPOCH}') AS INT) AS day
    FROM {{first_bought}} f JOIN {{numbered}} n ON f.customer_id = n.customer_id
    WHERE n.customer <= {max_customers:d}"""


def as_matrix(rows: pa.Table, as_of: date, min_buyers: int, max_items: int) -> FirstPurchases:
    """The rows of `first_purchases_sql` as a matrix of customers and items.

    Args:
        min_buyers: items that fewer customers ever bought are left out.
        max_items: and of the others all but the most bought.
    """
    items = rows["item"].combine_chunks().dictionary_encode()
    codes = items.indices.to_numpy(zero_copy_only=False)
    customers = rows["customer"].to_numpy().astype(np.int64) - 1
    days = rows["day"].to_numpy().astype(np.int32)
    names = items.dictionary.to_pylist()
    buyers = np.bincount(codes, minlength=len(names))
    often = sorted((i for i in range(len(names)) if buyers[i] >= min_buyers), key=lambda i: (-buyers[i], names[i]))
    kept = sorted(often[:max_items], key=lambda i: names[i])
    column = np.full(len(names), -1, dtype=np.int64)
    column[kept] = np.arange(len(kept))
    matrix = np.full((int(customers.max(initial=-1)) + 1, len(kept)), NEVER, dtype=np.int32)
    known = column[codes] >= 0
    matrix[customers[known], column[codes[known]]] = days[known]
    first = int(days.min(initial=number_of_day(as_of)))
    return FirstPurchases([names[i] for i in kept], matrix, first, number_of_day(as_of))


def day_of(number: int) -> date:
    """The date of a day's number."""
    return EPOCH + timedelta(days=int(number))
