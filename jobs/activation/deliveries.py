"""Activation: what became of each message that was handed over, as its receipt says.

Reads   receipts that `lakehouse deliver` left in the lake's _deliveries folder
Writes  activation.deliveries, one row per destination and message; runs on nights on which receipts wait
"""

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from jobs.activation.delivering import receipts
from jobs.activation.settings.destinations import Settings as Settings
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake

READS = ()
WRITES = "activation.deliveries"
INBOX = "_deliveries"
CONF = "destinations"
LINEAGE = {WRITES: {"*": ()}}  # what a receiver answered


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Take the waiting receipts in one commit; the last word about each message counts."""
    files = sorted(Path(lake.root, INBOX).glob("*.jsonl"))
    rows = {(row["destination"], row["message_key"]): row for row in receipts.waiting(lake.root)}
    if not rows:
        return
    told = [row | {"recorded_at": datetime.fromisoformat(row["recorded_at"])} for row in rows.values()]
    lake.publish(WRITES, pa.Table.from_pylist(told, arrow_schema(lake.contracts[WRITES])), run_date)
    for path in files:
        path.unlink()
