"""What became of a customer id: every id ever issued resolves, as of any day, for ever.

An id is alive from `created`, `split` or `restored` until `merged`, `retired` or `erased`; a merged id stands for the
one that it went into, and so on. `moved` changes no id.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.identity.matching.engines import Engine
from lakehouse.sql.literal import listed

BEGINS, MOST_STEPS = ("created", "split", "restored"), 1000
RANKS = {
    "created": 0,
    "split": 0,
    "restored": 1,
    "merged": 2,
    "retired": 3,
    "erased": 3,
}  # of one night, the last tells
EVENTS = "event IN (" + ", ".join(f"'{event}'" for event in RANKS) + ")"
ORDER = "CASE event " + " ".join(f"WHEN '{event}' THEN {rank}" for event, rank in RANKS.items()) + " END"


@dataclass(frozen=True)
class Resolved:
    """Where an id leads.

    customer_id: the living id, "" where there is none; state: alive, not yet issued, retired, erased or unknown;
    path: the requested id and those it went into, each with the day (None for the last).
    """

    customer_id: str
    state: str
    path: tuple[tuple[str, date | None], ...]


def resolve(ledger: pa.Table, customer_id: str, as_of: date) -> Resolved:
    """Follow one id.

    Args:
        ledger: customer_id, event, other_customer_id, run_date; all rows, or those that `chain` picks.
        as_of: the night of that day has been.

    Raises:
        ValueError: the moves lead in a circle.
    """
    rows = [row for row in ledger.to_pylist() if row["event"] in RANKS]
    path: list[tuple[str, date | None]] = []
    while len(path) < MOST_STEPS:
        own = [row for row in rows if row["customer_id"] == customer_id]
        last = max((row for row in own if row["run_date"] <= as_of), key=_turn, default=None)
        if last is None or last["event"] != "merged":
            path.append((customer_id, None))
            event = last["event"] if last else "not yet issued" if own else "unknown"
            state = "alive" if event in BEGINS else event
            return Resolved(customer_id if state == "alive" else "", state, tuple(path))
        path.append((customer_id, last["run_date"]))
        customer_id = last["other_customer_id"]
    raise ValueError("ids lead to each other in a circle")


def _turn(row: dict[str, Any]) -> tuple[date, int]:
    return row["run_date"], RANKS[row["event"]]


def chain(root: str, customer_id: str) -> pa.Table:
    """The rows of the ledger on an id and on all that it ever went into, read without a JVM.

    Args:
        root: the lake's root.
    """
    from lakehouse.lake.reader import Reader

    rows: dict[str, pa.Table] = {}
    wanted = {customer_id}
    while wanted:
        ledger_rows = Reader(root).sql(
            "SELECT customer_id, event, other_customer_id, run_date "
            f"FROM identity.customer_id_ledger WHERE customer_id IN ({listed(sorted(wanted))})"
        )
        rows |= {" ".join(sorted(wanted)): ledger_rows}
        seen = {one for key in rows for one in key.split()}
        wanted = {r["other_customer_id"] for r in ledger_rows.to_pylist() if r["event"] == "merged"} - seen
    return pa.concat_tables(list(rows.values()))


def all_resolved(root: str, as_of: date) -> pa.Table:
    """customer_id, living_id, state of every id that is issued by then, read without a JVM.

    Args:
        root: the lake's root.
    """
    from jobs.identity.matching.engines import DuckDBEngine
    from lakehouse.lake.reader import Reader

    engine = DuckDBEngine()
    engine.put(
        "ledger",
        Reader(root).sql("SELECT customer_id, event, other_customer_id, run_date FROM identity.customer_id_ledger"),
    )
    resolve_all(engine, as_of)
    resolved = engine.fetch("SELECT customer_id, living_id, state FROM resolved ORDER BY customer_id")
    engine.close()
    return resolved


def resolve_all(engine: Engine, as_of: date) -> None:
    """Make `resolved`: customer_id, living_id ("" where there is none), state, of every id that is issued by then.

    The engine's table `ledger` is identity.customer_id_ledger. Paths are halved in each round, so that rounds grow with
    the logarithm of the longest.
    """
    engine.make(
        "states",
        f"""
        SELECT customer_id, event, other_customer_id FROM (SELECT *, row_number() OVER (
            PARTITION BY customer_id ORDER BY run_date DESC, {ORDER} DESC) AS turn
        FROM ledger WHERE {EVENTS} AND run_date <= DATE '{as_of}') ranked WHERE turn = 1""",
    )
    engine.make(
        "leads",
        "SELECT customer_id, CASE WHEN event = 'merged' THEN other_customer_id ELSE customer_id END "
        "AS target FROM states",
    )
    for _ in range(MOST_STEPS):
        engine.make(
            "farther",
            "SELECT l.customer_id, t.target, CASE WHEN t.target = l.target THEN 0 ELSE 1 END AS went "
            "FROM leads l JOIN leads t ON l.target = t.customer_id",
        )
        engine.make("leads", "SELECT customer_id, target FROM farther")
        if not engine.fetch("SELECT 1 AS one FROM farther WHERE went = 1 LIMIT 1").num_rows:
            break
    alive = ", ".join(f"'{event}'" for event in BEGINS)
    engine.make(
        "resolved",
        f"""
        SELECT l.customer_id, CASE WHEN s.event IN ({alive}) THEN l.target ELSE '' END AS living_id,
               CASE WHEN s.event IN ({alive}) THEN 'alive' ELSE s.event END AS state
        FROM leads l JOIN states s ON l.target = s.customer_id""",
    )
