"""What two records of texts and numbers have in common: one column per way of looking, 0 (nothing) to 1 (all)."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.identity.text_lists import vectors
from jobs.identity.text_lists.assignment import Floats, Pairs

Texts = Mapping[str, Sequence[str | None]]
Numbers = Mapping[str, NDArray[np.float64]]
HALF_AGREE = 0.1  # two numbers a tenth apart agree by half


def features(texts: Texts, numbers: Numbers, pairs: Pairs) -> Floats:
    """One row per pair: each text by its words, all texts by words, by letters and by codes, and each number.

    What one of the two records does not say counts as the mean of the others: it speaks for nobody.
    """
    every = vectors.joined(zip(*texts.values(), strict=True))
    columns = [_cosine(every, parted, pairs) for parted in (vectors.words, vectors.triples)]
    columns.append(_mean_where_unknown(_cosine(every, vectors.codes, pairs), _known(every, vectors.codes), pairs))
    for values in texts.values() if len(texts) > 1 else ():
        plain = [text or "" for text in values]
        columns.append(
            _mean_where_unknown(_cosine(plain, vectors.words, pairs), np.array([bool(t) for t in plain]), pairs)
        )
    for number in numbers.values():
        columns.extend(_near(number, pairs))
    return np.stack(columns, axis=1)


def _cosine(texts: Sequence[str], parted: vectors.Words, pairs: Pairs) -> Floats:
    return vectors.cosines(vectors.vectors(texts, parted), pairs.left, pairs.right)


def _known(texts: Sequence[str], parted: vectors.Words) -> NDArray[np.bool_]:
    return np.array([bool(parted(text)) for text in texts])


def _mean_where_unknown(values: Floats, known: NDArray[np.bool_], pairs: Pairs) -> Floats:
    both = known[pairs.left] & known[pairs.right]
    return np.where(both, values, values[both].mean() if both.any() else 0.0)


def _near(numbers: NDArray[np.float64], pairs: Pairs) -> tuple[Floats, Floats]:
    """How near two numbers are, by their ratio; and whether they are the same."""
    left, right = numbers[pairs.left], numbers[pairs.right]
    known = np.isfinite(numbers)
    away = np.abs(left - right) / np.maximum(np.maximum(np.abs(left), np.abs(right)), 1e-9)
    near = _mean_where_unknown(1 / (1 + away / HALF_AGREE), known, pairs)
    return near, _mean_where_unknown((away == 0).astype(float), known, pairs)
