"""A night's messages as one file: the same content under the same name, whole or not there."""

import csv
import io
import json
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.activation.delivering.messages import Message
from jobs.activation.settings.destinations import Destination
from lakehouse.files.formulas import harmless_row

SUFFIX = {"csv": "csv", "json_lines": "jsonl", "parquet": "parquet"}


def put(destination: Destination, name: str, run_date: date, batch: Sequence[Message]) -> Path:
    """Write the file; a run that is repeated writes the same one again."""
    path = Path(destination.folder) / f"{name}_{run_date}.{SUFFIX[destination.format]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.new")
    with half.open("wb") as file:
        file.write(_bytes(destination.format, [one.body for one in batch]))
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    return path


def _bytes(form: str, rows: Sequence[dict[str, object]]) -> bytes:
    if form == "parquet":
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(list(rows)), sink)
        return sink.getvalue()
    if form == "json_lines":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(rows[0].keys() if rows else ())
    writer.writerows(harmless_row(row.values()) for row in rows)
    return text.getvalue().encode()
