"""How much of the difference between customers is theirs, and how much is chance.

With n answers a customer's own share counts n / (n + strength) and the company's the rest; the strength follows from
the intraclass correlation r of one-way analysis of variance as (1 - r) / r. Source: Ridout, Demetrio and Firth
(Biometrics 1999) for the estimator; Efron and Morris (1975) for the shrinkage.
"""

from collections.abc import Iterable, Mapping
from typing import Any

NONE = 1e12  # strength of the company's share where customers do not differ by more than chance


def strength(groups: float, trials: float, squares: float, kinds: Iterable[tuple[float, float]]) -> float:
    """How many answers of one's own weigh as much as the company's share.

    Args:
        groups: customers; trials: answers or messages of all; squares: the sum of each customer's count squared.
        kinds: of each kind of answer its count, and the sum over customers of their count squared over their trials.
    """
    counted = list(kinds)
    if groups < 2 or trials <= groups:
        return NONE
    between = sum(own - count**2 / trials for count, own in counted) / (groups - 1)
    within = sum(count - own for count, own in counted) / (trials - groups)
    size = (trials - squares / trials) / (groups - 1)
    total = between + (size - 1) * within
    correlation = (between - within) / total if total > 0 else 0.0
    return (1 - correlation) / correlation if correlation > 1 / NONE else NONE


def of_rows(rows: Iterable[Mapping[str, Any]]) -> float:
    """The same of rows that say the sums: group_count, trial_count, square_sum, answer_count, own_sum."""
    listed = list(rows)
    if not listed:
        return NONE
    first = listed[0]
    kinds = [(float(row["answer_count"]), float(row["own_sum"])) for row in listed]
    return strength(float(first["group_count"]), float(first["trial_count"]), float(first["square_sum"]), kinds)
