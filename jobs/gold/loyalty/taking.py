"""Which points are taken: the oldest first, whatever is burned, taken back or expires; and which are owed.

A customer's points lie in a row, oldest first, so that lot i ends at place E(i). Points do not expire before older
ones, so what has expired by a day is the beginning of the row up to X(day). A demand of b points takes those after
max(C, X), where C is the place up to which earlier demands took: C(k) = max(C(k-1), X(k)) + b(k), which is
B(k) + max(0, X(j) - B(j-1) for j up to k) with B the running sum of demands: two running sums and a running maximum,
however many demands. What is demanded beyond the row's end is owed, and taken from the next points.
"""

from datetime import date

from jobs.gold.loyalty.movements import expires_sql
from jobs.gold.settings.loyalty import Settings

OWED = "owed "  # before a movement's id: the lot of what it has not found
IN_ORDER = "PARTITION BY customer_id ORDER BY day, turn, movement_id, is_old DESC, by_account_id, event"
SO_FAR = f"({IN_ORDER} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
KEY = "customer_id, account_id, lot_id, movement_id, by_account_id, event, event_date, earned_on, expires_on"


def steps(settings: Settings, run_date: date) -> dict[str, str]:
    """Named steps to {entries}, over {history}, {movements} and {customer_map}: all that tonight posts."""
    return {
        "held": held_sql(),
        "added": f"""
            SELECT v.movement_id, v.by_account_id, m.customer_id, v.event, v.event_date, v.points, v.amount_cents,
                   coalesce(v.told_expires_on, {expires_sql(settings, "v.event_date")}) AS expires_on
            FROM {{movements}} v JOIN {{customer_map}} m ON m.account_id = v.by_account_id""",
        "lots": lots_sql(),
        "demands": demands_sql(),
        "taken": taken_sql(run_date),
        "allocated": """
            SELECT t.customer_id, t.movement_id, t.by_account_id, t.event, t.day, t.is_old, t.amount_cents,
                   l.lot_id, l.account_id, l.earned_on, l.expires_on,
                   least(t.taken_to, l.upto) - greatest(t.taken_from, l.upto - l.points) AS points
            FROM {taken} t JOIN {lots} l ON l.customer_id = t.customer_id AND t.taken_from < l.upto
                 AND t.taken_to > l.upto - l.points""",
        "entries": entries_sql(run_date),
    }


def held_sql() -> str:
    """What earlier nights left of each lot, under the customer of then and of now; what is owed is below zero."""
    return """
    SELECT h.lot_id, h.account_id, h.customer_id AS former_id, coalesce(m.customer_id, h.customer_id) AS customer_id,
           h.earned_on, h.expires_on, h.points
    FROM (SELECT lot_id, account_id, customer_id, min(earned_on) AS earned_on, min(expires_on) AS expires_on,
                 CAST(sum(points) AS BIGINT) AS points
          FROM {history} GROUP BY lot_id, account_id, customer_id HAVING sum(points) <> 0) h
    LEFT JOIN {customer_map} m ON m.account_id = h.account_id"""


def lots_sql() -> str:
    """Each customer's points in a row: what is held and what comes, with the place of the end and the day they go."""
    so_far = "(PARTITION BY customer_id ORDER BY earned_on, lot_id, account_id ROWS UNBOUNDED PRECEDING)"
    return f"""
    SELECT customer_id, lot_id, account_id, earned_on, expires_on, points,
           CAST(sum(points) OVER {so_far} AS BIGINT) AS upto,
           max(coalesce(expires_on, DATE '9999-12-31')) OVER {so_far} AS gone_on
    FROM (SELECT customer_id, lot_id, account_id, min(earned_on) AS earned_on, min(expires_on) AS expires_on,
                 CAST(sum(points) AS BIGINT) AS points
          FROM (SELECT customer_id, lot_id, account_id, earned_on, expires_on, points FROM {{held}} WHERE points > 0
                UNION ALL
                SELECT customer_id, movement_id, by_account_id, event_date, expires_on, points
                FROM {{added}} WHERE points > 0) each_one
          GROUP BY customer_id, lot_id, account_id) whole"""


def demands_sql() -> str:
    """What takes points: tonight's movements, and what is owed from before."""
    place = len(OWED) + 1
    return f"""
    SELECT customer_id, movement_id, by_account_id, event, event_date AS day, -points AS points, false AS is_old,
           amount_cents FROM {{added}} WHERE points < 0
    UNION ALL
    SELECT customer_id, substring(lot_id, {place}), account_id,
           CASE WHEN substring(lot_id, {place}) LIKE 'order:%' THEN 'take_back'
                WHEN substring(lot_id, {place}) LIKE 'expire:%' THEN 'expire'
                WHEN substring(lot_id, {place}) LIKE 'adjust:%' THEN 'adjust' ELSE 'burn' END,
           earned_on, -points, true, CAST(NULL AS BIGINT) FROM {{held}} WHERE points < 0"""


def taken_sql(run_date: date) -> str:
    """The demands, each with the places from and up to which it takes of its customer's row."""
    return f"""
    SELECT customer_id, movement_id, by_account_id, event, day, is_old, amount_cents, points,
           CAST(demanded + greatest(0, pushed) - points AS BIGINT) AS taken_from,
           CAST(demanded + greatest(0, pushed) AS BIGINT) AS taken_to
    FROM (
        SELECT *, max(CASE WHEN turn = 1 THEN gone - (demanded - points) END) OVER {SO_FAR} AS pushed
        FROM (
            SELECT *, sum(points) OVER {SO_FAR} AS demanded, max(gone_upto) OVER {SO_FAR} AS gone
            FROM (
                SELECT customer_id, movement_id, by_account_id, event, day, is_old, amount_cents, points, 1 AS turn,
                       CAST(0 AS BIGINT) AS gone_upto FROM {{demands}}
                UNION ALL
                SELECT customer_id, '', '', '', gone_on, false, CAST(NULL AS BIGINT), CAST(0 AS BIGINT), 0, upto
                FROM {{lots}} WHERE gone_on <= DATE '{run_date}'
            ) times
        ) summed
    ) placed WHERE turn = 1"""


def entries_sql(run_date: date) -> str:
    """All entries of tonight: moves between customers, what comes, is taken, owed, expires, and what moved nothing."""
    parts = (
        _moved_sql(run_date, "h.former_id", "-"),
        _moved_sql(run_date, "h.customer_id", ""),
        """SELECT customer_id, by_account_id, movement_id, movement_id, by_account_id, event, event_date, event_date,
                  expires_on, points, amount_cents FROM {added} WHERE points > 0""",
        """SELECT a.customer_id, a.account_id, a.lot_id, a.movement_id, a.by_account_id, a.event, a.day, a.earned_on,
                  a.expires_on, -a.points, a.amount_cents FROM {allocated} a""",
        f"""SELECT a.customer_id, a.by_account_id, concat('{OWED}', a.movement_id), a.movement_id, a.by_account_id,
                   a.event, a.day, a.day, CAST(NULL AS DATE), a.points, CAST(NULL AS BIGINT)
            FROM {{allocated}} a WHERE a.is_old""",
        _owed_sql(),
        _expired_sql(run_date),
    )
    return f"""
    SELECT {KEY}, CAST(sum(points) AS BIGINT) AS points, max(amount_cents) AS amount_cents
    FROM ({" UNION ALL ".join(parts)}) posted GROUP BY {KEY} HAVING sum(points) <> 0
    UNION ALL
    SELECT customer_id, by_account_id, movement_id, movement_id, by_account_id, event, event_date, event_date,
           expires_on, points, amount_cents FROM {{added}} WHERE points = 0"""


def _moved_sql(run_date: date, whose: str, sign: str) -> str:
    """What is left of lots whose account has another customer now: a split where the former one goes on without it."""
    return f"""
    SELECT {whose} AS customer_id, h.account_id, h.lot_id, h.lot_id AS movement_id, h.account_id AS by_account_id,
           CASE WHEN s.customer_id IS NULL THEN 'merge' ELSE 'split' END AS event, DATE '{run_date}' AS event_date,
           h.earned_on, h.expires_on, {sign}h.points AS points, CAST(NULL AS BIGINT) AS amount_cents
    FROM {{held}} h LEFT JOIN (SELECT DISTINCT customer_id FROM {{customer_map}}) s ON s.customer_id = h.former_id
    WHERE h.former_id <> h.customer_id"""


def _owed_sql() -> str:
    """What tonight's demands did not find."""
    return f"""
    SELECT t.customer_id, t.by_account_id, concat('{OWED}', t.movement_id), t.movement_id, t.by_account_id, t.event,
           t.day, t.day, CAST(NULL AS DATE), -(t.taken_to - greatest(t.taken_from, coalesce(w.upto, 0))), t.amount_cents
    FROM {{taken}} t
    LEFT JOIN (SELECT customer_id, max(upto) AS upto FROM {{lots}} GROUP BY customer_id) w
         ON w.customer_id = t.customer_id
    WHERE NOT t.is_old AND t.taken_to > coalesce(w.upto, 0)"""


def _expired_sql(run_date: date) -> str:
    """What nobody took of the lots whose day has come."""
    return f"""
    SELECT l.customer_id, l.account_id, l.lot_id, l.lot_id, l.account_id, 'expire', l.gone_on, l.earned_on,
           l.expires_on, -(l.points - coalesce(a.points, 0)), CAST(NULL AS BIGINT)
    FROM {{lots}} l
    LEFT JOIN (SELECT customer_id, lot_id, account_id, CAST(sum(points) AS BIGINT) AS points
               FROM {{allocated}} GROUP BY customer_id, lot_id, account_id) a
         ON a.customer_id = l.customer_id AND a.lot_id = l.lot_id AND a.account_id = l.account_id
    WHERE l.gone_on <= DATE '{run_date}'"""


def rows_sql(run_date: date) -> str:
    """The rows that tonight adds to gold.loyalty_ledger."""
    return f"SELECT DATE '{run_date}' AS posted_on, * FROM {{entries}}"
