"""gold.customer_rfm."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame

from benchmarks.life_cycle import lake_of, placed
from jobs.gold import customer_rfm
from jobs.gold.customer_figures.quantile_scores import equal_cuts, scores_sql
from jobs.gold.customer_rfm import customer_rfm_sql, segmented_sql
from jobs.gold.settings.customer_rfm import NamedSegment, Settings
from jobs.gold.settings.life_cycle import Settings as LifeSettings
from lakehouse.config.layers import Conf
from tests.both_engines import answers
from tests.gold.rows import customer_map, order_days
from tests.gold.trades import FIRST, bought, wholesaler

AS_OF = date(2026, 3, 31)
SETTINGS = Conf().settings("customer_rfm", Settings)


def rfm_of(days: DataFrame, owners: DataFrame, as_of: date, settings: Settings = SETTINGS) -> dict[str, tuple]:
    """Customer -> recency_days, order_count, spend_cents, r_score, f_score, m_score; both engines say so."""
    rows = answers(days.sparkSession, customer_rfm_sql(as_of, settings), **{"order_days": days, "customer_map": owners})
    return {row[0]: row[1:] for row in rows}


def test_the_first_day_of_the_window_counts_and_the_day_before_does_not(spark):
    days = order_days(spark, ("web:7", date(2026, 3, 4), 1, 500), ("web:7", date(2026, 3, 3), 1, 900))

    actual = rfm_of(days, customer_map(spark, c1="web:7"), date(2026, 3, 10), SETTINGS.replace(window_days=7))

    assert actual["c1"][:3] == (6, 1, 500)


def test_accounts_of_a_customer_add_up_and_a_later_refund_lowers_spend_but_is_no_order(spark):
    days = order_days(
        spark,
        ("web:7", date(2026, 3, 1), 2, 500),
        ("pos:1", date(2026, 3, 2), 1, 300),
        ("web:7", date(2026, 3, 9), 0, -200),
        ("guest", date(2026, 3, 9), 5, 9000),
    )

    actual = rfm_of(days, customer_map(spark, c1="web:7 pos:1"), date(2026, 3, 10))

    assert {c: figures[:3] for c, figures in actual.items()} == {"c1": (8, 3, 600)}


def test_equal_shares_give_the_best_customer_the_highest_scores_and_equal_values_equal_ones(spark):
    buyers = [(f"web:{n}", n) for n in range(1, 11)] + [("pos:1", 10)]
    days = order_days(spark, *[(name, AS_OF - timedelta(days=100 - n), n, n * 100) for name, n in buyers])
    owners = customer_map(spark, twin="pos:1", **{f"c{n}": f"web:{n}" for n in range(1, 11)})

    scores = {c: figures[3:] for c, figures in rfm_of(days, owners, AS_OF).items()}

    assert scores["c1"] == (1, 1, 1)
    assert scores["c10"] == scores["twin"] == (5, 5, 5)
    assert {score for of_one in scores.values() for score in of_one} == {1, 2, 3, 4, 5}


def test_equal_shares_are_cut_where_numpy_cuts_them(spark):
    rng = np.random.default_rng(7)
    values = np.round(rng.lognormal(3, 1, 237), 1)
    rows = spark.createDataFrame([(float(v),) for v in [*values, *values[:40]]], "value DOUBLE")
    cuts = np.quantile(rows.toPandas()["value"], [0.2, 0.4, 0.6, 0.8])

    actual = answers(spark, scores_sql("{figures}", equal_cuts("{figures}", 5)), figures=rows)

    assert actual == [(v, 1 + int((cuts < v).sum())) for v in sorted(set(values), key=lambda v: repr((v,)))]


def test_given_cuts_replace_equal_shares(spark):
    buyers = [("web:1", 7, 1, 1000), ("web:2", 8, 4, 2000), ("web:3", 91, 4, 100000)]
    days = order_days(spark, *[(a, AS_OF - timedelta(days=ago), n, cents) for a, ago, n, cents in buyers])
    cut = {"recency_cuts_days": (7.0, 90.0), "order_count_cuts": (1.0, 3.0), "spend_cuts": (10.0, 100.0)}
    settings = Settings(window_days=365, score_count=5, **cut, segments=(), other_segment="others")

    actual = rfm_of(days, customer_map(spark, c1="web:1", c2="web:2", c3="web:3"), AS_OF, settings)

    assert {c: figures[3:] for c, figures in actual.items()} == {"c1": (3, 1, 1), "c2": (2, 3, 2), "c3": (1, 3, 3)}


def test_the_first_segment_whose_condition_holds_names_the_customer(spark):
    rows = [("c1", 5, 5, 5), ("c2", 1, 5, 5), ("c3", 1, 1, 1), ("c4", 2, 1, 1), ("o'hara", 9, 9, 9)]
    form = "customer_id STRING, r_score INT, f_score INT, m_score INT"
    figures = spark.createDataFrame(rows, form).selectExpr(
        "*", "5 AS recency_days", "2L AS order_count", "150L AS spend_cents"
    )
    odd = NamedSegment(segment="{o'hara}", when=r"spend = 1.5 AND customer_id = 'o\'hara'")
    settings = SETTINGS.replace(segments=(odd, *SETTINGS.segments))

    named = answers(spark, segmented_sql("SELECT * FROM {figures}", settings), figures=figures)

    names = {row[0]: row[-1] for row in named}
    assert names == {"c1": "champions", "c2": "cannot_lose", "c3": "longest_ago", "c4": "others", "o'hara": "{o'hara}"}


def test_one_order_zero_spend_many_orders_a_day_and_nothing_but_refunds_each_have_their_outcome(spark):
    day = date(2026, 3, 1)
    days = order_days(
        spark, ("web:1", day, 1, 500), ("web:2", day, 1, 0), ("web:3", day, 10_000, 10_000), ("web:4", day, 0, -700)
    )
    owners = customer_map(spark, one="web:1", free="web:2", busy="web:3", refunds="web:4")

    actual = rfm_of(days, owners, AS_OF)

    assert {c: figures[:3] for c, figures in actual.items()} == {
        "one": (30, 1, 500),
        "free": (30, 1, 0),
        "busy": (30, 10_000, 10_000),
    }
    assert actual["free"][5] < actual["busy"][5]


def test_no_orders_give_an_empty_table(spark):
    assert rfm_of(order_days(spark), customer_map(spark), AS_OF) == {}


def wholesale():  # type: ignore[no-untyped-def]
    """A lake of a wholesaler after three years, its rhythm known."""
    lake = lake_of(bought(wholesaler(), 1100))
    as_of = FIRST + timedelta(days=1099)
    placed(lake, as_of, Conf().settings("life_cycle", LifeSettings))
    lake.tables["life_cycle_rhythm"] = lake.published["gold.life_cycle_rhythm"]
    return lake, as_of, lake.tables["life_cycle_rhythm"].to_pylist()[0]["lost_to_days"]


def test_the_window_reaches_to_the_day_on_which_the_companys_customers_are_lost():
    lake, as_of, lost_to = wholesale()

    customer_rfm.run(lake, as_of, SETTINGS)

    assert lost_to > 365
    recency = lake.published["gold.customer_rfm"].column("recency_days").to_pylist()
    assert 365 <= max(recency) < lost_to
    assert f"orders of {lost_to} days count" in lake.notes[1]


def test_a_name_that_nobodys_scores_make_is_said():
    lake = lake_of(pa.table({"customer": ["c1", "c2"], "day": pa.array([AS_OF, AS_OF], pa.date32())}))

    customer_rfm.run(lake, AS_OF, SETTINGS)

    (note,) = lake.notes
    assert note.startswith("gold.customer_rfm: nobody is ")
    (segment,) = set(lake.published["gold.customer_rfm"].column("rfm_segment").to_pylist())
    assert segment not in note
