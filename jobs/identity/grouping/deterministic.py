"""Keys that prove by themselves, each trusted so far, and values that are too common to prove anything.

Tables of the lane: `cleaned` and `scored` (by the model) in; `crowds` (too common values) and `key_pairs` out.
"""

from collections.abc import Collection

from jobs.identity.matching.lanes import Lane
from jobs.identity.settings.identity import Settings


def rule(key: str) -> str:
    """The match rule of a pair that a key holds."""
    return f"key {key}"


def certain_rules(conf: Settings) -> list[str]:
    """The match rules of keys that are beyond doubt."""
    return [rule(name) for name, key in conf.evidence.keys.items() if key.trust_bits == "certain"]


def without_crowds(lane: Lane, conf: Settings, columns: Collection[str]) -> None:
    """Make `crowds` (field, accounts, account_id: one of them), take their values out of `cleaned`, and make
    `in_crowds` (account_id) of those that had one.

    A value that more accounts share than the conf allows (a shop's own phone) is no evidence for anybody.
    """
    limits = {field: most for field, most in conf.guards.most_accounts_of_a_value.items() if field in columns}
    counted = " UNION ALL ".join(
        f"SELECT '{field}' AS field, {field} AS value, count(*) AS accounts, min(account_id) AS account_id "
        f"FROM cleaned WHERE {field} IS NOT NULL GROUP BY {field} HAVING count(*) > {most}"
        for field, most in limits.items()
    )
    nothing = (
        "SELECT '' AS field, '' AS value, CAST(0 AS BIGINT) AS accounts, '' AS account_id FROM cleaned WHERE 1 = 0"
    )
    lane.make("crowds", counted or nothing)
    lane.make("in_crowds", "SELECT account_id FROM cleaned WHERE 1 = 0")
    found = [row["field"] for row in lane.fetch("SELECT DISTINCT field FROM crowds").to_pylist()]
    if found:
        kept = ", ".join(f"x_{f}.value AS crowd_{f}" for f in found)
        joins = " ".join(
            f"LEFT JOIN (SELECT value FROM crowds WHERE field = '{f}') x_{f} ON c.{f} = x_{f}.value" for f in found
        )
        lane.make("crowded", f"SELECT c.*, {kept} FROM cleaned c {joins}")
        told = [f"CASE WHEN crowd_{n} IS NULL THEN {n} END AS {n}" if n in found else n for n in columns]
        lane.make("cleaned", f"SELECT {', '.join(told)} FROM crowded")
        had_one = " OR ".join(f"crowd_{field} IS NOT NULL" for field in found)
        lane.make("in_crowds", f"SELECT account_id FROM crowded WHERE {had_one}")


def make_key_pairs(lane: Lane, conf: Settings, columns: Collection[str], only_new: bool) -> None:
    """Make `key_pairs`: account_id_left, account_id_right, match_rule, trust_bits of the most trusted shared key.

    Args:
        columns: of `cleaned`; keys that no export fills are left out.
        only_new: the accounts of the lane's table `changed` with all, instead of all with all.
    """
    limits = conf.guards.most_accounts_of_a_value
    parts = []
    for name, key in conf.evidence.keys.items():
        if name in columns:
            bits = conf.clustering.most_weight_bits if key.trust_bits == "certain" else key.trust_bits
            most = f" HAVING count(*) BETWEEN 2 AND {limits.get(name, conf.blocking.largest_block)}"
            shared = f"SELECT {name} FROM cleaned WHERE {name} IS NOT NULL GROUP BY {name}{most}"
            parts.append(
                f"SELECT c.account_id, '{rule(name)}' AS match_rule, CAST({bits} AS DOUBLE) AS trust_bits, "
                f"c.{name} AS value FROM cleaned c JOIN ({shared}) s ON c.{name} = s.{name} "
                "WHERE c.record_hash IS NOT NULL"
            )
    nothing = (
        "SELECT account_id, '' AS match_rule, CAST(0 AS DOUBLE) AS trust_bits, '' AS value FROM cleaned WHERE 1 = 0"
    )
    lane.make("key_holders", " UNION ALL ".join(parts) or nothing)
    left = (
        "(SELECT k.* FROM key_holders k JOIN changed c ON k.account_id = c.account_id)" if only_new else "key_holders"
    )
    apart = "l.account_id <> r.account_id" if only_new else "l.account_id < r.account_id"
    lane.make(
        "key_pairs",
        f"""
        SELECT account_id_left, account_id_right, match_rule, trust_bits FROM (
            SELECT *, row_number() OVER (PARTITION BY account_id_left, account_id_right
                ORDER BY trust_bits DESC, match_rule) AS turn FROM (
                SELECT least(l.account_id, r.account_id) AS account_id_left,
                       greatest(l.account_id, r.account_id) AS account_id_right, l.match_rule, l.trust_bits
                FROM {left} l JOIN key_holders r
                  ON l.match_rule = r.match_rule AND l.value = r.value AND {apart}) met) ranked
        WHERE turn = 1""",
    )


def held(conf: Settings) -> str:
    """Pairs that the model scored and pairs that a key holds, as one query: a key gives at least its trust.

    Columns: account_id_left, account_id_right, match_rule, match_weight, match_probability.
    """
    by_key = "k.trust_bits IS NOT NULL AND (s.match_weight IS NULL OR s.match_weight < k.trust_bits)"
    certain = ", ".join(f"'{name}'" for name in certain_rules(conf)) or "''"
    return f"""
        SELECT coalesce(s.account_id_left, k.account_id_left) AS account_id_left,
               coalesce(s.account_id_right, k.account_id_right) AS account_id_right,
               CASE WHEN {by_key} OR k.match_rule IN ({certain}) THEN k.match_rule
                    ELSE s.match_rule END AS match_rule,
               CASE WHEN {by_key} THEN k.trust_bits ELSE s.match_weight END AS match_weight,
               CASE WHEN {by_key} THEN 1 / (1 + power(CAST(2 AS DOUBLE), -k.trust_bits))
                    ELSE s.match_probability END AS match_probability
        FROM scored s FULL OUTER JOIN key_pairs k
          ON s.account_id_left = k.account_id_left AND s.account_id_right = k.account_id_right"""
