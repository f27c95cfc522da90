"""Tonight's pairs: what the model scores, what keys say, and last night's pairs of accounts that are as they were.

Tables of the engine that it looks at:
    cleaned, changed     tonight's accounts, and those that must be compared
    has_frequent_value   account_id: its fields are not what they were written as
    pairs_before         identity.match_pairs of last night
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from jobs.identity.grouping import deterministic
from jobs.identity.grouping.deterministic import KeyEvidence
from jobs.identity.matching import exact_duplicates, linkage
from jobs.identity.matching.engines import Engine, Table
from jobs.identity.matching.exact_duplicates import Duplicates
from jobs.identity.settings.identity import Settings

PAIR_FIELDS = "account_id_left, account_id_right, match_rule, match_weight, match_probability, model"


@dataclass(frozen=True)
class Model:
    """The match model of a night; `settings` is None while there are too few records to learn from."""

    name: str
    settings: dict[str, Any] | None


@dataclass(frozen=True)
class Matching:
    """What a night matches with, and as of which day; columns: of `cleaned`."""

    engine: Engine
    conf: Settings
    run_date: date
    model: Model
    columns: list[str]


@dataclass(frozen=True)
class ScoredPairs:
    """table: PAIR_FIELDS; keys: what keys say; count: how many pairs the model compared; columns: of `cleaned`."""

    table: Table
    keys: KeyEvidence
    count: int
    columns: list[str]


def score(matching: Matching, only_new: bool) -> ScoredPairs:
    """Tonight's scores and keys.

    Args:
        only_new: changed accounts are compared with all, and last night's pairs of the others are taken as they are.
    """
    engine = matching.engine
    known = _pairs_as_they_were(engine) if only_new else None
    scored, count = _by_model(matching, known)
    keys = deterministic.key_evidence(engine, matching.conf, matching.columns, only_new)
    pairs = f"SELECT h.*, '{matching.model.name}' AS model FROM ({deterministic.held(scored, keys.pairs)}) h"
    if known is not None:
        pairs += f" UNION ALL SELECT {PAIR_FIELDS} FROM {known}"
    return ScoredPairs(engine.table("pairs", pairs), keys, count, matching.columns)


def _by_model(matching: Matching, known: Table | None) -> tuple[Table, int]:
    """What the model scores, and how many pairs it compared; nothing where there is no model."""
    engine, model = matching.engine, matching.model
    if model.settings is None:
        no_pairs = (
            "SELECT account_id AS account_id_left, account_id AS account_id_right, "
            "CAST(0 AS DOUBLE) AS match_weight, CAST(0 AS DOUBLE) AS match_probability, '' AS match_rule "
            "FROM cleaned WHERE 1 = 0"
        )
        return engine.table("scored", no_pairs), 0
    duplicates = None if known is None else exact_duplicates_of(engine, model.name, model.settings, known)
    bits = matching.conf.clustering.keep_weight_bits
    scored = linkage.score(engine, model.settings, bits, known is not None, duplicates)
    return scored.pairs, scored.count


def _pairs_as_they_were(engine: Engine) -> Table:
    """Last night's pairs of accounts that are as they were."""
    unchanged = engine.table(
        "unchanged",
        "SELECT a.account_id AS unchanged FROM cleaned a "
        "LEFT JOIN changed c ON a.account_id = c.account_id WHERE c.account_id IS NULL",
    )
    return engine.table(
        "known_pairs",
        f"SELECT {PAIR_FIELDS} FROM pairs_before JOIN {unchanged} x ON account_id_left = x.unchanged "
        f"JOIN {unchanged} y ON account_id_right = y.unchanged",
    )


def exact_duplicates_of(engine: Engine, name: str, model: dict[str, Any], known: Table) -> Duplicates | None:
    """Changed accounts that equal a known one, where the pairs of known ones are tonight's model's; None without any.

    A value that became too common has gone from an account's fields: such an account is nobody's model.
    """
    if engine.fetch(f"SELECT 1 AS one FROM {known} WHERE model <> '{name}' LIMIT 1").num_rows:
        return None
    channels = engine.fetch("SELECT channel FROM sources ORDER BY channel")["channel"].to_pylist()
    unfit = "SELECT account_id FROM has_frequent_value"
    return exact_duplicates.of_changed(engine, model, channels, known, unfit)


def match_pairs_sql(pairs: Table, candidates: Table) -> str:
    """SQL of identity.match_pairs: the pairs, and which of them a steward should look at.

    Args:
        candidates: account_id_left, account_id_right, doubt, weight.
    """
    names = ", ".join(f"p.{name}" for name in PAIR_FIELDS.split(", "))
    return (
        f"SELECT {names}, d.doubt, d.weight AS doubt_bits FROM {pairs} p LEFT JOIN {candidates} d "
        "ON p.account_id_left = d.account_id_left AND p.account_id_right = d.account_id_right"
    )
