"""Models: how likely each customer is to buy nothing in the coming days, by the champion of customer_churn.

Reads   models.churn_examples
Writes  models.churn_scores, one row per customer in tonight's examples

Where there is no champion yet, this night trains the first one; and another one where the company's interval changed,
or labels of later days have come to be known.
"""

from collections.abc import Iterator
from datetime import date

import pandas as pd
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.models.churn.registry import Champion, champion
from jobs.models.customer_churn import horizon_of, horizon_query, train
from jobs.models.settings.churn import FEATURES, Settings, as_of_morning
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.sql.query import Query

READS = ("models.churn_examples",)
WRITES = "models.churn_scores"
DEPENDS_ON_RUN_DATE = True
CONF = "churn"

BINS = 10_000  # probabilities are ranked to the nearest of these: a bounded count however many customers there are
LINEAGE = {
    WRITES: {
        "customer_id": ("models.churn_examples.customer_id",),
        "model_version": (),
        "scored_as_of": (),
        "horizon_days": (),
        "*": tuple(f"models.churn_examples.{name}" for name in FEATURES),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Score tonight's examples."""
    as_of = as_of_morning(run_date)
    examples = lake.read(READS[0]).where(F.col("as_of") == F.lit(as_of))
    serving = tonights_champion(lake, run_date, settings)
    if serving is None:  # train has said why
        lake.publish(WRITES, lake.empty(WRITES), run_date)
        return
    scored = with_probability(examples, serving).transform(with_decile)
    lake.publish(WRITES, churn_scores(scored, serving), run_date)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield horizon_query()


def tonights_champion(lake: Lake, run_date: date, settings: Settings) -> Champion | None:
    """The champion of the company's horizon, trained tonight where there is none or its day is long past.

    A replay trains nothing. Until a new horizon's labels are known the old horizon's champion goes on.
    """
    models, as_of = of_lake(lake), as_of_morning(run_date)
    settings = settings.looking(horizon_of(lake))
    present = champion(models, as_of, settings.horizon)
    if not lake.is_replay and (present is None or is_past(present, as_of, settings)):
        present = train(lake, run_date, settings, serves_from=as_of)
    if present is not None:
        return present
    other = champion(models, as_of)
    if other is not None:
        lake.note(WRITES, f"scores look {other.horizon_days} days ahead, by the model in force")
    return other


def is_past(present: Champion, as_of: date, settings: Settings) -> bool:
    """Whether labels are known by now of days so much later than those that the champion was held against."""
    if present.known_until is None:  # registered by hand: somebody's choice
        return False
    return (settings.newest_matured(as_of) - present.known_until).days >= settings.retrain_after_days


def with_probability(examples: DataFrame, serving: Champion) -> DataFrame:
    """customer_id, as_of, churn_probability: by built-in expressions for our own kind of model, else through MLflow."""
    if serving.scorecard is not None:
        return examples.select("customer_id", "as_of", serving.scorecard.expression().alias("churn_probability"))

    def score(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        predict = serving.predictor()  # once per task
        for batch in batches:
            yield batch[["customer_id", "as_of"]].assign(churn_probability=predict(batch).astype(float))

    form = "customer_id STRING, as_of DATE, churn_probability DOUBLE"
    return examples.select("customer_id", "as_of", *FEATURES).mapInPandas(score, form)


def with_decile(scored: DataFrame) -> DataFrame:
    """Add churn_decile: 1 + the tenths of all customers that have a higher probability."""
    binned = scored.withColumn("bin", F.round(F.col("churn_probability") * BINS).cast("int"))
    counts = binned.groupBy("bin").count()
    everyone = Window.partitionBy(F.lit(0))  # over at most BINS rows
    above = F.coalesce(
        F.sum("count").over(everyone.orderBy(F.desc("bin")).rowsBetween(Window.unboundedPreceding, -1)), F.lit(0)
    )
    deciles = counts.select(
        "bin", (F.floor(above * 10 / F.sum("count").over(everyone)) + 1).cast("int").alias("churn_decile")
    )
    return binned.join(F.broadcast(deciles), "bin").drop("bin")


def churn_scores(scored: DataFrame, serving: Champion) -> DataFrame:
    """The table's columns."""
    return scored.select(
        "customer_id",
        "churn_probability",
        "churn_decile",
        F.lit(serving.version).alias("model_version"),
        F.col("as_of").alias("scored_as_of"),
        F.lit(serving.horizon_days).cast("int").alias("horizon_days"),
    )
