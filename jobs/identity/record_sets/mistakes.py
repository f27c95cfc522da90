"""Where a linkage was wrong, by kind, with the account ids of the worst: never a value of a person."""

from dataclasses import dataclass

import pandas as pd

MOST_TRUE_PAIRS = 20_000_000  # pairs inside persons are written out for the comparison, and no more than this


@dataclass(frozen=True)
class Mistakes:
    """Counts by kind, and the worst pairs: account_id_left, account_id_right, match_weight (bits, NaN: not kept).

    Kinds: "missed: no pair kept" (blocking missed it, or its weight was too low), "missed: kept apart" (a pair was
    kept, grouping did not join it), "false: joined by its own pair", "false: joined through others".
    """

    counts: dict[str, int]
    missed: pd.DataFrame
    false: pd.DataFrame


def mistakes(both: pd.DataFrame, pairs: pd.DataFrame, most: int = 10) -> Mistakes:
    """Compare groups with the truth, pair by pair.

    Args:
        both: account_id, customer_id, person_id.
        pairs: account_id_left, account_id_right, match_weight, of the pairs that were kept.
        most: pairs of each list.
    """
    missed = _with_weights(_apart(_inside(both, "person_id"), "customer_id"), pairs)
    false = _with_weights(_apart(_inside(both, "customer_id"), "person_id"), pairs)
    counts = {
        "missed: no pair kept": int(missed["match_weight"].isna().sum()),
        "missed: kept apart": int(missed["match_weight"].notna().sum()),
        "false: joined by its own pair": int((false["match_weight"] > 0).sum()),
        "false: joined through others": int((~(false["match_weight"] > 0)).sum()),
    }
    return Mistakes(counts, _worst(missed.dropna(), most), _worst(false, most))


def _inside(both: pd.DataFrame, key: str) -> pd.DataFrame:
    """Each pair of accounts with the same key, the smaller id left."""
    size = both.groupby(key)[key].transform("size")
    if int(((size - 1) / 2).sum()) > MOST_TRUE_PAIRS:
        raise ValueError(f"more than {MOST_TRUE_PAIRS:,} pairs of accounts share a {key}")
    rows = both[size > 1]
    met = rows.merge(rows, on=key, suffixes=("_left", "_right"))
    return met[met["account_id_left"] < met["account_id_right"]]


def _apart(met: pd.DataFrame, key: str) -> pd.DataFrame:
    return met.loc[met[f"{key}_left"] != met[f"{key}_right"], ["account_id_left", "account_id_right"]]


def _with_weights(met: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    return met.merge(pairs, "left", on=["account_id_left", "account_id_right"])


def _worst(pairs: pd.DataFrame, most: int) -> pd.DataFrame:
    order = ["match_weight", "account_id_left", "account_id_right"]
    return pairs.sort_values(order, ascending=[False, True, True]).head(most).reset_index(drop=True)
