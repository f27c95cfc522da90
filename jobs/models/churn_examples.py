"""Models: what was known of each customer as of past dates, and whether they bought in the days that followed.

Reads   gold.customer_order_days, identity.customer_map
Writes  models.churn_examples, one row per customer and as-of date; the last as-of date is tonight's, to be scored

The table is made anew each night, from bounded history (`history_days` and `max_as_of_dates` of conf/churn.yaml): a
merged customer or a late file changes past examples too, and an old night done again gives the same table.
"""

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.lake import Lake
from jobs.models.churn_features import as_of_features, labels, shopping_days
from jobs.models.churn_settings import Settings, as_of_morning

__all__ = ["Settings"]
READS = ("gold.customer_order_days", "identity.customer_map")
WRITES = "models.churn_examples"
AGES = True
CONF = "churn"


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Make the examples of every as-of date up to the morning after `run_date`."""
    order_days, customer_map = (lake.read(table) for table in READS)
    order_days = order_days.where(F.col("order_date") <= F.lit(run_date))
    first = order_days.where("order_count > 0").agg(F.min("order_date")).first()
    first_purchase = first[0] if first else None
    if first_purchase is None:
        lake.note(WRITES, "no examples: a customer with an order is needed")
    as_of = as_of_morning(run_date)
    dates = settings.as_of_dates(first_purchase or as_of, as_of)
    lake.publish(WRITES, churn_examples(order_days, customer_map, dates, as_of, settings), run_date)


def churn_examples(
    order_days: DataFrame, customer_map: DataFrame, as_of_dates: list[date], known_until: date, settings: Settings
) -> DataFrame:
    """Features as of each date, and the label where its horizon has passed.

    Args:
        order_days: account_id, order_date, order_count, spend_cents, line_count; one row per account and day.
        customer_map: account_id, customer_id.
        as_of_dates: mornings; purchases before one are features, those from it on are labels.
        known_until: the morning up to which purchases are known: later ones do not count even where they are there.
    Returns:
        customer_id, as_of, horizon_days, the FEATURES, is_churned (NULL where the horizon reaches past known_until).
    """
    days = shopping_days(order_days, customer_map).where(F.col("order_date") < F.lit(known_until))
    features = as_of_features(days, as_of_dates, settings.history_days)
    labelled = features.join(labels(days, as_of_dates, settings.horizon_days), ["customer_id", "as_of"], "left")
    is_matured = F.date_add("as_of", settings.horizon_days) <= F.lit(known_until)
    return labelled.withColumns(
        {
            "horizon_days": F.lit(settings.horizon_days),
            "is_churned": F.when(is_matured, F.col("bought_again").isNull()),
        }
    ).drop("bought_again")
