"""A night on a lake in an S3-compatible object store gives the tables that a local lake has."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
import yaml
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.ops.history import History
from lakehouse.ops.run_log import Run
from lakehouse.runs import steps
from lakehouse.runs.graph import STEPS
from lakehouse.runs.replay import printed
from lakehouse.setup.places import here as clone
from lakehouse.storage import trees
from lakehouse.storage.paths import below
from tests import cluster, kiosk, object_store
from tests.conftest import places
from tests.test_going_back import NAMED_BY_MLFLOW

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def here(spark, tmp_path_factory) -> Conf:
    """The small company's first night on one machine, its lake on disk."""
    folder = tmp_path_factory.mktemp("here")
    layer, drop = kiosk.write(folder)
    conf = Conf([layer], overrides=places(folder) | {"drop": str(drop)})
    assert steps.run(conf, list(STEPS)).is_good
    return conf


def layer_of(folder: Path, lake: str, here: Conf, spark: dict[str, str], engine: str = "auto") -> Path:
    """A layer whose profile has its lake in the store, and everything else in a folder."""
    own = {**places(folder), "lake": lake, "drop": here.profile.drop, "event_logs": ""}
    own |= {"account_secret": here.profile.account_secret, "engine": engine}
    profile = {**own, "spark": cluster.FEW_ROWS | spark}
    path = folder / "layer" / "profiles" / "local.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(profile))
    return folder / "layer"


def test_a_night_in_an_object_store_makes_the_tables_of_a_night_on_disk(spark, tmp_path, here, hadoop_jars, bucket):
    company, lake = Path(here.profile.drop).parent / "company", f"{bucket}/kiosk"
    profile = layer_of(tmp_path, lake, here, {"spark.master": "local[2]", "spark.driver.memory": "1g"})

    done = cluster.night(company, profile)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    copy = object_store.copied(lake, tmp_path / "copy")
    there = Conf([company, profile], overrides={"lake": str(copy)})
    assert cluster.fingerprints(spark, there) == cluster.fingerprints(spark, here)
    assert json.loads((copy / "_lock.json").read_text())["is_free"]
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in done.stdout + done.stderr


def test_a_cluster_that_loses_a_worker_makes_the_same_tables_there(spark, tmp_path, here, hadoop_jars, bucket):
    company, lake = Path(here.profile.drop).parent / "company", f"{bucket}/cluster"
    every = [*sorted(clone().jars.glob("*.jar")), *sorted((clone().jars / "s3").glob("*.jar"))]
    with cluster.of_workers(tmp_path, 2, memory="1500m") as two:
        settings = {"spark.master": two.address, "spark.jars": ",".join(map(str, every))}
        sizes = {"spark.executor.memory": "1g", "spark.driver.memory": "1g"}
        profile = layer_of(tmp_path, lake, here, settings | sizes, engine="spark")
        cluster.night_that_loses_a_worker(two, below(lake, "silver", "orders"), company, profile)

    there = Conf([company, profile], overrides={"lake": str(object_store.copied(lake, tmp_path / "copy"))})
    assert cluster.fingerprints(spark, there) == cluster.fingerprints(spark, here)


SECOND = kiosk.DAY + timedelta(days=1)
SALES = "receipt,customer,item,day,pieces,amount"
NEW = [f"n-{n},k{n},i{n % 5},{SECOND},1,{3 + n}.00" for n in range(9)]
FIRST_AND_LAST = ("load", "report")  # steps of a night: what lies between takes minutes, and restores alike
UNREAD = ["d-1,k1,i1,01.03.2024,1,4.00", "d-2,k2,i2,01.03.2024,2,5.00"]


class There(NamedTuple):
    """A small company's lake in the store, with what it needs on this machine."""

    folder: Path
    lake: str
    layers: tuple[Path, ...]

    def lakehouse(self, *words: str) -> str:
        """What a command says, which must end well."""
        layers = [word for layer in self.layers for word in ("--conf", str(layer))]
        command = [sys.executable, "-m", "lakehouse.cli.main", *words, *layers]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout

    def left(self, spark: SparkSession, night: date) -> dict[str, str]:
        """Rows and fingerprint of each table that a night published."""
        copy = object_store.copied(self.lake, self.folder / uuid4().hex)
        conf = Conf(list(self.layers), overrides={"lake": str(copy)})
        versions = History(str(copy)).manifest(night) or {}
        lake = Lake(spark, conf, str(copy), Run("compare", night), Contracts(conf)).for_job("compare", "")
        named = [table for table in versions if table.startswith(cluster.LAYERS) and table not in NAMED_BY_MLFLOW]
        return {table: printed(lake.read(table, versions[table]).drop(*cluster.OF_THE_ENGINE)) for table in named}


@pytest.fixture(scope="module")
def there(tmp_path_factory, hadoop_jars, bucket) -> There:
    """Two nights of the small company, the second with two lines whose dates its mapping does not read."""
    folder = tmp_path_factory.mktemp("there")
    company, drop = kiosk.write(folder)
    (drop / str(SECOND)).mkdir()
    (drop / str(SECOND) / "kiosk_sales_2.csv").write_text("\n".join([SALES, *NEW, *UNREAD]) + "\n")
    profile = {"spark.master": "local[2]", "spark.driver.memory": "1g"}
    conf = Conf([company], overrides=places(folder / "own") | {"drop": str(drop)})
    made = There(folder, f"{bucket}/back", (company, layer_of(folder / "own", f"{bucket}/back", conf, profile)))
    for day in (kiosk.DAY, SECOND):
        made.lakehouse("run", *FIRST_AND_LAST, "--run-date", str(day))
    return made


def test_a_lake_there_goes_back_to_a_night_and_the_later_one_comes_out_equal_again(spark, there):
    before = there.left(spark, SECOND)

    said = there.lakehouse("restore", "--to-night", str(kiosk.DAY))
    went_back = History(there.lake).nights()
    there.lakehouse("run", *FIRST_AND_LAST, "--run-date", str(SECOND))

    assert "tables are as the night of 2024-03-01 published them" in said
    assert (went_back, History(there.lake).nights()) == ([kiosk.DAY], [kiosk.DAY, SECOND])
    assert len(before) > 5
    assert there.left(spark, SECOND) == before


def test_an_old_night_is_rebuilt_aside_there_and_the_tables_are_equal(there):
    said = there.lakehouse("night", "--json", "--run-date", str(kiosk.DAY))

    compared = [line.split()[0] for line in said.splitlines() if line.startswith(("equal", "different"))]
    assert len(compared) > 5
    assert set(compared) == {"equal"}


def test_quarantined_lines_are_put_through_there_and_a_lost_original_comes_back_from_its_copy(there, tmp_path):
    (mended := tmp_path / "mended" / "exports").mkdir(parents=True)
    export = (there.layers[0] / "exports" / "kiosk_sales.yaml").read_text()
    wide = "coalesce(try_to_timestamp(day, 'yyyy-MM-dd'), try_to_timestamp(day, 'dd.MM.yyyy'))"
    (mended / "kiosk_sales.yaml").write_text(export.replace("try_to_timestamp(day, 'yyyy-MM-dd')", wide))
    files = below(there.lake, "ops", "files")
    rows = DeltaTable(str(files)).to_pyarrow_table().num_rows

    asked = there.lakehouse("sql", "SELECT sum(line_count) AS n FROM quarantine.orders", "--format", "csv")
    said = there._replace(layers=(*there.layers, mended.parent)).lakehouse("replay", "orders")
    trees.remove(files)
    there.lakehouse("restore", "ops.files")

    assert asked.split() == ["n", "4"]
    assert "silver.orders: 2 of 4 quarantined lines were cured" in " ".join(said.split())
    assert DeltaTable(str(files)).to_pyarrow_table().num_rows == rows


def test_a_day_that_was_left_out_is_filled_in_there_and_its_tables_are_as_if_it_had_run_in_its_turn(
    spark, tmp_path, there, bucket
):
    last, lake = SECOND + timedelta(days=1), f"{bucket}/days"
    own = places(tmp_path / "own") | {"drop": Conf(list(there.layers)).profile.drop}
    profile = {"spark.master": "local[2]", "spark.driver.memory": "1g"}
    layer = layer_of(tmp_path / "own", lake, Conf([there.layers[0]], overrides=own), profile)
    other = There(tmp_path, lake, (there.layers[0], layer))
    for day in (kiosk.DAY, last):
        other.lakehouse("run", *FIRST_AND_LAST, "--run-date", str(day))
    before = History(lake).nights()

    said = other.lakehouse("backfill", "--from", str(SECOND), "--to", str(SECOND))

    assert "goes back to the night of 2024-03-01; then 2 nights run in their order" in said
    assert (before, History(lake).nights()) == ([kiosk.DAY, last], [kiosk.DAY, SECOND, last])
    right = {name: rows for name, rows in there.left(spark, SECOND).items() if name.startswith("silver.")}
    assert len(right) > 5
    assert {name: rows for name, rows in other.left(spark, SECOND).items() if name in right} == right
