"""How many kinds of things a customer bought before an as-of date, and which they bought before and no longer do.

A kind is a product's category. Two windows end before the date, 84 days each: what was bought in the earlier one and
not in the later one is lost. Every purchase of a category knows its neighbours in time, so that a date tells from
single rows what was bought last before it, without comparing the windows category by category.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from jobs.models.churn.features import KEPT
from jobs.models.churn.more_features import over
from jobs.models.churn.parts import Part
from lakehouse.sql.hashed_share import held_out_sql
from lakehouse.sql.literal import in_query_listed

WINDOW = 84  # part of the contract: the columns carry it in their names
BOTH = 2 * WINDOW
TABLES = {"order_lines": "silver.order_lines", "products": "silver.products"}
TYPES = {
    "category_count_84d": "INT",
    "categories_lost_84d": "INT",
    "regular_categories_lost_84d": "INT",
    "lost_category_spend_share": "DOUBLE",
}
NAMED_BY = ("department", "product_category", "product_type", "product_id")  # what an excluded item may be
IS_GOODS = "coalesce(l.quantity, 0) >= 0 AND l.sales_cents >= 0"  # what is taken back or refunded is no purchase
DAY_0, NEVER = "DATE '1970-01-01'", 10_000_000  # days are whole numbers here: frames of a window need them


def part(known_until: date, oldest: date, excluded_items: Sequence[str], past_share: float = 1.0) -> Part:
    """What the lines say.

    Args:
        known_until: the morning up to which lines are known; the last as-of date where a share is kept of past ones.
        oldest: no as-of date is before it.
        excluded_items: no goods: departments, categories, types or product_ids by name.
        past_share: of the customers who are seen as of past dates, too.
    """
    begun = f"""SELECT min(l.order_date) AS first_day FROM {{order_lines}} l
                JOIN goods p ON p.product_id = l.product_id WHERE {IS_GOODS}"""
    return Part(
        columns(),
        {
            "goods": goods_sql(excluded_items),
            "buyers": buyers_sql(past_share),
            "category_days": category_days_sql(known_until, oldest),
            "category_neighbours": neighbours_sql(),
            "looked_at": looked_at_sql(),
            "categories": sums_sql(),
            "lines_begun": begun,
        },
        "LEFT JOIN buyers w ON w.customer_id = s.customer_id "
        "LEFT JOIN categories c ON c.buyer = w.buyer AND c.as_of = s.as_of CROSS JOIN lines_begun k",
    )


def goods_sql(excluded_items: Sequence[str]) -> str:
    """product_id and the number of its category, of what is goods: numbers are grouped in half the time of names."""
    listed = in_query_listed(excluded_items)
    excluded = " OR ".join(f"coalesce({name} IN ({listed}), false)" for name in NAMED_BY)
    return f"""SELECT product_id, CAST(dense_rank() OVER (ORDER BY product_category) AS INT) AS category
               FROM {{products}} WHERE product_category IS NOT NULL AND NOT ({excluded})"""


def buyers_sql(past_share: float) -> str:
    """customer_id, a number for it, and whether the customer is seen as of past dates."""
    is_kept = "true" if past_share == 1 else held_out_sql(KEPT, "", past_share, "customer_id")
    return f"""SELECT customer_id, {is_kept} AS is_kept, CAST(row_number() OVER (ORDER BY customer_id) AS INT) AS buyer
               FROM (SELECT DISTINCT customer_id FROM {{customer_map}}) known"""


def category_days_sql(known_until: date, oldest: date) -> str:
    """One row per buyer, category and day with a purchase of it, of the lines that some as-of date looks at."""
    return f"""
    SELECT b.buyer, b.is_kept, p.category, CAST(datediff(l.order_date, {DAY_0}) AS INT) AS day,
           CAST(sum(l.sales_cents) AS BIGINT) AS cents
    FROM {{order_lines}} l JOIN goods p ON p.product_id = l.product_id
    JOIN {{customer_map}} m ON m.account_id = l.account_id JOIN buyers b ON b.customer_id = m.customer_id
    WHERE {IS_GOODS} AND l.order_date < DATE '{known_until}' AND l.order_date >= DATE '{oldest - timedelta(days=BOTH)}'
          AND (b.is_kept OR l.order_date >= DATE '{known_until - timedelta(days=BOTH)}')
    GROUP BY b.buyer, b.is_kept, p.category, l.order_date"""


def neighbours_sql() -> str:
    """The days with their neighbours in the same category.

    day_before, next_day: with a purchase of it; last_near: the last one within a window from the day on; next_far: the
    first one after that, within two.
    """
    of_category = "PARTITION BY buyer, category ORDER BY day"
    near = f"RANGE BETWEEN CURRENT ROW AND {WINDOW} FOLLOWING"
    far = f"RANGE BETWEEN {WINDOW + 1} FOLLOWING AND {BOTH} FOLLOWING"
    return f"""
    SELECT buyer, is_kept, day, cents, lag(day) OVER ({of_category}) AS day_before,
           coalesce(lead(day) OVER ({of_category}), {NEVER}) AS next_day,
           max(day) OVER ({of_category} {near}) AS last_near,
           coalesce(min(day) OVER ({of_category} {far}), {NEVER}) AS next_far
    FROM category_days"""


def sums_sql() -> str:
    """Categories and cents per buyer and as-of date: late and early are the windows, late the one next to the date.

    A row of the earlier window is of a lost category where its last near purchase is before the later window, and the
    next one after that not before the date.
    """
    is_early, is_last = f"d.age > {WINDOW}", "n.next_day >= d.as_of_day"
    is_lost = f"{is_early} AND n.last_near < d.as_of_day - {WINDOW} AND n.next_far >= d.as_of_day"
    counts = {
        "late_count": f"NOT {is_early} AND {is_last}",
        "lost_count": f"{is_early} AND {is_last}",
        "regular_lost_count": f"{is_early} AND {is_last} AND n.day_before >= d.earliest_day",
    }
    counted = ", ".join(f"count(CASE WHEN {sql} THEN 1 END) AS {name}" for name, sql in counts.items())
    return f"""
    SELECT n.buyer, d.as_of, {counted},
           CAST(sum(CASE WHEN {is_early} THEN n.cents END) AS BIGINT) AS early_cents,
           CAST(sum(CASE WHEN {is_lost} THEN n.cents ELSE 0 END) AS BIGINT) AS lost_cents
    FROM category_neighbours n JOIN looked_at d ON n.day = d.day
    WHERE (n.is_kept OR d.customer_share = 1) AND ({is_early} OR {is_last})
    GROUP BY n.buyer, d.as_of"""


def looked_at_sql() -> str:
    """Each as-of date with the days of both windows before it, one by one: engines join equal days fastest."""
    return f"""
    SELECT as_of, customer_share, as_of_day, earliest_day, age, CAST(as_of_day - age AS INT) AS day FROM (
        SELECT as_of, customer_share, CAST(datediff(as_of, {DAY_0}) AS INT) AS as_of_day,
               CAST(greatest(datediff(as_of, {DAY_0}) - {BOTH}, datediff(first_day, {DAY_0})) AS INT) AS earliest_day
        FROM {{origins}}) d
    CROSS JOIN (SELECT explode(sequence(1, {BOTH})) AS age) ages WHERE as_of_day - age >= earliest_day"""


def columns() -> dict[str, str]:
    """Column -> expression over the sums c, the customer's s and `lines_begun` k.

    NULL before the company's lines began, and where the customer bought in a window whose lines tell of no category.
    """
    is_late_known = "k.first_day < s.as_of AND (c.late_count > 0 OR s.days_84 = 0)"
    is_early_known = f"datediff(s.as_of, k.first_day) > {WINDOW} AND (c.early_cents >= 0 OR s.days_168 = s.days_84)"

    def of_both(value: str) -> str:
        return f"CASE WHEN {is_late_known} AND {is_early_known} THEN {value} END"

    return {
        "category_count_84d": f"CASE WHEN {is_late_known} THEN CAST(coalesce(c.late_count, 0) AS INT) END",
        "categories_lost_84d": of_both("CAST(coalesce(c.lost_count, 0) AS INT)"),
        "regular_categories_lost_84d": of_both("CAST(coalesce(c.regular_lost_count, 0) AS INT)"),
        "lost_category_spend_share": of_both(over("c.lost_cents", "c.early_cents")),
    }
