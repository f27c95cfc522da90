"""Gold: how the shares of RFM segments, life cycle states, behaviour clusters and rule segments move.

Reads   gold.customer_rfm, gold.life_cycle, gold.behaviour_clusters, gold.segments
Writes  gold.segment_drift, one row per night, dimension and group
"""

import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from jobs.gold.settings.segment_drift import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("gold.customer_rfm", "gold.life_cycle", "gold.behaviour_clusters", "gold.segments")
READS_PREVIOUS = ("gold.segment_drift",)
WRITES = "gold.segment_drift"
DEPENDS_ON_RUN_DATE = True
CONF = "segment_drift"

TABLES = {table.split(".")[1]: table for table in READS}
OVERLAPPING = "segment"  # a customer may be in several: each is judged by itself, in or out
Groups = dict[tuple[str, str], int]
GROUPS = (
    "gold.customer_rfm.rfm_segment",
    "gold.life_cycle.state",
    "gold.behaviour_clusters.cluster",
    "gold.segments.segment",
)
LINEAGE = {WRITES: {"run_date": (), "dimension": (), "reference_date": (), "*": GROUPS}}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Count tonight's groups and compare them with those of the reference night."""
    tonight = lake.fetch(counts_query()).to_pylist()
    kept = lake.fetch(reference_query(run_date, settings)).to_pylist()
    rows = drift(tonight, kept, run_date, settings)
    lake.publish(WRITES, rows, run_date)
    for note in warnings(rows.to_pylist()):
        lake.note(WRITES, note)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from (counts_query(), reference_query(run_date, settings))


def counts_query() -> Query:
    """Tonight's groups."""
    columns = "dimension STRING, name STRING, customer_count BIGINT, base BIGINT"
    return Query(counts_sql(), TABLES, answers=columns)


def reference_query(run_date: date, settings: Settings) -> Query:
    """The rows to compare with."""
    return Query(reference_sql(run_date, settings.reference_days_back), {"drift": WRITES})


def counts_sql() -> str:
    """dimension, name, customer_count and base (customers that the dimension places), over TABLES."""
    parts = {
        "rfm_segment": ("customer_rfm", "rfm_segment"),
        "state": ("life_cycle", "state"),
        "cluster": ("behaviour_clusters", "cluster"),
        OVERLAPPING: ("segments", "segment"),
    }
    return " UNION ALL ".join(
        f"SELECT '{dimension}' AS dimension, {column} AS name, count(*) AS customer_count, "
        f"(SELECT count(*) FROM {{{'life_cycle' if dimension == OVERLAPPING else table}}}) AS base "
        f"FROM {{{table}}} GROUP BY {column}"
        for dimension, (table, column) in parts.items()
    )


def reference_sql(run_date: date, days_back: int) -> str:
    """The rows of the reference night, and those that an earlier run of this night left, over {drift}."""
    wanted = run_date - timedelta(days=days_back)
    return f"""
        SELECT * FROM {{drift}} WHERE run_date = DATE '{run_date}' OR run_date = (
            SELECT coalesce(max(CASE WHEN run_date <= DATE '{wanted}' THEN run_date END), min(run_date))
            FROM {{drift}} WHERE run_date < DATE '{run_date}')"""


def drift(tonight: list[dict[str, Any]], kept: list[dict[str, Any]], run_date: date, settings: Settings) -> pa.Table:
    """The night's rows of gold.segment_drift; groups without customers too where the reference night had some.

    Args:
        tonight: the answer of `counts_sql`.
        kept: that of `reference_sql`.
    """
    before = [row for row in kept if row["run_date"] < run_date]
    counts: Groups = {(r["dimension"], r["name"]): r["customer_count"] for r in tonight}
    bases = {r["dimension"]: r["base"] for r in tonight}
    old: dict[tuple[str, str], float] = {(r["dimension"], r["name"]): r["share"] for r in before}
    groups = sorted({*counts, *((r["dimension"], r["name"]) for r in kept)})
    shares = {g: counts.get(g, 0) / bases[g[0]] if bases.get(g[0]) else 0.0 for g in groups}
    compared = {d for d, _ in groups if bases.get(d) and any(was > 0 for (of, _), was in old.items() if of == d)}
    parts = {g: part(shares[g], old.get(g, 0.0), settings.smallest_share) for g in groups}
    rows = []
    for dimension, name in groups:
        group = (dimension, name)
        index = psi(dimension, name, parts, shares, old, settings.smallest_share) if dimension in compared else None
        rows.append(
            {
                "run_date": run_date,
                "dimension": dimension,
                "name": name,
                "customer_count": counts.get(group, 0),
                "share": shares[group],
                "reference_date": before[0]["run_date"] if before else None,
                "reference_share": old.get(group, 0.0) if dimension in compared else None,
                "contribution": parts[group] if dimension in compared else None,
                "psi": index,
                "verdict": verdict(index, settings),
            }
        )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


SCHEMA = pa.schema(
    {
        "run_date": pa.date32(),
        "dimension": pa.string(),
        "name": pa.string(),
        "customer_count": pa.int64(),
        "share": pa.float64(),
        "reference_date": pa.date32(),
        "reference_share": pa.float64(),
        "contribution": pa.float64(),
        "psi": pa.float64(),
        "verdict": pa.string(),
    }
)


def part(share: float, was: float, smallest: float) -> float:
    """One group's addend of the population stability index: (p - q) ln(p / q), shares no smaller than `smallest`."""
    p, q = max(share, smallest), max(was, smallest)
    return (p - q) * math.log(p / q)


def psi(
    dimension: str,
    name: str,
    parts: Mapping[tuple[str, str], float],
    shares: Mapping[tuple[str, str], float],
    old: Mapping[tuple[str, str], float],
    smallest: float,
) -> float:
    """The index of a dimension: the sum over its groups; of groups that overlap, that of being in one or not."""
    if dimension != OVERLAPPING:
        return math.fsum(value for (of, _), value in parts.items() if of == dimension)
    group = (dimension, name)
    return parts[group] + part(1 - shares[group], 1 - old.get(group, 0.0), smallest)


def verdict(index: float | None, settings: Settings) -> str:
    """stable, shifted or drifted; unknown without a reference."""
    if index is None:
        return "unknown"
    return "drifted" if index >= settings.alarm_above else "shifted" if index >= settings.warn_above else "stable"


def warnings(rows: list[dict[str, Any]]) -> list[str]:
    """A sentence for each dimension or rule segment that is not stable, with the group that moved most."""
    largest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        if row["verdict"] in ("shifted", "drifted"):
            key = (row["dimension"], row["name"] if row["dimension"] == OVERLAPPING else "")
            if key not in largest or row["contribution"] > largest[key]["contribution"]:
                largest[key] = row
    return [
        f"{row['dimension']} has {row['verdict']} since {row['reference_date']}: PSI {row['psi']:.2f}, above all "
        f"{row['name']}, {100 * row['reference_share']:.1f} to {100 * row['share']:.1f} % of customers"
        for row in largest.values()
    ]
