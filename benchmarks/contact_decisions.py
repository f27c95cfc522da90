"""Who hears what tonight, at size: seconds and peak memory of activation.decisions, and how near the best choice is.

    python -m benchmarks.contact_decisions [--customers 1000000] [--messages 5]

Every customer is in every audience, so that there are as many candidates as customers times audiences; three of four
may be contacted by e-mail, one in four by phone, and both have places for a part of them.
"""

import argparse
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.activation import decisions as job
from jobs.activation.settings.contact_policy import Settings
from lakehouse.config.layers import Conf
from lakehouse.delta import rs_tables
from lakehouse.lake.publish import Published
from lakehouse.sql.query import Query
from tests.gold.memory_lake import MemoryLake

DAY = date(2026, 3, 31)


class Timed(MemoryLake):
    """Keeps the seconds of each question."""

    def fetch(self, query: Query) -> pa.Table:
        begun = time.perf_counter()
        answer = super().fetch(query)
        print(f"  {query.where.split('/')[-1]:<28} {answer.num_rows:>10,} rows {time.perf_counter() - begun:6.1f} s")
        return answer

    def publish(self, table: str, rows: pa.Table, _run_date: date, **_how: object) -> Published:
        self.published[table] = rows
        return Published(table, 0, rows.num_rows, "")


def main() -> None:
    """Make the company, decide once, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--messages", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "audiences.yaml").write_text(audiences(options.messages))
        Path(folder, "triggers.yaml").write_text("triggers: {}\n")
        conf = Conf([Path(folder)])
        settings = policy(conf, options.customers)
        lake = Timed(conf, **tables(conf, options.customers, options.messages))
        made = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        begun = time.perf_counter()
        job.run(lake, DAY, settings)  # type: ignore[arg-type]
        taken = time.perf_counter() - begun
    rows = lake.published[job.WRITES]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{rows.num_rows:,} candidates decided in {taken:.1f} s")
    print(f"peak {peak / 1024**2:.2f} GiB, of which the made company {made / 1024**2:.2f}")
    for one in pc.value_counts(rows["outcome"]).to_pylist():
        print(f"  {one['values']:<12} {one['counts']:>10,}")
    print("\n".join(lake.notes))


def audiences(count: int) -> str:
    """As many audiences, each of everybody in a segment of its own name; the packaged ones are over."""
    packaged = Conf().settings("audiences", job.Audiences).audiences
    ends = [f"  {name}: {{expires_on: 2000-01-01}}" for name in packaged]
    said = 'version: "1", owner: o, description: d, content: c, channels: [email, phone], cool_down_days: 0'
    lifts = [f"expected_lift: {0.02 + 0.01 * n}" for n in range(count)]
    own = [f"  m{n}: {{{said}, in_segments: [s{n}], {lift}}}" for n, lift in enumerate(lifts)]
    return "\n".join(["audiences:", *ends, *own, ""])


def policy(conf: Conf, customers: int) -> Settings:
    """Places for less than half of those who may be written to, and for few calls."""
    settings = conf.settings("contact_policy", Settings)
    places = {"email": customers // 3, "phone": customers // 100}
    channels = {n: c.replace(capacity_per_night=places.get(n, 0), cost=0.01) for n, c in settings.channels.items()}
    return settings.replace(channels=channels)


def tables(conf: Conf, customers: int, messages: int) -> dict[str, pa.Table]:
    """The company's tables, made column by column."""
    rng, numbers = np.random.default_rng(7), np.arange(customers)
    ids = pc.binary_join_element_wise("c", pc.cast(pa.array(numbers), pa.string()), "")
    accounts = pc.binary_join_element_wise("email:", ids, "")
    orders = pa.array(np.round(rng.lognormal(3, 0.8, customers), 2)).cast(pa.decimal128(18, 2), safe=False)
    segments = [pa.table({"customer_id": ids, "segment": pa.repeat(f"s{n}", customers)}) for n in range(messages)]
    ways = pa.concat_tables(
        [
            ways_of(ids, accounts, "email", rng.random(customers) < 0.75),
            ways_of(ids, accounts, "phone", rng.random(customers) < 0.25),
        ]
    )
    customer = {"customer_id": ids}
    none, counts = pa.nulls(customers, pa.string()), pa.array(numbers % 9 + 1)
    known = {
        "customer_profile": {
            **customer,
            "average_order": orders,
            "spend": orders,
            "order_count": counts,
        },
        "golden_customers": {**customer, "first_account_id": accounts, "country": none, "state": none},
        "customer_map": {**customer, "account_id": accounts},
    }
    made = {name: pa.table(columns) for name, columns in known.items()}
    empty = rs_tables.arrow_schema(MemoryLake(conf).contracts["activation.trigger_firings"]).empty_table()
    return {**made, "segments": pa.concat_tables(segments), "contactability": ways, "trigger_firings": empty}


def ways_of(ids: pa.Array, accounts: pa.Array, channel: str, allowed: np.ndarray) -> pa.Table:  # type: ignore[type-arg]
    """Contactability of everybody by one channel."""
    told = pa.array(np.where(allowed, "allowed", "no_consent"))
    n = len(ids)
    columns = {"customer_id": ids, "purpose": pa.repeat("marketing", n), "channel": pa.repeat(channel, n)}
    columns |= {"account_id": accounts, "is_allowed": pa.array(allowed), "rule": told}
    return pa.table({**columns, "reason": pa.repeat("agreed to marketing_email on 2024-01-31", n)})


if __name__ == "__main__":
    main()
