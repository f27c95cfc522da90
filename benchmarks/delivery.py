"""Messages a second to a receiver on loopback, each with consent looked up, its receipts and its run on record.

    python -m benchmarks.delivery [--messages 200000] [--batch 1000]

The receiver is a process of its own that reads every body and counts keys. The lake is on disk; the time is that of
the whole hand-over, from the first look at the tables to the last receipt; each batch is synced before and after its
request. On a machine that others use, the seconds of the processor say more.
"""

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from jobs.activation.delivering import deliver, receipts, runs
from jobs.activation.settings.destinations import Destination, Webhook
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import rs_tables
from lakehouse.ops import tables as ops_tables

NIGHT = datetime(2026, 3, 31, tzinfo=UTC)
FROM = NIGHT + timedelta(days=1, hours=8)


class Counting(BaseHTTPRequestHandler):
    """Reads each body and keeps its keys."""

    protocol_version = "HTTP/1.1"
    keys: set[str] = set()  # noqa: RUF012 one receiver, one process

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.keys.update(one["key"] for one in json.loads(body)["messages"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        answer = str(len(self.keys)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Silence."""


def serve(pipe: Connection) -> None:
    """The receiver's process."""
    server = HTTPServer(("127.0.0.1", 0), Counting)
    pipe.send(server.server_port)
    server.serve_forever()


def main() -> None:
    """Make the lake, hand all of it over, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=1_000)
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    receiver = multiprocessing.Process(target=serve, args=(there,), daemon=True)
    receiver.start()
    port = here.recv()
    with tempfile.TemporaryDirectory() as folder:
        conf = Conf(overrides={"lake": str(Path(folder, "lake"))})
        write(Path(folder, "lake"), options.messages)
        hook = Webhook(url=f"http://127.0.0.1:{port}/messages")
        place = Destination(
            channels=("email",), fields=("email",), webhook=hook, batch_size=options.batch, requests_per_second=10_000.0
        )
        begun, worked = time.perf_counter(), time.process_time()
        counts = deliver.deliver(conf, "crm", place, FROM)
        taken, worked = time.perf_counter() - begun, time.process_time() - worked
        (run,) = runs.rows(receipts.read(receipts.ended(str(Path(folder, "lake")))))
    print(f"{dict(counts)}; run on record: {run['outcome']}, {run['sent_count']:,} sent")
    print(f"{options.messages:,} messages in {taken:.1f} s: {options.messages / taken:,.0f} a second")
    print(f"seconds of the processor: {worked:.1f}, {options.messages / worked:,.0f} messages each")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    receiver.kill()


def write(root: Path, count: int) -> None:
    """Customers who agreed, with a message each."""
    contracts = Contracts(Conf())
    ids = pa.array([f"c{n:08d}" for n in range(count)])
    accounts = pa.array([f"email:{n:08d}" for n in range(count)])
    mails = pa.array([f"c{n:08d}@shop.example" for n in range(count)])
    known: dict[str, dict[str, Any]] = {
        "identity.customer_map": {"account_id": accounts, "customer_id": ids},
        "identity.golden_customers": {"customer_id": ids, "first_account_id": accounts, "email": mails},
        "silver.consents": {"account_id": accounts, "purpose": "marketing", "is_granted": True},
        "activation.decisions": {
            "run_date": NIGHT.date(), "customer_id": ids, "account_id": accounts, "kind": "audience", "name": "m",
            "occasion": "", "channel": "email", "version": "1", "purpose": "marketing", "content": "hello",
            "outcome": "chosen", "send_from": FROM, "send_until": FROM + timedelta(hours=12),
        },
    }  # fmt: skip
    for table, columns in known.items():
        write_deltalake(str(root / table.replace(".", "/")), filled(contracts, table, columns, count))
    run = {"run_id": "r", "run_date": NIGHT.date(), "step": "night", "job": "night", "outcome": "published"}
    row = {**run, "outputs": {}, "started_at": NIGHT, "ended_at": NIGHT}
    ops_tables.append(str(root / "ops" / "runs"), contracts["ops.runs"], [row], "r")


def filled(contracts: Contracts, table: str, columns: dict[str, Any], count: int) -> pa.Table:
    """A table by its contract: arrays, values that all rows have, and NULL for what is not said."""
    schema = pa.schema([pa.field(one.name, one.type) for one in rs_tables.arrow_schema(contracts[table])])
    arrays = {
        one.name: value
        if isinstance(value := columns.get(one.name), pa.Array)
        else pa.repeat(pa.scalar(value, one.type), count)
        for one in schema
    }
    return pa.table(arrays, schema=schema)


def repeated(value: Any, kind: pa.DataType, count: int) -> pa.Array:
    """The same value in all rows."""
    return pa.repeat(pa.scalar(value, kind), count)


if __name__ == "__main__":
    main()
