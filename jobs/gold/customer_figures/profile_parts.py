"""What each table says of a customer: parts of gold.customer_profile, as queries for both engines.

Tables are named in braces by their short names: {customer_map}, {order_lines}, ...
"""

from datetime import date

from jobs.gold.customer_figures.quantile_scores import equal_cuts, scores_sql, three_digits
from jobs.gold.product_levels.levels import is_one_of

NAMED_BY = ("p.department", "p.product_category", "p.product_type", "p.product_id")  # what an excluded item may be
DEMOGRAPHICS = ("age_band", "income_band", "home_ownership", "marital_status", "household_size", "children_count")


def accounts_sql() -> str:
    """customer_id, channels (sorted), account_count, is_lead (known from lead lists alone)."""
    return """
        SELECT customer_id, array_sort(collect_set(channel)) AS channels, CAST(count(*) AS INT) AS account_count,
               bool_and(is_lead) AS is_lead
        FROM {customer_map} GROUP BY customer_id"""


def order_summary_sql(as_of: date) -> str:
    """First and last order, orders, refunds, cents, and the channel with most orders."""
    names = ("order_count", "refund_count", "spend_cents")
    sums = ", ".join(f"CAST(sum(d.{name}) AS BIGINT) AS {name}" for name in names)
    totals = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in names)
    return f"""
        SELECT customer_id, min(first_order_date) AS first_order_date, max(last_order_date) AS last_order_date,
               {totals}, max(CASE WHEN place = 1 THEN channel END) AS favourite_channel
        FROM (
            SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY order_count DESC, channel DESC) AS place
            FROM (
                SELECT m.customer_id, d.channel, {sums},
                       min(CASE WHEN d.order_count > 0 THEN d.order_date END) AS first_order_date,
                       max(CASE WHEN d.order_count > 0 THEN d.order_date END) AS last_order_date
                FROM {{customer_order_days}} d JOIN {{customer_map}} m ON d.account_id = m.account_id
                WHERE d.order_date <= DATE '{as_of}' GROUP BY m.customer_id, d.channel) per_channel) ranked
        GROUP BY customer_id"""


def value_sql() -> str:
    """The value figures and value_decile: 10 for the tenth of buyers with the highest clv_365d, 1 for the lowest."""
    amount = three_digits("CAST(clv_365d AS DOUBLE)")
    values = f"(SELECT {amount} AS value FROM {{customer_value}}) v"
    return f"""
        SELECT c.customer_id, c.p_alive, c.expected_orders_90d, c.expected_spend_365d, c.clv_365d,
               s.score AS value_decile
        FROM (SELECT *, {amount} AS value FROM {{customer_value}}) c
        LEFT JOIN ({scores_sql(values, equal_cuts(values, 10))}) s ON c.value = s.value"""


def favourite_sql(first_day: date, last_day: date, excluded_items: tuple[str, ...] = ()) -> str:
    """The known product category each customer spends most on; of equal ones the first in the alphabet.

    What was paid for nowhere, or all taken back, is no favourite.

    Args:
        excluded_items: no goods: departments, categories, types or product_ids by name.
    """
    goods = f"NOT {is_one_of(NAMED_BY, excluded_items)}" if excluded_items else "true"
    return f"""
        SELECT customer_id, product_category AS favourite_category FROM (
            SELECT customer_id, product_category,
                   row_number() OVER (PARTITION BY customer_id ORDER BY cents DESC, product_category) AS place
            FROM (
                SELECT m.customer_id, p.product_category, sum(l.sales_cents) AS cents
                FROM {{order_lines}} l JOIN {{customer_map}} m ON l.account_id = m.account_id
                JOIN {{products}} p ON l.product_id = p.product_id
                WHERE p.product_category IS NOT NULL AND {goods}
                AND l.order_date BETWEEN DATE '{first_day}' AND DATE '{last_day}'
                GROUP BY m.customer_id, p.product_category HAVING sum(l.sales_cents) > 0) spent) ranked
        WHERE place = 1"""


def gone_note_sql(as_of: date) -> str:
    """Where the value model's chance to buy again and the life cycle differ about who is gone: a sentence why.

    The life cycle is the figure: it asks how long others were away and came back, p_alive whether this one, who goes on
    at their own pace until they leave, would have come by now.
    """
    silent = f"CAST(datediff(DATE '{as_of}', o.last_order_date) AS STRING)"
    chance = "CAST(CAST(round(100 * v.p_alive) AS INT) AS STRING)"
    days = f"'silent for ', {silent}, ' days, lost after ', CAST(l.lost_after_days AS STRING)"
    return f"""CASE
               WHEN l.state = 'lost' AND v.p_alive >= 0.5 THEN concat('gone: ', {days}, '; few were away for so '
                    'long and came back. By their own pace alone the value model gives a chance of ', {chance}, ' %')
               WHEN l.state <> 'lost' AND v.p_alive < 0.5 THEN concat('not gone: ', {days}, '; others were away for '
                    'so long and came back. By their own pace alone the value model gives a chance of ', {chance}, ' %')
           END"""


def consent_sql() -> str:
    """Purposes granted and refused (sorted); a refusal by any account of the customer outweighs a grant."""
    return """
        SELECT customer_id,
               coalesce(array_sort(collect_set(CASE WHEN is_granted THEN purpose END)), array()) AS granted_purposes,
               coalesce(array_sort(collect_set(CASE WHEN NOT is_granted THEN purpose END)), array()) AS refused_purposes
        FROM (SELECT m.customer_id, c.purpose, bool_and(c.is_granted) AS is_granted
              FROM {consents} c JOIN {customer_map} m ON c.account_id = m.account_id
              GROUP BY m.customer_id, c.purpose) per_purpose
        GROUP BY customer_id"""


def demographics_sql() -> str:
    """One answer per question: of several accounts', the first in the order of account_id that is known."""
    answers = ", ".join(
        f"min_by(d.{name}, d.account_id) FILTER (WHERE d.{name} IS NOT NULL) AS {name}" for name in DEMOGRAPHICS
    )
    return f"""
        SELECT m.customer_id, {answers}
        FROM {{demographics}} d JOIN {{customer_map}} m ON d.account_id = m.account_id GROUP BY m.customer_id"""


def count_sql(table: str, condition: str) -> str:
    """customer_id and n: how many rows of a table of accounts' events each customer has."""
    return f"""
        SELECT m.customer_id, count(*) AS n FROM {{{table}}} e JOIN {{customer_map}} m ON e.account_id = m.account_id
        WHERE {condition} GROUP BY m.customer_id"""
