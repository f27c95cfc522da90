"""The match model's parameters from counts of patterns."""

import dataclasses

import numpy as np

from jobs.identity.matching.training import Cohort, Neighbours, Patterns, default_m, evidence, train, u_of


def planted(seed: int = 3) -> tuple[Patterns, Patterns]:
    """Random pairs and candidate pairs of a world with m 0.9 and u 0.02 on four fields, 500 matches in 20,000 pairs."""
    draw = np.random.default_rng(seed)
    matched = np.arange(20_000) < 500
    agrees = draw.random((20_000, 4)) < np.where(matched[:, None], 0.9, 0.02)
    return counted(agrees[~matched][:10_000]), counted(agrees)


def counted(agrees: np.ndarray) -> Patterns:
    patterns, counts = np.unique(agrees.astype(np.int64), axis=0, return_counts=True)
    zeros = np.zeros(len(patterns))
    return Patterns(patterns, zeros.astype(np.int64), zeros, counts.astype(float))


def test_u_is_the_share_of_random_pairs_at_each_level():
    random_pairs, _ = planted()
    assert all(abs(u[1] - 0.02) < 0.005 for u in u_of(random_pairs, [2, 2, 2, 2]))


def test_m_and_the_number_of_matches_are_found_without_truth():
    random_pairs, candidates = planted()
    u = u_of(random_pairs, [2, 2, 2, 2])

    parameters = train(candidates, u, [(0, 1), (2, 3)], np.array([20_000.0]), iterations=60)

    assert all(abs(m[1] - 0.9) < 0.04 for m in parameters.m)
    assert abs(parameters.matches[0] - 500) < 50


def test_a_field_that_never_meets_itself_keeps_the_default():
    random_pairs, candidates = planted()
    unknown = np.full((len(candidates.gamma), 1), -1)
    with_unknown = dataclasses.replace(candidates, gamma=np.hstack([candidates.gamma, unknown]))
    u = (*u_of(random_pairs, [2, 2, 2, 2]), np.array([0.99, 0.01]))

    parameters = train(with_unknown, u, [(0, 1), (2, 3)], np.array([20_000.0]), iterations=10)

    np.testing.assert_allclose(parameters.m[4], default_m(2))


def test_what_is_not_known_says_nothing():
    shares = (np.array([0.1, 0.9]),), (np.array([0.98, 0.02]),)
    bits = evidence(np.array([[-1], [1]]), *shares, [0])
    assert bits[0] == 0
    assert bits[1] > 5


def with_families(seed: int = 5) -> Patterns:
    """500 matches, 3,000 pairs of one home that agree on its two fields as matches do, 16,500 random ones."""
    draw = np.random.default_rng(seed)
    kind = np.repeat([0, 1, 2], [500, 3_000, 16_500])
    shares = np.array([[0.9, 0.9, 0.9, 0.9], [0.9, 0.9, 0.02, 0.02], [0.02] * 4])
    return counted(draw.random((20_000, 4)) < shares[kind])


def test_people_of_one_home_are_no_matches():
    u = (np.array([0.98, 0.02]),) * 4
    home = Cohort("home", (0, 1))
    possible, sessions = np.array([20_000.0]), [(0,), (2,), (3,)]

    plain = train(with_families(), u, sessions, possible, iterations=60)
    parameters = train(with_families(), u, sessions, possible, iterations=60, neighbours=Neighbours([home]))

    assert plain.matches[0] > 2_000
    assert abs(parameters.matches[0] - 500) < 100
    assert abs(parameters.m[2][1] - 0.9) < 0.05
    assert abs(2 ** parameters.cohort_bits[0] * 20_000 - 3_000) < 400


def test_a_cohort_that_nobody_belongs_to_changes_nothing():
    random_pairs, candidates = planted()
    u = u_of(random_pairs, [2, 2, 2, 2])
    plain = train(candidates, u, [(0, 1), (2, 3)], np.array([20_000.0]), iterations=60)
    parameters = train(
        candidates,
        u,
        [(0, 1), (2, 3)],
        np.array([20_000.0]),
        iterations=60,
        neighbours=Neighbours([Cohort("home", (0, 1))]),
    )
    np.testing.assert_allclose(parameters.matches, plain.matches, rtol=0.05)
