"""One training of a table: what it finds, what it refuses, and that it does the same twice."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from lakehouse.errors import LakehouseError
from lakehouse.modelling import conditions, preparation, spec, splits, table, training
from lakehouse.modelling.preparation import Preparation
from tests.lakehouse.modelling.made import QUICK, crossed, examples, frame, model, trained


def test_a_signal_is_found_with_its_interval_and_the_baseline_beside_it():
    found = trained().evaluation.figures

    assert 0.65 < found["auc"].low < found["auc"].value < found["auc"].high
    assert found["auc_baseline"].value > 0.65


def test_two_trainings_of_one_table_agree():
    rows = frame()
    first, second = trained(rows), trained(rows)

    assert np.abs(first.answer - second.answer).max() <= 1e-9
    assert first.evaluation.figures == second.evaluation.figures


def test_shuffled_labels_rank_no_better_than_chance():
    rows = frame(4000)
    areas = []
    for seed in range(3):
        shuffled = rows.assign(label=np.random.default_rng(seed).permutation(rows["label"]))
        areas.append(trained(shuffled).evaluation.value("auc"))

    assert abs(np.mean(areas) - 0.5) <= 0.03


def test_a_label_in_disguise_stops_the_training_and_is_named():
    rows = frame()
    random = np.random.default_rng(3)
    disguised = rows["label"] * 3.0 + random.normal(size=len(rows)) * 1.1

    with pytest.raises(LakehouseError, match=r"'written_after'.*label in disguise") as error:
        trained(rows.assign(written_after=disguised))

    assert "'first'" not in error.value.what


def test_a_copy_of_the_label_and_an_empty_cell_that_tells_it_are_disguises_too():
    rows = frame()
    for column in (rows["label"].astype(int), rows["noise"].where(rows["label"])):
        with pytest.raises(LakehouseError, match="'twin' alone"):
            trained(rows.assign(twin=column))


def test_a_flag_that_is_a_part_of_the_label_is_named():
    rows = frame(2000)
    is_part = rows["label"] & (rows["noise"] > 1)

    with pytest.raises(LakehouseError, match=r"'heat_failure' has a value that is never wrong"):
        trained(rows.assign(heat_failure=is_part.astype(int)))

    often_right = is_part | (rows["noise"] < -1.3)
    assert trained(rows.assign(complained=often_right.astype(int))).evaluation.value("auc") > 0.6


def test_columns_may_be_called_anything_and_a_running_number_is_left_out():
    rows = frame().rename(columns={"first": "torque [Nm]", "kind": "a < b"}).assign(row=range(700))

    found = trained(rows)

    assert {"torque [Nm]", "a < b"} <= set(found.scorer.preparation.names)
    assert any("row is left out: it only numbers the rows" in note for note in found.notes)
    assert sum(found.scorer.importances.values()) == pytest.approx(1)


def test_who_vouches_for_a_telling_column_trains_with_it():
    rows = frame()
    hints = {"known": spec.Feature(known_before=True)}

    assert trained(rows.assign(known=rows["label"] * 5.0 + rows["noise"]), hints=hints).evaluation.value("auc") > 0.95


def test_a_column_whose_purpose_forbids_it_is_refused():
    with pytest.raises(ValidationError, match="may be used for billing"):
        model(hints={"noise": spec.Feature(purposes=("billing",))})


@pytest.mark.parametrize("name", ["label", "id"])
def test_label_and_subject_are_no_features(name):
    with pytest.raises(ValidationError, match=f"'{name}' is the"):
        model(features={name: spec.Feature(), "first": spec.Feature()})


def test_one_kind_of_label_and_few_examples_say_what_is_needed():
    rows = frame()
    with pytest.raises(LakehouseError, match="0 positives"):
        trained(rows.assign(label=False))
    with pytest.raises(LakehouseError, match="20 examples labelled, 100 are needed"):
        trained(rows.head(20))


def test_labels_that_are_not_known_yet_are_left_out():
    rows = frame()
    rows["label"] = rows["label"].astype(object)
    rows.loc[:99, "label"] = None

    assert len(trained(rows).data.label) == 600


def test_empty_constant_and_nameless_columns_are_left_out_and_said():
    rows = frame().assign(empty=None, same=3.0, name=lambda f: [f"person {n}" for n in range(len(f))])

    found = trained(rows)

    assert not {"empty", "same", "name"} & set(found.scorer.preparation.names)
    assert any("empty is left out" in note for note in found.notes)
    assert any("same is left out" in note for note in found.notes)


def test_unseen_levels_and_numbers_that_are_none_are_missing_and_score():
    found = trained()
    odd = pd.DataFrame(
        {
            "first": [np.nan, np.inf, -np.inf],
            "second": ["x", None, "1.5"],
            "kind": ["zzz", None, "a"],
            "noise": [0, 0, 0],
        }
    )

    answer = found.scorer.score(odd)
    matrix = found.scorer.preparation.matrix(odd)

    assert np.isfinite(answer).all()
    assert np.isnan(matrix[:2, :3]).all()
    assert isinstance(found.scorer.preparation, Preparation)


def test_a_value_is_one_level_whatever_type_an_empty_cell_makes_of_its_column():
    whole, holed = pd.Series([3, 1234567]), pd.Series([3, None, 1234567])
    flags, holed_flags = pd.Series([True, False]), pd.Series([True, None, False])

    assert list(preparation.level_texts(whole)) == list(preparation.level_texts(holed).dropna()) == ["3", "1234567"]
    assert list(preparation.level_texts(flags)) == list(preparation.level_texts(holed_flags).dropna())
    assert list(preparation.numbers(flags)) == [1, 0]
    assert list(preparation.numbers(holed_flags.dropna())) == [1, 0]
    assert np.isnan(preparation.numbers(holed_flags)[1])


def test_rows_that_repeat_count_once_and_subjects_with_differing_rows_count_not_at_all():
    rows = frame()
    differing = rows.head(5).assign(first=99.0)
    of = model()

    made = examples(of, pd.concat([rows, rows.head(3), differing], ignore_index=True))

    assert len(made.frame) == len(rows) - 5
    assert [note.split(" ", 1)[0] for note in made.notes] == ["3", "5"]


def test_a_subject_is_never_on_both_sides_of_a_random_split():
    rows = pd.concat([frame(300), frame(300)], ignore_index=True).assign(noise=range(600))
    of = model(examples=spec.Examples(subject=("id",), windows=None))

    made = splits.split(of, rows)
    ids = rows["id"].to_numpy()

    assert not set(ids[made.test]) & set(ids[made.train])


def test_too_many_examples_are_thinned_to_whole_subjects_and_said():
    rows = pd.concat([frame(900), frame(900).assign(noise=0.5)], ignore_index=True)
    search = QUICK.replace(max_training_rows=800)

    found = trained(frame(1800), search=search)
    kept, _ = training.thinned(model(search=search), table.Table(rows), np.ones(1800))

    assert 700 < len(found.data.label) < 900
    assert any("examples train: whole subjects" in note for note in found.notes)
    assert set(kept.frame["id"].value_counts()) == {2}


def test_in_time_training_knows_only_labels_that_had_matured():
    days = [date(2024, 1, 1) + timedelta(days=15 * n) for n in range(12)]
    column = pd.Series(np.repeat(days, 10))

    made = splits.by_dates(column, 28)
    last = {part: max(column.iloc[getattr(made, part)]) for part in ("train", "tune", "calibrate", "test")}
    first = {part: min(column.iloc[getattr(made, part)]) for part in ("tune", "calibrate", "test")}

    assert last["test"] == first["test"] == days[-1]
    for before, after in (("train", "tune"), ("tune", "calibrate"), ("calibrate", "test")):
        assert (first[after] - last[before]).days >= 28, (before, after)


def test_one_as_of_date_alone_cannot_be_split():
    with pytest.raises(LakehouseError, match="none of whose labels were known"):
        splits.by_dates(pd.Series([date(2024, 1, 1)] * 300), 28)


def test_integer_codes_are_read_as_categories_and_counts_are_not():
    random = np.random.default_rng(5)
    region = random.choice(np.arange(1, 13), 3000, p=random.dirichlet(np.ones(12) * 3))
    effect = random.permutation(np.linspace(-1.5, 1.5, 12))
    visits = random.poisson(4, 3000)
    margin = effect[region - 1] + 0.3 * visits - 1.5
    label = random.random(3000) < 1 / (1 + np.exp(-margin))
    rows = pd.DataFrame({"id": range(3000), "v1": region, "visits": visits, "label": label})

    found = trained(rows)

    assert found.data.chosen.found_codes == ("v1",)


def test_a_monotone_feature_never_turns_and_its_cost_is_said():
    found = trained(crossed(), hints={"first": spec.Feature(monotone="increasing")})
    assert found.scorer.form == "boosted trees"
    grid = pd.DataFrame({"first": np.linspace(-3, 3, 50), "second": 0.0, "kind": "a", "noise": 0.0})

    assert (np.diff(found.scorer.score(grid)) >= -1e-12).all()
    assert "auc_cost_of_monotony" in found.evaluation.figures


def test_probabilities_come_true():
    found = trained(frame(4000))

    assert found.evaluation.value("ece") <= 0.05


def test_a_number_is_predicted_with_its_error():
    rows = frame(900).assign(amount=lambda f: f["first"] * 10 + f["second"] * 5 + f["noise"]).drop(columns="label")

    found = trained(rows.drop(columns="noise"), label=spec.Label(column="amount", kind="number")).evaluation

    assert found.value("rmse") < 4
    assert np.isnan(found.value("auc"))


def test_a_shift_of_the_positives_raises_the_alarm_and_following_the_labels_mends_the_probabilities():
    random = np.random.default_rng(8)
    rows = frame(6000).drop(columns="id")
    late = np.arange(6000) >= 4800
    rows["label"] = rows["label"] & ((random.random(6000) < 0.25) | late)
    of = {"examples": spec.Examples(is_in_order=True)}

    found = trained(rows, **of).evaluation

    assert found.alarms[0].startswith("the share of positives went from")
    assert found.value("ece_recalibrated") < found.value("ece") / 2


def test_a_wide_search_finds_what_single_columns_hide():
    narrow = QUICK.replace(column_share=0.34)

    areas = [
        trained(crossed(), search=search).evaluation.value("auc") for search in (narrow, narrow.replace(is_wide=True))
    ]

    assert areas[1] > areas[0] + 0.05


def test_a_column_that_only_tells_the_time_is_left_out_where_newer_rows_are_told_better_without_it():
    rows = frame(6000).drop(columns="id")
    place = np.arange(6000)
    season = np.where(
        place < 3900, np.sin(place / 500) * 2, 0.0
    )  # what a date told of the older rows, it tells no more
    margin = rows["first"] - 0.8 * rows["second"] + season
    rows["label"] = np.random.default_rng(4).random(6000) < 1 / (1 + np.exp(-margin))
    of = {"examples": spec.Examples(is_in_order=True)}

    found = trained(rows.assign(price_index=100 + place / 100), **of)

    assert "price_index" not in found.scorer.preparation.names
    assert any("price_index is left out: it tells the time" in note for note in found.notes)
    assert {"first", "second", "kind"} <= set(found.scorer.preparation.names)


def test_a_count_that_says_a_little_more_than_its_like_is_no_disguise():
    rows = frame(3000)
    visits, orders = (np.random.default_rng(seed).poisson(np.exp(1.5 + rows["first"])) for seed in (5, 6))
    rows["label"] = np.random.default_rng(7).random(3000) < 1 / (1 + np.exp(2 * rows["first"] + np.log1p(visits) - 1.5))

    found = trained(rows.drop(columns=["first", "second"]).assign(visits=visits, more=visits * 1.4, orders=orders))

    assert found.evaluation.value("auc") > 0.8


def test_money_says_what_acting_brings():
    found = trained(money=spec.Money(contact_costs=1, positive_brings=3)).evaluation

    assert found.profit[0] == (0.0, 0.0)
    assert max(gain for _, gain in found.profit) > 0


def test_a_future_row_moves_no_feature_of_a_series():
    rows = pd.DataFrame({"unit": [1] * 40, "cycle": range(40), "s": np.arange(40.0), "left": range(40)[::-1]})
    windows = spec.Windows(order="cycle", means_of=(5, 10), own_first=3)
    of = model(
        examples=spec.Examples(subject=("unit",), windows=windows), label=spec.Label(column="left", kind="number")
    )

    before, after = examples(of, rows.head(30)).frame, examples(of, rows).frame.head(30)

    pd.testing.assert_frame_equal(before, after)
    assert before["s_mean_5"].iloc[-1] == 27.0
    assert before["s_from_own_first"].iloc[-1] == 26.0


def flights(seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Machines that wear, read under one condition; and the same readings under five of them."""
    random = np.random.default_rng(seed)
    lives = random.integers(40, 90, 40)
    rows = pd.DataFrame({"unit": np.repeat(range(40), lives), "cycle": np.concatenate([range(n) for n in lives])})
    life = np.repeat(lives, lives)
    wear = (rows["cycle"] / life) ** 3
    for number in range(4):
        rows[f"s{number}"] = wear * (number - 1.5) + random.normal(0, 0.2, len(rows))
    height = random.integers(0, 5, len(rows))
    moved = rows.assign(height=height * 10 + random.normal(0, 0.002, len(rows)))
    for number in range(4):
        moved[f"s{number}"] = rows[f"s{number}"] * (1 + height) + 40 * height * (number + 1)
    left = {"left": life - 1 - rows["cycle"]}
    return rows.assign(**left), moved.assign(**left)


def test_operating_conditions_are_found_and_hide_no_wear():
    windows = spec.Windows(order="cycle", means_of=(3, 10), own_first=10)
    of = model(
        examples=spec.Examples(subject=("unit",), windows=windows), label=spec.Label(column="left", kind="number")
    )

    errors = [training.train(of, examples(of, rows)).evaluation.value("rmse") for rows in flights()]

    assert errors[1] < 1.15 * errors[0]


def test_one_condition_is_none_and_a_later_row_moves_no_evened_reading():
    still, moved = flights()
    sensors = ["s0", "s1", "s2", "s3"]
    assert conditions.found(still, sensors) is None

    heaps = conditions.found(moved, [*sensors, "height"])
    assert len(np.unique(heaps)) == 5
    young = (moved["cycle"] < 10).to_numpy()
    changed = moved.assign(s0=moved["s0"].where(moved["cycle"] < 30, 1e6))
    early = (moved["cycle"] < 30).to_numpy()
    before, after = (conditions.evened(rows, sensors, heaps, young)[early] for rows in (moved, changed))
    pd.testing.assert_frame_equal(before, after)


def test_a_derived_column_keeps_its_row_and_reaches_no_file():
    rows = pd.DataFrame({"unit": [1, 2] * 5, "cycle": range(10), "label": [True, False] * 5})
    derived = {"left": "max(cycle) OVER (PARTITION BY unit) - cycle"}

    made = examples(model(examples=spec.Examples(derived=derived)), rows).frame
    assert list(made["left"]) == [8, 8, 6, 6, 4, 4, 2, 2, 0, 0]

    stealing = spec.Examples(derived={"x": "(SELECT count(*) FROM read_csv('/etc/passwd'))"})
    with pytest.raises(LakehouseError, match="derived column"):
        examples(model(examples=stealing), rows)


def test_nothing_is_learned_from_the_held_out_rows():
    of = model()
    rows = examples(of, frame())
    base = training.train(of, rows)
    changed = rows.frame.copy()
    changed.loc[base.data.split.test, ["first", "second", "noise"]] += 100.0
    changed.loc[base.data.split.test, "label"] = ~changed.loc[base.data.split.test, "label"].astype(bool)

    other = training.train(of, type(rows)(changed))

    assert base.scorer.preparation == other.scorer.preparation
    assert base.scorer.calibration == other.scorer.calibration
    assert np.array_equal(base.scorer.score(frame(50, 9)), other.scorer.score(frame(50, 9)))
