"""How right a linkage expects to be, from the odds of its pairs: no truth, and no figure where nothing was joined."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jobs.identity.matching.found_share import LEAST_TOLD

MOST_LOOKED_AT = 5000  # things
LARGEST = 100  # records of a thing whose pairs are looked at one by one
SURE_OF_TEXTS, SURE_OF_ALL_TEXTS = 0.9, 0.97  # expected precision of lists of texts from which on it, and recall, hold


@dataclass(frozen=True)
class Expected:
    """Shares 0 to 1; None where nothing was joined, or nothing can say how often that is right: `untold` says why."""

    precision: float | None
    recall: float | None
    untold: str = ""

    def __str__(self) -> str:
        """For the report."""
        if self.precision is None:
            return f"Expected precision and recall: {self.untold}."
        recall = f"cannot be told, {self.untold}" if self.recall is None else f"{self.recall:.3f}"
        return f"Expected precision {self.precision:.3f}, expected recall {recall}."


NOTHING_JOINED = Expected(None, None, "none, no two were joined")
SIBLINGS = "right pairs are hardly told from the next best ones, which differ in a number, a size or a colour"
UNSEEN = "at most {:.2f}: more than a sixth of the right pairs agrees too little to be seen"


def of_things(
    records: pd.DataFrame,
    pairs: pd.DataFrame,
    is_across: bool,
    is_one_to_one: bool,
    should_be: float = 0.0,
    found: float = 1.0,
) -> Expected:
    """Of the pairs inside things, how many are right; of the right ones, how many are inside.

    Args:
        records: account_id, channel, customer_id.
        pairs: account_id_left, account_id_right, match_weight (bits).
        is_across: only pairs of two sources count.
        is_one_to_one: a record has one partner at most, so that one beside it is none.
        should_be: right pairs that there are at least, kept or not.
        found: share of all right pairs that weigh even odds or more, 0 to 1.
    """
    by_id = records.set_index("account_id")["customer_id"]
    ends = pairs["account_id_left"], pairs["account_id_right"]
    things = [by_id.reindex(end).to_numpy() for end in ends]
    right = 1 / (1 + np.exp2(-pairs["match_weight"].to_numpy(float).clip(-60, 60)))
    inside = things[0] == things[1]
    joined = _pairs_inside(records, is_across)
    if not joined:
        return NOTHING_JOINED
    scored = pairs.assign(right=right, thing=things[0])
    is_seen = scored["match_weight"].to_numpy() >= 0

    def missed(chosen: NDArray[np.bool_]) -> float:
        return _most_missed(records, scored[chosen]) if is_one_to_one else float(right[chosen].sum())

    seen = float(right[inside & is_seen].sum()) + missed(~inside & is_seen)
    sure = float(right[inside].sum()) + _by_a_third(scored[inside])
    every = max(sure + missed(~inside), seen / found, should_be, 1e-9)
    told = Expected(min(sure / joined, 1.0), sure / every)
    return told if found >= LEAST_TOLD else replace(told, recall=None, untold=UNSEEN.format(sure / every))


def of_texts(told: Expected) -> Expected:
    """What is known of lists of texts: nothing where siblings are as near as partners."""
    if told.precision is None or told.precision >= SURE_OF_ALL_TEXTS:
        return told
    if told.precision >= SURE_OF_TEXTS:
        return replace(told, recall=None, untold=SIBLINGS)
    return Expected(None, None, f"cannot be told, {SIBLINGS}")


def _by_a_third(inside: pd.DataFrame) -> float:
    """What pairs inside things gain by a third record: where A is B and B is C, A is C, however little they share.

    Things are many and alike: some of them stand for all.
    """
    things = inside.loc[inside["thing"].duplicated(), "thing"].drop_duplicates().sort_values()
    looked_at = things.iloc[:: max(1, -(-len(things) // MOST_LOOKED_AT))]
    gain = 0.0
    for _, pairs in inside[inside["thing"].isin(looked_at)].groupby("thing"):
        number, ids = pd.factorize(pairs[["account_id_left", "account_id_right"]].to_numpy().T.ravel())
        (one, other), size = number.reshape(2, -1), len(ids)
        if size > LARGEST:
            continue
        sure = np.zeros((size, size))
        sure[one, other] = sure[other, one] = pairs["right"].to_numpy()
        through = np.maximum(sure, (sure[:, :, None] * sure[None, :, :]).max(axis=1))
        np.fill_diagonal(through, 0.0)
        gain += float(np.triu(through - sure, 1).sum())
    return gain * len(things) / max(len(looked_at), 1)


def _pairs_inside(records: pd.DataFrame, is_across: bool) -> int:
    sizes = records.groupby("customer_id").size()
    every = int((sizes * (sizes - 1) // 2).sum())
    if not is_across:
        return every
    of_source = records.groupby(["customer_id", "channel"]).size()
    return every - int((of_source * (of_source - 1) // 2).sum())


def _most_missed(records: pd.DataFrame, apart: pd.DataFrame) -> float:
    """Right pairs among records that have no partner: at most one for each."""
    sizes = records.groupby("customer_id").size()
    alone = set(records.loc[records["customer_id"].map(sizes).eq(1), "account_id"])
    free = apart[apart["account_id_left"].isin(alone) & apart["account_id_right"].isin(alone)]
    best = free.groupby("account_id_left")["right"].sum().clip(upper=1).sum()
    other = free.groupby("account_id_right")["right"].sum().clip(upper=1).sum()
    return float(min(best, other))
