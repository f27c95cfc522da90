"""Spark's workers and one machine's threads grow trees that say the same."""

import numpy as np
import pytest

from lakehouse.modelling import boosting, columns, metrics
from lakehouse.modelling.preparation import label_of
from lakehouse.modelling.spec import Search
from tests.lakehouse.modelling.made import examples, frame, model


@pytest.mark.slow
def test_both_ways_of_fitting_rank_alike_on_a_shared_set(spark):
    search = Search(depths=(3,), row_share=1.0, column_share=1.0, min_child_weight=5.0, learning_rate=0.1)
    of, rows = model(search=search), frame(6000)
    data = examples(of, rows).frame
    label = label_of(data["label"], "")
    preparation = columns.chosen(of, data, label, np.arange(len(data)) % 5).preparation
    values = preparation.matrix(data)
    half = np.arange(len(data)) % 2 == 0
    learn = boosting.Rows(values[half], label[half], np.zeros(half.sum()))
    best = boosting.Candidate(3, 0.0, 60, 0.0)
    apart = of.model_copy(update={"search": search.replace(distributed_from_rows=1)})

    local, workers = (boosting.refitted(one, preparation, learn, best) for one in (of, apart))
    said = [boosting.margins(one, preparation, values[~half]) for one in (local, workers)]
    areas = [metrics.auc(label[~half], one) for one in said]

    assert abs(areas[0] - areas[1]) <= 0.005, areas
    assert np.corrcoef(said)[0, 1] >= 0.99
