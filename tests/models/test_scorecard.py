"""Our fit, scores and figures against the tools everyone knows."""

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import SparkSession
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from jobs.models.churn.churn_pyfunc import probabilities
from jobs.models.churn.metrics import average_precision, evaluate, roc_points
from jobs.models.churn.scorecard import Scorecard, fit_scorecard

NAMES = ("a", "b", "c")


def drawn(size: int = 400) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    values = random.gamma(2.0, 5.0, (size, 3))
    margin = np.log1p(values) @ np.array([1.0, -1.5, 0.0])
    return values, (random.random(size) < 1 / (1 + np.exp(-margin))).astype(float)


def test_the_fit_is_that_of_scikit_learn() -> None:
    values, is_churned = drawn()
    card = fit_scorecard(NAMES, values, is_churned, l2_penalty=0.01)
    scaled = (np.log1p(values) - np.array(card.centres)) / np.array(card.scales)

    peer = LogisticRegression(C=1 / (0.01 * len(values)), tol=1e-10, max_iter=1000).fit(scaled, is_churned)

    assert card.weights == pytest.approx(peer.coef_[0], abs=1e-5)
    assert card.intercept == pytest.approx(peer.intercept_[0], abs=1e-5)


def test_a_feature_that_never_varies_weighs_nothing() -> None:
    values, is_churned = drawn()
    values[:, 2] = 7.0

    assert fit_scorecard(NAMES, values, is_churned, 0.01).weights[2] == pytest.approx(0.0, abs=1e-9)


def test_separable_examples_still_have_a_finite_fit() -> None:
    values = np.array([[1.0, 1, 1]] * 30 + [[9.0, 1, 1]] * 30)

    card = fit_scorecard(NAMES, values, np.repeat([0.0, 1.0], 30), 0.001)

    assert np.isfinite(card.weights).all()
    assert card.weights[0] > 1


def test_spark_and_pandas_score_alike_and_json_loses_nothing(spark: SparkSession) -> None:
    values, is_churned = drawn()
    values[0] = [0.0, -3.0, 1e9]
    card = Scorecard.from_json(fit_scorecard(NAMES, values, is_churned, 0.01).to_json())
    frame = pd.DataFrame(values, columns=list(NAMES))

    in_spark = spark.createDataFrame(frame).select(card.expression().alias("p")).toPandas()["p"]

    assert in_spark.to_numpy() == pytest.approx(
        probabilities(vars(card), frame)["churn_probability"].to_numpy(), rel=1e-12
    )


def test_figures_are_those_of_scikit_learn_also_with_ties() -> None:
    random = np.random.default_rng(2)
    is_churned = (random.random(500) < 0.3).astype(float)
    probability = np.round(0.3 * is_churned + random.random(500) * 0.7, 2).astype(np.float64)

    found = evaluate(is_churned, probability, bootstrap_rounds=300, seed=1)

    assert found.auc == pytest.approx(roc_auc_score(is_churned, probability))
    assert average_precision(is_churned, probability) == pytest.approx(average_precision_score(is_churned, probability))
    assert found.auc_low < found.auc < found.auc_high
    false, true, _ = roc_curve(is_churned, probability, drop_intermediate=False)
    assert np.array(roc_points(is_churned, probability)) == pytest.approx(np.array([false, true]))
