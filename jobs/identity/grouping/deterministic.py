"""Keys that prove by themselves, each trusted so far, and values that are too common to prove anything."""

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa

from jobs.identity.grouping import key_trust
from jobs.identity.matching.engines import Engine, Table
from jobs.identity.settings.identity import Settings

ASKED_FROM_BITS = 3  # holders of a key of less trust who differ are neighbours, and no question
LEAST_HOLDERS = 3  # of a value whose holders say that it is nobody's


@dataclass(frozen=True)
class KeyEvidence:
    """What keys say of pairs: tables.

    pairs: account_id_left, account_id_right, match_rule, trust_bits, is_certain (0, 1) of the most trusted shared key.
    trust: match_rule, bits, bits_of_agreeing, is_certain, agree, differ (pairs of holders).
    conflicts: account_id_left, account_id_right, match_rule of holders who are plainly different people.
    """

    pairs: Table
    trust: Table
    conflicts: Table


def certain_rules(engine: Engine, trust: Table) -> list[str]:
    """The match rules of keys that are certain: declared so, and their holders do not say otherwise."""
    rows = engine.fetch(f"SELECT match_rule FROM {trust} WHERE is_certain = 1 ORDER BY match_rule")
    rules: list[str] = rows["match_rule"].to_pylist()
    return rules


def without_frequent_values(engine: Engine, accounts: Table, conf: Settings, columns: Collection[str]) -> None:
    """Make `cleaned` of all accounts, without values that are too common to prove anything, and tables of those.

    frequent_values: field, accounts, account_id (one of them). has_frequent_value: account_id of those that had one.
    A value that more accounts share than the conf allows (a shop's own phone) is no evidence for anybody, nor is one
    whose holders have all kinds of names (a word for "unknown", the mailbox of a firm): three or more, and at least
    half as many given names and family names as holders.
    """
    limits = dict(conf.guards.most_accounts_of_a_value)
    fields = [field for field in dict.fromkeys((*limits, *conf.evidence.keys)) if field in columns]
    counted = " UNION ALL ".join(_too_common(accounts, field, limits.get(field), columns) for field in fields)
    no_values = (
        f"SELECT '' AS field, '' AS value, CAST(0 AS BIGINT) AS accounts, '' AS account_id FROM {accounts} WHERE 1 = 0"
    )
    engine.make("frequent_values", counted or no_values)
    affected = [row["field"] for row in engine.fetch("SELECT DISTINCT field FROM frequent_values").to_pylist()]
    if affected:
        _make_cleaned(engine, accounts, affected, columns)
    else:
        engine.rename(accounts, "cleaned")
        engine.make("has_frequent_value", "SELECT account_id FROM cleaned WHERE 1 = 0")


def _make_cleaned(engine: Engine, accounts: Table, affected: Collection[str], columns: Collection[str]) -> None:
    marks = ", ".join(f"x_{f}.value AS frequent_{f}" for f in affected)
    joins = " ".join(
        f"LEFT JOIN (SELECT value FROM frequent_values WHERE field = '{f}') x_{f} ON c.{f} = x_{f}.value"
        for f in affected
    )
    marked = engine.table("marked", f"SELECT c.*, {marks} FROM {accounts} c {joins}")
    selected = [f"CASE WHEN frequent_{n} IS NULL THEN {n} END AS {n}" if n in affected else n for n in columns]
    engine.make("cleaned", f"SELECT {', '.join(selected)} FROM {marked}")
    has_any = " OR ".join(f"frequent_{field} IS NOT NULL" for field in affected)
    engine.make("has_frequent_value", f"SELECT account_id FROM {marked} WHERE {has_any}")
    engine.drop(marked, accounts)


def _too_common(accounts: Table, field: str, most: int | None, columns: Collection[str]) -> str:
    """SQL of the values of a field that prove nothing: field, value, accounts, account_id."""
    conditions = [f"count(*) > {most}"] if most is not None else []
    if {"given", "family"} <= set(columns):
        forms = [f"{name}_key" if f"{name}_key" in columns else name for name in ("given", "family")]
        several = [
            f"count(DISTINCT coalesce({form}, {name})) >= greatest({LEAST_HOLDERS}, count({name}) / 2.0)"
            for form, name in zip(forms, ("given", "family"), strict=True)
        ]
        conditions.append(" AND ".join(several))
    return (
        f"SELECT '{field}' AS field, {field} AS value, count(*) AS accounts, min(account_id) AS account_id "
        f"FROM {accounts} WHERE {field} IS NOT NULL GROUP BY {field} HAVING {' OR '.join(conditions) or '1 = 0'}"
    )


def key_evidence(engine: Engine, conf: Settings, columns: Collection[str], only_new: bool) -> KeyEvidence:
    """What keys say of the accounts that share them.

    Args:
        columns: of `cleaned`; keys that no export fills are left out.
        only_new: pairs of the accounts of the engine's table `changed` with all, instead of all with all.
    """
    keys = [name for name in conf.evidence.keys if name in columns]
    holders = engine.table("key_holders", _holders(conf, keys, columns))
    names = (
        f"(SELECT given_form AS given FROM (SELECT {key_trust.identity_columns(columns)} FROM cleaned) c "
        "WHERE given_form IS NOT NULL)"
    )
    trust = engine.table_of("key_trust", _trust_rows(key_trust.learned(engine, conf, keys, holders, names)))
    meetings = engine.table("key_meetings", _meetings(holders, "l.account_id < r.account_id"))
    conflicts = engine.table(
        "key_conflicts",
        f"SELECT DISTINCT account_id_left, account_id_right, match_rule FROM {meetings} "
        f"WHERE likeness = '{key_trust.DIFFERS}' AND match_rule IN ({_asked(conf, keys)})",
    )
    changed = " OR ".join(f"m.account_id_{side} IN (SELECT account_id FROM changed)" for side in ("left", "right"))
    pairs = engine.table(
        "key_pairs",
        f"""
        SELECT account_id_left, account_id_right, match_rule, trust_bits, is_certain FROM (
            SELECT p.*, row_number() OVER (PARTITION BY account_id_left, account_id_right
                ORDER BY is_certain DESC, trust_bits DESC, match_rule) AS turn FROM (
                SELECT DISTINCT m.account_id_left, m.account_id_right, m.match_rule, t.is_certain,
                       CASE WHEN m.likeness = '{key_trust.AGREES}' THEN t.bits_of_agreeing ELSE t.bits END AS trust_bits
                FROM {meetings} m JOIN {trust} t ON m.match_rule = t.match_rule
                WHERE m.likeness <> '{key_trust.DIFFERS}' AND ({changed if only_new else "1 = 1"})) p
            WHERE trust_bits >= {conf.clustering.keep_weight_bits}) ranked
        WHERE turn = 1""",
    )
    engine.drop(meetings, holders)
    return KeyEvidence(pairs, trust, conflicts)


def _asked(conf: Settings, keys: Collection[str]) -> str:
    """SQL: the rules of keys that are declared to say so much that holders who differ are a question."""
    trusts = {name: conf.evidence.keys[name].trust_bits for name in keys}
    asked = [name for name, bits in trusts.items() if bits == "certain" or bits >= ASKED_FROM_BITS]
    return ", ".join(f"'{key_trust.rule(name)}'" for name in asked) or "''"


def _holders(conf: Settings, keys: Collection[str], columns: Collection[str]) -> str:
    """SQL of accounts that share a value of a key: account_id, match_rule, value, holders, and who they are."""
    limits = conf.guards.most_accounts_of_a_value
    identity = key_trust.identity_columns(columns)
    parts = [
        f"SELECT c.account_id, '{key_trust.rule(name)}' AS match_rule, c.{name} AS value, s.holders, {identity} "
        f"FROM cleaned c JOIN (SELECT {name} AS shared, count(*) AS holders FROM cleaned WHERE {name} IS NOT NULL "
        f"GROUP BY {name} HAVING count(*) BETWEEN 2 AND {limits.get(name, conf.blocking.largest_block)}) s "
        f"ON c.{name} = s.shared WHERE c.record_hash IS NOT NULL"
        for name in keys
    ]
    no_key = "'' AS match_rule, '' AS value, CAST(0 AS BIGINT) AS holders"
    nobody = f"SELECT account_id, {no_key}, {identity} FROM cleaned WHERE 1 = 0"
    return " UNION ALL ".join(parts) or nobody


def _meetings(holders: str, apart: str) -> str:
    """SQL of pairs that share a value of a key: the two accounts, match_rule, likeness."""
    return (
        "SELECT l.account_id AS account_id_left, r.account_id AS account_id_right, l.match_rule, "
        f"{key_trust.likeness()} AS likeness FROM {holders} l JOIN {holders} r "
        f"ON l.match_rule = r.match_rule AND l.value = r.value AND {apart}"
    )


def _trust_rows(learned: Collection[key_trust.Trust]) -> pa.Table:
    return pa.table(
        {
            "match_rule": pa.array([key_trust.rule(t.key) for t in learned], pa.string()),
            "bits": pa.array([t.bits for t in learned], pa.float64()),
            "bits_of_agreeing": pa.array([t.bits_of_agreeing for t in learned], pa.float64()),
            "is_certain": pa.array([int(t.is_certain) for t in learned], pa.int32()),
            "agree": pa.array([t.holders_agree[0] for t in learned], pa.int64()),
            "differ": pa.array([t.holders_agree[1] for t in learned], pa.int64()),
        }
    )


def held(scored: Table, key_pairs: Table) -> str:
    """Pairs that the model scored and pairs that a key holds, as one query: a key gives at least its trust.

    Columns: account_id_left, account_id_right, match_rule, match_weight, match_probability.
    """
    by_key = "k.trust_bits IS NOT NULL AND (s.match_weight IS NULL OR s.match_weight < k.trust_bits)"
    return f"""
        SELECT coalesce(s.account_id_left, k.account_id_left) AS account_id_left,
               coalesce(s.account_id_right, k.account_id_right) AS account_id_right,
               CASE WHEN {by_key} OR k.is_certain = 1 THEN k.match_rule
                    ELSE s.match_rule END AS match_rule,
               CASE WHEN {by_key} THEN k.trust_bits ELSE s.match_weight END AS match_weight,
               CASE WHEN {by_key} THEN 1 / (1 + power(CAST(2 AS DOUBLE), -k.trust_bits))
                    ELSE s.match_probability END AS match_probability
        FROM {scored} s FULL OUTER JOIN {key_pairs} k
          ON s.account_id_left = k.account_id_left AND s.account_id_right = k.account_id_right"""
