"""Attribution at size: seconds and peak memory of gold.attribution over many touches.

python -m benchmarks.attribution [--touches 10000000] [--customers 2000000] [--groups 8]
"""

import argparse
import resource
import time
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.gold import attribution as job
from jobs.gold.settings.attribution import ChannelGroup, Settings
from lakehouse.config.layers import Conf
from lakehouse.sql.query import Query
from tests.gold.memory_lake import MemoryLake

DAY = date(2026, 3, 31)


class Timed(MemoryLake):
    """Prints the seconds of each question."""

    def fetch(self, query: Query) -> pa.Table:
        begun = time.perf_counter()
        answer = super().fetch(query)
        print(f"  {query.where.split('/')[-1]:<28} {answer.num_rows:>10,} rows {time.perf_counter() - begun:6.1f} s")
        return answer


def main() -> None:
    """Make the touches, share the sales out once, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--touches", type=int, default=10_000_000)
    parser.add_argument("--customers", type=int, default=2_000_000)
    parser.add_argument("--groups", type=int, default=8)
    options = parser.parse_args()
    conf = Conf()
    groups = {f"g{n}": ChannelGroup(interaction_types=(f"t{n}",)) for n in range(options.groups)}
    settings = conf.settings("attribution", Settings).replace(channel_groups=groups)
    lake = Timed(conf, **tables(options.touches, options.customers, options.groups))
    made = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    job.run(lake, DAY, settings)  # type: ignore[arg-type]
    print(f"{options.touches:,} touches in {time.perf_counter() - begun:.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak {peak / 1024**2:.2f} GiB, of which the made company {made / 1024**2:.2f}")
    rows = lake.published[job.WRITES]
    print(pc.sum(rows["revenue"]).as_py() / 9, "credited by each model")


def tables(touches: int, customers: int, groups: int) -> dict[str, pa.Table]:
    """Touches over a quarter, and an order for every four of them."""
    rng = np.random.default_rng(7)
    ids = pc.binary_join_element_wise("a", pc.cast(pa.array(np.arange(customers)), pa.string()), "")
    first = np.datetime64(DAY - timedelta(days=110))

    def days(count: int) -> pa.Array:
        return pa.array(first + rng.integers(0, 111, count).astype("timedelta64[D]"))

    def moments(days: pa.Array) -> pa.Array:
        seconds = rng.integers(0, 86_400, len(days)).astype("timedelta64[s]")
        midnights = days.to_numpy(zero_copy_only=False).astype("datetime64[s]")
        return pa.array(midnights + seconds).cast(pa.timestamp("us", "UTC"))

    kinds = pa.DictionaryArray.from_arrays(rng.integers(0, groups, touches), [f"t{n}" for n in range(groups)])
    sent = {
        "account_id": ids.take(pa.array(rng.integers(0, customers, touches))),
        "interaction_type": kinds.cast("string"),
    }
    orders = touches // 4
    bought = {"account_id": ids.take(pa.array(rng.integers(0, customers, orders))), "order_date": days(orders)}
    when = {**bought, "ordered_at": moments(bought["order_date"]), "order_type": pa.repeat("sale", orders)}
    bought |= {"spend_cents": pa.array(rng.integers(100, 9999, orders)), "refund_cents": pa.repeat(0, orders)}
    told = days(touches)
    return {
        "interactions": pa.table({**sent, "occurred_date": told, "occurred_at": moments(told)}),
        "orders": pa.table(when),
        "customer_order_days": pa.table({**bought, "order_count": pa.repeat(1, orders)}),
        "customer_map": pa.table({"account_id": ids, "customer_id": ids}),
    }


if __name__ == "__main__":
    main()
