"""New records that equal a known one in every field: its pairs are theirs, and nothing is compared again.

A weight depends on what two records say and, through the prior, on the channels that they come from. A twin says the
same and comes from a channel with the same priors, so that comparing its double would only repeat what is known.
"""

from typing import Any

import pyarrow as pa

from jobs.identity.matching import comparisons
from jobs.identity.matching.lanes import Lane


def find(lane: Lane, model: dict[str, Any], channels: list[str], unfit: str) -> None:
    """Make `twins` (account_id, twin): changed accounts that equal one that is as it was, and the first such.

    Args:
        channels: all that there are.
        unfit: SQL of account_id: accounts whose kept pairs are not what comparing them tonight would give.

    Tables of the lane:
        cleaned   account_id, channel, record_hash: equal where the fields are
        changed   account_id: to be compared tonight
    """
    told = {"channel": pa.array(channels, pa.string()), "priors": pa.array(_priors(model, channels), pa.string())}
    lane.put("channel_priors", pa.table(told))
    known = "SELECT c.account_id, c.record_hash, p.priors FROM cleaned c JOIN channel_priors p ON c.channel = p.channel"
    lane.make(
        "new_values",
        f"SELECT k.* FROM ({known} WHERE record_hash IS NOT NULL) k JOIN changed n ON k.account_id = n.account_id",
    )
    not_fit = f"SELECT account_id FROM changed UNION ({unfit})"
    lane.make(
        "twins",
        f"""
        SELECT n.account_id, min(k.account_id) AS twin FROM ({known}) k
        JOIN new_values n ON k.record_hash = n.record_hash AND k.priors = n.priors
        LEFT JOIN ({not_fit}) u ON k.account_id = u.account_id WHERE u.account_id IS NULL
        GROUP BY n.account_id""",
    )


def _priors(model: dict[str, Any], channels: list[str]) -> list[str]:
    """Per channel, what it adds to the prior beside each channel: equal texts mean equal weights."""
    return [" ".join(repr(comparisons.channel_bits(model, one, other)) for other in channels) for one in channels]


def without_copied(pairs: str) -> str:
    """SQL: of the pairs that blocking found, those that must be compared (rid_l, rid_r, rule).

    One end has changed and has no twin, or both ends are twins of each other.
    """
    double = (
        "SELECT n.rid, k.rid AS twin FROM twins t JOIN numbered n ON t.account_id = n.account_id "
        "JOIN numbered k ON t.twin = k.account_id"
    )
    return (
        f"WITH doubles AS ({double}), fresh AS (SELECT c.rid FROM changed_rids c LEFT JOIN doubles d "
        "ON c.rid = d.rid WHERE d.rid IS NULL) "
        f"SELECT m.rid_l, m.rid_r, m.rule FROM {pairs} m LEFT JOIN doubles l ON m.rid_l = l.rid "
        "LEFT JOIN doubles r ON m.rid_r = r.rid LEFT JOIN fresh f ON m.rid_l = f.rid "
        "LEFT JOIN fresh g ON m.rid_r = g.rid WHERE f.rid IS NOT NULL OR g.rid IS NOT NULL "
        "OR coalesce(l.twin, m.rid_l) = coalesce(r.twin, m.rid_r)"
    )


def copied(pairs: str, columns: str) -> str:
    """SQL: pairs of accounts that have a twin, made of their twins' pairs.

    Args:
        pairs: table of the pairs of accounts that are as they were.
        columns: of them, beside their ends.
    """
    ends = [("l.account_id", "account_id_right"), ("account_id_left", "r.account_id"), ("l.account_id", "r.account_id")]
    joins = {"l": "JOIN twins l ON account_id_left = l.twin", "r": "JOIN twins r ON account_id_right = r.twin"}
    return " UNION ALL ".join(
        f"SELECT least({a}, {b}) AS account_id_left, greatest({a}, {b}) AS account_id_right, {columns} "
        f"FROM {pairs} {' '.join(join for name, join in joins.items() if f'{name}.' in f'{a} {b}')}"
        for a, b in ends
    )
