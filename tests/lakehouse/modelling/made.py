"""Small tables with a known truth, and models of them that train in a moment."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from lakehouse.modelling import spec, table, training

QUICK = spec.Search(depths=(2,), is_wide=False, max_trees=30, patience=10, bootstrap_rounds=60, learning_rate=0.2)
GATES = spec.Gates(min_examples=100, min_of_each_kind=10, slice_min_examples=40)


def model(**changes: Any) -> spec.Model:
    """A model of customers with a label."""
    made = {
        "model": "made",
        "about": "who comes back",
        "purpose": "retention",
        "examples": spec.Examples(subject=("id",)),
        "label": spec.Label(column="label"),
        "gates": GATES,
        "search": QUICK,
    }
    return spec.Model(**{**made, **changes})


def frame(rows: int = 700, seed: int = 1) -> pd.DataFrame:
    """id, two numbers and a category that say something, one that says nothing, and the label."""
    random = np.random.default_rng(seed)
    first, second, noise = random.normal(size=(3, rows))
    kind = random.choice(["a", "b", "c"], rows)
    margin = first - 0.8 * second + (kind == "b") - 0.5
    label = random.random(rows) < 1 / (1 + np.exp(-margin))
    return pd.DataFrame(
        {"id": [f"c{n}" for n in range(rows)], "first": first, "second": second, "kind": kind, "noise": noise}
    ).assign(label=label)


def crossed(rows: int = 900, seed: int = 1) -> pd.DataFrame:
    """The same with a label that two numbers tell together and neither alone: trees find it, a line does not."""
    made = frame(rows, seed)
    margin = 4.0 * ((made["first"] > 0) ^ (made["second"] > 0)) - 2 + made["first"]
    return made.assign(label=np.random.default_rng(seed).random(rows) < 1 / (1 + np.exp(-margin)))


def examples(of: spec.Model, rows: pd.DataFrame) -> table.Table:
    return table.of_arrow(of, pa.Table.from_pandas(rows, preserve_index=False))


def trained(rows: pd.DataFrame | None = None, **changes: Any) -> training.Trained:
    of = model(**changes)
    return training.train(of, examples(of, frame() if rows is None else rows))
