"""The units of each action's experiment: who was acted on, who was left alone, and who bought in the days after."""

from collections.abc import Mapping
from datetime import date

from jobs.models.settings.churn import FEATURES
from jobs.models.settings.retention import Action
from lakehouse.sql.literal import in_query_literal

TABLES = {
    "assignments": "gold.retention_assignments",
    "decisions": "activation.decisions",
    "customer_map": "identity.customer_map",
    "order_days": "gold.customer_order_days",
    "examples": "models.churn_examples",
}
UNITS = "action STRING, customer_id STRING, as_of DATE, is_treated BOOLEAN, horizon_days INT"
MOST_UNITS = 50_000  # of each action; the newest
TYPES = {"last_channel": "STRING"}
ANSWER = "action STRING, customer_id STRING, is_treated BOOLEAN, has_stayed BOOLEAN, " + ", ".join(
    f"{name} {TYPES.get(name, 'DOUBLE')}" for name in FEATURES
)


OWNED = {
    "owned": """
        SELECT coalesce(m.customer_id, a.customer_id) AS customer_id, a.customer_id AS former_id, a.as_of, a.action,
               a.reason, a.kind, a.expected_value, a.cost, a.is_holdout, a.sentence, a.horizon_days
        FROM {assignments} a LEFT JOIN {customer_map} m ON m.account_id = a.account_id"""
}  # assignments under the ids of tonight


def units_sql(actions: Mapping[str, Action], as_of: date, horizon_days: int) -> str:
    """The columns of UNITS whose days are over: of our own assignments, and of messages that do the same.

    A unit counts from the first morning that it might have had the action, whatever became of it.
    """
    own = f"""
    SELECT action, customer_id, min(as_of) AS as_of, NOT bool_or(is_holdout) AS is_treated,
           max(horizon_days) AS horizon_days
    FROM {{owned}} WHERE date_add(as_of, horizon_days) <= DATE '{as_of}' GROUP BY action, customer_id"""
    parts = [_of_messages(name, action, as_of, horizon_days) for name, action in actions.items() if action.measured_by]
    return " UNION ALL ".join([own, *parts])


def _of_messages(name: str, action: Action, as_of: date, horizon_days: int) -> str:
    messages = " OR ".join(
        f"(d.kind = {in_query_literal(kind)} AND d.name = {in_query_literal(message)})"
        for kind, message in (one.split(":", 1) for one in action.measured_by)
    )
    return f"""
    SELECT {in_query_literal(name)} AS action, customer_id, as_of, is_treated, {horizon_days:d} AS horizon_days FROM (
        SELECT m.customer_id, date_add(min(d.run_date), 1) AS as_of, NOT bool_or(d.outcome = 'held_out') AS is_treated
        FROM {{decisions}} d JOIN {{customer_map}} m ON d.account_id = m.account_id
        WHERE ({messages}) AND (d.outcome IN ('chosen', 'outbid', 'no_capacity')
              OR (d.outcome = 'held_out' AND d.rule = 'control'))
        GROUP BY m.customer_id) of_messages
    WHERE date_add(as_of, {horizon_days:d}) <= DATE '{as_of}'"""


def outcomes_sql() -> str:
    """The columns of ANSWER, over {units}: what was known before of each unit, and whether they bought after."""
    features = ", ".join(
        f"CAST(e.{name} AS {TYPES[name]}) AS {name}" if name in TYPES else f"CAST(e.{name} AS DOUBLE) AS {name}"
        for name in FEATURES
    )
    return f"""
    SELECT u.action, u.customer_id, u.is_treated, u.has_stayed, {features}
    FROM {{stayed}} u LEFT JOIN {{examples}} e ON e.customer_id = u.customer_id AND e.as_of = u.known_on"""


def steps(actions: Mapping[str, Action], as_of: date, horizon_days: int) -> dict[str, str]:
    """Named steps to {stayed}."""
    return {
        **OWNED,
        "units": f"""
        SELECT * FROM (
            SELECT action, customer_id, as_of, is_treated, horizon_days,
                   row_number() OVER (PARTITION BY action ORDER BY as_of DESC, customer_id) AS place
            FROM ({units_sql(actions, as_of, horizon_days)}) found) placed
        WHERE place <= {MOST_UNITS:d}""",
        "bought": """
        SELECT u.action, u.customer_id, max(CASE WHEN d.order_date >= u.as_of
               AND d.order_date < date_add(u.as_of, u.horizon_days) THEN 1 ELSE 0 END) AS orders
        FROM {units} u JOIN {customer_map} m ON m.customer_id = u.customer_id
        JOIN {order_days} d ON d.account_id = m.account_id AND d.order_count > 0
        GROUP BY u.action, u.customer_id""",
        "known": """
        SELECT u.action, u.customer_id, max(e.as_of) AS known_on
        FROM {units} u JOIN {examples} e ON e.customer_id = u.customer_id AND e.as_of <= u.as_of
        GROUP BY u.action, u.customer_id""",
        "stayed": """
        SELECT u.action, u.customer_id, u.is_treated, k.known_on, coalesce(b.orders, 0) > 0 AS has_stayed
        FROM {units} u LEFT JOIN {bought} b ON b.action = u.action AND b.customer_id = u.customer_id
        LEFT JOIN {known} k ON k.action = u.action AND k.customer_id = u.customer_id""",
    }
