"""New records that equal a known one in every field: they are compared where that one has pairs, and nowhere else.

A weight depends on what two records say, on the channels that they come from (by the prior), and on how rare the values
are that agree. A duplicate says the same and comes from a channel with the same priors, so that it has pairs with whom
the known record has them; their weights are tonight's, since each new record makes its values a little less rare.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from jobs.identity.matching import comparisons
from jobs.identity.matching.engines import Engine, Table


@dataclass(frozen=True)
class Duplicates:
    """Tables of changed accounts that equal a known one (account_id, duplicate_of), and of known accounts' pairs."""

    accounts: Table
    known_pairs: Table


def of_changed(
    engine: Engine, model: dict[str, Any], channels: list[str], known_pairs: Table, unfit: str
) -> Duplicates | None:
    """Changed accounts that equal one that is as it was, each with the first such; None where there are none.

    Args:
        channels: all that there are.
        known_pairs: account_id_left, account_id_right of accounts that are as they were.
        unfit: SQL of account_id: accounts that may have other pairs tonight than last night.

    Tables of the engine:
        cleaned   account_id, channel, record_hash: equal where the fields are
        changed   account_id: to be compared tonight
    """
    priors = {"channel": pa.array(channels, pa.string()), "priors": pa.array(_priors(model, channels), pa.string())}
    of_channel = engine.table_of("channel_priors", pa.table(priors))
    known = f"SELECT c.account_id, c.record_hash, p.priors FROM cleaned c JOIN {of_channel} p ON c.channel = p.channel"
    new_values = engine.table(
        "new_values",
        f"SELECT k.* FROM ({known} WHERE record_hash IS NOT NULL) k JOIN changed n ON k.account_id = n.account_id",
    )
    not_fit = f"SELECT account_id FROM changed UNION ({unfit})"
    accounts = engine.table(
        "exact_duplicates",
        f"""
        SELECT n.account_id, min(k.account_id) AS duplicate_of FROM ({known}) k
        JOIN {new_values} n ON k.record_hash = n.record_hash AND k.priors = n.priors
        LEFT JOIN ({not_fit}) u ON k.account_id = u.account_id WHERE u.account_id IS NULL
        GROUP BY n.account_id""",
    )
    has_any = engine.fetch(f"SELECT 1 AS one FROM {accounts} LIMIT 1").num_rows
    return Duplicates(accounts, known_pairs) if has_any else None


def _priors(model: dict[str, Any], channels: list[str]) -> list[str]:
    """Per channel, what it adds to the prior beside each channel: equal texts mean equal weights."""
    return [" ".join(repr(comparisons.channel_bits(model, one, other)) for other in channels) for one in channels]


def to_compare(pairs: Table, duplicates: Duplicates) -> str:
    """SQL: of the pairs that blocking made, those that must be compared (rid_l, rid_r, rule).

    One end has changed and is no duplicate, or both ends are duplicates of one record or one of the other, or the
    records that they equal have a pair.
    """
    by_rid = (
        f"SELECT n.rid, k.rid AS known_rid FROM {duplicates.accounts} t "
        "JOIN numbered n ON t.account_id = n.account_id JOIN numbered k ON t.duplicate_of = k.account_id"
    )
    known = (
        f"SELECT least(l.rid, r.rid) AS rid_l, greatest(l.rid, r.rid) AS rid_r FROM {duplicates.known_pairs} p "
        "JOIN numbered l ON p.account_id_left = l.account_id JOIN numbered r ON p.account_id_right = r.account_id "
        "WHERE l.rid IN (SELECT known_rid FROM by_rid) OR r.rid IN (SELECT known_rid FROM by_rid)"
    )
    one, other = "coalesce(l.known_rid, m.rid_l)", "coalesce(r.known_rid, m.rid_r)"
    return (
        f"WITH by_rid AS ({by_rid}), fresh AS (SELECT c.rid FROM changed_rids c LEFT JOIN by_rid d "
        f"ON c.rid = d.rid WHERE d.rid IS NULL), known AS ({known}) "
        f"SELECT m.rid_l, m.rid_r, m.rule FROM {pairs} m LEFT JOIN by_rid l ON m.rid_l = l.rid "
        "LEFT JOIN by_rid r ON m.rid_r = r.rid LEFT JOIN fresh f ON m.rid_l = f.rid "
        f"LEFT JOIN fresh g ON m.rid_r = g.rid LEFT JOIN known k ON k.rid_l = least({one}, {other}) "
        f"AND k.rid_r = greatest({one}, {other}) WHERE f.rid IS NOT NULL OR g.rid IS NOT NULL "
        f"OR {one} = {other} OR k.rid_l IS NOT NULL"
    )
