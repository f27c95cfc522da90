"""Seconds of the loyalty jobs on a company of any size: `python -m benchmarks.loyalty --customers 200000`.

The first night posts a year of orders, the second one a day more; both without Spark. Prints what they post, too.
"""

import argparse
import resource
import time
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from jobs.gold import loyalty_ledger, loyalty_tiers
from jobs.gold.settings.loyalty import Settings
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import rs_tables
from tests.activation.small_company import CONF, Nights

RUN_DATE = date(2025, 12, 31)
FILL = {"quality_flags": pa.list_(pa.string())}


def table(name: str, rows: int, **columns: pa.Array) -> pa.Table:
    """Rows of a table by its contract; what is not given is NULL."""
    schema = rs_tables.arrow_schema(Contracts(CONF)[name])
    return pa.table(
        {f.name: columns[f.name].cast(f.type) if f.name in columns else pa.nulls(rows, f.type) for f in schema},
        schema=pa.schema([f.with_nullable(True) for f in schema]),
    )


def company(customers: int, seed: int = 1) -> dict[str, pa.Table]:
    """Two orders a customer and 2.75 lines an order; every twelfth gives something back or spends points."""
    chance = np.random.default_rng(seed)
    count = 2 * customers
    accounts = pa.array([f"shop:{n:07d}" for n in range(customers)])
    buyers = accounts.take(pa.array(chance.integers(0, customers, count)))
    days = pa.array(np.datetime64(RUN_DATE) - chance.integers(0, 400, count).astype("timedelta64[D]"))
    is_sale = chance.random(count) > 0.05
    cents = np.where(is_sale, 1, -1) * chance.lognormal(8, 1, count).astype(np.int64)
    numbers = pa.array([f"o{n:08d}" for n in range(count)])
    lines = int(2.75 * count)
    of_order = chance.integers(0, count, lines)
    spent = customers // 12
    return {
        "customer_map": table(
            "identity.customer_map", customers, account_id=accounts,
            customer_id=pa.array([f"c{n // 2 if n % 20 == 0 else n:07d}" for n in range(customers)]),
        ),
        "orders": table(
            "silver.orders", count, order_id=numbers, account_id=buyers, order_date=days, total_cents=pa.array(cents),
            order_type=pa.array(np.where(is_sale, "sale", "refund")),
        ),
        "order_lines": table(
            "silver.order_lines", lines, order_id=numbers.take(pa.array(of_order)),
            product_id=pa.array([f"p{n}" for n in chance.integers(0, 5000, lines)]),
            sales_cents=pa.array(cents[of_order] // 3),
        ),
        "products": table(
            "silver.products", 5000, product_id=pa.array([f"p{n}" for n in range(5000)]),
            department=pa.array([f"d{n % 20}" for n in range(5000)]),
        ),
        "interactions": table(
            "silver.interactions", spent, interaction_id=pa.array([f"i{n}" for n in range(spent)]),
            account_id=accounts.take(pa.array(chance.integers(0, customers, spent))),
            interaction_type=pa.array(["reward"] * spent),
            occurred_date=pa.array(np.datetime64(RUN_DATE) - chance.integers(0, 300, spent).astype("timedelta64[D]")),
        ),
    }  # fmt: skip


def main() -> None:
    """Two nights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000)
    lake = Nights(CONF, **company(parser.parse_args().customers))
    settings = CONF.settings("loyalty", Settings).replace(
        earning=({"points_per_unit": 1, "multipliers": ({"column": "department", "values": ("d3",), "factor": 2},)},),
        burning={"reward": 30},
        expire_after_days=180,
        tiers={"silver": {"min_points": 100}, "gold": {"min_points": 300, "control_share": 0.1}},
    )
    for run_date in (RUN_DATE - timedelta(days=1), RUN_DATE):
        began, computed = time.perf_counter(), time.process_time()
        loyalty_ledger.run(lake, run_date, settings)  # type: ignore[arg-type]
        posted = time.perf_counter()
        loyalty_tiers.run(lake, run_date, settings)  # type: ignore[arg-type]
        ended = time.perf_counter()
        print(
            f"{run_date}: ledger {posted - began:.1f} s, tiers and balances {ended - posted:.1f} s, "
            f"{time.process_time() - computed:.1f} s of the processors"
        )
        print(f"  {lake.published['gold.loyalty_liability'].to_pylist()[-1]}")
    print(f"{lake.tables['order_lines'].num_rows:,} lines, {lake.tables['loyalty_ledger'].num_rows:,} entries")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB")


if __name__ == "__main__":
    main()
