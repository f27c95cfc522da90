"""Files over SFTP: whole under their name or not there, and only to the server that is known."""

import csv
from collections.abc import Iterator
from typing import Any

import asyncssh
import pytest

from jobs.activation.settings.destinations import Destination, Files, Sftp
from lakehouse.errors import LakehouseError
from tests.activation.delivering import sftp_server
from tests.activation.delivering.handing import sent
from tests.activation.delivering.sftp_server import PASSWORD, Server
from tests.conftest import RUN_DATE


@pytest.fixture
def server(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("SFTP_PASSWORD", PASSWORD)
    with sftp_server.serving(tmp_path) as known:
        yield known


def place(server: Server, mode: str = "full", attempts: int = 5, **changes: Any) -> Destination:
    said = {"host": "127.0.0.1", "port": server.port, "user": "shop", "password": "env:SFTP_PASSWORD"}
    there = Sftp(**{**said, "known_hosts": str(server.known_hosts), **changes})
    files = Files(folder="in/mailing", sftp=there)
    return Destination(channels="email", files=files, mode=mode, fields="email", attempts=attempts)


def names(server: Server) -> list[str]:
    return sorted(path.name for path in (server.home / "in" / "mailing").iterdir())


def test_a_nights_file_is_there_whole_and_a_second_run_puts_the_same(lake, server):
    assert sent(lake, place(server)) == {"sent": 20}
    (path,) = (server.home / "in" / "mailing").iterdir()
    first = path.read_bytes()
    assert sent(lake, place(server)) == {"sent": 20}
    assert (names(server), path.read_bytes()) == ([f"crm_{RUN_DATE}.csv"], first)
    assert {row["content"] for row in csv.DictReader(path.open())} == {"'=hello"}


def test_a_line_that_is_cut_in_the_middle_leaves_no_half_file_under_the_name(lake, server):
    server.cuts = 2
    assert sent(lake, place(server, "upsert", attempts=2)) == {"waits": 20}
    assert not [name for name in names(server) if not name.startswith(".")]
    server.cuts = 1
    assert sent(lake, place(server, "upsert")) == {"sent": 20}
    (name,) = names(server)
    assert len((server.home / "in" / "mailing" / name).read_text().splitlines()) == 21
    assert sent(lake, place(server, "upsert")) == {}


def test_another_server_in_its_place_gets_nothing(lake, server):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    server.known_hosts.write_text(f"[127.0.0.1]:{server.port} {other}")
    with pytest.raises(LakehouseError, match="key is not in known_hosts"):
        sent(lake, place(server))
    assert list(server.home.iterdir()) == []


def test_a_login_that_is_refused_says_so_and_a_server_that_is_away_waits(lake, server):
    with pytest.raises(LakehouseError, match="refuses the login"):
        sent(lake, place(server, user="other"))
    server.known_hosts.write_text("")
    assert sent(lake, place(server, port=1, attempts=2)) == {"waits": 20}
