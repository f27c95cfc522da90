"""What a trained match model says of itself: its parameters, its faults, and how right it expects to be."""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

Model = dict[str, Any]
LEAST_BITS = 1.0  # a model whose best field tells less than this learned nothing


@dataclass(frozen=True)
class Level:
    """One level of agreement of a comparison: how often matches (m) and random pairs (u) agree so."""

    comparison: str
    label: str
    m: float
    u: float

    @property
    def bits(self) -> float:
        """What the level says: log2 of m / u."""
        return math.log2(self.m / self.u)


@dataclass(frozen=True)
class Expected:
    """What match probabilities promise at a threshold.

    pairs_kept and pairs_joined are counts; matches is the expected number of true pairs there are; precision of the
    joined pairs, recall over all true pairs, 0 to 1 (precision 1 without a joined pair).
    """

    pairs_kept: int
    pairs_joined: int
    matches: float
    precision: float
    recall: float


def levels(model: Model) -> Iterator[Level]:
    """The levels that have parameters, comparison by comparison, the strongest agreement first."""
    for comparison in model.get("comparisons", []):
        for level in comparison["comparison_levels"]:
            if "m_probability" in level:
                label = level.get("label_for_charts", level["sql_condition"])
                yield Level(comparison["output_column_name"], label, level["m_probability"], level["u_probability"])


def fault(model: Model) -> str:
    """Why a model must not be used, in words; empty where nothing is wrong with it.

    Training that ran away shows in its parameters: shares outside 0 to 1, or agreement that says nothing.
    """
    all_levels = list(levels(model))
    if not all_levels:
        return "it has no parameters"
    shares = [share for level in all_levels for share in (level.m, level.u)]
    if not all(math.isfinite(share) and 0 < share <= 1 for share in shares):
        return "a share is not between 0 and 1: the training did not converge"
    prior = float(model.get("probability_two_random_records_match", 0))
    if not 0 < prior < 0.5:
        return "the share of matches among random pairs is not between 0 and 0.5: the training did not converge"
    if max(level.bits for level in all_levels) < LEAST_BITS:
        return "no field tells matches from random pairs: the training did not converge"
    return ""


def model_hash(model: Model) -> str:
    """A name for exactly these parameters: 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(model, sort_keys=True).encode()).hexdigest()[:16]


def expected(probabilities: pa.Table, model: Model, record_count: int, joins_from_bits: float) -> Expected:
    """Precision and recall that the match probabilities themselves promise.

    Args:
        probabilities: bits (rounded match weight), pairs, matches (sum of match probabilities); one row per weight.
        record_count: records that could have been paired.
        joins_from_bits: the threshold.
    """
    rows = probabilities.to_pylist()
    joined = [row for row in rows if row["bits"] >= joins_from_bits]
    prior = float(model.get("probability_two_random_records_match", 0))
    kept_matches, joined_matches = (float(sum(r["matches"] for r in part)) for part in (rows, joined))
    matches = max(prior * record_count * (record_count - 1) / 2, kept_matches)
    pairs = int(sum(row["pairs"] for row in joined))
    return Expected(
        pairs_kept=int(sum(row["pairs"] for row in rows)),
        pairs_joined=pairs,
        matches=matches,
        precision=joined_matches / pairs if pairs else 1.0,
        recall=joined_matches / matches if matches else 1.0,
    )
