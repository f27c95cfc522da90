"""Followers of all pairs of items in all windows: our running sums against a self-join of first purchases by DuckDB.

    python -m benchmarks.follow_on [--customers 2469 10000 50000] [--items 302] [--rounds 3]

Both start from the same generated first purchases in memory. The join counts who followed; ours also gives how many
comparable customers would have. The ratio counts only when both count the same followers.
"""

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from jobs.gold.follow_on.excess import excess
from jobs.gold.follow_on.first_purchases import NEVER, FirstPurchases
from tests.gold.follow_on_people import independent

WINDOWS_DAYS = (7, 14, 30, 60, 90, 180)
UNSEEN_DAYS = 56
FIGURES = "{name:24} {wall:8.2f} s wall {cpu:8.2f} s CPU"


def main() -> None:
    """Count with both, compare, print seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="*", default=[2_469, 10_000])
    parser.add_argument("--items", type=int, default=302)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for customers in arguments.customers:
        people = independent(np.random.default_rng(1), customers, arguments.items)
        print(f"{customers:,} customers, {(people.days < NEVER).sum():,} first purchases of {arguments.items} items")
        compare(people, arguments.rounds)


def compare(people: FirstPurchases, rounds: int) -> None:
    """Both in turn, so that a busy machine is fair to both."""
    mine, theirs = [], []
    for _ in range(rounds):
        mine.append(timed(lambda: excess(people, WINDOWS_DAYS, people.first_day + UNSEEN_DAYS).observed))
        theirs.append(timed(lambda: joined(people)))
    ours, peer = (min(runs, key=lambda run: run["cpu"]) for runs in (mine, theirs))
    off = ~np.eye(len(people.items), dtype=bool)
    same = np.array_equal(ours["answer"][:, off], peer["answer"][:, off])
    for name, run in (("running sums, expected too", ours), ("DuckDB self-join", peer)):
        print(FIGURES.format(name=name, **run))
    wall = statistics.median(t["wall"] for t in theirs) / statistics.median(m["wall"] for m in mine)
    print(f"the same followers: {same}; {wall:.1f} times as fast, {peer['cpu'] / ours['cpu']:.1f} times in CPU")
    print(f"peak memory of all {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10:,} MiB")


def timed(run: Callable[[], Any]) -> dict[str, Any]:
    """Wall and CPU seconds, and the answer."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = run()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "answer": answer}


def joined(people: FirstPurchases) -> np.ndarray:
    """Followers [window, a, b] by joining each customer's first purchases with themselves."""
    customer, item = np.nonzero(people.days < NEVER)
    rows = pa.table({"customer": customer, "item": item, "day": people.days[customer, item]})
    counts = ", ".join(f"count(*) FILTER (b.day - a.day <= {days})" for days in WINDOWS_DAYS)
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.register("bought", rows)
        found = engine.sql(f"""
            SELECT a.item, b.item, {counts} FROM bought a JOIN bought b ON a.customer = b.customer
            WHERE a.day >= {people.first_day + UNSEEN_DAYS} AND b.day > a.day GROUP BY a.item, b.item""").fetchnumpy()
    columns = list(found.values())
    answer = np.zeros((len(WINDOWS_DAYS), len(people.items), len(people.items)))
    answer[:, columns[0], columns[1]] = columns[2:]
    return answer


if __name__ == "__main__":
    main()
