"""From a training to a champion: files that are signed, a paired test, promotion and the way back."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lakehouse.cli.models import row_of
from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError
from lakehouse.lake_models import LakeModels
from lakehouse.mlflow_store import connected
from lakehouse.modelling import comparison, life, manifest, reasons, scorer, spec
from lakehouse.modelling.store import Store
from tests.conftest import empty_store
from tests.lakehouse.modelling.made import crossed, examples, frame, model, trained

LAKE = "0" * 31 + "1"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("models")
    shutil.copy(empty_store(), folder / "mlflow.db")
    return Store(LakeModels(f"sqlite:///{folder}/mlflow.db", LAKE), lambda: "a key of the test", folder / "copies")


@pytest.fixture(scope="module")
def first(store: Store) -> life.Outcome:
    of = model()
    return life.trained_and_judged(store, of, examples(of, frame()[["id", "noise", "second", "label"]]))


@pytest.fixture(scope="module")
def second(store: Store, first: life.Outcome) -> life.Outcome:
    """Knows a column more than the first one."""
    of = model()
    return life.trained_and_judged(store, of, examples(of, frame(1500)))


def test_the_first_that_beats_chance_is_champion_and_one_of_noise_is_not(first):
    assert first.is_champion
    assert not comparison.compared(trained(frame()[["id", "noise", "label"]]), None).is_better


def test_the_better_one_takes_the_place_and_an_equal_one_stays_challenger(store, first, second):
    assert second.is_champion
    assert second.comparison.gain > 0.05
    of = model()

    again = life.trained_and_judged(store, of, examples(of, frame(1500)))

    assert not again.is_champion
    assert "better in" in again.comparison.reason
    assert store.champion("made").number == second.version
    version = store.models.version("made", again.version)
    assert version.tags["reason"] == again.comparison.reason
    assert "challenger" in version.aliases
    assert store.challenger("made") == again.version
    assert (row_of(store, "made", {})["challenger"], row_of(store, "made", {})["champion"]) == (
        again.version,
        second.version,
    )


def test_a_champion_that_looks_at_what_is_forbidden_now_gives_way_to_a_worse_one(store):
    of = model(model="withdrawn")
    better = life.trained_and_judged(store, of, examples(of, frame(1500)))
    of = model(model="withdrawn", forbidden={"first": "the consent was withdrawn"})

    worse = life.trained_and_judged(store, of, examples(of, frame(1500)))

    assert better.is_champion
    assert worse.is_champion
    assert worse.trained.evaluation.value("auc") < better.trained.evaluation.value("auc")


def test_a_slice_that_loses_keeps_the_champion(first):
    rows = frame(2500)
    of = {"slices": ("kind",)}
    good, bad = trained(rows, **of), trained(rows, **of)
    hurt = bad.data.held_out.frame["kind"].to_numpy() == "b"
    bad.answer = np.where(hurt, 1 - bad.answer, bad.answer)
    bad.evaluation.slices["kind=b"] = (1 - good.evaluation.slices["kind=b"][0], int(hurt.sum()))

    assert comparison.worse_slices(bad, good.answer) == ("kind=b",)
    assert comparison.worse_slices(good, good.answer) == ()


def test_no_file_of_a_model_is_a_pickle_and_no_key_is_in_mlflow(store, first):
    mlflow = connected(store.models.uri)
    version = store.models.version("made", first.version)
    folder = Path(mlflow.artifacts.download_artifacts(f"models:/{version.name}/{version.version}"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    run = Path(mlflow.artifacts.download_artifacts(run_id=version.run_id))

    assert not [path for path in files if path.suffix in (".pkl", ".pickle") or path.read_bytes()[:1] == b"\x80"]
    assert not [
        path for path in [*files, *run.rglob("*")] if path.is_file() and b"a key of the test" in path.read_bytes()
    ]
    names = {path.name for path in run.rglob("*")}
    assert {"model_card.md", "roc.png", "precision_recall.png", "calibration.png", "lift.png"} <= names
    assert {"learning_curve.png", "shap_summary.png", "features.csv", "held_out_scores.csv"} <= names
    assert "c17" not in (run / "held_out_scores.csv").read_text()
    assert "How to roll back" in (run / "model_card.md").read_text()
    children = mlflow.search_runs(
        search_all_experiments=True, filter_string=f"tags.mlflow.parentRunId = '{version.run_id}'", output_format="list"
    )
    assert len(children) == 1


def test_what_mlflow_serves_says_what_we_score(store, second):
    mlflow = connected(store.models.uri)
    version = store.models.version("made", second.version)
    served = mlflow.pyfunc.load_model(f"models:/{version.name}/{version.version}")
    rows = frame(30, 4)

    answer = served.predict(rows[list(second.trained.scorer.preparation.names)])["answer"]

    assert answer.to_numpy() == pytest.approx(second.trained.scorer.score(rows), abs=1e-9)


def test_rollback_and_promote_move_the_champion_and_are_written_down(store, first, second):
    assert store.roll_back("made", "the first one was right") == first.version
    assert store.champion("made").number == first.version
    store.promote("made", second.version, "no, the second one")
    assert store.champion("made").number == second.version

    lines = store.changes()[-2:]
    assert [(line["action"], line["to_version"], line["why"]) for line in lines] == [
        ("rollback", first.version, "the first one was right"),
        ("promote", second.version, "no, the second one"),
    ]
    with pytest.raises(LakehouseError, match="no version 99"):
        store.promote("made", "99", "a slip")


def test_with_mlflow_down_the_copy_scores_and_training_alone_fails(store, second):
    down = Store(_Unreachable(store.models.uri, LAKE), store.secret, store.folder)

    found = down.champion("made")

    assert found is not None
    assert (found.number, found.is_copy) == (second.version, True)
    rows = frame(20, 3)
    assert scorer.load(found.folder).score(rows) == pytest.approx(second.trained.scorer.score(rows), abs=1e-9)
    with pytest.raises(LakehouseError, match="no copy"):
        down.champion("another")


class _Unreachable(LakeModels):
    def champion_number(self, kind: str) -> str | None:
        raise OSError("MLflow is down")


def test_an_altered_file_an_added_one_and_another_lakes_signature_are_refused(tmp_path, second):
    folder = tmp_path / "files"
    folder.mkdir()
    second.trained.scorer.save(folder)
    manifest.sign(folder, "key", "made of lake 1")
    manifest.verify(folder, "key", "made of lake 1")

    for secret, whose in (("other", "made of lake 1"), ("key", "made of lake 2")):
        with pytest.raises(LakehouseError, match="signature is not this lake's"):
            manifest.verify(folder, secret, whose)
    facts = json.loads((folder / "facts.json").read_text())
    facts["calibration"]["intercept"] += 1
    (folder / "facts.json").write_text(json.dumps(facts))
    (folder / "more.json").write_text("{}")
    with pytest.raises(LakehouseError, match=r"altered since they were signed: facts\.json, more\.json"):
        manifest.verify(folder, "key", "made of lake 1")


def test_another_lakes_model_is_none_of_ours(store, second):
    other = Store(LakeModels(store.models.uri, "f" * 32), store.secret, store.folder.parent / "other")

    assert other.champion("made") is None
    with pytest.raises(LakehouseError, match="no version"):
        other.promote("made", second.version, "it looks good")


def test_a_saved_scorer_scores_as_before_in_both_forms(tmp_path):
    forms = []
    for number, made in enumerate((trained(crossed()), trained())):
        forms.append(made.scorer.form)
        folder = tmp_path / str(number)
        folder.mkdir()
        made.scorer.save(folder)
        rows = frame(40, 5)
        assert np.array_equal(scorer.load(folder).score(rows), made.scorer.score(rows))
    assert forms == ["boosted trees", "linear"]


def test_contributions_add_up_to_the_margin_and_reasons_are_grouped_before_they_are_ranked():
    groups = {
        "state": spec.Reason(words="is at {first:.1f}", features=("first", "second")),
        "sort": spec.Reason(words="is of a kind that leaves", features=("kind",)),
    }
    made = trained(reasons=groups)
    rows = frame(200, 6)
    matrix = made.scorer.preparation.matrix(rows)
    parts = made.scorer.contributions(matrix)

    base = made.scorer.margin(matrix) - parts.sum(axis=1)
    assert np.abs(base - base[0]).max() < 1e-4

    names, places = reasons.top_reasons(made.model, made.scorer, rows)
    words = reasons.in_words(made.model, names, places, rows)
    columns = made.scorer.preparation.names
    state = parts[:, [columns.index("first"), columns.index("second")]].sum(axis=1)
    is_first = places[:, 0] == names.index("state")
    assert (state[is_first] > 0).all()
    assert {text.split(" ")[0] for text in words[0] if text} <= {"is", "noise"}
    assert words[0][int(np.flatnonzero(is_first)[0])] == f"is at {rows['first'].iloc[np.flatnonzero(is_first)[0]]:.1f}"


def test_the_first_reason_stays_after_another_training():
    groups = {
        "first": spec.Reason(words="first", features=("first",)),
        "rest": spec.Reason(words="rest", features=("second", "kind", "noise")),
    }
    rows = frame(600, 7)
    found = []
    for seed in (1, 2):
        made = trained(frame(2500, seed), reasons=groups)
        names, places = reasons.top_reasons(made.model, made.scorer, rows)
        found.append([names[place] if place >= 0 else "" for place in places[:, 0]])

    assert np.mean([one == other for one, other in zip(*found, strict=True)]) >= 0.8


def test_a_reason_without_its_value_is_said_without_it():
    of = model(reasons={"state": spec.Reason(words="has been away for {first:.0f} days", features=("first",))})

    words = reasons.in_words(of, ["state"], np.array([[0, -1, -1]]), pd.DataFrame({"first": [None]}))

    assert words == [["has been away for"], [""], [""]]


def test_every_model_of_conf_is_right():
    conf = Conf()

    assert "customer_churn" in life.models_of(conf)
    for name in life.models_of(conf):
        assert life.model_of(conf, name).reasons
