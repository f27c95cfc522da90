"""Gold: the many small customers, what serves each of them, and at what cost.

Reads   gold.customer_value, gold.recommendations, identity.customer_map, silver.consents, gold.life_cycle_rhythm
Writes  gold.long_tail_customers, one row per customer of the long tail
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pyarrow as pa

from jobs.gold.life import choice
from jobs.gold.settings.long_tail_customers import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.literal import in_query_literal
from lakehouse.sql.query import Query, Table

READS = (
    "gold.customer_value",
    "gold.recommendations",
    "identity.customer_map",
    "silver.consents",
    "gold.life_cycle_rhythm",
)
WRITES = "gold.long_tail_customers"
CONF = "long_tail_customers"
TABLES = {table.split(".")[1]: table for table in READS[:4]}
MONEY = pa.decimal128(18, 6)
# a mode is a name of the settings; which one serves a customer follows from what they bring and may be asked
CHOICE = ("gold.customer_value.expected_spend_365d", "identity.customer_map.channel", "silver.consents.is_granted")
LINEAGE = {WRITES: dict.fromkeys(("cheapest_mode", "serving_mode", "contacts_per_year", "cost_365d"), CHOICE)}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Find the tail, choose a mode for each customer, publish."""
    interval_days = choice.in_force(lake, run_date).get("interval_days")
    rows = lake.materialise(long_tail_query(settings, interval_days), lake.row_count(READS[0]))
    if not lake.publish(WRITES, lake.rows(kept_query(rows), lake.row_count(READS[0])), run_date).row_count:
        lake.note(WRITES, "no customer has an expected spend (gold.customer_value): the tail is not known")
    elif empty := sorted(set(settings.modes) - set(lake.fetch(modes_query(rows)).column("serving_mode").to_pylist())):
        lake.note(
            WRITES, f"nobody is served by {', '.join(empty)}: out of reach, without consent, or dearer than it brings"
        )


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    rows = long_tail_query(settings)
    yield from (choice.choice_query(run_date), rows, kept_query(rows), modes_query(rows))


def long_tail_query(settings: Settings, interval_days: int | None = None) -> Query:
    """The table's rows.

    Args:
        interval_days: the company's interval; None where it is not known.
    """
    return Query(LONG_TAIL, {**TABLES, **mode_tables(settings, interval_days)}, steps(settings), answers=WRITES)


def kept_query(rows: Table) -> Query:
    """The table's rows, once they are computed."""
    return Query("SELECT * FROM {rows}", {"rows": rows}, answers=WRITES)


def modes_query(rows: Table) -> Query:
    """The modes that serve somebody."""
    return Query("SELECT DISTINCT serving_mode FROM {rows}", {"rows": rows}, answers="serving_mode STRING")


def mode_tables(settings: Settings, interval_days: int | None = None) -> dict[str, pa.Table]:
    """modes: one row per mode with its cost and uplift; reach: one row per mode and channel that it needs."""
    named = settings.modes.items()
    contacts = {name: mode.contacts(interval_days) for name, mode in named}

    def money(values: list[float]) -> pa.Array:
        return pa.array([Decimal(str(value)) for value in values], MONEY)

    modes = {
        "mode": pa.array([name for name, _ in named], pa.string()),
        "needs_consent": pa.array([mode.needs_consent for _, mode in named], pa.bool_()),
        "is_for_all": pa.array([not mode.channels for _, mode in named], pa.bool_()),
        "contacts_per_year": pa.array(list(contacts.values()), pa.int32()),
        "cost": money([round(m.cost_per_contact * contacts[name] + m.cost_per_year, 6) for name, m in named]),
        "uplift_share": money([mode.uplift_share for _, mode in named]),
    }
    pairs = [(name, channel) for name, mode in named for channel in mode.channels]
    reach = {
        "mode": pa.array([name for name, _ in pairs], pa.string()),
        "channel": pa.array([channel for _, channel in pairs], pa.string()),
    }
    return {"modes": pa.table(modes), "reach": pa.table(reach)}


def steps(settings: Settings) -> dict[str, str]:
    """The query's steps for both engines: the tail, who may be reached how, and what each mode brings."""
    begins = [f"startswith(c.purpose, {in_query_literal(purpose)})" for purpose in settings.purposes]
    agreed = " OR ".join(begins) or "false"
    share, margin = Decimal(str(settings.tail_spend_share)), Decimal(str(settings.gross_margin_share))
    return {
        "ranked": """
            SELECT customer_id, expected_spend_365d,
                   row_number() OVER (ORDER BY expected_spend_365d DESC, customer_id) AS spend_rank,
                   sum(expected_spend_365d) OVER (ORDER BY expected_spend_365d, customer_id
                                                  ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS spend_up_to,
                   sum(expected_spend_365d) OVER () AS spend_of_all
            FROM {customer_value} WHERE expected_spend_365d IS NOT NULL""",
        "tail": f"""
            SELECT customer_id, expected_spend_365d, spend_rank,
                   CAST(expected_spend_365d * CAST({margin} AS DECIMAL(9,6)) AS DECIMAL(18,2)) AS expected_margin_365d
            FROM {{ranked}} WHERE spend_up_to <= spend_of_all * CAST({share} AS DECIMAL(9,6))""",
        "consented": f"""
            SELECT m.customer_id FROM {{consents}} c JOIN {{customer_map}} m ON c.account_id = m.account_id
            WHERE {agreed} GROUP BY m.customer_id HAVING bool_and(c.is_granted)""",
        "reached": """
            SELECT DISTINCT m.customer_id, r.mode FROM {customer_map} m JOIN {reach} r ON m.channel = r.channel""",
        "possible": """
            SELECT t.*, o.mode, o.contacts_per_year, CAST(o.cost AS DECIMAL(18,2)) AS cost,
                   CAST(t.expected_margin_365d * o.uplift_share AS DECIMAL(18,2)) AS gain
            FROM {tail} t CROSS JOIN {modes} o
            LEFT JOIN {reached} r ON r.customer_id = t.customer_id AND r.mode = o.mode
            LEFT JOIN {consented} a ON a.customer_id = t.customer_id
            WHERE (o.is_for_all OR r.mode IS NOT NULL) AND (NOT o.needs_consent OR a.customer_id IS NOT NULL)""",
        "in_order": """
            SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY gain - cost DESC, cost, mode) AS best,
                   row_number() OVER (PARTITION BY customer_id ORDER BY cost, mode) AS cheapest
            FROM {possible}""",
        "listed": "SELECT customer_id, count(*) AS recommendation_count FROM {recommendations} GROUP BY customer_id",
    }


LONG_TAIL = """
    SELECT t.customer_id, t.expected_spend_365d, t.expected_margin_365d, t.spend_rank,
           coalesce(c.mode, 'none') AS cheapest_mode, coalesce(b.mode, 'none') AS serving_mode,
           coalesce(b.contacts_per_year, 0) AS contacts_per_year,
           CAST(coalesce(b.cost, 0) AS DECIMAL(18,2)) AS cost_365d,
           CAST(coalesce(b.gain, 0) AS DECIMAL(18,2)) AS gain_365d,
           CAST(coalesce(b.gain - b.cost, 0) AS DECIMAL(18,2)) AS net_365d,
           coalesce(l.recommendation_count, 0) AS recommendation_count
    FROM {tail} t LEFT JOIN {in_order} b ON b.customer_id = t.customer_id AND b.best = 1 AND b.gain >= b.cost
    LEFT JOIN {in_order} c ON c.customer_id = t.customer_id AND c.cheapest = 1
    LEFT JOIN {listed} l ON l.customer_id = t.customer_id"""
