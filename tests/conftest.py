"""One Spark session for the whole run, and an empty lake for each test that asks."""

import functools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from importlib import metadata
from pathlib import Path

import hypothesis
import pytest
from pyspark.sql import SparkSession

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.ops.run_log import Run
from lakehouse.spark.session import start
from tests.object_store import bucket as bucket
from tests.object_store import hadoop_jars as hadoop_jars

hypothesis.settings.register_profile("tests", deadline=None)  # how long an example takes says how busy the machine is
hypothesis.settings.load_profile("tests")

RUN_DATE = date(2017, 10, 2)
SMALL = {  # quick to start, slow when heavy: see "Start-up" in the README's measured settings
    "spark.master": "local[2]",
    "spark.driver.memory": "2g",
    "spark.sql.shuffle.partitions": "2",
    "spark.eventLog.enabled": "false",
    # a plan compiled for a dozen rows takes longer to compile than to run; whole nights (ci_night) run compiled
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
# One compiler tier alone has a fifth of the usual room for code; without room Java gives up in odd places.
QUICK = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC"


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """The session that all tests share."""
    session = start(Conf().profile, "tests", SMALL, java_options=QUICK)
    yield session
    session.stop()


@pytest.fixture
def conf(tmp_path: Path) -> Conf:
    """The packaged configuration with every path inside the test's own folder."""
    return Conf(overrides=places(tmp_path))


def places(folder: Path) -> dict[str, str]:
    """Profile keys that keep a test inside its folder, where an MLflow store without anything in it waits."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (store := folder / "mlflow.db").exists():
        shutil.copy(empty_store(), store)
    return {
        "lake": str(folder / "lake"),
        "drop": str(folder / "drop"),
        "reports": str(folder / "reports"),
        "mlflow_tracking_uri": f"sqlite:///{folder}/mlflow.db",
        "copies": str(folder / "copies"),
        "lineage_events": "",  # the lineage of columns takes seconds, once for each company
        "account_secret": f"file:{folder}/account.key",
        "model_secret": f"file:{folder}/models.key",
    }


@functools.cache
def empty_store() -> Path:
    """MLflow's tables without rows: making them takes seconds, a copy none. One a version, kept beside other tests'."""
    kept = Path(tempfile.gettempdir()) / f"mlflow-{metadata.version('mlflow-skinny')}-{os.getuid()}.db"
    if not kept.exists():
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        with tempfile.TemporaryDirectory() as folder:
            SqlAlchemyStore(f"sqlite:///{folder}/mlflow.db", folder)
            with closing(sqlite3.connect(f"{folder}/mlflow.db")) as store, store:
                store.execute("DELETE FROM experiments")
            Path(folder, "mlflow.db").replace(kept)
    return kept


@pytest.fixture
def lake(spark: SparkSession, conf: Conf) -> Lake:
    """An empty lake; its run is about RUN_DATE."""
    view = Lake(spark, conf, conf.profile.lake, Run("test-run", RUN_DATE), Contracts(conf))
    return view.for_job("test", "hash-1")


@pytest.fixture(scope="session")
def gold_company(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The lake of a made-up company with every table of the gold room."""
    from tests.company import LAST, gold_night, publish_company

    conf = Conf(overrides=places(tmp_path_factory.mktemp("gold_company")))
    lake = Lake(spark, conf, conf.profile.lake, Run("made-up", LAST), Contracts(conf))
    publish_company(lake.for_job("company", "hash"))
    assert {name: o.error for name, o in gold_night(lake).items() if o.error} == {}
    return lake
