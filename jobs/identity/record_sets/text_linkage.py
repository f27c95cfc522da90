"""Record files of texts (catalogues, publications): lists without doubles, linked by the words that they share."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import pyarrow as pa

from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.matching.plan import Plan
from jobs.identity.matching.semantic_types import Field
from jobs.identity.text_lists import lists
from jobs.identity.text_lists.assignment import Floats

TEXTS = ("free_text", "company", "category")
LEAST_BITS = -2.9  # a pair that is not kept counts -3: nothing joins below that
NOTHING = (
    "nothing that '{}' and '{}' have in common can be told from chance: none were joined; add a field, or "
    "look whether the lists overlap"
)


@dataclass(frozen=True)
class TextLinkage:
    """Pairs of partners (bits), how many pairs were compared, from which weight they join, what a reader must know.

    expected_pairs: right pairs that there should be, found or not.
    """

    edges: pa.Table
    compared: int
    expected_pairs: float
    join_weight_bits: float
    notes: tuple[str, ...]


def is_for(plan: Plan) -> bool:
    """Whether records are lists of texts without doubles: nothing here is of a person or of a place."""
    types = [f.type for f in plan.fields]
    return plan.across and "free_text" in types and all(kind in (*TEXTS, "number") for kind in types)


def linked(engine: DuckDBEngine, fields: Sequence[Field]) -> TextLinkage:
    """Partners in every two lists of `cleaned`."""
    columns = ", ".join(["account_id", "channel", *(f.name for f in fields)])
    rows = engine.fetch(f"SELECT {columns} FROM cleaned WHERE record_hash IS NOT NULL ORDER BY account_id").to_pandas()
    texts = {f.name: rows[f.name].fillna("").tolist() for f in fields if f.type in TEXTS}
    numbers = {f.name: rows[f.name].to_numpy(np.float64) for f in fields if f.type == "number"}
    ids, compared, should_be, notes = rows["account_id"].to_numpy(object), 0, 0.0, []
    edges = [_edges(ids[:0], ids[:0], np.zeros(0))]
    for one, other in combinations(sorted(rows["channel"].unique()), 2):
        sides = (np.flatnonzero(rows["channel"] == channel) for channel in (one, other))
        partners = lists.partners(texts, numbers, *sides)
        compared += partners.compared
        if not partners.stand_out:
            notes.append(NOTHING.format(one, other))
            continue
        should_be += partners.expected_pairs
        edges.append(_edges(ids[partners.left], ids[partners.right], partners.probability))
    every = pd.concat(edges, ignore_index=True)
    return TextLinkage(
        pa.Table.from_pandas(every, preserve_index=False),
        compared,
        should_be,
        joins_from(every["match_weight"]),
        tuple(notes),
    )


def _edges(left: Sequence[str], right: Sequence[str], probability: Floats) -> pd.DataFrame:
    ends = np.sort(np.stack([np.asarray(left, object), np.asarray(right, object)]), axis=0)
    kept = np.clip(probability, 1e-6, 1 - 1e-6)
    made = {"account_id_left": ends[0], "account_id_right": ends[1], "match_weight": np.log2(kept / (1 - kept))}
    return pd.DataFrame(made).astype({"account_id_left": "str", "account_id_right": "str", "match_weight": "float64"})


def joins_from(bits: pd.Series) -> float:
    """The weight from which on joining is expected to give the best F1."""
    sure = np.sort(bits.to_numpy(np.float64))[::-1]
    if not len(sure):
        return 0.0
    right = 1 / (1 + np.exp2(-sure))
    f1 = 2 * np.cumsum(right) / (np.arange(1, len(sure) + 1) + right.sum())
    return float(max(sure[int(np.argmax(f1))], LEAST_BITS))
