"""What messages have earned stands on the page beside what models credit, and the next experiment worth running."""

from datetime import date
from typing import Any

import pytest

from jobs.report.nightly import rendered
from jobs.report.page import earned
from tests.report.test_nightly import facts

READING = {"level": 0.95, "power": 0.8, "min_units": 50, "message_horizon_days": 28, "likely_effect": 0.1}


def effect(experiment: str, **changes: Any) -> dict[str, Any]:
    known = {"arm": "treatment", "metric": "spend", "unit_count": 900, "control_unit_count": 100, "state": "read"}
    known |= {"control_mean": 20.0, "difference": 3.0, "difference_low": 1.0, "difference_high": 5.0}
    return {"experiment": experiment, **known, "sequential_low": -0.5, "sequential_high": 6.5, **changes}


def stake(experiment: str, value: float, share: float = 0.1) -> dict[str, Any]:
    figures = {"control_share": share, "expected_value": value, "nights": 28, "customers": 1200}
    return {"experiment": experiment, **figures}


def test_all_messages_against_the_universal_holdout_stand_on_the_page_and_what_is_not_known_is_said():
    both = [effect(earned.ALL_MESSAGES, sequential_low=0.5), effect("audience:win_back"), effect("offer:stay")]
    page = rendered(facts(effects=[*both[:2], both[2] | {"state": "too_few"}]))
    assert "all messages together" in page
    assert "0.50 and 6.50</td>" in page
    assert "-0.50 and 6.50: not known yet" in page
    assert "too few yet" in page


def test_wrong_sizes_of_the_groups_are_said_in_place_of_a_figure():
    page = rendered(facts(effects=[effect("audience:win_back", state="sample_ratio_mismatch", difference=77.25)]))
    assert "not read: the groups have not the sizes that they were given" in page
    assert "77.25" not in page


def test_what_models_credit_stands_beside_what_controls_say():
    models = dict.fromkeys(("first", "last", "linear", "markov", "shapley"), 1000.0)
    email = {"channel_group": "email", "touch_count": 50, "cost": 1.5, "incremental": 250.0, "incremental_share": 0.25}
    visits = email | {"channel_group": "visits", "incremental": None, "incremental_share": None}
    page = rendered(facts(effects=[effect("audience:x")], credited=[email | models, visits | models]))
    assert "250.00" in page
    assert "25 %" in page
    assert "not measured" in page


def test_the_next_experiment_is_that_of_the_most_that_is_assumed_and_not_known():
    stakes = [stake("audience:known", 90), stake("trigger:silent_for_long", 50), stake("offer:time_for", 10)]
    effects = [effect("audience:known", sequential_low=0.1), effect("trigger:silent_for_long")]
    said = earned.next_experiment(stakes, effects, READING, "NZD")
    assert said.startswith("the trigger silent for long is expected to bring 50.00 NZD")
    assert "1,000 are counted so far" in said


@pytest.mark.parametrize(
    ("share", "found", "words"),
    [
        (0.0, [], "it has no control"),
        (0.1, [], "its control has 0 of the 50 customers whose 28 days must be over"),
        (0.1, [effect("audience:x", state="too_few", control_unit_count=7)], "its control has 7 of the 50"),
        (0.1, [effect("audience:x")], "a change of 10% shows with"),
    ],
)
def test_it_is_said_what_it_would_take_to_know(share, found, words):
    assert words in earned.next_experiment([stake("audience:x", 5, share)], found, READING, "USD")


def test_where_all_is_known_or_nothing_is_expected_there_is_no_sentence():
    assert earned.next_experiment([stake("audience:x", 0)], [], READING, "USD") == ""
    assert earned.next_experiment([stake("audience:x", 5)], [effect("audience:x", sequential_low=1)], READING, "") == ""


def test_the_last_twenty_eight_nights_count():
    assert earned.stakes_from(date(2024, 2, 29)) == date(2024, 2, 1)
