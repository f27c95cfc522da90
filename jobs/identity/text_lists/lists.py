"""Link two lists of texts without doubles: nearest records, what they have in common, partners and their odds."""

from dataclasses import dataclass

import numpy as np

from jobs.identity.text_lists import candidates, features, learning, overlap, vectors
from jobs.identity.text_lists.assignment import Floats, Integers, Pairs
from jobs.identity.text_lists.features import Numbers, Texts


@dataclass(frozen=True)
class Linked:
    """Records that are partners, how likely each pair is right, how many pairs were compared.

    expected_pairs: right pairs that there should be, found or not.
    stand_out: whether partners stand out from what chance gives; else none of them should be joined.
    """

    left: Integers
    right: Integers
    probability: Floats
    expected_pairs: float
    compared: int
    stand_out: bool


def partners(texts: Texts, numbers: Numbers, left: Integers, right: Integers) -> Linked:
    """Partners of records of one list among those of the other.

    Args:
        texts: field -> text of every record of both lists, as cleaned.
        numbers: field -> number, NaN where unknown.
        left: numbers of the records of the one list.
        right: those of the other.
    """
    every = vectors.joined(zip(*texts.values(), strict=True))
    by_words = vectors.vectors(every, vectors.words)
    sizes = len(left), len(right)
    pairs = Pairs(*candidates.nearest(by_words, left, right), len(every), sizes)
    if not len(pairs.left):
        nobody = np.zeros(0, np.int64)
        return Linked(nobody, nobody, np.zeros(0), 0.0, 0, stand_out=False)
    compared = features.features(texts, numbers, pairs)
    chosen = learning.learned(pairs, compared, start(compared))
    ends = pairs.left[chosen.pairs], pairs.right[chosen.pairs]
    stand_out = overlap.is_there(pairs, chosen.score, by_words, (left, right), numbers)
    return Linked(*ends, chosen.probability, chosen.expected_pairs, len(pairs.left), stand_out)


def start(compared: Floats) -> Floats:
    """All words and all letters of two records, evenly."""
    both: Floats = compared[:, :2].mean(axis=1)
    return both
