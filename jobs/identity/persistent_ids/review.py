"""What a steward should look at: pairs and customers that a look can decide, and what deciding would change.

Tables of the engine that it looks at: frequent_values, decisions, last_review (last night's queue), cleaned, and those
of review_order.py. What is decided does not come back: a decision takes the question away (groups.py).

People who plainly differ are no question, whatever they share: two given names, and two state numbers, births or
surnames. A customer of unusually many accounts is one, and so is an account that fits two that were set apart.
"""

from jobs.identity.grouping import key_trust, relatives
from jobs.identity.grouping.groups import WEAK
from jobs.identity.matching.engines import Table
from jobs.identity.persistent_ids import review_order
from jobs.identity.persistent_ids.scored_pairs import Matching, ScoredPairs
from jobs.identity.settings.identity import Settings

TOO_COMMON = " shared by too many accounts"
MANY = "unusually many accounts"
NEAR = "nearly matches"
SLIPS = 2  # edits between surnames that may be one
NEAR_BITS = 1.0  # below what joins: a pair that is one in three times right is worth a look


def frequent_value_reason(field: str) -> str:
    """Why a value is asked about."""
    return f"{field}{TOO_COMMON}"


def frequent_value_reason_of(column: str) -> str:
    """SQL of `crowd_reason`."""
    return f"concat({column}, '{TOO_COMMON}')"


def conflict_reason_of(column: str) -> str:
    """SQL: why two accounts are asked about that share a key and differ in given name or birth."""
    return f"concat(substr({column}, 5), ' shared, given names or births differ')"


def queue(matching: Matching, candidates: Table, assigned: Table, scored: ScoredPairs) -> Table:
    """One row per question, with what an answer is worth: first those where it is worth most.

    Args:
        candidates: account_id_left, account_id_right, doubt, weight (bits).
        assigned: account_id, customer_id.
        scored: tonight's pairs, and of its keys who shares one and is plainly somebody else.
    """
    engine = matching.engine
    sizes = engine.table("sizes", review_order.sizes(assigned))
    open_ = engine.table("open_candidates", _open(candidates, matching.conf, matching.columns))
    parts = [
        _of_candidates(open_, assigned, sizes),
        _of_conflicts(open_, scored.keys.conflicts, assigned, sizes),
        _of_near_misses(open_, scored.table, matching, assigned, sizes),
        _of_many_accounts(matching.conf, assigned, sizes),
        f"SELECT 'value', {frequent_value_reason_of('field')}, account_id, account_id, '', '', "
        "CAST(NULL AS DOUBLE), 'clean', CAST(accounts AS INT), 0 FROM frequent_values",
    ]
    questions = engine.table("questions", " UNION ALL ".join(parts))
    ranked = engine.table("ranked", review_order.ranked(questions, sizes))
    return engine.table(
        "review",
        f"""
        SELECT q.*, coalesce(a.since, DATE '{matching.run_date}') AS since FROM {ranked} q LEFT JOIN last_review a
        ON q.account_id_left = a.account_id_left AND q.account_id_right = a.account_id_right AND q.reason = a.reason
        WHERE q.priority <= {matching.conf.guards.review_most_items} ORDER BY q.priority""",
    )


def _open(candidates: Table, conf: Settings, columns: list[str]) -> str:
    """SQL: the candidates without people who plainly differ, as two facts of theirs say."""
    rules = [name for name, rule in conf.evidence.vetoes.items() if rule.is_on]
    named = ", ".join(f"'{reason}'" for reason in (*rules, relatives.GIVEN_NAMES))
    births = f"coalesce({key_trust.births_differ('l.birth', 'r.birth')}, 1 = 0)"
    numbers = "coalesce(d.doubt IN ('national_id', 'sex_and_birth'), 1 = 0)"
    families = f"coalesce(levenshtein(l.family, r.family) > {SLIPS}, 1 = 0)"
    identity = f"(SELECT account_id, {key_trust.identity_columns(columns)} FROM cleaned)"
    return (
        f"SELECT d.* FROM {candidates} d LEFT JOIN {identity} l ON d.account_id_left = l.account_id "
        f"LEFT JOIN {identity} r ON d.account_id_right = r.account_id WHERE NOT (d.doubt IN ({named}) "
        f"AND {key_trust.names_likeness()} = '{key_trust.DIFFERS}' AND ({births} OR {numbers} OR {families}))"
    )


def _of_candidates(candidates: Table, assigned: Table, sizes: Table) -> str:
    """SQL: pairs that did not join, and weak joins."""
    return f"""
        SELECT CASE WHEN d.doubt = '{WEAK}' THEN 'cluster' ELSE 'pair' END AS subject, d.doubt AS reason,
               d.account_id_left, d.account_id_right, l.customer_id AS customer_id_left,
               r.customer_id AS customer_id_right, d.weight AS match_weight,
               CASE WHEN d.doubt = '{WEAK}' THEN 'never' ELSE 'same' END AS change_if_decided,
               CAST(x.accounts + CASE WHEN l.customer_id = r.customer_id THEN 0 ELSE y.accounts END AS INT)
                   AS account_count,
               CASE WHEN l.customer_id = r.customer_id THEN 1 ELSE 2 END AS customer_count
        FROM {candidates} d JOIN {assigned} l ON d.account_id_left = l.account_id
        JOIN {assigned} r ON d.account_id_right = r.account_id
        JOIN {sizes} x ON l.customer_id = x.customer_id JOIN {sizes} y ON r.customer_id = y.customer_id"""


def _of_conflicts(candidates: Table, conflicts: Table, assigned: Table, sizes: Table) -> str:
    """SQL: holders of one key who differ."""
    return f"""
        SELECT 'pair', {conflict_reason_of("k.match_rule")}, k.account_id_left, k.account_id_right, l.customer_id,
               r.customer_id, CAST(NULL AS DOUBLE), 'same', CAST(x.accounts + y.accounts AS INT), 2
        FROM (SELECT account_id_left, account_id_right, min(match_rule) AS match_rule FROM {conflicts}
              GROUP BY account_id_left, account_id_right) k
        JOIN {assigned} l ON k.account_id_left = l.account_id JOIN {assigned} r ON k.account_id_right = r.account_id
        JOIN {sizes} x ON l.customer_id = x.customer_id JOIN {sizes} y ON r.customer_id = y.customer_id
        LEFT JOIN decisions d ON d.account_id_left = k.account_id_left AND d.account_id_right = k.account_id_right
            AND d.withdrawn_on IS NULL AND d.decision IN ('same', 'never')
        LEFT JOIN {candidates} t ON t.account_id_left = k.account_id_left AND t.account_id_right = k.account_id_right
        WHERE l.customer_id <> r.customer_id AND d.account_id_left IS NULL AND t.account_id_left IS NULL"""


def _of_near_misses(candidates: Table, pairs: Table, matching: Matching, assigned: Table, sizes: Table) -> str:
    """SQL: pairs a little too light to join whose given names do not differ."""
    joins = matching.conf.clustering.join_weight_bits
    identity = f"(SELECT account_id, {key_trust.identity_columns(matching.columns)} FROM cleaned)"
    same_pair = "{}.account_id_left = p.account_id_left AND {}.account_id_right = p.account_id_right"
    return f"""
        SELECT 'pair', '{NEAR}', p.account_id_left, p.account_id_right, l.customer_id, r.customer_id, p.match_weight,
               'same', CAST(x.accounts + y.accounts AS INT), 2
        FROM (SELECT * FROM {pairs} WHERE match_weight < {joins} AND match_weight >= {joins - NEAR_BITS}) p
        JOIN {assigned} l ON p.account_id_left = l.account_id JOIN {assigned} r ON p.account_id_right = r.account_id
        JOIN {sizes} x ON l.customer_id = x.customer_id JOIN {sizes} y ON r.customer_id = y.customer_id
        JOIN {identity} a ON p.account_id_left = a.account_id JOIN {identity} b ON p.account_id_right = b.account_id
        LEFT JOIN decisions d ON {same_pair.format("d", "d")} AND d.withdrawn_on IS NULL
            AND d.decision IN ('same', 'never')
        LEFT JOIN {candidates} t ON {same_pair.format("t", "t")}
        WHERE l.customer_id <> r.customer_id AND d.account_id_left IS NULL AND t.account_id_left IS NULL
              AND {key_trust.names_likeness("a", "b")} <> '{key_trust.DIFFERS}'"""


def _of_many_accounts(conf: Settings, assigned: Table, sizes: Table) -> str:
    """SQL: customers of unusually many accounts that no steward has confirmed; two of their accounts stand for all."""
    confirmed = (
        f"SELECT l.customer_id, count(*) AS links FROM decisions d JOIN {assigned} l ON d.account_id_left = "
        f"l.account_id JOIN {assigned} r ON d.account_id_right = r.account_id AND l.customer_id = r.customer_id "
        "WHERE d.withdrawn_on IS NULL AND d.decision = 'same' GROUP BY l.customer_id"
    )
    return f"""
        SELECT 'cluster', '{MANY}', s.first_account, s.last_account, s.customer_id, s.customer_id,
               CAST(NULL AS DOUBLE), 'never', CAST(s.accounts AS INT), 1
        FROM {sizes} s LEFT JOIN ({confirmed}) c ON s.customer_id = c.customer_id
        WHERE s.accounts >= {conf.guards.review_accounts_from} AND coalesce(c.links, 0) < s.accounts - 1"""
