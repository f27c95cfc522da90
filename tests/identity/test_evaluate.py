"""Measures of the linkage."""

import pandas as pd
import pytest

from jobs.identity.record_sets.evaluate import report, with_truth
from lakehouse.errors import LakehouseError

MAP = "account_id STRING, channel STRING, account_key STRING, customer_id STRING"


def test_pairs_are_counted_inside_customers_and_persons():
    both = pd.DataFrame({"customer_id": ["c1", "c1", "c1", "c2"], "person_id": ["p", "p", "q", "q"]})
    measures = report(both)
    assert (measures.true_pairs, measures.predicted_pairs, measures.right_pairs) == (2, 3, 1)
    assert measures.f1 == pytest.approx(0.4)
    assert measures.cluster_sizes == {1: 1, 3: 1}


def test_the_truth_meets_the_map_by_channel_and_key(spark, tmp_path):
    truth = tmp_path / "truth.csv"
    truth.write_text("channel,channel_key,person_id\npos,1,p\nweb,1,p\nweb,2,q\n")
    rows = [("a", "pos", "1", "c1"), ("b", "web", "1", "c1"), ("c", "web", "2", "c2"), ("d", "web", "3", "c3")]
    customer_map = spark.createDataFrame(rows, MAP)
    measures = report(with_truth(customer_map, truth))
    assert (measures.account_count, measures.f1, measures.bcubed_precision) == (3, 1.0, 1.0)


def test_a_file_of_another_form_is_refused(spark, tmp_path):
    truth = tmp_path / "truth.csv"
    truth.write_text("id,person\n1,p\n")
    with pytest.raises(LakehouseError):
        with_truth(spark.createDataFrame([("a", "b", "c", "d")], MAP), truth)
