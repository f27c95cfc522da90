"""Activation: what became of each message that was handed over, as its receipt says, and who handed it over.

Reads   receipts that `lakehouse deliver` left in the lake's _deliveries folder
Writes  activation.deliveries, one row per destination and message, the cursor of mirrors;
        activation.delivery_runs, one row per run; both on nights on which receipts wait
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from jobs.activation.delivering import due, receipts, runs
from jobs.activation.delivering.messages import Target
from jobs.activation.settings.destinations import Destination, Webhook
from jobs.activation.settings.destinations import Settings as Settings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Made, Query, spark_columns

READS = ()
READS_PREVIOUS = (  # by `lakehouse deliver`
    "activation.deliveries",
    "activation.decisions",
    "identity.customer_map",
    "identity.golden_customers",
)
WRITES = ("activation.deliveries", "activation.delivery_runs")
DELIVERIES, RUNS = WRITES
CONF = ("destinations", "templates")
INBOX = "_deliveries"
FAULTS = "jobs.activation.delivering.faults"
LINEAGE = {DELIVERIES: {"*": ()}, RUNS: {"*": ()}}  # what a receiver answered


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Take the receipts of runs that are over, each table in one commit; the last word about each message counts.

    The files go when both are published: a night that is killed in between takes them once more, to the same rows.
    """
    files = receipts.ended(lake.root)
    lines = receipts.read(files)
    for table, rows in ((DELIVERIES, receipts.words(lines)), (RUNS, runs.rows(lines))):
        if rows:
            lake.publish(table, receipts.table(rows, arrow_schema(lake.contracts[table])), run_date)
    for path in files:
        path.unlink()


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """What `lakehouse deliver` asks, of destinations that take every field, in each mode."""
    columns = {"customer_id": "STRING", "purpose": "STRING", "channel": "STRING", "rule": "STRING"}
    waiting = Made(spark_columns(due.receipt_schema(Contracts(conf))))
    hook = Webhook(url="https://receiver.example")
    for mode in ("upsert", "mirror"):
        every = Destination(channels=("email",), fields=("email", "phone"), webhook=hook, mode=mode)
        target = Target("every", every, datetime(run_date.year, run_date.month, run_date.day, tzinfo=UTC))
        yield due.query(run_date, target, Made(columns), waiting)
