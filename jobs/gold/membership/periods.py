"""Since when and until when each rule held for each customer: the new state of a history, from tonight's members.

One row of a history is one period: customer_id, name, valid_from, valid_to (validity.py), end_reason, rule_version,
rule_hash, evidence (what the rule saw when the period began), unbroken_since (the first night, also under an id that
was merged into this one or that this one was split off), rule_held_until (the first night the rule no longer held;
later than valid_to where a period ended by its valid_days), current_customer_id (whom the id leads to now). A night
reads the rows as the night before left them, so that it can be repeated.
"""

from collections.abc import Sequence
from datetime import date
from types import MappingProxyType

from jobs.gold.histories import validity

COLUMNS = MappingProxyType(
    {
        "customer_id": "STRING",
        "name": "STRING",
        "valid_from": "DATE",
        "valid_to": "DATE",
        "end_reason": "STRING",
        "rule_version": "STRING",
        "rule_hash": "STRING",
        "evidence": "STRING",
        "unbroken_since": "DATE",
        "rule_held_until": "DATE",
        "current_customer_id": "STRING",
    }
)
MOST_HOPS = 90  # of a chain of merges; Spark follows no more than 100
KEY = ("customer_id", "name", "valid_from")
ENDS = MappingProxyType({"valid_to": "valid_to", "end_reason": "valid_to", "rule_held_until": "rule_held_until"})
OWN_COLUMNS = tuple(name for name in COLUMNS if name != "current_customer_id")
OWN = ", ".join(OWN_COLUMNS)


def steps(run_date: date) -> dict[str, str]:
    """Named results, of which `state` is the history after tonight: COLUMNS.

    Over {history}, {now} (customer_id, name, evidence), {rules} (definitions.NAMED) and {ledger}
    (identity.customer_id_ledger).
    """
    return {
        "before": validity.as_left_sql(run_date, OWN_COLUMNS, ENDS),
        "origins": _origins(run_date),
        "watched": _watched(run_date),
        "opened": _opened(run_date),
        "leads": leads_sql(run_date),
        "state": f"""
            SELECT r.*, CASE WHEN l.customer_id IS NULL THEN r.customer_id ELSE l.living_id END AS current_customer_id
            FROM (SELECT {OWN} FROM {{before}} WHERE rule_held_until IS NOT NULL
                  UNION ALL SELECT {OWN} FROM {{watched}} UNION ALL SELECT {OWN} FROM {{opened}}) r
            LEFT JOIN {{leads}} l ON r.customer_id = l.customer_id""",
    }


def _origins(run_date: date) -> str:
    """Ids that, by tonight's ledger, went into a customer's (merged) or that theirs came out of (split, restored)."""
    tonight = f"FROM {{ledger}} WHERE run_date = DATE '{run_date}' AND event"
    return f"""
        SELECT DISTINCT other_customer_id AS customer_id, customer_id AS origin {tonight} = 'merged'
        UNION SELECT DISTINCT customer_id, other_customer_id AS origin {tonight} IN ('split', 'restored')"""


def _watched(run_date: date) -> str:
    """Rows whose rule held last night, with what became of them."""
    holds = (
        "n.customer_id IS NOT NULL AND k.closes = '' AND k.rule_hash = b.rule_hash "
        "AND NOT (k.begins_anew AND n.evidence IS DISTINCT FROM b.evidence)"
    )
    lapses = f"k.valid_days > 0 AND date_add(b.valid_from, k.valid_days) <= DATE '{run_date}'"
    return f"""
        SELECT customer_id, name, valid_from, CASE WHEN ends THEN DATE '{run_date}' ELSE valid_to END AS valid_to,
               CASE WHEN ends THEN reason ELSE end_reason END AS end_reason, rule_version, rule_hash, evidence,
               unbroken_since, CASE WHEN NOT holds THEN DATE '{run_date}' END AS rule_held_until,
               holds, valid_to IS NULL AS stood
        FROM (
            SELECT b.*, {holds} AS holds, b.valid_to IS NULL AND (NOT ({holds}) OR {lapses}) AS ends,
                   CASE WHEN k.name IS NULL THEN 'rule_withdrawn' WHEN k.closes <> '' THEN k.closes
                        WHEN k.rule_hash <> b.rule_hash THEN 'rule_changed'
                        WHEN g.event = 'merged' THEN 'customer_merged' WHEN g.event IS NOT NULL THEN 'customer_gone'
                        WHEN n.customer_id IS NULL THEN 'left'
                        WHEN NOT ({holds}) THEN 'evidence_changed' ELSE 'lapsed' END AS reason
            FROM {{before}} b LEFT JOIN {{rules}} k ON b.name = k.name
            LEFT JOIN {{now}} n ON b.customer_id = n.customer_id AND b.name = n.name
            LEFT JOIN (SELECT customer_id, max(event) AS event FROM {{ledger}} WHERE run_date = DATE '{run_date}'
                       AND event IN ('merged', 'retired', 'erased') GROUP BY customer_id) g
                   ON b.customer_id = g.customer_id
            WHERE b.rule_held_until IS NULL) judged"""


def _opened(run_date: date) -> str:
    """A period for everyone for whom a rule began to hold; unbroken where an id that they were part of had it."""
    day = f"DATE '{run_date}'"
    return f"""
        SELECT n.customer_id, n.name, {day} AS valid_from, CAST(NULL AS DATE) AS valid_to,
               CAST(NULL AS STRING) AS end_reason, k.rule_version, k.rule_hash, n.evidence,
               coalesce(o.unbroken_since, {day}) AS unbroken_since,
               CAST(NULL AS DATE) AS rule_held_until
        FROM {{now}} n JOIN {{rules}} k ON n.name = k.name AND k.closes = ''
        LEFT JOIN (SELECT customer_id, name FROM {{watched}} WHERE holds) w
               ON n.customer_id = w.customer_id AND n.name = w.name
        LEFT JOIN (
            SELECT o.customer_id, w.name, w.rule_hash, min(w.unbroken_since) AS unbroken_since
            FROM {{origins}} o JOIN {{watched}} w ON o.origin = w.customer_id
            WHERE w.stood GROUP BY o.customer_id, w.name, w.rule_hash) o
               ON n.customer_id = o.customer_id AND n.name = o.name AND k.rule_hash = o.rule_hash
        WHERE w.customer_id IS NULL"""


def leads_sql(run_date: date) -> str:
    """customer_id, living_id of every id that no longer lives: whom it leads to, NULL where it leads nowhere."""
    rank = (
        "CASE WHEN event IN ('created', 'split') THEN 0 WHEN event = 'restored' THEN 1 "
        "WHEN event = 'merged' THEN 2 ELSE 3 END"
    )
    return f"""
        WITH RECURSIVE last_events AS (
            SELECT customer_id, event, other_customer_id FROM (
                SELECT customer_id, event, other_customer_id, row_number() OVER (
                    PARTITION BY customer_id ORDER BY run_date DESC, {rank} DESC) AS turn
                FROM {{ledger}} WHERE event <> 'moved' AND run_date <= DATE '{run_date}') ranked WHERE turn = 1),
        gone AS (SELECT customer_id, CASE WHEN event = 'merged' THEN other_customer_id END AS target
                 FROM last_events WHERE event IN ('merged', 'retired', 'erased')),
        paths (customer_id, target, hops) AS (
            SELECT customer_id, target, 1 FROM gone
            UNION ALL SELECT p.customer_id, g.target, p.hops + 1 FROM paths p JOIN gone g ON p.target = g.customer_id
            WHERE p.hops < {MOST_HOPS})
        SELECT p.customer_id, max(CASE WHEN g.customer_id IS NULL THEN p.target END) AS living_id
        FROM paths p LEFT JOIN gone g ON p.target = g.customer_id GROUP BY p.customer_id"""


def changed_sql(kept: Sequence[str]) -> str:
    """The rows of {state} that {history} does not have so: what a night writes.

    Args:
        kept: the columns, beside KEY, that the history's table has.
    """
    return validity.changed_sql(KEY, kept)


def repeated_sql(run_date: date) -> str:
    """How many rows of {history} say something of this night or a later one."""
    return validity.repeated_sql(run_date, "valid_from", "valid_to", "rule_held_until")
