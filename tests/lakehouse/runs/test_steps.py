"""What stops a run before Spark starts, and what a plan says without Spark."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from lakehouse.cli.main import main
from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.lake.lake import Lake
from lakehouse.runs import companies, steps
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


def land(root: str, export: str) -> None:
    """A bronze table of an export, with a line."""
    write_deltalake(f"{root}/bronze/{export}", pa.table({"line": ["1"]}))


@pytest.fixture
def own(tmp_path: Path) -> Conf:
    (tmp_path / "mine" / "exports").mkdir(parents=True)
    text = (packaged("conf") / "sample" / "exports" / "web_leads.yaml").read_text()
    (tmp_path / "mine" / "exports" / "shop_orders.yaml").write_text(text.replace("web_leads", "shop_orders"))
    return Conf([tmp_path / "mine"], overrides=places(tmp_path))


def test_own_exports_do_not_land_in_the_sample_companys_lake(no_spark, tmp_path: Path, own: Conf):
    land(own.profile.lake, "pos_sales")

    with pytest.raises(ConfigError, match="this lake is the sample company's"):
        steps.run(own, ["load"], date(2017, 10, 1))


def test_the_sample_company_does_not_land_in_a_lake_of_other_exports(no_spark, tmp_path: Path):
    conf = Conf([packaged("conf") / "sample"], overrides=places(tmp_path))
    land(conf.profile.lake, "shop_orders")

    with pytest.raises(ConfigError, match="other exports than the sample company's"):
        steps.run(conf, ["load"], date(2017, 10, 1))


@pytest.mark.parametrize("landed", [[], ["shop_orders"], ["shop_orders", "pos_sales"], ["formerly"]])
def test_a_company_may_add_and_rename_its_exports(tmp_path: Path, own: Conf, landed: list[str]):
    for export in landed:
        land(own.profile.lake, export)

    companies.refuse_mixture(own, own.profile.lake)
