"""A Spark session, and everything that a night imports: what a forked night finds ready."""

import importlib

from pyspark.sql import SparkSession

from lakehouse.contracts.contract import Contracts
from lakehouse.runs import code_hash, graph, job_modules, job_parts
from lakehouse.spark.session import start
from tests.crash.company import Place

HEAVY = ("lakehouse.lake.catalog", "mlflow", "splink", "xgboost", "sklearn", "deltalake", "duckdb")


def session(place: Place, settings: dict[str, str], java_options: str) -> SparkSession:
    """Start Spark and import; neither delta-rs nor DuckDB is called."""
    spark = start(place.conf("warm").profile, "crash trials", settings, java_options=java_options)
    spark.sparkContext.setLogLevel("ERROR")
    for job in graph.jobs():
        job_modules.load(job)
    for name in HEAVY:
        importlib.import_module(name)
    conf = place.conf("warm")
    for job in graph.jobs():  # the hash of each job's code, which a killed night would work out again
        job_parts.fingerprint(job, conf, Contracts(conf))
    code_hash.installed().save()
    return spark
