"""What gold proposes for each customer, as SQL: recommendations, due items, and actions against leaving."""

from collections.abc import Mapping
from datetime import date, timedelta

from jobs.activation.occasions.firing import control_sql, meant_sql
from jobs.activation.settings.contact_policy import Settings as Policy
from jobs.activation.settings.offers import Offer
from lakehouse.sql.literal import in_query_listed, in_query_literal

RETENTION_HOLDOUT = "retention_holdout"
SOURCES = {"recommendations": "recommendations", "due_items": "due_now", "retention": "retention_actions"}
COLUMNS = (
    "SELECT '' AS name, customer_id, CAST(NULL AS STRING) AS item, false AS is_held_out, '' AS why, 1.0D AS weight, "
    "CAST(NULL AS DOUBLE) AS given_value, CAST(NULL AS DOUBLE) AS given_cost, false AS is_left_alone "
    "FROM {golden_customers} WHERE false"
)


def offers_sql(offers: Mapping[str, Offer], policy: Policy, run_date: date) -> str:
    """The columns of COLUMNS: one proposal of each offer a customer.

    Returns:
        weight: how sure the item is to be wanted, 0 to 1; given_value: before its cost, of retention; given_cost:
        likewise; is_left_alone: held out by the table itself.
    """
    kinds = {"recommendations": _recommended, "due_items": _due, "retention": _retention}
    parts = [
        f"""SELECT {in_query_literal(name)} AS name, x.customer_id, x.item,
               {control_sql(name, offer, policy, "x.customer_id")} AS is_held_out, x.why, x.weight, x.given_value,
               x.given_cost, x.is_left_alone
        FROM ({kinds[offer.source](offer, run_date)}) x
        WHERE x.place = 1 {meant_sql(offer, "x.customer_id", run_date)}"""
        for name, offer in offers.items()
    ]
    return " UNION ALL ".join([COLUMNS, *parts])


NO_VALUE = "CAST(NULL AS DOUBLE) AS given_value, CAST(NULL AS DOUBLE) AS given_cost, false AS is_left_alone"


def _of_kinds(offer: Offer, alias: str) -> str:
    return f" AND {alias}.kind IN ({in_query_listed(offer.kinds)})" if offer.kinds else ""


def _recommended(offer: Offer, run_date: date) -> str:
    return f"""
    SELECT r.customer_id, r.item_name AS item, r.reason AS why, r.score AS weight, {NO_VALUE},
           row_number() OVER (PARTITION BY r.customer_id ORDER BY r.rank) AS place
    FROM {{recommendations}} r WHERE r.score >= {offer.min_probability!r}{_of_kinds(offer, "r")}"""


def _due(offer: Offer, run_date: date) -> str:
    """What is due on the day that messages go out, the day after the night's."""
    day = run_date + timedelta(days=1)
    return f"""
    SELECT d.customer_id, d.item, d.evidence AS why, d.probability AS weight, {NO_VALUE},
           row_number() OVER (PARTITION BY d.customer_id ORDER BY d.probability DESC, d.item) AS place
    FROM {{due_now}} d WHERE d.probability >= {offer.min_probability!r} AND d.due_from <= DATE '{day}'
    AND d.due_to >= DATE '{day}'{_of_kinds(offer, "d")}"""


def _retention(offer: Offer, run_date: date) -> str:
    """The table's own value has its cost taken off: it is added again, since the message's cost holds it."""
    return f"""
    SELECT a.customer_id, a.action AS item, a.sentence AS why, 1.0D AS weight,
           CAST(a.expected_value + a.cost AS DOUBLE) AS given_value, CAST(a.cost AS DOUBLE) AS given_cost,
           a.is_holdout AS is_left_alone,
           row_number() OVER (PARTITION BY a.customer_id ORDER BY a.expected_value DESC, a.action) AS place
    FROM {{retention_actions}} a WHERE a.as_of <= DATE '{run_date}'{_of_kinds(offer, "a")}"""
