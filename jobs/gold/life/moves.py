"""Who moved from which state to which in a night, and whether the machine allows it."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.gold.settings.life_cycle import STATES

NEW, GONE = "new", "gone"  # came to be a customer, and is one no more (merged into another, or without an account)


def moves_sql() -> str:
    """from_state, to_state, customer_count, mean_dwell_days (from `since` to the move), over {before} and {tonight}."""
    return f"""
    SELECT coalesce(b.state, '{NEW}') AS from_state, coalesce(t.state, '{GONE}') AS to_state,
           count(*) AS customer_count, avg(datediff(coalesce(t.since, b.valid_from), b.since)) AS mean_dwell_days
    FROM {{before}} b FULL JOIN {{tonight}} t ON b.customer_id = t.customer_id
    GROUP BY coalesce(b.state, '{NEW}'), coalesce(t.state, '{GONE}')"""


def reachable(moves: Mapping[str, Sequence[str]], days: int) -> NDArray[np.bool_]:
    """Which state can follow which within so many days, each state itself included: rows from, columns to."""
    steps = np.eye(len(STATES), dtype=bool)
    for state, after in moves.items():
        steps[STATES.index(state), [STATES.index(to) for to in after]] = True
    reached = steps
    for _ in range(min(days, len(STATES)) - 1):
        reached = (reached.astype(int) @ steps.astype(int)) > 0
    return reached


def matrix(counted: pa.Table, run_date: date, days: int | None, moves: Mapping[str, Sequence[str]]) -> pa.Table:
    """All cells of the night's transition matrix, those without customers too: gold.life_cycle_moves.

    Args:
        counted: the answer of `moves_sql`.
        days: since the night before; None on the first night.
    """
    allowed = reachable(moves, days or 1)
    seen = {(row["from_state"], row["to_state"]): row for row in counted.to_pylist()}
    cells = [(a, b) for a in (NEW, *STATES) for b in (*STATES, GONE) if (a, b) != (NEW, GONE)]
    totals = {a: sum(seen[cell]["customer_count"] for cell in cells if cell in seen and cell[0] == a) for a, _ in cells}

    def row(a: str, b: str) -> dict[str, object]:
        count = seen.get((a, b), {}).get("customer_count", 0)
        free = a == NEW or b == GONE or bool(allowed[STATES.index(a), STATES.index(b)])
        dwell = seen.get((a, b), {}).get("mean_dwell_days") if a != b else None
        return {
            "run_date": run_date,
            "from_state": a,
            "to_state": b,
            "customer_count": count,
            "share": count / totals[a] if totals[a] else None,
            "mean_dwell_days": dwell,
            "is_allowed": free,
            "days_since_last_night": days,
        }

    types = {
        "run_date": pa.date32(),
        "from_state": pa.string(),
        "to_state": pa.string(),
        "customer_count": pa.int64(),
        "share": pa.float64(),
        "mean_dwell_days": pa.float64(),
        "is_allowed": pa.bool_(),
        "days_since_last_night": pa.int32(),
    }
    return pa.Table.from_pylist([row(a, b) for a, b in cells], schema=pa.schema(types))


def faults(matrix: pa.Table) -> int:
    """Customers whose move the machine does not allow."""
    return sum(row["customer_count"] for row in matrix.to_pylist() if not row["is_allowed"])
