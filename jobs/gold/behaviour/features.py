"""How customers buy, as shares and averages of a window: the features of gold.behaviour_clusters."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jobs.gold.settings.behaviour_clusters import Settings
from lakehouse.sql.literal import in_query_listed

TABLES = {
    "order_lines": "silver.order_lines",
    "orders": "silver.orders",
    "products": "silver.products",
    "customer_map": "identity.customer_map",
}


def feature_steps(as_of: date, time_zone: str, settings: Settings) -> dict[str, str]:
    """Named steps over TABLES; `features` has customer_id and the FEATURES, one row per customer with enough orders.

    A feature that nothing is known of (no product, no price) is NULL. Money is in minor units until it is divided.
    """
    first_day = as_of - timedelta(days=settings.window_days - 1)
    window = f"order_date BETWEEN DATE '{first_day}' AND DATE '{as_of}'"
    minute = minute_of_day("o.ordered_at", time_zone, first_day, as_of)
    evening = f"{minute} BETWEEN {60 * settings.evening_from_hour:d} AND {60 * settings.evening_to_hour - 1:d}"
    weekday = "datediff(o.order_date, DATE '1900-01-01') % 7"  # that was a Monday
    return {
        "bought": f"""
            SELECT l.account_id, p.department, CAST(count(*) AS BIGINT) AS line_count,
                   sum(l.sales_cents) AS sales_cents, sum(coalesce(l.discount_cents, 0)) AS discount_cents,
                   sum(coalesce(l.coupon_cents, 0)) AS coupon_cents,
                   sum(CASE WHEN p.brand IS NOT NULL THEN l.sales_cents ELSE 0 END) AS branded_cents,
                   sum(CASE WHEN {one_of("p.brand", settings.private_label)} THEN l.sales_cents ELSE 0 END) AS own_cents
            FROM {{order_lines}} l LEFT JOIN {{products}} p ON l.product_id = p.product_id
            WHERE l.{window} AND l.account_id IS NOT NULL AND l.sales_cents >= 0
            GROUP BY l.account_id, p.department""",
        "lines": """
            SELECT m.customer_id, count(DISTINCT b.department) AS department_count, sum(b.line_count) AS line_count,
                   CAST(sum(b.sales_cents) AS DOUBLE) AS sales_cents,
                   CAST(sum(b.discount_cents) AS DOUBLE) AS discount_cents,
                   CAST(sum(b.coupon_cents) AS DOUBLE) AS coupon_cents,
                   CAST(sum(b.branded_cents) AS DOUBLE) AS branded_cents, CAST(sum(b.own_cents) AS DOUBLE) AS own_cents
            FROM {bought} b JOIN {customer_map} m ON b.account_id = m.account_id GROUP BY m.customer_id""",
        "visits": f"""
            SELECT m.customer_id, count(CASE WHEN o.order_type = 'sale' THEN 1 END) AS order_count,
                   count(CASE WHEN o.order_type <> 'sale' THEN 1 END) AS refund_count,
                   count(CASE WHEN o.order_type = 'sale' AND {one_of("o.channel", settings.online_channels)} THEN 1 END)
                       AS online_count,
                   count(CASE WHEN o.order_type = 'sale' AND {evening} THEN 1 END) AS evening_count,
                   count(CASE WHEN o.order_type = 'sale' AND {weekday} IN (5, 6) THEN 1 END)
                       AS weekend_count,
                   datediff(DATE '{as_of}', min(CASE WHEN o.order_type = 'sale' THEN o.order_date END)) + 1 AS day_count
            FROM {{orders}} o JOIN {{customer_map}} m ON o.account_id = m.account_id
            WHERE o.{window} GROUP BY m.customer_id""",
        "features": f"""
            SELECT v.customer_id, {share("l.discount_cents", "l.sales_cents + l.discount_cents")} AS discount_share,
                   {share("l.coupon_cents", "l.sales_cents + l.discount_cents")} AS coupon_share,
                   {share("l.own_cents", "l.branded_cents")} AS private_label_share,
                   {share("v.online_count", "v.order_count")} AS online_share,
                   {share("v.evening_count", "v.order_count")} AS evening_share,
                   {share("v.weekend_count", "v.order_count")} AS weekend_share,
                   {share("v.refund_count", "v.order_count + v.refund_count")} AS refund_share,
                   {ratio("l.line_count", "v.order_count")} AS items_per_order,
                   {ratio("l.sales_cents", "v.order_count * 100")} AS spend_per_order,
                   {ratio("v.order_count * 30", "greatest(v.day_count, 30)")} AS orders_per_30d,
                   CASE WHEN l.department_count > 0 THEN CAST(l.department_count AS DOUBLE) END AS department_count
            FROM {{visits}} v LEFT JOIN {{lines}} l ON v.customer_id = l.customer_id
            WHERE v.order_count >= {settings.min_order_count:d}""",
    }


def minute_of_day(instant: str, time_zone: str, first_day: date, last_day: date) -> str:
    """Minutes since midnight of an instant's clock in a time zone: engines have the zone's changes in a CASE."""
    start = datetime.combine(first_day, time(), UTC) - timedelta(days=1)
    hours = [start + timedelta(hours=n) for n in range(24 * ((last_day - first_day).days + 3))]
    offsets = [
        (hour.astimezone(ZoneInfo(time_zone)).utcoffset() or timedelta()) // timedelta(minutes=1) for hour in hours
    ]
    changes = [n for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]]
    cases = "".join(
        f" WHEN {instant} < TIMESTAMP '{hours[n]:%Y-%m-%d %H:%M:%S}' THEN {offsets[n - 1]:d}" for n in changes
    )
    offset = f"CASE{cases} ELSE {offsets[-1]:d} END" if cases else str(offsets[-1])
    return f"((hour({instant}) * 60 + minute({instant}) + 1440 + {offset}) % 1440)"


def one_of(column: str, values: Iterable[str]) -> str:
    """Whether a column is one of some texts; never, of none."""
    texts = tuple(values)
    return f"{column} IN ({in_query_listed(texts)})" if texts else "false"


def ratio(part: str, whole: str) -> str:
    """One by the other; NULL by nothing. Nine decimals, so that both engines round alike."""
    return f"round(CAST({part} AS DOUBLE) / nullif(CAST({whole} AS DOUBLE), 0.0D), 9)"


def share(part: str, whole: str) -> str:
    """The same between 0 and 1, whatever the facts claim."""
    return f"CASE WHEN {whole} > 0 THEN least(greatest({ratio(part, whole)}, 0.0D), 1.0D) END"
