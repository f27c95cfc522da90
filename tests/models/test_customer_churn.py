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
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.models import churn_examples, churn_scores, customer_churn
from jobs.models.settings.churn import FEATURES, Settings, as_of_morning
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.lake_models import of_lake
from lakehouse.mlflow_store import SERVES_FROM, connected, tracking_uri
from lakehouse.modelling import scorer, store
from lakehouse.modelling.store import COMPARED, HELD_OUT, Version
from tests.models.reference import NIGHT, REFERENCE

KIND = customer_churn.KIND


@pytest.fixture
def settings(conf: Conf) -> Settings:
    return conf.settings("churn", Settings)


def test_the_reference_date_has_the_published_count_of_churners(year: Lake) -> None:
    found = year.read(churn_examples.WRITES).where(F.col("as_of") == F.lit(REFERENCE))

    assert found.count() == 2446
    assert found.where("is_churned").count() == 439


def test_too_many_examples_are_thinned_to_whole_customers_in_the_query_itself(year: Lake, settings: Settings) -> None:
    few = settings.replace(max_training_rows=4_000, min_examples=200)

    share = customer_churn.training_share(year, NIGHT, few)
    everyone, kept = (year.fetch(customer_churn.matured_query(NIGHT, part)) for part in (1.0, share))

    assert customer_churn.training_share(year, NIGHT, settings) == 1.0
    assert kept.num_rows == pytest.approx(4_000, rel=0.15)
    customers = set(kept["customer_id"].to_pylist())
    assert kept.num_rows == sum(one in customers for one in everyone["customer_id"].to_pylist())


def test_out_of_time_the_model_ranks_at_least_as_well_as_the_reference(year: Lake) -> None:
    run = last_run(year)
    found = run.data.metrics
    print(
        f"AUC at 28 days: {found['auc']:.4f} ({found['auc_low']:.4f} to {found['auc_high']:.4f}),"
        f" ECE {found['ece']:.3f}"
    )

    assert serving_of(year).tags[HELD_OUT] == str(REFERENCE)
    assert found["auc"] > 0.872
    assert found["ece"] <= 0.05  # the gate of a champion
    assert found["lift_top_tenth"] > 3


def test_the_run_says_what_it_was_made_of_and_holds_no_customer(year: Lake) -> None:
    mlflow, run = connected(tracking_uri(year.profile)), last_run(year)
    folder = Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id))

    names = {path.name for path in folder.iterdir()}
    example = json.loads((model_folder(year) / "input_example.json").read_text())

    assert {"roc.png", "calibration.png", "shap_summary.png", "model_card.md"} <= names
    assert [i.dataset.name for i in run.inputs.dataset_inputs] == [churn_examples.WRITES] * 2
    assert run.data.tags["delta_version.models.churn_examples"].isdigit()
    assert "customer_id" not in json.dumps(example)
    assert set(example["columns"]) <= set(FEATURES)


def test_no_file_of_the_model_is_a_pickle(year: Lake) -> None:
    files = [path for path in model_folder(year).rglob("*") if path.is_file()]

    assert not [path for path in files if path.suffix in (".pkl", ".pickle") or path.read_bytes()[:1] == b"\x80"]
    requirements = (model_folder(year) / "requirements.txt").read_text().split()
    assert all("==" in line for line in requirements)


def test_scores_are_those_of_the_registered_model_with_reasons_in_words(year: Lake) -> None:
    scores = year.read(churn_scores.WRITES)
    as_of = as_of_morning(NIGHT)
    examples = year.read(churn_examples.WRITES).where(F.col("as_of") == F.lit(as_of)).drop("horizon_days")
    serving = serving_of(year)
    frame = examples.join(scores, "customer_id").toPandas()

    assert len(frame) == scores.count() == examples.count()
    assert frame["churn_probability"].to_numpy() == pytest.approx(scorer.load(serving.folder).score(frame), abs=1e-9)
    assert set(frame["model_version"]) == {serving.number}
    tenths = frame.groupby("churn_decile").agg(size=("customer_id", "size"), risk=("churn_probability", "mean"))
    assert list(tenths.index) == list(range(1, 11))
    assert tenths["size"].between(len(frame) * 0.09, len(frame) * 0.11).all()
    assert tenths["risk"].is_monotonic_decreasing
    likely = frame[frame["churn_decile"] == 1]
    assert likely["reason_1"].notna().all()
    assert likely["reason_1"].str.contains("has bought little lately|has not bought for").mean() > 0.9
    assert set(frame["churn_kind"]) <= {"dissatisfied", "price", "need_ended", "silent"}


def test_training_again_on_the_same_examples_gives_the_same_model_and_the_champion_stays(
    year: Lake, settings: Settings
) -> None:
    first = serving_of(year)

    customer_churn.run(year.for_job("models.churn_scores", "hash"), NIGHT, settings)

    again, versions = serving_of(year), {int(v.version): v for v in of_lake(year).versions(KIND)}
    newest = models_of(year).version(KIND, str(max(versions)))
    assert again.number == first.number
    assert newest.number != first.number
    rows = year.read(churn_examples.WRITES).limit(200).toPandas()
    both = [scorer.load(version.folder).score(rows) for version in (first, newest)]
    assert both[0] == pytest.approx(both[1], abs=1e-9)
    assert "better in" in versions[int(newest.number)].tags["reason"]
    assert models_of(year).models.version(KIND, first.number).tags[COMPARED] == str(REFERENCE)


def test_a_night_before_every_promotion_has_no_champion(year: Lake) -> None:
    assert models_of(year).serving(KIND, REFERENCE - timedelta(days=100)) is None


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
    assert "1 examples labelled, 200 are needed" in lake.notes[0]


def test_scores_say_how_far_they_look(year: Lake) -> None:
    assert {row.horizon_days for row in year.read(churn_scores.WRITES).select("horizon_days").distinct().collect()} == {
        28
    }


def test_a_champion_of_another_horizon_does_not_score_for_this_one(year: Lake) -> None:
    models, tonight = models_of(year), as_of_morning(NIGHT)

    assert models.serving(KIND, tonight, 28) is not None
    assert models.serving(KIND, tonight, 91) is None


def test_a_night_trains_anew_when_labels_of_later_days_are_known(settings: Settings) -> None:
    as_of = date(2017, 12, 1)
    grid = settings.looking(28)
    newest = grid.newest_matured(as_of)
    tags = {SERVES_FROM: "2017-10-29", HELD_OUT: str(newest - timedelta(days=27))}
    fresh = Version(KIND, "1", Path(), tags)

    assert newest <= as_of - timedelta(days=28) < newest + timedelta(days=grid.as_of_every_days)
    assert newest in grid.as_of_dates(date(2017, 1, 1), as_of)
    assert not churn_scores.is_past(fresh, as_of, grid)
    assert churn_scores.is_past(replace(fresh, tags={HELD_OUT: str(newest - timedelta(days=28))}), as_of, grid)
    compared = {HELD_OUT: str(newest - timedelta(days=60)), COMPARED: str(newest)}
    assert not churn_scores.is_past(replace(fresh, tags=compared), as_of, grid)


@pytest.mark.parametrize(
    ("horizon", "interval", "expected"), [("auto", None, 28), ("auto", 182, 182), (56, 182, 56), (56, None, 56)]
)
def test_the_horizon_is_the_companys_interval_unless_it_is_given(
    settings: Settings, horizon: int | str, interval: int | None, expected: int
) -> None:
    assert settings.model_copy(update={"horizon_days": horizon}).looking(interval).horizon == expected


@pytest.mark.slow
def test_mlflow_serves_the_champion(year: Lake, tmp_path: Path) -> None:
    row = {**dict.fromkeys(FEATURES, 3.0), "last_channel": "pos"}
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

    expected = scorer.load(serving_of(year).folder).score(pd.DataFrame([row]))[0]
    assert answer["predictions"][0]["answer"] == pytest.approx(expected)


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
    experiment = mlflow.get_experiment_by_name(KIND)
    runs = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time DESC"])
    return next(run for run in runs if "mlflow.parentRunId" not in run.data.tags)


def model_folder(lake: Lake) -> Path:
    mlflow = connected(tracking_uri(lake.profile))
    return Path(mlflow.artifacts.download_artifacts(f"models:/{KIND}/{serving_of(lake).number}"))


def models_of(lake: Lake) -> store.Store:
    return store.of_models(lake.conf, of_lake(lake))


def serving_of(lake: Lake) -> Version:
    found = models_of(lake).serving(KIND, as_of_morning(NIGHT) + timedelta(days=1))
    assert found is not None
    return found
