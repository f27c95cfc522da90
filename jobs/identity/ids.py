"""Ids that last: which id each group of accounts keeps, and what the ledger must say about it.

SQL that both lanes run. Tables of the lane:
    cleaned     account_id, own_id, spare_id, record_hash, ... of every account that exists
    clusters    account_id, cluster: the grouped accounts (the others are alone)
    previous    account_id, customer_id, arrived_on: last night's map
    issued      customer_id, created_on: every id ever issued
"""

from datetime import date

from jobs.identity.lanes import Lane


def assign(lane: Lane, run_date: date) -> None:
    """Make `assigned` (account_id, cluster, customer_id, arrived_on) and `events` (the ledger's new rows).

    On a merge the older id survives, then the larger, then the smaller text. On a split the part with most of the
    accounts keeps the id, then the part with the account that arrived first. A new id comes from the founding account:
    the first to arrive whose own id was never issued.
    """
    for table, sql in _steps(run_date).items():
        lane.make(table, sql)


def _steps(run_date: date) -> dict[str, str]:
    return {
        "members": f"""
            SELECT a.account_id, a.own_id, a.spare_id, coalesce(c.cluster, a.account_id) AS cluster,
                   p.customer_id AS before_id, coalesce(p.arrived_on, DATE '{run_date}') AS arrived_on
            FROM cleaned a LEFT JOIN clusters c ON a.account_id = c.account_id
            LEFT JOIN previous p ON a.account_id = p.account_id""",
        "claims": """
            SELECT m.cluster, m.before_id, count(*) AS accounts, min(m.arrived_on) AS since,
                   min(m.account_id) AS first_account, min(coalesce(i.created_on, m.arrived_on)) AS created_on
            FROM members m LEFT JOIN issued i ON m.before_id = i.customer_id
            WHERE m.before_id IS NOT NULL GROUP BY m.cluster, m.before_id""",
        "entitled": """
            SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY before_id
                ORDER BY accounts DESC, since, first_account) AS claim FROM claims) ranked WHERE claim = 1""",
        "kept": """
            SELECT cluster, before_id AS customer_id FROM (SELECT *, row_number() OVER (PARTITION BY cluster
                ORDER BY created_on, accounts DESC, before_id) AS age FROM entitled) ranked WHERE age = 1""",
        "founders": """
            SELECT cluster, customer_id FROM (
                SELECT m.cluster, CASE WHEN i.customer_id IS NULL THEN m.own_id ELSE m.spare_id END AS customer_id,
                       row_number() OVER (PARTITION BY m.cluster ORDER BY
                           CASE WHEN i.customer_id IS NULL THEN 0 ELSE 1 END, m.arrived_on, m.account_id) AS turn
                FROM members m LEFT JOIN issued i ON m.own_id = i.customer_id
                LEFT JOIN kept k ON m.cluster = k.cluster WHERE k.cluster IS NULL) ranked WHERE turn = 1""",
        "assigned": """
            SELECT m.account_id, m.cluster, coalesce(k.customer_id, f.customer_id) AS customer_id, m.arrived_on
            FROM members m LEFT JOIN kept k ON m.cluster = k.cluster LEFT JOIN founders f ON m.cluster = f.cluster""",
        "successors": """
            SELECT before_id, customer_id FROM (SELECT c.before_id, a.customer_id, row_number() OVER (
                PARTITION BY c.before_id ORDER BY c.accounts DESC, c.since, c.first_account) AS turn
            FROM claims c JOIN (SELECT DISTINCT cluster, customer_id FROM assigned) a ON c.cluster = a.cluster) ranked
            WHERE turn = 1""",
        "origins": """
            SELECT cluster, before_id FROM (SELECT *, row_number() OVER (PARTITION BY cluster
                ORDER BY accounts DESC, since, first_account) AS turn FROM claims) ranked WHERE turn = 1""",
        "events": f"""
            SELECT f.customer_id, CASE WHEN o.before_id IS NULL THEN 'created' ELSE 'split' END AS event,
                   coalesce(o.before_id, '') AS other_customer_id, DATE '{run_date}' AS run_date,
                   CASE WHEN o.before_id IS NULL THEN 'first account of a new customer'
                        ELSE 'its accounts no longer hold together with the rest' END AS reason
            FROM founders f LEFT JOIN origins o ON f.cluster = o.cluster
            UNION ALL
            SELECT s.before_id, 'merged', s.customer_id, DATE '{run_date}', 'the same person as an older customer'
            FROM successors s WHERE s.before_id <> s.customer_id
            UNION ALL
            SELECT DISTINCT p.customer_id, 'retired', '', DATE '{run_date}', 'none of its accounts exists any more'
            FROM previous p LEFT JOIN claims c ON p.customer_id = c.before_id WHERE c.before_id IS NULL""",
    }  # fmt: skip
