"""Fixtures of handing over: twenty messages that wait, and a receiver on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.activation.delivering import deliver
from lakehouse.config.layers import Conf
from tests.activation.delivering import lake_on_disk
from tests.activation.delivering.handing import Tables
from tests.activation.delivering.receiver import SECRET, Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """Twenty customers who agreed, with a message each; the waits between attempts are left out."""
    conf = Conf(overrides={"lake": str(tmp_path / "lake")})
    lake = Tables(conf, **lake_on_disk.tables_of(f"c{n:02d}" for n in range(20)))
    monkeypatch.setattr(deliver, "LocalTables", lambda _conf: lake)
    monkeypatch.setattr("jobs.activation.delivering.pauses.FIRST_PAUSE", 0.0)
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    return lake
