"""Clusters keep their id and name from fit to fit, and new ones are named by what sets them apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jobs.gold.behaviour.kmeans import Floats


@dataclass(frozen=True)
class Known:
    """A cluster of the last fit: its centre in the units of the new one."""

    cluster_id: int
    name: str
    centre: Floats


@dataclass(frozen=True)
class Identity:
    """A cluster's id and name, and how far its centre is from the one it is the same as (None: it is new)."""

    cluster_id: int
    name: str
    moved: float | None


def identities(
    centres: Floats,
    differences: Sequence[Mapping[str, float]],
    known: Sequence[Known],
    next_id: int,
    same_within: float,
    words: Mapping[str, Mapping[str, float]],
) -> list[Identity]:
    """Match the new centres to the last ones, then name those without a match.

    The sum of distances is the least there is (Hungarian method).

    Args:
        centres: clusters by features, scaled.
        differences: per cluster the standard deviations above the average customer, by feature.
        next_id: id of the first new cluster: one that no cluster ever had.
        same_within: pairs farther apart than this are different clusters.
    """
    same: dict[int, tuple[Known, float]] = {}
    if known:
        from scipy.optimize import linear_sum_assignment  # most nights fit nothing

        apart = np.array([[np.linalg.norm(c - k.centre) for k in known] for c in centres])
        for row, column in zip(*linear_sum_assignment(apart), strict=True):
            if apart[row, column] <= same_within:
                same[int(row)] = known[column], float(apart[row, column])
    fresh = [i for i in range(len(centres)) if i not in same]
    names = given_names({i: differences[i] for i in fresh}, words, {k.name for k, _ in same.values()})
    new_ids = {i: next_id + at for at, i in enumerate(fresh)}
    kept = {i: Identity(old.cluster_id, old.name, moved) for i, (old, moved) in same.items()}
    return [kept[i] if i in kept else Identity(new_ids[i], names[i], None) for i in range(len(centres))]


def given_names(
    differences: Mapping[int, Mapping[str, float]], words: Mapping[str, Mapping[str, float]], taken: set[str]
) -> dict[int, str]:
    """A name for each cluster: the word that it meets best, each word once, else what sets it apart most."""
    fits = [
        (fit(apart, needs), -place, i, word)
        for i, apart in differences.items()
        for place, (word, needs) in enumerate(words.items())
    ]
    names: dict[int, str] = {}
    used = set(taken)
    for strength, _, i, word in sorted(fits, key=lambda f: (-f[0], -f[1], f[2])):
        if strength >= 1 and i not in names and word not in used:
            names[i] = word
            used.add(word)
    for i in sorted(set(differences) - set(names)):
        names[i] = free_name(plain_name(differences[i]), used)
        used.add(names[i])
    return names


def fit(apart: Mapping[str, float], needs: Mapping[str, float]) -> float:
    """How far a cluster exceeds what a word needs: 1 just meets it; a feature that was not clustered meets nothing."""
    return min(apart.get(feature, 0.0) / needed for feature, needed in needs.items())


def plain_name(apart: Mapping[str, float]) -> str:
    """Such as "low online share": what differs most; "average" when nothing differs by a third of a deviation."""
    feature = max(apart, key=lambda name: abs(apart[name]), default="")
    if not feature or abs(apart[feature]) < 1 / 3:
        return "average"
    return f"{'high' if apart[feature] > 0 else 'low'} {feature.replace('_', ' ')}"


def free_name(name: str, used: set[str]) -> str:
    """The name, with a number when it is taken."""
    numbers = (name if n == 1 else f"{name} {n}" for n in range(1, len(used) + 2))
    return next(candidate for candidate in numbers if candidate not in used)
