"""Look at the records before comparing them: what each column holds, and from that which blocking rules to use.

Rules are chosen as a cover: draw virtual matches (which fields both records have, seen in the data; which of them are
equal, by what their types expect), and take the rule that catches most matches not caught yet for its pairs, until
the budget of pairs is spent or another rule catches next to nothing. No truth is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from jobs.identity.matching import blocking
from jobs.identity.matching.blocking import Rule, field_of
from jobs.identity.matching.engines import Engine
from jobs.identity.matching.semantic_types import TYPES, Field
from lakehouse.errors import LakehouseError

VIRTUAL_MATCHES = 4000
LEAST_GAIN = 0.0005  # share of all matches that a further rule must catch
CAUGHT_BEFORE = 0.2  # what catching a match once more is worth
SHARES_RARE_WORDS = {1: 0.95, 2: 0.85}  # how often two texts of one thing have so many of their rarest words in common
PARTLY_EQUAL = 0.5  # share of unequal values that agree in their first letters or in one part


@dataclass(frozen=True)
class ColumnProfile:
    """Facts of a column: shares 0 to 1; `collision` is the chance that two known values are equal."""

    field: str
    type: str
    known: float
    distinct: int
    collision: float
    most_common: float


@dataclass(frozen=True)
class Budget:
    """How many pairs blocking may make: in all, and for one rule; a block has at most so many records."""

    pairs: int
    rule_pairs: int
    largest_block: int
    most_rules: int


def profile_columns(engine: Engine, table: str, fields: Sequence[Field]) -> list[ColumnProfile]:
    """One row per field; only counts leave the engine."""
    per_field = " UNION ALL ".join(
        f"SELECT '{f.name}' AS field, count(*) AS distinct_values, max(n) AS most, "
        f"sum(CAST(n AS DOUBLE) * n) AS squares, CAST(sum(n) AS DOUBLE) AS known "
        f"FROM (SELECT {f.name}, count(*) AS n FROM {table} WHERE {f.name} IS NOT NULL GROUP BY {f.name}) {f.name}_n"
        for f in fields
    )
    total = max(engine.fetch(f"SELECT count(*) AS n FROM {table}").to_pylist()[0]["n"], 1)
    rows = {row["field"]: row for row in engine.fetch(per_field).to_pylist()}
    return [_profile(f, rows[f.name], total) for f in fields]


def _profile(field: Field, row: dict[str, float], total: int) -> ColumnProfile:
    known = row["known"] or 0.0
    if not known:
        return ColumnProfile(field.name, field.type, 0.0, 0, 0.0, 0.0)
    return ColumnProfile(
        field.name,
        field.type,
        known / total,
        int(row["distinct_values"]),
        row["squares"] / known**2,
        row["most"] / known,
    )


def possible_rules(fields: Sequence[Field]) -> list[Rule]:
    """Every key part alone, and every two parts of different fields."""
    parts = [(f.name, _part(f, key)) for f in fields for key in TYPES[f.type].keys]
    alone = [(part,) for name, part in parts]
    if {"given_name", "family_name"} <= {f.type for f in fields}:
        alone.append(("names",))  # both names in either order
    return alone + [(a, b) for (x, a), (y, b) in combinations(parts, 2) if x != y and "*" not in a + b]


def _part(field: Field, key: str) -> str:
    if key.isdigit():
        return f"{field.name}:{key}"
    return f"{field.name}{key}"


def choose_rules(engine: Engine, table: str, fields: Sequence[Field], record_count: int, budget: Budget) -> list[Rule]:
    """Blocking rules for records like those of `table`, the most useful first.

    Args:
        table: a sample, with rid; pairs grow with the square of its share.
        record_count: of all records.

    Raises:
        LakehouseError: no rule keeps within the budget.
    """
    rules = possible_rules(fields)
    sampled = max(engine.fetch(f"SELECT count(*) AS n FROM {table}").to_pylist()[0]["n"], 2)
    scale = (record_count / sampled) ** 2
    keys = blocking.keys_of(engine, table, rules)
    largest = max(int(budget.largest_block * sampled / max(record_count, 1)), 10)
    counted = blocking.count_pairs(engine, keys, largest)
    engine.drop(keys)
    cost = np.array([counted[i].pairs * scale if i in counted else np.inf for i in range(len(rules))])
    share = np.array([counted[i].share if i in counted else 0.0 for i in range(len(rules))])
    hits = _hits(rules, fields, _known(engine, table, fields))
    if not np.isfinite(cost).any():
        raise LakehouseError("no two records share a value of any field", "blocking", "look at the fields' types")
    hits &= np.random.default_rng(2001).random(hits.shape) < share  # what stands in too large a block is not met
    return [rules[i] for i in _cover(hits, cost, record_count, budget) or [int(np.argmin(cost))]]


def _known(engine: Engine, table: str, fields: Sequence[Field]) -> NDArray[np.bool_]:
    """Which fields both records of a virtual match have: of neighbours in an order made by chance."""
    known = ", ".join(f"{f.name} IS NOT NULL AS {f.name}" for f in fields)
    shuffled = f"SELECT {known} FROM {table} ORDER BY md5(concat(account_id, '|profile')) LIMIT {2 * VIRTUAL_MATCHES}"
    rows = engine.fetch(shuffled)
    matrix = np.stack([rows[f.name].to_numpy(zero_copy_only=False).astype(bool) for f in fields], axis=1)
    half = len(matrix) // 2
    both: NDArray[np.bool_] = matrix[:half] & matrix[half : 2 * half]
    return both


def _hits(rules: Sequence[Rule], fields: Sequence[Field], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which virtual match each rule catches: one row per match, one column per rule."""
    draw = np.random.default_rng(1969)
    columns = {f.name: i for i, f in enumerate(fields)}
    equality = np.array([TYPES[f.type].equality for f in fields])
    equal = known & (draw.random(known.shape) < equality)
    parts: dict[str, NDArray[np.bool_]] = {}
    for part in sorted({part for rule in rules for part in rule}):
        if part == "names":
            both = [i for i, f in enumerate(fields) if f.type in ("given_name", "family_name")]
            parts[part] = equal[:, both[0]] & equal[:, both[1]]
            continue
        column = columns.get(field_of(part), -1)
        if part.endswith("*"):
            parts[part] = known[:, column] & (draw.random(len(known)) < SHARES_RARE_WORDS[part.count("*")])
            continue
        if column < 0:  # a derived part: birth_year
            column = next(i for name, i in columns.items() if part.startswith(f"{name}_"))
        partly = known[:, column] & (draw.random(len(known)) < PARTLY_EQUAL)
        parts[part] = equal[:, column] | partly if part not in columns else equal[:, column]
    return np.stack([np.stack([parts[part] for part in rule]).all(axis=0) for rule in rules], axis=1)


def _cover(hits: NDArray[np.bool_], cost: NDArray[np.float64], record_count: int, budget: Budget) -> list[int]:
    """Greedy cover: the most matches not caught yet, for the root of the pairs (the first pairs are the cheapest).

    A match that is caught once counts on, at a smaller rate: faults come together, chance alone draws them apart.
    """
    missed = np.ones(len(hits))
    chosen: list[int] = []
    left = float(budget.pairs)
    while len(chosen) < budget.most_rules:
        gain = (hits * missed[:, None]).mean(axis=0)
        gain[chosen] = 0
        worth = np.where(cost <= min(left, budget.rule_pairs), gain / np.sqrt(cost + record_count / 2), 0)
        worth[gain < LEAST_GAIN] = 0
        best = int(np.argmax(worth))
        if not worth[best]:
            break
        chosen.append(best)
        left -= cost[best]
        missed *= np.where(hits[:, best], CAUGHT_BEFORE, 1.0)
    return chosen
