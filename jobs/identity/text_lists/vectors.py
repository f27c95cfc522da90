"""Texts as vectors of their words' weights: TF-IDF of words, of numbers with the word beside them, of letter triples.

A shop writes "DX-100", "DX 100" or "DX100": cleaning parts them into "dx 100", and the two together are a word again.

Source: Cohen, Ravikumar and Fienberg, A comparison of string distance metrics for name-matching tasks (2003).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, pairwise

import numpy as np
from scipy import sparse

Words = Callable[[str], list[str]]
HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
RUNS = re.compile("[\u3040-\u30ff\u3400-\u9fff]+|[^\\s\u3040-\u30ff\u3400-\u9fff]+")
TRIPLE = 3  # letters of a piece: a slip of the keyboard changes three of them


def words(text: str) -> list[str]:
    """The words, and each number together with the word before it; of Chinese characters every two in a row."""
    single = text.split() if text.isascii() or not HAN.search(text) else list(chain.from_iterable(_parted(text)))
    joined = [a + b for a, b in pairwise(single) if _is_code(a, b)]
    return single + joined


def _parted(text: str) -> Iterable[list[str]]:
    """Words; where no spaces part them, pairs of characters do."""
    for run in RUNS.findall(text):
        is_han = HAN.match(run) is not None
        yield [run[i : i + 2] for i in range(max(len(run) - 1, 1))] if is_han else [run]


def _is_code(one: str, other: str) -> bool:
    return any(letter.isdigit() for letter in one + other)


def codes(text: str) -> list[str]:
    """What has a digit: model numbers, sizes, years."""
    return [word for word in words(text) if any(letter.isdigit() for letter in word)]


def triples(text: str) -> list[str]:
    """Every three letters in a row, within words."""
    padded = [f" {word} " for word in text.split()]
    return [word[i : i + TRIPLE] for word in padded for i in range(len(word) - TRIPLE + 1)]


def vectors(texts: Sequence[str], parted: Words) -> sparse.csr_matrix:
    """One row of length 1 per text (all 0 where there is nothing in it), one column per word in two texts or more."""
    parts = [parted(text) for text in texts]
    number = {word: i for i, word in enumerate(sorted(set(chain.from_iterable(parts))))}
    columns = np.fromiter((number[word] for word in chain.from_iterable(parts)), np.int64)
    rows = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    counts = sparse.csr_matrix((np.ones(len(columns)), (rows, columns)), shape=(len(parts), max(len(number), 1)))
    holders = np.bincount(counts.indices, minlength=counts.shape[1])
    counts.data = (1 + np.log(counts.data)) * (1 + np.log((1 + len(parts)) / (1 + holders[counts.indices])))
    return of_length_1(counts)


def of_length_1(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows divided by their length."""
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return sparse.csr_matrix(sparse.diags(scale) @ rows)


def cosines(rows: sparse.csr_matrix, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Of pairs of rows, 0 to 1."""
    return np.asarray(rows[left].multiply(rows[right]).sum(axis=1)).ravel()


def joined(texts: Iterable[Sequence[str | None]]) -> list[str]:
    """All texts of a record as one."""
    return [" ".join(text for text in record if text) for record in texts]
