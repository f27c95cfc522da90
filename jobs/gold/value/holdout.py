"""Customers as they were a holdout ago, and what they did since: what models are chosen and corrected by."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.gold.value.newton import Floats
from jobs.gold.value.purchase_groups import PurchaseGroups, grouped_by_day
from jobs.gold.value.shop_time import ShopTime
from jobs.gold.value.value_facts import Ask
from lakehouse.sql.query import Query, Table

COLUMNS = (
    "cohort",
    "frequency",
    "t_x_days",
    "t_days",
    "first_cents",
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
    """One entry per customer: as of the cut, and (`next_`) of the holdout after it; money in major units.

    `time` is the shop's as of the cut; what is kept here is in days, the purchases that models get in shop days.
    """

    holdout_days: int
    time: ShopTime
    cohort: Names
    frequency: Floats
    t_x: Floats
    t: Floats
    first_spend: Floats
    spend: Floats
    recent_orders: Floats
    recent_spend: Floats
    next_orders: Floats
    next_spend: Floats
    next_t_x: Floats

    def each(self) -> PurchaseGroups:
        """Every customer as a group, as of the cut."""
        return self.time.of(PurchaseGroups(self.frequency, self.t_x, self.t, np.ones(len(self.t))))

    def then(self, members: Flags) -> PurchaseGroups:
        """Some customers as of the cut, grouped."""
        return self.time.of(grouped(self.frequency[members], self.t_x[members], self.t[members]))

    def since(self, members: Flags) -> PurchaseGroups:
        """The same customers with the holdout seen too, grouped."""
        orders = self.frequency + self.next_orders
        then = grouped(orders[members], self.next_t_x[members], self.t[members] + self.holdout_days)
        return self.time.at(self.time.as_of + timedelta(days=self.holdout_days)).of(then)


def grouped(*columns: Floats) -> PurchaseGroups:
    """Groups by whole days."""
    return grouped_by_day(*(column.astype(np.int64) for column in columns))


def holdout_query(facts: Table, most: int) -> Query:
    """COLUMNS of no more than `most` customers, picked by a hash of their id: the same ones every night."""
    sql = f"SELECT {', '.join(COLUMNS)} FROM {{past}} ORDER BY md5(customer_id) LIMIT {most:d}"
    kinds = {
        "cohort": "STRING",
        "first_cents": "BIGINT",
        "later_cents": "BIGINT",
        "recent_cents": "BIGINT",
        "next_cents": "BIGINT",
    }
    columns = ", ".join(f"{name} {kinds.get(name, 'INT')}" for name in COLUMNS)
    return Query(sql, {"past": facts}, answers=columns)


def holdout_customers(ask: Ask, facts: Table, time: ShopTime, holdout_days: int, most: int) -> Holdout:
    """No more than `most` customers, see `past_query`.

    Args:
        ask: answers a query.
        facts: those as of the cut with what came next, by value_facts_query.
        time: the shop's, as of the cut.
    """
    return holdout_of(ask(holdout_query(facts, most)), time, holdout_days)


def holdout_of(rows: pa.Table, time: ShopTime, holdout_days: int) -> Holdout:
    """COLUMNS as arrays."""
    cohort, *numbers = (rows.column(name).to_numpy(zero_copy_only=False) for name in COLUMNS)
    money = {4, 5, 7, 9}
    values = [np.asarray(n, float) / (100 if place in money else 1) for place, n in enumerate(numbers, start=1)]
    return Holdout(holdout_days, time, np.asarray(cohort, object), *values)
