"""Cannot-link rules: accounts whose known facts contradict each other are never one person, whatever else agrees.

Values are compared between growing groups, not between all pairs, so that a rule holds through third accounts too.
A slip of the keyboard is no contradiction: values within the configured number of edits are near.
"""

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.identity.settings.identity import Evidence

EXCLUSIVE = "exclusive_channel"


class CannotLinkRules:
    """The rules in force over some accounts.

    Args:
        facts: account_id, channel and the fields that rules name; NULL is not known.
        accounts: the accounts by number.
    """

    def __init__(self, facts: pd.DataFrame, accounts: NDArray[np.object_], conf: Evidence) -> None:
        known = facts.set_index("account_id")
        known = known if np.array_equal(known.index, accounts) else known.reindex(accounts)
        self.limits = {name: tuple(rule.differ.values()) for name, rule in conf.vetoes.items() if rule.is_on}
        self.codes: list[NDArray[np.int64]] = []
        self.values: list[list[tuple[str, ...]]] = []
        self.texts: list[list[NDArray[np.str_]]] = []  # the same, an array per field
        for name in self.limits:
            self._add(known.reindex(columns=list(conf.vetoes[name].differ)))  # what is not there is not known
        if conf.exclusive_channels:
            self.limits[EXCLUSIVE] = (0, 0)  # two accounts of one such channel
            own = known["channel"].where(known["channel"].isin(conf.exclusive_channels))
            self._add(pd.DataFrame({"channel": own, "account_id": known.index}))
        self.names = list(self.limits)
        self.contradicts = cache(self._contradicts)

    def _add(self, fields: pd.DataFrame) -> None:
        is_known = fields.notna().all(axis=1).to_numpy()
        rows = np.array(["\0".join(row) for row in fields[is_known].to_numpy(object).tolist()], dtype=str)
        texts, text_codes = np.unique(rows, return_inverse=True)
        codes = np.full(len(fields), -1, dtype=np.int64)
        codes[is_known] = text_codes
        self.codes.append(codes)
        self.values.append([tuple(text.split("\0")) for text in texts.tolist()])
        self.texts.append([np.array(column, dtype=str) for column in zip(*self.values[-1], strict=True)])

    def of(self, node: int) -> list[set[int]]:
        """What is known of one account, per rule."""
        return [{int(codes[node])} - {-1} for codes in self.codes]

    def between(self, one: list[set[int]], other: list[set[int]]) -> str:
        """The first rule between two groups, "" when there is none."""
        for number, name in enumerate(self.names):
            pairs = ((a, b) for a in one[number] for b in other[number] if a != b)
            if any(self.contradicts(number, min(pair), max(pair)) for pair in pairs):
                return name
        return ""

    def first_between(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
        """`between` of many pairs of accounts: the number of the first rule, len(names) where there is none."""
        first_rule = np.full(len(one), len(self.names))
        for number in reversed(range(len(self.names))):
            codes = self.codes[number]
            both = np.sort(np.stack([codes[one], codes[other]]), axis=0)
            compared = np.flatnonzero((both[0] >= 0) & (both[0] != both[1]))
            pairs, back = np.unique(both[:, compared], axis=1, return_inverse=True)
            first_rule[compared[self._contradict(number, pairs)[back]]] = number
        return first_rule

    def _contradict(self, number: int, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
        """`contradicts` of each column of two values."""
        name = self.names[number]
        if not pairs.size:
            return np.zeros(0, dtype=bool)
        left = np.ones(pairs.shape[1], dtype=bool)
        for texts, limit in zip(self.texts[number], self.limits[name], strict=name != EXCLUSIVE):
            one, other = texts[pairs[0, left]], texts[pairs[1, left]]
            if name == EXCLUSIVE:
                is_equal: NDArray[np.bool_] = one == other
                return is_equal
            left[left] = edits_of(one, other) > limit if limit else one != other
        return left

    def _contradicts(self, number: int, one: int, other: int) -> bool:
        name, values = self.names[number], self.values[number]
        if name == EXCLUSIVE:
            return values[one][0] == values[other][0]
        fields = zip(values[one], values[other], self.limits[name], strict=True)
        return all(edits(a, b) > limit for a, b, limit in fields)


def edits(one: str, other: str) -> int:
    """Insertions, deletions, changes and swaps of neighbours between two texts.

    Source: Damerau, A technique for computer detection and correction of spelling errors (CACM 1964), in the
    restricted form (optimal string alignment).
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, facing in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != facing))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == facing:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def edits_of(one: NDArray[np.str_], other: NDArray[np.str_]) -> NDArray[np.int64]:
    """`edits` of many pairs of texts at once: the table of each is filled cell by cell, all pairs in one step."""
    sizes = np.char.str_len(one), np.char.str_len(other)
    a, b = _letters(one), _letters(other)
    distances = np.where(sizes[0] == 0, sizes[1], 0)
    older = before = np.zeros((b.shape[1] + 1, len(one)), dtype=np.int64)
    row = np.repeat(np.arange(b.shape[1] + 1)[:, None], len(one), axis=1)
    for i in range(1, a.shape[1] + 1):
        older, before, row = before, row, np.empty_like(row)
        row[0] = i
        for j in range(1, b.shape[1] + 1):
            same = a[:, i - 1] == b[:, j - 1]
            row[j] = np.minimum(np.minimum(before[j], row[j - 1]) + 1, before[j - 1] + ~same)
            if i > 1 and j > 1:
                turned = (a[:, i - 1] == b[:, j - 2]) & (a[:, i - 2] == b[:, j - 1])
                row[j] = np.where(turned, np.minimum(row[j], older[j - 2] + 1), row[j])
        ends = sizes[0] == i
        distances[ends] = row[sizes[1][ends], np.flatnonzero(ends)]
    return distances


def _letters(texts: NDArray[np.str_]) -> NDArray[np.uint32]:
    """One row of letters per text."""
    width = max(texts.dtype.itemsize // 4, 1)
    return np.ascontiguousarray(texts.astype(f"U{width}")).view(np.uint32).reshape(len(texts), width)


def fields(conf: Evidence) -> list[str]:
    """The fields of a record that rules look at, in order."""
    return sorted({name for rule in conf.vetoes.values() if rule.is_on for name in rule.differ})
