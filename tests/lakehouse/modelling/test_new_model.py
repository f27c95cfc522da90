"""`lakehouse new-model` and `lakehouse train`: from any labelled table to a judged model."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml

from lakehouse.cli.main import main
from lakehouse.errors import LakehouseError
from lakehouse.modelling import proposal
from tests.conftest import empty_store
from tests.lakehouse.modelling.made import frame


@pytest.fixture
def file(tmp_path):
    rows = frame(1500)
    random = np.random.default_rng(2)
    rows["region_code"] = random.integers(1, 9, len(rows))
    rows["result_text"] = np.where(rows["label"], "sold", random.choice(["open", "lost"], len(rows)))
    rows["label"] = np.where(rows["label"], "yes", "no")
    path = tmp_path / "Our Leads 2024.csv"
    rows.rename(columns={"id": "lead_id"}).to_csv(path, index=False)
    return path


def test_a_table_with_a_label_becomes_a_yaml_that_trains(file, tmp_path, capsys):
    layer = tmp_path / "mine"

    assert main(["new-model", str(file), "--label", "label", "--out", str(layer)]) == 0

    said = capsys.readouterr().out
    made = yaml.safe_load((layer / "models" / "our_leads_2024.yaml").read_text())
    assert made["examples"]["subject"] == ["lead_id"]
    assert made["label"] == {"column": "label"}
    assert "'yes' counts as 1" in said
    assert list(made["forbidden"]) == ["result_text"]
    assert made["hints"] == {"region_code": {"kind": "category"}}
    assert "result_text is forbidden" in said
    assert "TODO" in made["purpose"]

    lake = ["--conf", str(layer), "--lake", str(tmp_path / "lake"), "--profile", "own"]
    profile = yaml.safe_load((_profiles() / "local.yaml").read_text())
    profile["mlflow_tracking_uri"] = f"sqlite:///{tmp_path}/mlflow.db"
    profile["model_secret"] = f"file:{tmp_path}/models.key"
    shutil.copy(empty_store(), tmp_path / "mlflow.db")
    (layer / "profiles").mkdir()
    (layer / "profiles" / "own.yaml").write_text(yaml.safe_dump(profile))
    assert main(["train", "our_leads_2024", *lake, "--file", str(file)]) == 0
    assert "version 1 is champion" in capsys.readouterr().out
    assert main(["models", *lake, "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [row] = [row for row in rows if row["model"] == "our_leads_2024"]
    assert (row["champion"], row["age_days"]) == ("1", 0)
    unlabelled = tmp_path / "new.csv"
    frame(50, 9).rename(columns={"id": "lead_id"}).drop(columns="label").assign(region_code=3).to_csv(unlabelled)
    out = tmp_path / "scores.csv"
    assert main(["score", "our_leads_2024", *lake, "--file", str(unlabelled), "--out", str(out)]) == 0
    scores = pd.read_csv(out)
    assert list(scores.columns[:3]) == ["lead_id", "probability", "rank"]
    assert scores.sort_values("rank")["probability"].is_monotonic_decreasing
    assert scores.sort_values("rank")["reason_1"].iloc[0] in ("first", "second", "kind")
    capsys.readouterr()
    assert main(["rollback", "our_leads_2024", *lake, "--why", "a trial"]) == 1
    assert "no champion before" in capsys.readouterr().err


def _profiles():
    from lakehouse.config.documents import packaged

    return packaged("conf") / "profiles"


def test_a_misspelt_label_is_answered_with_the_nearest_column(file):
    with pytest.raises(LakehouseError, match=r"no column 'labl'.*label"):
        proposal.proposal(file, "labl", "leads")


def test_a_label_of_many_texts_asks_which_counts(file):
    with pytest.raises(LakehouseError, match=r"3 values, and is no number.*--positive"):
        proposal.proposal(file, "kind", "leads")
    made = proposal.proposal(file, "kind", "leads", positive="b").model
    assert made.label.positive == "b"
