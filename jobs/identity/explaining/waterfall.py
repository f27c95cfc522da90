"""What each comparison says about a pair: the match weight taken apart, bar by bar, from the model's own document.

A pair's weight is the sum of its bars: prior, pair of channels, one bar per field (log2 of m/u of its level), one for
the rarity of a value that agrees, and what mere neighbours would explain.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import pyarrow as pa

from lakehouse.sql import duckdb_engine

CHANNELS = "channels"
COSINE = re.compile(r"\bcos_(\w+)")
Pair = tuple[str, str]
Model = dict[str, Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """One piece of evidence.

    kind: prior, channels, field, rarity, neighbours, or other; bits: for (positive) or against one person; level: in
    words; values: what was compared, personal.
    """

    kind: str
    name: str
    level: str
    bits: float
    values: tuple[str | None, str | None] = (None, None)


@dataclass(frozen=True)
class Scorer:
    """A model at work on a few pairs.

    model: Splink settings with parameters (identity.linkage_models); cohorts are ours.
    records: of cleaning.clean; all of them where `has_all`, so that the rarity of values can be counted.
    """

    model: Model
    records: pa.Table
    has_all: bool

    def bars(self, pairs: Sequence[Pair]) -> dict[Pair, list[Bar]]:
        """The evidence for each pair, in the order of the model."""
        if not pairs or "comparisons" not in self.model:
            return {}
        with duckdb_engine.connect() as engine:
            engine.register("records", self.records)
            engine.register("wanted_pairs", pa.table({"l": [p[0] for p in pairs], "r": [p[1] for p in pairs]}))
            rows = engine.sql(self._sql()).to_arrow_table().to_pylist()
            shares = self._shares(engine, rows) if self.has_all else {}
        return {(row["account_id_l"], row["account_id_r"]): list(self._of(row, shares)) for row in rows}

    @cached_property
    def _columns(self) -> list[str]:
        return [name for name in self.records.column_names if name != "record_hash"]

    def _sql(self) -> str:
        sides = [f"{side}.{name} AS {name}_{end}" for name in self._columns for side, end in (("a", "l"), ("b", "r"))]
        words = sorted(
            {
                name
                for c in self.model["comparisons"]
                for x in c["comparison_levels"]
                for name in COSINE.findall(x["sql_condition"])
            }
        )
        sides += [f"CAST(NULL AS DOUBLE) AS cos_{name}" for name in words]  # weights of words need all records
        levels = [f"{_level(c)} AS level_{i}" for i, c in enumerate(self.model["comparisons"])]
        return (
            f"SELECT *, {', '.join(levels)} FROM (SELECT {', '.join(sides)} FROM wanted_pairs p "
            "JOIN records a ON p.l = a.account_id JOIN records b ON p.r = b.account_id) met"
        )

    def _shares(self, engine: duckdb.DuckDBPyConnection, rows: list[Row]) -> dict[tuple[str, str], float]:
        """Share of the records with a value that have this one: (field, value) -> 0 to 1."""
        wanted = {
            (c["output_column_name"], row[f"{c['output_column_name']}_l"])
            for row in rows
            for i, c in enumerate(self.model["comparisons"])
            if "tf_adjustment_column" in c["comparison_levels"][row[f"level_{i}"]]
        }
        shares: dict[tuple[str, str], float] = {}
        for field in {name for name, _ in wanted}:
            values = [value for name, value in wanted if name == field]
            counted = engine.execute(
                f"SELECT {field}, count(*) / (SELECT count({field}) FROM records WHERE record_hash IS NOT NULL) "
                f"FROM records WHERE record_hash IS NOT NULL AND {field} IN (SELECT unnest(?)) GROUP BY 1",
                [values],
            )
            shares |= {(field, value): share for value, share in counted.fetchall()}
        return shares

    def _of(self, row: Row, shares: dict[tuple[str, str], float]) -> Iterator[Bar]:
        prior = self.model["probability_two_random_records_match"]
        yield Bar("prior", "prior", "two records at random", math.log2(prior / (1 - prior)))
        rare: dict[str, float] = {}
        for number, comparison in enumerate(self.model["comparisons"]):
            name = comparison["output_column_name"]
            level = comparison["comparison_levels"][row[f"level_{number}"]]
            values = (row.get(f"{name}_l"), row.get(f"{name}_r"))
            kind = CHANNELS if name == CHANNELS else "field"
            label = f"{row['channel_l']} and {row['channel_r']}" if kind == CHANNELS else level["label_for_charts"]
            yield Bar(kind, name, label, 0.0 if level.get("is_null_level") else _bits(level), values)
            share = shares.get((name, values[0] or ""))
            if "tf_adjustment_column" in level and share:
                least = max(share, level.get("tf_minimum_u_value", 0.0))
                rare[name] = math.log2(least)
                rarity = math.log2(level["u_probability"] / least)
                yield Bar("rarity", name, f"1 in {1 / share:,.0f} has this value", rarity, values)
        if self.has_all and self.model.get("cohorts"):
            yield Bar(
                "neighbours", "neighbours", "agrees as people of one home or town do", self._neighbours(row, rare)
            )

    def _neighbours(self, row: Row, rare: dict[str, float]) -> float:
        """What the odds of being mere neighbours take from the weight."""
        odds = 1.0
        for cohort in self.model["cohorts"]:
            bits = cohort["prior_bits"]
            for number, comparison in enumerate(self.model["comparisons"]):
                name, levels = comparison["output_column_name"], comparison["comparison_levels"]
                if name in cohort["bits"]:
                    level = row[f"level_{number}"]
                    if not levels[level].get("is_null_level"):
                        bits += cohort["bits"][name][len(levels) - 1 - level]  # they are kept "differs" first
                    bits -= rare.get(name, 0.0)
            odds += 2.0**bits
        return -math.log2(odds)


def _level(comparison: Model) -> str:
    """SQL: the number of the first level that holds."""
    levels = comparison["comparison_levels"]
    whens = [f"WHEN {x['sql_condition']} THEN {i}" for i, x in enumerate(levels) if x["sql_condition"] != "ELSE"]
    return f"CASE {' '.join(whens)} ELSE {len(levels) - 1} END"


def _bits(level: Row) -> float:
    return math.log2(level["m_probability"] / level["u_probability"])
