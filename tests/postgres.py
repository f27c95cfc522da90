"""A PostgreSQL server on loopback, of the machine's own programs, with a password and an empty cluster."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import end_with_the_test, free_port, wait_for

ACCOUNT, OF_ROOT = "lakehouse", "postgres"  # of the database; of the machine, since the server does not run as root
QUICK = ("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=60")


@contextmanager
def served() -> Iterator[str]:
    """The URI of the server, to which the name of a database is added; the server ends with the block."""
    programs, port, password = found(), free_port(), secrets.token_urlsafe(12)
    own = {"user": OF_ROOT, "group": pwd.getpwnam(OF_ROOT).pw_gid} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(dir="/tmp" if own else None, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "password").write_text(password)
        if own:
            for path in (folder, folder / "password"):
                shutil.chown(path, OF_ROOT)
        made = [programs / "initdb", "--auth=scram-sha-256", f"--username={ACCOUNT}", "--no-sync", "--encoding=UTF8"]
        made += [f"--pwfile={folder / 'password'}", f"--pgdata={folder / 'data'}"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd="/", **own)
        run = [programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", "", "-h", "127.0.0.1", *QUICK]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(run, stdout=log, stderr=log, cwd="/", preexec_fn=end_with_the_test, **own)  # noqa: PLW1509
        try:
            wait_for(port)
            yield f"postgresql+psycopg://{ACCOUNT}:{password}@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)  # at once, whoever is still connected
            server.wait()


def database(server: str, name: str) -> str:
    """The URI of a new, empty database."""
    import psycopg

    with psycopg.connect(f"{server}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{server}/{name}"


def found() -> Path:
    """The folder of the newest server's programs; without one the test is skipped."""
    of_debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    program = str(of_debian[-1]) if of_debian else shutil.which("postgres")
    if program is None:
        pytest.skip("PostgreSQL is not installed here (Debian: postgresql), so NOTHING was tested on it")
    return Path(program).parent


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The URI of a server of the test's own."""
    with served() as uri:
        yield uri
