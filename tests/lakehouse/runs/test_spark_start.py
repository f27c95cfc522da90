"""Whether a run starts Spark before its first job follows from what seems to have arrived."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from lakehouse.config.layers import Conf
from lakehouse.runs import spark_start
from tests.conftest import places

NIGHT = date(2024, 3, 1)
BEGAN = datetime(2024, 3, 2, 1, 0, tzinfo=UTC)


def history(*nights: date) -> SimpleNamespace:
    return SimpleNamespace(nights=lambda: list(nights), rows=[{"started_at": BEGAN}], root="")


def delivered(folder: Path, day: str, hour: int) -> None:
    file = folder / "drop" / day / "sales.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a,b\n")
    for path in (file, file.parent, folder / "drop"):
        stamp = BEGAN.replace(hour=hour).timestamp()
        os.utime(path, (stamp, stamp))


@pytest.mark.parametrize(
    ("deliveries", "nights", "is_quiet"),
    [
        ([], [], False),  # a new lake
        ([("2024-03-01", 0)], [NIGHT], True),
        ([("2024-03-01", 0), ("2024-03-02", 0)], [NIGHT], False),  # the next day's, laid there before
        ([("2024-03-01", 2)], [NIGHT], False),  # late, for a day that was
    ],
)
def test_a_run_is_quiet_when_nothing_is_younger_than_the_last_night(tmp_path, deliveries, nights, is_quiet):
    profile = Conf(overrides=places(tmp_path)).profile
    for day, hour in deliveries:
        delivered(tmp_path, day, hour)

    assert spark_start.is_quiet(profile, history(*nights)) is is_quiet


def test_spark_alone_and_a_cluster_do_not_wait_for_a_job_to_ask(tmp_path, monkeypatch):
    delivered(tmp_path, "2024-03-01", 0)
    monkeypatch.setattr(spark_start.session, "begin", lambda _: None)
    local, alone = Conf(overrides=places(tmp_path)), Conf(overrides={**places(tmp_path), "engine": "spark"})

    assert not spark_start.chosen(local, history(NIGHT)).is_at_once
    assert spark_start.chosen(alone, history(NIGHT)).is_at_once
    monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "1")
    assert spark_start.chosen(local, history(NIGHT)).is_at_once
