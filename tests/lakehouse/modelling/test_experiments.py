"""Reading experiments: effects as published, whom an action moves, and when nobody can say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lakehouse.cli.main import main
from lakehouse.errors import LakehouseError
from lakehouse.modelling import experiments, gains, spec, uplift

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "experiments"
OF = spec.Model(
    model="experiment",
    about="an experiment",
    purpose="experiment",
    examples=spec.Examples(),
    label=spec.Label(column="bought"),
    forbidden={"sent": "the treatment"},
)


def made(effect, rows: int = 3000, seed: int = 1) -> pd.DataFrame:
    """People with two numbers; `effect` of the first one is what the treatment adds to the chance of 30 %."""
    random = np.random.default_rng(seed)
    age, income = random.normal(size=(2, rows))
    sent = random.random(rows) < 0.5
    chance = 0.3 + 0.1 * np.tanh(income) + sent * effect(age)
    return pd.DataFrame({"age": age, "income": income, "sent": sent, "bought": random.random(rows) < chance})


def slow_curve(uplifts, treated, outcome):
    """The gains by their definition, one share at a time; no two uplifts are equal."""
    order, points = np.argsort(-uplifts), [0.0]
    for count in range(1, len(order) + 1):
        top = order[:count]
        yes, no = outcome[top][treated[top] == 1], outcome[top][treated[top] == 0]
        scaled = no.sum() * len(yes) / len(no) if len(no) else 0.0
        points.append((yes.sum() - scaled) / treated.sum())
    return np.array(points)


def test_the_curve_of_gains_is_its_definition_and_ends_in_the_effect():
    random = np.random.default_rng(3)
    uplifts, outcome = random.normal(size=200), random.integers(0, 2, 200).astype(float)
    treated = (random.random(200) < 0.4).astype(float)

    share, gained = gains.gains_curve(uplifts, treated, outcome)

    assert gained == pytest.approx(slow_curve(uplifts, treated, outcome))
    assert share[-1] == 1
    assert gained[-1] == pytest.approx(gains.effect(treated, outcome).difference)
    assert gains.qini(uplifts, treated, outcome) == pytest.approx(
        gains.auuc(uplifts, treated, outcome) - gained[-1] / 2
    )


@pytest.mark.parametrize("words", [("1.234,50", "0,00"), ("gekauft", "nein"), ("ja", "nein"), ("a", "b")])
def test_an_outcome_in_words_that_are_no_yes_or_no_is_refused_and_not_read_as_no(words):
    rows = made(lambda age: 0.0 * age).assign(bought=lambda f: np.where(f["bought"], *words))
    with pytest.raises(LakehouseError, match="the outcome is no number and no yes-or-no"):
        experiments.of_frame(OF, rows, "sent")


def test_groups_that_are_not_known_by_their_words_are_named_for_a_person_to_choose():
    rows = made(lambda age: 0.0 * age).assign(sent=lambda f: np.where(f["sent"], "mail", "nothing"))
    with pytest.raises(LakehouseError, match="say which with --treated: the column has mail, nothing"):
        experiments.of_frame(OF, rows, "sent")


def test_an_outcome_that_is_the_same_for_everybody_is_told_so():
    reading = experiments.of_frame(OF, made(lambda age: 0.0 * age).assign(bought=0.0), "sent")
    assert any("the same for everybody" in sentence for sentence in reading.sentences())


def test_people_whom_the_treatment_moves_are_ranked_first():
    reading = experiments.of_frame(OF, made(lambda age: 0.4 * (age > 0)), "sent")

    assert reading.chosen in experiments.LEARNERS
    assert all(one.is_shown for one in reading.rankings if one.name in experiments.LEARNERS)
    assert reading.effect.interval.low < 0.2 < reading.effect.interval.high
    assert reading.adjusted is not None
    assert reading.adjusted.interval.low < 0.2 < reading.adjusted.interval.high
    best = reading.scores[reading.chosen].to_numpy()
    age = made(lambda age: 0.4 * (age > 0))["age"].to_numpy()
    assert 0.2 < best[age > 0].mean() - best[age < 0].mean() < 0.5  # drawn in a little, as trees do


def test_where_all_are_moved_alike_the_ranking_is_by_response_and_said_so():
    for seed in (2, 3, 4):
        reading = experiments.of_frame(OF, made(lambda age: 0.15 + 0 * age, seed=seed), "sent")
        assert reading.chosen == experiments.FALLBACK
        assert "no difference between people is shown" in " ".join(reading.sentences())
        assert all(np.isfinite([one.qini.low, one.qini.high]).all() for one in reading.rankings)


def test_without_an_effect_nobody_is_worth_an_action():
    reading = experiments.of_frame(OF, made(lambda age: 0 * age), "sent")

    assert reading.chosen == experiments.NO


def test_groups_that_differed_before_are_named():
    rows = made(lambda age: 0.1 + 0 * age)
    rows["sent"] = rows["sent"] | (rows["age"] > 1)

    reading = experiments.of_frame(OF, rows, "sent")

    assert list(reading.unlike) == ["age"]
    assert "CAUTION" in " ".join(reading.sentences())


def test_the_corrected_difference_has_no_bias_whatever_the_models_say():
    rows = made(lambda age: 0.2 + 0 * age, 20_000)
    treated, outcome = rows["sent"].to_numpy(float), rows["bought"].to_numpy(float)
    of = uplift.Experiment(None, rows[["age"]].to_numpy(), treated, outcome, np.zeros(len(rows), dtype=int))

    corrected = uplift.corrected_difference(of, np.arange(len(rows)), lambda r: 0 * r[:, 0] + 7, lambda r: r[:, 0])

    assert corrected.mean() == pytest.approx(0.2, abs=4 * corrected.std() / np.sqrt(len(rows)))


def test_a_small_group_and_a_misspelt_column_are_said(tmp_path):
    rows = made(lambda age: 0 * age, 200)
    with pytest.raises(LakehouseError, match=r"0 rows are treated, 50 are needed"):
        experiments.of_frame(OF, rows, "sent", "nobody")
    file = tmp_path / "sent.csv"
    rows.to_csv(file, index=False)
    with pytest.raises(LakehouseError, match="no column 'send'"):
        experiments.read(file, "send", "bought")


@pytest.mark.skipif(not DATA.is_dir(), reason="the public experiments are not beside this project")
@pytest.mark.parametrize(
    ("file", "told", "published"),
    [
        ("thornton_incentive.csv", ["--treatment", "any", "--outcome", "got", "--forbid", "tinc"], "0.4506"),
        ("nsw_mixtape.csv", ["--treatment", "treat", "--outcome", "re78"], "1794.34"),
    ],
)
def test_published_effects_are_reproduced(file, told, published, capsys):
    assert main(["uplift", str(DATA / file), *told]) == 0

    assert capsys.readouterr().out.startswith(f"effect {published}")
