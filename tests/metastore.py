"""A Hive metastore as a process of its own, from pyspark's own jars, its names in a Derby database of the test's."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark

from lakehouse.setup.places import java_program
from tests.ports import end_with_the_test, free_port, wait_for

OPENED = ("java.base/java.lang", "java.base/java.net", "java.base/java.util", "java.base/java.util.concurrent")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the metastore; its process ends with the block."""
    port = free_port()
    own = {
        "javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder}/metastore;create=true",
        "derby.stream.error.file": str(folder / "derby.log"),
        "datanucleus.schema.autoCreateAll": "true",
        "hive.metastore.schema.verification": "false",
        "hive.metastore.warehouse.dir": str(folder / "warehouse"),
        "hive.async.log.enabled": "false",
        "java.io.tmpdir": str(folder),
    }
    jars = Path(pyspark.__file__).parent / "jars"
    opened = [word for package in OPENED for word in ("--add-opens", f"{package}=ALL-UNNAMED")]
    properties = [f"-D{name}={value}" for name, value in own.items()]
    program = [java_program(), "-Xmx512m", *opened, *properties, "-cp", f"{jars}/*"]
    command = [*program, "org.apache.hadoop.hive.metastore.HiveMetaStore", "-p", str(port)]
    with (folder / "metastore.log").open("wb") as log:
        own_env = {**os.environ, "HADOOP_USER_NAME": "test"}
        server = subprocess.Popen(command, stdout=log, stderr=log, env=own_env, preexec_fn=end_with_the_test)  # noqa: PLW1509
    try:
        wait_for(port)
        yield f"thrift://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()
