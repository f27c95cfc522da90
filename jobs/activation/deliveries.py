"""Activation: what became of each message that was handed over, as its receipt says.

Reads   receipts that `lakehouse deliver` left in the lake's _deliveries folder
Writes  activation.deliveries, one row per destination and message; runs on nights on which receipts wait
"""

from collections.abc import Iterator
from datetime import date, datetime

import pyarrow as pa

from jobs.activation.delivering import deliver, messages, receipts
from jobs.activation.settings.destinations import Destination
from jobs.activation.settings.destinations import Settings as Settings
from lakehouse.config.layers import Conf
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Made, Query

READS = ()
READS_PREVIOUS = (  # by `lakehouse deliver`
    "activation.deliveries",
    "activation.decisions",
    "identity.customer_map",
    "identity.golden_customers",
)
WRITES = "activation.deliveries"
CONF = "destinations"
LINEAGE = {WRITES: {"*": ()}}  # what a receiver answered


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Take the waiting receipts in one commit; the last word about each message counts."""
    files = receipts.ended(lake.root)
    rows = {(row["destination"], row["message_key"]): row for row in receipts.read(files)}
    if not rows:
        return
    told = [row | {"recorded_at": datetime.fromisoformat(row["recorded_at"])} for row in rows.values()]
    lake.publish(WRITES, pa.Table.from_pylist(told, arrow_schema(lake.contracts[WRITES])), run_date)
    for path in files:
        path.unlink()


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """What `lakehouse deliver` asks, of a destination that takes every field."""
    columns = {"customer_id": "STRING", "purpose": "STRING", "channel": "STRING", "rule": "STRING"}
    every = Destination(kind="files", channels=("email",), folder="out", fields=("email", "phone"))
    yield from (messages.query(run_date, every, Made(columns)), deliver.known_query())
