"""A night on a standalone Spark cluster, by Spark's own reader and writer, gives the tables that one machine makes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyspark
import pytest
import yaml
from pyspark.sql import SparkSession

from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.ops.history import History
from lakehouse.ops.run_log import Run
from lakehouse.runs import steps
from lakehouse.runs.graph import STEPS
from lakehouse.runs.replay import printed
from lakehouse.sample import write_sample
from tests.conftest import places

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
LAYERS = ("silver.", "quarantine.", "identity.", "gold.", "models.")
OF_ITS_OWN = ("identity.linkage_models",)  # says by which code and settings it was trained


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """The address of a standalone cluster of one worker on loopback; ended with the test."""
    address = f"spark://127.0.0.1:{free_port()}"
    started = [
        daemon(tmp_path, "master.Master", "--port", address.rsplit(":", 1)[1]),
        daemon(
            tmp_path, "worker.Worker", address, "--cores", "2", "--memory", "3g", "--work-dir", str(tmp_path / "work")
        ),
    ]
    try:
        wait_for(int(address.rsplit(":", 1)[1]))
        yield address
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def daemon(folder: Path, name: str, *words: str) -> subprocess.Popen[bytes]:
    """A Spark daemon in a process group of its own."""
    launcher = Path(pyspark.__file__).parent / "bin" / "spark-class"
    command = [
        str(launcher),
        f"org.apache.spark.deploy.{name}",
        *words,
        "--host",
        "127.0.0.1",
        "--webui-port",
        str(free_port()),
    ]
    log = (folder / f"{name}.log").open("wb")
    return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def cluster_layer(folder: Path, master: str, drop: Path, secret: str) -> Path:
    """A layer whose profile runs on the cluster and leaves nothing to the driver's own engines."""
    jars = sorted((Path(Conf().profile.path("var/jars"))).glob("*.jar"))
    profile = places(folder) | {
        "drop": str(drop),
        "account_secret": secret,
        "collect_up_to_rows": 0,
        "query_up_to_rows": 0,
    }
    spark = {"spark.master": master, "spark.jars": ",".join(map(str, jars)), "spark.executor.memory": "2g"}
    (folder / "layer" / "profiles").mkdir(parents=True)
    (folder / "layer" / "profiles" / "local.yaml").write_text(
        yaml.safe_dump({**profile, "event_logs": "", "spark": spark})
    )
    return folder / "layer"


def fingerprints(spark: SparkSession, conf: Conf) -> dict[str, str]:
    """Row count and fingerprint of each published table."""
    (night,) = History(conf.profile.lake).nights()
    versions = History(conf.profile.lake).manifest(night) or {}
    lake = Lake(spark, conf, conf.profile.lake, Run("compare", night), Contracts(conf))
    named = [table for table in versions if table.startswith(LAYERS) and table not in OF_ITS_OWN]
    return {table: printed(lake.for_job("compare", "").read(table, versions[table])) for table in named}


def test_a_cluster_makes_the_tables_that_one_machine_makes(spark, tmp_path, master):
    drop = tmp_path / "drop"
    write_sample(drop, nights=1, households=60)
    here = Conf([packaged("conf") / "sample"], overrides=places(tmp_path / "here") | {"drop": str(drop)})
    assert steps.run(here, list(STEPS)).is_good
    layer = cluster_layer(tmp_path / "there", master, drop, here.profile.account_secret)
    words = ["night", "--json", "--conf", str(packaged("conf") / "sample"), "--conf", str(layer)]

    command = [sys.executable, "-m", "lakehouse.cli.main", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    there = Conf([packaged("conf") / "sample", layer])
    assert fingerprints(spark, there) == fingerprints(spark, here)
