"""A standalone Spark cluster on loopback, and nights that leave nothing to the driver's own engines."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark
import yaml
from pyspark.sql import SparkSession

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.ops.history import History
from lakehouse.ops.run_log import Run
from lakehouse.runs.replay import printed
from tests.conftest import QUICK, places
from tests.ports import end_with_the_test, free_port, wait_for

LAYERS = ("silver.", "quarantine.", "identity.", "gold.", "models.")
OF_THE_ENGINE = ("lane", "_bronze_version")  # its name; and Spark makes a table before it writes the first rows
FEW_ROWS = {  # plans over few rows run sooner than they compile
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.executor.extraJavaOptions": QUICK,
    "spark.driver.extraJavaOptions": QUICK,
}


@dataclass(frozen=True)
class Cluster:
    """A running cluster: its address, and its workers, each the head of a process group with its executors."""

    address: str
    workers: list[subprocess.Popen[bytes]]

    def lose_a_worker(self) -> None:
        """End a worker and its executors, as a machine that goes down does."""
        os.killpg(self.workers[0].pid, signal.SIGKILL)
        self.workers.pop(0).wait()


@contextmanager
def standalone(folder: Path, memory: str = "3g") -> Iterator[str]:
    """The address of a cluster of one worker; its processes end with the block."""
    with of_workers(folder, 1, memory) as cluster:
        yield cluster.address


@contextmanager
def of_workers(folder: Path, count: int, memory: str) -> Iterator[Cluster]:
    """A cluster of so many workers, of two cores and that much memory each; its processes end with the block."""
    address = f"spark://127.0.0.1:{free_port()}"
    worker = ("worker.Worker", address, "--cores", "2", "--memory", memory, "--work-dir", str(folder / "work"))
    master = daemon(folder, "master", "master.Master", "--port", address.rsplit(":", 1)[1])
    cluster = Cluster(address, [daemon(folder, f"worker{n}", *worker) for n in range(count)])
    try:
        wait_for(int(address.rsplit(":", 1)[1]))
        yield cluster
    finally:
        for process in (*cluster.workers, master):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def daemon(folder: Path, log_name: str, name: str, *words: str) -> subprocess.Popen[bytes]:
    """A Spark daemon in a process group of its own."""
    launcher = Path(pyspark.__file__).parent / "bin" / "spark-class"
    place = ("--host", "127.0.0.1", "--webui-port", str(free_port()))
    with (folder / f"{log_name}.log").open("wb") as log:
        command = [str(launcher), f"org.apache.spark.deploy.{name}", *words, *place]
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, preexec_fn=end_with_the_test)  # noqa: PLW1509


def layer(folder: Path, master: str, drop: Path, secret: str, spark: dict[str, str] | None = None) -> Path:
    """A layer whose profile runs on the cluster and leaves nothing to the driver's own engines."""
    jars = sorted((Path(Conf().profile.path("var/jars"))).glob("*.jar"))
    own = {"drop": str(drop), "account_secret": secret, "engine": "spark"}
    settings = {"spark.master": master, "spark.jars": ",".join(map(str, jars)), "spark.executor.memory": "2g"}
    profile = {**places(folder), **own, "event_logs": "", "spark": {**settings, **(spark or {})}}
    path = folder / "layer" / "profiles" / "local.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(profile))
    return folder / "layer"


def night(*layers: Path) -> subprocess.CompletedProcess[str]:
    """A night in a process of its own, as spark-submit would start it."""
    return subprocess.run(command_of(*layers), capture_output=True, text=True, check=False)


def night_that_loses_a_worker(of: Cluster, table: Path, *layers: Path) -> None:
    """A night one of whose workers goes down when a table is there; what was on it alone, a second run makes again."""
    running = subprocess.Popen(command_of(*layers), stdout=subprocess.DEVNULL)
    while not table.exists() and running.poll() is None:
        time.sleep(0.2)
    assert running.poll() is None, "the night was over before a worker was lost"
    of.lose_a_worker()
    if running.wait():  # as Airflow makes a retry
        again = night(*layers)
        assert again.returncode == 0, again.stdout[-2000:] + again.stderr[-2000:]


def command_of(*layers: Path) -> list[str]:
    """The command of a night."""
    words = [word for path in layers for word in ("--conf", str(path))]
    return [sys.executable, "-m", "lakehouse.cli.main", "night", "--json", *words]


def fingerprints(spark: SparkSession, conf: Conf) -> dict[str, str]:
    """Row count and fingerprint of each published table."""
    (day,) = History(conf.profile.lake).nights()
    versions = History(conf.profile.lake).manifest(day) or {}
    lake = Lake(spark, conf, conf.profile.lake, Run("compare", day), Contracts(conf))
    named = [table for table in versions if table.startswith(LAYERS)]
    read = lake.for_job("compare", "").read
    return {table: printed(read(table, versions[table]).drop(*OF_THE_ENGINE)) for table in named}
