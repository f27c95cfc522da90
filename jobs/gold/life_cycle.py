"""Gold: where each customer stands in their life with the company, since when, and why.

Reads   gold.customer_order_days, identity.customer_map, silver.customers
Writes  gold.life_cycle, one row per customer
"""

from dataclasses import dataclass
from datetime import date

from jobs.gold.customer_days import TABLES, customer_days_sql
from jobs.lake import Lake

READS = ("gold.customer_order_days", "identity.customer_map", "silver.customers")
WRITES = "gold.life_cycle"
AGES = True
CONF = "life_cycle"


@dataclass(frozen=True)
class Settings:
    """conf/life_cycle.yaml, which says what each key means."""

    dormant_after_days: int
    lost_after_days: int
    won_back_days: int
    loyal_order_days: int


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Place every customer, buyers by their order days and the others by how we know them."""
    count = lake.row_count("identity.customer_map")
    tables = {**TABLES, "customers": "silver.customers"}
    if not lake.publish(WRITES, lake.rows(life_cycle_sql(run_date, settings), tables, count), run_date).row_count:
        lake.note(WRITES, "no customers are known yet")


def order_history_sql(as_of: date, settings: Settings) -> str:
    """One row per customer, as a query for both engines over {order_days}, {customer_map} and {customers}.

    Returns:
        customer_id, is_lead (known from lead lists alone), known_since (first registration, or first night); and of
        those who ordered the order days that matter: first, second, last, the one that made loyal, and the latest
        return after a silence (woke: of a dormant one, comeback: of a lost one).
    """
    dormant, lost = settings.dormant_after_days, settings.lost_after_days
    matters = {
        "second_day": "nth = 2",
        "loyal_day": f"nth = {settings.loyal_order_days:d}",
        "woke_day": f"gap >= {dormant:d} AND gap < {lost:d}",
        "comeback_day": f"gap >= {lost:d}",
    }
    latest = ", ".join(f"max(CASE WHEN {holds} THEN order_date END) AS {name}" for name, holds in matters.items())
    return f"""
    WITH days AS ({customer_days_sql(as_of)}),
    numbered AS (
        SELECT customer_id, order_date, row_number() OVER (PARTITION BY customer_id ORDER BY order_date) AS nth,
               datediff(order_date, lag(order_date) OVER (PARTITION BY customer_id ORDER BY order_date)) AS gap
        FROM days WHERE order_count > 0),
    history AS (
        SELECT customer_id, count(*) AS order_day_count, min(order_date) AS first_day, max(order_date) AS last_day,
               {latest}
        FROM numbered GROUP BY customer_id),
    known AS (
        SELECT m.customer_id, bool_and(m.is_lead) AS is_lead,
               min(coalesce(CAST(c.registered_at AS DATE), m.arrived_on)) AS known_since
        FROM {{customer_map}} m LEFT JOIN {{customers}} c ON m.account_id = c.account_id GROUP BY m.customer_id)
    SELECT k.*, h.order_day_count, h.first_day, h.last_day, {", ".join(f"h.{name}" for name in matters)}
    FROM known k LEFT JOIN history h ON k.customer_id = h.customer_id"""


def life_cycle_sql(as_of: date, settings: Settings) -> str:
    """State, since and reason of each customer as of a day, as a query for both engines; the tables are as above."""
    silent = f"datediff(DATE '{as_of}', last_day)"
    lost, dormant, won_back = settings.lost_after_days, settings.dormant_after_days, settings.won_back_days
    is_loyal = f"order_day_count >= {settings.loyal_order_days:d}"
    # a state that a silence interrupted begins anew with the return
    counted_since = (
        f"greatest(CASE WHEN {is_loyal} THEN loyal_day ELSE coalesce(second_day, first_day) END, woke_day, "
        f"{days_later('comeback_day', won_back)})"
    )
    states = [
        ("lead", "last_day IS NULL AND is_lead", "known_since"),
        ("prospect", "last_day IS NULL", "known_since"),
        ("lost", f"{silent} >= {lost:d}", days_later("last_day", lost)),
        ("dormant", f"{silent} >= {dormant:d}", days_later("last_day", dormant)),
        ("won_back", f"datediff(DATE '{as_of}', comeback_day) < {won_back:d}", "comeback_day"),
        ("loyal", is_loyal, counted_since),
        ("repeat", "order_day_count >= 2", counted_since),
        ("first_time", "true", "first_day"),
    ]
    order_reason = (
        f"concat(CAST(order_day_count AS STRING), ' order days, the last ', CAST({silent} AS STRING), ' days ago')"
    )
    return f"""
    SELECT customer_id, CASE {" ".join(f"WHEN {holds} THEN '{state}'" for state, holds, _ in states)} END AS state,
           CASE {" ".join(f"WHEN {holds} THEN {since}" for _, holds, since in states)} END AS since,
           CASE WHEN last_day IS NULL THEN 'no order yet' ELSE {order_reason} END AS reason
    FROM ({order_history_sql(as_of, settings)}) known"""


def days_later(day: str, days: int) -> str:
    """A date some days after another."""
    return f"CAST(date_add({day}, {days:d}) AS DATE)"
