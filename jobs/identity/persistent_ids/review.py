"""What a steward should look at: pairs and customers that a look can decide, and what deciding would change.

Tables of the engine that it looks at: frequent_values, decisions, and last_review (last night's queue). What is decided
does not come back: a decision takes the question away (groups.py).
"""

from jobs.identity.grouping.groups import WEAK
from jobs.identity.matching.engines import Table
from jobs.identity.persistent_ids.scored_pairs import Matching

TOO_COMMON = " shared by too many accounts"


def frequent_value_reason(field: str) -> str:
    """Why a value is asked about."""
    return f"{field}{TOO_COMMON}"


def frequent_value_reason_of(column: str) -> str:
    """SQL of `crowd_reason`."""
    return f"concat({column}, '{TOO_COMMON}')"


def conflict_reason_of(column: str) -> str:
    """SQL: why two accounts are asked about that share a key and differ in given name or birth."""
    return f"concat(substr({column}, 5), ' shared, given names or births differ')"


def queue(matching: Matching, candidates: Table, assigned: Table, conflicts: Table) -> Table:
    """One row per question, the ones that touch most accounts first where there are too many.

    Args:
        candidates: account_id_left, account_id_right, doubt, weight (bits).
        assigned: account_id, customer_id.
        conflicts: account_id_left, account_id_right, match_rule: they share a key and are plainly different people.
    """
    engine = matching.engine
    sizes = engine.table("sizes", f"SELECT customer_id, count(*) AS accounts FROM {assigned} GROUP BY customer_id")
    questions = engine.table(
        "questions",
        f"""
        SELECT CASE WHEN d.doubt = '{WEAK}' THEN 'cluster' ELSE 'pair' END AS subject, d.doubt AS reason,
               d.account_id_left, d.account_id_right, l.customer_id AS customer_id_left,
               r.customer_id AS customer_id_right, d.weight AS match_weight,
               CASE WHEN d.doubt = '{WEAK}' THEN 'never' ELSE 'same' END AS change_if_decided,
               CAST(x.accounts + CASE WHEN l.customer_id = r.customer_id THEN 0 ELSE y.accounts END AS INT)
                   AS account_count,
               CASE WHEN l.customer_id = r.customer_id THEN 1 ELSE 2 END AS customer_count
        FROM {candidates} d JOIN {assigned} l ON d.account_id_left = l.account_id
        JOIN {assigned} r ON d.account_id_right = r.account_id
        JOIN {sizes} x ON l.customer_id = x.customer_id JOIN {sizes} y ON r.customer_id = y.customer_id
        UNION ALL
        SELECT 'pair', {conflict_reason_of("k.match_rule")}, k.account_id_left, k.account_id_right, l.customer_id,
               r.customer_id, CAST(NULL AS DOUBLE), 'same', CAST(x.accounts + y.accounts AS INT), 2
        FROM (SELECT account_id_left, account_id_right, min(match_rule) AS match_rule FROM {conflicts}
              GROUP BY account_id_left, account_id_right) k
        JOIN {assigned} l ON k.account_id_left = l.account_id JOIN {assigned} r ON k.account_id_right = r.account_id
        JOIN {sizes} x ON l.customer_id = x.customer_id JOIN {sizes} y ON r.customer_id = y.customer_id
        LEFT JOIN decisions d ON d.account_id_left = k.account_id_left AND d.account_id_right = k.account_id_right
            AND d.withdrawn_on IS NULL AND d.decision IN ('same', 'never')
        LEFT JOIN {candidates} t ON t.account_id_left = k.account_id_left AND t.account_id_right = k.account_id_right
        WHERE l.customer_id <> r.customer_id AND d.account_id_left IS NULL AND t.account_id_left IS NULL
        UNION ALL
        SELECT 'value', {frequent_value_reason_of("field")}, account_id, account_id,
               '', '', CAST(NULL AS DOUBLE), 'clean', CAST(accounts AS INT), 0 FROM frequent_values""",
    )
    return engine.table(
        "review",
        f"""
        SELECT q.*, coalesce(a.since, DATE '{matching.run_date}') AS since FROM {questions} q LEFT JOIN last_review a
        ON q.account_id_left = a.account_id_left AND q.account_id_right = a.account_id_right AND q.reason = a.reason
        ORDER BY q.account_count DESC, q.reason, q.account_id_left, q.account_id_right
        LIMIT {matching.conf.guards.review_most_items}""",
    )
