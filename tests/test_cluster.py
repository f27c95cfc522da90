"""A night on a standalone Spark cluster, by Spark's own reader and writer, gives the tables that one machine makes."""

from pathlib import Path

import pytest

from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.runs import replay, steps
from lakehouse.runs.graph import STEPS
from lakehouse.sample import write_sample
from tests import cluster, kiosk
from tests.conftest import places


@pytest.fixture(scope="module")
def here(spark, tmp_path_factory) -> Conf:
    """The small company's first night on one machine."""
    folder = tmp_path_factory.mktemp("here")
    layer, drop = kiosk.write(folder)
    conf = Conf([layer], overrides=places(folder) | {"drop": str(drop)})
    result = steps.run(conf, list(STEPS))
    assert [(o.job.name, o.error) for o in result.outcomes if o.error] == []
    return conf


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_cluster_on_spark_alone_makes_a_small_companys_tables_as_one_machine_does(spark, tmp_path, here):
    company = Path(here.profile.drop).parent / "company"
    with cluster.standalone(tmp_path, memory="1500m") as master:
        settings = cluster.FEW_ROWS | {"spark.executor.memory": "1g", "spark.driver.memory": "1g"}
        profile = cluster.layer(tmp_path / "there", master, here.profile.drop, here.profile.account_secret, settings)
        done = cluster.night(company, profile)

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert cluster.fingerprints(spark, Conf([company, profile])) == cluster.fingerprints(spark, here)


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("table", ["silver/orders", "identity/customer_map"])
def test_a_cluster_that_loses_a_worker_makes_the_same_tables(spark, tmp_path, here, table):
    company = Path(here.profile.drop).parent / "company"
    with cluster.of_workers(tmp_path, 2, memory="1500m") as two:
        settings = cluster.FEW_ROWS | {"spark.executor.memory": "1g", "spark.driver.memory": "1g"}
        profile = cluster.layer(
            tmp_path / "there", two.address, here.profile.drop, here.profile.account_secret, settings
        )
        made = Path(Conf([company, profile]).profile.lake) / table
        cluster.night_that_loses_a_worker(two, made, company, profile)

    assert cluster.fingerprints(spark, Conf([company, profile])) == cluster.fingerprints(spark, here)


@pytest.mark.ci_night
@pytest.mark.timeout(1500)
def test_a_small_companys_night_rebuilt_aside_gives_the_same_tables(here):
    result = replay.run(here, kiosk.DAY)

    assert [o.error for o in result.outcomes if o.error] == []
    assert [t.table for t in result.tables if not t.is_equal] == []
    assert len(result.tables) > 20


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_cluster_makes_the_tables_that_one_machine_makes(spark, tmp_path):
    drop = tmp_path / "drop"
    write_sample(drop, nights=1, households=60)
    here = Conf([packaged("conf") / "sample"], overrides=places(tmp_path / "here") | {"drop": str(drop)})
    assert steps.run(here, list(STEPS)).is_good
    with cluster.standalone(tmp_path) as master:
        profile = cluster.layer(tmp_path / "there", master, drop, here.profile.account_secret)
        done = cluster.night(packaged("conf") / "sample", profile)

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    there = Conf([packaged("conf") / "sample", profile])
    assert cluster.fingerprints(spark, there) == cluster.fingerprints(spark, here)
