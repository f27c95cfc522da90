"""Which rules chance alone would hardly give: Fisher's exact test, and the share of false ones among those kept.

Source: Fisher's one-sided test on the two by two table of antecedent and consequent, as Webb (Discovering significant
patterns, Machine Learning 2007) proposes it for rules; Benjamini and Hochberg (JRSS B 1995); Benjamini and Yekutieli
(Annals of Statistics 2001) for tests that depend on each other in any way, as rules over the same baskets do.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from jobs.gold.baskets.itemsets import Itemset

Ints = NDArray[np.integer]
Floats = NDArray[np.float64]

EPSILON = 1e-17  # a term this small beside the sum changes no digit of it
GAMMA = 0.5772156649015329  # Euler's constant


def fisher_greater(both: Ints, with_antecedent: Ints, with_consequent: Ints, basket_count: int) -> Floats:
    """The chance of `both` or more common baskets if antecedent and consequent had nothing to do with each other.

    Args:
        both: baskets that hold antecedent and consequent; one entry per rule, as in the next two.
        with_antecedent: baskets that hold the antecedent.
        with_consequent: baskets that hold the consequent.

    Returns:
        The upper tail of the hypergeometric distribution, 0 to 1; 0 where it is below the smallest double.
    """
    x, a, c = (np.asarray(n, dtype=np.float64) for n in (both, with_antecedent, with_consequent))
    n = float(basket_count)
    above = x > a * c / max(n, 1.0)  # the tail away from the mean has falling terms: sum that one
    start = np.where(above, x, x - 1)
    tail = np.exp(log_chance(start, a, c, n)) * falling_sum(start, a, c, n, above)
    chance = np.where(above, tail, 1 - np.where(start < np.maximum(0, a + c - n), 0.0, tail))
    return np.clip(chance, 0.0, 1.0)


def log_chance(x: Floats, a: Floats, c: Floats, n: float) -> Floats:
    """Logarithm of the hypergeometric probability of just x."""
    with np.errstate(invalid="ignore"):
        logarithm = log_choose(a, x) + log_choose(n - a, c - x) - log_choose(np.full_like(a, n), c)
    return np.where(np.isfinite(logarithm), logarithm, -np.inf)


def log_choose(n: Floats, k: Floats) -> Floats:
    """Logarithm of n over k; minus infinity where k is outside 0 to n."""
    outside = (k < 0) | (k > n)
    k = np.where(outside, 0, k)
    return np.where(outside, -np.inf, gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def falling_sum(x: Floats, a: Floats, c: Floats, n: float, upward: NDArray[np.bool_]) -> Floats:
    """The tail from x away from the mean as a multiple of the probability of x: 1 plus ever smaller terms."""
    total, term = np.ones_like(x), np.ones_like(x)
    going = np.arange(len(x))
    at, step = x.copy(), np.where(upward, 1.0, -1.0)
    while len(going):
        k, up, ag, cg = at[going], upward[going], a[going], c[going]
        with np.errstate(divide="ignore", invalid="ignore"):
            more = (ag - k) * (cg - k) / ((k + 1) * (n - ag - cg + k + 1))
            less = k * (n - ag - cg + k) / ((ag - k + 1) * (cg - k + 1))
        possible = up | ((k > 0) & (n - ag - cg + k > 0))  # below what can be, the terms would rise for ever
        ratio = np.where(possible, np.where(up, more, less), 0.0)
        term[going] *= np.where(np.isfinite(ratio), np.maximum(ratio, 0.0), 0.0)
        total[going] += term[going]
        at[going] += step[going]
        going = going[term[going] > EPSILON * total[going]]
    return total


def rules_looked_at(itemsets: Iterable[Itemset], max_length: int | None) -> int:
    """How many rules the search looked at: each extension of two frequent itemsets by one another, any consequent.

    Counting only the rules that were kept would forget that many more had the chance to look remarkable.
    """
    siblings = Counter((len(itemset), itemset[:-1]) for itemset in itemsets)
    return sum(
        (length + 1) * n * (n - 1) // 2
        for (length, _), n in siblings.items()
        if max_length is None or length < max_length
    )


def q_values(p_values: Floats, test_count: int, any_dependence: bool) -> Floats:
    """For each test the smallest share of false discoveries at which it would be kept.

    Args:
        p_values: of the tests that can be kept.
        test_count: all tests made, at least as many; the others count as not worth keeping.
        any_dependence: Benjamini and Yekutieli's, which holds however tests depend on each other; else Benjamini and
            Hochberg's, for independent or positively dependent ones.
    """
    tests = max(test_count, len(p_values))
    if not len(p_values):
        return p_values
    penalty = harmonic(tests) if any_dependence else 1.0
    order = np.argsort(p_values, kind="stable")
    raised = p_values[order] * tests * penalty / np.arange(1, len(p_values) + 1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(raised[::-1])[::-1])
    return adjusted


def harmonic(n: int) -> float:
    """1 + 1/2 + ... + 1/n."""
    if n < 1_000:
        return float(np.sum(1 / np.arange(1, n + 1)))
    return float(np.log(n) + GAMMA + 1 / (2 * n) - 1 / (12 * n**2))
