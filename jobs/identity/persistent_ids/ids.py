"""Persistent ids: which id each group of accounts keeps, and what the ledger must say about it.

SQL that both engines run. Tables of the engine that it looks at:
    cleaned     account_id, own_id, spare_id, ... of every account that exists
    previous    account_id, customer_id, arrived_on: last night's map
    ledger      customer_id, event, run_date: identity.customer_id_ledger so far
    decisions   account_id_left, decision, withdrawn_on: identity.steward_decisions
    moves       account_id, run_date, from_customer_id, event, fingerprint: identity.account_moves so far
    renumbered  old_key, new_key, customer_id, fingerprint: accounts that have another key tonight

An account that is gone (its record left a full list, or its export marks it as deleted) is retired with its day and
the fingerprint of who it was: if its key comes back, the same person gets the customer's id back, another does not.
"""

import re
from dataclasses import dataclass
from datetime import date

from jobs.identity.matching.engines import Engine, Table
from jobs.identity.persistent_ids.account_keys import is_another_person

JOINED = "('merged', 'moved')"  # an account that came this way has its history under another id
ENDED = "('retired', 'erased', 'renumbered')"  # events of an account that is gone


@dataclass(frozen=True)
class Assignment:
    """Tables of what a night makes of ids.

    accounts: account_id, cluster, customer_id, arrived_on, before_id.
    happened: customer_id, event, other_customer_id, account_count, account_id: what the ledger must say.
    moved: account_id, run_date, from_customer_id, to_customer_id ("" where the account is gone), event, fingerprint.
    """

    accounts: Table
    happened: Table
    moved: Table


def assign(engine: Engine, clusters: Table, run_date: date) -> Assignment:
    """Give each account its customer id, and say what became of ids.

    Args:
        clusters: account_id, cluster of the grouped accounts; the others are alone.

    On a merge the older id survives, then the larger, then the smaller text. On a split the part with most of the
    history keeps the id: with most accounts that were always its own, then with most accounts, then with the account
    that arrived first. A part that had an id of its own before a merge gets that one back; an account that comes back
    after its customer was retired, too. Any other new id comes from the founding account: the first to arrive whose
    own id no customer has. An id that was erased never returns.
    """
    steps = _kept_ids(run_date) | _new_ids(run_date) | _ledger_rows(run_date)
    named = re.compile(rf"\b(FROM|JOIN) ({'|'.join(('clusters', *steps))})\b")
    made = {"clusters": clusters}
    for name, sql in steps.items():
        made[name] = engine.table(name, named.sub(lambda use: f"{use[1]} {made[use[2]]}", sql))
    return Assignment(made["assigned"], made["happened"], made["moved"])


def _kept_ids(run_date: date) -> dict[str, str]:
    """Which groups keep an id of last night's."""
    return {
        "issued": """
            SELECT customer_id, max(CASE WHEN event = 'erased' THEN 1 ELSE 0 END) AS is_erased,
                   min(CASE WHEN event IN ('created', 'split') THEN run_date END) AS created_on
            FROM ledger GROUP BY customer_id""",
        "alive": "SELECT customer_id FROM previous GROUP BY customer_id",
        "last_move": f"""
            SELECT account_id, event FROM (SELECT *, row_number() OVER (
                PARTITION BY account_id ORDER BY run_date DESC) AS turn FROM moves WHERE event NOT IN {ENDED}) ranked
            WHERE turn = 1""",
        "strangers": f"""
            SELECT c.account_id FROM cleaned c LEFT JOIN previous b ON c.account_id = b.account_id JOIN (
                SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY run_date DESC) AS turn FROM moves
                WHERE event IN {ENDED}) p ON c.account_id = p.account_id AND p.turn = 1
            WHERE b.account_id IS NULL AND {is_another_person("p", "c")}""",
        "members": f"""
            SELECT a.account_id, a.own_id, a.spare_id, coalesce(c.cluster, a.account_id) AS cluster,
                   p.customer_id AS before_id, coalesce(p.arrived_on, DATE '{run_date}') AS arrived_on,
                   CASE WHEN v.event IN {JOINED} THEN 0 ELSE 1 END AS is_native,
                   CASE WHEN s.account_id IS NULL THEN 0 ELSE 1 END AS is_stranger
            FROM cleaned a LEFT JOIN clusters c ON a.account_id = c.account_id
            LEFT JOIN previous p ON a.account_id = p.account_id LEFT JOIN last_move v ON a.account_id = v.account_id
            LEFT JOIN strangers s ON a.account_id = s.account_id""",
        "claims": """
            SELECT m.cluster, m.before_id, sum(m.is_native) AS natives, count(*) AS accounts,
                   min(m.arrived_on) AS since, min(m.account_id) AS first_account,
                   min(coalesce(i.created_on, m.arrived_on)) AS created_on
            FROM members m LEFT JOIN issued i ON m.before_id = i.customer_id
            WHERE m.before_id IS NOT NULL GROUP BY m.cluster, m.before_id""",
        "entitled": """
            SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY before_id
                ORDER BY natives DESC, accounts DESC, since, first_account) AS claim FROM claims) ranked
            WHERE claim = 1""",
        "kept": """
            SELECT cluster, before_id AS customer_id FROM (SELECT *, row_number() OVER (PARTITION BY cluster
                ORDER BY created_on, accounts DESC, before_id) AS age FROM entitled) ranked WHERE age = 1""",
    }


def _new_ids(run_date: date) -> dict[str, str]:
    """Ids of the other groups: one from before a merge, or a new one."""
    return {
        "formerly": """
            SELECT m.cluster, v.from_customer_id AS customer_id, count(DISTINCT m.account_id) AS accounts,
                   max(v.run_date) AS left_on, min(m.account_id) AS first_account
            FROM members m JOIN moves v ON m.account_id = v.account_id
            LEFT JOIN kept k ON m.cluster = k.cluster LEFT JOIN alive l ON v.from_customer_id = l.customer_id
            LEFT JOIN issued i ON v.from_customer_id = i.customer_id
            WHERE k.cluster IS NULL AND l.customer_id IS NULL AND coalesce(i.is_erased, 0) = 0 AND m.is_stranger = 0
            GROUP BY m.cluster, v.from_customer_id""",
        "successors": """
            SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY customer_id
                ORDER BY accounts DESC, left_on DESC, first_account) AS claim FROM formerly) ranked WHERE claim = 1""",
        "regained": """
            SELECT cluster, customer_id, first_account FROM (SELECT *, row_number() OVER (PARTITION BY cluster
                ORDER BY accounts DESC, left_on DESC, customer_id) AS turn FROM successors) ranked WHERE turn = 1""",
        "candidates_of_own": """
            SELECT m.cluster, m.account_id, m.arrived_on, m.own_id, m.spare_id, i.customer_id AS issued_id,
                   CASE WHEN l.customer_id IS NULL AND g.customer_id IS NULL AND coalesce(i.is_erased, 0) = 0
                             AND (m.is_stranger = 0 OR i.customer_id IS NULL) THEN 0 ELSE 1 END AS is_taken
            FROM members m LEFT JOIN issued i ON m.own_id = i.customer_id LEFT JOIN alive l ON m.own_id = l.customer_id
            LEFT JOIN regained g ON m.own_id = g.customer_id
            LEFT JOIN kept k ON m.cluster = k.cluster LEFT JOIN regained r ON m.cluster = r.cluster
            WHERE k.cluster IS NULL AND r.cluster IS NULL""",
        "founders": """
            SELECT cluster, account_id, CASE WHEN is_taken = 0 THEN own_id ELSE spare_id END AS customer_id,
                   CASE WHEN is_taken = 0 AND issued_id IS NOT NULL THEN 1 ELSE 0 END AS is_restored
            FROM (SELECT *, row_number() OVER (PARTITION BY cluster ORDER BY is_taken, arrived_on, account_id) AS turn
                  FROM candidates_of_own) ranked WHERE turn = 1
            UNION ALL SELECT cluster, first_account, customer_id, 1 FROM regained""",
        "assigned": """
            SELECT m.account_id, m.cluster, coalesce(k.customer_id, f.customer_id) AS customer_id, m.arrived_on,
                   m.before_id
            FROM members m LEFT JOIN kept k ON m.cluster = k.cluster LEFT JOIN founders f ON m.cluster = f.cluster""",
    }


def _ledger_rows(run_date: date) -> dict[str, str]:
    """One row of the ledger for each id that begins or ends and for each way that accounts went."""
    return {
        "origins": """
            SELECT cluster, before_id FROM (SELECT *, row_number() OVER (PARTITION BY cluster
                ORDER BY accounts DESC, since, first_account) AS turn FROM claims) ranked WHERE turn = 1""",
        "ways": """
            SELECT before_id, customer_id, count(*) AS account_count FROM assigned
            WHERE before_id <> customer_id GROUP BY before_id, customer_id""",
        "begun": """
            SELECT f.customer_id, CASE WHEN f.is_restored = 1 THEN 'restored' WHEN o.before_id IS NULL THEN 'created'
                   ELSE 'split' END AS event, coalesce(o.before_id, '') AS other_customer_id, f.account_id,
                   coalesce(w.account_count, n.accounts) AS account_count
            FROM founders f JOIN (SELECT cluster, count(*) AS accounts FROM members GROUP BY cluster) n
              ON f.cluster = n.cluster
            LEFT JOIN origins o ON f.cluster = o.cluster
            LEFT JOIN ways w ON w.before_id = o.before_id AND w.customer_id = f.customer_id""",
        "heading": """
            SELECT w.before_id, w.customer_id, w.account_count,
                   CASE WHEN b.event IS NOT NULL THEN b.event WHEN e.cluster IS NOT NULL AND s.customer_id IS NULL
                        THEN 'merged' ELSE 'moved' END AS event
            FROM ways w LEFT JOIN begun b ON w.customer_id = b.customer_id AND w.before_id = b.other_customer_id
            LEFT JOIN (SELECT DISTINCT customer_id FROM assigned) s ON w.before_id = s.customer_id
            LEFT JOIN (SELECT t.before_id, t.cluster, a.customer_id FROM entitled t
                       JOIN (SELECT DISTINCT cluster, customer_id FROM assigned) a ON t.cluster = a.cluster) e
              ON w.before_id = e.before_id AND w.customer_id = e.customer_id""",
        "happened": """
            SELECT customer_id, event, other_customer_id, account_count, account_id FROM begun
            UNION ALL SELECT before_id, event, customer_id, account_count, CAST(NULL AS STRING) FROM heading
            WHERE event IN ('merged', 'moved')
            UNION ALL SELECT p.customer_id, CASE WHEN count(e.account_id) > 0 THEN 'erased' ELSE 'retired' END, '',
                             count(*), CAST(NULL AS STRING)
            FROM previous p LEFT JOIN (SELECT DISTINCT before_id FROM members) m ON p.customer_id = m.before_id
            LEFT JOIN (SELECT DISTINCT account_id_left AS account_id FROM decisions
                       WHERE decision = 'erase' AND withdrawn_on IS NULL) e ON p.account_id = e.account_id
            WHERE m.before_id IS NULL GROUP BY p.customer_id""",
        "moved": f"""
            SELECT a.account_id, DATE '{run_date}' AS run_date, a.before_id AS from_customer_id,
                   a.customer_id AS to_customer_id, h.event, CAST(NULL AS STRING) AS fingerprint
            FROM assigned a JOIN heading h ON a.before_id = h.before_id AND a.customer_id = h.customer_id
            UNION ALL SELECT p.account_id, DATE '{run_date}', p.customer_id, '',
                             CASE WHEN e.account_id IS NULL THEN 'retired' ELSE 'erased' END, p.fingerprint
            FROM previous p LEFT JOIN cleaned c ON p.account_id = c.account_id
            LEFT JOIN (SELECT DISTINCT account_id_left AS account_id FROM decisions
                       WHERE decision = 'erase' AND withdrawn_on IS NULL) e ON p.account_id = e.account_id
            WHERE c.account_id IS NULL
            UNION ALL SELECT r.old_key, DATE '{run_date}', r.customer_id, a.customer_id, 'renumbered', r.fingerprint
            FROM renumbered r JOIN assigned a ON r.new_key = a.account_id""",
    }
