"""A Spark session, and everything that a night imports: what a forked night finds ready."""

from pyspark.sql import SparkSession

from lakehouse.runs import graph, job_modules
from lakehouse.spark.session import start
from tests.crash.company import Place


def session(place: Place, settings: dict[str, str], java_options: str) -> SparkSession:
    """Start Spark and import; neither delta-rs nor DuckDB is called."""
    spark = start(place.conf("warm").profile, "crash trials", settings, java_options=java_options)
    spark.sparkContext.setLogLevel("ERROR")
    for job in graph.jobs():
        job_modules.load(job)
    import lakehouse.lake.catalog  # noqa: F401
    import mlflow  # noqa: F401
    import splink  # noqa: F401
    import xgboost  # noqa: F401

    return spark
