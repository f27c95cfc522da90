"""Gold: what each experiment and each message has changed so far, with what certainty, and whether it may be read.

Reads   gold.customer_order_days, identity.customer_map, gold.customer_profile, gold.segment_history,
        gold.loyalty_tiers, identity.households; activation.decisions of earlier nights
Writes  gold.experiment_results, one row per experiment, metric, segment and treated arm
"""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from jobs.gold.customer_figures.customer_days import TABLES as ORDER_DAYS
from jobs.gold.experiments import reading, units
from jobs.gold.settings.experiment_reading import Settings as Settings
from jobs.gold.settings.experiments import Experiments, known
from lakehouse.config.layers import Conf
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = (
    "gold.customer_order_days",
    "identity.customer_map",
    "gold.customer_profile",
    "gold.segment_history",
    "gold.loyalty_tiers",
    "identity.households",
)
READS_PREVIOUS = ("activation.decisions",)
WRITES = "gold.experiment_results"
DEPENDS_ON_RUN_DATE = True
CONF = ("experiment_reading", "experiments")
TABLES = {
    **ORDER_DAYS,
    "customer_profile": "gold.customer_profile",
    "segment_history": "gold.segment_history",
    "decisions": "activation.decisions",
    "loyalty_tiers": "gold.loyalty_tiers",
    "households": "identity.households",
}
ORDERS = ("gold.customer_order_days.spend_cents", "gold.customer_order_days.order_count")
OWN = ("experiment", "metric", "arm", "control_arm", "role", "sequential_kind")
LINEAGE = {WRITES: {**dict.fromkeys(OWN, ()), "*": (*ORDERS, "activation.decisions.outcome")}}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Read every experiment, each message and tier with a control, and all messages against the universal holdout."""
    publish_results(lake, run_date, known(lake.conf, settings))


def publish_results(lake: Lake, run_date: date, settings: Experiments) -> None:
    """The table's rows; a note names those whose arms have not the sizes that they should."""
    shares = {row["experiment"]: row["share"] for row in lake.fetch(shares_query()).to_pylist()}
    sums = lake.fetch(sums_query(run_date, settings)).to_pylist()
    rows = [
        row
        for plan in reading.plans(settings, shares)
        for row in reading.results(plan, [one for one in sums if one["experiment"] == plan.name], settings)
    ]
    lake.publish(WRITES, pa.Table.from_pylist(rows, arrow_schema(lake.contracts[WRITES])), run_date)
    if not rows:
        days = settings.message_horizon_days
        lake.note(WRITES, f"no experiment has begun, and no message with a control has been watched for {days} days")
    for name in sorted({row["experiment"] for row in rows if row["state"] == "sample_ratio_mismatch"}):
        lake.note(WRITES, f"{name}: the arms have not the sizes that they were given; nothing of it is read")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from (sums_query(run_date, known(conf, settings)), shares_query())


def sums_query(run_date: date, settings: Experiments) -> Query:
    """Sums per experiment, metric, segment and arm."""
    return Query(units.sums_sql(), TABLES, units.steps(settings, run_date), answers=units.ANSWER)


def shares_query() -> Query:
    """Messages, all of them and tiers, with the share of their control as of the last night that decided about them."""
    sql = f"""
    SELECT concat(kind, ':', name) AS experiment, max_by(control_share, run_date) AS share
    FROM {{decisions}} WHERE rule <> 'universal_holdout' GROUP BY kind, name
    UNION ALL
    SELECT '{units.ALL_MESSAGES}', max_by(control_share, run_date) FROM {{decisions}}
    WHERE rule = 'universal_holdout' GROUP BY rule
    UNION ALL
    SELECT concat('tier:', tier), max_by(control_share, valid_from)
    FROM {{loyalty_tiers}} WHERE move = 'up' GROUP BY tier"""
    known = {name: TABLES[name] for name in ("decisions", "loyalty_tiers")}
    return Query(sql, known, answers="experiment STRING, share DOUBLE")
