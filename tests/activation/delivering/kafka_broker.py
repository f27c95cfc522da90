"""A real Kafka broker on loopback: one Java process, its jars checked by committed hashes."""

import hashlib
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lakehouse.setup.places import here
from lakehouse.setup.process import call, last_lines

COORDINATES = "org.apache.kafka:kafka_2.13:4.1.0"
CHECKSUMS = Path(__file__).with_name("kafka.sha256")
START_SECONDS = 90.0
SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{inner}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{inner}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/data
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
"""


def jars() -> list[Path]:
    """The broker's jars, in var/kafka; fetched once through Spark's resolver."""
    wanted = dict(reversed(line.split()) for line in CHECKSUMS.read_text().splitlines())
    places, folder = here(), here().var / "kafka"
    if not all((folder / name).is_file() for name in wanted):
        ivy, log = places.var / "ivy-kafka", places.logs / "kafka_jars.log"
        words = ["spark-submit", "--packages", COORDINATES, "--conf", f"spark.jars.ivy={ivy}"]
        call(places, [*words, "--class", "resolve.only", "none"], log)
        assert (ivy / "jars").is_dir(), last_lines(log)
        folder.mkdir(exist_ok=True)
        for name in wanted:
            shutil.copyfile(ivy / "jars" / name, folder / name)
        shutil.rmtree(ivy)
    assert {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in wanted} == wanted
    scala = Path(sysconfig.get_paths()["purelib"], "pyspark", "jars").glob("scala-library-*.jar")
    return [*(folder / name for name in wanted), *scala]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """`host:port` of a broker while it is needed."""
    port, inner = _free_port(), _free_port()
    settings = folder / "server.properties"
    settings.write_text(SETTINGS.format(port=port, inner=inner, folder=folder))
    java = ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", ":".join(map(str, jars()))]
    cluster = ["kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", str(settings)]
    subprocess.run([*java, *cluster], check=True, capture_output=True)
    with (folder / "broker.log").open("wb") as log:
        broker = subprocess.Popen([*java, "kafka.Kafka", str(settings)], stdout=log, stderr=log)
    try:
        _wait_for(port, broker)
        yield f"127.0.0.1:{port}"
    finally:
        broker.kill()
        broker.wait()


def _wait_for(port: int, broker: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert broker.poll() is None, "the broker ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the broker did not start")
