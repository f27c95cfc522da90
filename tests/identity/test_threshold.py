"""A threshold without truth."""

import numpy as np
import pytest

from jobs.identity.matching.threshold import chosen, expectations


def calibrated(seed: int = 4):
    """Weights of 200,000 pairs and whether each is a match, drawn with the probability that the weight says."""
    draw = np.random.default_rng(seed)
    bits = np.round(draw.normal(-8, 8, 200_000) * 4) / 4
    return bits, draw.random(len(bits)) < 1 / (1 + np.exp2(-bits))


def test_expected_precision_and_recall_are_the_true_ones_where_weights_are_odds():
    bits, matched = calibrated()
    values, count = np.unique(bits, return_counts=True)
    (even,) = [one for one in expectations(values, count.astype(float)) if one.join_weight_bits == 0]
    joined = bits >= 0
    assert even.precision == pytest.approx(matched[joined].mean(), abs=0.01)
    assert even.recall == pytest.approx(matched[joined].sum() / matched.sum(), abs=0.01)


def test_the_threshold_of_the_best_expected_f1_is_the_best_in_truth():
    bits, matched = calibrated()
    values, count = np.unique(bits, return_counts=True)
    best = chosen(expectations(values, count.astype(float)), least_precision=0)
    true_f1 = {t: 2 * matched[bits >= t].sum() / ((bits >= t).sum() + matched.sum()) for t in values if abs(t) <= 6}
    assert true_f1[best.join_weight_bits] == pytest.approx(max(true_f1.values()), abs=0.002)


def test_a_wanted_precision_moves_the_threshold_up():
    values, count = np.unique(calibrated()[0], return_counts=True)
    candidates = expectations(values, count.astype(float))
    careful = chosen(candidates, least_precision=0.98)
    assert careful.precision >= 0.98
    assert careful.join_weight_bits > chosen(candidates, least_precision=0).join_weight_bits


def test_no_pairs_leave_even_odds():
    assert chosen([], least_precision=0.9).join_weight_bits == 0
