"""The sample company's real year, household by household, as a lake: made once for all tests of the models."""

from datetime import date

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.models import churn_examples, churn_scores
from jobs.models.churn.features import origins
from jobs.models.settings.churn import Settings, as_of_morning
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.ops.run_log import Run
from tests.both_engines import spark_answer
from tests.conftest import places
from tests.models.reference import NIGHT, write_order_days


@pytest.fixture(scope="session")
def year(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake as of NIGHT with the examples of real purchases; those after NIGHT are there too, and must not count."""
    folder = tmp_path_factory.mktemp("churn")
    conf = Conf(overrides=places(folder))
    lake = Lake(spark, conf, conf.profile.lake, Run("test", NIGHT), Contracts(conf)).for_job("test", "hash")
    write_order_days(folder / "days.parquet")
    days = spark.read.parquet(str(folder / "days.parquet"))
    customer_map = days.select("account_id", F.col("account_id").alias("customer_id")).distinct()
    settings = conf.settings("churn", Settings)
    as_of = as_of_morning(NIGHT)
    dates = settings.as_of_dates(date(2017, 1, 1), as_of)
    when = origins(dates, settings.history_days, settings.horizon)
    tables = {"order_days": days, "customer_map": customer_map, "origins": when}
    rows = spark_answer(spark, churn_examples.churn_examples_sql(as_of, settings), **tables)
    lake.publish(churn_examples.WRITES, rows, NIGHT)
    churn_scores.run(lake.for_job("models.churn_scores", "hash"), NIGHT, settings)
    return lake
