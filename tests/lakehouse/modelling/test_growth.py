"""How a tree grows: depth by depth, or by its best leaf; a category level by level, or in sets of levels."""

import numpy as np
import pandas as pd
import pytest

from lakehouse.modelling import boosting, training
from tests.lakehouse.modelling import made


def grown(rows: pd.DataFrame | None = None, **told: object) -> training.Trained:
    return made.trained(made.crossed() if rows is None else rows, search=made.QUICK.replace(**told))


def of_many_kinds(rows: int = 2_000) -> pd.DataFrame:
    """Twelve kinds, of which six are likely where a number is above 0, and none where it is not."""
    random = np.random.default_rng(1)
    kind, number = random.integers(0, 12, rows), random.normal(size=rows)
    label = random.random(rows) < np.where((kind % 2 == 1) & (number > 0), 0.9, 0.1)
    columns = {"id": [f"c{n}" for n in range(rows)], "kind": [f"kind {n:02d}" for n in kind], "number": number}
    return pd.DataFrame({**columns, "label": label})


def nodes(found: training.Trained) -> pd.DataFrame:
    """Of the best candidate's trees, whichever form won."""
    data = found.data
    learned = data.learned(data.split.train, data.label)
    booster = boosting.refitted(found.model, data.preparation, learned, found.candidates[0])
    made_so: pd.DataFrame = booster.trees_to_dataframe()
    return made_so


def test_a_tree_that_grows_by_its_best_leaf_has_no_more_leaves_than_told() -> None:
    leaves = nodes(grown(depths=(6,), most_leaves=3)).query("Feature == 'Leaf'").groupby("Tree").size()
    by_depth = nodes(grown(depths=(6,))).query("Feature == 'Leaf'").groupby("Tree").size()

    assert leaves.max() == 3
    assert by_depth.max() > 3


def test_what_each_feature_adds_to_trees_grown_by_their_best_leaf_sums_to_the_margin() -> None:
    found = grown(depths=(6,), most_leaves=5, learning_rate=0.05)
    rows = found.data.rows[found.data.split.test]

    added = boosting.contributions(found.scorer.booster, found.scorer.preparation, rows)

    assert added.sum(axis=1) == pytest.approx(found.scorer.margin(rows), abs=1e-4)


@pytest.mark.parametrize(("levels", "is_one_by_one"), [(12, True), (11, False)])
def test_a_category_of_no_more_levels_than_told_is_asked_level_by_level(levels: int, is_one_by_one: bool) -> None:
    asked = nodes(grown(of_many_kinds(), one_hot_levels=levels))["Category"].dropna()

    assert (max(map(len, asked)) == 1) == is_one_by_one
