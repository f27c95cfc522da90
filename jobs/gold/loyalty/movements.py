"""What moves points tonight: orders, refunds and corrections, interactions that cost points, the company's own list.

An order is reckoned once, by the terms in force on its day; again only when its amount, kind or account changed, which
posts the difference. So neither new terms nor a product that moves to another department touch what has been posted;
an order that earned nothing is posted too, with 0 points.
"""

from datetime import date

import pyarrow as pa

from jobs.gold.settings.loyalty import THOUSAND, Settings
from lakehouse.sql.literal import in_query_listed

CENTS = 100  # minor units in a unit of the reporting currency
FOREVER = date(9999, 12, 31)
TERMS = pa.schema(
    {
        "number": pa.int32(),
        "from_date": pa.date32(),
        "until_date": pa.date32(),
        "rate": pa.int64(),
        "unit": pa.int64(),
    },
)
FACTORS = pa.schema(
    {"number": pa.int32(), "turn": pa.int32(), "level": pa.string(), "value": pa.string(), "factor": pa.int64()}
)
COSTS = pa.schema({"interaction_type": pa.string(), "points": pa.int64()})
COLUMNS = "movement_id, by_account_id, event, event_date, points, amount_cents, told_expires_on"


def terms(settings: Settings) -> pa.Table:
    """What orders earn, in thousandths of a point for so many units; each from its day until the next begins."""
    begins = [max(one.from_date or date.min, settings.starts_on or date.min) for one in settings.earning]
    rows = [
        {
            "number": n,
            "from_date": begin,
            "until_date": end,
            "rate": round(one.points_per_unit * THOUSAND),
            "unit": one.unit,
        }
        for n, (one, begin, end) in enumerate(zip(settings.earning, begins, [*begins[1:], FOREVER], strict=False))
    ]
    return pa.Table.from_pylist(rows, TERMS)


def factors(settings: Settings) -> pa.Table:
    """Goods that earn more or less, in thousandths, by terms and in their order."""
    rows = [
        {"number": n, "turn": turn, "level": one.column, "value": value, "factor": round(one.factor * THOUSAND)}
        for n, of in enumerate(settings.earning)
        for turn, one in enumerate(of.multipliers)
        for value in one.values
    ]
    return pa.Table.from_pylist(rows, FACTORS)


def costs(settings: Settings) -> pa.Table:
    """Points that interactions cost."""
    rows = [{"interaction_type": name, "points": points} for name, points in settings.burning.items()]
    return pa.Table.from_pylist(rows, COSTS)


def steps(settings: Settings, run_date: date) -> dict[str, str]:
    """Named steps to {movements}, COLUMNS; over {history}, the ledger of earlier nights."""
    return {
        "posted_orders": """
            SELECT movement_id, by_account_id, CAST(sum(points) AS BIGINT) AS points,
                   max_by(amount_cents, CASE WHEN amount_cents IS NOT NULL THEN posted_on END) AS amount_cents
            FROM {history} WHERE event IN ('earn', 'take_back', 'adjust') AND movement_id LIKE 'order:%'
            GROUP BY movement_id, by_account_id""",
        "changed_orders": changed_orders_sql(run_date),
        "product_factors": product_factors_sql(settings),
        "reckoned": reckoned_sql(),
        "movements": " UNION ALL ".join([*_of_orders(settings, run_date), *_of_others(settings, run_date)]),
    }


def changed_orders_sql(run_date: date) -> str:
    """Orders of known customers that are not posted, or not with this amount; posted_points: what they have earned.

    A cancellation may keep the total of its sale, and counts for nothing.
    """
    amount = "CASE WHEN o.order_type = 'sale' THEN greatest(0, o.total_cents) ELSE least(0, o.total_cents) END"
    return f"""
    SELECT concat('order:', o.order_id) AS movement_id, o.order_id, o.account_id, o.order_type, o.order_date,
           o.total_cents, CAST({amount} AS BIGINT) AS amount_cents, t.number, t.rate, t.unit, p.points AS posted_points
    FROM {{orders}} o JOIN {{terms}} t ON o.order_date >= t.from_date AND o.order_date < t.until_date
    JOIN {{customer_map}} m ON m.account_id = o.account_id
    LEFT JOIN {{posted_orders}} p ON p.movement_id = concat('order:', o.order_id) AND p.by_account_id = o.account_id
    WHERE o.order_date <= DATE '{run_date}' AND (p.movement_id IS NULL OR p.amount_cents <> {amount})"""


def product_factors_sql(settings: Settings) -> str:
    """product_id, number of the terms, factor: of several that fit the last one."""
    levels = sorted({one.column for of in settings.earning for one in of.multipliers})
    found = " UNION ALL ".join(
        f"SELECT p.product_id, f.number, f.turn, f.factor FROM {{products}} p "
        f"JOIN {{factors}} f ON f.level = '{level}' AND f.value = p.{level}"
        for level in levels
    )
    nobody = "SELECT product_id, 0 AS number, 0 AS turn, CAST(0 AS BIGINT) AS factor FROM {products} WHERE false"
    return f"""
    SELECT product_id, number, max_by(factor, turn) AS factor FROM ({found or nobody}) fitting
    GROUP BY product_id, number"""


def reckoned_sql() -> str:
    """Of {changed_orders}: its total at the rate, and what its special goods earn beside, rounded to zero.

    A sale earns nothing below zero, and a refund takes back nothing below it.
    """
    beside = """
        SELECT c.movement_id, CAST(sum(l.sales_cents * (f.factor - 1000)) AS BIGINT) AS milli_cents
        FROM {changed_orders} c JOIN {order_lines} l ON l.order_id = c.order_id
        JOIN {product_factors} f ON f.product_id = l.product_id AND f.number = c.number GROUP BY c.movement_id"""

    def points(milli_cents: str) -> str:
        """Times the rate, over the unit: of whole units first, or a very large order is too large for 63 bits."""
        of, whole = f"greatest(0, {milli_cents})", f"({CENTS * THOUSAND * THOUSAND} * unit)"
        return f"(({of} DIV {whole}) * rate + ((({of} % {whole}) * rate) DIV {whole}))"

    return f"""
    SELECT movement_id, account_id, order_type, order_date, amount_cents, posted_points,
           CAST(CASE WHEN order_type = 'sale' THEN {points("milli")} ELSE -{points("-milli")} END AS BIGINT) AS points
    FROM (SELECT c.*, c.total_cents * {THOUSAND} + coalesce(b.milli_cents, 0) AS milli
          FROM {{changed_orders}} c LEFT JOIN ({beside}) b ON b.movement_id = c.movement_id) summed"""


def _of_orders(settings: Settings, run_date: date) -> list[str]:
    """What orders earn and refunds take back; what an order that has another account now had earned goes back."""
    moved = f"""
    SELECT p.movement_id, p.by_account_id, 'adjust' AS event, DATE '{run_date}' AS event_date, -p.points AS points,
           CAST(0 AS BIGINT) AS amount_cents, CAST(NULL AS DATE) AS told_expires_on
    FROM {{posted_orders}} p JOIN {{orders}} o ON concat('order:', o.order_id) = p.movement_id
    WHERE p.points <> 0 AND (o.account_id IS NULL OR o.account_id <> p.by_account_id)"""
    earned = """
    SELECT movement_id, account_id, CASE WHEN posted_points IS NOT NULL THEN 'adjust'
               WHEN order_type = 'sale' THEN 'earn' ELSE 'take_back' END,
           order_date, points - coalesce(posted_points, 0), amount_cents, CAST(NULL AS DATE)
    FROM {reckoned}"""
    return [moved, earned]


def _of_others(settings: Settings, run_date: date) -> list[str]:
    """Interactions that cost points, and movements that the company's own export gives; each once."""
    begins = settings.starts_on or date.min
    new = "NOT EXISTS (SELECT 1 FROM {history} h WHERE h.movement_id = n.movement_id)"
    costing = f"""
    SELECT n.movement_id, n.account_id, 'burn', n.occurred_date, -n.points, CAST(NULL AS BIGINT), CAST(NULL AS DATE)
    FROM (SELECT concat('interaction:', i.interaction_id) AS movement_id, i.account_id, i.occurred_date, c.points
          FROM {{interactions}} i JOIN {{costs}} c ON c.interaction_type = i.interaction_type
          JOIN {{customer_map}} m ON m.account_id = i.account_id
          WHERE i.occurred_date BETWEEN DATE '{begins}' AND DATE '{run_date}') n WHERE {new}"""
    given = f"""
    SELECT n.movement_id, n.account_id, n.movement_type, n.occurred_date, n.points, CAST(NULL AS BIGINT), n.expires_date
    FROM (SELECT concat(g.movement_type, ':', g.movement_id) AS movement_id, g.account_id, g.movement_type,
                 g.occurred_date, g.expires_date,
                 CASE WHEN g.movement_type IN ('burn', 'expire') THEN -abs(g.points) ELSE g.points END AS points
          FROM {{points_movements}} g JOIN {{customer_map}} m ON m.account_id = g.account_id
          WHERE g.movement_type IN ({in_query_listed(settings.given)}) AND g.points <> 0
          AND g.occurred_date BETWEEN DATE '{begins}' AND DATE '{run_date}') n WHERE {new}"""
    return [*([costing] if settings.burning else []), *([given] if settings.given else [])]


def expires_sql(settings: Settings, day: str) -> str:
    """The first day on which points of a day are gone, NULL for never."""
    days, months = settings.expire_after_days, settings.expire_after_months
    if (days is None and months is None) or "expire" in settings.given:
        return "CAST(NULL AS DATE)"
    gone = f"date_add({day}, {days})" if months is None else f"CAST(add_months({day}, {months}) AS DATE)"
    if settings.expire_at == "month_end":
        gone = f"date_add(last_day({gone}), 1)"
    if settings.expire_at == "year_end":
        gone = f"make_date(year({gone}) + 1, 1, 1)"
    return f"CAST({gone} AS DATE)"
