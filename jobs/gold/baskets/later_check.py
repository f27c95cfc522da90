"""Does a rule hold out of time: what it promised on earlier baskets against the baskets that came after.

Source: Wilson's interval (JASA 1927) for the later confidence.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Ints = NDArray[np.integer]
Floats = NDArray[np.float64]


class Counts(NamedTuple):
    """Baskets of some time that hold both sides of each rule, its antecedent, its consequent; and all baskets."""

    both: Ints
    with_antecedent: Ints
    with_consequent: Ints
    basket_count: int


class Later(NamedTuple):
    """Per rule; NaN and None (in `holds`) where nothing can be said."""

    lift_earlier: Floats
    lift: Floats
    low: Floats
    high: Floats
    holds: list[bool | None]


def lifts(counts: Counts) -> Floats:
    """Lift of each rule, NaN where a side has no basket."""
    expected = counts.with_antecedent.astype(float) * counts.with_consequent
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, counts.both * float(counts.basket_count) / expected, np.nan)


def wilson(successes: Ints, trials: Ints, confidence: float) -> tuple[Floats, Floats]:
    """Ends of the interval for a share, 0 to 1 where there were no trials."""
    z = float(ndtri(0.5 + confidence / 2))
    n = np.maximum(trials, 1).astype(float)
    share = successes / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    none = np.asarray(trials) == 0
    return np.where(none, 0.0, np.maximum(0, middle - half)), np.where(none, 1.0, np.minimum(1, middle + half))


def held_later(earlier: Counts, later: Counts, was_found: NDArray[np.bool_], confidence: float) -> Later:
    """Judge rules on baskets that had no part in finding them.

    A rule that promised more than chance holds where the later lift is surely above 1; it does not where the later
    lift is surely below the promised one and not surely above 1; between, the later baskets are too few to say.

    Args:
        was_found: whether the earlier baskets alone gave the rule; others are not judged, nor are those that promised
            no more than chance.
        confidence: of the interval around the later lift; the consequent's own later share is taken as known.
    """
    promised, lift = lifts(earlier), lifts(later)
    low, high = wilson(later.both, later.with_antecedent, confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        base = np.where(later.with_consequent > 0, later.with_consequent / max(later.basket_count, 1), np.nan)
        low, high = low / base, high / base
    judged = was_found & (promised > 1) & np.isfinite(low)
    holds = [
        None if not known else True if least > 1 else False if most < was else None
        for known, least, most, was in zip(judged.tolist(), low.tolist(), high.tolist(), promised.tolist(), strict=True)
    ]
    return Later(np.where(was_found, promised, np.nan), lift, low, high, holds)
