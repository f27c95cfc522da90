"""What stops a run before Spark starts, and what a plan says without Spark."""

from datetime import date
from pathlib import Path

import pytest

from lakehouse.cli.main import main
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.lake.lake import Lake
from lakehouse.runs import steps
from lakehouse.spark import session
from tests.conftest import places


@pytest.fixture
def no_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("Spark was started")

    monkeypatch.setattr(session, "start", refuse)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("customer_rfm", "window_dais: 3\n", r"customer_rfm\.yaml:1: unknown key 'window_dais'.*window_days"),
        ("churn", "horizon_days: many\n", r"churn\.yaml:1"),
    ],
)
def test_a_fault_in_a_subject_stops_the_night_with_file_and_line(no_spark, tmp_path: Path, name, text, said):
    (tmp_path / "layer").mkdir()
    (tmp_path / "layer" / f"{name}.yaml").write_text(text)
    conf = Conf([tmp_path / "layer"], overrides=places(tmp_path))

    with pytest.raises(ConfigError, match=said):
        steps.run(conf, ["load", "gold", "models"], date(2017, 10, 1))


def test_a_path_that_engines_read_as_a_pattern_is_refused(no_spark, tmp_path: Path):
    conf = Conf([], overrides={**places(tmp_path), "lake": str(tmp_path / "la[k]e")})

    with pytest.raises(ConfigError, match="choose a folder without them"):
        steps.run(conf, ["load"], date(2017, 10, 1))


def test_a_plan_says_why_each_job_will_run(lake: Lake, capsys):
    lake.publish("gold.segments", lake.empty("gold.segments"), date(2017, 10, 1))

    code = main(["plan", "--lake", lake.root, "--run-date", "2017-10-01"])

    said = capsys.readouterr().out
    assert code == 0
    assert "gold.segments" in said
    assert "never ran" in said
