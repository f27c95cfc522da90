"""One Spark session, as the profile says; and the same settings as a properties file for spark-submit."""

import contextlib
import logging
import os
import sys
from pathlib import Path

from pyspark import SparkConf, SparkContext
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from lakehouse.config.layers import Profile
from lakehouse.errors import MachineError
from lakehouse.spark import java
from lakehouse.storage import s3
from lakehouse.storage.places import is_s3

# What the product needs whatever the profile says. The query context logger repeats values in JSON on stderr.
ALWAYS = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.variable.substitute": "false",  # a text like ${x} is a text, not one of Spark's settings
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.codegen.hugeMethodLimit": "8000",  # the JVM never compiles a longer method: better none than that
    "spark.sql.inMemoryColumnarStorage.compressed": "false",  # batches are cached for a moment only
    "spark.databricks.delta.properties.defaults.dataSkippingNumIndexedCols": "4",
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.maxPlanStringLength": "2000",  # plans go to the event log at every stage
    "spark.sql.warehouse.dir": "var/spark/warehouse",
    "spark.sql.redaction.string.regex": "[0-9a-f]{64}",  # the account secret is a literal of plans: not in event logs
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false",
    "spark.databricks.delta.schema.autoMerge.enabled": "false",
    "spark.databricks.delta.skipRecordingEmptyCommits": "false",  # an empty table published again is a publish, too
}


def settings(profile: Profile) -> dict[str, str]:
    """All Spark settings of a profile: ours, the profile's, then this machine's (jars, class archive)."""
    root = profile.path(profile.lake)
    jars = sorted(Path(profile.path(profile.jars)).glob("*.jar"))
    if is_s3(root):
        jars += sorted(Path(profile.path(profile.jars), "s3").glob("*.jar"))
    local = profile.spark.get("spark.master", "local").startswith("local")
    if local and not jars:
        raise MachineError("the Delta jars are not there", profile.jars, "run 'make setup'")
    chosen = {**ALWAYS, **s3.spark_settings(root), **{k: str(v) for k, v in profile.spark.items()}}
    chosen["spark.pyspark.python"] = chosen["spark.pyspark.driver.python"] = sys.executable
    chosen["spark.driver.extraClassPath"] = ":".join(map(str, jars))
    options = [chosen.get("spark.driver.extraJavaOptions", ""), *java.options(profile)]
    chosen["spark.driver.extraJavaOptions"] = " ".join(option for option in options if option)
    if profile.event_logs:
        folder = profile.path(profile.event_logs)
        Path(folder).mkdir(parents=True, exist_ok=True)
        chosen |= {
            "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": f"file://{folder}",
            "spark.eventLog.rolling.enabled": "false",
            "spark.eventLog.compress": "true",
        }
    return chosen


def begin(profile: Profile) -> None:
    """Let Java start already, beside the checks that come before a session; see `start`."""
    with contextlib.suppress(MachineError):  # `start` says it
        java.begin(settings(profile))


def start(profile: Profile, name: str, extra: dict[str, str] | None = None, java_options: str = "") -> SparkSession:
    """Start (or join) the session.

    Raises:
        MachineError: no Java, or the jars are missing.
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    silence()
    chosen = {**settings(profile), **(extra or {})}
    chosen["spark.driver.extraJavaOptions"] = f"{chosen['spark.driver.extraJavaOptions']} {java_options}".strip()
    builder = SparkSession.builder.appName(name)
    for key, value in chosen.items():
        builder = builder.config(key, value)
    try:
        _join_begun(name, chosen)
        return builder.getOrCreate()
    except Exception as error:
        if "JAVA_GATEWAY_EXITED" in str(error):
            raise MachineError(
                "Java did not start", "JAVA_HOME", "install Java 17 and see 'lakehouse doctor'"
            ) from error
        raise


def _join_begun(name: str, chosen: dict[str, str]) -> None:
    """Put Spark's context into the Java machine that `begin` has started, if it has."""
    gateway = java.begun()
    if gateway is not None and SparkContext._gateway is None:
        SparkContext(conf=SparkConf(loadDefaults=False).setAll(list(chosen.items())).setAppName(name), gateway=gateway)


def silence() -> None:
    """Keep pyspark from repeating queries, and the values in them, on stderr when one fails.

    By a filter, since a program that configures logging (MLflow's store does) switches disabled loggers on again; and
    on pyspark's own kind of logger, since its calls fail on a plain one.
    """
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        PySparkLogger.getLogger(name).addFilter(_never)


def _never(record: logging.LogRecord) -> bool:
    return False


def write_properties(profile: Profile, path: Path) -> None:
    """Write the settings as a spark-submit properties file, for Airflow's SparkSubmitOperator."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{key} {value}\n" for key, value in sorted(settings(profile).items())))


LIGHT = {  # a plan over few rows runs sooner than it compiles
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1",
}


def light(spark: SparkSession) -> SparkSession:
    """A session beside this one for jobs of few rows: it interprets plans instead of compiling them."""
    own = spark.newSession()
    for key, value in LIGHT.items():
        own.conf.set(key, value)
    return own


_stamps: dict[str, str] = {}  # lake -> its last restore, as of the session's last look


def forget_logs(spark: SparkSession, root: str, stamp: str) -> None:
    """Let go of tables' logs in memory when a lake went back to an earlier night since the last look.

    Args:
        stamp: changes with each restore.
    """
    if _stamps.setdefault(root, stamp) != stamp:
        _stamps[root] = stamp
        spark._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()  # type: ignore[union-attr]
