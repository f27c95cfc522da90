"""The same factorisation by Spark ML, where the customers are too many for one machine."""

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.recommending.als import SEED
from jobs.gold.recommending.items import Items
from jobs.gold.recommending.purchases import Floats, Purchases, Share, accounts, pairs_query
from jobs.gold.settings.recommendations import Factors
from lakehouse.lake.lake import Lake

CHECKPOINT_ROUNDS = 2  # else plans grow with every round until the stack of the JVM, and so the JVM, gives up


def spark_item_factors(lake: Lake, known_items: Items, bought: Purchases, wanted: Factors) -> Floats:
    """Factors of the catalogue of `bought`, fitted on all customers as of its day; the rows are in its order."""
    pairs = pairs_query(known_items.products, accounts(lake, Share()).numbers, bought.as_of, 0)
    lake.spark.sparkContext.setCheckpointDir(f"{lake.root}/_checkpoints")
    model = fitted(lake.select(pairs), wanted)
    by_key = {known_items.keys[number]: row for number, row in model.items()}
    return np.array([by_key.get(key, np.zeros(wanted.count)) for key in bought.items.keys])


def fitted(pairs: DataFrame, wanted: Factors) -> dict[int, Floats]:
    """Item number -> factors.

    Args:
        pairs: customer and item (numbers), day_count.
    """
    model = als_model(pairs, wanted)
    return {row.id: np.array(row.features, float) for row in model.itemFactors.toLocalIterator()}


def als_model(pairs: DataFrame, wanted: Factors):  # type: ignore[no-untyped-def]
    """Spark's model over customer (number), item and day_count; the session needs a folder for checkpoints."""
    from pyspark.ml.recommendation import ALS  # takes a second to import

    rated = pairs.where("day_count > 0").select("customer", "item", F.log1p("day_count").cast("float").alias("rating"))
    return ALS(
        rank=wanted.count,
        maxIter=wanted.rounds,
        regParam=wanted.regularisation,
        implicitPrefs=True,
        alpha=wanted.confidence_per_log_count,
        userCol="customer",
        itemCol="item",
        ratingCol="rating",
        seed=SEED,
        checkpointInterval=CHECKPOINT_ROUNDS,
    ).fit(rated)
