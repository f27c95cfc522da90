"""The nightly watch over a champion: what it finds, what it leaves in peace, and who serves after a demotion."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lakehouse.lake_models import LakeModels
from lakehouse.modelling import life, movement, reference, spec
from lakehouse.modelling.store import Store
from lakehouse.modelling.watching import Watch, demoted, measured
from tests.conftest import empty_store
from tests.lakehouse.modelling.made import examples, frame, model

LAKE = "0" * 31 + "2"
FIRST = date(2024, 1, 1)
NIGHT = FIRST + timedelta(days=170)
MATURED = FIRST + timedelta(days=140)
OF = model(
    examples=spec.Examples(subject=("id",), as_of="as_of"),
    label=spec.Label(column="label", horizon_days=28),
    slices=("kind",),
)


def dated(day: date, seed: int, rows: int = 600) -> pd.DataFrame:
    return frame(rows, seed).assign(as_of=day, label=lambda made: made["label"].astype(object))


def history() -> pd.DataFrame:
    days = [FIRST + timedelta(days=14 * n) for n in range(9)]
    return pd.concat([dated(day, 10 + n) for n, day in enumerate(days)], ignore_index=True)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Its first champion knows one number alone, its second one all of them."""
    folder = tmp_path_factory.mktemp("watched")
    shutil.copy(empty_store(), folder / "mlflow.db")
    made = Store(LakeModels(f"sqlite:///{folder}/mlflow.db", LAKE), lambda: "a key", folder / "copies")
    for columns in (["second"], ["first", "second", "kind", "noise"]):
        rows = history()[["id", "as_of", "label", *columns]]
        of = OF if "kind" in columns else OF.model_copy(update={"slices": ()})
        assert life.trained_and_judged(made, of, examples(of, rows)).is_champion
    return made


def watch(store: Store, before: list[dict[str, object]] | None = None, night: date = NIGHT) -> Watch:
    return Watch(OF, store, "2", night, before or [])


def alarms(rows: list[dict[str, object]]) -> set[tuple[object, object]]:
    return {(row["measure"], row["name"]) for row in rows if row["is_alarm"]}


def test_a_quiet_year_of_nights_raises_hardly_an_alarm(store):
    count, before = 0, []
    for n in range(120):
        night = NIGHT + timedelta(days=3 * n)
        matured = dated(MATURED + timedelta(days=14 * (n // 5)), 900 + n // 5)
        rows = measured(watch(store, before, night), dated(night, 100 + n), matured)
        count += sum(row["is_alarm"] and row["since"] == night for row in rows)
        before = rows

    assert count <= 12


@pytest.mark.parametrize(
    ("plant", "column"),
    [
        (lambda rows: rows.assign(first=rows["first"] * 100), "first"),
        (lambda rows: rows.assign(second=rows["second"].where(rows["noise"] > 0)), "second"),
        (lambda rows: rows.assign(kind=rows["kind"].replace("b", "a")), "kind"),
    ],
    ids=["another unit", "half of it missing", "a category that no longer comes"],
)
def test_a_planted_drift_is_found_in_the_same_night_and_named(store, plant, column):
    rows = measured(watch(store), plant(dated(NIGHT, 3)), dated(MATURED, 4))

    assert ("feature_psi", column) in alarms(rows)
    assert not {("feature_psi", other) for other in ("first", "second", "kind", "noise") if other != column} & alarms(
        rows
    )
    [sentence] = [row["sentence"] for row in rows if row["is_alarm"] and row["name"] == column]
    assert sentence.startswith(f"the values of {column} are no longer distributed as in training")


def test_an_alarm_that_goes_on_is_one_alarm(store):
    planted = dated(NIGHT, 3).assign(first=lambda rows: rows["first"] + 3)
    first = measured(watch(store), planted, dated(MATURED, 4))

    second = measured(watch(store, first, NIGHT + timedelta(days=1)), planted, dated(MATURED, 4))

    assert {row["since"] for row in second if row["is_alarm"]} == {NIGHT}


def test_a_column_that_moves_by_itself_is_no_alarm_and_one_that_jumps_is(store):
    days = np.repeat([float(n) for n in range(0, 280, 14)], 200)
    ages = days + np.random.default_rng(1).normal(0, 100, len(days))
    pairs = movement.pairs_of(days, 28)
    known = reference.distribution(ages[days == 266], ages, days, pairs)

    assert known.usual > 0.25
    assert known.psi(ages[days == 266] + 60) <= 1.5 * known.usual
    assert known.psi(ages[days == 266] + 600) > 1.5 * known.usual


def test_labels_that_the_champion_was_judged_on_are_not_judged_again(store):
    rows = measured(watch(store), dated(NIGHT, 3), dated(FIRST + timedelta(days=112), 4))

    assert {row["measure"] for row in rows} == {"feature_psi", "score_psi"}


def test_figures_of_labels_stand_until_further_labels_are_known(store):
    first = measured(watch(store), dated(NIGHT, 3), dated(MATURED, 4))
    other = measured(watch(store, first, NIGHT + timedelta(days=1)), dated(NIGHT, 3), dated(MATURED, 5))

    def of_labels(rows):
        return [row["value"] for row in rows if row["measure"] == "auc"]

    assert of_labels(first) == of_labels(other)
    assert {row["run_date"] for row in other} == {NIGHT + timedelta(days=1)}


def test_a_shift_of_the_share_of_positives_and_of_one_cohort_are_named(store):
    late = dated(MATURED, 4, 2000)
    late["label"] = late["label"].astype(bool) | (late["kind"] == "c")

    found = alarms(measured(watch(store), dated(NIGHT, 3), late))

    assert ("rate", "") in found
    assert ("cohort_calibration", "kind=c") in found
    assert ("cohort_calibration", "kind=a") not in found


def test_a_champion_that_lost_too_much_gives_its_place_to_the_one_before_it(store):
    turned = dated(MATURED, 4, 2000)
    turned["first"] = -turned["first"]
    of = watch(store)
    rows = measured(of, dated(NIGHT, 3), turned)
    assert ("auc", "") in alarms(rows)

    said = demoted(of, rows, turned)

    assert said.startswith("made: version 2 gave its place to version 1: demoted: AUC")
    assert store.champion("made").number == "1"
    assert store.changes()[-1]["action"] == "rollback"
    assert demoted(of, rows, turned) == ""  # done is done
    store.promote("made", "2", "the test goes on")


def test_without_a_better_one_before_it_a_champion_stays_and_the_night_says_so(store):
    turned = dated(MATURED, 4, 2000)
    turned["first"], turned["second"] = -turned["first"], -turned["second"]
    of = watch(store)

    said = demoted(of, measured(of, dated(NIGHT, 3), turned), turned)

    assert "the one before it is no better: train anew" in said
    assert store.champion("made").number == "2"


def test_a_model_without_a_reference_is_not_watched(store, tmp_path):
    version = store.version("made", "2")
    kept = json.loads((version.folder / reference.FILE).read_text())
    assert set(kept["columns"]) == {"first", "second", "kind", "noise"}
    assert reference.load(Path(tmp_path)) is None
    assert measured(watch(store), dated(NIGHT, 3).head(10), dated(MATURED, 4).head(0)) == []
