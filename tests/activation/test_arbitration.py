"""Who gets which message: exact on small problems, near the bound on large ones, never past a capacity."""

import itertools

import numpy as np
import pytest
from scipy import optimize, sparse

from jobs.activation.arbitration.problem import Problem, best_of_each
from jobs.activation.arbitration.solving import solve


def problem(
    seed: int,
    customers: int,
    most_each: int,
    tight: float = 0.3,
    ties: bool = False,
    channels: int = 3,
    messages: int = 4,
) -> Problem:
    """Random candidates; `tight` is the share of the customers that all channels together can take."""
    chance, channels, messages = np.random.default_rng(seed), 3, 4
    customer = np.repeat(np.arange(customers), chance.integers(1, most_each + 1, customers))
    n = len(customer)
    value = chance.integers(1, 4, n).astype(float) if ties else chance.lognormal(0, 1, n)
    caps = np.floor(chance.random(channels) * 2 * tight * customers / channels)
    caps_of_messages = np.where(
        chance.random(messages) < 0.5, np.inf, np.floor(chance.random(messages) * customers / 2)
    )
    resources = (chance.integers(0, channels, n), chance.integers(0, messages, n))
    return Problem(customer, value, resources, (caps, caps_of_messages))


def brute_force(one: Problem) -> float:
    """Every way to give each customer one candidate or none."""
    own = [[None, *np.flatnonzero(one.customer == c)] for c in np.unique(one.customer)]
    best = 0.0
    for choice in itertools.product(*own):
        chosen = np.array([place for place in choice if place is not None], int)
        if one.fits(chosen):
            best = max(best, float(one.value[chosen].sum()))
    return best


def is_sound(one: Problem, chosen: np.ndarray) -> bool:
    """An obvious check: nobody twice, no capacity passed."""
    counts: dict[tuple, int] = {}
    for place in chosen:
        for key in (("customer", one.customer[place]), *((k, r[place]) for k, r in enumerate(one.resources))):
            counts[key] = counts.get(key, 0) + 1
    within = all(counts.get((k, n), 0) <= cap for k, caps in enumerate(one.capacities) for n, cap in enumerate(caps))
    return within and all(n <= 1 for key, n in counts.items() if key[0] == "customer")


def test_a_thousand_small_problems_are_solved_as_by_trying_everything():
    for seed in range(1000):
        one = problem(seed, customers=1 + seed % 5, most_each=3, tight=1.0, ties=seed % 3 == 0)
        found = solve(one)
        assert is_sound(one, found.chosen), seed
        assert found.value == pytest.approx(brute_force(one), abs=1e-9), seed
        assert found.gap == 0


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("tight", [0.02, 0.3, 0.8])
def test_by_prices_the_value_is_within_a_hundredth_of_the_linear_programs_bound(tight, ties):
    for seed in range(3):
        one = problem(seed, customers=4000, most_each=5, tight=tight, ties=ties)
        found = solve(one, exact_up_to=0)
        assert is_sound(one, found.chosen)
        bound = linear_bound(one)
        assert found.value >= 0.99 * bound, (seed, found.value / bound)
        assert found.bound >= bound * (1 - 1e-6)


def linear_bound(one: Problem) -> float:
    """The value of the problem when candidates may be taken in part."""
    n = one.count
    groups = (one.customer, *one.resources)
    limits = (np.ones(one.customer.max() + 1), *one.capacities)
    rows = [
        sparse.csr_matrix((np.ones(n), (g, np.arange(n))), (len(c), n)) for g, c in zip(groups, limits, strict=True)
    ]
    ub = np.concatenate(limits)
    finite = np.flatnonzero(np.isfinite(ub))
    answer = optimize.linprog(-one.value, sparse.vstack(rows, "csr")[finite], ub[finite], bounds=(0, 1), method="highs")
    return -answer.fun


def test_without_shortage_everybody_gets_their_best():
    one = problem(1, customers=50, most_each=4, tight=100.0)
    one = Problem(one.customer, one.value, one.resources, (one.capacities[0], np.full(4, np.inf)))
    assert solve(one).chosen.tolist() == best_of_each(one.value, one.starts).tolist()


def test_of_equal_values_the_first_goes_and_the_answer_is_the_same_each_time():
    one = Problem(
        np.array([0, 0, 1, 2]),
        np.ones(4),
        (np.array([0, 1, 1, 1]), np.zeros(4, int)),
        (np.array([1.0, 1]), np.array([9.0])),
    )
    assert solve(one, exact_up_to=0).chosen.tolist() == [0, 2]
    again = problem(3, customers=500, most_each=4, ties=True)
    assert solve(again).chosen.tolist() == solve(again).chosen.tolist()


@pytest.mark.parametrize("size", [0, 1])
def test_no_candidate_and_no_capacity_choose_nobody(size):
    nothing = Problem(np.zeros(size, int), np.ones(size), (np.zeros(size, int),), (np.zeros(1),))
    assert solve(nothing).chosen.tolist() == []
    assert solve(nothing, exact_up_to=0).chosen.tolist() == []
