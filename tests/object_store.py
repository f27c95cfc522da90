"""An S3-compatible server on loopback: moto, in an environment of its own that the first test to ask makes."""

import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lakehouse.config.documents import home
from lakehouse.setup import s3_jars
from lakehouse.setup.places import here
from lakehouse.storage import objects, s3
from lakehouse.storage.objects import Objects
from tests.ports import end_with_the_test, free_port, wait_for

MOTO = ("moto[s3]==5.2.5", "flask==3.1.3", "flask-cors==6.0.5")
BUCKET = "lakes"
KEYS = {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_REGION": "us-east-1"}


@contextmanager
def served(folder: Path) -> Iterator[dict[str, str]]:
    """The environment under which programs reach the server's bucket; the server ends with the block."""
    port = free_port()
    command = [str(python()), str(Path(__file__).with_name("moto_server.py")), str(port)]
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with (folder / "moto.log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=plain, preexec_fn=end_with_the_test)  # noqa: PLW1509
    try:
        wait_for(port)
        address = f"http://127.0.0.1:{port}"
        urllib.request.urlopen(urllib.request.Request(f"{address}/{BUCKET}", method="PUT"), timeout=60).close()
        yield {"AWS_ENDPOINT_URL": address, **KEYS}
    finally:
        server.terminate()
        server.wait()


def python() -> Path:
    """The interpreter of an environment with moto, made where there is none; without one the test is skipped."""
    folder = home() / "var" / "tools" / "moto-5.2.5"
    interpreter = folder / "bin" / "python"
    if not interpreter.exists():
        new = folder.with_name(f"{folder.name}.{os.getpid()}")
        uv = [str(Path(sys.executable).parent / "uv")]
        made = [
            [*uv, "venv", "--quiet", "--relocatable", "--python", sys.executable, str(new)],
            [*uv, "pip", "install", "--quiet", "--python", str(new / "bin" / "python"), *MOTO],
        ]
        if any(subprocess.run(command, check=False).returncode for command in made):
            shutil.rmtree(new, ignore_errors=True)
            pytest.skip("moto cannot be installed here, so NOTHING was tested against an object store")
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():  # another test was quicker
            shutil.rmtree(new)
        else:
            new.rename(folder)
    return interpreter


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI of an empty bucket, which this process and those that it starts reach."""
    with served(tmp_path_factory.mktemp("moto")) as environment, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        for opened in (objects._opened, s3._arrow):  # by the address of another module's server
            opened.cache_clear()
        yield f"s3://{BUCKET}"


@pytest.fixture(scope="session")
def hadoop_jars() -> None:
    """Hadoop's jars for S3, fetched where they are not there."""
    s3_jars.fetch(here())


def copied(root: str, folder: Path) -> Path:
    """All objects below a URI as files: Delta's tables name theirs by relative paths."""
    bucket, _, prefix = root.partition("://")[2].partition("/")
    store = Objects(f"s3://{bucket}")
    waiting = [prefix]
    while waiting:
        folders, names = store.names(waiting.pop())
        waiting += folders
        for name in names:
            path = folder / Path(name).relative_to(prefix)
            path.parent.mkdir(parents=True, exist_ok=True)
            seen = store.read(name)
            path.write_bytes(seen.content if seen else b"")
    return folder
