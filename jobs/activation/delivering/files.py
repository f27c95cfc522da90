"""A night's messages as one file: the same content under the same name, whole or not there."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.activation.delivering.messages import SENT, Message, columns
from jobs.activation.delivering.senders import Answered
from jobs.activation.settings.destinations import Destination
from lakehouse.files.formulas import harmless_row

SUFFIX = {"csv": "csv", "json_lines": "jsonl", "parquet": "parquet"}


class Place(Protocol):
    """Where files are put."""

    def put(self, name: str, content: bytes) -> None:
        """The file as a whole, in place of one of that name.

        Raises:
            UnreachableError: the place takes nothing now.
        """

    def close(self) -> None:
        """End connections."""


@dataclass(frozen=True)
class Folder:
    """A folder of this machine."""

    path: Path

    def put(self, name: str, content: bytes) -> None:
        """Written aside, synced, then renamed: nobody sees half of it."""
        self.path.mkdir(parents=True, exist_ok=True)
        half = self.path / f".{name}.new"
        with half.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(self.path / name)

    def close(self) -> None:
        """Nothing stays open."""


@dataclass(frozen=True)
class Files:
    """One file a run: of a full one under the night's name, so that it takes the place of an earlier one.

    Other modes' files carry a hash of their messages' keys in the name: a run that was killed and is repeated leaves
    none of them out, and one of the same content the same file.
    """

    destination: Destination
    name: str
    run_date: date
    place: Place

    def send(self, batch: Sequence[Message]) -> Iterator[Answered]:
        """The batch as a file."""
        assert self.destination.files
        form = self.destination.files.format
        keys = hashlib.sha256("".join(one.key for one in batch).encode()).hexdigest()[:12]
        marked = "" if self.destination.way == "full" else f"_{keys}"
        names = columns(self.destination)
        content = encoded(form, names, [one.body for one in batch])
        self.place.put(f"{self.name}_{self.run_date}{marked}.{SUFFIX[form]}", content)
        yield batch, SENT, "", 1

    def close(self) -> None:
        """End connections."""
        self.place.close()


def encoded(form: str, names: Sequence[str], rows: Sequence[dict[str, Any]]) -> bytes:
    """Rows as a file's content; csv is safe from formulas, and has a header without any row, too."""
    if form == "parquet":
        sink = io.BytesIO()
        schema = pa.schema([(name, pa.string()) for name in names])
        pq.write_table(pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows], schema), sink)
        return sink.getvalue()
    if form == "json_lines":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows(harmless_row([row.get(name) for name in names]) for row in rows)
    return text.getvalue().encode()
