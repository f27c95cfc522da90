"""What changes in how a customer buys: trends, money, channels, refunds, and the chance that they are still there.

Parts of the queries of jobs/models/churn/features.py; every figure looks at days before the as-of date alone.
"""

from datetime import date

NEVER = "9999-12-31"  # the next purchase of who is not known to have bought again
MONDAY = "1900-01-01"  # a Monday: days since then, modulo 7, are Monday 0 to Sunday 6
WINDOWS = (28, 56, 84)
TWELVE_WEEKS = 2**12 - 1  # the first bits of the weeks with a purchase


def count_if(condition: str) -> str:
    """Rows that the condition holds for."""
    return f"CAST(sum(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT)"


def sums_sql() -> str:
    """Further columns of the sums per customer and as-of date, over `seen`."""

    def in_window(column: str, days: int) -> str:
        return f"CAST(sum(CASE WHEN age_days <= {days} THEN {column} ELSE 0 END) AS BIGINT)"

    money = ", ".join(f"{in_window('cents', n)} AS cents_{n}" for n in WINDOWS)
    lines = ", ".join(f"{in_window('line_count', n)} AS lines_{n}" for n in (28, 84))
    return f"""{money}, {lines}, max(cents) AS most_cents, stddev_samp(cents) AS cents_deviation,
               CAST(sum(order_count) AS BIGINT) AS orders, count(DISTINCT channel) AS channel_count,
               min_by(channel, age_days) AS last_channel,
               min_by(coalesce(gap_days, -1), age_days) AS last_gap,
               {count_if("channel <> channel_before")} AS switches,
               {count_if("is_many_channel_day")} AS many_channel_days,
               {count_if(f"datediff(order_date, DATE '{MONDAY}') % 7 >= 5")} AS weekend_days"""


def refunds_sql(known_until: date) -> str:
    """Refunds and cancellations per customer and as-of date."""
    return f"""
        SELECT m.customer_id, d.as_of, count(DISTINCT o.order_date) AS refund_days,
               count(DISTINCT CASE WHEN datediff(d.as_of, o.order_date) <= 84 THEN o.order_date END) AS refund_days_84,
               CAST(sum(-o.refund_cents) AS BIGINT) AS refund_cents,
               min(datediff(d.as_of, o.order_date)) AS refund_age
        FROM {{order_days}} o JOIN {{customer_map}} m ON o.account_id = m.account_id
        JOIN {{origins}} d ON o.order_date < d.as_of AND o.order_date >= d.first_day
        WHERE o.refund_count > 0 AND o.order_date < DATE '{known_until}' GROUP BY m.customer_id, d.as_of"""


def columns() -> dict[str, str]:
    """Column -> expression over the sums; NULL where there is nothing to compare."""
    return {**_trends(), **_money(), **_rhythm(), **_channels(), **_refunds()}


def over(part: str, whole: str, times: float = 1.0) -> str:
    """A share or ratio, NULL without a whole; amounts below 0 count as 0."""
    return f"{_not_below_0(part)} * {times} / nullif({_not_below_0(whole)}, 0)"


def _not_below_0(amount: str) -> str:
    """An amount or 0; NULL stays NULL, which greatest would not keep."""
    return f"(CASE WHEN {amount} < 0 THEN 0.0 ELSE CAST({amount} AS DOUBLE) END)"


def _at_most_1(share: str) -> str:
    return f"CASE WHEN {share} > 1 THEN 1.0 ELSE {share} END"


def _trends() -> dict[str, str]:
    before, earlier = "(days_56 - days_28)", "(days_84 - days_56)"
    spent_before, spent_earlier = "(cents_56 - cents_28)", "(cents_84 - cents_56)"
    return {
        "visit_trend": over("days_28", "days_84", 3),
        "visit_trend_half_year": over("days_84", "days_168", 2),
        "visit_change_28d": f"CAST(days_28 - {before} AS INT)",
        "visit_acceleration_28d": f"CAST(days_28 - 2 * {before} + {earlier} AS INT)",
        "spend_trend": over("cents_28", "cents_84", 3),
        "spend_change_28d": f"CAST(cents_28 - {spent_before} AS DOUBLE) / 100",
        "spend_acceleration_28d": f"CAST(cents_28 - 2 * {spent_before} + {spent_earlier} AS DOUBLE) / 100",
        "lines_trend": over("lines_28", "lines_84", 3),
        "active_weeks_12": f"CAST(bit_count(weeks_0 & {TWELVE_WEEKS}) AS INT)",
    }


def _money() -> dict[str, str]:
    return {
        "spend_28d": "greatest(CAST(cents_28 AS DOUBLE), 0) / 100",
        "spend_84d": "greatest(CAST(cents_84 AS DOUBLE), 0) / 100",
        "spend_per_shopping_day": "greatest(CAST(cents AS DOUBLE), 0) / 100 / day_count",
        "spend_deviation": "cents_deviation / 100",
        "biggest_day_share": _at_most_1(over("most_cents", "cents")),
        "orders_per_shopping_day": "CAST(orders AS DOUBLE) / day_count",
    }


def _rhythm() -> dict[str, str]:
    last_gap = "CASE WHEN last_gap >= 0 THEN last_gap END"
    return {
        "last_gap_days": f"CAST({last_gap} AS INT)",
        "last_gap_to_mean_gap": over(last_gap, "mean_gap"),
        "gap_variation": over("gap_deviation", "mean_gap"),
        "recency_to_recent_gap": over("recency_days", "recent_gap"),
        "silence_deviations": "(recency_days - mean_gap) / nullif(gap_deviation, 0)",
        "alive_index": "power(CAST(tenure_days - recency_days AS DOUBLE) / tenure_days, day_count - 1)",
    }


def _channels() -> dict[str, str]:
    return {
        "channel_count": "CAST(channel_count AS INT)",
        "channel_switch_share": "CAST(switches AS DOUBLE) / nullif(day_count - 1, 0)",
        "many_channel_day_share": "CAST(many_channel_days AS DOUBLE) / day_count",
        "last_channel": "last_channel",
        "weekend_share": "CAST(weekend_days AS DOUBLE) / day_count",
    }


def _refunds() -> dict[str, str]:
    return {
        "refund_days": "CAST(coalesce(refund_days, 0) AS INT)",
        "refund_days_84d": "CAST(coalesce(refund_days_84, 0) AS INT)",
        "refund_share": _at_most_1(over("coalesce(refund_cents, 0)", "(cents + coalesce(refund_cents, 0))")),
        "refund_recency_days": "CAST(refund_age AS INT)",
    }
