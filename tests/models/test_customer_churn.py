"""The whole of churn on the sample company's real year, household by household, and what MLflow keeps of it."""

import json
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from jobs.models.churn.registry import MODEL_NAME, Champion, champion
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.models import churn_examples, churn_scores, customer_churn
from jobs.models.churn.features import origins
from jobs.models.settings.churn import FEATURES, Settings, as_of_morning
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.mlflow_store import connected, tracking_uri
from lakehouse.ops.run_log import Run
from tests.both_engines import spark_answer
from tests.conftest import places
from tests.models.reference import write_order_days

REFERENCE = date(2017, 10, 1)
NIGHT = date(2017, 10, 28)  # closes the last day of the reference date's horizon


@pytest.fixture(scope="module")
def year(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake as of NIGHT with the examples of real purchases; those after NIGHT are there too, and must not count."""
    folder = tmp_path_factory.mktemp("churn")
    conf = Conf(overrides=places(folder))
    lake = Lake(spark, conf, conf.profile.lake, Run("test", NIGHT), Contracts(conf)).for_job("test", "hash")
    write_order_days(folder / "days.parquet")
    days = spark.read.parquet(str(folder / "days.parquet"))
    customer_map = days.select("account_id", F.col("account_id").alias("customer_id")).distinct()
    settings = conf.settings("churn", Settings)
    as_of = as_of_morning(NIGHT)
    dates = settings.as_of_dates(date(2017, 1, 1), as_of)
    when = origins(dates, settings.history_days, settings.horizon)
    tables = {"order_days": days, "customer_map": customer_map, "origins": when}
    rows = spark_answer(spark, churn_examples.churn_examples_sql(as_of, settings), **tables)
    lake.publish(churn_examples.WRITES, rows, NIGHT)
    churn_scores.run(lake.for_job("models.churn_scores", "hash"), NIGHT, settings)
    return lake


@pytest.fixture
def settings(conf: Conf) -> Settings:
    return conf.settings("churn", Settings)


def test_the_reference_date_has_the_published_count_of_churners(year: Lake) -> None:
    found = year.read(churn_examples.WRITES).where(F.col("as_of") == F.lit(REFERENCE))

    assert found.count() == 2446
    assert found.where("is_churned").count() == 439


def test_out_of_time_the_model_ranks_at_least_as_well_as_the_reference(year: Lake) -> None:
    run = last_run(year)
    found = run.data.metrics
    print(
        f"AUC as of {run.data.params['held_out_as_of']} at 28 days: {found['auc']:.4f}"
        f" ({found['auc_low']:.4f} to {found['auc_high']:.4f}, deviation {found['auc_deviation']:.4f}),"
        f" average precision {found['average_precision']:.3f}, Brier {found['brier']:.4f},"
        f" lift {found['lift_top_decile']:.2f}"
    )

    assert run.data.params["held_out_as_of"] == str(REFERENCE)
    assert date.fromisoformat(run.data.params["training_as_of_last"]) + timedelta(days=28) <= REFERENCE
    assert found["auc"] >= 0.872
    assert found["brier"] < found["brier_of_base_rate"]
    assert found["lift_top_decile"] > 3


def test_the_run_says_what_it_was_made_of_and_holds_no_customer(year: Lake) -> None:
    mlflow, run = connected(tracking_uri(year.profile)), last_run(year)
    folder = Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id))

    names = {path.name for path in folder.iterdir()}
    example = json.loads((model_folder(year) / "input_example.json").read_text())

    assert {"roc.png", "calibration.png", "feature_importances.png", "model_card.md"} <= names
    assert [i.dataset.name for i in run.inputs.dataset_inputs] == [churn_examples.WRITES] * 2
    assert json.loads(run.inputs.dataset_inputs[0].dataset.source)["delta_table_version"] is not None
    assert "customer_id" not in json.dumps(example)
    assert set(example["columns"]) == set(FEATURES)


def test_no_file_of_the_model_is_a_pickle(year: Lake) -> None:
    files = [path for path in model_folder(year).rglob("*") if path.is_file()]

    assert not [path for path in files if path.suffix in (".pkl", ".pickle") or path.read_bytes()[:1] == b"\x80"]
    requirements = (model_folder(year) / "requirements.txt").read_text().split()
    assert all("==" in line for line in requirements)


def test_scores_are_those_of_the_registered_model(year: Lake) -> None:
    scores = year.read(churn_scores.WRITES)
    as_of = as_of_morning(NIGHT)
    examples = year.read(churn_examples.WRITES).where(F.col("as_of") == F.lit(as_of))
    serving = champion(of_lake(year), as_of)
    frame = examples.join(scores, "customer_id").toPandas()

    assert serving is not None
    assert len(frame) == scores.count() == examples.count()
    assert frame["churn_probability"].to_numpy() == pytest.approx(serving.predictor()(frame).to_numpy(), rel=1e-9)
    assert set(frame["model_version"]) == {serving.version}
    tenths = frame.groupby("churn_decile").agg(size=("customer_id", "size"), risk=("churn_probability", "mean"))
    assert list(tenths.index) == list(range(1, 11))
    assert tenths["size"].between(len(frame) * 0.09, len(frame) * 0.11).all()
    assert tenths["risk"].is_monotonic_decreasing


def test_a_model_of_another_kind_scores_through_mlflow(year: Lake) -> None:
    serving = champion(of_lake(year), as_of_morning(NIGHT))
    assert serving is not None
    examples = year.read(churn_examples.WRITES).where(F.col("as_of") == F.lit(REFERENCE)).limit(50).persist()
    native = churn_scores.with_probability(examples, serving).toPandas().set_index("customer_id")
    vars(serving)["scorecard"] = None  # as for a version that someone registered by hand

    foreign = churn_scores.with_probability(examples, serving).toPandas().set_index("customer_id")

    pd.testing.assert_frame_equal(native.sort_index(), foreign.sort_index())


def test_training_again_on_the_same_examples_gives_the_same_model_and_it_may_serve_from_the_next_night(
    year: Lake, settings: Settings
) -> None:
    models, tonight = of_lake(year), as_of_morning(NIGHT)
    first = champion(models, tonight)

    customer_churn.run(year.for_job("models.churn_scores", "hash"), NIGHT, settings)

    tonights, tomorrows = champion(models, tonight), champion(models, tonight + timedelta(days=1))
    assert first is not None
    assert tonights is not None
    assert tomorrows is not None
    assert tonights.version == first.version
    assert (first.horizon_days, first.known_until) == (28, REFERENCE)
    assert int(tomorrows.version) > int(first.version)
    assert tomorrows.scorecard == first.scorecard


def test_a_night_before_every_promotion_has_no_champion(year: Lake) -> None:
    assert champion(of_lake(year), REFERENCE - timedelta(days=100)) is None


def test_a_model_that_ranks_worse_than_the_champion_is_logged_and_not_promoted(year: Lake, settings: Settings) -> None:
    models, later = of_lake(year), as_of_morning(NIGHT) + timedelta(days=5)
    present = customer_churn.train(year.for_job("models.churn_scores", "hash"), NIGHT, settings, later)
    assert present is not None
    unreachable = Settings(**{**vars(settings), "promotion_tolerance_auc": -1.0})

    kept = customer_churn.train(year.for_job("models.churn_scores", "hash"), NIGHT, unreachable, later)

    assert kept is not None
    assert kept.version == present.version
    assert last_run(year).data.tags["is_promoted"] == "false"
    again = champion(models, later)
    assert again is not None
    assert again.known_until == REFERENCE  # it was held against these examples, and need not be again


def test_too_few_examples_give_no_model_and_the_night_says_how_many_are_needed(
    lake: Lake, spark: SparkSession, settings: Settings
) -> None:
    day = date(2017, 9, 30)
    row = {"customer_id": "c1", "as_of": date(2017, 8, 2), "horizon_days": 28, "is_churned": True}
    columns = lake.contracts[churn_examples.WRITES].schema()
    rows = spark.createDataFrame([{**dict.fromkeys(columns.names, 1), **row}]).selectExpr(
        *[f"CAST({field.name} AS {field.dataType.simpleString()})" for field in columns]
    )
    lake.publish(churn_examples.WRITES, rows, day)

    churn_scores.run(lake, day, settings)

    assert lake.read(churn_scores.WRITES).count() == 0
    assert "200 with 20 of each kind are needed" in lake.notes[0]


def test_scores_say_how_far_they_look(year: Lake) -> None:
    assert {row.horizon_days for row in year.read(churn_scores.WRITES).select("horizon_days").distinct().collect()} == {
        28
    }


def test_a_champion_of_another_horizon_does_not_score_for_this_one(year: Lake) -> None:
    models, tonight = of_lake(year), as_of_morning(NIGHT)

    assert champion(models, tonight, 28) is not None
    assert champion(models, tonight, 91) is None


def test_a_night_trains_anew_when_labels_of_later_days_are_known(settings: Settings) -> None:
    as_of = date(2017, 12, 1)
    grid = settings.looking(28)
    newest = grid.newest_matured(as_of)
    fresh = Champion("", MODEL_NAME, "1", date(2017, 10, 29), 28, newest - timedelta(days=27))

    assert newest <= as_of - timedelta(days=28) < newest + timedelta(days=grid.as_of_every_days)
    assert newest in grid.as_of_dates(date(2017, 1, 1), as_of)
    assert not churn_scores.is_past(fresh, as_of, grid)
    assert churn_scores.is_past(replace(fresh, known_until=newest - timedelta(days=28)), as_of, grid)
    assert not churn_scores.is_past(replace(fresh, known_until=None), as_of, grid)  # registered by hand


@pytest.mark.parametrize(
    ("horizon", "interval", "expected"), [("auto", None, 28), ("auto", 182, 182), (56, 182, 56), (56, None, 56)]
)
def test_the_horizon_is_the_companys_interval_unless_it_is_given(
    settings: Settings, horizon: int | str, interval: int | None, expected: int
) -> None:
    assert settings.model_copy(update={"horizon_days": horizon}).looking(interval).horizon == expected


@pytest.mark.slow
def test_mlflow_serves_the_champion(year: Lake, tmp_path: Path) -> None:
    row = dict.fromkeys(FEATURES, 3.0)
    port = "58231"
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model_folder(year))]
    command += ["--env-manager", "local", "-h", "127.0.0.1", "-p", port]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            cwd=tmp_path,
        )
        try:
            answer = asked(f"http://127.0.0.1:{port}", {"dataframe_records": [row]})
        finally:
            server.terminate()
            server.wait()

    serving = champion(of_lake(year), as_of_morning(NIGHT))
    assert serving is not None
    expected = serving.predictor()(pd.DataFrame([row]))[0]
    assert answer["predictions"][0]["churn_probability"] == pytest.approx(expected)


def asked(address: str, body: dict[str, object]) -> dict[str, list[dict[str, float]]]:
    """The server's answer, once it is up."""
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/ping", timeout=5).read()
            break
        except OSError:
            time.sleep(1)
    request = urllib.request.Request(
        f"{address}/invocations", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        found: dict[str, list[dict[str, float]]] = json.load(response)
    return found


def last_run(lake: Lake):  # type: ignore[no-untyped-def]
    mlflow = connected(tracking_uri(lake.profile))
    client = mlflow.MlflowClient()
    experiment = mlflow.get_experiment_by_name(MODEL_NAME)
    return client.search_runs([experiment.experiment_id], order_by=["attributes.start_time DESC"])[0]


def model_folder(lake: Lake) -> Path:
    mlflow = connected(tracking_uri(lake.profile))
    serving = champion(of_lake(lake), as_of_morning(NIGHT))
    assert serving is not None
    return Path(mlflow.artifacts.download_artifacts(f"models:/{MODEL_NAME}/{serving.version}"))
