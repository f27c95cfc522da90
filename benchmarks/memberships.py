"""Memberships: periods that a night adds its changes to, against the obvious peer, a full copy of every night.

Usage: python -m benchmarks.memberships [--customers 1000000] [--nights 5] [--changed 0.01]
The packaged segments over made-up profiles of which a share changes each night. Prints seconds and rows written a
night, and the size of both as Parquet; exits 1 when the two name other members on any of the nights.
"""

import argparse
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.gold.membership import periods
from jobs.gold.membership.definitions import named, segment_rules
from jobs.gold.membership.members import members_query
from jobs.gold.settings.segments import Settings as Segments
from lakehouse.config.layers import Conf
from lakehouse.lake import queries
from lakehouse.sql import duckdb_engine
from lakehouse.sql.query import Query

FIRST = date(2026, 1, 1)
KEPT = ("valid_from", "valid_to", "end_reason", "unbroken_since", "current_customer_id")
TYPES = {"STRING": pa.string(), "DATE": pa.date32()}
HISTORY = pa.schema({name: TYPES[of] for name, of in periods.COLUMNS.items()})
RULES = segment_rules(Conf().settings("segments", Segments).segments)
VALUES = {  # column of the profile -> what a random whole number `h` makes of it
    "value_decile": "CAST(h % 10 + 1 AS INT)",
    "recency_days": "CAST(h % 60 AS INT)",
    "order_count": "h % 20",
    "rfm_segment": "CASE WHEN h % 5 = 0 THEN 'champions' ELSE 'others' END",
    "coupon_redemption_count": "h % 4",
    "state": "['dormant', 'lost', 'first_time', 'prospect', 'loyal'][h % 5 + 1]",
    "campaign_contact_count": "h % 9",
    "channels": "CASE WHEN h % 3 = 0 THEN ['pos', 'web'] ELSE ['pos'] END",
}


def main() -> int:
    """Run the nights and print what they gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--nights", type=int, default=5)
    parser.add_argument("--changed", type=float, default=0.01)
    arguments = parser.parse_args()
    history, copies, written = HISTORY.empty_table(), [], 0
    for number in range(arguments.nights):
        run_date = FIRST + timedelta(days=number)
        now = members(arguments.customers, number, arguments.changed, run_date)
        started = time.perf_counter()
        history, changed = night(history, now, run_date)
        copies.append(now.append_column("run_date", pa.array([run_date] * now.num_rows, pa.date32())))
        written += changed
        print(
            f"  {run_date}: {now.num_rows:,} memberships, {changed:,} rows written against {now.num_rows:,} copied, "
            f"{time.perf_counter() - started:.2f} s"
        )
    everything = pa.concat_tables(copies)
    print(
        f"written {written:,} rows against {everything.num_rows:,}; "
        f"{size(history) / 2**20:.1f} MiB against {size(everything) / 2**20:.1f} MiB"
    )
    return 0 if agree(history, everything) else 1


def members(customers: int, number: int, changed: float, run_date: date) -> pa.Table:
    """customer_id, name, evidence of the packaged segments on a night; a customer's values are drawn anew sometimes."""
    draws = "(SELECT max(n) FROM range({last}) d(n) WHERE n = 0 OR hash(i, n) % 1000000 < {often})"
    seed = draws.format(last=number + 1, often=int(changed * 1_000_000))
    columns = ", ".join(
        f"(SELECT {sql} FROM (SELECT CAST(hash(i, seed, {place}) % 1000003 AS BIGINT) AS h)) AS {name}"
        for place, (name, sql) in enumerate(VALUES.items())
    )
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute(f"CREATE TABLE seeds AS SELECT i, {seed} AS seed FROM range({customers}) t(i)")
        engine.execute(f"CREATE TABLE customer_profile AS SELECT 'c' || i AS customer_id, {columns} FROM seeds")
        engine.register("rules", named(RULES))
        return queries.answer(engine, members_query(RULES, run_date))


def night(history: pa.Table, now: pa.Table, run_date: date) -> tuple[pa.Table, int]:
    """The history after a night, and how many rows it wrote."""
    ledger = pa.table({name: pa.array([], pa.string()) for name in ("customer_id", "event", "other_customer_id")})
    ledger = ledger.append_column("run_date", pa.array([], pa.date32()))
    tables = {"history": history, "now": now, "rules": named(RULES), "ledger": ledger}
    with duckdb.connect(config={"threads": 2, "memory_limit": duckdb_engine.MEMORY}) as engine:
        for name, table in tables.items():
            engine.register(name, table)
        after = queries.answer(engine, Query("SELECT * FROM {state}", tables, periods.steps(run_date)))
        after = after.select(HISTORY.names)
        engine.register("after", after)
        sql = periods.changed_sql(KEPT).replace("{state}", "{after}")
        return after, queries.answer(engine, Query(sql, {"after": after, "history": history})).num_rows


def size(table: pa.Table) -> int:
    """Bytes as one Parquet file."""
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(table, Path(folder, "t.parquet"), compression="zstd")
        return Path(folder, "t.parquet").stat().st_size


def agree(history: pa.Table, copies: pa.Table) -> bool:
    """Whether both name the same members on every night."""
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.register("history", history)
        engine.register("copies", copies)
        both = """SELECT d.run_date, h.customer_id, h.name FROM (SELECT DISTINCT run_date FROM copies) d
                  JOIN history h ON h.valid_from <= d.run_date AND (h.valid_to IS NULL OR h.valid_to > d.run_date)"""
        kept = "SELECT run_date, customer_id, name FROM copies"
        found = engine.execute(
            f"SELECT count(*) FROM (({both} EXCEPT {kept}) UNION ALL ({kept} EXCEPT {both})) x"
        ).fetchone()
    return found == (0,)


if __name__ == "__main__":
    sys.exit(main())
