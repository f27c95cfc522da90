"""Which model a cohort gets."""

from datetime import date

import numpy as np
import pytest

from jobs.gold.value.bg_nbd import BG_NBD, BgNbd
from jobs.gold.value.choice import EVERYBODY, choices
from jobs.gold.value.holdout import Holdout
from jobs.gold.value.order_fit import log_likelihood
from jobs.gold.value.shop_time import ShopTime
from tests.gold.stories import played


def holdout_of(*cohorts: tuple[str, str, int]) -> Holdout:
    """(name, model whose story its customers live, how many): seen for 300 days, then for 200 more."""
    parts = [(name, played(model, count, seed)) for seed, (name, model, count) in enumerate(cohorts)]
    named = np.concatenate([np.full(len(rows), name, object) for name, rows in parts])
    x, t_x, t, more, last = np.concatenate([rows for _, rows in parts]).T
    zero = np.zeros(len(x))
    return Holdout(200, ShopTime(date(2026, 1, 1)), named, x, t_x, t, zero, zero, zero, zero, more, zero, last)


@pytest.mark.parametrize("model", ["mbg_nbd", "pareto_nbd"])
def test_the_model_whose_story_the_customers_live_is_chosen(model):
    found = choices(holdout_of(("one", model, 6000)), min_cohort_customers=500, min_repeat_customers=30)

    assert found[EVERYBODY].model.name == model
    assert len(found[EVERYBODY].candidates) == 3


def test_a_large_cohort_has_its_own_model_and_a_small_one_its_parents():
    holdout = holdout_of(("large", "pareto_nbd", 5000), ("small", "mbg_nbd", 100))

    found = choices(holdout, min_cohort_customers=500, min_repeat_customers=30)

    assert set(found) == {EVERYBODY, "large"}
    assert found["large"].model.name == "pareto_nbd"


def test_silence_after_the_cut_is_likelier_by_a_model_that_lets_customers_leave_than_by_one_that_does_not():
    holdout = holdout_of(("one", "pareto_nbd", 2000))
    everyone = np.ones(2000, bool)
    leaving, staying = BgNbd(0.5, 20.0, 0.5, 1.5), BgNbd(0.5, 20.0, 1e-9, 1.5)

    likelihoods = [
        log_likelihood(BG_NBD, parameters, holdout.since(everyone))
        - log_likelihood(BG_NBD, parameters, holdout.then(everyone))
        for parameters in (leaving, staying)
    ]

    assert likelihoods[0] > likelihoods[1]


def test_nobody_to_choose_by_gives_no_model_and_the_reason():
    found = choices(holdout_of(("one", "mbg_nbd", 5)), 500, 30)[EVERYBODY]

    assert found.model is None
    assert "a fit needs at least 30" in found.note
