"""A night on Spark alone gives the tables of a night that borrows DuckDB and delta-rs, and says who did what."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyspark.sql import SparkSession

from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.ops import tables as ops_tables
from lakehouse.quality import gate
from lakehouse.runs import steps
from lakehouse.runs.graph import STEPS
from lakehouse.sample import write_sample
from lakehouse.sql import duckdb_engine
from tests.conftest import places

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
FIRST = date(2017, 9, 30)
NIGHTS = 2
CONNECT = duckdb_engine.connect
WITHOUT_ROWS = {"ops.files", "report.nightly"}  # they copy files and write a page
ENGINES_OWN = dict.fromkeys(("identity.linkage_models", "identity.linkage_quality"), ("lane",))  # it names the engine


@pytest.fixture(scope="module")
def lakes(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Conf]:
    """The same deliveries of thirty households and the same secret, two nights on either engine."""
    folder = tmp_path_factory.mktemp("engines")
    write_sample(folder / "drop", nights=NIGHTS, households=30)
    confs = {}
    for engine in ("auto", "spark"):
        own = places(folder) | {name: str(folder / engine / name) for name in ("lake", "reports")} | {"engine": engine}
        confs[engine] = Conf([packaged("conf") / "sample"], overrides=own)
        with pytest.MonkeyPatch.context() as patched:
            if engine == "spark":
                patched.setattr(duckdb_engine, "connect", opened)
            for _ in range(NIGHTS):
                result = steps.run(confs[engine], list(STEPS))
                assert [(o.job.name, o.error) for o in result.outcomes if o.error] == []
    return confs


def opened(*arguments: Any, **named: Any) -> duckdb.DuckDBPyConnection:
    """DuckDB for a check of the settings' SQL over tables without rows, which comes before a night; else nobody's."""
    caller = sys._getframe(1).f_globals["__name__"]
    assert caller == "lakehouse.sql.conditions", f"{caller} opened DuckDB"
    return CONNECT(*arguments, **named)


def tables_of(conf: Conf) -> list[str]:
    """Every table of a lake but those of ops."""
    found = Path(conf.profile.lake).glob("*/*/_delta_log")
    return sorted(name for path in found if not (name := f"{path.parts[-3]}.{path.parts[-2]}").startswith("ops."))


def fingerprint(spark: SparkSession, conf: Conf, table: str) -> tuple[int, str]:
    """Rows and fingerprint of a table, by Spark."""
    rows = spark.read.format("delta").load(f"{conf.profile.lake}/{table.replace('.', '/', 1)}")
    rows = rows.drop(*ENGINES_OWN.get(table, ()))
    found = rows.agg(gate.fingerprint(rows).alias("f")).first()
    return rows.count(), str(found.f if found else None)


def test_every_table_is_the_same_on_both_engines(spark, lakes):
    auto, alone = lakes["auto"], lakes["spark"]
    assert tables_of(alone) == tables_of(auto)
    different = {
        table: (one, other)
        for table in tables_of(auto)
        if (one := fingerprint(spark, auto, table)) != (other := fingerprint(spark, alone, table))
    }
    assert different == {}


def test_on_spark_alone_nothing_else_works_on_rows(lakes):
    done = [row for row in ops_tables.read(f"{lakes['spark'].profile.lake}/ops/runs") if row["outcome"] == "done"]
    assert {row["job"] for row in done if row["engine"] != "spark"} <= WITHOUT_ROWS
    borrowed = [row for row in ops_tables.read(f"{lakes['auto'].profile.lake}/ops/runs") if row["outcome"] == "done"]
    assert {"both", "local"} <= {row["engine"] for row in borrowed}


def test_on_spark_alone_every_commit_of_a_table_is_sparks(lakes):
    root = lakes["spark"].profile.lake
    wrong = [
        table
        for table in tables_of(lakes["spark"])
        for log in Path(root, *table.split(".", 1), "_delta_log").glob("*.json")
        if "Apache-Spark" not in log.read_text()
    ]
    assert wrong == []


def test_the_page_says_which_engine_did_the_jobs(lakes):
    (page,) = sorted(Path(lakes["spark"].profile.reports).glob("????-??-??.html"))[-1:]
    assert "jobs on Spark" in page.read_text()
    (page,) = sorted(Path(lakes["auto"].profile.reports).glob("????-??-??.html"))[-1:]
    assert "jobs on both" in page.read_text()
