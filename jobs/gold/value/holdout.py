"""Customers as they were a holdout ago, and what they did since: what models are chosen and corrected by."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.gold.value.newton import Floats
from jobs.gold.value.purchase_groups import PurchaseGroups, grouped_by_day
from jobs.gold.value.value_facts import Ask
from lakehouse.sql.query import Query, Table

COLUMNS = (
    "cohort",
    "frequency",
    "t_x_days",
    "t_days",
    "later_cents",
    "recent_orders",
    "recent_cents",
    "next_orders",
    "next_cents",
    "next_t_x_days",
)
Flags = NDArray[np.bool_]
Names = NDArray[np.object_]


@dataclass(frozen=True)
class Holdout:
    """One entry per customer: as of the cut, and (`next_`) of the holdout after it; money in major units."""

    holdout_days: int
    cohort: Names
    frequency: Floats
    t_x: Floats
    t: Floats
    spend: Floats
    recent_orders: Floats
    recent_spend: Floats
    next_orders: Floats
    next_spend: Floats
    next_t_x: Floats

    def each(self) -> PurchaseGroups:
        """Every customer as a group, as of the cut."""
        return PurchaseGroups(self.frequency, self.t_x, self.t, np.ones(len(self.t)))

    def then(self, members: Flags) -> PurchaseGroups:
        """Some customers as of the cut, grouped."""
        return grouped(self.frequency[members], self.t_x[members], self.t[members])

    def since(self, members: Flags) -> PurchaseGroups:
        """The same customers with the holdout seen too, grouped."""
        orders = self.frequency + self.next_orders
        return grouped(orders[members], self.next_t_x[members], self.t[members] + self.holdout_days)


def grouped(*columns: Floats) -> PurchaseGroups:
    """Groups by whole days."""
    return grouped_by_day(*(column.astype(np.int64) for column in columns))


def holdout_query(facts: Table, most: int) -> Query:
    """COLUMNS of no more than `most` customers, picked by a hash of their id: the same ones every night."""
    sql = f"SELECT {', '.join(COLUMNS)} FROM {{past}} ORDER BY md5(customer_id) LIMIT {most:d}"
    kinds = {"cohort": "STRING", "later_cents": "BIGINT", "recent_cents": "BIGINT", "next_cents": "BIGINT"}
    columns = ", ".join(f"{name} {kinds.get(name, 'INT')}" for name in COLUMNS)
    return Query(sql, {"past": facts}, answers=columns)


def holdout_customers(ask: Ask, facts: Table, holdout_days: int, most: int) -> Holdout:
    """No more than `most` customers, see `past_query`.

    Args:
        ask: answers a query.
        facts: those as of the cut with what came next, by value_facts_query.
    """
    return holdout_of(ask(holdout_query(facts, most)), holdout_days)


def holdout_of(rows: pa.Table, holdout_days: int) -> Holdout:
    """COLUMNS as arrays."""
    cohort, *numbers = (rows.column(name).to_numpy(zero_copy_only=False) for name in COLUMNS)
    money = {4, 6, 8}
    values = [np.asarray(n, float) / (100 if place in money else 1) for place, n in enumerate(numbers, start=1)]
    return Holdout(holdout_days, np.asarray(cohort, object), *values)
