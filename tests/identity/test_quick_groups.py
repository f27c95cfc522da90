"""Groups of many pairs in memory."""

import random

import pandas as pd
import pyarrow as pa
import pytest

from jobs.identity.grouping import clusters, quick_groups
from jobs.identity.settings.identity import Clustering

CONF = Clustering(
    join_weight_bits=0,
    keep_weight_bits=-4,
    unlinked_weight_bits=-3,
    most_weight_bits=12,
    largest_cluster=100,
    collect_up_to_pairs=1000,
)


def table(rows: list[tuple[str, str, float]]) -> pa.Table:
    left, right, weight = zip(*rows, strict=True)
    return pa.table({"account_id_left": left, "account_id_right": right, "match_weight": weight})


@pytest.mark.parametrize("seed", range(12))
def test_they_are_the_groups_that_every_pair_in_turn_makes(seed):
    draw = random.Random(seed)
    count = draw.choice([6, 30, 90])
    ends = {tuple(sorted(draw.sample([f"n{i:02}" for i in range(count)], 2))) for _ in range(draw.choice([4, 60, 300]))}
    rows = table([(a, b, draw.uniform(-4, 12)) for a, b in sorted(ends)])
    quick = quick_groups.of_edges(rows, CONF).to_pandas().sort_values("account_id", ignore_index=True)
    slow = clusters.of_pairs(rows.to_pandas(), CONF).sort_values("account_id", ignore_index=True)
    pd.testing.assert_frame_equal(quick, slow[["account_id", "cluster"]])


def test_no_pairs_make_no_groups():
    empty = pa.table(
        {
            "account_id_left": pa.array([], pa.string()),
            "account_id_right": pa.array([], pa.string()),
            "match_weight": pa.array([], pa.float64()),
        }
    )
    assert quick_groups.of_edges(empty, CONF).num_rows == 0


@pytest.mark.parametrize(("shape", "groups"), [("chain", 1), ("hub", 1)])
def test_a_chain_and_a_hub_of_a_hundred_thousand_are_one_component(shape, groups):
    names = [f"n{i:06}" for i in range(100_001)]
    left = names[:-1] if shape == "chain" else [names[0]] * 100_000
    actual = clusters.components_in_memory(pa.table([left, names[1:]], names=list(clusters.ENDS)))
    assert len(set(actual["component"].to_pylist())) == groups
    assert actual.num_rows == 100_001
    grouped = quick_groups.of_edges(table(list(zip(left, names[1:], [9.0] * 100_000, strict=True))), CONF)
    sizes = pd.Series(grouped["cluster"].to_pylist()).value_counts()
    assert sizes.max() <= CONF.largest_cluster


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["chain", "hub"])
def test_spark_finds_one_component_in_a_chain_and_a_hub_of_a_hundred_thousand(spark, shape):
    names = [f"n{i:06}" for i in range(100_001)]
    left = names[:-1] if shape == "chain" else [names[0]] * 100_000
    actual = clusters.components(spark.createDataFrame(pa.table([left, names[1:]], names=list(clusters.ENDS))))
    assert actual.groupBy("component").count().collect() == [("n000000", 100_001)]
