"""Match weights of compared pairs: what patterns say, the prior of their sources, less what neighbours explain."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.identity.matching import comparisons, patterns
from jobs.identity.matching.lanes import Lane


def make_bits(lane: Lane, model: dict[str, Any], form: patterns.Form, table: str, sources: Sequence[str]) -> None:
    """Make `pattern_bits` and `source_bits` of the compared pairs of `table`.

    Args:
        sources: channels in the order of their numbers.
    """
    codes = lane.fetch(f"SELECT DISTINCT pattern FROM {table} ORDER BY pattern")["pattern"].to_numpy()
    codes = codes.astype(np.int64)
    told = {"pattern": codes, "bits": patterns.bits_of(form, codes)}
    for number, cohort in enumerate(model[comparisons.COHORTS]):
        told[f"bits_{number}"] = patterns.cohort_bits_of(form, codes, cohort)
    lane.put("pattern_bits", pa.table(told))
    prior = comparisons.prior_bits(model)
    bits = [
        (i, j, prior + comparisons.channel_bits(model, a, b))
        for i, a in enumerate(sources)
        for j, b in enumerate(sources)
    ]
    left, right, weight = (np.array(column) for column in zip(*bits, strict=True)) if bits else ([], [], [])
    lane.put("source_bits", pa.table({"source_l": left, "source_r": right, "bits": weight}))


def sql(table: str, form: patterns.Form, cohorts: bool = True) -> str:
    """SQL: rid_l, rid_r, rule, match_weight of compared pairs, less what mere neighbours would explain."""
    odds = "".join(f" + power(2, p.bits_{i} - c.rarity_{i})" for i in range(len(form.cohorts) if cohorts else 0))
    less = f" - log2(1{odds})" if odds else ""
    return (
        f"SELECT c.rid_l, c.rid_r, c.rule, p.bits + s.bits - c.rarity{less} AS match_weight FROM {table} c "
        "JOIN pattern_bits p ON c.pattern = p.pattern "
        "JOIN source_bits s ON c.source_l = s.source_l AND c.source_r = s.source_r"
    )
