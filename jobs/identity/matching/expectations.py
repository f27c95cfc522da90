"""What a model expects of itself: from which weight on it joins, how right that is, and what it never sees."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.identity.matching import comparisons, found_share, patterns, threshold, weights
from jobs.identity.matching.engines import Engine, Table
from jobs.identity.matching.found_share import Evidence, Seen
from jobs.identity.matching.semantic_types import Field
from jobs.identity.matching.training import Floats

FOUND = "found"  # share of the right pairs that weigh even odds or more
SLACK_BITS = -1.0  # rarities are rounded


def of_pairs(
    engine: Engine,
    model: dict[str, Any],
    spec: patterns.ComparisonSpec,
    compared: Table,
    sources: Sequence[str],
    plan: tuple[Sequence[Field], float],
) -> dict[str, float]:
    """The document of `threshold.Expectation`, and FOUND, from the pairs that the model learned from.

    Args:
        plan: the fields, and the least precision that joining may expect.
    """
    bits = weights.bits_of(engine, model, spec, compared, sources)
    binned = f"SELECT (floor(match_weight * 4) + 0.5) / 4 AS bits FROM ({weights.sql(compared, bits, spec)}) w"
    rows = engine.fetch(f"SELECT bits, count(*) AS n FROM ({binned}) b GROUP BY bits ORDER BY bits")
    middle, count = (rows[name].to_numpy().astype(np.float64) for name in ("bits", "n"))
    fields, least_precision = plan
    joins = threshold.chosen(threshold.expectations(middle, count), least_precision)
    seen = _seen(_rows(engine, spec, compared, bits), model, spec)
    return {**asdict(joins), FOUND: found_share.estimated(seen, [field.type for field in fields])}


def _rows(engine: Engine, spec: patterns.ComparisonSpec, compared: Table, bits: weights.Bits) -> pa.Table:
    """Patterns of pairs that may weigh even odds: pattern, constant, rarity, rarity_<n>, pairs."""
    sums = ["rarity", *[f"rarity_{number}" for number in range(len(spec.cohorts))]]
    rounded = ", ".join(f"CAST(round(c.{name}) AS INT) AS {name}" for name in sums)
    groups = ", ".join(str(number + 1) for number in range(2 + len(sums)))
    return engine.fetch(
        f"SELECT c.pattern, s.bits AS constant, {rounded}, count(*) AS pairs FROM {compared} c "
        f"JOIN {bits.patterns} p ON c.pattern = p.pattern "
        f"JOIN {bits.sources} s ON c.source_l = s.source_l AND c.source_r = s.source_r "
        f"WHERE p.bits + s.bits - c.rarity >= {SLACK_BITS} GROUP BY {groups}"
    ).sort_by([(name, "ascending") for name in ("pattern", "constant", *sums)])


def _seen(rows: pa.Table, model: dict[str, Any], spec: patterns.ComparisonSpec) -> Seen:
    gammas = spec.gammas(rows["pattern"].to_numpy().astype(np.int64))
    agrees, typical = np.zeros(gammas.shape), np.zeros(len(spec.names))
    for column in spec.by_frequency:
        agrees[:, column] = gammas[:, column] == spec.levels[column] - 1
        typical[column] = _by_chance(spec.comparisons[column])

    def by_field(levels: Sequence[Floats], rarity: str, columns: Sequence[int]) -> Floats:
        bits = np.stack([np.append(own, 0.0)[gammas[:, i]] for i, own in enumerate(levels)], axis=1)
        counted = np.isin(np.arange(len(spec.names)), columns)
        return found_share.with_rarity(bits, agrees * counted, rows[rarity].to_numpy().astype(float), typical)

    matched = by_field([patterns.level_bits(c) for c in spec.comparisons], "rarity", range(len(spec.names)))
    near = []
    for number, (cohort, document) in enumerate(zip(spec.cohorts, model[comparisons.COHORTS], strict=True)):
        levels = [
            np.array(document["bits"].get(name, [0.0] * count))
            for name, count in zip(spec.names, spec.levels, strict=True)
        ]
        bits = by_field(levels, f"rarity_{number}", cohort.columns)
        near.append(Evidence(bits, np.full(len(bits), float(document["prior_bits"]))))
    evidence = Evidence(matched, rows["constant"].to_numpy().astype(float))
    return Seen(evidence, near, rows["pairs"].to_numpy().astype(float))


def _by_chance(comparison: dict[str, Any]) -> float:
    """log2 of how often two random records have the same value."""
    (equal,) = [x for x in comparison["comparison_levels"] if "tf_adjustment_column" in x]
    return float(np.log2(equal["u_probability"]))
