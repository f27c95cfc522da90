"""The state machine of a customer's life as queries for both engines.

A state follows from a customer's order days alone, each silence judged by the rhythm as it was before that silence:
who replays the days one by one makes the same moves (a test does).
"""

from datetime import date

import numpy as np
import pyarrow as pa

from jobs.gold.customer_figures.customer_days import customer_days_sql
from jobs.gold.life.interpurchase_time import InterpurchaseTimes, gap_factors
from jobs.gold.settings.life_cycle import Inactivity, Settings

LOG_UNIT = 1_000_000  # logarithms are summed in millionths
USUAL = 0.5  # the usual gap is the median one


def order_gaps_sql(as_of: date, longest_days: int) -> str:
    """One row per customer and order day, over {order_days} and {customer_map}.

    Args:
        longest_days: a longer gap counts as this long in the rhythm.

    Returns:
        customer_id, order_date, nth (1 is the first), gap (days since the one before, NULL for the first),
        cut_gap (the same, no longer than the longest), gap_days (sum of the cut gaps before this one).
    """
    return f"""
    WITH days AS ({customer_days_sql(as_of)}),
    numbered AS (
        SELECT customer_id, order_date, CAST(row_number() OVER (PARTITION BY customer_id ORDER BY order_date) AS INT)
                   AS nth,
               datediff(order_date, lag(order_date) OVER (PARTITION BY customer_id ORDER BY order_date)) AS gap
        FROM days WHERE order_count > 0),
    cut AS (
        SELECT *, CASE WHEN gap > {longest_days:d} THEN {longest_days:d} ELSE gap END AS cut_gap FROM numbered)
    SELECT customer_id, order_date, nth, CAST(gap AS INT) AS gap, CAST(cut_gap AS INT) AS cut_gap,
           CAST(coalesce(sum(cut_gap) OVER (PARTITION BY customer_id ORDER BY nth
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS BIGINT) AS gap_days
    FROM cut"""


def gap_groups_sql(most_customers: int) -> str:
    """gap_count, gap_days, customers, log_days (millionths) of customers with a gap, over {gaps}.

    Of more customers than wanted the first by id, which is a hash. Whole numbers add up alike in any order.
    """
    return f"""
    SELECT gap_count, CAST(gap_days AS BIGINT) AS gap_days, count(*) AS customers,
           CAST(sum(log_days) AS BIGINT) AS log_days FROM (
        SELECT customer_id, count(cut_gap) AS gap_count, sum(cut_gap) AS gap_days,
               sum(CAST(round({LOG_UNIT} * ln(cut_gap)) AS BIGINT)) AS log_days
        FROM {{gaps}} WHERE cut_gap IS NOT NULL
        GROUP BY customer_id ORDER BY customer_id LIMIT {most_customers:d}) each_one
    GROUP BY gap_count, gap_days ORDER BY gap_count, gap_days"""


def factors(interpurchase: InterpurchaseTimes, most_gaps: int, settings: Settings) -> pa.Table:
    """gap_count 0 to most_gaps, and what alpha + T is multiplied by for the usual gap and both silences."""
    counts = np.arange(most_gaps + 1)
    shares = {
        "usual": USUAL,
        "dormant": settings.dormant.longer_than_share_of_gaps,
        "lost": settings.lost.longer_than_share_of_gaps,
    }
    columns = {name: pa.array(gap_factors(interpurchase, counts, share)) for name, share in shares.items()}
    return pa.table({"gap_count": pa.array(counts.astype(np.int32)), **columns})


def steps(interpurchase: InterpurchaseTimes, settings: Settings) -> dict[str, str]:
    """judged: every order day with both limits of the silence before it; history: one row per buyer."""
    wait = settings.won_back_order_days
    after = "nth - comeback_nth"
    return {
        "judged": f"""
            SELECT g.*, {limits("g.gap_days", interpurchase, settings)} FROM {{gaps}} g
            JOIN {{factors}} f ON f.gap_count = greatest(g.nth - 2, 0)""",
        "lived": """
            SELECT *, max(CASE WHEN gap > lost_after_days THEN nth END)
                      OVER (PARTITION BY customer_id ORDER BY nth) AS comeback_nth FROM {judged}""",
        "history": f"""
            SELECT customer_id, CAST(max(nth) AS INT) AS order_day_count, min(order_date) AS first_day,
                   max(order_date) AS last_day, max(CASE WHEN nth = 2 THEN order_date END) AS second_day,
                   max(CASE WHEN nth = {settings.loyal_order_days:d} THEN order_date END) AS loyal_day,
                   max(CASE WHEN gap > dormant_after_days THEN order_date END) AS woke_day,
                   max(comeback_nth) AS comeback_nth,
                   max(CASE WHEN nth = comeback_nth THEN order_date END) AS comeback_day,
                   max(CASE WHEN {after} = {wait - 1:d} THEN order_date END) AS settled_day,
                   CAST(coalesce(sum(cut_gap), 0) AS BIGINT) AS gap_days
            FROM {{lived}} GROUP BY customer_id""",
        "known": """
            SELECT m.customer_id, bool_and(m.is_lead) AS is_lead,
                   min(coalesce(CAST(c.registered_at AS DATE), m.arrived_on)) AS known_since
            FROM {customer_map} m LEFT JOIN {customers} c ON m.account_id = c.account_id GROUP BY m.customer_id""",
        "now": f"""
            SELECT k.*, h.order_day_count, h.first_day, h.last_day, h.second_day, h.loyal_day, h.woke_day,
                   h.comeback_nth, h.comeback_day, h.settled_day, {limits("h.gap_days", interpurchase, settings)},
                   round(f.usual * ({interpurchase.alpha_days!r}D + h.gap_days), 1) AS usual_gap_days
            FROM {{known}} k LEFT JOIN {{history}} h ON k.customer_id = h.customer_id
            LEFT JOIN {{factors}} f ON f.gap_count = h.order_day_count - 1""",
    }


def limits(gap_days: str, interpurchase: InterpurchaseTimes, settings: Settings) -> str:
    """dormant_after_days and lost_after_days, over a sum of gaps and the factors `f`; lost is never before dormant."""
    dormant = days_of("dormant", gap_days, interpurchase, settings.dormant)
    return f"""{dormant} AS dormant_after_days,
               greatest({days_of("lost", gap_days, interpurchase, settings.lost)}, {dormant} + 1) AS lost_after_days"""


def days_of(factor: str, gap_days: str, interpurchase: InterpurchaseTimes, inactivity: Inactivity) -> str:
    """A silence in whole days, within its limits."""
    days = f"ceil(least(f.{factor} * ({interpurchase.alpha_days!r}D + {gap_days}), {inactivity.at_most_days:d}.0D))"
    return f"CAST(greatest({days}, {inactivity.at_least_days:d}) AS INT)"


def life_cycle_sql(as_of: date, settings: Settings) -> str:
    """State, since, reason and rhythm of each customer as of a day, over the step {now}."""
    silent = f"datediff(DATE '{as_of}', last_day)"
    is_loyal = f"order_day_count >= {settings.loyal_order_days:d}"
    is_waiting = f"order_day_count - comeback_nth + 1 < {settings.won_back_order_days:d}"
    # a state that a silence interrupted begins anew with the return
    counted = f"greatest(CASE WHEN {is_loyal} THEN loyal_day ELSE coalesce(second_day, first_day) END, woke_day"
    states = [
        ("lead", "last_day IS NULL AND is_lead", "known_since"),
        ("prospect", "last_day IS NULL", "known_since"),
        ("lost", f"{silent} >= lost_after_days", days_later("last_day", "lost_after_days")),
        ("dormant", f"{silent} >= dormant_after_days", days_later("last_day", "dormant_after_days")),
        ("won_back", is_waiting, "greatest(comeback_day, woke_day)"),
        ("loyal", is_loyal, f"{counted}, settled_day)"),
        ("repeat", "order_day_count >= 2", f"{counted}, settled_day)"),
        ("first_time", "true", "first_day"),
    ]
    reason = reason_sql(silent)
    return f"""
    SELECT customer_id, state, since, CAST(greatest(datediff(DATE '{as_of}', since), 0) AS INT) AS dwell_days, reason,
           usual_gap_days, {bought("dormant_after_days")}, {bought("lost_after_days")},
           CASE WHEN last_day IS NOT NULL THEN {settings.loyal_order_days:d} END AS loyal_order_days
    FROM (SELECT *, CASE {" ".join(f"WHEN {holds} THEN '{state}'" for state, holds, _ in states)} END AS state,
                 CASE {" ".join(f"WHEN {holds} THEN {since}" for _, holds, since in states)} END AS since,
                 CASE WHEN last_day IS NULL THEN 'no order yet' ELSE {reason} END AS reason
          FROM {{now}}) placed"""


def bought(name: str) -> str:
    """A column that only buyers have."""
    return f"CASE WHEN last_day IS NOT NULL THEN {name} END AS {name}"


def reason_sql(silent: str) -> str:
    """What a buyer's state was judged on, in words."""
    parts = [
        "CAST(order_day_count AS STRING)",
        "' order days, the last '",
        f"CAST({silent} AS STRING)",
        "' days ago; dormant after '",
        "CAST(dormant_after_days AS STRING)",
        "' silent days, lost after '",
        "CAST(lost_after_days AS STRING)",
    ]
    return f"concat({', '.join(parts)})"


def days_later(day: str, days: str) -> str:
    """A date some days after another."""
    return f"CAST(date_add({day}, {days}) AS DATE)"
