"""A night on a lake in an S3-compatible object store gives the tables that a local lake has."""

import json
import os
from pathlib import Path

import pytest
import yaml

from lakehouse.config.layers import Conf
from lakehouse.runs import steps
from lakehouse.runs.graph import STEPS
from lakehouse.setup import s3_jars
from lakehouse.setup.places import here as clone
from lakehouse.storage.paths import below
from tests import cluster, kiosk, object_store
from tests.conftest import places

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def jars() -> None:
    """Hadoop's jars for S3, fetched where they are not there."""
    s3_jars.fetch(clone())


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


def test_a_night_in_an_object_store_makes_the_tables_of_a_night_on_disk(spark, tmp_path, here, jars, bucket):
    company, lake = Path(here.profile.drop).parent / "company", f"{bucket}/kiosk"
    profile = layer_of(tmp_path, lake, here, {"spark.master": "local[2]", "spark.driver.memory": "1g"})

    done = cluster.night(company, profile)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    copy = object_store.copied(lake, tmp_path / "copy")
    there = Conf([company, profile], overrides={"lake": str(copy)})
    assert cluster.fingerprints(spark, there) == cluster.fingerprints(spark, here)
    assert json.loads((copy / "_lock.json").read_text())["is_free"]
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in done.stdout + done.stderr


def test_a_cluster_that_loses_a_worker_makes_the_same_tables_there(spark, tmp_path, here, jars, bucket):
    company, lake = Path(here.profile.drop).parent / "company", f"{bucket}/cluster"
    every = [*sorted(clone().jars.glob("*.jar")), *sorted((clone().jars / "s3").glob("*.jar"))]
    with cluster.of_workers(tmp_path, 2, memory="1500m") as two:
        settings = {"spark.master": two.address, "spark.jars": ",".join(map(str, every))}
        sizes = {"spark.executor.memory": "1g", "spark.driver.memory": "1g"}
        profile = layer_of(tmp_path, lake, here, settings | sizes, engine="spark")
        cluster.night_that_loses_a_worker(two, below(lake, "silver", "orders"), company, profile)

    there = Conf([company, profile], overrides={"lake": str(object_store.copied(lake, tmp_path / "copy"))})
    assert cluster.fingerprints(spark, there) == cluster.fingerprints(spark, here)
