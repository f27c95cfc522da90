"""New records that equal a known one in every field: they are compared where that one has pairs, and nowhere else.

A weight depends on what two records say, on the channels that they come from (by the prior), and on how rare the values
are that agree. A twin says the same and comes from a channel with the same priors, so that it has pairs with whom its
double has them; their weights are tonight's, since each new record makes its values a little less rare.
"""

from typing import Any

import pyarrow as pa

from jobs.identity.matching import comparisons
from jobs.identity.matching.lanes import Lane


def find(lane: Lane, model: dict[str, Any], channels: list[str], unfit: str) -> None:
    """Make `twins` (account_id, twin): changed accounts that equal one that is as it was, and the first such.

    Args:
        channels: all that there are.
        unfit: SQL of account_id: accounts that may have other pairs tonight than last night.

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


def to_compare(pairs: str) -> str:
    """SQL: of the pairs that blocking found, those that must be compared (rid_l, rid_r, rule).

    One end has changed and has no twin, or both ends are twins of each other, or the records that they equal have a
    pair: in the lane's table `kept` (account_id_left, account_id_right).
    """
    double = (
        "SELECT n.rid, k.rid AS twin FROM twins t JOIN numbered n ON t.account_id = n.account_id "
        "JOIN numbered k ON t.twin = k.account_id"
    )
    known = (
        "SELECT least(l.rid, r.rid) AS rid_l, greatest(l.rid, r.rid) AS rid_r FROM kept p "
        "JOIN numbered l ON p.account_id_left = l.account_id JOIN numbered r ON p.account_id_right = r.account_id "
        "WHERE l.rid IN (SELECT twin FROM doubles) OR r.rid IN (SELECT twin FROM doubles)"
    )
    one, other = "coalesce(l.twin, m.rid_l)", "coalesce(r.twin, m.rid_r)"
    return (
        f"WITH doubles AS ({double}), fresh AS (SELECT c.rid FROM changed_rids c LEFT JOIN doubles d "
        f"ON c.rid = d.rid WHERE d.rid IS NULL), known AS ({known}) "
        f"SELECT m.rid_l, m.rid_r, m.rule FROM {pairs} m LEFT JOIN doubles l ON m.rid_l = l.rid "
        "LEFT JOIN doubles r ON m.rid_r = r.rid LEFT JOIN fresh f ON m.rid_l = f.rid "
        f"LEFT JOIN fresh g ON m.rid_r = g.rid LEFT JOIN known k ON k.rid_l = least({one}, {other}) "
        f"AND k.rid_r = greatest({one}, {other}) WHERE f.rid IS NOT NULL OR g.rid IS NOT NULL "
        f"OR {one} = {other} OR k.rid_l IS NOT NULL"
    )
