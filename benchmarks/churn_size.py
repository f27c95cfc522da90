"""How long models.churn_examples take with and without order lines, and how much memory: on generated purchases.

`python -m benchmarks.churn_size [--lines 1100000] [--customers 200000]`: the job's own query, by DuckDB over Parquet
files under the job's own limits; each way in a process of its own.
"""

import argparse
import resource
import time
from collections.abc import Iterator
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.models.churn_examples import churn_examples_query
from jobs.models.settings.churn import Settings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import rs_tables
from lakehouse.lake.queries import answer
from lakehouse.sql import duckdb_engine
from lakehouse.sql.duckdb_engine import Limits
from lakehouse.sql.query import Query

NIGHT, DAYS, LINES_PER_BASKET = date(2025, 12, 31), 365, 8
PRODUCTS, CATEGORIES, LIKED = 30_000, 300, 40  # a customer buys some categories alone
CONTRACTS = Contracts(Conf())


def tables(lines: int, customers: int) -> Iterator[tuple[str, pa.Table]]:
    """Purchases of a year; customers differ in how often they buy, and in what."""
    rng = np.random.default_rng(1)
    baskets = lines // LINES_PER_BASKET
    weights = rng.gamma(0.6, 1.0, customers)
    buyer, day = rng.choice(customers, baskets, p=weights / weights.sum()), rng.integers(0, DAYS, baskets)
    ids = pa.array([f"{n * 2654435761 % 2**32:08x}{n:08x}" for n in range(customers)])
    accounts = pa.compute.binary_join_element_wise(pa.scalar("pos:", ids.type), ids, "")
    yield "customer_map", pa.table({"account_id": accounts, "customer_id": ids})
    yield "order_days", order_days(buyer, day, accounts)
    basket = np.repeat(np.arange(baskets), LINES_PER_BASKET)
    liked = (buyer[basket] * 7919 + (rng.random(len(basket)) ** 2 * LIKED).astype(int) * 104_729) % CATEGORIES
    product = liked + CATEGORIES * rng.integers(0, PRODUCTS // CATEGORIES, len(basket))
    yield (
        "order_lines",
        pa.table(
            {
                "account_id": accounts.take(pa.array(buyer[basket])),
                "order_date": dates(day[basket]),
                "product_id": pa.array(product).cast(pa.string()),
                "quantity": pa.array(np.ones(len(basket), dtype=np.int64)),
                "sales_cents": pa.array(rng.integers(50, 2_000, len(basket))),
            }
        ),
    )
    number = np.arange(PRODUCTS)
    categories = [f"CATEGORY {one % CATEGORIES:03d}" for one in number]
    named = dict.fromkeys(("department", "product_category", "product_type"), categories)
    yield "products", pa.table({"product_id": pa.array(number).cast(pa.string()), **named})


def order_days(buyer: np.ndarray, day: np.ndarray, accounts: pa.Array) -> pa.Table:
    """One row per account and day."""
    found, count = np.unique(buyer.astype(np.int64) * DAYS + day, return_counts=True)
    same = pa.array(count * LINES_PER_BASKET)
    return pa.table(
        {
            "account_id": accounts.take(pa.array(found // DAYS)),
            "channel": pa.array(["pos"] * len(found)),
            "order_date": dates(found % DAYS),
            "order_count": pa.array(count),
            "refund_count": pa.array(np.zeros(len(found), dtype=np.int64)),
            "spend_cents": pa.array(count * 1_000),
            "refund_cents": pa.array(np.zeros(len(found), dtype=np.int64)),
            "line_count": same,
        }
    )


def dates(days: np.ndarray) -> pa.Array:
    first = (NIGHT - timedelta(days=DAYS - 1) - date(1970, 1, 1)).days
    return pa.array((first + days).astype(np.int32)).cast(pa.date32())


def query(customers: int) -> Query:
    """The job's."""
    settings = Conf().settings("churn", Settings)
    as_of = NIGHT + timedelta(days=1)
    return churn_examples_query(
        settings.as_of_dates(NIGHT - timedelta(days=DAYS), as_of), as_of, settings, accounts=customers
    )


def measured(folder: Path, customers: int, has_lines: bool) -> None:
    asked = query(customers)
    started = time.monotonic()
    limits = Limits(spill=str(folder / "spill"), keeps_order=False)
    with duckdb_engine.connect(limits, [str(folder)]) as engine:
        for name, table in asked.tables.items():
            file = folder / f"{name}.parquet"
            is_there = file.exists() and (has_lines or name not in ("order_lines", "products"))
            empty = rs_tables.arrow_schema(CONTRACTS[table]).empty_table() if isinstance(table, str) else table
            engine.register(name, engine.read_parquet(str(file)) if is_there else empty)
        rows = answer(engine, asked)
    told = rows["category_count_84d"].drop_null()
    seconds, used = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"{'with' if has_lines else 'without'} lines: {seconds:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of CPU, "
        f"{used.ru_maxrss / 2**20:.2f} GB, "
        f"{rows.num_rows:,} examples, {len(told):,} of them with categories",
        flush=True,
    )


def main() -> None:
    """Write the tables and measure both ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_100_000)
    parser.add_argument("--customers", type=int, default=200_000)
    told = parser.parse_args()
    with TemporaryDirectory() as place:
        for name, table in tables(told.lines, told.customers):
            pq.write_table(table, Path(place) / f"{name}.parquet", row_group_size=1_000_000)
        for has_lines in (False, True):
            one = get_context("spawn").Process(target=measured, args=(Path(place), told.customers, has_lines))
            one.start()
            one.join()


if __name__ == "__main__":
    main()
