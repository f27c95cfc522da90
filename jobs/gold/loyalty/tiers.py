"""Tiers: which one each customer's points make, how long it is kept, and what became of the stay before.

A customer who becomes one with another keeps the higher tier of both, and the day until which it is kept.
"""

from datetime import date, timedelta

import pyarrow as pa

from jobs.gold.settings.loyalty import Settings
from lakehouse.sql.hashed_share import held_out_sql
from lakehouse.sql.literal import in_query_literal

RULES = pa.schema(
    {
        "rank": pa.int32(),
        "tier": pa.string(),
        "min_points": pa.int64(),
        "next_tier": pa.string(),
        "next_min_points": pa.int64(),
        "control_share": pa.float64(),
    }
)
EARNING = ("earn", "take_back", "adjust")
STANDING = (
    "customer_id STRING, account_id STRING, points BIGINT, held BIGINT, next_expires_on DATE, expiring_points BIGINT, "
    "qualifying_points BIGINT, rank INT, tier STRING, next_tier STRING, next_min_points BIGINT, control_share DOUBLE, "
    "former_id STRING, former_tier STRING, former_rank INT, goes_on BOOLEAN, former_from DATE, kept_until DATE, "
    "is_held_out BOOLEAN"
)
STAY = (
    "customer_id, valid_from, valid_to, account_id, tier, came_from, move, qualifying_points, kept_until, dwell_days, "
    "is_held_out, control_share"
)


def rules(settings: Settings) -> pa.Table:
    """The tiers, lowest first, each with the one above; rank 0 is none."""
    names = settings.ranks
    rows = [
        {
            "rank": rank,
            "tier": name,
            "min_points": settings.tiers[name].min_points if name else None,
            "next_tier": above,
            "next_min_points": settings.tiers[above].min_points if above else None,
            "control_share": settings.tiers[name].control_share if name else 0.0,
        }
        for rank, (name, above) in enumerate(zip((None, *names), (*names, None), strict=True))
    ]
    return pa.Table.from_pylist(rows, RULES)


def stay_steps(run_date: date) -> dict[str, str]:
    """Named steps to {former}, over {former_tiers}, {customer_map} and {tier_rules}."""
    living = "SELECT customer_id, min(account_id) AS account_id FROM {customer_map} GROUP BY customer_id"
    return {"living": living, "former": former_sql(run_date)}


def steps(settings: Settings, run_date: date) -> dict[str, str]:
    """Named steps to `standing_sql`, over {ledger}, {former_tiers}, {customer_map} and {tier_rules}."""
    return {
        **stay_steps(run_date),
        "remaining": """
            SELECT customer_id, account_id, lot_id, min(earned_on) AS earned_on, min(expires_on) AS expires_on,
                   CAST(sum(points) AS BIGINT) AS points
            FROM {ledger} WHERE points <> 0 GROUP BY customer_id, account_id, lot_id""",
        "held": held_sql(settings, run_date),
        "qualified": qualified_sql(settings, run_date),
    }


def held_sql(settings: Settings, run_date: date) -> str:
    """customer_id, account_id, points, held, next_expires_on, expiring_points; points go no sooner than older ones.

    What is gone the day after the night is not expiring: nothing can be done about it any more. Customers who ended
    have no row, unless points are left with them (their accounts are gone).
    """
    tomorrow, warned = run_date + timedelta(days=1), run_date + timedelta(days=settings.warn_days)
    return f"""
    SELECT p.customer_id, coalesce(min(a.account_id), min(p.account_id)) AS account_id,
           CAST(sum(points) AS BIGINT) AS points,
           CAST(sum(CASE WHEN points > 0 THEN points ELSE 0 END) AS BIGINT) AS held,
           min(CASE WHEN points > 0 AND gone_on > DATE '{tomorrow}' AND gone_on < DATE '9999-12-31'
                    THEN gone_on END) AS next_expires_on,
           CAST(sum(CASE WHEN points > 0 AND gone_on > DATE '{tomorrow}' AND gone_on <= DATE '{warned}'
                         THEN points ELSE 0 END) AS BIGINT) AS expiring_points
    FROM (SELECT customer_id, account_id, points,
                 max(CASE WHEN points > 0 THEN coalesce(expires_on, DATE '9999-12-31') END) OVER (
                     PARTITION BY customer_id ORDER BY earned_on, lot_id, account_id
                     ROWS UNBOUNDED PRECEDING) AS gone_on
          FROM {{remaining}}) p
    LEFT JOIN {{living}} a ON a.customer_id = p.customer_id
    GROUP BY p.customer_id HAVING max(a.account_id) IS NOT NULL OR sum(points) <> 0"""


def qualified_sql(settings: Settings, run_date: date) -> str:
    """customer_id, qualifying_points: earned in the last days, less what refunds and corrections took of it."""
    first = run_date - timedelta(days=settings.qualify_days - 1)
    listed = ", ".join(in_query_literal(event) for event in EARNING)
    return f"""
    SELECT coalesce(m.customer_id, l.customer_id) AS customer_id, CAST(sum(l.points) AS BIGINT) AS qualifying_points
    FROM {{ledger}} l LEFT JOIN {{customer_map}} m ON m.account_id = l.by_account_id
    WHERE l.event IN ({listed}) AND l.event_date BETWEEN DATE '{first}' AND DATE '{run_date}'
    GROUP BY coalesce(m.customer_id, l.customer_id)"""


def former_sql(run_date: date) -> str:
    """The stays that lasted before tonight, under tonight's customers; of several the highest is `is_kept`.

    A customer who parts from accounts keeps the tier; one who ended hands it on to whom the account is now. A tier that
    conf names no more counts as none.
    """
    owner = "coalesce(a.customer_id, m.customer_id, f.customer_id)"
    return f"""
    SELECT f.*, {owner} AS owner_id, coalesce(r.rank, 0) AS rank,
           row_number() OVER (PARTITION BY {owner}
                              ORDER BY coalesce(r.rank, 0) DESC, f.kept_until DESC, f.valid_from,
                                       f.customer_id) = 1 AS is_kept
    FROM {{former_tiers}} f LEFT JOIN {{tier_rules}} r ON r.tier = f.tier
    LEFT JOIN {{living}} a ON a.customer_id = f.customer_id
    LEFT JOIN {{customer_map}} m ON m.account_id = f.account_id
    WHERE f.valid_from < DATE '{run_date}' AND (f.valid_to IS NULL OR f.valid_to >= DATE '{run_date}')"""


def standing_sql(settings: Settings, run_date: date) -> str:
    """Each customer with points: the tier of tonight, and the stay that it continues, if it does."""
    kept = run_date + timedelta(days=settings.keep_days)
    return f"""
    SELECT h.customer_id, h.account_id, h.points, h.held, h.next_expires_on, h.expiring_points,
           coalesce(q.qualifying_points, 0) AS qualifying_points, r.rank, r.tier, r.next_tier, r.next_min_points,
           r.control_share, f.customer_id AS former_id, f.tier AS former_tier, coalesce(f.rank, 0) AS former_rank,
           coalesce(f.customer_id = h.customer_id AND f.tier = r.tier, false) AS goes_on, f.valid_from AS former_from,
           CASE WHEN f.tier = r.tier THEN f.kept_until ELSE DATE '{kept}' END AS kept_until,
           CASE WHEN f.tier = r.tier THEN f.is_held_out ELSE {_control_sql(settings)} END AS is_held_out
    FROM {{held}} h LEFT JOIN {{qualified}} q ON q.customer_id = h.customer_id
    LEFT JOIN {{former}} f ON f.owner_id = h.customer_id AND f.is_kept
    JOIN {{tier_rules}} r ON r.rank = greatest(
         CASE WHEN f.kept_until > DATE '{run_date}' THEN f.rank ELSE 0 END, {_earned_rank_sql(settings)})"""


def _earned_rank_sql(settings: Settings) -> str:
    """The rank that qualifying points make, without a join: there are few tiers."""
    takes = [settings.tiers[name].min_points for name in settings.ranks]
    cases = " ".join(
        f"WHEN coalesce(q.qualifying_points, 0) >= {points} THEN {rank}"
        for rank, points in reversed(list(enumerate(takes, 1)))
    )
    return f"CASE {cases} ELSE 0 END" if cases else "0"


def _control_sql(settings: Settings) -> str:
    """Whether the customer is in the control of the tier."""
    cases = " ".join(
        f"WHEN r.tier = {in_query_literal(name)} "
        f"THEN {held_out_sql(settings.salt, f'tier:{name}', rule.control_share, 'h.customer_id')}"
        for name, rule in settings.tiers.items()
    )
    return f"CASE {cases} ELSE false END" if cases else "false"


def stays_sql(run_date: date) -> str:
    """The rows of gold.loyalty_tiers: stays that were over, those that last or end tonight, and those that begin."""
    ends = "s.customer_id IS NULL"
    return f"""
    SELECT {STAY} FROM {{former_tiers}} WHERE valid_from < DATE '{run_date}' AND valid_to < DATE '{run_date}'
    UNION ALL
    SELECT f.customer_id, f.valid_from, CASE WHEN {ends} THEN DATE '{run_date}' END, f.account_id, f.tier, f.came_from,
           f.move, f.qualifying_points, f.kept_until,
           CAST(CASE WHEN {ends} THEN datediff(DATE '{run_date}', f.valid_from) END AS INT), f.is_held_out,
           f.control_share
    FROM {{former}} f LEFT JOIN {{standing}} s ON s.customer_id = f.owner_id AND f.is_kept AND s.goes_on
    UNION ALL
    SELECT s.customer_id, DATE '{run_date}', CAST(NULL AS DATE), s.account_id, s.tier, s.former_tier,
           CASE WHEN s.rank = s.former_rank THEN 'merged' WHEN s.rank > s.former_rank THEN 'up' ELSE 'down' END,
           s.qualifying_points, s.kept_until, CAST(NULL AS INT), s.is_held_out, s.control_share
    FROM {{standing}} s WHERE s.rank > 0 AND NOT s.goes_on"""


def balances_sql(run_date: date, settings: Settings) -> str:
    """The rows of gold.loyalty_balances."""
    worth = (
        f"CAST(round(greatest(0, s.points) * CAST({settings.point_value:.6f} AS DECIMAL(18,6)), 2) AS DECIMAL(18,2))"
    )
    return f"""
    SELECT s.customer_id, s.account_id, s.points, {worth} AS worth, s.next_expires_on, s.expiring_points,
           s.qualifying_points, s.tier,
           CASE WHEN s.goes_on THEN s.former_from WHEN s.rank > 0 THEN DATE '{run_date}' END AS tier_since,
           CASE WHEN s.rank > 0 THEN s.kept_until END AS tier_kept_until,
           coalesce(s.rank > 0 AND s.is_held_out, false) AS is_held_out, s.next_tier,
           CAST(greatest(0, s.next_min_points - s.qualifying_points) AS BIGINT) AS points_to_next_tier
    FROM {{standing}} s"""
