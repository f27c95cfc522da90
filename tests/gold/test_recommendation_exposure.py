"""gold.recommendation_exposure: what each group is shown, and who is left out."""

import numpy as np
import pytest

from jobs.gold.recommendation_exposure import EXPOSURE, STEPS
from jobs.gold.recommending.measures import gini
from tests.both_engines import stepwise_answers


def test_groups_are_counted_with_those_who_are_shown_nothing(spark):
    shown = [
        ("ann", "a", "new", True, 0.5),
        ("ann", "b", "due", False, 0.25),
        ("bob", "a", "new", True, 0.75),
        ("dan", "c", "repurchase", False, 0.5),
    ]
    tables = {
        "recommendations": spark.createDataFrame(
            shown, "customer_id STRING, item STRING, kind STRING, is_long_tail BOOLEAN, score DOUBLE"
        ),
        "customer_rfm": spark.createDataFrame(
            [("ann", "loyal"), ("bob", "loyal"), ("cat", "lost")], "customer_id STRING, rfm_segment STRING"
        ),
        "behaviour_clusters": spark.createDataFrame([("ann", "stock-up")], "customer_id STRING, cluster STRING"),
        "customer_map": spark.createDataFrame(
            [(c,) for c in ("ann", "ann", "bob", "cat", "dan")], "customer_id STRING"
        ),
    }

    found = {row[:2]: row[2:] for row in stepwise_answers(spark, EXPOSURE, STEPS, **tables)}

    loyal = gini(np.array([2.0, 1.0]))
    shares = [pytest.approx(part / 3) for part in (2, 1, 2)]
    of_items = (2, pytest.approx(2 / 3), pytest.approx(loyal))
    assert found["rfm_segment", "loyal"] == (2, 2, 3, *shares, *of_items, 0.5)
    assert found["rfm_segment", "lost"] == (1, 0, 0, None, None, None, 0, None, None, None)
    assert found["rfm_segment", "none"][:3] == (1, 1, 1)
    assert found["behaviour_cluster", "stock-up"][:3] == (1, 1, 2)
    assert found["all", "all"][:3] == (4, 3, 4)
