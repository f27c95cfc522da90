"""Match weights of compared pairs: what patterns say, the prior of their sources, less what neighbours explain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.identity.matching import comparisons, patterns
from jobs.identity.matching.engines import Engine, Table


@dataclass(frozen=True)
class Bits:
    """What adds up to a weight: tables of the bits of each pattern and of each pair of sources."""

    patterns: Table
    sources: Table


def bits_of(
    engine: Engine, model: dict[str, Any], spec: patterns.ComparisonSpec, compared: Table, sources: Sequence[str]
) -> Bits:
    """The bits that compared pairs can have.

    Args:
        sources: channels in the order of their numbers.
    """
    codes = engine.fetch(f"SELECT DISTINCT pattern FROM {compared} ORDER BY pattern")["pattern"].to_numpy()
    codes = codes.astype(np.int64)
    by_pattern = {"pattern": codes, "bits": patterns.bits_of(spec, codes)}
    for number, cohort in enumerate(model[comparisons.COHORTS]):
        by_pattern[f"bits_{number}"] = patterns.cohort_bits_of(spec, codes, cohort)
    prior = comparisons.prior_bits(model)
    bits = [
        (i, j, prior + comparisons.channel_bits(model, a, b))
        for i, a in enumerate(sources)
        for j, b in enumerate(sources)
    ]
    left, right, weight = (np.array(column) for column in zip(*bits, strict=True)) if bits else ([], [], [])
    by_source = pa.table({"source_l": left, "source_r": right, "bits": weight})
    return Bits(engine.table_of("pattern_bits", pa.table(by_pattern)), engine.table_of("source_bits", by_source))


def sql(compared: Table, bits: Bits, spec: patterns.ComparisonSpec, cohorts: bool = True) -> str:
    """SQL: rid_l, rid_r, rule, match_weight of compared pairs, less what mere neighbours would explain."""
    odds = "".join(f" + power(2, p.bits_{i} - c.rarity_{i})" for i in range(len(spec.cohorts) if cohorts else 0))
    less = f" - log2(1{odds})" if odds else ""
    return (
        f"SELECT c.rid_l, c.rid_r, c.rule, p.bits + s.bits - c.rarity{less} AS match_weight FROM {compared} c "
        f"JOIN {bits.patterns} p ON c.pattern = p.pattern "
        f"JOIN {bits.sources} s ON c.source_l = s.source_l AND c.source_r = s.source_r"
    )
