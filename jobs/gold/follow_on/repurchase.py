"""What a customer buys again in their own rhythm, and when the next time is due, as SQL for both engines.

The rhythm is the mean of the customer's own gaps between days with the item. How probable the next purchase is within
the horizon is looked up and not assumed: one horizon ago the same customers stood somewhere in their rhythms, too, and
which share of those who stood alike (as far into the gap, as fast a rhythm) came within the horizon is known today.
"""

from datetime import date, timedelta

from jobs.gold.follow_on.first_purchases import item_days_sql

PLACES_PER_GAP, MOST_PLACES = 4, 12  # where in the gap: in quarters of the mean gap, three gaps and longer alike
PACES = (0.15, 0.25, 0.4, 0.6, 0.8, 1.0, 1.4, 2.0, 3.0)  # horizon in mean gaps: lower bounds of all bands but the first
PRIOR = 20  # rhythms of the same pace that each place is mixed with, so that few make no extremes


def repurchase_steps(level: str, as_of: date, rhythm_days: int, min_gaps: int, horizon_days: int) -> dict[str, str]:
    """The steps of `repurchase_sql`, over the tables of `item_days_sql`.

    item_dates: per customer, item and day; stands: per customer and item the days on it as of today and as of one
    horizon ago; rhythms: one row of each that is a rhythm; places: per place and pace the share that has come back.
    """
    then = as_of - timedelta(days=horizon_days)
    first_day = then - timedelta(days=rhythm_days - 1)
    return {
        "item_dates": f"""
            SELECT DISTINCT customer_id, item, order_date
            FROM ({item_days_sql(level, as_of, first_day)}) bought""",
        "stands": f"""
            SELECT customer_id, item, max(order_date) AS newest_day, {stand_sql("now", as_of, rhythm_days)},
                   {stand_sql("then", then, rhythm_days)}
            FROM {{item_dates}} GROUP BY customer_id, item""",
        "rhythms": f"""
            SELECT *, least(CAST(floor({PLACES_PER_GAP:d} * elapsed_days / mean_gap) AS INT), {MOST_PLACES:d}) AS place,
                   {pace_sql(f"{horizon_days:d} / mean_gap")} AS pace
            FROM ({rhythms_sql("now", as_of, min_gaps)} UNION ALL {rhythms_sql("then", then, min_gaps)}) both_days""",
        "places": f"""
            SELECT place, pace,
                   (back + {PRIOR:d} * all_back / CAST(all_rhythms AS DOUBLE)) / (rhythms + {PRIOR:d}) AS share
            FROM (SELECT *, sum(back) OVER (PARTITION BY pace) AS all_back,
                         sum(rhythms) OVER (PARTITION BY pace) AS all_rhythms
                  FROM (SELECT r.place, r.pace, count(*) AS rhythms,
                               sum(CASE WHEN r.newest_day > DATE '{then}' THEN 1 ELSE 0 END) AS back
                        FROM {{rhythms}} r WHERE r.as_of = 'then' GROUP BY r.place, r.pace) counted) compared""",
    }


def stand_sql(name: str, day: date, rhythm_days: int) -> str:
    """<name>_count, _first, _last: the days with the item in the rhythm_days up to a day."""
    first_day = day - timedelta(days=rhythm_days - 1)
    seen = f"CASE WHEN order_date BETWEEN DATE '{first_day}' AND DATE '{day}' THEN order_date END"
    aggregates = {"count": "count", "first": "min", "last": "max"}
    return ", ".join(f"{function}({seen}) AS {name}_{part}" for part, function in aggregates.items())


def rhythms_sql(name: str, day: date, min_gaps: int) -> str:
    """Who had bought what on more than min_gaps days by then, and where they stood that day."""
    return f"""
        SELECT customer_id, item, newest_day, '{name}' AS as_of, CAST({name}_count AS INT) AS day_count,
               {name}_first AS first_day, {name}_last AS last_day, datediff(DATE '{day}', {name}_last) AS elapsed_days,
               datediff({name}_last, {name}_first) / CAST({name}_count - 1 AS DOUBLE) AS mean_gap
        FROM {{stands}} WHERE {name}_count > {min_gaps:d}"""


def pace_sql(pace: str) -> str:
    """The number of the band that a pace lies in."""
    return (
        f"CASE {' '.join(f'WHEN {pace} < {bound!r} THEN {i}' for i, bound in enumerate(PACES))} ELSE {len(PACES)} END"
    )


def repurchase_sql(as_of: date, horizon_days: int, due_from: float, due_to: float) -> str:
    """SQL: each repeated purchase that falls due within so many days and is not overdue.

    customer_id, item, kind, due_from, due_to, probability (of a purchase within the horizon), rule_id, evidence; over
    {rhythms} and {places}.

    Args:
        due_from: after which share of the mean gap the next purchase is due.
        due_to: until which.
    """
    day = "CAST(date_add(r.last_day, CAST(ceil(r.mean_gap * %r) AS INT)) AS DATE)"
    return f"""
    SELECT * FROM (
        SELECT r.customer_id, r.item, 'repurchase' AS kind, {day % due_from} AS due_from, {day % due_to} AS due_to,
               round(p.share, 9) AS probability, CAST(NULL AS STRING) AS rule_id,
               concat('bought on ', CAST(r.day_count AS STRING), ' days since ', CAST(r.first_day AS STRING),
                      ', every ', CAST(CAST(round(r.mean_gap) AS INT) AS STRING), ' days, last on ',
                      CAST(r.last_day AS STRING),
                      '; ', CAST(CAST(round(p.share * 100) AS INT) AS STRING), ' % of such customers came back within ',
                      '{horizon_days:d} days') AS evidence
        FROM {{rhythms}} r JOIN {{places}} p ON p.place = r.place AND p.pace = r.pace
        WHERE r.as_of = 'now') expected
    WHERE due_from <= DATE '{as_of + timedelta(days=horizon_days)}' AND due_to > DATE '{as_of}'"""
